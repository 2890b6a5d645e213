"""Intake: two agencies' own files, each with its mapping; bad rows told apart, the rest loaded."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from accord.cli.tour.stage import (
    ALVAREZ,
    CASE,
    RASMUSSEN,
    RECORDS,
    WHITFIELD,
    Stage,
    Unexpected,
)
from accord_client import models as m

WAIT_S = 60.0
ROSTER, WARRANTS, TOWED = (
    "harlan-so.jail-roster",
    "harlan-so.warrants-with-faults",
    "riverbend-pd.tow-log",
)
PLATE = "ZZK 4471"
SLIP = "T-4401"


def play(stage: Stage) -> None:
    """Harlan imports its jail roster and a file with faults; Riverbend its tow log."""
    roster = _import(stage, RASMUSSEN, ROSTER)
    stage.say.expect("all eight people of the morning are in", _in(roster), (8, 0))
    warrants = _import(stage, RASMUSSEN, WARRANTS)
    faulty = _quarantine(stage, RASMUSSEN, warrants["id"])
    for row in faulty:
        stage.say.show(f"line {row['line']}, {row['field'] or 'the row'}: {row['reason']}")
    stage.say.expect(
        "five rows are set apart, each with line, field and rule",
        [row["line"] for row in faulty if row["rule"]],
        [3, 4, 5, 6, 8],
    )
    stage.say.expect("and the other three are loaded", _in(warrants), (3, 5))
    towed = _import(stage, WHITFIELD, TOWED)
    stage.say.expect("four towed vehicles are in", _in(towed), (4, 0))


def _import(stage: Stage, member: str, name: str) -> m.RunOut:
    """Send a file with its mapping and follow the run to its end."""
    who = stage.called(member, purpose=RECORDS, case=None)
    stage.say.did(who, f"imports {name}.csv with its mapping")
    folder = stage.world / "imports"
    sent = stage.office(member).intake.send_file(
        file=(f"{name}.csv", (folder / f"{name}.csv").read_bytes()),
        mapping=(folder / f"{name}.mapping.yaml").read_text("utf-8"),
    )
    run = _followed(stage, member, sent["id"])
    stage.say.show(
        f"{run['percent']} % of {run['rows']} rows: {run['loaded']} loaded, {run['revised']} revised,"
        f" {run['unchanged']} unchanged, {run['quarantined']} set apart"
    )
    return run


def _followed(stage: Stage, member: str, run_id: str) -> m.RunOut:
    deadline_s = time.monotonic() + WAIT_S
    while True:
        run = stage.office(member).intake.one_run(run_id)
        if run["state"] == "done":
            return run
        if run["state"] in ("failed", "cancelled") or time.monotonic() > deadline_s:
            raise Unexpected(
                f"the import is {run['state']}: {run['failure'] or 'no worker took it'}"
            )
        time.sleep(0.2)


def _in(run: m.RunOut) -> tuple[int, int]:
    """How many rows are in, now or since an earlier import of the same file, and how many are not."""
    return run["loaded"] + run["revised"] + run["unchanged"], run["quarantined"]


def _quarantine(stage: Stage, member: str, run_id: str) -> list[m.RefusedRow]:
    return stage.office(member).intake.quarantine(run_id, limit=200)["items"]


def towed_van(stage: Stage) -> str:
    """The record of the towed van, found as anybody of its agency finds it: by its plate."""
    stage.say.did(stage.called(ALVAREZ), f"searches the plate {PLATE}")
    plate = f"plate:{PLATE.replace(' ', '')}"
    found = stage.by(ALVAREZ).search.ask({"q": plate, "schemas": ["Vehicle"]})
    van = _van_among(stage, [(line["id"], line) for line in found["visible"]])
    if van is None:
        raise Unexpected(f"the towed van, slip {SLIP}, was not found by its plate")
    stage.say.show(f"{van['caption']}, slip {SLIP} of Riverbend's own tow log")
    return van["id"]


def _van_among(stage: Stage, lines: Sequence[tuple[str, Any]]) -> m.RecordOut | None:
    for record_id, line in lines:
        if line["owner"] == "riverbend-pd" and PLATE.replace(" ", "") in line["caption"]:
            record = stage.by(ALVAREZ).records.one_record(record_id)
            if record["source_ref"] == SLIP:
                return record
    return None


def take_out(stage: Stage) -> None:
    """Take the van out of the case where a tour placed it."""
    hers = stage.by(ALVAREZ)
    listed = hers.records.list_latest(schema="Vehicle", limit=100)["items"]
    van = _van_among(stage, [(line["id"], line) for line in listed])
    placed = hers.cases.placed(CASE, limit=200)
    if van is not None and van["id"] in {p["record"] for p in placed["items"]}:
        hers.cases.withdraw(CASE, van["id"])
