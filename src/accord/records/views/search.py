"""Searching: the question goes by POST, its answer has an address that says nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import in_context
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.phrases import phrase
from accord.records import screen
from accord.records.actions.quick_checks import begin_check
from accord.records.checking import REASONS, is_quick, reason_of
from accord.records.ontology import common_ontology
from accord.records.queries import requests
from accord.records.queries.saved_searches import seal_shown, shown_ids
from accord.records.queries.search import Keyset, SearchAnswer, latest, search
from accord.records.queries.spending import spent
from accord.records.question import Question, open_question, seal_question
from accord.records.request_screen import state_chip
from accord.records.saving import Saved
from accord.records.views.hits import card_of
from accord.web.components import Choice, Hit, Option
from accord.web.faults import faults_of

LABELS = {
    "q": "",
    "schemas": phrase("Kinds of record"),
    "reason": "",
    "why": phrase("Your own reason"),
}
FIELDS = ("name", "birthDate", "plate", "phone", "identifier", "phrase")
TEXTS = frozenset({"Case", "Note", "Request", "QuarantinedRow"})
"""Kinds of record that hold people's own texts; they are read where they were written."""


@in_context
def _form(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    question = _posted(request)
    context = _frame(scope, question) | {
        "faults": faults_of(request, LABELS),
        "quota": spent(scope),
        "answer": None,
    }
    return render(request, "records/search.html", context)


@in_context
def _ask(request: Any) -> HttpResponseBase:
    """Check that the question can be read, and go to the address of its answer."""
    scope: Scope = request.scope
    question = _posted(request)
    if is_quick(scope.context):
        reason = reason_of(request.POST.get("reason", ""), request.POST.get("why", ""))
        question = replace(question, reason=reason)
    question.query(scope.actor.country)
    scope.did("consultation", step=phrase("asked a question"))
    if question.reason is not None:
        begin_check(scope, question.said, question.reason)
    return done(f"{scope.context.path}/search/{seal_question(scope, question)}")


def _posted(request: Any) -> Question:
    """The form where any of its fields is filled in, else the one box."""
    sent = request.POST
    fields = {name: sent[name].strip() for name in FIELDS if sent.get(name, "").strip()}
    schemas = tuple(s for s in sent.getlist("schemas") if s in common_ontology())
    return Question("" if fields else sent.get("q", "").strip(), fields, schemas)


@in_context
def _results(request: Any, question: str) -> HttpResponseBase:
    scope: Scope = request.scope
    return show_answer(request, open_question(scope, question))


def show_answer(request: Any, asked: Question, saved: Saved | None = None) -> HttpResponseBase:
    """Draw the answer to a question; of a saved one, with what is new in it."""
    scope: Scope = request.scope
    answer = search(scope, asked.query(scope.actor.country), asked.schemas or None)
    _say_why(scope, asked)
    if saved is not None and asked.reason is not None and is_quick(scope.context):
        begin_check(scope, asked.said, asked.reason)  # each time it is asked is a check of its own
    names = agencies.agency_names()
    records = [summary.record for summary in answer.visible]
    shown = shown_ids(answer)
    new = saved.new(shown) if saved else frozenset()
    context = _frame(scope, asked) | {
        "faults": faults_of(request, LABELS),
        "quota": answer.quota,
        "answer": answer,
        "results": [
            screen.result(
                scope,
                s.record,
                names,
                matched=s.reasons,
                snippet=s.snippet,
                new=str(s.record_id) in new,
                handle=s.handle,
            )
            for s in answer.visible
        ],
        "hits": [_marked(h, new) for h in _hits(scope, answer)],
        "sealed": seal_question(scope, asked),
        "shown": seal_shown(scope, shown),
        "saved": saved,
        "new": len(new),
        "handling": screen.handling(records) if records else None,
        "watermark": screen.watermark(scope, *records),
    }
    return render(request, "records/results.html", context)


def _say_why(scope: Scope, asked: Question) -> None:
    """Raises InvalidInput for a quick check that says no reason."""
    if not is_quick(scope.context):
        return
    if asked.reason is None:
        reason_of("", "")
    else:
        scope.did(scope.kind, step=phrase("quick check"), reason=asked.reason.said)


def _marked(hit: Hit, new: frozenset[str]) -> Hit:
    return replace(hit, new=True) if hit.handle in new else hit


def _hits(scope: Scope, answer: SearchAnswer) -> list[Hit]:
    """Hits with what was already asked about them in this case."""
    asked = requests.by_handle(scope, [hit.handle for hit in answer.hits])
    chips = {handle: state_chip(line, now()) for handle, line in asked.items()}
    return [
        card_of(scope, hit, asked.get(hit.handle), chips.get(hit.handle)) for hit in answer.hits
    ]


def _frame(scope: Scope, question: Question) -> dict[str, Any]:
    ontology = common_ontology()
    kinds = [
        Option(name, ontology.schema(name).plural) for name in ontology.names if name not in TEXTS
    ]
    return {
        "question": question,
        "kinds": kinds,
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "purpose": scope.context.purpose,
        "zone": scope.actor.zone,
        "reasons": REASONS if is_quick(scope.context) else None,
        "choices": choices(scope),
    }


def choices(scope: Scope) -> tuple[Choice, ...]:
    """What can be done with the records chosen in a list."""
    case = scope.context.case_number
    return (
        Choice(phrase("Side by side"), "beside", "v", phrase("two")),
        Choice(
            phrase("Place in %(case)s", case=case) if case else phrase("Place in a case"),
            "place",
            "p",
            phrase("one or more of your own agency’s"),
            None if case else phrase("You are working without a case."),
        ),
    )


@in_context
def _latest(request: Any) -> HttpResponseBase:
    """What came last, of what the viewer may see; without a total, which would tell of the rest."""
    scope: Scope = request.scope
    after = request.GET.get("after")
    schema = request.GET.get("schema") or None
    found = latest(scope, schema, Keyset.parse(after) if after else None)
    names = agencies.agency_names()
    records = [summary.record for summary in found.records]
    narrowed = f"schema={schema}&" if schema else ""
    context = _frame(scope, Question()) | {
        "results": [screen.result(scope, record, names) for record in records],
        "schema": schema,
        "older": f"{scope.context.path}/records/?{narrowed}after={found.next}"
        if found.next
        else None,
        "handling": screen.handling(records, texts=not records),
        "watermark": screen.watermark(scope, *records),
    }
    return render(request, "records/latest.html", context)


search_page = page(get=_form, post=_ask)
results = page(get=_results)
latest_page = page(get=_latest)
