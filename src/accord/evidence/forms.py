"""Read what a form or a program says of an exhibit; every fault is named with its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accord.agreements.context import VOCABULARY_VERSION
from accord.evidence.domain import About, Basis, Collection
from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary

FLAGS = ("minor", "sealed")


class Said(Protocol):
    """What was sent: one text, or the texts of a list."""

    def get(self, key: str, default: str = "", /) -> str | None:
        """The last text of that name."""
        ...

    def getlist(self, key: str, /) -> list[str]:
        """All texts of that name."""
        ...


def about(said: Said) -> About:
    """What it is and whom it concerns; words are checked where the label is made."""
    flags = said.getlist("flag")
    return About(
        kind=_text(said, "kind") or "",
        description=_text(said, "description") or "",
        subjects=frozenset(said.getlist("subject")),
        sensitivity=_text(said, "sensitivity") or "official",
        handling=_text(said, "handling") or "none",
        offence=_text(said, "offence") or "none",
        minor="minor" in flags,
        sealed="sealed" in flags,
    )


def collection(said: Said) -> Collection:
    """How it was collected; raises InvalidInput."""
    zone = _text(said, "zone") or "UTC"
    faults: list[InvalidInput] = []
    at = _moment(_text(said, "collected_at") or "", zone, faults)
    ground = basis(said, faults)
    raise_all(faults)
    if at is None or ground is None:  # each of these left a fault
        raise InvalidInput("exhibit", None, "collected_at", phrase("state when it was collected"))
    return Collection(
        collected_at=at,
        zone=zone,
        collected_by=_text(said, "collected_by") or "",
        basis=ground,
        reference=_text(said, "reference"),
        authority=_text(said, "authority"),
        document=_text(said, "document"),
        collected_from=_text(said, "collected_from"),
        place=_text(said, "place"),
        tool=_text(said, "tool"),
        tool_version=_text(said, "tool_version"),
    )


def basis(said: Said, faults: list[InvalidInput]) -> Basis | None:
    """On which ground; a word that is none is added to the faults."""
    word = _text(said, "basis") or ""
    if word in list(Basis):
        return Basis(word)
    faults.append(InvalidInput("exhibit", None, "basis", phrase("choose on which ground")))
    return None


def _text(said: Said, name: str) -> str | None:
    return (said.get(name, "") or "").strip() or None


def _moment(text: str, zone: str, faults: list[InvalidInput]) -> datetime | None:
    """A day and time as read off the clock of that zone, or an instant with its own offset."""
    try:
        found = datetime.fromisoformat(text)
        where = ZoneInfo(zone)
        at = found if found.tzinfo else found.replace(tzinfo=where)
        at.astimezone(UTC)  # what is kept, and what the first and last days of the calendar lack
    except (ValueError, OverflowError, ZoneInfoNotFoundError, OSError):
        rule = phrase("is a day and a time such as 2026-09-20 15:04, in the zone that you state")
        faults.append(InvalidInput("exhibit", None, "collected_at", rule))
        return None
    return at


def vocabulary_words(dimension: str) -> tuple[str, ...]:
    """The words of one dimension that a form offers."""
    return Vocabulary.load(VOCABULARY_VERSION).words(dimension)


class Listed:
    """What a program sent as JSON, read like a form."""

    def __init__(self, said: Mapping[str, object]) -> None:
        self._said = said

    def get(self, key: str, default: str = "", /) -> str | None:
        value = self._said.get(key)
        return default if value is None else str(value)

    def getlist(self, key: str, /) -> list[str]:
        value = self._said.get(key)
        return [str(v) for v in value] if isinstance(value, list) else []
