"""Agencies: who answers for a place and an offence now, and changes by an agency's administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.about import policy, queries
from accord.agencies.about.domain import COURTS, PARTS, AboutKind
from accord.agencies.about.facts import offence_words
from accord.agencies.about.lines import desk_lines, place_line, read_lines
from accord.agencies.about.queries import Wanted
from accord.agencies.about.screen import desk_shown, different_days
from accord.agencies.directory.domain import READERS, ChangeState, Via
from accord.agencies.directory.queries import person_of
from accord.agencies.domain import AgencyEntry
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.desk import agencies_screen as shown_as
from accord.desk import describing
from accord.desk.context import say
from accord.desk.members_screen import STATES
from accord.desk.signing_in import OFFICE
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

READING = "case-administration"
LINES = ("territory", "weekly", "exceptions", "ladder")
LABELS = {
    "territory": phrase("Territory"),
    "offences": phrase("Offences"),
    "courts": phrase("Courts"),
    "name": phrase("Name of the duty desk"),
    "phone": phrase("Telephone"),
    "hours": phrase("Hours in words"),
    "escalation": phrase("Escalation in words"),
    "weekly": phrase("Weekly hours"),
    "exceptions": phrase("Days that differ"),
    "ladder": phrase("Escalation"),
    "successor": phrase("New signing key"),
    "key": phrase("Key"),
    "since": phrase("Since"),
    "reason": phrase("Why"),
}


@own_desk(READING)
def _directory(request: Any) -> HttpResponseBase:
    wanted = Wanted(
        text=request.GET.get("q", "").strip()[:200],
        offence=request.GET.get("offence", ""),
        kind=request.GET.get("kind", ""),
        open_now=request.GET.get("open") == "now",
    )
    kinds, offences = Vocabulary.load(NEWEST).words("agency_kind"), offence_words()
    if (wanted.kind and wanted.kind not in kinds) or (
        wanted.offence and wanted.offence not in offences
    ):
        raise NotFound()
    request.scope.did("consultation", of="agencies")
    at, zone = now(), request.scope.actor.zone
    found = queries.find(wanted, at)
    context = {
        "wanted": wanted,
        "is_asked": wanted != Wanted(),
        "kinds": [Option(k, words(k)) for k in kinds],
        "offences": [Option(o, words(o)) for o in offences],
        "open_option": Option("now", phrase("Only those whose desk is open now")),
        "columns": shown_as.AGENCIES,
        "rows": [shown_as.agency_row(e, at, zone) for e in found.agencies],
        "silent": found.silent,
        "at": at,
        "zone": zone,
    }
    return render(request, "desk/agencies.html", context)


@own_desk(READING)
def _agency(request: Any, agency_id: str) -> HttpResponseBase:
    actor = request.scope.actor
    entry, at = agencies.agency(agency_id), now()
    request.scope.did("consultation", of="agency", about=agency_id)
    own = actor.agency == agency_id
    history = queries.changes() if own and actor.roles & READERS else ()
    names = agencies.names({m for c in history for m in (c.by, c.decided_by) if m})
    context = {
        "entry": entry,
        "desk": desk_shown(entry.duty_desk, at, actor.zone),
        "different": different_days(entry.duty_desk, at),
        "places": shown_as.place_rows(entry.territory),
        "place_columns": shown_as.PLACES,
        "courts": shown_as.courts_said(entry.courts),
        "may_read_changes": own and bool(actor.roles & READERS),
        "cannot": refusal_of(policy.check_administers, actor),
        "history": shown_as.change_rows(history, names, actor.zone),
        "history_columns": shown_as.CHANGES,
        "keys": shown_as.key_rows(agencies.key_ring().of(agency_id), actor.zone),
        "key_columns": shown_as.KEYS,
    }
    return render(request, "desk/agency.html", context)


@own_desk(OFFICE)
def _form(request: Any, agency_id: str) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_own(actor, agency_id)
    entry = agencies.agency(agency_id)
    typed = request.POST
    context = {
        "entry": entry,
        "cannot": refusal_of(policy.check_administers, actor),
        "offences": [Option(o, words(o)) for o in offence_words()],
        "courts": [Option(c, said) for c, said in COURTS.items()],
        "chosen_offences": typed.getlist("offences") if "kind" in typed else entry.offences,
        "chosen_courts": typed.getlist("courts") if "kind" in typed else entry.courts,
        "typed": _as_it_stands(entry) | typed.dict(),
        "keys": [
            Option(k.public.hex(), shown_as.key_choice(k, actor.zone))
            for k in agencies.key_ring().of(agency_id)
        ],
        "faults": faults_of(request, LABELS),
    }
    return render(request, "desk/agency_change.html", context)


def _as_it_stands(entry: AgencyEntry) -> dict[str, str]:
    """The form filled with what the directory says now."""
    desk = entry.duty_desk
    lines = desk_lines(desk)
    return {
        "territory": "\n".join(place_line(p) for p in entry.territory),
        "name": desk.name,
        "phone": desk.phone,
        "hours": "" if lines["weekly"] else desk.hours,
        "escalation": "" if lines["ladder"] else desk.escalation,
        **lines,
        **dict.fromkeys(("kind", "successor", "key", "since", "reason"), ""),
    }


@freshly_proven
@own_desk(OFFICE)
def _propose(request: Any, agency_id: str) -> HttpResponseBase:
    policy.check_own(request.scope.actor, agency_id)
    kind = request.POST.get("kind", "")
    if kind not in set(AboutKind):
        raise InvalidInput("change", None, "kind", phrase("choose one of the list"))
    said: dict[str, Any] = read_lines(request.POST.dict(), LINES)
    said |= {name: request.POST.getlist(name) for name in ("offences", "courts")}
    made = describing.propose(request.scope, AboutKind(kind), said, Via.PAGE)
    if queries.change(made).state is ChangeState.APPLIED:
        say(request, phrase("Done. It counts from now on."))
    else:
        say(request, phrase("Proposed. Another administrator decides within seven days."))
    return done(f"/agencies/changes/{made}")


@own_desk(OFFICE)
def _change(request: Any, change_id: UUID) -> HttpResponseBase:
    actor = request.scope.actor
    found = queries.change(change_id)
    policy.check_own(actor, found.agency)
    request.scope.did("consultation", of="change of the agency's entry", about=str(change_id))
    names = agencies.names({m for m in (found.by, found.decided_by) if m})
    before = found.held or queries.now_says(found.agency, found.kind)
    context = {
        "change": found,
        "entry": agencies.agency(found.agency),
        "kind": shown_as.KINDS[found.kind],
        "state": STATES[found.state],
        "before": shown_as.said_lines(found.kind, before, actor.zone)
        if found.kind in PARTS
        else (),
        "after": shown_as.said_lines(found.kind, found.facts, actor.zone),
        "by": names.get(found.by, found.by),
        "decided_by": names.get(found.decided_by or "", found.decided_by),
        "waits": found.state is ChangeState.PROPOSED,
        "cannot": refusal_of(policy.check_second, actor, found, person_of(found.by)),
        "cannot_withdraw": refusal_of(policy.check_administers, actor),
        "faults": faults_of(request, LABELS),
        "zone": actor.zone,
    }
    return render(request, "desk/agency_proposal.html", context)


@freshly_proven
@own_desk(OFFICE)
def _approve(request: Any, change_id: UUID) -> HttpResponseBase:
    found = queries.change(change_id)
    policy.check_own(request.scope.actor, found.agency)
    describing.approve(request.scope, found)
    say(request, phrase("Done. It counts from now on."))
    return done(f"/agencies/changes/{change_id}")


@own_desk(OFFICE)
def _withdraw(request: Any, change_id: UUID) -> HttpResponseBase:
    found = queries.change(change_id)
    policy.check_own(request.scope.actor, found.agency)
    describing.withdraw(request.scope, found)
    say(request, phrase("The proposal is withdrawn."))
    return done(f"/agencies/{found.agency}")


directory = page(get=_directory)
agency = page(get=_agency)
change_form = page(get=_form, post=_propose)
change = page(get=_change)
approve = page(post=_approve, again=_change)
withdraw = page(post=_withdraw, again=_change)
