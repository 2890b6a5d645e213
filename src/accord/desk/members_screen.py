"""How members, changes and reviews read on screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accord.agencies.directory.domain import (
    SOON,
    AttestedFact,
    Change,
    ChangeKind,
    ChangeState,
    MemberEntry,
)
from accord.kernel.phrases import phrase
from accord.web.components import Chip, Column, Moment, Tone
from accord.web.filters import as_date, listing, word_list, words

MEMBERS = (
    Column("name", phrase("Member")),
    Column("roles", phrase("Roles")),
    Column("clearance", phrase("Clearance"), narrow=False),
    Column("training", phrase("Training"), narrow=False),
    Column("since", phrase("Since"), narrow=False),
    Column("ends", phrase("Ends first"), narrow=False),
    Column("state", phrase("State")),
)
WAITING = (
    Column("what", phrase("Kind of change")),
    Column("who", phrase("Member")),
    Column("says", phrase("What it gives"), narrow=False),
    Column("by", phrase("Proposed by"), narrow=False),
    Column("until", phrase("Until")),
)
HISTORY = (
    Column("what", phrase("Kind of change")),
    Column("says", phrase("What it gives"), narrow=False),
    Column("at", phrase("Proposed")),
    Column("by", phrase("Proposed by"), narrow=False),
    Column("decided", phrase("Decided by"), narrow=False),
    Column("state", phrase("State")),
)
ATTESTED = (
    Column("what", phrase("Fact")),
    Column("by", phrase("Attested by"), narrow=False),
    Column("since", phrase("Since"), narrow=False),
    Column("until", phrase("Until")),
    Column("state", phrase("State")),
)
TRAINING = (
    Column("training", phrase("Training")),
    Column("issued", phrase("Issued"), narrow=False),
    Column("until", phrase("Until")),
    Column("by", phrase("Attested by"), narrow=False),
    Column("state", phrase("State")),
)
KINDS: Mapping[ChangeKind, str] = {
    ChangeKind.JOIN: phrase("New member"),
    ChangeKind.ROLE: phrase("Roles"),
    ChangeKind.CLEARANCE: phrase("Clearance"),
    ChangeKind.ASSURANCE: phrase("Highest assurance"),
    ChangeKind.TRAINING: phrase("Training"),
    ChangeKind.LEAVE: phrase("Leaves"),
    ChangeKind.SUSPEND: phrase("Suspended"),
    ChangeKind.RESUME: phrase("Resumed"),
    ChangeKind.ENROLMENT: phrase("New enrolment"),
    ChangeKind.REVIEW: phrase("Confirmed as it is"),
    ChangeKind.NATIONALITY: phrase("Nationality"),
}
STATES: Mapping[ChangeState, tuple[str, Tone]] = {
    ChangeState.PROPOSED: (phrase("Waits for a second person"), "warn"),
    ChangeState.APPLIED: (phrase("In force"), "good"),
    ChangeState.WITHDRAWN: (phrase("Withdrawn"), "neutral"),
    ChangeState.EXPIRED: (phrase("Nobody decided in time"), "neutral"),
}


def member_row(entry: MemberEntry, at: datetime, zone: str) -> dict[str, Any]:
    """One membership of the list."""
    return {
        "href": f"/members/people/{entry.membership}",
        "name": entry.name,
        "roles": word_list(list(entry.roles)),
        "clearance": words(entry.clearance),
        "training": word_list([c.training for c in entry.training if c.valid]) or None,
        "since": as_date(entry.since, zone),
        "ends": as_date(entry.first_end, zone) if entry.first_end else None,
        "state": state_chip(entry, at),
    }


def state_chip(entry: MemberEntry, at: datetime) -> Chip:
    """How a membership stands: what is most urgent about it."""
    if entry.suspended:
        return Chip(phrase("Suspended"), "bad")
    if not entry.in_force:
        return Chip(phrase("Over"))
    if entry.is_overdue(at):
        return Chip(phrase("Review overdue"), "bad")
    if entry.first_end is not None and entry.first_end - at <= SOON:
        return Chip(phrase("Something ends soon"), "warn")
    if entry.review_due - at <= SOON:
        return Chip(phrase("Review due"), "warn")
    return Chip(phrase("In force"), "good")


def attested_row(
    fact: AttestedFact, names: Mapping[str, str], agency: str, zone: str
) -> dict[str, Any]:
    """One fact that clauses can ask for, with who stands for it and how long."""
    people = [names.get(m, m) for m in fact.by]
    said = {
        ChangeKind.ROLE: phrase("Role: %(word)s", word=words(fact.value)),
        ChangeKind.CLEARANCE: phrase("Clearance: %(word)s", word=words(fact.value)),
        ChangeKind.ASSURANCE: phrase("Highest assurance: %(level)s", level=fact.value),
        ChangeKind.NATIONALITY: phrase("Nationality: %(country)s", country=fact.value),
    }
    return {
        "what": said[fact.kind],
        "by": phrase("%(agency)s: %(names)s", agency=agency, names=listing(people))
        if people
        else agency,
        "since": as_date(fact.since, zone),
        "until": as_date(fact.until, zone) if fact.until else None,
        "state": Chip(phrase("Valid"), "good") if fact.valid else Chip(phrase("Ended"), "bad"),
    }


def training_row(held: Any) -> dict[str, Any]:
    """One certificate."""
    return {
        "training": words(held.training),
        "issued": held.issued_on,
        "until": held.valid_until,
        "by": held.attested_by,
        "state": Chip(phrase("Valid"), "good") if held.valid else Chip(phrase("Not valid now")),
    }


def says(change: Change, zone: str) -> str:
    """What a change gives or takes, in one line."""
    facts = change.facts
    match change.kind:
        case ChangeKind.ROLE:
            parts = []
            if facts["add"]:
                parts.append(phrase("adds %(roles)s", roles=word_list(facts["add"])))
            if facts["remove"]:
                parts.append(phrase("takes away %(roles)s", roles=word_list(facts["remove"])))
            return _until(listing(parts), facts, zone)
        case ChangeKind.CLEARANCE:
            return _until(words(facts["to"]), facts, zone)
        case ChangeKind.ASSURANCE | ChangeKind.NATIONALITY:
            return _until(str(facts["to"]), facts, zone)
        case ChangeKind.TRAINING:
            return phrase(
                "%(training)s, until %(day)s",
                training=words(facts["training"]),
                day=facts["valid_until"],
            )
        case ChangeKind.JOIN:
            said = phrase(
                "%(roles)s, clearance: %(clearance)s, assurance up to %(level)s",
                roles=word_list(facts["roles"]),
                clearance=words(facts["clearance"]),
                level=facts["assurance"],
            )
            return _until(said, facts, zone)
        case ChangeKind.LEAVE:
            at = facts.get("at")
            return as_date(datetime.fromisoformat(at), zone) if at else phrase("Now")
        case ChangeKind.ENROLMENT:
            return phrase("a one-time link; every passkey and session ends")
        case _:
            return ""


def _until(said: str, facts: Mapping[str, Any], zone: str) -> str:
    if not facts.get("until"):
        return said
    day = as_date(datetime.fromisoformat(facts["until"]), zone)
    return phrase("%(what)s, until %(day)s", what=said, day=day)


def change_rows(
    found: Sequence[Change], names: Mapping[str, str], zone: str
) -> list[dict[str, Any]]:
    """Changes as rows, for the queue and for a member's history."""
    return [
        {
            "href": f"/members/changes/{c.id}",
            "what": KINDS[c.kind],
            "who": c.name or names.get(c.membership, c.membership),
            "says": says(c, zone),
            "at": Moment(c.at, zone),
            "by": names.get(c.by, c.by),
            "until": Moment(c.expires_at, zone),
            "decided": names.get(c.decided_by or "", c.decided_by),
            "state": Chip(*STATES[c.state]),
        }
        for c in found
    ]
