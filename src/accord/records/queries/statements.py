"""Read statements with what a reader needs beside them: names, the reason, the naming clauses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agreements.domain import Citation, Clause
from accord.agreements.scope import Scope
from accord.agreements.statements import queries
from accord.agreements.statements.domain import StatementState
from accord.agreements.statements.naming import clauses_naming
from accord.agreements.statements.queries import Held, Notice
from accord.kernel.clock import now
from accord.records.queries.records import visible_ids
from accord.records.queries.texts import texts

WAITING = frozenset({StatementState.UNSIGNED, StatementState.AWAITING})


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement of the own agency, whole."""

    held: Held
    reason: str | None
    """None where no clause lets the viewer read it, and while it is closed."""
    reason_closed: bool
    """Sealed: it opens after a new proof."""
    names: dict[str, str]
    """The display names of those who acted, by membership."""
    told: tuple[str, ...]
    record: UUID | None
    """The record it is about, where the viewer sees it for this purpose."""
    clauses: tuple[tuple[Citation, Clause], ...]
    """The clauses in force that name it between these agencies."""


def given() -> tuple[Held, ...]:
    """Return the own agency's statements that the viewer may read, newest first."""
    return queries.held(now())


def towards(scope: Scope) -> tuple[Notice, ...]:
    """Return what other agencies stated for the viewer's own, newest first."""
    return queries.notices(scope.actor.agency)


def waits(held: Held) -> bool:
    """Whether a statement waits for somebody: a signature, a second person, a review."""
    return held.state in WAITING or held.awaits_review


def view(scope: Scope, statement_id: UUID) -> StatementView:
    """Return one statement; raises NotFound when it is absent or not the viewer's to read."""
    held = queries.statement(statement_id, now())
    said = held.statement
    written = texts(scope, [said.reason])
    seen = visible_ids([said.record] if said.record else [])
    return StatementView(
        held=held,
        reason=written.get(said.reason),
        reason_closed=written.is_closed(said.reason),
        names=_names([said.by, *(s.by for s in held.steps)]),
        told=queries.told(statement_id),
        record=said.record if said.record in seen else None,
        clauses=clauses_naming(
            scope.standing.policy.agreements,
            said.kind,
            recipient=said.recipient,
            owner=None if said.needs_two else said.agency,
            purpose=said.purpose,
        ),
    )


def _names(memberships: Iterable[str]) -> dict[str, str]:
    return agencies.names(set(memberships))
