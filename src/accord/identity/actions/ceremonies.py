"""Challenges: each is given to one session, for one kind of step, and is answered once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from accord.identity.domain import CEREMONY_LIFE, SIGNATURE_LIFE
from accord.identity.models import Ceremony
from accord.kernel import ids
from accord.kernel.clock import now

FORGET_EVERY = timedelta(minutes=1)
_forgotten_at: datetime | None = None
"""When this process last did so."""


class Occasion(StrEnum):
    """What a challenge is for; an answer to one kind is none to another."""

    ENROL = "enrol"
    SIGN_IN = "sign-in"
    STEP_UP = "step-up"
    SIGNATURE = "signature"
    PROVIDER = "provider"


def begin(
    step: Occasion, session: str, member: str | None, challenge: bytes | None = None
) -> bytes:
    """Keep a challenge (32 bytes; by default random) for a session, by its stored name.

    What is over is forgotten meanwhile, once a minute.
    """
    at = now()
    _forget_what_is_over(at)
    made = challenge or secrets.token_bytes(32)
    Ceremony.objects.create(
        id=ids.uuid7(),
        kind=step,
        session=session,
        member_id=member,
        challenge=made,
        expires_at=at + (SIGNATURE_LIFE if step is Occasion.SIGNATURE else CEREMONY_LIFE),
    )
    return made


def _forget_what_is_over(at: datetime) -> None:
    global _forgotten_at
    if _forgotten_at is None or not _forgotten_at <= at < _forgotten_at + FORGET_EVERY:
        _forgotten_at = at
        Ceremony.objects.filter(expires_at__lt=at - CEREMONY_LIFE).delete()


def sweep(at: datetime, most: int) -> int:
    """Forget challenges that were over then, at most so many; returns how many."""
    over = Ceremony.objects.filter(expires_at__lt=at).values("id")[:most]
    return Ceremony.objects.filter(id__in=over).delete()[0]


def take(step: Occasion, session: str, member: str | None, challenge: bytes) -> bool:
    """Spend a challenge; False when it was not given for this, was answered, or is too old."""
    at = now()
    return bool(
        Ceremony.objects.filter(
            kind=step, session=session, member_id=member, challenge=challenge,
            used_at=None, expires_at__gt=at,
        ).update(used_at=at)
    )  # fmt: skip
