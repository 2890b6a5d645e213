"""Code devices: made, used, changed, opened again and removed.

INVARIANT: every way of being wrong (no such name, an agency that allows no codes, a wrong password, a
wrong code, a code that was used, a way that is closed) takes the same statements and one hash, and ends
in the same words.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.identity.actions import attempts, signins
from accord.identity.actions.attempts import Door
from accord.identity.codes import onetime, passwords, sealing
from accord.identity.codes.actions import knowing
from accord.identity.codes.domain import MOST_FAILURES, SECRET_BYTES, Pending, grouped
from accord.identity.codes.queries import allowed_to, holds
from accord.identity.domain import Why
from accord.identity.models import CodeDevice, KnownDevice, RecoveryCode
from accord.identity.naming import named
from accord.identity.rowseal import row_mac
from accord.identity.tokens.queries import is_system
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase

PASSWORD, CODE, NEW_PASSWORD = "password", "one-time-code", "new-password"
"""Fields of forms that no page keeps or draws again."""
_NOBODY = UUID(int=0)
_NO_SECRET = bytes(SECRET_BYTES)
LONGEST_NAME = 200
FIRST = 1
"""The version of a device's first password."""


@dataclass(frozen=True, slots=True)
class CameIn:
    """Who proved themselves with password and code, and with which device."""

    actor: Actor
    device: UUID


def check_allowed(actor: Actor) -> None:
    """Raise NotAllowed unless the agency that somebody acts for allows codes."""
    if not allowed_to(actor.membership) or is_system(actor.member):
        raise NotAllowed(
            phrase("Your agency does not allow one-time codes."),
            who_can_change=phrase("two administrators of your agency together"),
        )


def begin(actor: Actor) -> Pending:
    """A new secret, to be put into an authenticator app and then confirmed by its first code."""
    check_allowed(actor)
    return _shown(actor, secrets.token_bytes(SECRET_BYTES))


def again(actor: Actor, sealed: str) -> Pending | None:
    """The same secret once more, for a form that was refused; None after half an hour."""
    secret = sealing.open_pending(sealed, actor.member, now())
    return _shown(actor, secret) if secret else None


def _shown(actor: Actor, secret: bytes) -> Pending:
    return Pending(
        uri=onetime.provisioning_uri(secret, actor.membership),
        secret=grouped(base64.b32encode(secret).decode()),
        sealed=sealing.seal_pending(secret, actor.member, now()),
    )


@transaction.atomic
def add(
    actor: Actor, *, sealed: str, name: str, password: str, code: str,
    spending: Callable[[], object] = lambda: None,
) -> UUID:  # fmt: skip
    """Keep a device whose secret was shown to this member; an earlier one ends.

    `spending` is done in the same transaction: what entitled to make one is spent by it. Raises
    InvalidInput for a name, password or code that will not do, NotAllowed where codes are not allowed.
    """
    check_allowed(actor)
    called = named(name)
    passwords.check_password(password, words_of(actor), PASSWORD)
    at = now()
    secret = sealing.open_pending(sealed, actor.member, at)
    if secret is None:
        raise InvalidInput("request", None, CODE, phrase("this took too long: begin anew"))
    step = onetime.step_of(secret, onetime.typed_code(code), at, -1)
    if step is None:
        rule = phrase("is not the code of your app now; its clock may be wrong")
        raise InvalidInput("request", None, CODE, rule)
    _revoke(actor.member, at)
    made = _keep(actor.member, called, secret, password, step, at)
    spending()
    return made


def words_of(actor: Actor) -> Iterable[str]:
    """What a password of this member may not chiefly be made of."""
    return (actor.name, actor.membership, actor.agency, actor.agency_name)


