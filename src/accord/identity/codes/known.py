"""Devices that came in before: a cookie that a guesser elsewhere does not have.

A guesser may use up what strangers may try. Who comes with such a cookie has tries of their own, so
nobody is locked out by others' wrong answers (OWASP, "Device cookies").
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accord.identity.codes.domain import KNOWN_DAYS
from accord.identity.codes.sealing import KNOWN
from accord.identity.rowseal import is_ours, row_mac

MOST_TOKENS = 4
"""Of members who share one browser."""
BETWEEN = "~"


def token(device: UUID, at: datetime) -> str:
    """A token for a browser in which the holder of this code device came in; it names nobody."""
    day, nonce = at.date().toordinal(), secrets.token_hex(8)
    return f"{day}.{nonce}.{_mac(device, day, nonce).hex()}"


def is_known(tokens: Iterable[str], device: UUID, at: datetime) -> bool:
    """Whether one of these tokens was given to a browser of this code device's holder."""
    return any(_holds(text, device, at) for text in tokens)


def _holds(text: str, device: UUID, at: datetime) -> bool:
    day, _, rest = text.partition(".")
    nonce, _, mac = rest.partition(".")
    try:
        given, sent = int(day), bytes.fromhex(mac)
    except ValueError:
        return False
    if not -1 <= at.date().toordinal() - given <= KNOWN_DAYS:
        return False
    return is_ours(sent, KNOWN, device=str(device), day=given, nonce=nonce)


def _mac(device: UUID, day: int, nonce: str) -> bytes:
    return row_mac(KNOWN, device=str(device), day=day, nonce=nonce)


def read(cookie: str) -> tuple[str, ...]:
    """The tokens of a cookie."""
    return tuple(cookie.split(BETWEEN)[:MOST_TOKENS]) if cookie else ()


def joined(new: str, held: Iterable[str]) -> str:
    """A cookie with a new token in front; what was given longest ago is forgotten."""
    return BETWEEN.join((new, *held)[:MOST_TOKENS])
