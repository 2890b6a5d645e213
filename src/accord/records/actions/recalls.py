"""Start a recall: a signed notice to every agency to which content of a record was disclosed.

It runs within the act that withdraws: a revoked grant, a record taken out of a case, a stricter
label, or the recall of a whole record. That act has closed the access; the notice asks for copies.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from accord.agencies.demokeys import sign_here
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.ledger.queries import disclosed_to
from accord.records.models import ExportCopy, RecallNotice
from accord.records.recalls import ANSWER_WITHIN, Copy, Notice

HELD = "not started: the record is under a legal hold"


def start(
    scope: Scope,
    record_id: UUID,
    *,
    what: str,
    because: str,
    parts: Collection[str] = (),
    only: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Send the notices of a recall, and return to whom; nobody under a legal hold, which beats it.

    `parts` are the kinds withdrawn (all where none is named). `only` names agencies that are told
    even where they never opened what they were given; without it, those whom the ledger names.
    """
    schema, held, kinds = own_head(record_id)
    if held:
        scope.did(scope.kind, recall=HELD)
        return ()
    copies = _copies(record_id)
    told = set(only) if only is not None else set(disclosed_to(str(record_id))) | set(copies)
    at = now()
    notices = [
        Notice(
            id=ids.uuid7(),
            owner=scope.actor.agency,
            to=agency,
            record=record_id,
            schema=schema,
            parts=tuple(sorted(parts or kinds)),
            what=what,
            because=because,
            by=scope.actor.membership,
            at=at,
            due=at + ANSWER_WITHIN,
            copies=copies.get(agency, ()),
            entry=scope.entry_id,
        )
        for agency in sorted(told - {scope.actor.agency})
    ]
    RecallNotice.objects.bulk_create(_row(notice) for notice in notices)
    if notices:
        scope.did(scope.kind, recalled_from=[n.to for n in notices], because=because)
    return tuple(n.to for n in notices)


def own_head(record_id: UUID) -> tuple[str, bool, tuple[str, ...]]:
    """Return (schema, legal hold, kinds of part) of an own record; raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute("select schema, legal_hold, kinds from accord.own_head(%s)", [record_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such record for you.")
    return row[0], row[1], tuple(row[2])


def _row(notice: Notice) -> RecallNotice:
    return RecallNotice(
        id=notice.id,
        owner_id=notice.owner,
        to_agency=notice.to,
        record_id=notice.record,
        by_member=notice.by,
        at=notice.at,
        due_at=notice.due,
        facts=notice.facts(),
        signature=sign_here(notice.owner, notice.canonical()),
    )


def _copies(record_id: UUID) -> dict[str, tuple[Copy, ...]]:
    found: dict[str, tuple[Copy, ...]] = {}
    for row in ExportCopy.objects.filter(record_id=record_id).order_by("at", "id"):
        made = Copy(row.id, row.at, row.by_member, row.format, tuple(row.parts), row.digest)
        found[row.agency] = (*found.get(row.agency, ()), made)
    return found
