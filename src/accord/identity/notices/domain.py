"""What may have happened to a member's credentials, as they are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEAST = timedelta(days=7)
"""INVARIANT: whoever comes in with stolen credentials, and so signs in last, hides nothing younger."""


class Happened(StrEnum):
    """What happened."""

    PASSKEY_MADE = "passkey made"
    PASSKEY_REVOKED = "passkey revoked"
    CODES_MADE = "codes made"
    CODES_REVOKED = "codes revoked"
    CODES_CHANGED = "password changed"
    RECOVERY_MADE = "recovery codes made"
    RECOVERY_USED = "recovery code used"
    LINKED = "provider linked"
    API_MADE = "token made"
    API_REVOKED = "token revoked"
    NEW_PLACE = "signed in from a new place"
    WRONG = "wrong answers"
    CLOSED = "tries used up"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a member is told."""

    what: Happened
    about: str = ""
    """A name that the member gave, a network, or a count."""
    at: datetime | None = None
    """When; None for what stands as it is now."""
