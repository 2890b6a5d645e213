"""One record, part by part; its history; and its legal hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import in_context
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.records import screen
from accord.records.actions.keeping import CUSTODIANS, set_legal_hold
from accord.records.ontology import common_ontology
from accord.records.queries.handles import handle_for
from accord.records.queries.records import PartView, RecordView, history, record_view
from accord.web.faults import faults_of

LABELS = {"reason": "Reason"}


@in_context
def show_record(request: Any, record_id: UUID) -> HttpResponseBase:
    """Draw a record: what is visible of it, from whom it came, and why it can be seen."""
    scope: Scope = request.scope
    record = record_view(scope, record_id)
    names = {a.id: a.name for a in agencies.agencies()}
    own = record.owner == scope.actor.agency
    called = screen.caption(record, scope.actor.agency)
    context = {
        "record": record,
        "caption": called,
        "schema": common_ontology().schema(record.schema),
        "owner": agencies.agency(record.owner),
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "panels": [screen.panel(scope, record, p, names) for p in record.parts],
        "keys": screen.keys_of(record, scope),
        "own": own,
        "in_case": any("case" in p.kinds for p in record.parts),
        "cannot_place": _cannot_place(scope, record) if own else None,
        "keeps": own and bool(scope.actor.roles & CUSTODIANS),
        "may_export": any(scope.may("export", p.label, p.kinds) for p in record.parts),
        "handle": None if own else handle_for(scope, record_id),
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "handling": screen.handling([record]),
        "watermark": screen.watermark(scope, record),
        "zone": scope.actor.zone,
    }
    return render(request, "records/record.html", context)


def _cannot_place(scope: Scope, record: RecordView) -> str | None:
    """Why an own record cannot be placed in the case of this context; None when it can."""
    if scope.context.case_number is None:
        return "You are working without a case. Choose a context with one to place records in it."
    if any(scope.may("place", part.label) for part in record.parts):
        return None
    return "No clause in force lets you place this record in a case for this purpose."


@in_context
def _history(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    record = record_view(scope, record_id)
    names = {a.id: a.name for a in agencies.agencies()}
    revisions: dict[int, list[PartView]] = {}
    for part in history(scope, record_id):
        revisions.setdefault(part.revision, []).append(part)
    context = {
        "record": record,
        "caption": screen.caption(record, scope.actor.agency),
        "path": scope.context.path,
        "watermark": screen.watermark(scope, record),
        "revisions": [
            (number, [screen.panel(scope, record, p, names) for p in parts])
            for number, parts in revisions.items()
        ],
        "handling": screen.handling([record]),
        "zone": scope.actor.zone,
    }
    return render(request, "records/history.html", context)


@in_context
def _hold(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    on = request.POST.get("hold") == "on"
    set_legal_hold(scope, record_id, on, request.POST.get("reason", ""))
    request.session["said"] = "The record is under a legal hold." if on else "The hold has ended."
    return done(f"{scope.context.path}/records/{record_id}")


record = page(get=show_record)
record_history = page(get=_history)
legal_hold = page(post=_hold, again=show_record)
