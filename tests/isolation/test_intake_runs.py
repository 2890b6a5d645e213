"""Files on their way in: whole or not at all, resumable, and every refused row told apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from contributing import (
    CUSTODIAN,
    MAPPING,
    OFFICE,
    OTHER_CUSTODIAN,
    acting,
    run_of,
    send,
    superuser,
    tables_with,
)

from accord.exchange import jobs
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.records.actions import intake
from accord.records.queries import intake as runs
from accord.records.queries.texts import texts

pytestmark = pytest.mark.usefixtures("world")


class Killed(BaseException):
    """What kill -9 looks like to whoever resumes."""


def csv(prefix: str, count: int, bad: dict[int, str] | None = None) -> str:
    rows = [
        (bad or {}).get(i, f"{prefix}-{i},Person Number {'ABCDEFGHIJKL'[i]},1980-01-{i + 1:02}")
        for i in range(count)
    ]
    return "\n".join(["no,name,dob", *rows, ""])


def work(run_id: UUID, until: Callable[[], bool] = lambda: False) -> bool:
    """Bring in this run and no other: in the world of a worker others may wait."""
    return jobs.work_on(run_id, CUSTODIAN, OFFICE, until)


def drain() -> None:
    """Let nobody's run wait, for what is about the queue itself."""
    while jobs.run_next():
        pass


def counts(view: runs.RunView) -> tuple[int, int, int, int]:
    return view.loaded, view.revised, view.unchanged, view.quarantined


def stored(world: Path, prefix: str) -> int:
    with superuser(world) as db:
        row = db.execute(
            "select count(*) from record where source_system = 'test-csv' and source_ref like %s",
            [prefix + "-%"],
        ).fetchone()
    assert row
    return int(row[0])


def test_a_file_is_brought_in_and_again_changes_nothing(world: Path) -> None:
    first = send(csv("same", 5))
    assert run_of(first).state == "queued"
    work(first)
    assert (run_of(first).state, counts(run_of(first))) == ("done", (5, 0, 0, 0))
    again = send(csv("same", 5))
    work(again)
    assert counts(run_of(again)) == (0, 0, 5, 0)
    assert stored(world, "same") == 5


