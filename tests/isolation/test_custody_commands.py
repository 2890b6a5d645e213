"""`accord custody` on a real node: what a member of the demonstration does, and the operator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accord.cli import node
from accord.cli.main import run
from accord.evidence.custody import rereading
from accord.evidence.store import store
from accord_verify import main as program
from isolation.contributing import superuser
from isolation.custodying import ALVAREZ, PETROV, acquired

NONE = {"altered": 0, "missing": 0, "unreadable": 0}
SAYS = ["--place", "Counter", "--reason", "As the case asks", "--items", "1"]


@pytest.fixture
def demo(world: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setattr("accord.cli.node.check_demo", lambda *_, **__: None)
    with superuser(world) as db:
        db.execute("delete from stored_object; delete from custody_reread")
    yield ["--data-dir", str(world)]
    with superuser(world) as db:
        db.execute("delete from stored_object; delete from custody_reread")
        db.execute("update custody_alarm set closed_at = now() where closed_at is null")


def test_an_exhibit_is_offered_accepted_shown_and_exported(
    demo: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exhibit, file = str(acquired()), tmp_path / "chain.json"
    steps: list[list[str]] = [
        ["step", exhibit, "offer", "--to", "state-bi", *SAYS, "--as", ALVAREZ],
        ["list", "--view", "offered", "--as", PETROV],
        ["step", exhibit, "accept", *SAYS, "--as", PETROV],
        ["show", exhibit, "--as", PETROV],
        ["export", exhibit, str(file), "--as", PETROV],
    ]
    for each in steps:
        assert run(["custody", *each, *demo]) == 0, each
    said = capsys.readouterr().out
    assert "offered to state-bi" in said
    assert "state-bi.v.petrov at Counter" in said
    assert program.main([str(file), "--json"]) == 1  # a demonstration keeps no signatures
    found = json.loads(capsys.readouterr().out)["files"][0]["steps"]
    assert {f["code"] for s in found for f in s["failures"]} == {"not-signed"}


def test_what_is_wrong_is_said_and_writes_nothing(
    demo: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    exhibit = str(acquired())
    asked = ["custody", "step", exhibit, "seal", *SAYS, "--as", ALVAREZ, *demo]
    assert run(asked) == 2
    assert "seal" in capsys.readouterr().err
    assert run(["custody", "show", exhibit, "--as", PETROV, *demo]) == 1


def test_the_operator_reads_all_files_again(
    demo: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    acquired(), acquired()
    asked = ["custody", "reread", "--json", *demo]
    assert run(asked) == 0
    assert json.loads(capsys.readouterr().out) == {"same": 2, **NONE}
    first = rereading.due(rereading.now())[0].pieces[0]

    def get(self: Any, address: str) -> bytes:
        return b"" if address == first else real(self, address)

    real = type(store()).get
    monkeypatch.setattr(type(store()), "get", get)
    assert run(asked) == 1
    assert json.loads(capsys.readouterr().out) == {"same": 1, **NONE, "altered": 1}


def test_nobody_acts_as_a_member_outside_demo_data(world: Path) -> None:
    assert run(["custody", "list", "--as", ALVAREZ, "--data-dir", str(world)]) == 1


@pytest.mark.parametrize("marked", [True, False])
def test_commands_know_by_the_folder_that_they_work_on_a_demonstration(
    world: Path, marked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or `accord custody step` asks for a passkey where a demonstration has none."""
    asked = list[bool]()
    monkeypatch.setattr(
        "accord.platform.setup.django_setup", lambda _, *, demo=False: asked.append(demo)
    )
    mark = world / node.DEMO_MARK
    if marked:
        mark.touch()
    try:
        with node.existing(world):
            pass
    finally:
        mark.unlink(missing_ok=True)
    assert asked == [marked]
