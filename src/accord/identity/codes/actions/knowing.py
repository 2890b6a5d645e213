"""Browsers in which a member came in: remembered, and each with tries of its own.

INVARIANT: what is tried in one browser takes nothing from another, so whoever guesses in a shared one
locks nobody out of theirs. One whose tries are spent is limited like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accord.identity.codes import known
from accord.identity.codes.domain import MOST_KNOWN, MOST_KNOWN_FAILURES
from accord.identity.models import CodeDevice, KnownDevice
from accord.kernel import ids
from accord.kernel.clock import now


@transaction.atomic
def remember(member: str, tokens: Sequence[str]) -> str | None:
    """The cookie of a browser in which this member came in; None where they have no code device.

    `tokens` are those of its cookie so far. A browser keeps its place, and has all its tries again.
    """
    held = CodeDevice.objects.select_for_update().filter(member_id=member, revoked_at=None).first()
    if held is None:
        return None
    at = now()
    place = known.place_of(tokens, held.id, at)
    mine = KnownDevice.objects.filter(device_id=held.id)
    if place is None or not mine.filter(id=place).update(failures=0, known_at=at):
        place = ids.uuid7()
        KnownDevice.objects.create(id=place, device_id=held.id, known_at=at)
        _forget_the_oldest(held.id)
    return known.joined(known.token(held.id, place, at), _others(tokens, held.id))


def _forget_the_oldest(device: UUID) -> None:
    mine = KnownDevice.objects.filter(device_id=device).order_by("-known_at", "-id")
    KnownDevice.objects.filter(id__in=list(mine.values_list("id", flat=True)[MOST_KNOWN:])).delete()


def _others(tokens: Sequence[str], device: UUID) -> list[str]:
    """The tokens of other members who share the browser, as far as they count."""
    named = {text: known.claimed(text) for text in tokens}
    rows = KnownDevice.objects.filter(id__in=[n for n in named.values() if n is not None])
    living = set(
        rows.filter(device__revoked_at=None).exclude(device_id=device).values_list("id", flat=True)
    )
    return [text for text, place in named.items() if place in living]


def spend(tokens: Sequence[str], device: UUID, at: datetime) -> UUID | None:
    """Spend a try of the browser that these tokens were given to, and say which; None without one."""
    place = known.place_of(tokens, device, at)
    if place is None:
        return None
    mine = KnownDevice.objects.filter(id=place, device_id=device, failures__lt=MOST_KNOWN_FAILURES)
    return place if mine.update(failures=F("failures") + 1) else None


def give_back(place: UUID) -> None:
    """Let a browser try as often as at first, after a right answer."""
    KnownDevice.objects.filter(id=place).update(failures=0)
