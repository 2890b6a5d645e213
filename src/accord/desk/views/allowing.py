"""Whether an agency lets its members sign in with one-time codes, for its administrators."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.directory import policy
from accord.agencies.directory.queries import person_of
from accord.agencies.domain import Actor
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.desk.context import say
from accord.desk.signing_in import OFFICE
from accord.identity.codes import queries
from accord.identity.codes.actions import allowing
from accord.identity.codes.domain import AllowanceState
from accord.kernel.errors import InvalidInput, NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.web.faults import faults_of

HERE = "/members/codes"
ABOUT = "about"


@own_desk(OFFICE)
def _show(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_reads(actor)
    held = queries.allowance(actor.agency)
    said = {m for m in (held.proposed_by, held.approved_by) if m}
    request.scope.did("consultation", of="sign-in with codes")
    context = {
        "faults": faults_of(request, {}),
        "held": held,
        "names": agencies.names(said),
        "cannot": refusal_of(policy.check_administers, actor),
        "cannot_approve": refusal_of(
            allowing.check_second, actor, held, person_of(held.proposed_by or "")
        ),
        "zone": actor.zone,
    }
    return render(request, "desk/members_codes.html", context)


@freshly_proven
@own_desk(OFFICE)
def _step(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_reads(actor)
    match request.POST.get("do"):
        case "propose":
            made = allowing.propose(actor)
            _did(request, "proposed: one-time codes", made)
            say(request, phrase("Proposed. Another administrator decides within seven days."))
        case "approve":
            about = _about(request)
            held = queries.allowance(actor.agency)
            allowing.check_second(actor, held, person_of(held.proposed_by or ""))
            allowing.approve(actor, about)
            _did(request, "approved: one-time codes", about)
            say(request, phrase("Done. It counts from now on."))
        case "end":
            _end(request, actor)
        case _:
            raise InvalidInput("request", None, "do", phrase("choose one of the list"))
    return done(HERE)


def _end(request: Any, actor: Actor) -> None:
    about = _about(request)
    allowed = queries.allowance(actor.agency).state is AllowanceState.ALLOWED
    allowing.end(actor, about)
    if allowed:
        _did(request, "ended: one-time codes", about)
        say(
            request, phrase("Codes are allowed no more, and sessions that began with one are over.")
        )
    else:
        _did(request, "withdrew: one-time codes", about)
        say(request, phrase("The proposal is withdrawn."))


def _about(request: Any) -> UUID:
    try:
        return UUID(request.POST.get(ABOUT, ""))
    except ValueError as fault:
        raise NotFound() from fault


def _did(request: Any, step: str, change: UUID) -> None:
    request.scope.did("membership", step=step, change=str(change))


members_codes = page(get=_show, post=_step)
