"""Sign-ins: begun, seen, proven again, ended. Each change of one is one row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accord.identity.addresses import family_of, place_of
from accord.identity.domain import Method, Proof, Why
from accord.identity.models import Ceremony, CodeDevice, Passkey, ProviderLink, SignInRow
from accord.identity.rowseal import is_ours, row_mac
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone
from accord.platform.sessions import stored_key

MEMBERSHIP = "membership"
BOUND_TO = "bound"
SEEN_EVERY = timedelta(minutes=1)
LONGEST_CLIENT = 200
KIND = "signin"
SEALED = (
    "id", "session", "member_id", "membership_id", "method", "assurance", "credentials", "family",
    "place", "client", "began_at", "proven_at",
)  # fmt: skip
"""What a session proves, and where it began.

`seen_at` keeps none open beyond 8 h after `began_at`; what ended stays so.
"""


def seal_of(row: Mapping[str, Any]) -> bytes:
    """The MAC of a sign-in with these columns."""
    return row_mac(KIND, **_facts(row))


def is_sealed(row: SignInRow) -> bool:
    """Whether this node wrote what the row proves: one that SQL alone made or changed proves nothing."""
    return is_ours(row.mac, KIND, **_facts(vars(row)))


def _facts(row: Mapping[str, Any]) -> dict[str, str | int]:
    return {name: _written(row[name]) for name in SEALED}


def _written(value: object) -> str | int:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, int):
        return value
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


@transaction.atomic
def begin(
    session: Any, *, member: str, membership: str, method: Method, assurance: int,
    credential: UUID | None = None, address: str = "", client: str = "",
    proven_at: datetime | None = None,
) -> None:  # fmt: skip
    """Begin a session under a new key; nothing of whoever sat here before stays.

    `assurance` is what was proven, `proven_at` when, if not now. The session's data names its key: a
    copied row opens nothing. Raises NotFound for a credential that was revoked since it proved this.
    """
    if credential is not None:
        _check_in_force(method, credential, member)
    if session.session_key is not None:
        end_session(stored_key(session.session_key), Why.LEFT)
    session.flush()
    session.create()
    kept = stored_key(session.session_key)
    session[MEMBERSHIP], session[BOUND_TO] = membership, kept
    at = now()
    row = SignInRow(
        id=ids.uuid7(),
        session=kept,
        member_id=member,
        membership_id=membership,
        method=method,
        assurance=assurance,
        credentials=[] if credential is None else [credential],
        family=family_of(address),
        place=place_of(address),
        client=client[:LONGEST_CLIENT],
        began_at=at,
        proven_at=proven_at or at,
        seen_at=at,
    )
    row.mac = seal_of(vars(row))
    row.save(force_insert=True)


def _check_in_force(method: Method, credential: UUID, member: str) -> None:
    """Raise NotFound for a credential of this member that is over.

    INVARIANT: whatever revokes one waits until this transaction has ended, and then finds its session.
    """
    found: QuerySet[Any]
    match method:
        case Method.PASSKEY:
            found = Passkey.objects.select_for_update().filter(revoked_at=None)
        case Method.CODE:
            found = CodeDevice.objects.select_for_update().filter(revoked_at=None)
        case Method.OIDC | Method.SAML:
            alone(link_lock(credential))
            found = ProviderLink.objects.all()
        case Method.DEMO:
            return
        case _:
            assert_never(method)
    if found.filter(id=credential, member_id=member).first() is None:
        raise NotFound()


def last_by_passkey(proof: Proof) -> bool:
    """Whether a passkey in force was the last to prove a session; a demonstration's proves nothing."""
    if proof.credential is None:
        return proof.method is Method.DEMO
    return Passkey.objects.filter(id=proof.credential, revoked_at=None).exists()


def link_lock(link: UUID) -> str:
    """What is waited for by whoever takes a link away: the application can lock no row of it."""
    return f"accord.provider-link {link}"


def seen(proof: Proof) -> None:
    """Note that something was asked, at most once a minute."""
    at = now()
    if proof.seen_at >= at - SEEN_EVERY:
        return
    SignInRow.objects.filter(id=proof.signin, seen_at__lt=at - SEEN_EVERY).update(seen_at=at)


@transaction.atomic
def proven_again(
    session: Any, proof: Proof, *, method: Method, credential: UUID, assurance: int,
    proven_at: datetime | None = None,
) -> None:  # fmt: skip
    """Note a new proof within a session; what it proves counts from now on, under a new key.

    The session is over with any credential that opened or proved it. Raises NotAllowed for one that was
    revoked since it proved this.

    INVARIANT: the old key opens nothing any more (ASVS 7.2.4). Questions that this browser was asked
    and has not answered go on under the new one.
    """
    try:
        _check_in_force(method, credential, proof.member)
    except NotFound as over:
        raise NotAllowed(phrase("That did not prove who you are.")) from over
    before = stored_key(session.session_key)
    session.cycle_key()
    kept = stored_key(session.session_key)
    session[BOUND_TO] = kept
    session.save()
    _prove(proof.signin, before, kept, credential, assurance, proven_at or now())
    Ceremony.objects.filter(session=before, used_at=None).update(session=kept)


def _prove(
    signin: UUID, before: str, kept: str, credential: UUID, assurance: int, proven_at: datetime
) -> None:
    """Seal a sign-in anew. INVARIANT: one that is over, or was not sealed, is not sealed by this."""
    found = SignInRow.objects.select_for_update().filter(id=signin, session=before, ended_at=None)
    row = found.first()
    if row is None or not is_sealed(row):
        return
    row.session, row.assurance, row.proven_at = kept, assurance, proven_at
    row.credentials = [held for held in row.credentials if held != credential] + [credential]
    row.mac = seal_of(vars(row))
    row.save(update_fields=["session", "credentials", "assurance", "proven_at", "mac"])


def end(signin: UUID, why: Why) -> None:
    """End a session; one that is over stays as it is."""
    _end(why, id=signin)


def end_session(stored: str, why: Why) -> None:
    """End the session that is kept under this name, if one is."""
    _end(why, session=stored)


def end_own(member: str, signin: UUID) -> None:
    """End another session of the same member; raises NotFound."""
    if not _end(Why.REVOKED, member_id=member, id=signin):
        raise NotFound()


def end_others(proof: Proof) -> int:
    """End every other session of this member; returns how many."""
    rows = SignInRow.objects.filter(member_id=proof.member, ended_at=None)
    return rows.exclude(id=proof.signin).update(ended_at=now(), ended_why=Why.REVOKED)


def end_every(member: str) -> int:
    """End every session of a member; returns how many."""
    return _end(Why.RECOVERED, member_id=member)


def end_of_credential(credential: UUID, why: Why) -> None:
    """End every session that this credential opened or proved."""
    _end(why, credentials__contains=[credential])


def _end(why: Why, **which: Any) -> int:
    return SignInRow.objects.filter(ended_at=None, **which).update(ended_at=now(), ended_why=why)
