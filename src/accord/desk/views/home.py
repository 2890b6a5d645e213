"""Home: where a member's day begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor, CertificateEntry
from accord.agreements.duties import queries as duties
from accord.agreements.duties.queries import DutyState
from accord.agreements.entry import own_desk
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.cases import queries as cases
from accord.cases.domain import CaseFacts
from accord.cases.screen import usual_purpose
from accord.desk import remembered
from accord.desk.ledger_lines import event
from accord.kernel.clock import now
from accord.ledger import queries as ledger
from accord.records.queries.requests import inbox_lines, sent_lines
from accord.records.request_screen import COLUMNS_IN, COLUMNS_OUT, request_row
from accord.records.requests import RequestLine, RequestState, can_answer
from accord.web.components import Event, Tone

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
    names = {a.id: a.name for a in agencies.agencies()}
    answers = can_answer(scope.actor, scope.actor.agency) is None
    waiting = [r for r in inbox_lines(scope) if r.state is RequestState.OPEN] if answers else []
    context = {
        "me": scope.actor,
        "agency": agencies.agency(scope.actor.agency),
        "cases": _cases(scope.actor, cases.cases(), names),
        "quick": "/w/general-policing/statute/-/search",
        "answers": answers,
        "waiting": _rows(scope, waiting[:SHOWN], names),
        "sent": _rows(scope, sent_lines(scope)[:SHOWN], names),
        "columns_in": COLUMNS_IN,
        "columns_out": COLUMNS_OUT,
        "owed": _owed(scope.actor.agency),
        "events": _events(scope.actor),
        "certificates": _ending(scope.actor),
    }
    return render(request, "desk/home.html", context)


def _owed(agency: str) -> tuple[Owed, ...]:
    """What waits for the member among obligations: overdue, due, and notices not yet read."""
    found = duties.duties()
    overdue = sum(d.agency == agency and d.state is DutyState.OVERDUE for d in found)
    due = sum(d.agency == agency and d.state is DutyState.DUE for d in found)
    told = sum(d.owner == agency and duties.is_notice(d) and not d.closed for d in found)
    lines = (
        Owed("Overdue", overdue, "/obligations/?state=overdue", "bad"),
        Owed("Due", due, "/obligations/?state=due", "info"),
        Owed("New notices for us", told, "/obligations/?side=owed", "info"),
    )
    return tuple(line for line in lines if line.count)


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
    for held in agencies.certificates(actor.member):
        if held.training not in newest or held.valid_until > newest[held.training].valid_until:
            newest[held.training] = held
    limit = now().date() + SOON
    return tuple(
        (held, held.valid)
        for held in newest.values()
        if not held.valid or date.fromisoformat(held.valid_until) <= limit
    )


home = page(get=_show)
