"""Systems and their clients: asked for by one administrator, approved by another, ended by any.

What is written here goes through functions of the database that ask the seal for a system
administrator of the agency (systems.sql); called outside of a scope they change nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError
from psycopg.types.json import Jsonb

from accord.agencies.directory.domain import ADMINISTRATOR
from accord.agencies.directory.facts import HANDLE
from accord.agencies.domain import Actor
from accord.agencies.queries import digest
from accord.identity.naming import named
from accord.identity.tokens.clientkeys import checked_key
from accord.identity.tokens.domain import (
    KEY_ASSURANCE,
    LONGEST_SECRET_DAYS,
    MOST_VALID,
    SECRETS_PREFIX,
    ScopeRefused,
    scope_of,
)
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.platform.db.deciding import decided

LONGEST_LIFE_DAYS = 731
ADMINISTRATORS = phrase("the administrators of your agency")


def administers(actor: Actor) -> bool:
    """Whether this member administers the agency's systems."""
    return ADMINISTRATOR in actor.roles


def check_administers(actor: Actor) -> None:
    """Raise NotAllowed unless this member administers the agency's systems."""
    if not administers(actor):
        raise NotAllowed(
            phrase("Only a system administrator of the agency may do this."),
            who_can_change=ADMINISTRATORS,
        )


def propose(
    actor: Actor, *, handle: str, name: str, owner: str, roles: Sequence[str], clearance: str,
    days: int,
) -> UUID:  # fmt: skip
    """Ask for a system: a member that is a program, with a person of the agency who answers for it.

    It is a member once another administrator approves it. Raises InvalidInput, NotAllowed.
    """
    check_administers(actor)
    called = named(name)
    if not HANDLE.fullmatch(handle):
        raise _fault("handle", phrase("must be small letters, digits, points and hyphens"))
    known = Vocabulary.load(NEWEST)
    given = set(known.words("role")) - {ADMINISTRATOR}
    if not roles or not set(roles) <= given:
        raise _fault("roles", phrase("choose one or more; a system administers nothing"))
    if clearance not in known.words("clearance"):
        raise _fault("clearance", phrase("choose one of the list"))
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        raise _fault("days", phrase("must be 1 to %(most)s days", most=LONGEST_LIFE_DAYS))
    made = ids.uuid7()
    facts = {
        "membership": f"{actor.agency}.{handle}",
        "name": called,
        "owner": owner,
        "roles": sorted(roles),
        "clearance": clearance,
        "assurance": KEY_ASSURANCE,
        "until": (now() + timedelta(days=days)).isoformat(),
    }
    rule = phrase("must be a person who is a member now; the system's own name must be new")
    _ask("select accord.propose_system(%s, %s)", [made, Jsonb(facts)], _fault("owner", rule))
    return made


def approve(actor: Actor, system: UUID) -> None:
    """Make a system that another administrator asked for a member; raises NotAllowed."""
    check_administers(actor)
    taken = Conflict(phrase("A member of this name was made meanwhile."))
    if not _ask("select accord.approve_system(%s)", [system], taken):
        raise NotAllowed(
            phrase(
                "Another administrator than the one who asked for it, and than who answers for it, "
                "approves a system, once, within seven days."
            ),
            who_can_change=ADMINISTRATORS,
        )


def end(actor: Actor, system: UUID) -> None:
    """End a system, its clients and its tokens; raises NotFound."""
    check_administers(actor)
    if not _ask("select accord.end_system(%s)", [system]):
        raise NotFound()


def propose_owner(actor: Actor, system: UUID, owner: str) -> None:
    """Name another person of the agency who is to answer for a system at work.

    They do once another administrator approves it. Raises InvalidInput, NotFound.
    """
    check_administers(actor)
    rule = phrase("must be another person who is a member now")
    sent = [system, owner]
    if not _ask("select accord.propose_system_owner(%s, %s)", sent, _fault("owner", rule)):
        raise NotFound()


