"""How cases read on screen: rows, members, activity, and the usual way into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from accord.agencies.domain import Actor
from accord.agreements.scope import Scope
from accord.cases.domain import CaseFacts, CaseMember, CaseState, NoteText, PlacedRecord
from accord.kernel.phrases import phrase
from accord.records import screen
from accord.records.queries.records import RecordView
from accord.records.queries.texts import Texts
from accord.web.components import Chip, Event
from accord.web.filters import as_date, listing, words

MOST_EVENTS = 12
INVESTIGATING = (
    "human-trafficking-investigation",
    "violent-crime-investigation",
    "drug-investigation",
    "property-crime-investigation",
    "intelligence-assessment",
)
USUAL = {
    "prosecutor": "prosecution",
    "victim-advocate": "victim-protection",
    "forensic-examiner": "forensic-examination",
    "records-custodian": "records-administration",
}
"""What a role usually works for; investigators, analysts and supervisors investigate."""


def usual_purpose(actor: Actor, purposes: tuple[str, ...]) -> str:
    """The purpose of a case that fits the actor's role best, for entering it with one key."""
    wanted = [USUAL[role] for role in sorted(actor.roles) if role in USUAL]
    for purpose in (*wanted, *INVESTIGATING):
        if purpose in purposes:
            return purpose
    return purposes[0]


def purpose_way(actor: Actor, case: CaseFacts) -> str:
    """The address of the usual way into a case."""
    return f"/w/{usual_purpose(actor, case.purposes)}/statute/{case.address}/case"


def state_chip(case: CaseFacts) -> Chip:
    """Open or closed."""
    return Chip(phrase("Open"), "good") if case.state is CaseState.OPEN else Chip(phrase("Closed"))


def case_row(
    actor: Actor, case: CaseFacts, titles: Texts, names: Mapping[str, str]
) -> dict[str, Any]:
    """One case as a row of a table; its title only where the viewer may read it here."""
    closed = titles.is_closed(case.title_record)
    unsaid = screen.CLOSED_TEXT if closed else phrase("Shown inside the case")
    return {
        "href": purpose_way(actor, case),
        "number": case.address,
        "title": titles.get(case.title_record) or unsaid,
        "lead": names.get(case.lead_agency, case.lead_agency),
        "purposes": listing([words(p).lower() for p in case.purposes]),
        "state": state_chip(case),
        "opened": as_date(case.opened_at, actor.zone),
    }


def members_by_agency(people: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """People under the names of their agencies."""
    ordered = sorted(people, key=lambda m: (m.agency_name, m.name))
    return [(name, list(group)) for name, group in groupby(ordered, key=lambda m: m.agency_name)]


def activity(
    scope: Scope,
    case: CaseFacts,
    members: tuple[CaseMember, ...],
    placed: tuple[PlacedRecord, ...],
    notes: tuple[NoteText, ...],
    records: tuple[RecordView, ...],
) -> tuple[Event, ...]:
    """What happened in the case, as far as this viewer may see it, newest first."""
    path = scope.context.path
    called = {r.record_id: screen.caption(r, scope.actor.agency).title for r in records}
    events = [Event(case.opened_at, phrase("Case opened"), tone="good", tag=phrase("Case"))]
    events += [
        Event(p.placed_at, called[p.record_id], phrase("placed by %(name)s", name=p.placed_by_name),
              href=f"{path}/records/{p.record_id}", tone="info", tag=phrase("Record"))
        for p in placed
        if p.record_id in called
    ]  # fmt: skip
    events += [
        Event(
            n.at,
            phrase("Note"),
            n.author_name,
            href=f"{path}/case/notes/{n.note_id}",
            tag=phrase("Note"),
        )
        for n in notes
        if n.text is not None or n.closed
    ]
    events += [
        Event(
            m.since,
            m.name,
            phrase("of %(agency_name)s joined", agency_name=m.agency_name),
            tag=phrase("Member"),
        )
        for m in members
    ]
    return tuple(sorted(events, key=lambda e: e.at, reverse=True)[:MOST_EVENTS])
