"""The simulator: who would be allowed what, under which clause, and what would be missing.

/agreements/simulator describes a person and a part; within a working context it also takes a record
of the viewer's own agency. What was asked goes by POST, its answer has an address that says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements import queries as agreements
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.context import NO_CASE, VOCABULARY_VERSION
from accord.agreements.entry import View, in_context, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.cases import queries as cases
from accord.desk import simulation_screen as drawn
from accord.desk.simulating import (
    CARRIED,
    DEFAULTS,
    DESCRIBED,
    LABEL_FIELDS,
    LISTS,
    PERSON,
    Asked,
    answer,
    colleagues,
)
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS
from accord.kernel.phrases import headed, phrase
from accord.kernel.vocabulary import Vocabulary
from accord.platform import sealedaddress
from accord.records import screen
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

LABELS = {
    "who": phrase("Who asks"),
    "agency": phrase("Agency"),
    "role": phrase("Role"),
    "training": phrase("Training"),
    "assurance": phrase("Sign-in"),
    "clearance": phrase("Clearance"),
    "nationality": phrase("Nationality"),
    "purpose": phrase("Purpose"),
    "basis": phrase("Legal basis"),
    "case": phrase("Case"),
    "record": phrase("Record"),
    "owner": phrase("Owner"),
    "schema": phrase("Kind of record"),
    "part": phrase("Part"),
    "subject": phrase("Who it is about"),
    "sensitivity": phrase("Sensitivity"),
    "handling": phrase("Handling code"),
    "collected": phrase("How it was collected"),
    "offence": phrase("Offence"),
    "flag": phrase("Marks"),
    "keys": phrase("Keys"),
    "key": phrase("Keys"),
    "version": phrase("Agreements"),
}
FLAG_NAMES = {
    "minor": phrase("About a minor"),
    "sealed": phrase("Sealed by a court"),
    "intelligence": phrase("Criminal intelligence"),
}


def _address(scope: Scope, *, inside: bool) -> str:
    return f"{scope.context.path}/simulator" if inside else "/agreements/simulator"


def _whose(scope: Scope, *, inside: bool) -> list[bytes]:
    where = _address(scope, inside=inside).encode()
    return [b"accord-simulation/1", scope.actor.membership.encode(), where]


def _sent(values: Any) -> Asked:
    """What a form or an address holds, of the fields that the simulator knows."""
    return Asked({name: tuple(values.getlist(name)) for name in LABELS if name in values})


def _form(request: Any, *, inside: bool) -> HttpResponseBase:
    """The empty form, or what was typed when it could not be answered."""
    asked = _sent(request.POST if request.method == "POST" else request.GET)
    return _draw(request, asked, inside=inside)


def _ask(request: Any, *, inside: bool) -> HttpResponseBase:
    """Check that it can be answered, and go to the address of the answer."""
    scope: Scope = request.scope
    asked = _sent(request.POST)
    answer(scope, asked)
    scope.did("consultation", step=phrase("asked the simulator"))
    return done(answer_address(scope, asked, inside=inside))


def answer_address(scope: Scope, asked: Asked, *, inside: bool) -> str:
    """Return the address of the answer, for this member alone."""
    said = {name: list(values) for name, values in asked.values.items()}
    step = sealedaddress.seal(said, _whose(scope, inside=inside))
    return f"{_address(scope, inside=inside)}/{step}"


def _answer(request: Any, question: str, *, inside: bool) -> HttpResponseBase:
    scope: Scope = request.scope
    said: Mapping[str, list[str]] = sealedaddress.unseal(question, _whose(scope, inside=inside))
    asked = Asked({name: tuple(values) for name, values in said.items()})
    return _draw(request, asked, inside=inside, answered=True)


def _draw(request: Any, asked: Asked, *, inside: bool, answered: bool = False) -> HttpResponse:
    scope: Scope = request.scope
    names = agencies.agency_names()
    found = answer(scope, asked) if answered else None
    record = found.record if found else None
    context = _choices(scope, names, inside=inside) | {
        "faults": faults_of(request, LABELS),
        "asked": asked,
        "lists": {name: asked.all(name) for name in LISTS},
        "value": _values(scope, asked),
        "labels": LABELS,
        "inside": inside,
        "address": _address(scope, inside=inside),
        "answered": found,
        "result": drawn.result(found, names) if found else None,
        "caption": screen.caption(record, scope.actor.agency) if record else None,
        "path": scope.context.path if inside else None,
        "handling": screen.handling([record]) if record else None,
    }
    return render(request, "desk/simulator.html", context)


def _values(scope: Scope, asked: Asked) -> dict[str, str]:
    """What each field that takes one value holds; at first, the reader's own case of it."""
    context = scope.context
    first = {
        "who": scope.actor.membership,
        "agency": scope.actor.agency,
        "assurance": "2",
        "clearance": "none",
        "purpose": context.purpose,
        "basis": context.legal_basis,
        "case": context.case_number or NO_CASE,
        "owner": scope.actor.agency,
        "keys": CARRIED,
    } | {LABEL_FIELDS[name]: word for name, word in DEFAULTS.items()}
    return {name: asked.one(name, first.get(name, "")) for name in LABELS if name not in LISTS}


