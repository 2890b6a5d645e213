"""What a member signs with a passkey: a few facts and the digest of the document that was shown.

    signed    = "accord-member-signature/1" LF  RFC 8785 of the facts below
    challenge = SHA-256(signed)

The facts, all text: `kind` (what is done), `subject` (with which agreement version or statement),
`digest` (SHA-256 of the document, 64 hexadecimal digits), `member`, `membership`, `agency`, and `at`
(when the document was shown, UTC with microseconds and a Z). The layout is fixed: accord_verify and
docs/how-to/member-signatures.md say the same.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from accord.kernel.canonical import canonical

DOMAIN = "accord-member-signature/1"
"""INVARIANT: nothing else that a passkey of this node signs begins so; changed only with its number."""


class Signs(StrEnum):
    """What a member's signature does."""

    AGREEMENT = "agreement"
    AGREEMENT_STEP = "agreement-step"
    STATEMENT = "statement"
    CONFIRMATION = "statement-confirmation"
    CUSTODY = "custody"


@dataclass(frozen=True, slots=True)
class ToSign:
    """A document as it was shown to one member at one moment, to be signed by them."""

    kind: Signs
    subject: str
    document: bytes
    member: str
    membership: str
    agency: str
    at: datetime

    @property
    def digest(self) -> str:
        """The SHA-256 of the document, in hexadecimal: what the page shows beside the text."""
        return hashlib.sha256(self.document).hexdigest()

    def signed(self) -> bytes:
        """The bytes whose hash the passkey answers."""
        facts = {
            "agency": self.agency,
            "at": moment(self.at),
            "digest": self.digest,
            "kind": str(self.kind),
            "member": self.member,
            "membership": self.membership,
            "subject": self.subject,
        }
        return DOMAIN.encode() + b"\n" + canonical(facts)

    def challenge(self) -> bytes:
        """What the passkey is asked to answer: 32 bytes."""
        return hashlib.sha256(self.signed()).digest()


def moment(at: datetime) -> str:
    """A moment as it is signed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def key_digest(public_key: bytes) -> str:
    """How the ledger names a public key (COSE): its SHA-256, in hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()
