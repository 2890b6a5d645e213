"""What each asker may see, worked out naively: from the rows, the clauses and nothing else.

The reference reads the agreements from the world's own files; the rows come from the
administrator, who sees all. Nothing of the application's queries is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from accord.agreements import parse as parsing
from accord.agreements import reference
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.domain import Agreement
from accord.agreements.standing import Standing
from accord.kernel import ids
from accord.kernel.labels import Label
from isolation.direct import Asker, Connection, Row

RIVERBEND = Path(__file__).parents[2] / "worlds" / "riverbend"
HT = "HT-2026-014"
TRAFFICKING = "human-trafficking-investigation"


class Everything:
    """All rows of all tables, as the administrator reads them."""

    def __init__(self, admin: Connection) -> None:
        self.admin = admin
        self.labels = {
            row["id"]: Label.from_facts(row["facts"]) for row in self.rows("label", "id, facts")
        }
        self.keys: dict[UUID, list[Row]] = {}
        for row in self.rows("part_key"):
            self.keys.setdefault(row["part_id"], []).append(row)
        self.parts = self.rows("part", "id, record_id, kind, owner_id, label_id, newest_label_id")
        self.ends = self.rows("access_end")

    def rows(self, table: str, columns: str = "*") -> list[Row]:
        return self.admin.execute(f"select {columns} from {table}").fetchall()


AGENCIES = {
    "riverbend-pd": "riverbend-pd.m.alvarez",
    "harlan-so": "harlan-so.c.boone",
    "state-bi": "state-bi.a.desai",
    "safe-harbor": "safe-harbor.i.moreau",
}


ANSWERING = {"supervisor", "records-custodian", "victim-advocate", "oversight-officer"}


def rows_of_every_kind(admin: Connection) -> list[tuple[str, list[Any]]]:
    """Rows in the tables that loading a world leaves empty: every agency towards every other."""
    at = datetime.now(UTC)
    case = admin.execute("select id, number from joint_case where number = %s", [HT]).fetchone()
    record = {
        owner: admin.execute(
            "select record_id from part where owner_id = %s and superseded_at is null"
            " order by md5(id::text) limit 1",
            [owner],
        ).fetchone()["record_id"]
        for owner in AGENCIES
    }
    made: dict[str, list[Any]] = {}

    def put(table: str, **row: Any) -> Any:
        row = {"id": uuid4(), **row}
        columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        admin.execute(f"insert into {table} ({columns}) values ({marks})", list(row.values()))
        made.setdefault(table, []).append(row["id"])
        return row["id"]

    for number, (agency, membership) in enumerate(AGENCIES.items()):
        put(
            "hit_spending", id=-1 - number, membership_id=membership, agency_id=agency,
            hour=at, queries=1, hits=1,
        )  # fmt: skip
        run = put(
            "intake_run", owner_id=agency, membership_id=membership, purpose=TRAFFICKING,
            source_system="t", file_name="f", file_hash="0", stored_as="s", format="csv",
            state="done", total_bytes=1, done_bytes=1, next_row=1, loaded=0, revised=0,
            unchanged=0, quarantined=1, created_at=at, updated_at=at, said="",
        )  # fmt: skip
        put(
            "agreement_draft", agency=agency, name="n", text="id: d", revision=1,
            created_by=membership, created_at=at, updated_by=membership, updated_at=at,
        )  # fmt: skip
        put(
            "quarantine_entry", run_id=run, owner_id=agency, line=1, field="f", rule="r",
            reason="r", record_id=record[agency],
        )  # fmt: skip
        put(
            "note_revision", case_id=case["id"], note_id=uuid4(), record_id=record[agency],
            agency_id=agency, author=membership, at=at,
        )  # fmt: skip
        for owner in AGENCIES:
            in_case = case["id"] if owner == agency else None
            said = put(
                "statement", agency=agency, maker=membership, kind="consent", case_id=in_case,
                ends=at, facts=Jsonb({}),
            )  # fmt: skip
            put(
                "statement_act", statement_id=said, act="signed", member=membership,
                person=membership, agency=agency, at=at,
            )  # fmt: skip
            put(
                "statement_notice", statement=said, by_agency=agency, to_agency=owner,
                kind="consent", starts=at, ends=at,
            )  # fmt: skip
            _put_endings(put, agency, membership, owner, record[owner], at)
            if owner != agency:
                _put_duties(put, agency, membership, owner, record[owner], at)
            request = put(
                "disclosure_request", requester_agency=agency, requester_membership=membership,
                owner_id=owner, record_id=record[owner], handle="h", schema="Person",
                purpose=TRAFFICKING, legal_basis="statute",
                case_id=case["id"] if number % 2 else None, reason_record=record[agency],
                state="open", created_at=at, due_at=at + timedelta(days=3),
            )  # fmt: skip
            for decision in ("granted", "refused", "revoked"):
                put(
                    "requested_part", request_id=request, owner_id=owner,
                    requester_agency=agency, kind="core", decision=decision, at=at,
                )  # fmt: skip
    return list(made.items())


def _put_duties(
    put: Callable[..., Any], agency: str, membership: str, owner: str, record: UUID, at: datetime
) -> None:
    """What one agency owes another, told and not told; an end of access; a copy taken."""
    duty = {
        "entry_id": uuid4(), "agency": agency, "owner_id": owner, "record_id": record,
        "parts": ["core"], "agreement": "a", "agreement_hash": "h", "made_at": at, "held": False,
        "waits_for": [], "by_member": membership, "closed": False,
    }  # fmt: skip
    put("duty", **duty, kind="end-access", clause="1", due_at=at + timedelta(days=1))
    put("duty", **duty, kind="notify-after", clause="2")
    put("duty", **duty, kind="notify-after", clause="3", discharged_at=at, how="told")
    for key_kind in (-1, 0):
        put(
            "access_end", agency=agency, owner_id=owner, record_id=record, part_kind="core",
            key_kind=key_kind, ends_at=at - timedelta(seconds=1), held=False,
        )  # fmt: skip
    put(
        "export_copy", entry_id=uuid4(), record_id=record, owner_id=owner, agency=agency,
        by_member=membership, at=at, format="html", schema="Person", parts=["core"],
        handling="Official", digest="0",
    )  # fmt: skip


def _put_endings(
    put: Any, agency: str, membership: str, owner: str, record: UUID, at: datetime
) -> None:
    """A review, a recall towards another agency, and a standing question with its match."""
    put(
        "retention_review", owner_id=agency, record_id=record, schema="Person",
        retention_class="x", state="kept", reason_record=record, by_member=membership, at=at,
        parts=[],
    )  # fmt: skip
    put(
        "tombstone", record_id=uuid4(), owner_id=agency, schema="Person", retention_class="x",
        authority="x", entry_id=uuid4(), proposed_by="a", approved_by="b",
        parts=1, at=at,
    )  # fmt: skip
    notice = put(
        "recall_notice", owner_id=agency, to_agency=owner, record_id=record, by_member=membership,
        at=at, due_at=at, facts=Jsonb({}),
    )  # fmt: skip
    put(
        "recall_act", notice_id=notice, act="answer", member="x", agency=owner, at=at,
        entry_id=uuid4(),
    )  # fmt: skip
    asked = put(
        "subscription", membership_id=membership, agency_id=agency, purpose=TRAFFICKING,
        legal_basis="statute", case_number=HT, kind="name", question="q", reason_record=record,
        state="ended", made_at=at, ends_at=at, asked_at=at,
    )  # fmt: skip
    put(
        "subscription_match", subscription_id=asked, membership_id=membership, record_id=record,
        level="hit",
    )  # fmt: skip


@cache
def _agreements() -> tuple[Agreement, ...]:
    """The world's agreements as its files say them; amendments are not in force."""
    return tuple(
        parsing.parse(file.read_text("utf-8"), file=file.name, agencies=None)
        for file in sorted((RIVERBEND / "agreements").glob("*.yaml"))
    )


