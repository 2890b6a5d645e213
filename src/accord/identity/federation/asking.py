"""Sends a browser to a provider with a question, and judges what comes back as the answer to it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.identity.actions import ceremonies
from accord.identity.actions.ceremonies import Occasion
from accord.identity.domain import FRESH
from accord.identity.federation import oidc, queries, saml, sealing
from accord.identity.federation.domain import (
    OLDEST,
    SKEW,
    Asked,
    Asserted,
    Here,
    NotProven,
    Protocol,
    Provider,
)
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

ASKED = "asked of a provider"
"""Of a session's data: what its browser was last sent to a provider with."""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom an answer proved, for which membership, how strongly, when, and by which link."""

    actor: Actor
    assurance: int
    link: UUID
    proven_at: datetime


def begin(
    session: Any, stored: str, provider: Provider, origin: str, *, step_up: bool = False
) -> str:
    """Return where to send the browser; the question is kept in its session, for one answer."""
    state = ceremonies.begin(Occasion.PROVIDER, stored, None).hex()
    asked = Asked(
        provider=provider.name,
        state=state,
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        step_up=step_up,
    )
    session[ASKED] = asdict(asked)
    here = Here(origin, provider.name)
    if provider.kind is Protocol.OIDC:
        return oidc.address(provider, here, asked)
    return saml.address(provider, here, asked)


def answered(
    session: Any, stored: str, provider: Provider, origin: str, answer: Mapping[str, str]
) -> tuple[Asked, Named]:
    """Return what was asked and whom the answer names; raises NotProven. It is spent either way.

    An answer that carries another state is no answer to this question and spends nothing.
    """
    asked = _asked(session, provider, answer)
    del session[ASKED]
    if not ceremonies.take(Occasion.PROVIDER, stored, None, bytes.fromhex(asked.state)):
        raise NotProven("the question was answered before, or too long ago")
    here = Here(origin, provider.name)
    if provider.kind is Protocol.OIDC:
        secret = sealing.client_secret(provider)
        asserted = oidc.read(provider, here, asked, answer, secret)
    else:
        asserted = saml.read(provider, here, asked, answer)
    return asked, _named(provider, asked, asserted)


def _asked(session: Any, provider: Provider, answer: Mapping[str, str]) -> Asked:
    held = session.get(ASKED)
    asked = Asked(**held) if held else None
    if asked is None or asked.provider != provider.name:
        raise NotProven("this browser asked nothing of this provider")
    said = answer.get("state", "")
    if provider.kind is Protocol.OIDC and not hmac.compare_digest(
        said.encode(), asked.state.encode()
    ):
        raise NotProven("the state is not that of this browser's request")
    return asked


def _named(provider: Provider, asked: Asked, asserted: Asserted) -> Named:
    """Whom the provider's subject is here. INVARIANT: a membership of the provider's own agency."""
    level = provider.assurance_of(asserted.context)
    if level is None:
        raise NotProven("what the provider asserts of the proof is not mapped to an assurance")
    try:
        linked = queries.linked(provider, asserted.subject)
    except NotFound as fault:
        raise NotProven("whom the provider names is linked to no member") from fault
    hats = [h for h in agencies.memberships_of(linked.member) if h.agency == provider.agency]
    if len(hats) != 1:
        raise NotProven("the member has no membership of the provider's agency in force")
    return Named(hats[0], level, linked.link, _moment(asked, asserted.proven_at))


def _moment(asked: Asked, proven_at: datetime | None) -> datetime:
    """When it was proven. Where the provider does not say, it counts, and never as fresh."""
    at = now()
    if proven_at is None:
        if asked.step_up:
            raise NotProven("the provider does not say when the proof was made")
        return at - FRESH
    if proven_at > at + SKEW:
        raise NotProven("the proof is of a moment to come")
    if proven_at < at - (FRESH if asked.step_up else OLDEST):
        raise NotProven("the proof is too old")
    return min(proven_at, at)
