"""What a mixed load left: read by a superuser, opened with the node's keys, past every scope."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from accord.cli.benches.acting import SOURCE
from accord.cli.benches.diary import MARKER
from accord.cli.benches.judging import Found, Logged, Verdict

_NOTES = """
select r.id::text as record, p.body::text as body, n.id::text as revision, n.author, c.number,
       exists (select from part_key k where k.part_id = p.id and k.kind = 0 and k.key = c.case_key)
           as keyed
  from record r
  join part p on p.record_id = r.id and p.superseded_at is null
  left join note_revision n on n.record_id = r.id
  left join joint_case c on c.id = n.case_id
 where r.schema = 'Note' and p.body::text like %s
"""
_PUSHED = """
select r.id::text as record, r.owner_id, r.source_ref, r.revision,
       (select array_agg(p.kind order by p.kind) from part p
         where p.record_id = r.id and p.superseded_at is null) as parts,
       (select count(*) from search_exact s join part p on p.id = s.part_id
         where p.record_id = r.id and s.kind = 'plate') as plates
  from record r where r.source_system = %s and r.source_ref like %s
"""
_ENTRIES = """
select id, created_at, actor_id, purpose, case_id, body_cipher, body_key
  from ledger_entry where created_at >= %s
"""


class Ledger:
    """The committed entries since a moment, each opened."""

    def __init__(self, admin: Any, data_dir: Path, since: float) -> None:
        from accord.ledger import keys
        from accord.ledger.domain import ACTING
        from accord.ledger.sealing import SealedBody, open_body

        node_key = keys.body_key(data_dir)
        self.entries: list[Logged] = []
        self.wrote: dict[str, str] = {}
        """Who wrote each note and saved search, by the id that its entry names."""
        self.took: dict[str, str] = {}
        """Who brought in each record."""
        at = datetime.fromtimestamp(since, UTC)
        for row in admin.execute(_ENTRIES, [at]).fetchall():
            sealed = SealedBody(bytes(row["body_cipher"]), bytes(row["body_key"]))
            body = open_body(sealed, row["id"], ACTING, node_key).body
            records = frozenset(i["record"] for i in body["items"] if i["record"])
            self.entries.append(
                Logged(
                    str(row["id"]),
                    row["created_at"].timestamp(),
                    row["actor_id"],
                    row["purpose"],
                    row["case_id"],
                    records,
                )
            )
            if body["kind"] == "collection":
                self.took |= dict.fromkeys(records, body["actor"])
                named = body["detail"].get("revision") or body["detail"].get("search")
                if named:
                    self.wrote[named] = body["actor"]


def found(admin: Any, run: str, ledger: Ledger) -> tuple[list[Found], Mapping[str, str]]:
    """Everything that carries a marker of this run, and the record of each note by its marker."""
    written, records = [], {}
    for row in admin.execute(_NOTES, [f"%mx{run}n%"]).fetchall():
        marker = MARKER.findall(row["body"])[0]
        records[marker] = row["record"]
        lacks = [name for name in ("revision", "keyed") if not row[name]]
        lacks += [] if ledger.wrote.get(row["revision"]) == row["author"] else ["its entry"]
        place = row["number"] or ""
        written.append(Found(marker, 0, row["author"] or "", place, ", ".join(lacks)))
    return [*written, *_searches(admin, run, ledger), *_pushed(admin, run, ledger)], records


def _searches(admin: Any, run: str, ledger: Ledger) -> list[Found]:
    from accord.platform import sealedaddress

    written = []
    for row in admin.execute("select * from saved_search").fetchall():
        place = f"/w/{row['purpose']}/{row['legal_basis']}/{row['case_number']}"
        whose = [b"accord-saved-search/1", row["membership_id"].encode(), place.encode()]
        name, _ = sealedaddress.unseal(row["sealed"], whose)
        if not name.startswith(f"mx{run}n"):
            continue
        sealedaddress.unseal(row["seen"], whose)
        logged = ledger.wrote.get(str(row["id"])) == row["membership_id"]
        written.append(Found(name, 0, row["membership_id"], place, "" if logged else "its entry"))
    return written


def _pushed(admin: Any, run: str, ledger: Ledger) -> list[Found]:
    written = []
    for row in admin.execute(_PUSHED, [SOURCE, f"mx{run}n%"]).fetchall():
        marker, _, piece = row["source_ref"].partition("/")
        whole = row["revision"] == 1 and row["parts"] == ["core", "identity"] and row["plates"] == 1
        lacks = ([] if whole else ["parts or terms"]) + (
            [] if row["record"] in ledger.took else ["its entry"]
        )
        member = ledger.took.get(row["record"], "")
        written.append(Found(marker, int(piece), member, row["owner_id"], ", ".join(lacks)))
    return written


def verified(data_dir: Path, file: Path) -> Verdict:
    """Export the ledger and have accord-verify check it, a program that shares no code with it."""
    from accord.ledger import actions, exporting, keys

    actions.sequence_all()
    exporting.write_export(file, overwrite=True)
    command = [sys.executable, "-m", "accord_verify.main", str(file)]
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, "--key", keys.public_key(data_dir).text],
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stdout + done.stderr).strip()
    size = re.search(r'"end":(\d+)', file.read_text("utf-8").rsplit("\n", 2)[-2])
    faults = () if done.returncode == 0 else (said[:1000],)
    return Verdict(
        "the ledger's tree verifies by accord-verify over an export",
        f"{int(size[1]) if size else 0:,} leaves",
        faults,
    )


def names(admin: Any) -> dict[str, str]:
    """The name of each membership's member."""
    rows = admin.execute(
        "select s.id, m.name from membership s join member m on m.id = s.member_id"
    ).fetchall()
    return {row["id"]: row["name"] for row in rows}
