"""Template filters: how times, numbers and references read on screen. All return plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers

from accord.kernel.languages import day_in, list_in
from accord.kernel.phrases import (
    Phrase,
    counted,
    headed,
    joined,
    phrase,
    remakes,
    thousands,
    told,
)
from accord.web.squarecode import square_code

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ACRONYMS = {"mou": "MOU", "dna": "DNA", "id": "ID", "vin": "VIN", "cjis": "CJIS", "api": "API"}
_UNITS = (
    ("%(count)s day", "%(count)s days", 86_400),
    ("%(count)s hour", "%(count)s hours", 3_600),
    ("%(count)s minute", "%(count)s minutes", 60),
    ("%(count)s second", "%(count)s seconds", 1),
)
_PERIOD = re.compile(
    r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$"
)
_PERIOD_NAMES = (
    ("%(count)s year", "%(count)s years"),
    ("%(count)s month", "%(count)s months"),
    ("%(count)s week", "%(count)s weeks"),
    *((one, many) for one, many, _ in _UNITS),
)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LINK = re.compile(r"^(?:/(?![/\\])|[#?]|https?://|tel:\+?\d|mailto:)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"^(?:(?:data|aria|hx)-[a-z-]+|[a-z]+)$")


def in_zone(value: datetime, zone: str) -> datetime:
    """An aware time in another zone; a naive time is a mistake in the caller."""
    if value.tzinfo is None:
        raise ValueError("a time on screen needs a zone; this one is naive")
    return value.astimezone(ZoneInfo(zone))


def as_date(value: date | datetime, zone: str = "UTC") -> Phrase:
    """A day, as 3 Mar 2026."""
    day = in_zone(value, zone).date() if isinstance(value, datetime) else value
    english = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return Phrase(english, lambda code: day_in(day, code), ("day", day.isoformat()))


@remakes("day")
def _day_again(day: str) -> Phrase:
    return as_date(date.fromisoformat(day))


def as_time(value: datetime, zone: str) -> str:
    """A time of day with its zone, as 14:05 CST."""
    local = in_zone(value, zone)
    return f"{local:%H:%M} {local.tzname()}"


def as_datetime(value: datetime, zone: str) -> Phrase:
    """A day and a time with its zone, as 3 Mar 2026, 14:05 CST."""
    return phrase("%(day)s, %(time)s", day=as_date(value, zone), time=as_time(value, zone))


def iso(value: date | datetime) -> str:
    """The machine form, for the datetime attribute."""
    if isinstance(value, datetime):
        return in_zone(value, "UTC").strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def named(text: str, names: Mapping[str, str]) -> str:
    """A sentence with each id that stands in it as a word of its own read as its name."""
    return _ID.sub(lambda found: names.get(found[0], found[0]), text)


def pluralise(count: int, one: str, many: str | None = None) -> Phrase:
    """A number with its noun: 1 hit, 1,204 hits. The message is `%(count)s hit`."""
    return counted(count, f"%(count)s {one}", f"%(count)s {many or one + 's'}")


def duration(value: timedelta) -> Phrase:
    """A length of time in its two largest units: 3 days 4 hours."""
    seconds = abs(int(value.total_seconds()))
    parts: list[str] = []
    for one, many, size in _UNITS:
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(counted(amount, one, many))
        elif parts:
            break
    return joined(parts[:2] or [counted(0, *_UNITS[-1][:2])], " ")


def period(value: str) -> Phrase:
    """An ISO 8601 period in words: P1Y is 1 year."""
    match = _PERIOD.match(value)
    if match is None or not any(match.groups()):
        raise ValueError(f"{value!r} is not an ISO 8601 period")
    pairs = zip(match.groups(), _PERIOD_NAMES, strict=True)
    return joined([counted(int(n), *forms) for n, forms in pairs if n], " ")


def relative(value: datetime, now: datetime) -> Phrase:
    """A time as seen from now, in its largest unit: 3 hours ago, in 2 days."""
    seconds = int((value - now).total_seconds())
    if abs(seconds) < 60:
        return phrase("just now") if seconds <= 0 else phrase("in under a minute")
    one, many, size = next(unit for unit in _UNITS if abs(seconds) >= unit[2])
    length = counted(abs(seconds) // size, one, many)
    return (
        phrase("in %(length)s", length=length)
        if seconds > 0
        else phrase("%(length)s ago", length=length)
    )


def phone(value: str) -> str:
    """A telephone number as people read it; what does not parse is shown as it was written."""
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def initials(name: str) -> str:
    """Up to two initials of a name."""
    words = [w for w in re.split(r"[\s.\-]+", name) if w]
    picked = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(w[0] for w in picked).upper()


@remakes("words")
def words(slug: str) -> Phrase:
    """A vocabulary word as text: human-trafficking is Human trafficking."""
    if isinstance(slug, Phrase):
        return Phrase(_worded(slug), lambda code: headed(slug.in_language(code)), ("words", slug))
    return phrase(_worded(slug))


@remakes("word_list")
def word_list(slugs: Sequence[str]) -> Phrase:
    """Vocabulary words one after another: Records custodian, supervisor."""
    kept = [words(s) if n == 0 else words(s).lower() for n, s in enumerate(slugs)]
    between = {"ar": "، "}
    return Phrase(
        _worded(", ".join(slugs)) if slugs else "",
        lambda code: between.get(code, ", ").join(k.in_language(code) for k in kept),
        ("word_list", tuple(slugs)),
    )


def _worded(slug: str) -> str:
    first, *rest = re.split(r"[-_]", slug)
    head = ACRONYMS.get(first.lower(), headed(first))
    return " ".join([head, *(ACRONYMS.get(w.lower(), w) for w in rest)])


def slug(text: str) -> str:
    """Text as an id fragment."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


@remakes("listing")
def listing(items: Sequence[str], word: str = "and") -> Phrase:
    """A list in a sentence: a, b and c."""
    kept = list(items)
    english = "".join(kept) if len(kept) < 2 else f"{', '.join(kept[:-1])} {word} {kept[-1]}"
    style = "or" if word == "or" else "standard"
    return Phrase(
        english,
        lambda code: list_in([str(told(i, code)) for i in kept], code, style),
        ("listing", kept, word),
    )


def short(value: str, size: int = 12) -> str:
    """The head of a hash or handle."""
    return value if len(value) <= size else value[:size] + "…"


def href(value: str) -> str:
    """A link target; refuses schemes that run code and addresses that leave this host unmarked."""
    if not _LINK.match(value):
        raise ValueError(f"{value[:40]!r} is not a link that a page may carry")
    return value


def attribute(name: str) -> str:
    """An attribute name; refuses those that carry script or style."""
    if not _ATTRIBUTE.match(name) or name == "style" or name.startswith(("on", "hx-on")):
        raise ValueError(f"{name[:40]!r} is not an attribute that a page may carry")
    return name


FILTERS = {
    "word_list": word_list,
    "date": as_date,
    "time": as_time,
    "datetime": as_datetime,
    "iso": iso,
    "relative": relative,
    "duration": duration,
    "period": period,
    "named": named,
    "pluralise": pluralise,
    "phone": phone,
    "initials": initials,
    "words": words,
    "slug": slug,
    "listing": listing,
    "short": short,
    "number": thousands,
    "href": href,
    "attribute": attribute,
    "square_code": square_code,
}
