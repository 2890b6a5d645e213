"""What a hit's handle stands for, for the agency it was made for and while the hit stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from accord.agreements import queries as agreements
from accord.agreements.domain import Decision
from accord.agreements.scope import Scope, kinds_of
from accord.kernel.errors import AccordError, NotFound
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.platform.secrets import secret_bytes
from accord.records.handles import KEY_BYTES, make_handle, open_handle
from accord.records.queries.records import visible_ids

NOTHING = UUID(int=0)
"""Asked for in the place of a handle that opens to nothing, so that both misses go one way."""


@dataclass(frozen=True, slots=True)
class Target:
    """The record behind a hit, for the action that asks its owner; never for a page."""

    record_id: UUID
    owner: str
    schema: str
    label: Label
    decision: Decision


def handle_of(scope: Scope, record_id: UUID) -> str:
    """Return the handle of a record for the actor's agency."""
    return make_handle(_key(), scope.actor.agency, record_id)


def record_behind(scope: Scope, handle: str) -> Target:
    """Return what a handle stands for, noted: its owner learns who saw the hit. Raises NotFound.

    A handle of another agency, a forged one, a record that is gone, that shows in full or that is
    no longer a hit: all look the same.
    """
    record_id = open_handle(_key(), scope.actor.agency, handle) or NOTHING
    row = _behind(record_id)
    if row is None:
        raise NotFound("There is no such hit for you.")
    owner, schema, number, newest, kinds = row
    labels = agreements.labels([number, newest])
    decision = hit_decision(scope, labels[number], labels[newest], kinds)
    scope.note(record_id, owner, decision, handle=handle)
    return Target(record_id, owner, schema, labels[number], decision)


def _behind(record_id: UUID) -> tuple[str, str, int, int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select owner_id, schema, label_id, newest_label_id, kinds "
            "from accord.record_behind(%s)",
            [record_id],
        )
        row: tuple[str, str, int, int, int] | None = cursor.fetchone()
    return row


def hit_decision(scope: Scope, label: Label, newest: Label, kinds: int) -> Decision:
    """Return the clause that allows a hit on a part.

    INVARIANT: the database and the policy agree; a hit that nothing allows is never shown.
    """
    held = kinds_of(kinds)
    decision = scope.why(label, held, "hit")
    if not decision.allowed or not scope.why(newest, held, "hit").allowed:
        raise AccordError(phrase("a hit came back that no clause allows"))
    return decision


def _key() -> bytes:
    return secret_bytes(Path(settings.ACCORD_DATA_DIR), "hit-handle.key", KEY_BYTES)


def handle_for(scope: Scope, record_id: UUID) -> str | None:
    """Return the handle of a record that shows in part and is a hit for the rest, else None."""
    handle = handle_of(scope, record_id)
    try:
        record_behind(scope, handle)
    except NotFound:  # it shows in full, or no clause gives a hit: nothing to ask for
        return None
    return handle


def shown_behind(scope: Scope, handle: str) -> UUID | None:
    """Return the record that a handle of this agency names where some part of it is visible."""
    record_id = open_handle(_key(), scope.actor.agency, handle) or NOTHING
    return record_id if visible_ids([record_id]) else None
