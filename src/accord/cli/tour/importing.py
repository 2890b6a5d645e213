"""Intake: two agencies' own files, each with its mapping; bad rows told apart, the rest loaded."""

from __future__ import annotations

import time
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

WAIT_S = 60.0
OFFICE: dict[str, Any] = {"purpose": RECORDS, "case": None, "basis": "statute"}
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


def _import(stage: Stage, member: str, name: str) -> dict[str, Any]:
    """Send a file with its mapping and follow the run to its end."""
    who = stage.called(member, purpose=RECORDS, case=None)
    stage.say.did(who, f"imports {name}.csv with its mapping")
    folder = stage.world / "imports"
    file = {"file": (f"{name}.csv", (folder / f"{name}.csv").read_bytes(), "text/csv")}
    form = {"mapping": (folder / f"{name}.mapping.yaml").read_text("utf-8")}
    sent = stage.ask(member, "POST", "/intake-runs", files=file, data=form, **OFFICE)
    run = _followed(stage, member, sent.need(202, f"the import of {name}")["id"])
    stage.say.show(
        f"{run['percent']} % of {run['rows']} rows: {run['loaded']} loaded, {run['revised']} revised,"
        f" {run['unchanged']} unchanged, {run['quarantined']} set apart"
    )
    return run


def _followed(stage: Stage, member: str, run_id: str) -> dict[str, Any]:
    deadline_s = time.monotonic() + WAIT_S
    while True:
        answer = stage.ask(member, "GET", f"/intake-runs/{run_id}", **OFFICE)
        run: dict[str, Any] = answer.need(200, "the import")
        if run["state"] == "done":
            return run
        if run["state"] in ("failed", "cancelled") or time.monotonic() > deadline_s:
            raise Unexpected(
                f"the import is {run['state']}: {run['failure'] or 'no worker took it'}"
            )
        time.sleep(0.2)


def _in(run: dict[str, Any]) -> tuple[int, int]:
    """How many rows are in, now or since an earlier import of the same file, and how many are not."""
    return run["loaded"] + run["revised"] + run["unchanged"], run["quarantined"]


def _quarantine(stage: Stage, member: str, run_id: str) -> list[dict[str, Any]]:
    listed = stage.ask(member, "GET", f"/intake-runs/{run_id}/quarantine?limit=200", **OFFICE)
    found: list[dict[str, Any]] = listed.need(200, "the rows set apart")["items"]
    return found


def towed_van(stage: Stage) -> str:
    """The record of the towed van, found as anybody of its agency finds it: by its plate."""
    stage.say.did(stage.called(ALVAREZ), f"searches the plate {PLATE}")
    question = {"q": f"plate:{PLATE.replace(' ', '')}", "schemas": ["Vehicle"]}
    found = stage.ask(ALVAREZ, "POST", "/search", json=question).need(200, "search")
    van = _van_among(stage, found["visible"])
    if van is None:
        raise Unexpected(f"the towed van, slip {SLIP}, was not found by its plate")
    stage.say.show(f"{van['caption']}, slip {SLIP} of Riverbend's own tow log")
    number: str = van["id"]
    return number


def _van_among(stage: Stage, lines: list[dict[str, Any]]) -> dict[str, Any] | None:
    for line in lines:
        if line["owner"] == "riverbend-pd" and PLATE.replace(" ", "") in line["caption"]:
            record = stage.ask(ALVAREZ, "GET", f"/records/{line['id']}").need(200, "a vehicle")
            if record["source_ref"] == SLIP:
                found: dict[str, Any] = record
                return found
    return None


def take_out(stage: Stage) -> None:
    """Take the van out of the case where a tour placed it."""
    listed = stage.ask(ALVAREZ, "GET", "/records?schema=Vehicle&limit=100")
    van = _van_among(stage, listed.need(200, "vehicles")["items"])
    placed = stage.ask(ALVAREZ, "GET", f"/cases/{CASE}/records?limit=200").need(200, "the case")
    if van is not None and van["id"] in {p["record"] for p in placed["items"]}:
        path = f"/cases/{CASE}/records/{van['id']}"
        stage.ask(ALVAREZ, "DELETE", path).need(204, "taking the van out")