def _keep(
    member: str, name: str, secret: bytes, password: str, step: int, at: datetime
) -> UUID:  # fmt: skip
    device, held = ids.uuid7(), passwords.kept(password)
    sealed = sealing.seal_secret(secret, device, member)
    facts = sealing.device_facts(device, member, sealed, held, FIRST)
    row = CodeDevice(
        id=device,
        member_id=member,
        name=name,
        sealed_secret=sealed,
        password=held,
        password_at=at,
        version=FIRST,
        mac=row_mac(sealing.DEVICE, **facts),
        last_step=step,
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as fault:  # the same form was sent twice at once
        raise _changed_meanwhile() from fault
    return device


def _changed_meanwhile() -> Conflict:
    return Conflict(phrase("Somebody changed this after you opened it. Your change was not saved."))


def prove(name: str, password: str, code: str, tokens: Sequence[str], address: str) -> CameIn:
    """Return who came in with the name of a membership, a password and a code.

    Raises NotAllowed, always in the same words. Spends the tries of the browser, if the holder came in
    there before (`tokens` of its cookie), and of the place that it came from once those are spent.
    """
    with passwords.turn():
        found = _proven(name.strip()[:LONGEST_NAME], password, code, tokens, address)
    if found is None:
        raise refused()
    return found


def _proven(
    name: str, password: str, code: str, tokens: Sequence[str], address: str
) -> CameIn | None:
    row = CodeDevice.objects.filter(member__membership=name, revoked_at=None).first()
    if not _tried(row, name, password, code, tokens, address) or row is None:
        return None
    actor = agencies.actor_or_none(name)
    if actor is None or actor.member != row.member_id:
        return None
    return CameIn(actor, row.id)


def prove_again(
    member: str, membership: str, password: str, code: str, tokens: Sequence[str], address: str
) -> UUID:  # fmt: skip
    """Check password and code within a session of their holder, and return their device.

    Raises NotAllowed. What is wrong is counted as at the door: a session may be in others' hands.
    """
    with passwords.turn():
        row = CodeDevice.objects.filter(member_id=member, revoked_at=None).first()
        right = _tried(row, membership, password, code, tokens, address)
    if row is None or not right:
        raise refused()
    return row.id


def _tried(
    row: CodeDevice | None, name: str, password: str, code: str, tokens: Sequence[str], address: str
) -> bool:  # fmt: skip
    """Count a try where it belongs, look, and give back what a right answer had spent."""
    at = now()
    place = knowing.spend(tokens, row.id if row else _NOBODY, at)
    if place is None and not attempts.may_try(Door.CODE, address, name):
        return False
    if not _is_right(row, name, password, code, place is not None, at):
        return False
    if place is None:
        attempts.forget(Door.CODE, address, name)
    else:
        knowing.give_back(place)
    return True


def _is_right(
    row: CodeDevice | None, membership: str, password: str, code: str, is_known: bool, at: datetime
) -> bool:  # fmt: skip
    """Look at everything; a stranger's try is counted before, and taken back where all is right."""
    mine = CodeDevice.objects.filter(id=row.id if row else _NOBODY, revoked_at=None)
    few = mine.filter(failures__lt=MOST_FAILURES)
    is_open = is_known or few.update(failures=F("failures") + 1) == 1
    allowed = allowed_to(membership)
    secret = sealing.open_secret(bytes(row.sealed_secret), row.id, row.member_id) if row else None
    right = passwords.is_right(password, row.password if row else None)
    last = row.last_step if row else -1
    step = onetime.step_of(secret or _NO_SECRET, onetime.typed_code(code), at, last)
    if not (is_open and allowed and right and secret and step is not None and row and holds(row)):
        return False
    # INVARIANT: a step counts once, whichever process sees it first. A known device's right answer
    # opens nothing to strangers again.
    spent: dict[str, Any] = {"last_step": step, "last_used_at": at}
    return (
        mine.filter(last_step__lt=step).update(**spent, **({} if is_known else {"failures": 0}))
        == 1
    )


def change_password(actor: Actor, new: str) -> UUID:
    """Give the own device another password, once the old one was proven with a code (ASVS 6.2.3)."""
    row = CodeDevice.objects.filter(member_id=actor.member, revoked_at=None).first()
    if row is None:
        raise NotFound()
    passwords.check_password(new, words_of(actor), NEW_PASSWORD)
    held = passwords.kept(new)
    version = row.version + 1
    facts = sealing.device_facts(row.id, row.member_id, bytes(row.sealed_secret), held, version)
    changed = {"password": held, "password_at": now(), "version": version}
    mine = CodeDevice.objects.filter(id=row.id, version=row.version, revoked_at=None)
    if not mine.update(**changed, mac=row_mac(sealing.DEVICE, **facts)):
        raise _changed_meanwhile()
    return row.id


@transaction.atomic
def open_again(member: str) -> None:
    """Let every device try again, after the member proved themselves otherwise; raises NotFound."""
    if not CodeDevice.objects.filter(member_id=member, revoked_at=None).update(failures=0):
        raise NotFound()
    KnownDevice.objects.filter(device__member_id=member).update(failures=0)


@transaction.atomic
def remove(member: str) -> UUID:
    """Revoke the own code device, end what was proven with it, and the recovery codes beside it.

    Raises NotFound.
    """
    at = now()
    found = _revoke(member, at)
    if found is None:
        raise NotFound()
    RecoveryCode.objects.filter(member_id=member, used_at=None, revoked_at=None).update(
        revoked_at=at
    )
    return found


def _revoke(member: str, at: datetime) -> UUID | None:
    held = CodeDevice.objects.filter(member_id=member, revoked_at=None).first()
    if held is None:
        return None
    if not CodeDevice.objects.filter(id=held.id, revoked_at=None).update(revoked_at=at):
        return None
    KnownDevice.objects.filter(device_id=held.id).delete()
    signins.end_of_credential(held.id, Why.CREDENTIAL)
    return held.id


def refused() -> NotAllowed:
    """The one answer to whatever does not let in."""
    return NotAllowed(
        phrase(
            "That did not let you in. After %(most)s wrong answers for one name from one place, this "
            "way is closed there for a quarter of an hour.",
            most=attempts.MOST_OF_PAIR,
        ),
        who_can_change=phrase(
            "you: a passkey opens at any time; else your agency's administrators"
        ),
    )
