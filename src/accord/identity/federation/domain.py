"""An agency's own identity provider, and what one asserts about somebody who comes from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from accord.identity.domain import LONGEST, Method

UNSTATED = "unstated"
"""Stands in a mapping for what a provider says that asserts no context at all."""
SKEW = timedelta(seconds=60)
"""How far a provider's clock may be from this node's."""
OLDEST = LONGEST
"""How long ago somebody may have proven who they are to the provider for a sign-in here."""


class Protocol(StrEnum):
    """The protocol a provider speaks."""

    OIDC = "oidc"
    SAML = "saml"

    @property
    def method(self) -> Method:
        """How a session that rests on it is named."""
        return Method.OIDC if self is Protocol.OIDC else Method.SAML


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as the operator put it in; `settings` are its addresses and certificates."""

    name: str
    agency: str
    agency_name: str
    kind: Protocol
    issuer: str
    client_id: str
    settings: Mapping[str, Any]
    names_member: str
    assurance: Mapping[str, int]
    sealed_secret: bytes = field(repr=False)

    def assurance_of(self, context: str) -> int | None:
        """What an asserted context counts for; None for one that nobody mapped."""
        return self.assurance.get(context or UNSTATED)


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A provider as the administrators of its agency and the operator read it."""

    name: str
    agency: str
    kind: Protocol
    issuer: str
    names_member: str
    assurance: tuple[tuple[str, int], ...]
    members: int


@dataclass(frozen=True, slots=True)
class Here:
    """The addresses of this node that one provider knows."""

    origin: str
    name: str

    @property
    def callback(self) -> str:
        """Where an OpenID provider sends the browser back: another address for each provider."""
        return f"{self.origin}/sign-in/with/{self.name}/callback"

    @property
    def acs(self) -> str:
        """Where a SAML provider posts its response."""
        return f"{self.origin}/sign-in/with/{self.name}/saml"

    @property
    def entity(self) -> str:
        """What a SAML provider calls this node."""
        return f"{self.origin}/sign-in/with/{self.name}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser was sent to a provider with; kept in its session, answered once."""

    provider: str
    state: str
    nonce: str
    verifier: str
    step_up: bool

    @property
    def request(self) -> str:
        """The id of a SAML request."""
        return f"_{self.state}"


@dataclass(frozen=True, slots=True)
class Asserted:
    """Whom a provider names, in which context, and when they proved it there."""

    subject: str
    context: str
    proven_at: datetime | None


@dataclass(frozen=True, slots=True)
class Linked:
    """The member whom a provider's subject is linked to, and the link itself."""

    link: UUID
    member: str


class NotProven(Exception):
    """An answer of a provider does not hold; the words are for the operator's log alone."""
