"""Home: where a member's day begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor, CertificateEntry
from accord.agreements.duties import queries as duties
from accord.agreements.duties.queries import DutyState
from accord.agreements.entry import own_desk
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.assistance.domain import ANSWERS
from accord.assistance.policy import can_manage
from accord.assistance.queries import expertise
from accord.assistance.queries import requests as assistance
from accord.cases import queries as cases
from accord.cases.domain import CaseFacts
from accord.cases.screen import usual_purpose
from accord.desk import remembered
from accord.desk.first_day import first_day
from accord.desk.ledger_lines import event
from accord.desk.told import first_lines
from accord.evidence.custody import queries as custody
from accord.evidence.custody.domain import WHO, CustodyAct
from accord.evidence.custody.screen import OFFERED_TO_US, WRONG_FILES
from accord.kernel.clock import now
from accord.kernel.phrases import phrase
from accord.ledger import queries as ledger
from accord.ledger.erasing import queries as erasures
from accord.ledger.erasing.domain import DECIDERS
from accord.records.actions.keeping import CUSTODIANS
from accord.records.checking import can_review
from accord.records.queries import recalls, retention, subscriptions
from accord.records.queries.quick_checks import waiting_count
from accord.records.queries.requests import inbox_lines, sent_lines
from accord.records.recalls import ANSWERING_ROLES
from accord.records.request_screen import COLUMNS_IN, COLUMNS_OUT, request_row
from accord.records.requests import RequestLine, RequestState, can_answer
from accord.web.components import Event, Step, Tone

SOON = timedelta(days=45)
SHOWN = 8
READ_BACK = 80


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One of the member's cases, with the address of the usual way into it."""

    number: str
    lead: str
    closed: bool
    purpose: str
    entrance: str
    search: str
    key: str | None


@dataclass(frozen=True, slots=True)
class Owed:
    """How many obligations of one kind wait, and where they are listed."""

    text: str
    count: int
    href: str
    tone: Tone


