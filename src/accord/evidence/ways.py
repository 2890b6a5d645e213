"""Ways of deriving as plain data: read from forms and programs, kept, and said in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, assert_never

from accord.evidence.reading.deriving import LONGEST_MS, MOST_DPI, WHOLE, name_of
from accord.evidence.reading.kinds import Family, Kind
from accord.evidence.reading.results import (
    Area,
    Clip,
    Copy,
    Extraction,
    Redaction,
    Way,
)
from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import counted, phrase

DERIVATION = "derivation"
WAYS = ("redaction", "clip", "extraction", "copy")
MOST_AREAS = 500
LEAST_DPI = 72
_SIDES = ("page", "left", "top", "width", "height")
_REDACTABLE = frozenset({Family.PICTURE, Family.PDF})
_CLIPPABLE = frozenset({Family.SOUND, Family.FILM})
_HOLDS_FILES = frozenset({Family.MAIL, Family.PDF, Family.OFFICE, Family.SHEET, Family.ARCHIVE})


def fits(kind: Kind | None) -> tuple[str, ...]:
    """Which ways a file of this kind admits; a copy of anything."""
    if kind is None:
        return ("copy",)
    ways = []
    if kind.family in _REDACTABLE:
        ways.append("redaction")
    if kind.family in _CLIPPABLE:
        ways.append("clip")
    if kind.family in _HOLDS_FILES:
        ways.append("extraction")
    return (*ways, "copy")


def way_of(said: Mapping[str, Any]) -> Way:
    """The way that plain data names; raises InvalidInput with every fault and its field."""
    match said.get("way"):
        case "redaction":
            return _redaction(said)
        case "clip":
            return _clip(said)
        case "extraction":
            return Extraction(_whole(said, "attachment", 0, 100_000))
        case "copy":
            return Copy()
    rule = phrase("is one of %(ways)s", ways=", ".join(WAYS))
    raise InvalidInput(DERIVATION, None, "way", rule)


def _redaction(said: Mapping[str, Any]) -> Redaction:
    listed = said.get("areas")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AREAS:
        rule = phrase("draw from 1 to %(most)s areas", most=MOST_AREAS)
        raise InvalidInput(DERIVATION, None, "areas", rule)
    faults: list[InvalidInput] = []
    areas = [_area(one, number, faults) for number, one in enumerate(listed, 1)]
    raise_all(faults)
    dpi = _whole(said, "dpi", LEAST_DPI, MOST_DPI) if said.get("dpi") is not None else 150
    return Redaction(tuple(a for a in areas if a), dpi)


def _area(one: Any, number: int, faults: list[InvalidInput]) -> Area | None:
    found = [one.get(side) for side in _SIDES] if isinstance(one, Mapping) else []
    sides = [side for side in found if type(side) is int]
    if len(sides) == len(_SIDES):
        page, left, top, width, height = sides
        inside = page >= 1 and min(left, top) >= 0 and min(width, height) >= 1
        if inside and left + width <= WHOLE and top + height <= WHOLE:
            return Area(left, top, width, height, page)
    rule = phrase(
        "area %(number)s is a page and four whole numbers within 0 to 10,000: left, top, width, height",
        number=number,
    )
    faults.append(InvalidInput(DERIVATION, None, "areas", rule))
    return None


def _clip(said: Mapping[str, Any]) -> Clip:
    start = _whole(said, "start_ms", 0, LONGEST_MS)
    end = _whole(said, "end_ms", 0, LONGEST_MS)
    if end <= start:
        raise InvalidInput(DERIVATION, None, "end_ms", phrase("must be later than where it begins"))
    return Clip(start, end)


def _whole(said: Mapping[str, Any], field: str, least: int, most: int) -> int:
    value = said.get(field)
    if type(value) is not int or not least <= value <= most:
        rule = phrase("is a whole number from %(least)s to %(most)s", least=least, most=most)
        raise InvalidInput(DERIVATION, None, field, rule)
    return value


@dataclass(frozen=True)
class Result:
    """What the made file is called, and of which media type."""

    file_name: str
    media_type: str


def result_of(
    way: Way,
    source_number: str,
    source_name: str,
    inside: str | None,
    kind: Kind,
    *,
    is_laxer: bool,
) -> Result:
    """The name of what was made: the source's, and what was done; `inside` names a part taken out.

    A file name can say whom the labels protect, or whom the areas of a redaction cover. So a redaction,
    and whatever is labelled less strictly than its source (`is_laxer`), has the source's number for a
    name, and the ending of its own kind.
    """
    made = f".{kind.endings[0]}" if kind.endings else ""
    if is_laxer or isinstance(way, Redaction):
        name = f"{source_number.replace('/', '-')}-{_done(way)}{made}"
    else:
        name = _after(way, source_name, inside, made)
    return Result(name[-200:], kind.media_type)


def _done(way: Way) -> str:
    """What was done, in one word of a file name."""
    match way:
        case Redaction():
            return "redacted"
        case Clip():
            return "clip"
        case Extraction():
            return f"part-{way.attachment}" if way.attachment else "text"
        case Copy():
            return "copy"
        case _:
            assert_never(way)


def _after(way: Clip | Extraction | Copy, source_name: str, inside: str | None, made: str) -> str:
    """A name after that of the source, or of the part that was taken out."""
    path = PurePosixPath(source_name.replace("\\", "/"))
    stem = path.stem or "file"
    match way:
        case Clip():
            return f"{stem}-clip{made or path.suffix}"
        case Extraction():
            return inside or f"{stem}-text.txt"
        case Copy():
            return path.name or "file"
        case _:
            assert_never(way)


def words(way: Way) -> str:
    """What was done, in a sentence."""
    match way:
        case Redaction():
            number = len(way.areas)
            return counted(number, "%(count)s area blackened", "%(count)s areas blackened")
        case Clip():
            return phrase(
                "The stretch from %(start)s to %(end)s",
                start=clock(way.start_ms),
                end=clock(way.end_ms),
            )
        case Extraction():
            if way.attachment == 0:
                return phrase("All its text")
            return phrase("The file inside with number %(number)s", number=way.attachment)
        case Copy():
            return phrase("The same bytes again")
        case _:
            assert_never(way)


def clock(ms: int) -> str:
    """A moment of a recording: `0:01:07.250`."""
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}.{rest:03}"


def moment_ms(text: str) -> int | None:
    """The milliseconds that a person wrote as `67`, `1:07` or `0:01:07.25`; None for anything else."""
    whole, _, rest = text.strip().partition(".")
    steps = whole.split(":")
    if not 1 <= len(steps) <= 3 or not all(
        s.isascii() and s.isdigit() and len(s) < 6 for s in steps
    ):
        return None
    if rest and not (rest.isascii() and rest.isdigit() and len(rest) <= 3):
        return None
    if any(int(step) > 59 for step in steps[1:]):
        return None
    seconds = 0
    for step in steps:
        seconds = seconds * 60 + int(step)
    return seconds * 1000 + int(rest.ljust(3, "0") if rest else 0)


NAMES: Mapping[str, str] = {
    "redaction": phrase("Redaction"),
    "clip": phrase("Clip"),
    "extraction": phrase("Extraction"),
    "copy": phrase("Copy"),
}


def name(way: Way) -> str:
    """What the way is called on a page."""
    return NAMES[name_of(way)]
