"""How the directory of expertise and requests for assistance read on screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accord.agencies.about.screen import hours_shown
from accord.agencies.domain import AgencyEntry
from accord.assistance.disciplines import disciplines, meaning, spoken
from accord.assistance.domain import (
    AssistanceState,
    AssistanceStep,
    Entry,
    EntryState,
    Level,
    Line,
    Said,
    Urgency,
)
from accord.kernel.phrases import joined, phrase
from accord.web.components import Chip, Column, Event, Moment, Option, Tone
from accord.web.filters import words

LEVELS: Mapping[Level, str] = {
    Level.AWARE: phrase("Aware"),
    Level.PRACTITIONER: phrase("Practitioner"),
    Level.EXPERT: phrase("Expert"),
    Level.COURT_QUALIFIED: phrase("Court-qualified"),
}
LEVEL_HINTS: Mapping[Level, str] = {
    Level.AWARE: phrase("Knows when it is needed and what to secure until then"),
    Level.PRACTITIONER: phrase("Does it as part of the work"),
    Level.EXPERT: phrase("Does it where it is difficult, and teaches it"),
    Level.COURT_QUALIFIED: phrase("Has given evidence on it as an expert"),
}
ENTRY_STATES: Mapping[EntryState, tuple[str, Tone]] = {
    EntryState.PROPOSED: (phrase("Waits to be attested"), "info"),
    EntryState.ATTESTED: (phrase("Attested"), "good"),
    EntryState.EXPIRED: (phrase("Run out"), "warn"),
    EntryState.WITHDRAWN: (phrase("Withdrawn"), "neutral"),
}
URGENCIES: Mapping[Urgency, str] = {
    Urgency.ROUTINE: phrase("Within five days"),
    Urgency.SOON: phrase("Within a day"),
    Urgency.URGENT: phrase("Within two hours"),
}
STATES: Mapping[AssistanceState, tuple[str, Tone]] = {
    AssistanceState.SENT: (phrase("Sent"), "info"),
    AssistanceState.ACKNOWLEDGED: (phrase("Acknowledged"), "info"),
    AssistanceState.ESCALATED: (phrase("Escalated"), "bad"),
    AssistanceState.ACCEPTED: (phrase("Accepted"), "good"),
    AssistanceState.DECLINED: (phrase("Declined"), "neutral"),
    AssistanceState.PASSED_ON: (phrase("Passed on"), "warn"),
    AssistanceState.DONE: (phrase("Done"), "good"),
    AssistanceState.WITHDRAWN: (phrase("Withdrawn"), "neutral"),
}
ACTS: Mapping[AssistanceStep, tuple[str, Tone]] = {
    AssistanceStep.ACKNOWLEDGE: (phrase("Acknowledged"), "info"),
    AssistanceStep.ACCEPT: (phrase("Accepted"), "good"),
    AssistanceStep.DECLINE: (phrase("Declined"), "neutral"),
    AssistanceStep.PASS_ON: (phrase("Passed on"), "warn"),
    AssistanceStep.ESCALATE: (phrase("Escalated"), "bad"),
    AssistanceStep.REMARK: (phrase("Remark"), "neutral"),
    AssistanceStep.COMPLETE: (phrase("Done"), "good"),
    AssistanceStep.WITHDRAW: (phrase("Withdrawn"), "neutral"),
}
COLUMNS_IN = (
    Column("what", phrase("Asked for")),
    Column("other", phrase("By")),
    Column("languages", phrase("Languages"), narrow=False),
    Column("state", phrase("State")),
    Column("due", phrase("Answer due")),
)
COLUMNS_OUT = (
    Column("what", phrase("Asked for")),
    Column("other", phrase("Of")),
    Column("languages", phrase("Languages"), narrow=False),
    Column("state", phrase("State")),
    Column("due", phrase("Answer due")),
)


@dataclass(frozen=True, slots=True)
class Offered:
    """One entry as a line of the directory: whom to ask, never how to reach a member."""

    entry: Entry
    title: str
    level: Chip
    state: Chip
    who: str
    languages: str
    agency: AgencyEntry
    hours: str
    """Of its duty desk, with their zone where it is not the reader's."""
    ask_href: str | None


