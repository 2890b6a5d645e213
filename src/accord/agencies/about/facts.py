"""What an agency says of itself, read from a form, a message or a file; every fault has its field.

What is kept is plain JSON: {"places": [...]}, {"offences": [...], "courts": [...]} and the duty desk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from accord.agencies.about.domain import COURTS, AboutKind
from accord.agencies.about.said import hours_said, ladder_said
from accord.agencies.directory.facts import LONGEST, NOT_PLAIN, Reader, is_plain
from accord.agencies.domain import DutyDesk, Rung
from accord.agencies.hours import (
    A_DAY,
    DAYS,
    Different,
    Hours,
    Shift,
    Weekly,
    overlap,
    overlap_of_day,
)
from accord.agencies.places import EXAMPLES, FORMS, Place, Scheme, is_known
from accord.kernel.clock import now
from accord.kernel.jsontext import read_json
from accord.kernel.phrases import phrase
from accord.kernel.signatures import KEY_BYTES, SIGNATURE_BYTES
from accord.kernel.vocabulary import NEWEST, Vocabulary

MOST = 200
MOST_RUNGS = 10
MOST_CHARS = 100_000
"""Of one part as it is kept; the database takes no more."""
A_DAY_MIN = 24 * 60
CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
PHONE = re.compile(r"\+[1-9][0-9 -]{5,24}")
Said = Mapping[str, Any]


def read_about(
    kind: AboutKind, said: Said, *, file: str = "change", line: int | None = None
) -> dict[str, Any]:
    """Return one part of an agency's entry as it is kept; raises InvalidInput with every fault."""
    reader = Reader(said, file, line)
    found = READ[kind](reader)
    reader.done()
    if len(json.dumps(found, ensure_ascii=False)) > MOST_CHARS:
        field = "territory" if kind is AboutKind.TERRITORY else "exceptions"
        reader.fault(field, phrase("is too long altogether; shorten names and notes"))
    reader.done()
    return found


def territory(read: Reader) -> dict[str, Any]:
    """The places that an agency answers for."""
    given = _list(read, "territory", MOST)
    places = [_place(read, n, one) for n, one in enumerate(given, 1)]
    codes = [(p["scheme"], p["code"]) for p in places]
    for n, code in enumerate(codes, 1):
        if code in codes[: n - 1]:
            _fault(read, "territory", n, phrase("is there already"))
    return {"places": places}


def _place(read: Reader, number: int, one: Said) -> dict[str, Any]:
    scheme, code = str(one.get("scheme", "")), str(one.get("code", "")).strip()
    within = str(one.get("within") or "").strip() or None
    name = " ".join(str(one.get("name", "")).split())
    if scheme not in set(Scheme):
        known = ", ".join(Scheme)
        _fault(read, "territory", number, phrase("the scheme is one of %(known)s", known=known))
    elif not FORMS[Scheme(scheme)].fullmatch(code):
        form = EXAMPLES[Scheme(scheme)]
        rule = phrase("a code of %(scheme)s looks like %(form)s", scheme=scheme, form=form)
        _fault(read, "territory", number, rule)
    elif not is_known(scheme, code):
        rule = phrase("%(scheme)s has no code %(code)s", scheme=scheme, code=code)
        _fault(read, "territory", number, rule)
    if within is not None and not _is_county_of(scheme, code, within):
        rule = phrase("only a city lies in a county, by its five digits, of the same state")
        _fault(read, "territory", number, rule)
    if not 1 <= len(name) <= LONGEST or not is_plain(name):
        _fault(read, "territory", number, phrase("needs a plain name"))
    found = {"scheme": scheme, "code": code, "name": name}
    return found | ({"within": within} if within else {})


def _is_county_of(scheme: str, code: str, within: str) -> bool:
    fits = len(within) == 5 and is_known(Scheme.FIPS, within)
    return scheme == Scheme.CITY and fits and code[:2] == within[:2]


def competence(read: Reader) -> dict[str, Any]:
    """What an agency may act on: offence groups of the vocabulary, and levels of courts."""
    found = [w for w in read.words("offences", "offence") if w != "none"]
    courts = [str(c) for c in read.several("courts")]
    if any(c not in COURTS for c in courts):
        read.fault("courts", phrase("choose one of the list"))
    return {"offences": found, "courts": [c for c in COURTS if c in courts]}


