"""The directory of expertise: what others offer, one's own entries, and what waits to be attested."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.domain import AgencyEntry
from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.assistance import policy, screen
from accord.assistance.actions import expertise as actions
from accord.assistance.days import end_of_day
from accord.assistance.disciplines import LIST, canonical_tag, disciplines, spoken
from accord.assistance.domain import LONGEST_NOTE, LONGEST_PLACE, Entry, EntryState, Level
from accord.assistance.queries import expertise as queries
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.web.components import Option, Tab
from accord.web.faults import faults_of

DESK = "case-administration"
USUAL = timedelta(days=365)
LABELS = {
    "discipline": phrase("Discipline"),
    "level": phrase("Level"),
    "languages": phrase("Languages"),
    "note": phrase("Note"),
    "unit": phrase("Unit"),
    "until": phrase("Attested until"),
}


def _tabs(scope: Scope, current: str) -> list[Tab]:
    found = [
        Tab(phrase("Directory"), "/expertise/", current == "directory"),
        Tab(phrase("Yours"), "/expertise/mine", current == "mine"),
    ]
    if policy.can_manage(scope.actor) is None:
        waits = queries.waiting(scope) or None
        found.append(Tab(phrase("Your agency’s"), "/expertise/agency", current == "agency", waits))
    return found


def _offered(scope: Scope, entry: Entry, known: Mapping[str, AgencyEntry]) -> screen.Offered:
    return screen.offered(entry, known, scope.actor.agency, scope.actor.zone)


@own_desk(DESK)
def _directory(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    asked = _asked(request)
    known = {a.id: a for a in agencies.agencies()}
    found = queries.listed(scope, asked)
    everything = queries.listed(scope, queries.Asked())
    scope.did("consultation", of="directory of expertise", discipline=asked.discipline)
    with_others = queries.together() - {scope.actor.agency}
    context = {
        "tabs": _tabs(scope, "directory"),
        "asked": asked,
        "found": [_offered(scope, e, known) for e in found],
        "anything": bool(everything),
        "alone": not with_others,
        "disciplines": screen.discipline_options(),
        "levels": screen.level_options(),
        "spoken": _languages(everything),
        "agencies": [
            Option(a.id, a.name)
            for a in known.values()
            if a.id in with_others | {scope.actor.agency}
        ],
        "countries": [
            Option(c, c)
            for c in sorted({known[e.agency].country for e in everything} | {scope.actor.country})
        ],
        "zone": scope.actor.zone,
    }
    return render(request, "assistance/directory.html", context)


def _asked(request: Any) -> queries.Asked:
    """What the address asks for; words that there are not find nothing and are no error."""
    said = {n: request.GET.get(n, "").strip() for n in ("discipline", "agency", "country", "level")}
    level = said["level"] if said["level"] in set(Level) else Level.AWARE
    return queries.Asked(
        discipline=said["discipline"] if said["discipline"] in disciplines() else "",
        language=canonical_tag(request.GET.get("language", "").strip()),
        agency=said["agency"],
        country=said["country"],
        place=request.GET.get("place", "").strip()[:LONGEST_PLACE],
        level=Level(level),
    )


def _languages(found: tuple[Entry, ...]) -> list[Option]:
    """The languages that are offered at all; where es-MX is, es is too."""
    tags = {tag for entry in found for tag in entry.languages}
    tags |= {tag.partition("-")[0] for tag in tags}
    return sorted((Option(tag, spoken(tag)) for tag in tags), key=lambda o: str(o.label))


@own_desk(DESK)
def _mine(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    known = {a.id: a for a in agencies.agencies()}
    context = {
        "tabs": _tabs(scope, "mine"),
        "mine": [_offered(scope, e, known) for e in queries.own(scope)],
        "disciplines": screen.discipline_options(),
        "levels": screen.level_options(),
        "limit": LONGEST_NOTE,
        "about": [Option("me", phrase("I do")), Option("unit", phrase("A unit of my agency"))],
        "name_me": Option(
            "yes",
            phrase("Show my name to other agencies"),
            phrase("You can take this back at any moment; then your name stands nowhere any more."),
        ),
        "may_for_unit": policy.can_manage(scope.actor) is None,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "zone": scope.actor.zone,
    }
    return render(request, "assistance/mine.html", context)


@own_desk(DESK)
def _propose(request: Any) -> HttpResponseBase:
    typed, scope = request.POST, request.scope
    offer = actions.Offer(
        discipline=typed.get("discipline", ""),
        level=typed.get("level", ""),
        languages=LIST.split(typed.get("languages", "")),
        note=typed.get("note", ""),
        is_unit=typed.get("about") == "unit",
        unit=typed.get("unit", ""),
        named=typed.get("named") == "yes",
    )
    actions.propose(scope, offer)
    request.session["said"] = phrase("Proposed. It is listed once your agency attests it.")
    return done("/expertise/agency" if offer.is_unit else "/expertise/mine")


@own_desk(DESK)
def _agency(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    if policy.can_manage(scope.actor) is not None:
        raise NotFound()
    known = {a.id: a for a in agencies.agencies()}
    found = [_offered(scope, e, known) for e in queries.of_agency(scope)]
    by = agencies.names({o.entry.attested_by for o in found if o.entry.attested_by})
    usual = (now() + USUAL).astimezone(ZoneInfo(scope.actor.zone)).date()
    context = {
        "tabs": _tabs(scope, "agency"),
        "waiting": [o for o in found if o.entry.state is EntryState.PROPOSED],
        "others": [o for o in found if o.entry.state is not EntryState.PROPOSED],
        "by": by,
        "usual": usual,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "WITHDRAWN": EntryState.WITHDRAWN,
        "zone": scope.actor.zone,
    }
    return render(request, "assistance/agency.html", context)


@own_desk(DESK)
def _step(request: Any, expertise_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    match request.POST.get("do", ""):
        case "attest":
            actions.attest(scope, expertise_id, _until(request))
            said = phrase("Attested. Others find it from now on.")
        case "withdraw":
            actions.withdraw(scope, expertise_id)
            said = phrase("Withdrawn. Nobody finds it any more.")
        case "name":
            actions.set_named(scope, expertise_id, True)
            said = phrase("Your name stands with it from now on.")
        case "unname":
            actions.set_named(scope, expertise_id, False)
            said = phrase("Your name stands nowhere any more, in old requests neither.")
        case _:
            rule = phrase("is attest, withdraw, name or unname")
            raise InvalidInput(policy.EXPERTISE, None, "do", rule)
    request.session["said"] = said
    return done(_back(request))


def _until(request: Any) -> datetime:
    return end_of_day(request.POST.get("until", ""), request.scope.actor.zone, policy.EXPERTISE)


def _back(request: Any) -> str:
    return "/expertise/agency" if request.POST.get("back") == "agency" else "/expertise/mine"


def _again(request: Any, expertise_id: UUID) -> HttpResponseBase:
    """After a refusal, the page on which the step was taken."""
    del expertise_id
    again = _agency if request.POST.get("back") == "agency" else _mine
    return again(request)


directory = page(get=_directory)
mine = page(get=_mine, post=_propose)
agency = page(get=_agency)
step = page(post=_step, again=_again)
