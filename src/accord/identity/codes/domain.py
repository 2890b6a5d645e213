"""Code devices, recovery codes and an agency's allowance; what is enough and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

CODES_ASSURANCE = 2
"""A password and a one-time code: two factors, and not phishing-resistant (SP 800-63B-4 section 2.2)."""
SECRET_BYTES = 20
"""160 bits, as RFC 4226 section 4 recommends (R6)."""
DIGITS = 6
STEP_S = 30
SLACK_STEPS = 1
"""A code counts in its own step and in the ones beside it (RFC 6238 section 5.2)."""
PENDING_LIFE = timedelta(minutes=30)
"""How long a secret that was shown may still be taken up."""
LEAST_PASSWORD = 15
"""SP 800-63B-4 section 3.1.1.2, of a password that may be the only factor; ours never is."""
MOST_PASSWORD = 200
RECOVERY_CODES = 10
RECOVERY_BYTES = 15
"""120 bits: ASVS 6.5.2 lets a secret of 112 bits be kept as a plain digest."""
RECOVERING_LIFE = timedelta(minutes=10)
MOST_FAILURES = 50
"""Wrong answers in a row from devices that nobody knows, after which the way is closed to those."""
MOST_KNOWN = 5
"""Devices of one member that are known at a time: those in which they came in last."""
MOST_KNOWN_FAILURES = 10
"""Wrong answers in a row of one known device. All together are 100: SP 800-63B-4 section 3.2.2."""
KNOWN_DAYS = 90
PROPOSAL_DAYS = 7


class AllowanceState(StrEnum):
    """What an agency says about one-time codes."""

    NO = "no"
    PROPOSED = "proposed"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether an agency allows one-time codes, and who said so."""

    state: AllowanceState
    id: UUID | None = None
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    expires_at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """A code device as its member reads it."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    failures: int
    known_failures: int
    """Those of all known devices together."""

    @property
    def is_closed(self) -> bool:
        """Whether it opens nothing from a device that is not known, until it is opened again."""
        return self.failures >= MOST_FAILURES


@dataclass(frozen=True, slots=True)
class Coded:
    """Everything about codes that stands on a member's own page."""

    allowed: bool
    device: DeviceEntry | None
    recovery_left: int
    recovered_at: datetime | None
    """When a recovery code was used last."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A new secret, to be put into an authenticator app before it is kept."""

    uri: str
    secret: str
    """Base32, in groups of four."""
    sealed: str


def grouped(text: str, size: int = 4) -> str:
    """The same text in groups that a person can copy."""
    return " ".join(text[at : at + size] for at in range(0, len(text), size))
