"""What is done with several records chosen in a list: put side by side, or placed in the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase

from accord.agreements.entry import in_context
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.cases import actions as cases
from accord.cases import queries
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.web.filters import listing, pluralise

MOST = 100


@in_context
def _work(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    chosen = _chosen(request.POST.getlist("record"))
    match request.POST.get("do", ""):
        case "beside":
            return _beside(scope, chosen)
        case "place":
            return _place(request, scope, chosen)
        case _:
            raise InvalidInput("list", None, "do", phrase("choose what to do with the records"))


def _chosen(texts: list[str]) -> list[UUID]:
    if not 1 <= len(texts) <= MOST:
        raise InvalidInput(
            "list",
            None,
            "record",
            phrase("choose 1 to %(most)s records, with the key x", most=MOST),
        )
    try:
        return list(dict.fromkeys(UUID(text) for text in texts))
    except ValueError as error:
        raise InvalidInput("list", None, "record", phrase("names no record")) from error


def _beside(scope: Scope, chosen: list[UUID]) -> HttpResponseBase:
    if len(chosen) != 2:
        raise InvalidInput(
            "list", None, "record", phrase("choose exactly two to see them side by side")
        )
    scope.did("consultation", step=phrase("chose two records to compare"))
    return done(f"{scope.context.path}/records/{chosen[0]}/beside/{chosen[1]}")


def _place(request: Any, scope: Scope, chosen: list[UUID]) -> HttpResponseBase:
    case = queries.case_of(scope)
    placed = cases.place_records(scope, case, chosen)
    said = phrase(
        "%(pluralise)s placed in %(number)s.",
        pluralise=pluralise(len(placed.placed), "record"),
        number=case.number,
    )
    if placed.refused:
        said += phrase(
            " %(pluralise)s could not be: another agency’s, in the case already, "
            "or not placeable under a clause in force.",
            pluralise=pluralise(len(placed.refused), "record"),
        )
    for closed, called in placed.closed:
        said += phrase(
            " Not placed: %(which)s; %(reason)s. Who can change that: %(who)s.",
            which=listing(called),
            reason=closed.reason,
            who=closed.who_can_change,
        )
    request.session["said"] = said
    return done(f"{scope.context.path}/case#records")


chosen = page(post=_work)
