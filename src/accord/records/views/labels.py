"""Change the label of one part of an own record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements import queries as agreements
from accord.agreements.entry import in_context
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.errors import NotAllowed
from accord.kernel.labels import FLAGS, Label
from accord.kernel.phrases import joined, phrase
from accord.records import screen
from accord.records.actions import labels as actions
from accord.records.queries.records import PartView, RecordView, record_view, visible_ids
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

CHOSEN = ("sensitivity", "handling", "basis", "offence")
LABELS = {
    "label": phrase("Label"),
    "subjects": phrase("Concerns"),
    "sensitivity": phrase("Sensitivity"),
    "handling": phrase("Handling code"),
    "basis": phrase("Basis"),
    "offence": phrase("Offence group"),
}
FLAG_SAYS = {
    "minor": phrase("Concerns a minor"),
    "sealed": phrase("Sealed by a court"),
    "intelligence": phrase("Criminal intelligence (28 CFR Part 23)"),
}


@in_context
def _form(request: Any, part_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    record, part = _own_part(scope, part_id)
    typed = request.POST
    now = part.label.facts()
    chosen = {d: typed.get(d, now[d]) for d in CHOSEN} if typed else now
    context = {
        "record": record,
        "part": part,
        "caption": screen.caption(record, scope.actor.agency),
        "path": scope.context.path,
        "subjects": _options("subject"),
        "ticked": typed.getlist("subject") if typed else now["subjects"],
        "dimensions": [(d, LABELS[d], _options(d), chosen[d]) for d in CHOSEN],
        "flags": [Option(f, FLAG_SAYS[f]) for f in FLAGS],
        "flagged": typed.getlist("flag") if typed else [f for f in FLAGS if now[f]],
        "refused": _refused(scope, part.label),
        "faults": faults_of(request, LABELS),
        "handling": screen.handling([record]),
    }
    return render(request, "records/label.html", context)


def _own_part(scope: Scope, part_id: UUID) -> tuple[RecordView, PartView]:
    record = record_view(scope, actions.visible_part(part_id).record_id, unseal=False)
    if record.owner != scope.actor.agency:
        raise NotAllowed(
            phrase("Only its owner changes a record's labels."), who_can_change=record.owner
        )
    return record, next(p for p in record.parts if p.part_id == part_id)


def _options(dimension: str) -> list[Option]:
    return [Option(w, words(w)) for w in actions.vocabulary().words(dimension)]


def _refused(scope: Scope, label: Label) -> str | None:
    """Why the viewer may not change this label; None when they may."""
    decision = scope.why(label, frozenset(), "relabel")
    if decision.allowed:
        return None
    return phrase("No clause lets you change this label: ") + joined(decision.missing, "; ")


@in_context
def _change(request: Any, part_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    part = actions.visible_part(part_id)
    old = agreements.label(part.label_id)
    form = request.POST
    flags = form.getlist("flag")
    facts = (
        old.facts()
        | {d: form.get(d, "") for d in CHOSEN}
        | {"subjects": form.getlist("subject")}
        | {flag: flag in flags for flag in FLAGS}
    )
    actions.relabel(scope, part_id, actions.read(facts))
    request.session["said"] = phrase("The label is changed.")
    shown = visible_ids([part.record_id])
    end = f"records/{part.record_id}" if shown else "records/"
    return done(f"{scope.context.path}/{end}")


label = page(get=_form, post=_change)
