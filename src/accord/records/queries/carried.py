"""Read the keys that an agency's own parts carry, and the requests from which grants came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from accord.agreements.compiled import KEY_KINDS
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.records.models import DisclosureRequest, PartKey, Record
from accord.records.queries.records import RecordView, record_views


@dataclass(frozen=True, slots=True)
class CarriedKey:
    """A key on a part of the viewer's own agency that is valid now."""

    part_id: UUID
    kind: str
    key: UUID
    until: datetime | None


@dataclass(frozen=True, slots=True)
class GrantedCase:
    """For which agency and in which case a request was answered."""

    agency: str
    case_id: UUID
    case_number: str | None


def carried_keys(scope: Scope, part_ids: Collection[UUID]) -> tuple[CarriedKey, ...]:
    """Return the keys on these parts that are valid now, towards anybody; own parts only.

    An owner sees every key on its parts; on another agency's part nothing is returned.
    """
    at = now()
    rows = PartKey.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at),
        part_id__in=list(part_ids),
        owner_id=scope.actor.agency,
        valid_from__lte=at,
    )
    return tuple(
        CarriedKey(row.part_id, KEY_KINDS[row.kind], row.key, row.valid_until)
        for row in rows.order_by("id")
    )


def granted_cases(scope: Scope, record_id: UUID) -> tuple[GrantedCase, ...]:
    """Return the cases in which requests for this own record were answered."""
    rows = DisclosureRequest.objects.filter(
        owner_id=scope.actor.agency, record_id=record_id, case_id__isnull=False
    ).exclude(answered_at=None)
    return tuple(
        GrantedCase(row.requester_agency, row.case_id, row.case_number)
        for row in rows.order_by("id")
        if row.case_id is not None
    )


def own_record(scope: Scope, named: str) -> RecordView:
    """Return a record of the viewer's own agency by id or source reference; raises NotFound.

    Absent, not open to the viewer, and another agency's all look the same.
    """
    found = record_views(scope, _named(scope.actor.agency, named))
    if len(found) != 1 or found[0].owner != scope.actor.agency:
        raise NotFound("There is no such record for you.")
    return found[0]


def _named(agency: str, named: str) -> list[UUID]:
    """The ids that a text may mean; two source systems may use one reference."""
    try:
        return [UUID(named)]
    except ValueError:
        rows = Record.objects.filter(owner_id=agency, source_ref=named)
        return list(rows.values_list("id", flat=True)[:2])
