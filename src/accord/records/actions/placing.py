"""Write case keys on many own records at once: what placing record by record does, in few steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accord.agreements import queries as agreements
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.domain import Decision
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.records.actions.keys import put_keys
from accord.records.closing import Closed, closed
from accord.records.models import PartKey, Record

CASE = KEY_KINDS.index("case")


@dataclass(frozen=True)
class Placed:
    """Which records now carry the case's key, which did before, and which nobody let the actor.

    Those that are closed to everybody new stand apart, with the reason and with what they are called.
    """

    placed: tuple[UUID, ...]
    before: tuple[UUID, ...]
    refused: tuple[UUID, ...]
    closed: tuple[tuple[Closed, tuple[str, ...]], ...] = ()


def add_case_keys(scope: Scope, record_ids: Sequence[UUID], case_id: UUID) -> Placed:
    """Give every part of these own, visible records that may be placed the case's key.

    A record that is absent, another agency's, not visible or not placeable is among the refused. Raises
    Conflict where one was closed at this very moment; then nothing was written.
    """
    key, at = ids.case_key(case_id), now()
    rows = Record.objects.filter(id__in=record_ids, owner_id=scope.actor.agency)
    visible = dict(rows.values_list("id", "source_ref"))
    parts = _own_parts([r for r in record_ids if r in visible])
    held = set(
        PartKey.objects.filter(part_id__in=[p for _, p, _ in parts], kind=CASE, key=key)
        .filter(Q(valid_until=None) | Q(valid_until__gt=at))
        .values_list("part_id", flat=True)
    )
    before = {record for record, part, _ in parts if part in held}
    why = _decisions(scope, {number for _, _, number in parts})
    placeable = {record for record, _, number in parts if why[number].allowed} - before
    stays = closed(placeable)
    placeable -= {record for one in stays for record in one.record_ids}
    chosen = [row for row in parts if row[0] in placeable and why[row[2]].allowed]
    put_keys(
        PartKey(
            id=ids.uuid7(),
            part_id=part,
            owner_id=scope.actor.agency,
            label_id=number,
            kind=CASE,
            key=key,
            valid_from=at,
        )
        for _, part, number in chosen
    )
    for record, part, number in chosen:
        scope.note(record, scope.actor.agency, why[number], part)
    placed = dict.fromkeys(record for record, _, _ in chosen)
    named = {*placed, *before, *(record for one in stays for record in one.record_ids)}
    refused = tuple(r for r in record_ids if r not in named)
    called = tuple((one, tuple(sorted(visible[r] for r in one.record_ids))) for one in stays)
    return Placed(tuple(placed), tuple(sorted(before)), refused, called)


def _own_parts(record_ids: Sequence[UUID]) -> list[tuple[UUID, UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select record_id, part_id, label_id from accord.own_parts_of(%s::uuid[])"
            " order by record_id, part_id",
            [list(record_ids)],
        )
        return list(cursor.fetchall())


def _decisions(scope: Scope, numbers: set[int]) -> dict[int, Decision]:
    return {n: scope.why(agreements.label(n), frozenset(), "place") for n in numbers}
