"""The proof: a receipt and an export, checked by another program that shares no code with this."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from accord.cli.tour.stage import ALVAREZ, RASMUSSEN, RECORDS, Stage, Unexpected, cited
from accord_client import ApiError

WAIT_S = 15.0
OWN = "oversight"


def play(stage: Stage) -> None:
    """Fetch what proves the disclosure, and check it without Accord."""
    record = stage.kept["read"]["id"]
    entry = _entry(stage, record)
    stage.say.did(
        stage.called(ALVAREZ, purpose="oversight", case=None), "fetches the proof of her reading"
    )
    key = stage.by(None).ledger.checkpoint()["key"]
    receipt = stage.folder / "receipt.json"
    receipt.write_bytes(_receipt(stage, entry["id"]))
    _says_what_was_read(stage, entry, record)
    _check(stage, receipt, key, "the receipt verifies offline, in a program without Accord")
    export = stage.folder / "ledger.jsonl"
    export.write_bytes(stage.office(ALVAREZ, OWN).ledger.export())
    _check(stage, export, key, "so does the whole ledger")
    _check_forgery(stage, receipt, key)
    _owner_sees(stage, entry["id"], record)


def _entry(stage: Stage, record: str) -> Any:
    """The newest of her entries that names the record with its clause."""
    hers = stage.office(ALVAREZ, OWN).ledger
    for line in hers.own_entries(limit=100)["items"]:
        if line["purpose"] == "oversight":
            continue
        body = hers.one_entry(line["id"])
        items = (body["body"] or {}).get("items", [])
        if any(i["record"] == record and i["clause"] == "4.4" and i["part"] for i in items):
            return body
    raise Unexpected("no entry in the log names the record that she read")


def _receipt(stage: Stage, entry_id: str) -> bytes:
    """An entry gets its place within a second; wait for it."""
    deadline_s = time.monotonic() + WAIT_S
    while True:
        try:
            found = stage.office(ALVAREZ, OWN).ledger.receipt(entry_id)
            return json.dumps(found).encode()
        except ApiError as waits:
            if waits.status != 409 or time.monotonic() > deadline_s:
                raise
        time.sleep(0.3)


def _says_what_was_read(stage: Stage, entry: dict[str, Any], record: str) -> None:
    items = [i for i in entry["body"]["items"] if i["record"] == record]
    stage.say.show(
        f"the entry: {entry['actor']}, {entry['purpose']}, {entry['case']}, {len(items)} part(s)"
        f" of {items[0]['owner']}",
        cited(items[0]),
    )
    stage.say.expect("it names her case", entry["case"], "HT-2026-014")


def _verify(file: Path, key: str) -> subprocess.CompletedProcess[str]:
    """Run accord-verify with nothing of this process but the interpreter: -I, and no environment."""
    return subprocess.run(  # noqa: S603 - our own interpreter and files
        [sys.executable, "-I", "-m", "accord_verify", str(file), "--key", key, "--json"],
        env={},
        cwd=file.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _check(stage: Stage, file: Path, key: str, sentence: str) -> None:
    done = _verify(file, key)
    stage.say.expect(sentence, done.returncode, 0)
    if done.returncode == 2:
        raise Unexpected(done.stderr.strip())


def _check_forgery(stage: Stage, receipt: Path, key: str) -> None:
    """A proof is worth something because a changed one fails."""
    facts = json.loads(receipt.read_text("utf-8"))
    opening = json.dumps(facts["opening"])
    facts["opening"] = json.loads(opening.replace("HT-2026-014", "HT-2026-021"))
    forged = stage.folder / "forged.json"
    forged.write_text(json.dumps(facts), "utf-8")
    stage.say.expect("changed to name another case", opening != json.dumps(facts["opening"]), True)
    stage.say.expect("it fails", _verify(forged, key).returncode, 1)


def _owner_sees(stage: Stage, entry_id: str, record: str) -> None:
    stage.say.did(
        stage.called(RASMUSSEN, purpose=RECORDS, case=None),
        "looks at what was done with the record",
    )
    listed = stage.office(RASMUSSEN).ledger.owner_entries(record=record, limit=100)
    mine = [e for e in listed["items"] if e["id"] == entry_id]
    stage.say.expect("she sees who and when", [e["actor"] for e in mine], [ALVAREZ])
    stage.say.expect("and not for which case", [e["case"] for e in mine], [None])
