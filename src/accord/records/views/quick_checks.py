"""Quick checks: one's own, and for reviewers those that were sampled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.phrases import phrase
from accord.records.actions.quick_checks import review_check
from accord.records.checking import VERDICTS, Check, can_review
from accord.records.queries import quick_checks as queries
from accord.web.components import Code, Option, Tab
from accord.web.faults import faults_of

LABELS = {"verdict": phrase("Verdict"), "because": phrase("Reason")}
HERE = "/quick-checks/"


@own_desk("oversight")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    held = can_review(scope.actor)
    mine = request.GET.get("view") == "mine" or held is not None
    found = queries.own_checks(scope) if mine else queries.checks_to_review(scope)
    context = {
        "tabs": _tabs(held, mine),
        "mine": mine,
        "held": held,
        "waiting": [c for c in found if c.verdict is None],
        "reviewed": [c for c in found if c.verdict is not None],
        "names": _names(found),
        "zone": scope.actor.zone,
    }
    return render(request, "records/quick_checks.html", context)


def _tabs(held: str | None, mine: bool) -> tuple[Tab, ...]:
    own = Tab(phrase("My checks"), f"{HERE}?view=mine", mine)
    return (own,) if held else (Tab(phrase("To review"), HERE, not mine), own)


def _names(found: tuple[Check, ...]) -> dict[str, str]:
    """The names of who checked and who reviewed: the directory, which every member reads."""
    named = {m for c in found for m in (c.membership, c.reviewer) if m}
    return agencies.names(named)


@own_desk("oversight")
def _one(request: Any, check_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.one_check(scope, check_id)
    context = {
        "check": found,
        "names": _names((found,)),
        "own": found.membership == scope.actor.membership,
        "verdicts": [Option(word, text) for word, text in VERDICTS.items()],
        "entry": Code(str(found.entry_id)),
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "zone": scope.actor.zone,
    }
    return render(request, "records/quick_check.html", context)


@own_desk("oversight")
def _review(request: Any, check_id: UUID) -> HttpResponseBase:
    verdict, because = request.POST.get("verdict", ""), request.POST.get("because", "")
    review_check(request.scope, check_id, verdict, because)
    request.session["said"] = phrase("The review is written down.")
    return done(HERE)


quick_checks = page(get=_list)
quick_check = page(get=_one, post=_review, again=_one)
