"""Read one event from its text, strictly: what is not exactly an event is none."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from accord.evidence.custody.domain import (
    EVENT_FORMAT,
    MOST_EVENTS,
    MOST_ITEMS,
    CustodyAct,
    Event,
    Order,
    Other,
    Tool,
    moment,
)
from accord.kernel.errors import InvalidInput

_DIGEST = re.compile(r"[0-9a-f]{64}")
_TEXTS = (
    "exhibit", "exhibit_number", "member", "membership", "agency", "zone", "place", "reason",
)  # fmt: skip
_DIGESTS = ("previous", "before", "after")
_MAYBE_TEXTS = ("seal", "to", "receiver")
_PARTS: dict[str, type[Tool] | type[Other] | type[Order]] = {
    "tool": Tool,
    "derived": Other,
    "source": Other,
    "order": Order,
}
_PART_FIELDS = {Tool: ("name", "version"), Other: ("exhibit", "sha256"),
                Order: ("authority", "number", "sha256")}  # fmt: skip
_WHOLE = ("number", "items")
NAMES = {"format", "act", "at", *_TEXTS, *_DIGESTS, *_MAYBE_TEXTS, *_PARTS, *_WHOLE}


def read_event(text: bytes) -> Event:
    """Return the event that a text is; raises InvalidInput for any other text, however near."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        raise _no("", "is not JSON") from None
    if not isinstance(facts, dict) or set(facts) != NAMES or facts["format"] != EVENT_FORMAT:
        raise _no("", "does not have exactly the names of an event")
    event = _event(facts)
    if event.text() != text:
        raise _no("", "is not in canonical form")
    return event


def _event(facts: dict[str, Any]) -> Event:
    for name in _TEXTS:
        _check(name, isinstance(facts[name], str) and facts[name] != "", "is missing")
    for name in _MAYBE_TEXTS:
        fits = facts[name] is None or (isinstance(facts[name], str) and facts[name] != "")
        _check(name, fits, "is text or absent")
    for name in _DIGESTS:
        _check(name, facts[name] is None or is_digest(facts[name]), "is no SHA-256")
    for name in _WHOLE:
        _check(name, type(facts[name]) is int and facts[name] >= 0, "is no number")
    _check("number", facts["number"] < MOST_EVENTS, "is too large")
    _check("items", facts["items"] <= MOST_ITEMS, "is too large")
    named = [*_TEXTS, *_MAYBE_TEXTS, *_DIGESTS, *_WHOLE]
    return Event(
        act=_act(facts["act"]),
        at=_moment(facts["at"]),
        **{name: _part(name, facts[name]) for name in _PARTS},
        **{name: facts[name] for name in named},
    )


def _act(word: Any) -> CustodyAct:
    try:
        return CustodyAct(word)
    except ValueError:
        raise _no("act", "is none that custody knows") from None


def _moment(text: Any) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        fits = at.utcoffset() is not None and moment(at) == text
    except (TypeError, ValueError, OverflowError):
        fits = False
    _check("at", fits, "is no moment in UTC with microseconds")
    return datetime.fromisoformat(text)


def _part(name: str, facts: Any) -> Any:
    if facts is None:
        return None
    kind = _PARTS[name]
    fields = _PART_FIELDS[kind]
    fits = isinstance(facts, dict) and set(facts) == set(fields)
    _check(name, fits, "does not have exactly its names")
    for field in fields:
        fits = is_digest(facts[field]) if field == "sha256" else _is_text(facts[field])
        _check(name, fits, "is incomplete")
    return kind(**facts)


def is_digest(value: Any) -> bool:
    """Whether a value is a SHA-256 in hexadecimal."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _check(name: str, fits: bool, rule: str) -> None:
    if not fits:
        raise _no(name, rule)


def _no(name: str, rule: str) -> InvalidInput:
    return InvalidInput("event", None, name, rule)