def duty_desk(read: Reader) -> dict[str, Any]:
    """Who answers and when; hours as facts, or in words where they stand so today."""
    weekly = [_weekly(read, n, w) for n, w in enumerate(_list(read, "weekly", MOST), 1)]
    different = [_different(read, n, d) for n, d in enumerate(_list(read, "exceptions", MOST), 1)]
    ladder = [_rung(read, n, r) for n, r in enumerate(_list(read, "ladder", MOST_RUNGS), 1)]
    found = {
        "name": read.line_of("name"),
        "phone": _phone(read, "phone", str(read.said.get("phone", ""))),
        "hours": read.line_of("hours", least=0 if weekly else 1),
        "escalation": read.line_of("escalation", least=0 if ladder else 1),
        "weekly": weekly,
        "exceptions": different,
        "ladder": ladder,
    }
    if not read.faults:
        _check_together(read, found)
    return found


def _check_together(read: Reader, found: Said) -> None:
    hours = hours_of(found, "UTC")
    if hours is not None and overlap(hours.weekly):
        read.fault("weekly", phrase("two of these hours overlap"))
    day = overlap_of_day(hours.different) if hours is not None else None
    if day is not None:
        rule = phrase("%(day)s is said twice, and not the same", day=day.isoformat())
        read.fault("exceptions", rule)
    if found["exceptions"] and hours is None:
        read.fault("weekly", phrase("days that differ need the hours of the week"))
    after = [rung["after_min"] for rung in found["ladder"]]
    if after != sorted(set(after)):
        read.fault("ladder", phrase("each is called later than the one before"))


def _weekly(read: Reader, number: int, one: Said) -> dict[str, Any]:
    given = one.get("days")
    days = [str(d) for d in given] if isinstance(given, list | tuple) else []
    if not days or any(d not in DAYS for d in days) or len(set(days)) != len(days):
        rule = phrase("days are some of %(days)s, each once", days=", ".join(DAYS))
        _fault(read, "weekly", number, rule)
    return {"days": [d for d in DAYS if d in days], **_shift(read, "weekly", number, one)}


def _different(read: Reader, number: int, one: Said) -> dict[str, Any]:
    found = {
        "day": _day(read, number, str(one.get("day", ""))),
        "why": " ".join(str(one.get("why") or "").split())[:LONGEST],
    }
    if not is_plain(found["why"]):
        _fault(read, "exceptions", number, NOT_PLAIN)
    if one.get("opens") or one.get("closes"):
        found |= _shift(read, "exceptions", number, one)
    return found


def _day(read: Reader, number: int, text: str) -> str:
    """A day as it is kept, however ISO 8601 lets it be written."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        rule = phrase("write a day as year-month-day, for example 2027-02-28")
        _fault(read, "exceptions", number, rule)
        return text
    before = len(read.faults)
    found = read.within("exceptions", found)
    for fault in read.faults[before:]:
        fault.line = number
    return found.isoformat()


def _shift(read: Reader, field: str, number: int, one: Said) -> dict[str, str]:
    opens, closes = str(one.get("opens", "")), str(one.get("closes", ""))
    if not CLOCK.fullmatch(opens) or not CLOCK.fullmatch(closes) or opens in (closes, "24:00"):
        _fault(read, field, number, phrase("hours are written as 08:00 to 18:00"))
    return {"opens": opens, "closes": closes}


def _rung(read: Reader, number: int, one: Said) -> dict[str, Any]:
    name = " ".join(str(one.get("name", "")).split())
    if not 1 <= len(name) <= LONGEST or not is_plain(name):
        _fault(read, "ladder", number, phrase("needs the name of whoever is called"))
    try:
        after = int(one.get("after_min", -1))
    except (TypeError, ValueError, OverflowError):
        after = -1
    if not 0 < after <= A_DAY_MIN:
        rule = phrase("the minutes after which they are called are 1 to %(most)s", most=A_DAY_MIN)
        _fault(read, "ladder", number, rule)
    return {
        "name": name,
        "phone": _phone(read, "ladder", str(one.get("phone", "")), number),
        "after_min": after,
    }


def _phone(read: Reader, field: str, said: str, number: int | None = None) -> str:
    text = " ".join(said.split())
    if not PHONE.fullmatch(text):
        rule = phrase("must be a telephone number with its country, as +1-312-555-0110")
        read.fault(field, rule) if number is None else _fault(read, field, number, rule)
    return text


def _list(read: Reader, field: str, most: int) -> Sequence[Said]:
    given = read.several(field)
    if not all(isinstance(one, Mapping) for one in given):
        read.fault(field, phrase("must be a list"))
        return ()
    if len(given) > most:
        read.fault(field, phrase("must be %(most)s at most", most=most))
    return list(given)[:most]


def _fault(read: Reader, field: str, number: int, rule: str) -> None:
    """A fault of one of a list, which is its line where a form has one thing a line."""
    read.fault(field, phrase("number %(number)s: %(rule)s", number=number, rule=rule))
    read.faults[-1].line = number


def successor(read: Reader) -> dict[str, Any]:
    """A new key with the old one's signature over it, as `accord agency-key-successor` prints them."""
    given = read.said.get("successor")
    if isinstance(given, str):
        try:
            given = read_json(given or "{}")
        except ValueError:
            read.fault("successor", phrase("is not what accord agency-key-successor prints"))
            return {}
    said = given if isinstance(given, Mapping) else {}
    return {
        "predecessor": _hex(read, said, "predecessor", KEY_BYTES),
        "key": _hex(read, said, "key", KEY_BYTES),
        "signature": _hex(read, said, "signature", SIGNATURE_BYTES),
        "proof": _hex(read, said, "proof", SIGNATURE_BYTES),
    }


