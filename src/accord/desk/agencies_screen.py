"""How agencies, what they say of themselves and changes of it read on screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accord.agencies.about.domain import COURTS, AboutKind, AgencyChange
from accord.agencies.about.facts import desk_of, places_of
from accord.agencies.about.lines import desk_lines
from accord.agencies.about.screen import next_said
from accord.agencies.domain import AgencyEntry
from accord.agencies.keys import SigningKey
from accord.agencies.places import Place
from accord.desk.members_screen import STATES
from accord.kernel.phrases import joined, phrase
from accord.web.components import Chip, Code, Column, Moment
from accord.web.filters import as_datetime, listing, word_list, words

AGENCIES = (
    Column("name", phrase("Agency")),
    Column("kind", phrase("Kind"), narrow=False),
    Column("territory", phrase("Answers for"), narrow=False),
    Column("offences", phrase("Offences"), narrow=False),
    Column("desk", phrase("Duty desk")),
    Column("next", phrase("Next"), narrow=False),
    Column("phone", phrase("Telephone")),
)
PLACES = (
    Column("name", phrase("Place")),
    Column("code", phrase("Code")),
    Column("scheme", phrase("Published as"), narrow=False),
)
KEYS = (
    Column("key", phrase("Key")),
    Column("since", phrase("Since"), narrow=False),
    Column("until", phrase("Until"), narrow=False),
    Column("how", phrase("Signed by"), narrow=False),
    Column("state", phrase("State")),
)
CHANGES = (
    Column("what", phrase("Kind of change")),
    Column("at", phrase("Proposed")),
    Column("by", phrase("Proposed by"), narrow=False),
    Column("decided", phrase("Decided by"), narrow=False),
    Column("state", phrase("State")),
)
KINDS: Mapping[AboutKind, str] = {
    AboutKind.TERRITORY: phrase("Territory"),
    AboutKind.COMPETENCE: phrase("Competence"),
    AboutKind.DESK: phrase("Duty desk"),
    AboutKind.KEY: phrase("New signing key"),
    AboutKind.REVOKE: phrase("Revoked signing key"),
}
SCHEMES: Mapping[str, str] = {
    "iso-3166-1": phrase("ISO 3166-1, country"),
    "iso-3166-2": phrase("ISO 3166-2, subdivision"),
    "us-fips": phrase("FIPS, state or county of the United States"),
    "us-place": phrase("FIPS, city of the United States"),
}


def agency_row(entry: AgencyEntry, at: datetime, zone: str) -> dict[str, Any]:
    """One agency of the directory."""
    return {
        "href": f"/agencies/{entry.id}",
        "name": entry.name,
        "kind": words(entry.kind),
        "territory": territory_said(entry),
        "offences": word_list(entry.offences) if entry.offences else None,
        "desk": open_chip(entry, at),
        "next": next_said(entry.duty_desk, at, zone) or entry.duty_desk.hours,
        "phone": entry.duty_desk.phone,
    }


def territory_said(entry: AgencyEntry) -> str | None:
    """What an agency answers for, in one line."""
    return listing([p.name for p in entry.territory]) or entry.territory_words or None


def open_chip(entry: AgencyEntry, at: datetime) -> Chip:
    """Whether somebody answers now."""
    if entry.suspended:
        return Chip(phrase("Suspended"), "bad")
    is_open = entry.duty_desk.is_open(at)
    if is_open is None:
        return Chip(phrase("Hours in words"))
    return Chip(phrase("Open now"), "good") if is_open else Chip(phrase("Closed now"), "warn")


def place_rows(places: Sequence[Place]) -> list[dict[str, Any]]:
    """A territory as rows."""
    return [
        {"name": p.name, "code": _code(p), "scheme": SCHEMES.get(p.scheme, p.scheme)}
        for p in places
    ]


def _code(place: Place) -> str:
    if place.within is None:
        return place.code
    return phrase("%(code)s in %(county)s", code=place.code, county=place.within)


def courts_said(courts: Sequence[str]) -> str | None:
    """Levels of courts in one line."""
    return joined([COURTS[c] for c in courts if c in COURTS], ", ") if courts else None


def fingerprint(public: bytes | str) -> str:
    """How a key is told from others by eye: the first sixteen digits of its public half."""
    text = public if isinstance(public, str) else public.hex()
    return f"{text[:8]} {text[8:16]}"


def key_choice(key: SigningKey, zone: str) -> str:
    """A key as one chooses it to revoke it; one that is revoked already says since when."""
    if key.revoked_from is None:
        return fingerprint(key.public)
    since = as_datetime(key.revoked_from, zone)
    return phrase("%(key)s, revoked since %(since)s", key=fingerprint(key.public), since=since)


def key_rows(keys: Sequence[SigningKey], zone: str) -> list[dict[str, Any]]:
    """The keys of an agency, the newest first."""
    return [
        {
            "key": Code(fingerprint(k.public)),
            "since": Moment(k.since, zone) if k.since else phrase("the begin"),
            "until": Moment(k.until, zone) if k.until else None,
            "how": Code(fingerprint(k.predecessor)) if k.predecessor else phrase("the operator"),
            "state": key_chip(k),
        }
        for k in keys
    ]


def key_chip(key: SigningKey) -> Chip:
    """How a key stands."""
    if key.revoked_at is not None:
        return Chip(phrase("Revoked"), "bad", key.reason or None)
    return Chip(phrase("Retired")) if key.retired_at else Chip(phrase("In force"), "good")


def change_rows(
    found: Sequence[AgencyChange], names: Mapping[str, str], zone: str
) -> list[dict[str, Any]]:
    """Changes as rows."""
    return [
        {
            "href": f"/agencies/changes/{c.id}",
            "what": KINDS[c.kind],
            "at": Moment(c.at, zone),
            "by": names.get(c.by, c.by),
            "decided": names.get(c.decided_by or "", c.decided_by),
            "state": Chip(*STATES[c.state]),
        }
        for c in found
    ]


def said_lines(kind: AboutKind, facts: Mapping[str, Any], zone: str) -> list[tuple[str, list[str]]]:
    """What a part of an entry says, as terms with lines: to lay before and after side by side."""
    match kind:
        case AboutKind.TERRITORY:
            places = places_of(facts.get("places", ()))
            found = [f"{_code(p)} {p.name}" for p in places] or [facts.get("words", "")]
            return [(phrase("Answers for"), found)]
        case AboutKind.COMPETENCE:
            return [
                (phrase("Offences"), [words(w) for w in facts.get("offences", ())]),
                (phrase("Courts"), [COURTS.get(c, c) for c in facts.get("courts", ())]),
            ]
        case AboutKind.DESK:
            desk = desk_of(facts, zone)
            lines = desk_lines(desk)
            return [
                (phrase("Name of the duty desk"), [desk.name]),
                (phrase("Telephone"), [desk.phone]),
                (phrase("Hours"), [desk.hours]),
                (phrase("Weekly hours"), lines["weekly"].splitlines()),
                (phrase("Days that differ"), lines["exceptions"].splitlines()),
                (phrase("Escalation"), [desk.escalation]),
            ]
        case AboutKind.KEY:
            return [
                (phrase("New key"), [facts.get("key", "")]),
                (phrase("Signed by"), [facts.get("predecessor", "")]),
            ]
        case AboutKind.REVOKE:
            return [
                (phrase("Key"), [facts.get("key", "")]),
                (phrase("Counts no more since"), [facts.get("since") or ""]),
                (phrase("Why"), [facts.get("reason", "")]),
            ]
