"""Read statements: those of the sealed agency, notices to it, and what a standing assumes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agencies.keys import KeyRing, SigningKey
from accord.agreements.models import StatementAct, StatementNotice, StatementRow
from accord.agreements.statements.domain import (
    EMERGENCY,
    REVIEW_WITHIN,
    Act,
    Statement,
    StatementState,
    Step,
    holds,
    is_signed,
    revoked_under,
    stands_as,
    unheld,
)
from accord.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Held:
    """A statement of the own agency with what happened to it, as it stands at one moment."""

    statement: Statement
    steps: tuple[Step, ...]
    state: StatementState
    signed: bool
    """Whether every signature that it needs verifies under the key that the agency had then."""
    revoked_key: SigningKey | None = None
    """The key that made it void: revoked since before a step was signed with it."""

    @property
    def confirmed_at(self) -> datetime | None:
        """When a second person confirmed it."""
        return next((s.at for s in self.steps if s.act is Act.CONFIRMED), None)

    @property
    def awaits_review(self) -> bool:
        """Whether an emergency took effect and nobody has reviewed it."""
        reviewed = any(s.act is Act.REVIEWED for s in self.steps)
        return self.confirmed_at is not None and not reviewed

    @property
    def review_due(self) -> datetime | None:
        """Until when it is to be reviewed; None when it is not or was."""
        return (
            self.confirmed_at + REVIEW_WITHIN if self.awaits_review and self.confirmed_at else None
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """What another agency is told of a statement: never which record, and for which case only there."""

    statement_id: UUID
    by_agency: str
    kind: str
    purpose: str | None
    starts: datetime
    ends: datetime
    ended_at: datetime | None

    def state(self, at: datetime) -> StatementState:
        """Whether it holds at that moment, as far as its recipient was told."""
        if self.ended_at is not None:
            return StatementState.REVOKED
        return StatementState.ACTIVE if at < self.ends else StatementState.EXPIRED


def held(at: datetime) -> tuple[Held, ...]:
    """Return the own agency's statements that the sealed member may read, newest first."""
    return _held(list(StatementRow.objects.order_by("-id")), at)


def statement(statement_id: UUID, at: datetime) -> Held:
    """Return one statement of the own agency; raises NotFound."""
    found = _held(list(StatementRow.objects.filter(id=statement_id)), at)
    if not found:
        raise NotFound("There is no such statement for you.")
    return found[0]


def _held(rows: list[StatementRow], at: datetime) -> tuple[Held, ...]:
    keys = agencies.key_ring()
    steps: dict[UUID, list[Step]] = {}
    for act in StatementAct.objects.filter(statement__in=[r.id for r in rows]).order_by("id"):
        steps.setdefault(act.statement_id, []).append(_step(act))
    found = []
    for row in rows:
        said, done = _read(row.facts), tuple(steps.get(row.id, ()))
        if said is None or said.id != row.id:
            continue
        found.append(_stands(said, done, keys, at))
    return tuple(found)


def _stands(said: Statement, steps: tuple[Step, ...], keys: KeyRing, at: datetime) -> Held:
    lost = (revoked_under(said, step, keys) for step in unheld(said, steps, keys))
    return Held(
        said,
        steps,
        stands_as(said, steps, keys, at),
        is_signed(said, steps, keys),
        next((key for key in lost if key is not None), None),
    )


def _step(row: StatementAct) -> Step:
    signature = None if row.signature is None else bytes(row.signature)
    return Step(Act(row.act), row.member, row.person, row.agency, row.at, signature, row.word)


def notices(agency: str) -> tuple[Notice, ...]:
    """Return what other agencies told this one of their statements, newest first."""
    ended, given = {}, []
    for row in StatementNotice.objects.filter(to_agency=agency).order_by("-id"):
        if row.ended_at is not None:
            ended[row.statement] = row.ended_at
        else:
            given.append(row)
    return tuple(
        Notice(
            row.statement,
            row.by_agency,
            row.kind,
            row.purpose,
            row.starts,
            row.ends,
            ended.get(row.statement),
        )
        for row in given
    )


def told(statement_id: UUID) -> tuple[str, ...]:
    """Return which agencies were told of an own statement."""
    rows = StatementNotice.objects.filter(statement=statement_id, ended_at=None)
    return tuple(rows.order_by("to_agency").values_list("to_agency", flat=True))


def assumed(
    agency: str, case_id: UUID | None, at: datetime
) -> tuple[frozenset[str], datetime | None]:
    """Return the kinds that a request in this case takes as satisfied, and when the first one ends.

    INVARIANT: both signatures of every emergency are verified here, each time a standing is made;
    a row that was written past the actions satisfies nothing.
    """
    ends = [said.ends for said in emergencies(agency, case_id, at)]
    return (frozenset({EMERGENCY}), min(ends)) if ends else (frozenset(), None)


def emergencies(agency: str, case_id: UUID | None, at: datetime) -> tuple[Statement, ...]:
    """Return the emergencies of an agency that hold in a case, both signatures of each verified."""
    if case_id is None:
        return ()
    keys = agencies.key_ring()
    return tuple(
        said
        for said, steps in _emergencies(agency, case_id, at)
        if _fits(said, agency, case_id) and holds(said, steps, keys, at)
    )


def _fits(said: Statement, agency: str, case_id: UUID) -> bool:
    """The signed facts decide, not the columns that a row was found by."""
    return said.kind == EMERGENCY and said.agency == agency and said.case == case_id


def _emergencies(
    agency: str, case_id: UUID, at: datetime
) -> Iterable[tuple[Statement, tuple[Step, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select facts, acts from accord.emergencies(%s, %s, %s)", [agency, case_id, at]
        )
        rows = cursor.fetchall()
    for facts, acts in rows:
        said = _read(_json(facts))
        if said is not None:
            yield said, tuple(_step_of(a) for a in _json(acts))


def _read(facts: Any) -> Statement | None:
    """What stored facts say; None where they were written past the actions and say nothing."""
    try:
        said = Statement.from_facts(facts)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return said if said.starts.tzinfo and said.ends.tzinfo else None


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _step_of(act: dict[str, Any]) -> Step:
    return Step(
        Act(act["act"]),
        act["member"],
        act["person"],
        act["agency"],
        datetime.fromisoformat(act["at"]),
        None if act["signature"] is None else bytes.fromhex(act["signature"]),
    )
