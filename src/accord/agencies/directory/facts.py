"""What a change says, read from a form, a row or a message; every fault is told with its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

from accord.agencies.directory.domain import ChangeKind
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary

HANDLE = re.compile(r"[a-z][a-z0-9.-]{0,39}")
COUNTRY = re.compile(r"[A-Z]{2}")
MEMBER = re.compile(r"[a-z][a-z0-9.-]{1,100}")
LONGEST = 200
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
NOT_PLAIN = phrase("must hold no control characters")
COMPUTED = ("=", "+", "-", "@")
"""What a spreadsheet would compute; no name begins so, and none is kept that does."""
Said = Mapping[str, Any]
"""Texts by field; lists of words are sequences."""


def is_plain(text: str) -> bool:
    """Whether a line holds nothing that no text has: control characters, halves of a character."""
    return not any(category(letter) in ("Cc", "Cs") for letter in text)


class Reader:
    """Reads the fields of one change and gathers what is wrong with them."""

    def __init__(self, said: Said, file: str, line: int | None, zone: str = "UTC") -> None:
        self.said, self.file, self.line, self.zone = said, file, line, ZoneInfo(zone)
        self.faults: list[InvalidInput] = []

    def done(self) -> None:
        """Raise what was found, the first fault with the others."""
        raise_all(self.faults)

    def fault(self, field: str, rule: str) -> None:
        self.faults.append(InvalidInput(self.file, self.line, field, rule))

    def line_of(self, field: str, *, least: int = 1) -> str:
        """One line of text."""
        text = " ".join(str(self.said.get(field) or "").split())
        if not least <= len(text) <= LONGEST:
            self.fault(field, phrase("must be 1 to %(most)s characters", most=LONGEST))
        if not is_plain(text):
            self.fault(field, NOT_PLAIN)
        return text

    def text(self, field: str, *, least: int = 1) -> str:
        """One line of text that no spreadsheet would compute."""
        text = self.line_of(field, least=least)
        if text.startswith(COMPUTED):
            self.fault(field, phrase("must not begin with =, +, - or @"))
        return text

    def handle(self, field: str) -> str:
        """What follows the agency's name in the id of a membership."""
        rule = phrase("must be small letters, digits, points and hyphens, as m.alvarez")
        return self.matching(field, HANDLE, rule)

    def country(self, field: str) -> str:
        """A country, by the two letters of ISO 3166-1."""
        return self.matching(field, COUNTRY, phrase("must be two capital letters, as US"))

    def matching(self, field: str, form: re.Pattern[str], rule: str) -> str:
        text = str(self.said.get(field) or "").strip()
        if not form.fullmatch(text):
            self.fault(field, rule)
        return text

    def word(self, field: str, dimension: str) -> str:
        """One word of the vocabulary."""
        text = str(self.said.get(field) or "").strip()
        if text not in Vocabulary.load(NEWEST).words(dimension):
            self.fault(field, phrase("choose one of the list"))
        return text

    def words(self, field: str, dimension: str, *, least: int = 0) -> list[str]:
        """Words of the vocabulary, each once, in its order."""
        given = [str(w).strip() for w in self.several(field)]
        known = Vocabulary.load(NEWEST).words(dimension)
        if len(given) < least or any(w not in known for w in given):
            self.fault(field, phrase("choose one of the list"))
        return [w for w in known if w in given]

    def several(self, field: str) -> Sequence[Any]:
        """A list, whatever is in it."""
        given = self.said.get(field) or ()
        if isinstance(given, list | tuple):
            return given
        self.fault(field, phrase("must be a list"))
        return ()

    def level(self, field: str) -> int:
        """An assurance level, 1 to 3."""
        text = str(self.said.get(field) or "").strip()
        if text not in ("1", "2", "3"):
            self.fault(field, phrase("must be 1, 2 or 3"))
            return 0
        return int(text)

    def day(self, field: str) -> date:
        """A day, in any form of ISO 8601."""
        text = str(self.said.get(field) or "").strip()
        try:
            found = date.fromisoformat(text)
        except ValueError:
            self.fault(field, phrase("write a day as year-month-day, for example 2027-02-28"))
            return date.min
        return self.within(field, found)

    def within(self, field: str, found: date) -> date:
        """A day far enough from both ends of the calendar to be counted with in every zone."""
        if not EARLIEST <= found <= LATEST:
            rule = phrase(
                "must be of the years %(first)s to %(last)s", first=EARLIEST.year, last=LATEST.year
            )
            self.fault(field, rule)
            return EARLIEST
        return found

    def end(self, field: str) -> str | None:
        """A moment to come, at which something ends by itself; None where nothing is said."""
        found = self.moment(field)
        if found is not None and datetime.fromisoformat(found) <= now():
            self.fault(field, phrase("must be a day to come"))
        return found

    def moment(self, field: str) -> str | None:
        """The end of a day where the agency is, or a moment; None where nothing is said."""
        text = str(self.said.get(field) or "").strip()
        if not text:
            return None
        try:
            found = _day_or_moment(text, self.zone)
        except ValueError:
            self.fault(field, phrase("write a day as year-month-day, for example 2027-02-28"))
            return None
        if found.tzinfo is None:
            self.fault(field, phrase("a moment needs its zone"))
            return None
        if self.within(field, found.date()) != found.date():
            return None
        return found.astimezone(UTC).isoformat()