def _choices(scope: Scope, names: Mapping[str, str], *, inside: bool) -> dict[str, Any]:
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    directory = [Option(agency, name) for agency, name in names.items()]
    people = [Option(a.membership, f"{a.name}, {a.title}") for a in colleagues(scope)]
    options: dict[str, Any] = {
        LABEL_FIELDS[name]: _options(vocabulary, name) for name in WORD_DIMENSIONS
    }
    options |= {
        "who": [*people, Option(DESCRIBED, phrase("Somebody described below"))],
        "agency": directory,
        "owner": directory,
        "purpose": _options(vocabulary, "purpose"),
        "basis": _options(vocabulary, "legal_basis"),
        "case": [Option(NO_CASE, phrase("No case")), *_cases()],
        "subject": _options(vocabulary, "subject"),
        "key": [Option(kind, _upper(vocabulary.meaning("key", kind))) for kind in KEY_KINDS],
        "keys": [
            Option(CARRIED, phrase("As its parts carry them now")),
            Option("chosen", phrase("As ticked here")),
        ],
        "flag": [Option(flag, FLAG_NAMES[flag]) for flag in FLAGS],
        "version": _versions(),
    }
    for name in PERSON[1:5]:
        options[name] = _options(vocabulary, name)
    return {"options": options}


def _upper(text: str) -> str:
    return headed(text)


def _options(vocabulary: Vocabulary, dimension: str) -> list[Option]:
    said = ((word, vocabulary.meaning(dimension, word)) for word in vocabulary.words(dimension))
    return [Option(word, _upper(meaning)) for word, meaning in said]


def _cases() -> Iterable[Option]:
    return [Option(c.address, c.address) for c in cases.cases()]


def _versions() -> list[Option]:
    """The versions that do not decide and could: what if one of them were in force?"""
    return [
        Option(
            v.content_hash,
            phrase(
                "If this were in force: %(title)s (%(state)s)",
                title=v.title,
                state=words(v.state).lower(),
            ),
        )
        for v in agreements.versions()
        if v.state not in (agreements.IN_FORCE, "superseded")
    ]


def _at_desk(view: Any) -> View:
    @own_desk("case-administration")
    def entered(request: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = view(request, inside=False, **kwargs)
        return response

    return entered


def _in_context(view: Any) -> View:
    @in_context
    def entered(request: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = view(request, inside=True, **kwargs)
        return response

    return entered


desk_form = page(get=_at_desk(_form), post=_at_desk(_ask))
desk_answer = page(get=_at_desk(_answer))
context_form = page(get=_in_context(_form), post=_in_context(_ask))
context_answer = page(get=_in_context(_answer))
