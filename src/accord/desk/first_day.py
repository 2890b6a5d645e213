"""The first day in the demonstration: steps that tick themselves off.

A step is done when the tables say that this member did it: the ledger, requests, quick checks and
saved searches. Nothing is kept to remember a tick, so none can be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

from accord.agreements.scope import Scope
from accord.kernel.phrases import phrase
from accord.ledger import queries as ledger
from accord.ledger.domain import Kind
from accord.records.checking import can_review
from accord.records.queries.quick_checks import has_checked, has_reviewed
from accord.records.queries.requests import has_answered, has_asked
from accord.records.queries.saved_searches import has_saved
from accord.records.requests import can_answer
from accord.web.components import Step

ADMINISTRATION = "case-administration"
"""Loading a world opens and fills cases in the names of its people; that is nobody's first day."""


def first_day(scope: Scope, entrance: str | None) -> tuple[Step, ...]:
    """The steps for this member; `entrance` is the way into one of their cases."""
    mine = ledger.own_entries(ledger.Filter(actor=scope.actor.membership), limit=500)
    return (
        *(_of_cases(scope, mine, entrance) if entrance else ()),
        Step(
            phrase("Make a quick check"),
            phrase("A plate or a name without a case: the reason is one key. A share is reviewed."),
            has_checked(scope),
            "/w/general-policing/statute/-/search",
            ("q", "1"),
        ),
        *_of_duties(scope),
        Step(
            phrase("Read what was written down"),
            phrase(
                "Each step above is an entry in the ledger, whose receipt can be checked anywhere."
            ),
            any(e.purpose == "oversight" for e in mine),
            "/ledger/",
            ("g", "l"),
        ),
    )


def _of_cases(scope: Scope, mine: Sequence[ledger.EntryLine], entrance: str) -> tuple[Step, ...]:
    search = entrance.removesuffix("/case") + "/search"
    in_case = [e for e in mine if e.case is not None and e.purpose != ADMINISTRATION]
    return (
        Step(
            phrase("Open a case"),
            phrase(
                "It gives the reason for what you ask in it, and stands in the address of each page."
            ),
            bool(in_case),
            entrance,
            ("1",),
        ),
        Step(
            phrase("Search, and get a hit"),
            phrase(
                "Try Viktor Danylchuck, misspelt as it is. A hit says who holds a record, no more."
            ),
            any(e.kind == Kind.DISCLOSURE for e in in_case),
            search,
            ("/",),
        ),
        Step(
            phrase("Ask for a disclosure"),
            phrase("From a hit: say why, and a person of the owner decides, part by part."),
            has_asked(scope),
            search,
            ("a",),
        ),
        Step(
            phrase("Save a search"),
            phrase("On the results: it is run again by its name, and tells what is new to you."),
            has_saved(scope),
            entrance.removesuffix("/case") + "/searches/",
            ("s",),
        ),
    )


def _of_duties(scope: Scope) -> tuple[Step, ...]:
    steps = []
    if can_answer(scope.actor, scope.actor.agency) is None:
        how = phrase("Grant or refuse each part; sign in as two people to see both sides.")
        answered = has_answered(scope)
        steps.append(Step(phrase("Answer a request"), how, answered, "/requests/", ("g", "r")))
    if can_review(scope.actor) is None:
        how = phrase("Say of a colleague’s check that was drawn whether it was justified, and why.")
        steps.append(
            Step(phrase("Review a quick check"), how, has_reviewed(scope), "/quick-checks/")
        )
    return tuple(steps)
