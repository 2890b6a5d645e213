"""One-time codes after RFC 6238 (SHA-1, six digits, 30 seconds) and RFC 4226 below it."""

from __future__ import annotations

import hmac
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from accord.identity.codes.domain import DIGITS, SLACK_STEPS, STEP_S

ISSUER = "Accord"


def step_at(at: datetime) -> int:
    """The number of the 30 seconds that a moment of the node's clock is in."""
    return int(at.timestamp()) // STEP_S


def code_at(secret: bytes, step: int) -> str:
    """The code of one step."""
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()  # noqa: S303 - RFC 6238, as apps have it


def step_of(secret: bytes, code: str, at: datetime, last: int) -> int | None:
    """Return the step that a code is of; None for a wrong one, and for one not after `last`.

    Every step of the window is compared, so that the time tells nothing.
    """
    said, found = code.encode(), None
    for step in range(step_at(at) - SLACK_STEPS, step_at(at) + SLACK_STEPS + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), said)
        if same and step > last:
            found = step
    return found


def typed_code(text: str) -> str:
    """A code as it was typed, without the gap that apps show in it."""
    return "".join(text.split())


def provisioning_uri(secret: bytes, account: str) -> str:
    """The `otpauth:` address that authenticator apps take a secret from."""
    totp = TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303 - RFC 6238, as apps have it
    return totp.get_provisioning_uri(account, ISSUER)
