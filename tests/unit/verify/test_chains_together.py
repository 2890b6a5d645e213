"""Custody files are held against each other, and their receipts against whatever else is at hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accord_verify import main as program
from unit.evidence.chaining import relinked
from unit.verify.bundlemaking import NODE, Ledger, chain, custody

NUMBER, RECORD = "RPD-2026-17/alpha/1", "01985e2c-0000-7000-8000-0000000000a1"


def judged(
    folder: Path, capsys: pytest.CaptureFixture[str], **files: dict[str, Any]
) -> tuple[int, set[str], str]:
    for name, facts in files.items():
        (folder / f"{name}.json").write_text(json.dumps(facts), "utf-8")
    code = program.main([str(folder), "--key", NODE.public.text, "--json"])
    out = capsys.readouterr().out
    steps = [step for each in json.loads(out)["files"] for step in each["steps"]]
    return code, {f["code"] for step in steps for f in step["failures"]}, out


def test_one_chain_in_two_files_of_different_days_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events, ledger = chain(NUMBER, RECORD, "ab" * 32), Ledger()
    whole = dict(custody(ledger, events).facts)
    head = events[2].hash
    early = whole | {"chain": whole["chain"][:3], "events": 3, "head": head}
    code, failed, said = judged(tmp_path, capsys, early=early, late=whole)
    assert (code, failed) == (0, set()), said
    assert "no two files show different chains of one exhibit" in said


def test_two_chains_of_one_exhibit_are_a_fork(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = chain(NUMBER, RECORD, "ab" * 32)
    other = relinked([*events[:3], replace(events[3], reason="Another"), *events[4:]])
    ledger = Ledger()
    first, second = custody(ledger, events).facts, custody(ledger, other).facts
    code, failed, said = judged(tmp_path, capsys, a=dict(first), b=dict(second))
    assert (code, failed) == (1, {"chain-forked"}), said


def test_chains_under_two_histories_of_one_ledger_are_a_fork(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = chain(NUMBER, RECORD, "ab" * 32)
    other = Ledger()
    other.leaves[0] = bytes(32)
    first, second = custody(Ledger(), events).facts, custody(other, events).facts
    code, failed, said = judged(tmp_path, capsys, a=dict(first), b=dict(second))
    assert (code, failed) == (1, {"fork"}), said
