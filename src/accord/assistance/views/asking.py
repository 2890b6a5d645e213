"""Asking for assistance: first for what, then whom and what is needed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.domain import AgencyEntry
from accord.agreements.entry import in_context, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.assistance import policy, screen
from accord.assistance.actions import requests as actions
from accord.assistance.days import end_of_day
from accord.assistance.disciplines import LIST, disciplines
from accord.assistance.domain import LONGEST_TEXT, Request, Urgency, passed_to
from accord.assistance.queries import expertise
from accord.assistance.queries import requests as queries
from accord.cases import queries as cases
from accord.cases.screen import purpose_way
from accord.kernel.errors import NotFound
from accord.kernel.phrases import counted, phrase
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

DESK = "case-administration"
WITHOUT_CASE = (
    "general-policing",
    "intelligence-assessment",
    "victim-protection",
    "child-protection",
    "public-safety-emergency",
    "case-administration",
)
"""For what one asks without a case; nothing opens by it."""
ANYBODY = ""
LABELS = {
    "discipline": phrase("What is needed"),
    "agency": phrase("Whom to ask"),
    "languages": phrase("Languages"),
    "urgency": phrase("Answer needed"),
    "need": phrase("What for"),
    "place": phrase("Where"),
    "until": phrase("Until when"),
    "no_victim": phrase("No victim is named"),
}


@own_desk(DESK)
def _whence(request: Any) -> HttpResponseBase:
    """Where one asks from: a purpose, and a case where there is one; both before the question."""
    scope: Scope = request.scope
    kept = {n: request.GET.get(n, "") for n in ("discipline", "agency", "again")}
    query = urlencode({n: v for n, v in kept.items() if v})
    end = f"/assistance/ask{'?' + query if query else ''}"
    mine = [c for c in cases.cases() if c.state == "open"]
    context = {
        "cases": [
            Option(purpose_way(scope.actor, c).removesuffix("/case") + end, c.address) for c in mine
        ],
        "without": [Option(f"/w/{p}/statute/-{end}", words(p)) for p in WITHOUT_CASE],
    }
    return render(request, "assistance/whence.html", context)


@in_context
def _ask_form(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    typed, before = request.POST, _before(request)
    wanted = (
        typed.get("discipline")
        or request.GET.get("discipline")
        or (before.line.discipline if before else "")
    )
    known = [a for a in agencies.agencies() if not a.suspended and a.id != scope.actor.agency]
    asked = expertise.Asked(discipline=wanted) if wanted in disciplines() else None
    offering = expertise.offering(scope, asked) if asked else ()
    names = {a.id: a.name for a in known}
    context = {
        "path": f"{scope.context.path}/assistance/ask",
        "context": scope.context,
        "disciplines": screen.discipline_options(),
        "discipline": wanted,
        "agencies": _agency_options(known, offering),
        "agency": typed.get("agency", request.GET.get("agency") or passed_to(before) or ANYBODY),
        "offering": [names[a] for a in offering if a in names],
        "urgencies": screen.urgency_options(),
        "urgency": typed.get("urgency", before.line.urgency if before else Urgency.ROUTINE),
        "before": before,
        "languages": typed.get("languages", " ".join(before.line.languages) if before else ""),
        "no_victim": Option("yes", phrase("Nobody who may be a victim is named in it")),
        "limit": LONGEST_TEXT,
        "faults": faults_of(request, LABELS),
        "typed": typed,
    }
    return render(request, "assistance/ask.html", context)


def _before(request: Any) -> Request | None:
    """An own request that was passed on, to be sent again; nothing where there is none."""
    try:
        found = queries.request(request.scope, UUID(request.GET.get("again", "")))
    except (ValueError, NotFound):
        return None
    return found if found.line.asker == request.scope.actor.agency else None


def _agency_options(known: list[AgencyEntry], offering: tuple[str, ...]) -> list[Option]:
    """Those that offer it first."""
    ordered = sorted(known, key=lambda a: (a.id not in offering, a.name))
    return [
        Option(ANYBODY, phrase("Every agency that offers it, each by itself")),
        *(
            Option(
                a.id,
                phrase("%(agency)s (offers it)", agency=a.name) if a.id in offering else a.name,
            )
            for a in ordered
        ),
    ]


@in_context
def _ask(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    typed = request.POST
    until = typed.get("until", "").strip()
    made = actions.ask(
        scope,
        actions.Need(
            discipline=typed.get("discipline", ""),
            text=typed.get("need", ""),
            agency=typed.get("agency", ANYBODY),
            languages=LIST.split(typed.get("languages", "")),
            urgency=typed.get("urgency", Urgency.ROUTINE),
            place=typed.get("place", ""),
            until=end_of_day(until, scope.actor.zone, policy.REQUEST) if until else None,
            no_victim=typed.get("no_victim") == "yes",
        ),
    )
    request.session["said"] = counted(
        len(made), "%(count)s agency is asked.", "%(count)s agencies are asked."
    )
    return done(f"/assistance/{made[0]}" if len(made) == 1 else "/assistance/?view=sent")


whence = page(get=_whence)
ask = page(get=_ask_form, post=_ask)