def _hex(read: Reader, said: Said, name: str, size: int) -> str:
    text = str(said.get(name, "")).strip().lower()
    if not re.fullmatch(r"[0-9a-f]*", text) or len(text) != 2 * size:
        rule = phrase("%(name)s must be %(size)s bytes, in hexadecimal", name=name, size=size)
        read.fault("successor", rule)
    return text


def revocation(read: Reader) -> dict[str, Any]:
    """Which key others have, since when, and why; without a moment, from now on."""
    key = str(read.said.get("key", "")).strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", key):
        read.fault("key", phrase("choose one of the list"))
    since = str(read.said.get("since") or "").strip()
    return {
        "key": key,
        "since": _moment(read, since) if since else None,
        "reason": read.line_of("reason"),
    }


def _moment(read: Reader, text: str) -> str | None:
    """A moment that is over, in UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        rule = phrase("must be a moment with its zone, as 2026-11-30T08:15:00-06:00")
        read.fault("since", rule)
        return None
    if read.within("since", found.date()) != found.date():
        return None
    if found > now():
        read.fault("since", phrase("must not be to come"))
    return found.astimezone(UTC).isoformat()


READ: Mapping[AboutKind, Callable[[Reader], dict[str, Any]]] = {
    AboutKind.TERRITORY: territory,
    AboutKind.COMPETENCE: competence,
    AboutKind.DESK: duty_desk,
    AboutKind.KEY: successor,
    AboutKind.REVOKE: revocation,
}


# -- as it is kept, back to values -----------------------------------------------------------------


def places_of(kept: Sequence[Said]) -> tuple[Place, ...]:
    """The places of a territory."""
    return tuple(Place(p["scheme"], p["code"], p["name"], p.get("within")) for p in kept)


def hours_of(kept: Said, zone: str) -> Hours | None:
    """The hours of a desk; None where they are words alone."""
    if not kept.get("weekly"):
        return None
    return Hours(
        zone,
        tuple(Weekly(tuple(w["days"]), _span(w)) for w in kept["weekly"]),
        tuple(
            Different(date.fromisoformat(d["day"]), _span(d) if d.get("opens") else None, d["why"])
            for d in kept.get("exceptions", ())
        ),
    )


def _span(kept: Said) -> Shift:
    return Shift(_minutes(kept["opens"]), _minutes(kept["closes"]))


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return min(int(hour) * 60 + int(minute), A_DAY)


def desk_of(kept: Said, zone: str) -> DutyDesk:
    """A duty desk; what stands only as facts is said in words too."""
    when = hours_of(kept, zone)
    ladder = tuple(
        Rung(r["name"], r["phone"], r["after_min"]) for r in kept.get("ladder", ())
    )  # fmt: skip
    return DutyDesk(
        name=kept["name"],
        phone=kept["phone"],
        hours=kept.get("hours") or (hours_said(when) if when else ""),
        escalation=kept.get("escalation") or ladder_said(ladder),
        when=when,
        ladder=ladder,
    )


def offence_words() -> tuple[str, ...]:
    """Offence groups that an agency may be competent for."""
    return tuple(w for w in Vocabulary.load(NEWEST).words("offence") if w != "none")
