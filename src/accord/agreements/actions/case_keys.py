"""Give and take the keys of cases. Each change moves the policy epoch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accord.agreements.models import CaseKeyHolder
from accord.kernel import ids
from accord.kernel.clock import now


def give_case_key(
    *,
    case_id: UUID,
    case_number: str,
    lead_agency: str,
    purposes: Iterable[str],
    membership_id: str,
    agency_id: str,
    until: datetime | None = None,
) -> None:
    """Let a membership work in a case; the database accepts it from the lead agency's supervisor."""
    CaseKeyHolder.objects.bulk_create(
        [
            CaseKeyHolder(
                id=ids.uuid7(),
                case_id=case_id,
                case_key=ids.case_key(case_id),
                case_number=case_number,
                lead_agency=lead_agency,
                purposes=sorted(purposes),
                membership_id=membership_id,
                agency_id=agency_id,
                valid_from=now(),
                valid_until=until,
            )
        ]
    )


def end_case_key(case_id: UUID, membership_id: str) -> int:
    """Take a case's key from a membership, now; returns how many were taken."""
    at = now()
    return CaseKeyHolder.objects.filter(
        case_id=case_id, membership_id=membership_id, valid_until=None
    ).update(valid_until=at)
