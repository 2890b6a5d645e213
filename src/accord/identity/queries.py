"""Read sign-ins and credentials; nothing here returns a QuerySet."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accord.identity.actions.membersignatures import seal_of
from accord.identity.actions.signins import BOUND_TO, MEMBERSHIP, is_sealed
from accord.identity.codes.queries import allowed_to
from accord.identity.domain import (
    LONGEST,
    Method,
    PasskeyEntry,
    Proof,
    SignIn,
    Why,
    assurance_of,
    idle_after,
)
from accord.identity.models import MemberSignature, Passkey, SignInRow
from accord.identity.signed import Signs, key_digest
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.platform.db.shapes import Shape, lines

_SIGNIN = Shape(SignInRow, "s")
_OPEN = f"""
select {_SIGNIN.columns} from signin s where s.session = %s and s.ended_at is null"""  # noqa: S608 - columns' names alone


def proof_of(stored: str, data: Mapping[str, Any], family: int | None) -> Proof | Why | None:
    """Return what a session proves now; why it must end; or None where it proves nothing.

    `stored` is the name its key is kept under, `data` what it holds, `family` that of the address
    it came over (None where that is not known).
    """
    if data.get(BOUND_TO) != stored:
        return None
    found = lines(_OPEN, [stored])
    row = _SIGNIN.row(found[0]) if found else None
    if row is None or row.membership_id != data.get(MEMBERSHIP) or not is_sealed(row):
        return None
    ends = _ends(row, now())
    if ends is None and family is not None and family != row.family:
        ends = Why.FAMILY
    return ends or _proof(row)


def in_force(signins: Iterable[UUID]) -> Mapping[UUID, Proof]:
    """Return what each of these sessions proves, of those that are not over."""
    at = now()
    rows = SignInRow.objects.filter(id__in=list(signins), ended_at=None)
    return {row.id: _proof(row) for row in rows if is_sealed(row) and _ends(row, at) is None}


def _ends(row: SignInRow, at: datetime) -> Why | None:
    if at - row.began_at > LONGEST:
        return Why.OVER
    if at - row.seen_at > idle_after(row.assurance) and row.method != Method.DEMO:
        return Why.IDLE
    if row.method == Method.CODE and not allowed_to(row.membership_id):
        return Why.CODES
    return None


def _proof(row: SignInRow) -> Proof:
    return Proof(
        signin=row.id,
        member=row.member_id,
        membership=row.membership_id,
        method=Method(row.method),
        assurance=row.assurance,
        began_at=row.began_at,
        proven_at=row.proven_at,
        seen_at=row.seen_at,
        credential=row.credentials[-1] if row.credentials else None,
    )


def signins(member: str, most: int = 30) -> tuple[SignIn, ...]:
    """Return a member's own sessions, the newest first.

    Of one that this node did not seal, none is in force and no place is told: SQL wrote it there. What
    ended under an earlier version of the node was sealed otherwise.
    """
    rows = SignInRow.objects.filter(member_id=member).order_by("-began_at")[:most]
    at = now()
    return tuple(
        SignIn(
            id=row.id,
            membership=row.membership_id,
            method=Method(row.method),
            assurance=row.assurance,
            place=row.place if sealed else "",
            client=row.client if sealed else "",
            began_at=row.began_at,
            proven_at=row.proven_at,
            seen_at=row.seen_at,
            ended_at=row.ended_at or (at if ends else None),
            ended_why=row.ended_why or str(ends or ""),
        )
        for row, sealed, ends in (
            (row, is_sealed(row), None if row.ended_at else _ends(row, at)) for row in rows
        )
        if sealed or row.ended_at
    )


def open_sessions(membership: str) -> int:
    """How many sessions of this membership are in force; those in other agencies are not its own."""
    at = now()
    rows = SignInRow.objects.filter(membership_id=membership, ended_at=None)
    return sum(is_sealed(row) and _ends(row, at) is None for row in rows)


def passkeys(member: str) -> tuple[PasskeyEntry, ...]:
    """Return a member's passkeys that are not revoked, the newest first."""
    rows = Passkey.objects.filter(member_id=member, revoked_at=None).order_by("-created_at")
    return tuple(
        PasskeyEntry(
            id=row.id,
            name=row.name,
            assurance=assurance_of(device_bound=row.device_bound, attested=row.attested),
            device_bound=row.device_bound,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
        )
        for row in rows
    )


# -- what members signed ------------------------------------------------------------------------------

FORMAT = "accord-signature/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """One signature as it is kept; `holds` says that nothing of it changed since."""

    id: UUID
    kind: Signs
    membership: str
    agency: str
    kept_at: datetime
    holds: bool


def kept_for(subject: str) -> tuple[Kept, ...]:
    """The signatures about one subject that whoever asks may read, the newest first."""
    rows = MemberSignature.objects.filter(subject=subject).order_by("-kept_at")
    return tuple(
        Kept(row.id, Signs(row.kind), row.membership_id, row.agency, row.kept_at, _holds(row))
        for row in rows
    )


def bundle(subject: str, signature: UUID) -> dict[str, Any]:
    """Everything that proves one signature, in the form that accord_verify.signature reads.

    Raises NotFound, and NotAllowed where the row is not as the node kept it.
    """
    row = MemberSignature.objects.filter(id=signature, subject=subject).first()
    if row is None:
        raise NotFound()
    if not _holds(row):
        raise NotAllowed(
            phrase("This signature was altered after it was kept, and is not given out."),
            who_can_change=phrase("the operator, from a backup"),
        )
    key = bytes(row.public_key)
    return {
        "format": FORMAT,
        "document": _text(row.document),
        "signed": bytes(row.signed).decode(),
        "assertion": {
            "authenticatorData": _text(row.authenticator_data),
            "clientDataJSON": _text(row.client_data),
            "signature": _text(row.signature),
        },
        "key": {
            "cose": _text(key),
            "digest": key_digest(key),
            "credential": _text(row.credential_id),
        },
        "rp": row.rp_id,
        "origin": row.origin,
    }


def _holds(row: MemberSignature) -> bool:
    return hmac.compare_digest(bytes(row.mac), seal_of(row))


def _text(value: bytes | memoryview) -> str:
    return base64.b64encode(bytes(value)).decode()