def _day_or_moment(text: str, zone: ZoneInfo) -> datetime:
    """The end of a day in a zone, or a moment; raises ValueError for what is neither."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)
    return datetime.combine(day, time.max, zone)


def read_facts(
    kind: ChangeKind, said: Said, *, zone: str, file: str = "change", line: int | None = None
) -> dict[str, Any]:
    """Return what a change of this kind says, as it is kept; raises InvalidInput with every fault.

    `zone` is the agency's, in which a day ends.
    """
    reader = Reader(said, file, line, zone)
    found = _READ[kind](reader)
    reader.done()
    return found


def _join(read: Reader) -> dict[str, Any]:
    return {
        "handle": read.handle("handle"),
        "member": _member(read),
        "name": read.text("name"),
        "nationality": read.country("nationality"),
        "title": read.text("title", least=0),
        "roles": read.words("roles", "role", least=1),
        "clearance": read.word("clearance", "clearance"),
        "assurance": read.level("assurance"),
        "until": read.end("until"),
    }


def _member(read: Reader) -> str | None:
    """Of somebody whom the node knows from another agency, who it is."""
    if not read.said.get("member"):
        return None
    return read.matching("member", MEMBER, phrase("must be the id of a person of this node"))


def _role(read: Reader) -> dict[str, Any]:
    found = {"add": read.words("add", "role"), "remove": read.words("remove", "role")}
    if (not found["add"] and not found["remove"]) or set(found["add"]) & set(found["remove"]):
        read.fault("add", phrase("choose what is added and what is removed, each role once"))
    return found | _until(read)


def _until(read: Reader) -> dict[str, Any]:
    """When what is given ends by itself; without it, it does not."""
    until = read.end("until")
    return {"until": until} if until else {}


def _training(read: Reader) -> dict[str, Any]:
    training = read.word("training", "training")
    issued, until = read.day("issued_on"), read.day("valid_until")
    if until < issued:
        read.fault("valid_until", phrase("must not be before the day of issue"))
    return {
        "training": training,
        "issued_on": issued.isoformat(),
        "valid_until": until.isoformat(),
    }


def _nothing(read: Reader) -> dict[str, Any]:
    del read
    return {}


_READ: Mapping[ChangeKind, Callable[[Reader], dict[str, Any]]] = {
    ChangeKind.JOIN: _join,
    ChangeKind.ROLE: _role,
    ChangeKind.CLEARANCE: lambda read: {"to": read.word("to", "clearance"), **_until(read)},
    ChangeKind.ASSURANCE: lambda read: {"to": read.level("to"), **_until(read)},
    ChangeKind.NATIONALITY: lambda read: {"to": read.country("to"), **_until(read)},
    ChangeKind.TRAINING: _training,
    ChangeKind.LEAVE: lambda read: {"at": read.moment("at")},
    ChangeKind.SUSPEND: _nothing,
    ChangeKind.RESUME: _nothing,
    ChangeKind.ENROLMENT: _nothing,
    ChangeKind.REVIEW: _nothing,
}


def removed_by(kind: ChangeKind, facts: Mapping[str, Any]) -> Sequence[str]:
    """The roles that a change takes away, or lets end."""
    if kind is not ChangeKind.ROLE:
        return ()
    return (*facts["remove"], *(facts["add"] if facts.get("until") else ()))
