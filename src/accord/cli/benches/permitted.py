"""Who may see which record, worked out naively from the rows and the clauses.

The rows are read by a superuser, the decision is the reference's, label by label: no standing, no
compiled table and no row-level security is asked. Who a member is and which agreements are in force is
read as the application reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements import queries as agreements
from accord.agreements import reference
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.domain import Context as Asked
from accord.agreements.standing import requester_of
from accord.cli.benches.diary import Context
from accord.kernel import ids
from accord.kernel.labels import Label

Row = dict[str, Any]
WITHOUT_KEY = -1
FIRST_DETERMINATION = 3


@dataclass(frozen=True)
class _Asker:
    actor: Actor
    asked: Asked
    held: frozenset[UUID]


class Permitted:
    """What every member may see of these records in every context."""

    def __init__(self, admin: Any, records: Iterable[str]) -> None:
        self.admin, wanted = admin, list(records)
        self.labels = {
            row["id"]: Label.from_facts(row["facts"])
            for row in admin.execute("select id, facts from label").fetchall()
        }
        self.parts = self._by("record_id", "part", "record_id", wanted)
        parts = [row["id"] for rows in self.parts.values() for row in rows]
        self.keys = self._by("part_id", "part_key", "part_id", parts)
        self.ends = self._by("record_id", "access_end", "record_id", wanted)
        self.cases = {
            row["number"]: row["id"]
            for row in admin.execute("select number, id from joint_case").fetchall()
        }
        known = agreements.in_force(datetime.now(UTC))
        self.agreements = known.agreements
        self.decides = cache(self._decides)
        self.asker = cache(self._asker)

    def _by(self, name: str, table: str, column: str, wanted: list[Any]) -> dict[UUID, list[Row]]:
        from psycopg import sql

        asked = sql.SQL("select * from {} where {} = any(%s::uuid[])").format(
            sql.Identifier(table), sql.Identifier(column)
        )
        found: dict[UUID, list[Row]] = {}
        for row in self.admin.execute(asked, [wanted]).fetchall():
            found.setdefault(row[name], []).append(row)
        return found

    def may(self, member: str, context: Context, record: str, at: datetime) -> bool:
        """Whether any part of the record was open to them at that moment."""
        asker = self.asker(member, context)
        return any(self._part(asker, row, at) for row in self.parts.get(UUID(record), ()))

    def _part(self, asker: _Asker, row: Row, at: datetime) -> bool:
        if row["created_at"] > at:
            return False
        ends: dict[int, datetime] = {}
        for end in self.ends.get(row["record_id"], ()):
            which = (end["agency"], end["part_kind"], end["held"])
            if which == (asker.actor.agency, row["kind"], False) and end["ends_at"] <= at:
                last = ends.get(end["key_kind"], end["ends_at"])
                ends[end["key_kind"]] = max(last, end["ends_at"])
        kinds = frozenset(
            KEY_KINDS[key["kind"]]
            for key in self.keys.get(row["id"], ())
            if key["key"] in asker.held
            and key["valid_from"] <= at
            and (key["valid_until"] is None or key["valid_until"] > at)
            and not (key["kind"] in ends and key["valid_from"] <= ends[key["kind"]])
        )
        if WITHOUT_KEY in ends and self.decides(asker, row["label_id"], frozenset()):
            return False
        return all(
            self.decides(asker, row[name], kinds) for name in ("label_id", "newest_label_id")
        )

    def _decides(self, asker: _Asker, label: int, kinds: frozenset[str]) -> bool:
        return reference.decide(
            self.agreements,
            requester_of(asker.actor),
            asker.asked,
            "view",
            self.labels[label],
            kinds,
        ).allowed

    def _asker(self, member: str, context: Context) -> _Asker:
        actor = agencies.actor(member)
        case = self.cases[context.case] if context.case else None
        held = {
            ids.grant_key(actor.agency, None),
            ids.consent_key(actor.agency, context.purpose),
        }
        for kind in KEY_KINDS[FIRST_DETERMINATION:]:
            held |= {ids.determination_key(kind, actor.agency, c) for c in (None, case)}
        if case is not None:
            held |= {ids.case_key(case), ids.grant_key(actor.agency, case)}
        asked = Asked(
            purpose=context.purpose,
            case_id=str(case) if case else None,
            legal_basis=context.basis,
            at=datetime.now(UTC),
        )
        return _Asker(actor, asked, frozenset(held))
