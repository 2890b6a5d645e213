"""One record, part by part; its history; and its legal hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.about.screen import desk_shown
from accord.agreements.entry import in_context
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import joined, phrase
from accord.records import screen
from accord.records.actions.keeping import CUSTODIANS, set_legal_hold
from accord.records.differences import BETWEEN, between_records, between_revisions
from accord.records.keeps import gone
from accord.records.ontology import common_ontology
from accord.records.queries.handles import handle_for
from accord.records.queries.records import (
    PartView,
    RecordView,
    history,
    record_view,
    record_views,
)
from accord.records.screen import Names
from accord.web.components import DiffRow, PartPanel
from accord.web.faults import faults_of

LABELS = {"reason": phrase("Reason")}


@in_context
def show_record(request: Any, record_id: UUID) -> HttpResponseBase:
    """Draw a record: what is visible of it, from whom it came, and why it can be seen."""
    scope: Scope = request.scope
    record = record_view(scope, record_id)
    names = agencies.agency_names()
    own = record.owner == scope.actor.agency
    called = screen.caption(record, scope.actor.agency)
    owner = agencies.agency(record.owner)
    context = {
        "record": record,
        "caption": called,
        "schema": common_ontology().schema(record.schema),
        "owner": owner,
        "desk": desk_shown(owner.duty_desk, now(), scope.actor.zone),
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "panels": [screen.panel(scope, record, p, names) for p in record.parts],
        "closed": screen.is_closed(scope, record.parts),
        "keys": screen.keys_of(record, scope),
        "own": own,
        "in_case": any("case" in p.kinds for p in record.parts),
        "cannot_place": _cannot_place(scope, record) if own else None,
        "keeps": own and bool(scope.actor.roles & CUSTODIANS),
        "gone": gone(record_id) if own else None,
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
        return phrase(
            "You are working without a case. Choose a context with one to place records in it."
        )
    if any(scope.may("place", part.label) for part in record.parts):
        return None
    return phrase("No clause in force lets you place this record in a case for this purpose.")


@in_context
def _history(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    record = record_view(scope, record_id)
    names = agencies.agency_names()
    parts = history(scope, record_id)
    revisions: dict[int, list[PartView]] = {}
    for part in parts:
        revisions.setdefault(part.revision, []).append(part)
    context = {
        "record": record,
        "caption": screen.caption(record, scope.actor.agency),
        "closed": screen.is_closed(scope, parts),
        "path": scope.context.path,
        "watermark": screen.watermark(scope, record),
        "revisions": [
            (number, [_step(scope, record, p, _older(p, parts), names) for p in found])
            for number, found in revisions.items()
        ],
        "handling": screen.handling([record]),
        "zone": scope.actor.zone,
    }
    return render(request, "records/history.html", context)


@dataclass(frozen=True, slots=True)
class Step:
    """One part of one revision, and what changed in it since the one before that is visible."""

    panel: PartPanel
    since: int | None
    changes: tuple[DiffRow, ...]


def _older(part: PartView, parts: tuple[PartView, ...]) -> PartView | None:
    """The visible revision of the same kind of part that came before."""
    before = [p for p in parts if p.kind == part.kind and p.revision < part.revision]
    return max(before, key=lambda p: p.revision, default=None)


def _step(
    scope: Scope, record: RecordView, part: PartView, older: PartView | None, names: Names
) -> Step:
    schema = common_ontology().schema(record.schema)
    changes = between_revisions(schema, older, part) if older else ()
    return Step(
        screen.panel(scope, record, part, names), older.revision if older else None, changes
    )


@in_context
def _beside(request: Any, record_id: UUID, other_id: UUID) -> HttpResponseBase:
    """Two records field by field; either one that is not open makes the page absent."""
    scope: Scope = request.scope
    if record_id == other_id:
        raise InvalidInput("beside", None, "record", phrase("choose two different records"))
    found = record_views(scope, [record_id, other_id], unseal=True)
    if len(found) != 2:
        raise NotFound()
    names = agencies.agency_names()
    compared = between_records(*found)
    context = {
        "records": found,
        "record": found[0],
        "closed": screen.is_closed(scope, [p for r in found for p in r.parts]),
        "captions": [screen.caption(r, scope.actor.agency) for r in found],
        "schemas": [common_ontology().schema(r.schema).label for r in found],
        "owners": [names.get(r.owner, r.owner) for r in found],
        "compared": [
            (kind, [r for r in rows if r.change != "same"], [r for r in rows if r.change == "same"])
            for kind, rows in compared
        ],
        "says": BETWEEN,
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "handling": screen.handling(found),
        "watermark": screen.watermark(scope, *found),
    }
    return render(request, "records/beside.html", context)


@in_context
def _hold(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    on = request.POST.get("hold") == "on"
    set_legal_hold(scope, record_id, on, request.POST.get("reason", ""))
    said = phrase("The record is under a legal hold.") if on else phrase("The hold has ended.")
    lost = gone(record_id) if on else None
    request.session["said"] = joined((said, lost), " ") if lost else said
    return done(f"{scope.context.path}/records/{record_id}")


record = page(get=show_record)
record_history = page(get=_history)
beside = page(get=_beside)
legal_hold = page(post=_hold, again=show_record)