class Reference:
    """What one asker may see, worked out naively from the rows and the clauses."""

    def __init__(self, asker: Asker, everything: Everything) -> None:
        self.asker, self.all = asker, everything
        self.actor, self.standing = asker.actor, asker.standing()
        self.held = _held(asker, self.standing)
        self.at = datetime.now(UTC)
        self._decided: dict[tuple[int, frozenset[str]], bool] = {}

    def decides(self, action: str, label: int, kinds: frozenset[str]) -> bool:
        return reference.decide(
            _agreements(),
            self.standing.requester,
            self.standing.context,
            action,
            self.all.labels[label],
            kinds,
        ).allowed

    def allows(self, label: int, kinds: frozenset[str]) -> bool:
        if (label, kinds) not in self._decided:
            self._decided[label, kinds] = self.decides(self.asker.action, label, kinds)
        return self._decided[label, kinds]

    def part(self, row: Row) -> bool:
        ends = self._ends(row)
        kinds = frozenset(
            KEY_KINDS[key["kind"]]
            for key in self.all.keys.get(row["id"], ())
            if self._fits(key)
            and not (key["kind"] in ends and key["valid_from"] <= ends[key["kind"]])
        )
        if -1 in ends and self.allows(row["label_id"], frozenset()):
            return False  # no clause of the world opens by a key what is open without one
        return self.allows(row["label_id"], kinds) and self.allows(row["newest_label_id"], kinds)

    def _ends(self, row: Row) -> dict[int, datetime]:
        """When access of the asker's agency to this part ended, by the kind of key."""
        which = (self.own, row["record_id"], row["kind"])
        ended: dict[int, datetime] = {}
        for end in self.all.ends:
            found = (end["agency"], end["record_id"], end["part_kind"])
            if found == which and end["ends_at"] <= self.at and not end["held"]:
                last = ended.get(end["key_kind"], end["ends_at"])
                ended[end["key_kind"]] = max(last, end["ends_at"])
        return ended

    def _fits(self, key: Row) -> bool:
        valid = key["valid_from"] <= self.at
        return valid and _running(key, self.at) and key["key"] in self.held

    @property
    def own(self) -> str:
        return self.actor.agency

    @property
    def me(self) -> str:
        return self.actor.membership

    def shows(self) -> Mapping[str, Callable[[Row], bool]]:
        """For each table: whether a row shows."""
        records = {row["record_id"] for row in self.all.parts if self.part(row)}
        cases = self._cases()
        oversees = "oversight-officer" in self.actor.roles
        working = {
            row["case_id"]
            for row in self.all.rows("case_key_holder")
            if row["membership_id"] == self.me and _running(row, self.at)
        }
        return {
            "part": self.part,
            "record": lambda row: row["id"] in records,
            "part_key": lambda row: row["key"] in self.held or row["owner_id"] == self.own,
            "case_key_holder": lambda row: (
                row["membership_id"] == self.me
                or self._supervises(row)
                or row["case_key"] in self.held
            ),
            "joint_case": lambda row: row["id"] in cases,
            "placement": lambda row: row["record_id"] in records and row["case_id"] in cases,
            "note_revision": lambda row: row["record_id"] in records and row["case_id"] in cases,
            "hit_spending": lambda row: row["membership_id"] == self.me,
            "intake_run": lambda row: row["owner_id"] == self.own,
            "quarantine_entry": lambda row: (
                row["owner_id"] == self.own and row["record_id"] in records
            ),
            "disclosure_request": lambda row: (
                row["owner_id"] == self.own
                or row["requester_membership"] == self.me
                or (row["requester_agency"] == self.own and row["case_id"] in working)
            ),
            "requested_part": lambda row: (
                row["owner_id"] == self.own
                or (row["requester_agency"] == self.own and row["decision"] != "refused")
            ),
            "duty": lambda row: (
                row["by_member"] == self.me
                or (row["agency"] == self.own and oversees)
                or (
                    row["owner_id"] == self.own
                    and (row["kind"] != "notify-after" or row["discharged_at"] is not None)
                )
            ),
            "agreement_draft": lambda row: row["agency"] == self.own,
            "access_end": lambda row: self.own in (row["agency"], row["owner_id"]),
            "export_copy": lambda row: (
                row["by_member"] == self.me
                or (row["agency"] == self.own and oversees)
                or row["owner_id"] == self.own
            ),
            **self._endings(oversees),
            "ledger_entry": lambda row: (
                row["agency_id"] == self.own and (row["actor_id"] == self.me or oversees)
            ),
            "ledger_view": lambda row: row["agency_id"] == self.own,
            **self._statements(working),
        }

    def _statements(self, working: set[UUID]) -> Mapping[str, Callable[[Row], bool]]:
        answers = bool(self.actor.roles & ANSWERING)
        mine = {
            row["id"]
            for row in self.all.rows("statement")
            if row["agency"] == self.own
            and (answers or row["maker"] == self.me or row["case_id"] in working)
        }
        return {
            "statement": lambda row: row["id"] in mine,
            "statement_act": lambda row: row["statement_id"] in mine,
            "statement_notice": lambda row: (
                (row["to_agency"] == self.own and answers) or row["statement"] in mine
            ),
        }

    def _endings(self, oversees: bool) -> Mapping[str, Callable[[Row], bool]]:
        follows = oversees or bool(self.actor.roles & {"records-custodian", "supervisor"})
        notices = {
            row["id"]
            for row in self.all.rows("recall_notice")
            if follows and self.own in (row["owner_id"], row["to_agency"])
        }
        return {
            "retention_review": lambda row: row["owner_id"] == self.own and follows,
            "tombstone": lambda row: row["owner_id"] == self.own,
            "recall_notice": lambda row: row["id"] in notices,
            "recall_act": lambda row: row["notice_id"] in notices,
            "subscription": lambda row: row["membership_id"] == self.me,
            "subscription_match": lambda row: row["membership_id"] == self.me,
        }

    def _supervises(self, row: Row) -> bool:
        return row["lead_agency"] == self.own and "supervisor" in self.actor.roles

    def _cases(self) -> set[UUID]:
        works = {
            row["case_id"]
            for row in self.all.rows("case_key_holder")
            if row["membership_id"] == self.me and _running(row, self.at)
        }
        return works | {r["id"] for r in self.all.rows("joint_case") if self._supervises(r)}


def _running(row: Row, at: datetime) -> bool:
    return row["valid_until"] is None or row["valid_until"] > at


def _held(asker: Asker, standing: Standing) -> set[UUID]:
    """The keys that a request holds, derived from what they mean."""
    case, agency = asker.context.case_id, asker.actor.agency
    held = {ids.grant_key(agency, None), ids.consent_key(agency, asker.purpose)}
    for kind in KEY_KINDS[3:]:
        held |= {ids.determination_key(kind, agency, c) for c in (None, case)}
    if case is not None:
        held |= {ids.case_key(case), ids.grant_key(agency, case)}
    assert {h.key for h in standing.held} == held
    return held