@own_desk("case-administration")
def _show(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    names = agencies.agency_names()
    answers = can_answer(scope.actor, scope.actor.agency) is None
    waiting = [r for r in inbox_lines(scope) if r.state is RequestState.OPEN] if answers else []
    mine = _cases(scope.actor, cases.cases(), names)
    context = {
        "guide": _guide(scope, mine),
        "me": scope.actor,
        "agency": agencies.agency(scope.actor.agency),
        "cases": mine,
        "quick": "/w/general-policing/statute/-/search",
        "answers": answers,
        "waiting": _rows(scope, waiting[:SHOWN], names),
        "sent": _rows(scope, sent_lines(scope)[:SHOWN], names),
        "columns_in": COLUMNS_IN,
        "columns_out": COLUMNS_OUT,
        "owed": (
            *_owed(scope),
            *_help(scope),
            *_endings(scope.actor),
            *_custody(scope.actor),
            *_told(),
        ),
        "events": _events(scope.actor),
        "certificates": _ending(scope.actor),
        "told": first_lines(request),
        "zone": scope.actor.zone,
    }
    return render(request, "desk/home.html", context)


def _guide(scope: Scope, mine: tuple[CaseLine, ...]) -> tuple[Step, ...]:
    """The first-day guide, in a demonstration alone."""
    if not settings.ACCORD_DEMO:
        return ()
    return first_day(scope, next((c.entrance for c in mine if not c.closed), None))


def _to_review(scope: Scope) -> tuple[Owed, ...]:
    """How many of the agency's quick checks wait for this reviewer."""
    if can_review(scope.actor) is not None:
        return ()
    return (Owed(phrase("Quick checks to review"), waiting_count(scope), "/quick-checks/", "info"),)


def _owed(scope: Scope) -> tuple[Owed, ...]:
    """What waits for the member among obligations: overdue, due, and notices not yet read."""
    agency = scope.actor.agency
    found = duties.duties()
    overdue = sum(d.agency == agency and d.state is DutyState.OVERDUE for d in found)
    due = sum(d.agency == agency and d.state is DutyState.DUE for d in found)
    told = sum(d.owner == agency and duties.is_notice(d) and not d.closed for d in found)
    lines = (
        Owed(phrase("Overdue"), overdue, "/obligations/?state=overdue", "bad"),
        Owed(phrase("Due"), due, "/obligations/?state=due", "info"),
        Owed(phrase("New notices for us"), told, "/obligations/?side=owed", "info"),
        *_to_review(scope),
    )
    return tuple(line for line in lines if line.count)


def _help(scope: Scope) -> tuple[Owed, ...]:
    """Requests for assistance that wait for those who answer, and entries for those who attest."""
    lines: list[Owed] = []
    if scope.actor.roles & ANSWERS:
        waits, overdue = assistance.waiting(scope)
        lines += [
            Owed(phrase("Requests for assistance overdue"), overdue, "/assistance/", "bad"),
            Owed(phrase("Requests for assistance"), waits - overdue, "/assistance/", "info"),
        ]
    if can_manage(scope.actor) is None:
        waits = expertise.waiting(scope)
        lines.append(Owed(phrase("Expertise to attest"), waits, "/expertise/agency", "info"))
    return tuple(line for line in lines if line.count)


def _endings(actor: Actor) -> tuple[Owed, ...]:
    """What waits for those who keep records: recalls on both sides, reviews, and erasures."""
    lines: list[Owed] = []
    if actor.roles & ANSWERING_ROLES:
        ours, asked = recalls.waiting(actor.agency)
        lines += [
            Owed(phrase("Recalls that nobody answered"), ours, "/recalls/", "bad"),
            Owed(phrase("Recalled from us"), asked, "/recalls/?side=from-us", "info"),
        ]
    if actor.roles & CUSTODIANS:
        due = len(retention.queue(retention.day(), within=timedelta(0)))
        lines.append(Owed(phrase("Records to review"), due, "/retention/", "info"))
    if actor.roles & DECIDERS:
        asked = erasures.waiting(actor.membership)
        lines.append(Owed(phrase("Ledger entries to erase"), asked, "/ledger/erasures/", "info"))
    return tuple(line for line in lines if line.count)


def _custody(actor: Actor) -> tuple[Owed, ...]:
    """Exhibits that others hand over to the agency, and stored files that are not what they were."""
    if not actor.roles & WHO[CustodyAct.ACCEPT].roles:
        return ()
    alarms = custody.alarm_count(actor.agency)
    offered = custody.offered_count(actor.agency)
    lines = (
        Owed(WRONG_FILES, alarms, "/custody/?view=alarms", "bad"),
        Owed(OFFERED_TO_US, offered, "/custody/?view=offered", "warn"),
    )
    return tuple(line for line in lines if line.count)


def _told() -> tuple[Owed, ...]:
    """Notices of the member's own subscriptions that are not read yet."""
    unread = sum(s.unread for s in subscriptions.everywhere())
    return (
        (Owed(phrase("New for your subscriptions"), unread, "/subscriptions/", "info"),)
        if unread
        else ()
    )


def _cases(
    actor: Actor, found: tuple[CaseFacts, ...], names: dict[str, str]
) -> tuple[CaseLine, ...]:
    ordered = sorted(found, key=lambda c: c.state != "open")
    lines = []
    for place, facts in enumerate(ordered, start=1):
        purpose = usual_purpose(actor, facts.purposes)
        way = remembered.Remembered(purpose, "statute", facts.address)
        lines.append(
            CaseLine(
                number=facts.address,
                lead=names.get(facts.lead_agency, facts.lead_agency),
                closed=facts.state != "open",
                purpose=purpose,
                entrance=way.entrance,
                search=f"{way.path}/search",
                key=str(place) if place <= 9 else None,
            )
        )
    return tuple(lines)


def _rows(
    scope: Scope, lines: list[RequestLine] | tuple[RequestLine, ...], names: dict[str, str]
) -> list[dict[str, Any]]:
    return [request_row(line, names, scope.actor.zone, now()) for line in lines]


def _events(actor: Actor) -> tuple[Event, ...]:
    """The member's last entries; pages read one after the other for one reason are one line."""
    mine = ledger.own_entries(ledger.Filter(actor=actor.membership), limit=READ_BACK)
    runs = [list(run) for _, run in groupby(mine, key=lambda e: (e.kind, e.purpose, e.case))]
    return tuple(event(run[0], len(run)) for run in runs[:SHOWN])


def _ending(actor: Actor) -> tuple[tuple[CertificateEntry, bool], ...]:
    """Training that ended, or will within SOON; the newest certificate of each course counts."""
    newest: dict[str, CertificateEntry] = {}
    for held in agencies.certificates(actor.member, actor.agency):
        if held.training not in newest or held.valid_until > newest[held.training].valid_until:
            newest[held.training] = held
    limit = now().date() + SOON
    return tuple(
        (held, held.valid)
        for held in newest.values()
        if not held.valid or date.fromisoformat(held.valid_until) <= limit
    )


home = page(get=_show)