def test_a_killed_run_goes_on_at_its_next_row(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH_ROWS", 3)
    real, calls = intake.take_batch, []

    def dies_in_the_third(*args: object, **more: object) -> None:
        calls.append(1)
        real(*args, **more)  # type: ignore[arg-type]
        if len(calls) == 3:
            raise Killed

    monkeypatch.setattr(intake, "take_batch", dies_in_the_third)
    run_id = send(csv("kill", 10, {4: "kill-4,,not a day"}))
    with pytest.raises(Killed):
        work(run_id)
    halfway = run_of(run_id)
    assert (halfway.state, halfway.rows, counts(halfway)) == ("running", 6, (5, 0, 0, 1))
    assert stored(world, "kill") == 5
    assert work(run_id)
    assert (run_of(run_id).state, counts(run_of(run_id))) == ("done", (9, 0, 0, 1))
    assert stored(world, "kill") == 9


def test_a_running_run_is_left_to_its_worker_while_it_makes_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drain()
    monkeypatch.setattr(jobs, "BATCH_ROWS", 2)
    run_id = send(csv("stop", 6))
    assert jobs.run_next(until=lambda: True)
    assert run_of(run_id).rows == 2
    assert not jobs.run_next()
    monkeypatch.setattr(jobs, "STALE_AFTER", jobs.STALE_AFTER * 0)
    assert jobs.run_next()
    assert run_of(run_id).loaded == 6


def test_refused_rows_name_line_field_and_rule_and_quote_no_value(world: Path) -> None:
    secret = "Qwxunreadable Zzperson"
    run_id = send(csv("bad", 4, {1: f"bad-1,{secret},31/12/1999", 2: "bad-2,only two"}))
    work(run_id)
    assert counts(run_of(run_id)) == (2, 0, 0, 2)
    with acting() as scope:
        date, shape = runs.quarantine(scope, run_id)
        assert texts(scope, [date.record_id]).said
    assert (date.line, date.field, date.rule) == (3, "dob", "date-format")
    assert (shape.line, shape.rule) == (4, "column-count")
    assert "31/12/1999" not in date.reason
    assert tables_with(world, secret) == set()


def test_quarantine_of_another_agency_does_not_show() -> None:
    run_id = send(csv("hide", 2, {1: "hide-1,,x"}))
    work(run_id)
    with acting(OTHER_CUSTODIAN) as scope:
        assert runs.runs(scope) == () or all(r.id != run_id for r in runs.runs(scope))
    for read in (runs.run, runs.quarantine):
        with pytest.raises(NotFound), acting(OTHER_CUSTODIAN) as scope:
            read(scope, run_id)
    with pytest.raises(NotFound), acting(OTHER_CUSTODIAN) as scope:
        intake.cancel(scope, run_id)


def test_a_mended_row_is_marked_once() -> None:
    run_id = send(csv("mend", 2, {1: "mend-1,,x"}))
    work(run_id)
    with acting() as scope:
        (row,) = runs.quarantine(scope, run_id)
        intake.resolve_row(scope, row.id)
    with acting() as scope:
        assert runs.quarantine(scope, run_id)[0].resolved_at is not None
    with pytest.raises(Conflict), acting() as scope:
        intake.resolve_row(scope, row.id)


def test_a_row_that_records_refuse_costs_that_row_alone() -> None:
    def line(ref: str, schema: str) -> str:
        parts = {"core": {"status": ["open"]}, "identity": {"name": ["One Name"]}}
        if schema != "Person":
            parts = {"identity": {"number": ["+13125550101"]}}
        return json.dumps(
            {
                "agency": "riverbend-pd",
                "source_system": "test-jsonl",
                "source_ref": ref,
                "schema": schema,
                "label": {"subjects": ["suspect"], "basis": "statute"},
                "parts": parts,
            }
        )

    first = send(line("r-1", "Person"), mapping=None)
    work(first)
    assert counts(run_of(first)) == (1, 0, 0, 0)
    text = "\n".join([line("r-0", "Person"), line("r-1", "Phone"), line("r-2", "Person")])
    second = send(text, mapping=None)
    work(second)
    with acting() as scope:
        refused = runs.quarantine(scope, second)
    assert counts(run_of(second)) == (2, 0, 0, 1), refused


@pytest.mark.parametrize(
    ("text", "mapping", "word"),
    [
        ("no,name,dob,more\n1,A,1980-01-01,x\n", MAPPING, "neither maps"),
        ("no,name\n", MAPPING, "no such column"),
        ("", MAPPING, "empty"),
        ("", None, "empty"),
        ("no,name,dob\n", "schema: Persona\n", "is missing"),
        ("no,name,dob\n", MAPPING.replace("Person", "Persona"), "no schema"),
        ("no,name,dob\n", "{", "mapping"),
    ],
)
def test_a_file_of_the_wrong_form_leaves_nothing_behind(
    world: Path, text: str, mapping: str | None, word: str
) -> None:
    before = _everything(world)
    with pytest.raises(InvalidInput, match=word):
        send(text, mapping=mapping)
    assert _everything(world) == before


def _everything(world: Path) -> tuple[int, set[str]]:
    with superuser(world) as db:
        row = db.execute("select count(*) from intake_run").fetchone()
    assert row
    return int(row[0]), {p.name for p in (world / "intake").glob("*")}


def test_the_waiting_file_is_encrypted_and_goes_when_it_is_done(world: Path) -> None:
    run_id = send(csv("file", 3))
    path = intake.stored_path(f"{run_id}.intake")
    assert path.stat().st_mode & 0o077 == 0
    assert b"Person Number" not in path.read_bytes()
    work(run_id)
    assert not path.exists()


def test_a_cancelled_run_brings_in_nothing_more(world: Path) -> None:
    run_id = send(csv("cancel", 3))
    with acting() as scope:
        intake.cancel(scope, run_id)
    work(run_id)
    assert run_of(run_id).state == "cancelled"
    assert stored(world, "cancel") == 0
    with pytest.raises(Conflict), acting() as scope:
        intake.cancel(scope, run_id)


def test_a_stored_file_that_was_changed_fails_the_run() -> None:
    run_id = send(csv("forge", 3))
    path = intake.stored_path(f"{run_id}.intake")
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(bytes(changed))
    work(run_id)
    assert run_of(run_id).state == "failed"
    assert "altered" in (run_of(run_id).failure or "")
    assert not path.exists()


def test_runs_of_who_has_left_do_not_hold_up_the_others(world: Path) -> None:
    drain()
    leaver = "harlan-so.s.ferris"
    left = [send(csv(f"left-{n}", 1), by=leaver) for n in range(20)]  # as many as a worker looks at
    ended = "update membership set valid_until = %s where id = %s"
    with superuser(world) as db:
        db.execute(ended, [now() - timedelta(seconds=1), leaver])
        try:
            run_id = send(csv("stays", 1))
            assert jobs.run_next()
            assert run_of(run_id).state == "done"
        finally:
            db.execute(ended, [None, leaver])
    for waiting in left:
        with acting(leaver) as scope:
            intake.cancel(scope, waiting)


def test_an_oversight_officer_may_not_import() -> None:
    with pytest.raises(NotAllowed):
        send(csv("no", 1), by="riverbend-pd.p.sandoval")


def test_the_worker_has_a_file_read_by_a_process_of_its_own(world: Path) -> None:
    from accord.cli import worker

    drain()
    run_id = send(csv("CHILD", 8, bad={6: "CHILD-6,Person Number G,no such day"}))
    assert jobs.is_waiting()
    assert worker._bring_in(world)
    view = run_of(run_id)
    assert view.state == "done"
    assert counts(view) == (7, 0, 0, 1)
    assert not jobs.is_waiting()
    assert not worker._bring_in(world), (
        "with nothing to do it says so, and the worker pauses longer"
    )


def test_the_process_that_reads_files_cannot_swell() -> None:
    swell = "from accord.cli.intake_process import limit; limit(); bytearray(3 * 1024**3)"
    ended = subprocess.run(
        [sys.executable, "-c", swell], capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert "MemoryError" in ended.stderr


def test_the_process_that_reads_files_ends_with_its_worker(world: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "accord.cli.intake_process"], stdin=subprocess.PIPE
    )
    assert child.stdin is not None
    child.stdin.close()  # as when the worker was killed
    assert child.wait(timeout=30) == 3
