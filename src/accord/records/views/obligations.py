"""Obligations of and towards the viewer's agency, and the copies that were taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.duties import actions, queries
from accord.agreements.duties.queries import DutyFacts, DutyState, is_notice
from accord.agreements.entry import own_desk
from accord.agreements.obligations import DutyKind
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.errors import NotFound
from accord.kernel.phrases import phrase
from accord.records import duty_screen
from accord.records.queries import exports as copy_queries
from accord.web.components import Option, Tab
from accord.web.faults import faults_of
from accord.web.handling import Handling

SIDES = ("ours", "owed")
STATES = {
    "all": phrase("All"),
    "due": phrase("Due"),
    "overdue": phrase("Overdue"),
    "open": phrase("Without a day"),
    "held": phrase("Under a legal hold"),
    "discharged": phrase("Discharged"),
}
LABELS = {"how": phrase("How")}


@own_desk("records-administration")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    side, state = request.GET.get("side", "ours"), request.GET.get("state", "all")
    if side not in SIDES or state not in STATES:
        raise NotFound()
    agency, names = scope.actor.agency, agencies.agency_names()
    ours, owed = queries.duties(owes=agency), queries.duties(owner=agency)
    shown = [d for d in (ours if side == "ours" else owed) if state in ("all", _named(d))]
    context = {
        "side": side,
        "state": state,
        "states": [Option(name, label) for name, label in STATES.items()],
        "tabs": [
            Tab(phrase("What we owe"), "/obligations/", side == "ours", _overdue(ours)),
            Tab(
                phrase("What is owed to us"),
                "/obligations/?side=owed",
                side == "owed",
                _new(owed, agency),
            ),
            Tab(phrase("Copies"), "/exports/"),
        ],
        "columns": duty_screen.COLUMNS,
        "full": len(ours if side == "ours" else owed) == queries.SHOWN and queries.SHOWN,
        "rows": [duty_screen.duty_row(d, names, agency, scope.actor.zone) for d in shown],
    }
    return render(request, "records/obligations.html", context)


def _named(duty: DutyFacts) -> str:
    return "open" if duty.state is DutyState.WAITING else duty.state.value


def _overdue(found: Sequence[DutyFacts]) -> int | None:
    return sum(d.state is DutyState.OVERDUE for d in found) or None


def _new(found: Sequence[DutyFacts], agency: str) -> int | None:
    return queries.waiting_for(found, agency) or None


@own_desk("records-administration")
def _show(request: Any, duty_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    duty = queries.duty(duty_id)
    ids = {duty.by_member} | ({duty.discharged_by} if duty.discharged_by else set())
    people = agencies.names(ids)
    owner = duty.owner == scope.actor.agency
    context = {
        "duty": duty,
        "title": duty_screen.TITLES[duty.kind],
        "asked": duty_screen.asked(duty),
        "how": duty_screen.HOW[duty.kind],
        "state": duty_screen.state_chip(duty),
        "record": duty_screen.short(duty.record_id).text,
        "record_href": f"/w/records-administration/statute/-/records/{duty.record_id}"
        if owner
        else None,
        "names": agencies.agency_names(),
        "by": people.get(duty.by_member, duty.by_member),
        "discharged_by": people.get(duty.discharged_by or "", "Accord, by itself"),
        "choices": _choices(duty, owner),
        "faults": faults_of(request, LABELS),
        "handling": Handling("official"),
        "zone": scope.actor.zone,
    }
    return render(request, "records/obligation.html", context)


def _choices(duty: DutyFacts, owner: bool) -> tuple[Option, ...]:
    """What this viewer can do about it now."""
    if owner:
        new = is_notice(duty) and not duty.closed
        return (Option("noted", phrase("Take note of it")),) if new else ()
    if duty.discharged_at is not None:
        return ()
    match duty.kind:
        case DutyKind.RETURN_COPY:
            return tuple(Option(how, f"{said}.") for how, said in actions.ATTESTED.items())
        case DutyKind.NOTIFY_AFTER:
            return (Option("told", phrase("Tell the owner now")),)
        case _:
            return ()


@own_desk("records-administration")
def _discharge(request: Any, duty_id: UUID) -> HttpResponseBase:
    actions.discharge(request.scope, duty_id, request.POST.get("how", ""))
    request.session["said"] = phrase("Written down.")
    return done(f"/obligations/{duty_id}")


@own_desk("records-administration")
def _copies(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    side = request.GET.get("side", "ours")
    if side not in SIDES:
        raise NotFound()
    agency, zone = scope.actor.agency, scope.actor.zone
    names = agencies.agency_names()
    found = (
        copy_queries.copies(holder=agency) if side == "ours" else copy_queries.copies(owner=agency)
    )
    shown = [c for c in found if side == "ours" or c.agency != agency]
    people = agencies.names({c.by_member for c in shown})
    context = {
        "side": side,
        "tabs": [
            Tab(phrase("Copies we hold"), "/exports/", side == "ours"),
            Tab(phrase("Copies of our records"), "/exports/?side=owed", side == "owed"),
            Tab(phrase("Obligations"), "/obligations/"),
        ],
        "columns": duty_screen.COPY_COLUMNS,
        "rows": duty_screen.copy_rows(shown, queries.duties(), names, people, agency, zone),
    }
    return render(request, "records/exports.html", context)


obligations = page(get=_list)
obligation = page(get=_show)
discharge = page(post=_discharge, again=_show)
exports = page(get=_copies)
