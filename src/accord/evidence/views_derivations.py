"""Deriving on pages: the form of each way, a review of what will be done, how far it has come."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import freshly_proven, in_context
from accord.agreements.pages import View, done, page
from accord.agreements.scope import Scope
from accord.evidence import derivationforms as forms
from accord.evidence import policy, ways
from accord.evidence import readingscreen as screen
from accord.evidence.actions import derivations as actions
from accord.evidence.domain import CONTENT_PART, KINDS, About
from accord.evidence.forms import vocabulary_words
from accord.evidence.queries import derivations as queries
from accord.evidence.queries import readings
from accord.evidence.queries.exhibits import Seen
from accord.evidence.reading.results import Redaction, Way
from accord.evidence.screen import size
from accord.evidence.views_reading import around, opened
from accord.kernel.errors import NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words
from accord.web.handling import HANDLING_CODES, handling_said

EMPTY_LINES = 4


@in_context
def _form(request: Any, record_id: UUID, way: str) -> HttpResponseBase:
    return _drawn(request, record_id, way, None)


@in_context
def _review(request: Any, record_id: UUID, way: str) -> HttpResponseBase:
    wished = forms.way(way, request.POST), forms.about(request.POST)
    return _drawn(request, record_id, way, wished)


@freshly_proven
@in_context
def _ask(request: Any, record_id: UUID, way: str) -> HttpResponseBase:
    scope: Scope = request.scope
    wished = forms.way(way, request.POST)
    asked = actions.ask(scope, record_id, wished, forms.about(request.POST))
    return done(f"{scope.context.path}/exhibits/derivations/{asked}")


def _post(request: Any, **kwargs: Any) -> HttpResponseBase:
    """Looking at it first writes nothing; `change` leads back to the form as it was filled in."""
    views: dict[str, View] = {"derive": _ask, "change": _form}
    return views.get(request.POST.get("do", ""), _review)(request, **kwargs)


_post.accord_entry = _form.accord_entry  # type: ignore[attr-defined]  # read by RefuseUndeclared


def _drawn(
    request: Any, record_id: UUID, way: str, wished: tuple[Way, About] | None
) -> HttpResponseBase:
    scope: Scope = request.scope
    if way not in ways.WAYS:
        raise NotFound()
    seen = opened(scope, record_id)
    start = actions.about_of(
        seen, phrase("%(way)s of %(number)s", way=ways.NAMES[way], number=seen.exhibit.number)
    )
    typed = request.POST
    areas = typed.getlist("area") if typed else []
    kept = readings.kept(record_id)
    context = around(scope, seen) | {
        "way": way,
        "name": ways.NAMES[way],
        "held": refusal_of(actions.check_can, scope, seen),
        "bound": queries.is_bound(record_id, seen.exhibit.owner, scope.actor.agency),
        "pages": screen.pages_of(scope, record_id),
        "pictures": screen.pictures(scope, record_id, kept),
        "playable": screen.playable(scope, record_id, kept) if way == "clip" else [],
        "inside": [
            Option(str(p.number), f"{p.name} ({screen.kind_said(p.kind)}, {size(p.size_bytes)})")
            for p in kept.attachments
        ],
        "areas": areas,
        "lines": [*areas, *[""] * EMPTY_LINES],
        "typed": typed,
        "start": start,
        "chosen": typed.getlist("subject") if typed else sorted(start.subjects),
        "flags": typed.getlist("flag") if typed else forms.flags_of(start),
        "kinds": [Option(kind, words(kind)) for kind in KINDS],
        "subjects": [Option(w, words(w)) for w in vocabulary_words("subject")],
        "sensitivities": [Option(w, words(w)) for w in vocabulary_words("sensitivity")],
        "handlings": [Option(w, handling_said(w)) for w in vocabulary_words("handling")],
        "also": [
            Option("minor", phrase("A child is in it")),
            Option("sealed", phrase("A court has sealed it")),
        ],
        "faults": faults_of(request, forms.LABELS),
        "review": _reviewed(scope, seen, wished) if wished else None,
    }
    return render(request, "evidence/derive.html", context)


def _reviewed(scope: Scope, seen: Seen, wished: tuple[Way, About]) -> dict[str, Any]:
    """What will be done, in words and on the pages, and which labels become others."""
    way, about = wished
    content = seen.record.part(CONTENT_PART)
    if content is None:
        raise NotFound()
    pages = screen.pages_of(scope, seen.exhibit.record_id)
    areas = way.areas if isinstance(way, Redaction) else ()
    known = {shown.of for shown in pages}
    return {
        "words": ways.words(way),
        "pages": screen.with_areas(pages, areas),
        "unseen": sorted({a.page for a in areas} - known),
        "changed": [
            (words(name), _said(before), _said(after))
            for name, (before, after) in actions.changed(content.label, about).items()
        ],
        "is_laxer": policy.is_laxer(content.label, about),
        "fields": forms.fields(way, about),
    }


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return phrase("yes") if value else phrase("no")
    if isinstance(value, list):
        return ", ".join(words(v) for v in value)
    return handling_said(value) if value in HANDLING_CODES else words(str(value))


@in_context
def _state(request: Any, derivation_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.derivation(derivation_id)
    scope.did("consultation", of="a derivation", derivation=str(derivation_id))
    context = {
        "found": found,
        "name": ways.NAMES[found.way],
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "zone": scope.actor.zone,
        "faults": faults_of(request, {}),
    }
    return render(request, "evidence/derivation.html", context)


@in_context
def _cancel(request: Any, derivation_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    actions.cancel(scope, derivation_id)
    request.session["said"] = phrase("The derivation is cancelled.")
    return done(f"{scope.context.path}/exhibits/derivations/{derivation_id}")


derive = page(get=_form, post=_post, again=_form)
derivation = page(get=_state)
cancel = page(post=_cancel, again=_state)
