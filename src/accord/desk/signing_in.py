"""What pages of sign-in share: the session's key, the node's name, the entry in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from accord.agencies import queries as agencies
from accord.agencies.directory.queries import acts_elsewhere
from accord.agencies.domain import Actor
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.desk.middleware import address_of
from accord.identity.actions import signins
from accord.identity.domain import Method, Proof, Why
from accord.identity.relying import Relying, relying
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.platform.sessions import stored_key

OFFICE = "system-administration"
"""The purpose of what a member does about an own sign-in, and administrators about others'."""
INVITED = "invited"
"""Of the session of whoever set the node up: name and link of each administrator without a passkey."""
JOINED = "joined"
"""The same of whoever brought an invited agency in."""
NOBODYS_LIFE_S = 3600
"""How long a session is kept in which nobody signed in; signing in begins another."""
DEMO_ASSURANCE = 3
"""A demonstration asks for no proof: its cast counts as its directory states."""


def session_name(request: Any) -> str:
    """The name under which this browser's session is kept; one is made where there is none."""
    if request.session.session_key is None:
        request.session.set_expiry(NOBODYS_LIFE_S)
        request.session.create()
    return stored_key(request.session.session_key)


def leave(request: Any) -> None:
    """End the session of whoever sat here, and begin a nameless one under a new key."""
    if request.session.session_key is not None:
        signins.end_session(stored_key(request.session.session_key), Why.LEFT)
    request.session.flush()


def party(request: Any) -> Relying:
    """What passkeys of this node are bound to, as this page was asked for."""
    return relying(request.get_host())


def ceremony(request: Any, ask: Callable[[str, Relying], str]) -> dict[str, Any]:
    """What a page's form asks an authenticator for, or why this address cannot ask.

    `ask` makes the options for this browser's session and this node.
    """
    try:
        node = party(request)
    except NotAllowed as refusal:
        return {"options": None, "no_passkeys": refusal}
    return {"options": ask(session_name(request), node), "no_passkeys": None}


def check_speaks_for_all(actor: Actor, proof: Proof | None) -> None:
    """Raise NotAllowed where a way in of one agency alone would open another agency's membership.

    A passkey is the person's. A provider, a code and a recovery code count because one agency allows
    them, and speak for its membership alone; None is a recovery code.

    INVARIANT: what began the session and what proved it last are a passkey.
    """
    personal = (
        proof is not None
        and proof.method in (Method.PASSKEY, Method.DEMO)
        and signins.last_by_passkey(proof)
    )
    if not personal and acts_elsewhere(actor.member, actor.agency):
        raise NotAllowed(
            phrase("You act for another agency too, and the way in which you came speaks for one."),
            who_can_change=phrase("you, signed in with a passkey"),
        )


def enter(
    request: Any, actor: Actor, method: Method, assurance: int, credential: UUID | None = None,
    proven_at: datetime | None = None, **detail: str,
) -> None:  # fmt: skip
    """Begin a session for this membership, and say so in the ledger."""
    signins.begin(
        request.session,
        member=actor.member,
        membership=actor.membership,
        method=method,
        assurance=assurance,
        credential=credential,
        address=address_of(request),
        client=request.headers.get("User-Agent", ""),
        proven_at=proven_at,
    )
    if method is not Method.DEMO:
        noted(actor, "signed in", method=method, assurance=assurance, **detail)


def enter_demo(request: Any, membership: str) -> None:
    """Begin a session of a demonstration; elsewhere there is none to begin."""
    if not settings.ACCORD_DEMO:
        raise RuntimeError("only a demonstration lets anybody in without a proof")
    enter(request, agencies.actor(membership), Method.DEMO, DEMO_ASSURANCE)


def noted(actor: Actor, step: str, **detail: Any) -> None:
    """Write an entry of the kind `membership`: what changed about who acts, and how it was proven."""
    with open_scope(actor, resolve(actor, OFFICE, "statute", None)) as scope:
        scope.did("membership", step=step, **detail)
