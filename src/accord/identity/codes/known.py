"""Devices that came in before: a cookie that a guesser elsewhere does not have.

A guesser may use up what strangers may try. Who comes with such a cookie has tries of their own, so
nobody is locked out by others' wrong answers (OWASP, "Device cookies").
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accord.identity.codes.domain import KNOWN_DAYS
from accord.identity.codes.sealing import KNOWN
from accord.identity.rowseal import is_ours, row_mac

MOST_TOKENS = 8
"""Of members who share one browser."""
BETWEEN = "~"


def token(device: UUID, place: UUID, at: datetime) -> str:
    """A token for a browser (`place`) in which the holder of this code device came in; names nobody."""
    day = at.date().toordinal()
    return f"{day}.{place.hex}.{_mac(device, place, day).hex()}"


def place_of(tokens: Iterable[str], device: UUID, at: datetime) -> UUID | None:
    """Which browser of this code device's holder one of these tokens was given to; None for none."""
    return next((found for text in tokens if (found := _held(text, device, at))), None)


def _held(text: str, device: UUID, at: datetime) -> UUID | None:
    day, place, mac = _parts(text)
    if place is None or not -1 <= at.date().toordinal() - day <= KNOWN_DAYS:
        return None
    ours = is_ours(mac, KNOWN, device=str(device), day=day, place=str(place))
    return place if ours else None


def claimed(text: str) -> UUID | None:
    """The browser that a token names, whether it is ours or not."""
    return _parts(text)[1]


def _parts(text: str) -> tuple[int, UUID | None, bytes]:
    try:
        day, place, mac = text.split(".")
        return int(day), UUID(place), bytes.fromhex(mac)
    except ValueError:
        return 0, None, b""


def _mac(device: UUID, place: UUID, day: int) -> bytes:
    return row_mac(KNOWN, device=str(device), day=day, place=str(place))


def read(cookie: str) -> tuple[str, ...]:
    """The tokens of a cookie."""
    return tuple(cookie.split(BETWEEN)[:MOST_TOKENS]) if cookie else ()


def joined(new: str, held: Iterable[str]) -> str:
    """A cookie with a new token in front; what was given longest ago is forgotten."""
    return BETWEEN.join((new, *held)[:MOST_TOKENS])