def approve_owner(actor: Actor, system: UUID, owner: str) -> None:
    """Let the person whom another administrator named answer for a system; raises NotAllowed."""
    check_administers(actor)
    if not _ask("select accord.approve_system_owner(%s, %s)", [system, owner]):
        raise NotAllowed(
            phrase(
                "Another administrator than the one who named them, and than they are, approves "
                "who answers for a system, once, within seven days."
            ),
            who_can_change=ADMINISTRATORS,
        )


def withdraw_owner(actor: Actor, system: UUID) -> None:
    """Take back who was named and is not approved yet; raises NotFound."""
    check_administers(actor)
    if not _ask("select accord.withdraw_system_owner(%s)", [system]):
        raise NotFound()


def register(
    actor: Actor, system: UUID, *, name: str, purposes: Sequence[str], actions: Sequence[str]
) -> UUID:
    """Register a client of a system that is at work; raises InvalidInput, NotFound."""
    check_administers(actor)
    called = named(name)
    try:
        scope = scope_of(purposes, actions)
    except ScopeRefused as refused:
        raise _fault(refused.field, refused.message) from refused
    made = ids.uuid7()
    sent = [made, system, called, sorted(scope.purposes), sorted(scope.actions)]
    if not _ask("select accord.register_client(%s, %s, %s, %s, %s)", sent):
        raise NotFound()
    return made


def add_secret(actor: Actor, client: UUID, days: int) -> tuple[UUID, str]:
    """Make a secret of a client, and return its id and the secret, which nobody can read again.

    It opens nothing until another administrator approves it (`approve_credential`).
    Raises NotFound, Conflict where two are valid already, InvalidInput for days that are none.
    """
    check_administers(actor)
    secret = SECRETS_PREFIX + secrets.token_urlsafe(32)
    return _add(client, days, secret_hash=digest(secret)), secret


def add_key(actor: Actor, client: UUID, days: int, key: str) -> UUID:
    """Keep a public key (JWK) for a client to authenticate with once approved; as `add_secret`."""
    check_administers(actor)
    return _add(client, days, public_key=checked_key(key))


def _add(
    client: UUID, days: int, *, secret_hash: bytes | None = None,
    public_key: dict[str, str] | None = None,
) -> UUID:  # fmt: skip
    if not 1 <= days <= LONGEST_SECRET_DAYS:
        raise _fault("days", phrase("must be 1 to %(most)s days", most=LONGEST_SECRET_DAYS))
    made, until = ids.uuid7(), now() + timedelta(days=days)
    key = Jsonb(public_key) if public_key is not None else None
    full = Conflict(
        phrase("%(count)s are valid already: revoke one, then add another.", count=MOST_VALID)
    )
    asked: list[Any] = [made, client, secret_hash, key, until]
    if not _ask("select accord.add_client_credential(%s, %s, %s, %s, %s)", asked, full):
        raise NotFound()
    return made


def approve_credential(actor: Actor, credential: UUID) -> None:
    """Make a secret or key count that another administrator made; raises NotAllowed, NotFound.

    The purposes and actions of its client, and the roles of the system, are what it opens.
    """
    check_administers(actor)
    if not _ask("select accord.approve_client_credential(%s)", [credential]):
        raise NotAllowed(
            phrase(
                "An administrator who did not make it, did not register its client and does not "
                "answer for the system approves it, once, within seven days."
            ),
            who_can_change=ADMINISTRATORS,
        )


def revoke_credential(actor: Actor, credential: UUID) -> None:
    """End a secret or a key, with every token that was got by it; raises NotFound."""
    check_administers(actor)
    if not _ask("select accord.revoke_client_credential(%s)", [credential]):
        raise NotFound()


def revoke_client(actor: Actor, client: UUID) -> None:
    """End a client, with every token of it; raises NotFound."""
    check_administers(actor)
    if not _ask("select accord.revoke_client(%s)", [client]):
        raise NotFound()


def _ask(statement: str, sent: list[Any], refused: Exception | None = None) -> Any:
    """Call one function; `refused` is raised where it says that what was sent cannot be."""
    try:
        return decided(statement, sent, NotFound())  # whoever is sealed administers nothing
    except (DataError, IntegrityError) as fault:
        if refused is None:
            raise
        raise refused from fault


def _fault(field: str, rule: str) -> InvalidInput:
    return InvalidInput("request", None, field, rule)
