"""Recovery codes: ten at a time, shown once; each opens one new enrolment beside the password.

SP 800-63B-4 section 4.2: at level 2 a saved recovery code counts together with another factor that is
bound to the account. Here that is the password, so who has none has no recovery codes.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agencies.queries import digest
from accord.identity.actions import signins
from accord.identity.codes import passwords, sealing
from accord.identity.codes.actions.devices import check_allowed
from accord.identity.codes.domain import RECOVERY_BYTES, RECOVERY_CODES, grouped
from accord.identity.codes.queries import allowed_to, holds
from accord.identity.models import CodeDevice, RecoveryCode
from accord.identity.rowseal import is_ours, row_mac
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.phrases import phrase

MOST_FAILURES = 10
"""Wrong passwords beside one code, after which the code is over."""
LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class Recovering:
    """Who may enrol anew, by which code."""

    code: UUID
    actor: Actor


@transaction.atomic
def make(actor: Actor) -> tuple[str, ...]:
    """Return new recovery codes, which nobody can read again; the earlier ones end.

    Raises NotAllowed where codes are not allowed, or the member has no password.
    """
    check_allowed(actor)
    if not CodeDevice.objects.filter(member_id=actor.member, revoked_at=None).exists():
        raise NotAllowed(
            phrase("A recovery code counts beside your password: set up password and code first."),
            who_can_change=phrase("you, on this page"),
        )
    at = now()
    revoke(actor.member)
    codes = [
        base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
        for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create([_row(actor, code, at) for code in codes])
    return tuple(grouped(code) for code in codes)


def _row(actor: Actor, code: str, at: datetime) -> RecoveryCode:
    made, kept = ids.uuid7(), digest(code)
    facts = sealing.recovery_facts(made, actor.member, actor.membership, kept)
    return RecoveryCode(
        id=made,
        member_id=actor.member,
        membership_id=actor.membership,
        digest=kept,
        mac=row_mac(sealing.RECOVERY, **facts),
        made_at=at,
    )


def revoke(member: str) -> None:
    """End the recovery codes of a member that were not used."""
    RecoveryCode.objects.filter(member_id=member, used_at=None, revoked_at=None).update(
        revoked_at=now()
    )


def check(code: str, password: str) -> Recovering:
    """Return who may enrol anew with a recovery code and their password; spends neither.

    Raises NotAllowed, always in the same words. A password is looked at beside a code that is one,
    which nobody guesses (120 bits): whoever sends anything else takes no turn from others.
    """
    unused = RecoveryCode.objects.filter(used_at=None, revoked_at=None)
    row = unused.filter(digest=digest(_typed(code))).first()
    if row is None:
        raise refused()
    with passwords.turn():
        found = _checked(row, password)
    if found is None:
        raise refused()
    return found


def _checked(row: RecoveryCode, password: str) -> Recovering | None:
    device = CodeDevice.objects.filter(member_id=row.member_id, revoked_at=None).first()
    mine = RecoveryCode.objects.filter(id=row.id, used_at=None, revoked_at=None)
    counted = mine.filter(failures__lt=MOST_FAILURES).update(failures=F("failures") + 1) == 1
    right = passwords.is_right(password, device.password if device else None)
    if not (device and counted and right and _holds(row) and holds(device)):
        return None
    actor = _acting(row)
    if actor is None:
        return None
    mine.update(failures=0)
    return Recovering(row.id, actor)


def who(code: UUID) -> Recovering:
    """Who may enrol anew by a code that was checked in this session; raises NotFound."""
    row = RecoveryCode.objects.filter(id=code, used_at=None, revoked_at=None).first()
    actor = _acting(row) if row is not None and _holds(row) else None
    if actor is None:
        raise NotFound()
    return Recovering(code, actor)


def spend(found: Recovering) -> None:
    """Use a code up with the enrolment that it opens, and end every session of its member.

    Raises NotFound where it is used already.
    """
    unused = RecoveryCode.objects.filter(id=found.code, used_at=None, revoked_at=None)
    if not unused.update(used_at=now()):
        raise NotFound()
    signins.end_every(found.actor.member)


def _acting(row: RecoveryCode) -> Actor | None:
    if not allowed_to(row.membership_id):
        return None
    actor = agencies.actor_or_none(row.membership_id)
    return actor if actor is not None and actor.member == row.member_id else None


def _holds(row: RecoveryCode) -> bool:
    facts = sealing.recovery_facts(row.id, row.member_id, row.membership_id, bytes(row.digest))
    return is_ours(row.mac, sealing.RECOVERY, **facts)


def _typed(text: str) -> str:
    """A code as it was copied, without gaps; a zero was an O, for there is none in a code."""
    return re.sub(r"[\s-]+", "", text[:LONGEST_CODE]).upper().replace("0", "O").replace("8", "B")


def refused() -> NotAllowed:
    """The one answer to whatever opens nothing."""
    return NotAllowed(
        phrase("This code and this password open nothing together."),
        who_can_change=phrase("you, with another of your codes; else your agency's administrators"),
    )
