"""The demo's three cosigners as processes: two of three vouch, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accord.cli.demo_cosigners import AGENCIES, cosigners
from accord.cli.main import run
from accord.kernel.signednote import Checkpoint, parse_note
from accord.ledger import actions, cosigning, proving, queries
from accord.ledger.domain import Entry, Kind
from accord.platform.supervisor import Supervisor
from accord_verify import main as program
from isolation.test_ledger import HARLAN, sealed

MISS = Entry(Kind.MISS, datetime(2026, 3, 1, tzinfo=UTC), HARLAN[0], HARLAN[1])


@pytest.fixture
def running(node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    monkeypatch.setenv("ACCORD_TLOG_STORE", f"file://{tmp_path / 'tlog'}")
    with cosigners(node) as services, Supervisor(node, services, {}, lambda _: None) as processes:
        _until(lambda: run(["ledger", "publish", "--data-dir", str(node)]) == 0
               and run(["ledger", "status", "--data-dir", str(node)]) == 0)  # fmt: skip
        yield processes
    for name in ("ledger.policy", cosigning.STATE):
        (node / name).unlink(missing_ok=True)


def _until(done: Callable[[], Any], within_s: float = 30) -> None:
    deadline_s = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline_s
        time.sleep(0.2)


def test_a_receipt_of_the_demo_verifies_under_its_policy(
    node: Path, running: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, store = ["--policy", str(node / "ledger.policy")], tmp_path / "tlog"
    entry = actions.append_separately(MISS)
    assert run(["ledger", "publish", "--data-dir", str(node)]) == 0
    assert program.main([str(store), *policy]) == 0

    _kill(running, f"cosigner-{AGENCIES[0]}")
    later = actions.append_separately(MISS)
    assert run(["ledger", "publish", "--data-dir", str(node)]) == 0
    for which in (entry, later):
        receipt = tmp_path / "receipt.json"
        with sealed(node, HARLAN):
            facts = proving.receipt(which)
        text = json.dumps(facts)
        receipt.write_text(text)
        assert len(text) < 4096
        assert program.main([str(receipt), str(store), *policy]) == 0

    for agency in AGENCIES[1:]:
        _kill(running, f"cosigner-{agency}")
    actions.append_separately(MISS)
    capsys.readouterr()
    assert run(["ledger", "publish", "--data-dir", str(node)]) == 0
    assert run(["ledger", "status", "--data-dir", str(node), "--json"]) == 1
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["cosigned"]["behind"] == 1
    assert all(each["trouble"] for each in said["cosigned"]["cosigners"])

    for _ in range(20):  # the supervisor starts them again
        running.tick()
        time.sleep(0.3)
    _until(lambda: run(["ledger", "publish", "--data-dir", str(node)]) == 0
           and run(["ledger", "status", "--data-dir", str(node)]) == 0)  # fmt: skip
    head = Checkpoint.parse(parse_note((store / "checkpoint").read_text("utf-8")).text)
    newest = queries.head()
    assert newest is not None
    assert head.size == newest.size
    assert run(["cosign", "status", "--dir", str(node / "cosigners" / AGENCIES[2])]) == 0


def _kill(running: Supervisor, name: str) -> None:
    (child,) = [each for each in running._children if each.service.name == name]
    assert child.process is not None
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()
