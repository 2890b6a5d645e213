"""How somebody proved who they are, and for how long that counts (NIST SP 800-63B-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

PASSKEY_ASSURANCE = 2
ATTESTED_ASSURANCE = 3

LONGEST = timedelta(hours=8)
"""A session is over then, whatever was done in it (section 2.2.3 asks for at most 24, 12 hours)."""
IDLE = timedelta(minutes=30)
IDLE_AT_3 = timedelta(minutes=15)
"""Section 2.3.3: at assurance 3 a session ends after 15 minutes in which nothing was asked."""
FRESH = timedelta(minutes=10)
"""How old a proof may be where a step asks for a new one."""
CEREMONY_LIFE = timedelta(minutes=5)
SIGNATURE_LIFE = timedelta(minutes=30)
"""What is signed is read first, and the agency's own signature is made elsewhere meanwhile."""


class Method(StrEnum):
    """What a session rests on."""

    DEMO = "demo"
    PASSKEY = "passkey"
    CODE = "code"
    OIDC = "oidc"
    SAML = "saml"


class Why(StrEnum):
    """Why a session ended."""

    LEFT = "signed out"
    IDLE = "nothing was asked for too long"
    OVER = "it lasted as long as one may"
    FAMILY = "it came over another kind of address"
    REVOKED = "it was ended from another session"
    CREDENTIAL = "what it was proven with was revoked"
    CODES = "the agency allows codes no more"
    RECOVERED = "a recovery code was used"
    UPGRADED = "the node came to a version that seals sessions"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the session of a request proved: with which method, how strongly, when last."""

    signin: UUID
    member: str
    membership: str
    method: Method
    assurance: int
    began_at: datetime
    proven_at: datetime
    seen_at: datetime
    credential: UUID | None = None

    def is_fresh(self, at: datetime) -> bool:
        """Whether it is new enough for a step that asks for a new proof; a demonstration's is."""
        return self.method is Method.DEMO or self.proven_at > at - FRESH


@dataclass(frozen=True, slots=True)
class SignIn:
    """One session as its member reads it in the list of their own."""

    id: UUID
    membership: str
    method: Method
    assurance: int
    place: str
    client: str
    began_at: datetime
    proven_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    ended_why: str


@dataclass(frozen=True, slots=True)
class PasskeyEntry:
    """A passkey as its member reads it."""

    id: UUID
    name: str
    assurance: int
    device_bound: bool
    created_at: datetime
    last_used_at: datetime | None


def assurance_of(*, device_bound: bool, attested: bool) -> int:
    """The assurance level of a passkey that verified its user.

    3 asks for a key that cannot leave its device (SP 800-63B-4 section 2.3.1), which only
    attestation shows; a synchronised passkey is 2 (appendix B).
    """
    return ATTESTED_ASSURANCE if device_bound and attested else PASSKEY_ASSURANCE


def idle_after(assurance: int) -> timedelta:
    """After how long without a request a session of this assurance ends."""
    return IDLE_AT_3 if assurance >= ATTESTED_ASSURANCE else IDLE