def offered(entry: Entry, agencies: Mapping[str, AgencyEntry], own: str, zone: str) -> Offered:
    """One entry; an own one is not asked for. `zone` is the reader's."""
    agency = agencies[entry.agency]
    href = f"/assistance/ask?discipline={entry.discipline}&agency={entry.agency}"
    return Offered(
        entry=entry,
        title=words(entry.discipline),
        level=level_chip(entry),
        state=Chip(*ENTRY_STATES[entry.state]),
        who=who(entry, agency.name),
        languages=languages(entry.languages),
        agency=agency,
        hours=hours_shown(agency.duty_desk, zone),
        ask_href=None if entry.agency == own else href,
    )


def level_chip(entry: Entry) -> Chip:
    """How well somebody knows it."""
    high = entry.level in (Level.EXPERT, Level.COURT_QUALIFIED)
    return Chip(LEVELS[entry.level], "good" if high else "neutral", LEVEL_HINTS[entry.level])


def who(entry: Entry | None, agency: str) -> str:
    """Whom an entry is about, as far as the reader is told."""
    if entry is not None and entry.unit:
        return phrase("%(unit)s, %(agency)s", unit=entry.unit, agency=agency)
    if entry is not None and entry.name:
        return entry.name
    return phrase("Somebody at %(agency)s", agency=agency)


def languages(tags: Iterable[str]) -> str:
    """Languages by their names."""
    return joined([spoken(tag) for tag in tags], ", ")


def discipline_options() -> tuple[Option, ...]:
    """Every discipline, with what it means."""
    return tuple(Option(word, words(word), meaning(word)) for word in disciplines())


def level_options() -> tuple[Option, ...]:
    """Every level, with what it means."""
    return tuple(Option(level, LEVELS[level], LEVEL_HINTS[level]) for level in Level)


def urgency_options() -> tuple[Option, ...]:
    """How soon an answer is needed."""
    return tuple(Option(urgency, text) for urgency, text in URGENCIES.items())


def state_chip(line: Line) -> Chip:
    """The state of a request; one past its deadline says so."""
    if line.overdue:
        return Chip(
            phrase("Overdue, escalated")
            if line.state is AssistanceState.ESCALATED
            else phrase("Overdue"),
            "bad",
            phrase("The deadline has passed and nobody has answered."),
        )
    return Chip(*STATES[line.state])


def row(line: Line, names: Mapping[str, str], own: str, zone: str) -> dict[str, Any]:
    """One request as a row of a table."""
    other = line.asker if line.asked == own else line.asked
    waits = line.state in (
        AssistanceState.SENT,
        AssistanceState.ACKNOWLEDGED,
        AssistanceState.ESCALATED,
    )
    return {
        "href": f"/assistance/{line.id}",
        "what": words(line.discipline),
        "other": names.get(other, other),
        "languages": languages(line.languages),
        "state": state_chip(line),
        "due": Moment(line.due_at, zone) if waits else None,
    }


def event(
    said: Said, names: Mapping[str, str], people: Mapping[str, str], coming: Iterable[str], own: str
) -> Event:
    """One step of a request; who took it reads the own agency alone."""
    title, tone = ACTS[said.act]
    agency = names.get(said.agency, said.agency)
    texts = [said.text]
    if said.passed_to:
        to = names.get(said.passed_to, said.passed_to)
        texts.insert(0, phrase("Better asked: %(agency)s.", agency=to))
    coming = list(coming)
    if coming:
        texts.append(phrase("Who comes: %(names)s.", names=joined(coming, "; ")))
    return Event(
        at=said.at,
        title=title,
        who=people.get(said.by or "", "") or phrase("Somebody at %(agency)s", agency=agency),
        text=joined([t for t in texts if t], " "),
        href=f"/ledger/{said.entry}" if said.agency == own else None,
        tone=tone,
    )


def ends(until: datetime | None, zone: str) -> Moment | None:
    """The last moment of what is attested."""
    return Moment(until, zone) if until else None
