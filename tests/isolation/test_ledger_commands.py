"""`accord ledger` on a real node, as its operator uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from accord.cli.main import run
from accord.ledger import actions
from accord_verify import main as program
from naming import named


@pytest.fixture(autouse=True)
def _a_head(node: Path) -> None:
    actions.sequence_all()


def test_the_ledger_verifies_and_names_its_key(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ledger", "verify", "--data-dir", str(node), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verifies"]
    assert report["key"].startswith("accord.ledger/")
    assert run(["ledger", "verify", "--data-dir", str(node)]) == 0
    assert "It verifies." in capsys.readouterr().out


def test_an_export_is_written_once_and_verifies(node: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    assert run(["ledger", "export", "--data-dir", str(node), str(file)]) == 0
    assert program.main([str(file), *named()]) == 0
    whole = file.read_bytes()
    assert run(["ledger", "export", "--data-dir", str(node), str(file)]) == 2
    assert file.read_bytes() == whole
    assert run(["ledger", "export", "--data-dir", str(node), str(file), "--overwrite"]) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.jsonl"]


def test_a_folder_that_is_no_node_is_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ledger", "verify", "--data-dir", str(tmp_path / "none")]) == 2
    assert "there is no node here" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_nobody_acts_as_a_member_outside_demo_data(node: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    asked = ["ledger", "export", "--data-dir", str(node), str(file), "--as", "someone"]
    assert run(asked) == 1
    assert not file.exists()


def test_an_export_into_a_missing_folder_is_wrong_use(node: Path, tmp_path: Path) -> None:
    file = tmp_path / "none" / "ledger.jsonl"
    assert run(["ledger", "export", "--data-dir", str(node), str(file)]) == 2
