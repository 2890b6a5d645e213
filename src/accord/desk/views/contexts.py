"""Choosing a working context: why one asks, on what legal basis, in which case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.context import NO_CASE, VOCABULARY_VERSION, resolve
from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.cases import queries as cases
from accord.cases.screen import usual_purpose
from accord.desk import remembered
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

LABELS = {"case": phrase("Case"), "purpose": phrase("Purpose"), "basis": phrase("Legal basis")}
WITHOUT_CASE = (
    "general-policing",
    "intelligence-assessment",
    "deconfliction",
    "victim-protection",
    "records-administration",
)
"""What may be worked on without a case; what is then open is decided by the agreements."""


@dataclass(frozen=True, slots=True)
class CaseWays:
    """A case with each of its purposes as an entrance."""

    number: str
    ways: tuple[remembered.Remembered, ...]


@own_desk("case-administration")
def _show(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    found = [c for c in cases.cases() if c.state == "open"]
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    context = {
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "kept": remembered.of_session(request),
        "cases": tuple(
            CaseWays(
                c.address, tuple(remembered.Remembered(p, "statute", c.address) for p in c.purposes)
            )
            for c in found
        ),
        "case_options": (
            Option(NO_CASE, phrase("No case")),
            *(Option(c.address, c.address) for c in found),
        ),
        "purposes": _options(vocabulary, "purpose"),
        "bases": _options(vocabulary, "legal_basis"),
        "usual": {c.address: usual_purpose(scope.actor, c.purposes) for c in found},
    }
    return render(request, "desk/contexts.html", context)


def _options(vocabulary: Vocabulary, dimension: str) -> tuple[Option, ...]:
    return tuple(
        Option(word, words(word), vocabulary.meaning(dimension, word))
        for word in vocabulary.words(dimension)
    )


@own_desk("case-administration")
def _choose(request: Any) -> HttpResponseBase:
    """Check that this context exists for the member, and go there."""
    purpose, basis = request.POST.get("purpose", ""), request.POST.get("basis", "")
    case = request.POST.get("case", NO_CASE)
    if case == NO_CASE and purpose and purpose not in WITHOUT_CASE:
        raise InvalidInput(
            "context",
            None,
            "case",
            phrase("%(purpose)s is done in a case; choose one", purpose=words(purpose)),
        )
    try:
        found = resolve(request.scope.actor, purpose, basis, case)
    except NotFound as error:
        raise InvalidInput(
            "context",
            None,
            "purpose",
            phrase("this case was not opened for that purpose; choose another"),
        ) from error
    way = remembered.Remembered(found.purpose, found.legal_basis, found.case_number or NO_CASE)
    return done(way.entrance)


contexts = page(get=_show, post=_choose)
