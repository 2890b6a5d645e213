"""Read what happened to a member's credentials since they last signed in; for the member alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accord.agencies import queries as agencies
from accord.identity.actions.signins import is_sealed
from accord.identity.codes.domain import MOST_FAILURES
from accord.identity.domain import Method, Proof
from accord.identity.models import (
    AccessToken,
    CodeDevice,
    KnownDevice,
    Passkey,
    ProviderLink,
    RecoveryCode,
    SignInRow,
)
from accord.identity.notices.domain import LEAST, Happened, Notice

MOST = 50


def notices(proof: Proof) -> tuple[Notice, ...]:
    """What happened since the session before this one began, and in seven days at least.

    What stands as it is now comes first, then the newest. Nothing in a demonstration's session, whose
    cast keeps no credentials.
    """
    if proof.method is Method.DEMO:
        return ()
    since = _since(proof)
    found = [
        *_passkeys(proof.member, since),
        *_codes(proof.member, since),
        *_recovery(proof.member, since),
        *_links(proof.member, since),
        *_tokens(proof.member, since),
        *_places(proof, since),
    ]
    found.sort(key=lambda notice: notice.at or since, reverse=True)
    return (*_attempts(proof.member), *found[:MOST])


def _since(proof: Proof) -> datetime:
    rows = SignInRow.objects.filter(member_id=proof.member, began_at__lt=proof.began_at)
    before = [row.began_at for row in rows.order_by("-began_at")[:MOST] if is_sealed(row)]
    return min(before[0] if before else proof.began_at, proof.began_at - LEAST)


def _passkeys(member: str, since: datetime) -> Iterator[Notice]:
    for row in _lately(Passkey.objects.filter(member_id=member), since, "created_at", "revoked_at"):
        yield from _told(since, (Happened.PASSKEY_MADE, row.name, row.created_at),
                         (Happened.PASSKEY_REVOKED, row.name, row.revoked_at))  # fmt: skip


def _codes(member: str, since: datetime) -> Iterator[Notice]:
    mine = CodeDevice.objects.filter(member_id=member)
    for row in _lately(mine, since, "created_at", "revoked_at", "password_at"):
        changed = row.password_at if row.password_at != row.created_at else None
        yield from _told(since, (Happened.CODES_MADE, row.name, row.created_at),
                         (Happened.CODES_REVOKED, row.name, row.revoked_at),
                         (Happened.CODES_CHANGED, row.name, changed))  # fmt: skip


def _recovery(member: str, since: datetime) -> Iterator[Notice]:
    mine = RecoveryCode.objects.filter(member_id=member)
    for at in mine.filter(used_at__gt=since).values_list("used_at", flat=True):
        yield Notice(Happened.RECOVERY_USED, at=at)
    for at in mine.filter(made_at__gt=since).values_list("made_at", flat=True).distinct():
        yield Notice(Happened.RECOVERY_MADE, at=at)


def _links(member: str, since: datetime) -> Iterator[Notice]:
    for row in ProviderLink.objects.filter(member_id=member, made_at__gt=since):
        yield Notice(Happened.LINKED, row.provider_id, row.made_at)


def _tokens(member: str, since: datetime) -> Iterator[Notice]:
    """Those of every membership: who chose one at the door is told of what the others were used for."""
    mine = AccessToken.objects.filter(membership_id__in=agencies.memberships_ever(member))
    for row in _lately(mine, since, "made_at", "revoked_at"):
        yield from _told(since, (Happened.API_MADE, row.name, row.made_at),
                         (Happened.API_REVOKED, row.name, row.revoked_at))  # fmt: skip


def _places(proof: Proof, since: datetime) -> Iterator[Notice]:
    """Networks from which this member had never come before, and other sessions began.

    INVARIANT: a row that SQL alone made hides none: no network is known by it, nor is it the first.
    """
    mine = SignInRow.objects.filter(member_id=proof.member).exclude(method=Method.DEMO)
    before = mine.filter(began_at__lte=since).order_by("place", "-began_at").distinct("place")
    lately = mine.filter(began_at__gt=since).order_by("place", "began_at").distinct("place")
    known = {row.place for row in before if is_sealed(row)}
    firsts = sorted(lately, key=lambda row: row.began_at)
    if not known:
        known = {row.place for row in firsts[:1] if is_sealed(row)}
    for row in firsts:
        if row.place not in known and row.id != proof.signin:
            yield Notice(Happened.NEW_PLACE, row.place, row.began_at)


def _attempts(member: str) -> Iterator[Notice]:
    """Wrong answers that still count: a right one takes back those of where it was given.

    Strangers' stay until a stranger gives a right one, or the member opens the way again.
    """
    row = CodeDevice.objects.filter(member_id=member, revoked_at=None).first()
    if row is None:
        return
    known = list(KnownDevice.objects.filter(device_id=row.id).values_list("failures", flat=True))
    wrong = row.failures + sum(known)
    if row.failures >= MOST_FAILURES:
        yield Notice(Happened.CLOSED, str(wrong))
    elif wrong:
        yield Notice(Happened.WRONG, str(wrong))


def _lately(rows: QuerySet[Any], since: datetime, *columns: str) -> QuerySet[Any]:
    asked = Q()
    for column in columns:
        asked |= Q(**{f"{column}__gt": since})
    return rows.filter(asked)


def _told(since: datetime, *said: tuple[Happened, str, datetime | None]) -> Iterator[Notice]:
    for what, about, at in said:
        if at is not None and at > since:
            yield Notice(what, about, at)
