"""Read what agencies allow, and a member's own code device and recovery codes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet, Sum

from accord.identity.codes import sealing
from accord.identity.codes.domain import (
    PROPOSAL_DAYS,
    Allowance,
    AllowanceState,
    Coded,
    DeviceEntry,
)
from accord.identity.models import CodeAllowance, CodeDevice, KnownDevice, RecoveryCode
from accord.identity.rowseal import is_ours
from accord.kernel.clock import now


def allowance(agency: str) -> Allowance:
    """Whether an agency allows codes, or is asked to; a proposal of more than seven days is none."""
    row = CodeAllowance.objects.filter(agency_id=agency, ended_at=None).first()
    if row is None:
        return Allowance(AllowanceState.NO)
    expires = row.proposed_at + timedelta(days=PROPOSAL_DAYS)
    if row.approved_at is None and expires <= now():
        return Allowance(AllowanceState.NO)
    return Allowance(
        state=AllowanceState.ALLOWED if row.approved_at else AllowanceState.PROPOSED,
        id=row.id,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        expires_at=expires,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )


def allows(agency: str) -> bool:
    """Whether an agency lets its members sign in with codes now."""
    return _allowed().filter(agency_id=agency).exists()


def allowed_to(membership: str) -> bool:
    """Whether the agency of a membership does."""
    return _allowed().filter(agency__membership=membership).exists()


def anywhere() -> bool:
    """Whether any agency of the node does: then the page of sign-in offers it."""
    return _allowed().exists()


def _allowed() -> QuerySet[CodeAllowance]:
    return CodeAllowance.objects.filter(approved_at__isnull=False, ended_at=None)


def coded(member: str, agency: str) -> Coded:
    """What a member has of codes, for their own page."""
    used = RecoveryCode.objects.filter(member_id=member).exclude(used_at=None)
    last = used.order_by("-used_at").values_list("used_at", flat=True).first()
    return Coded(
        allowed=allows(agency),
        device=device_of(member),
        recovery_left=_left(member),
        recovered_at=last,
    )


def device_of(member: str) -> DeviceEntry | None:
    """The code device of a member that is not revoked."""
    row = CodeDevice.objects.filter(member_id=member, revoked_at=None).first()
    if row is None:
        return None
    return DeviceEntry(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        failures=row.failures,
        known_failures=_known_failures(row.id),
    )


def _known_failures(device: UUID) -> int:
    rows = KnownDevice.objects.filter(device_id=device)
    return int(rows.aggregate(all=Sum("failures"))["all"] or 0)


def _left(member: str) -> int:
    return RecoveryCode.objects.filter(member_id=member, used_at=None, revoked_at=None).count()


def holds(row: CodeDevice) -> bool:
    """Whether a device's row is as this node wrote it."""
    facts = sealing.device_facts(
        row.id, row.member_id, bytes(row.sealed_secret), row.password, row.version
    )
    return is_ours(row.mac, sealing.DEVICE, **facts)
