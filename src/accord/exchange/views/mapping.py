"""The mapping of a table, made on screen: first rows, guesses, what would come of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.exchange import queries
from accord.exchange.actions.mapping_runs import import_mapped
from accord.exchange.actions.mappings import save_mapping
from accord.exchange.mapping import form as forms
from accord.exchange.mapping.form import MappingForm
from accord.exchange.mapping.guess import DATE_FORMS, guess
from accord.exchange.preview import PreviewRow, look_at, preview, waiting_file
from accord.exchange.sandbox.wire import Head
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records import screen
from accord.records.ontology import Schema, common_ontology
from accord.web.components import Column, Moment, Option
from accord.web.faults import Faults, faults_of
from accord.web.filters import words

FIELDS = {
    "source_ref": phrase("Which record a row is"),
    "source_system": phrase("Source system"),
    "schema": phrase("Kind of record"),
    "name": phrase("Name"),
    "label": phrase("Label"),
    "basis": phrase("Collected"),
    "subjects_codes": phrase("What each code says of the person"),
    "offence_codes": phrase("What each code says of the offence"),
}
SHOWN_CELLS = 3
INTERNAL = (phrase("QuarantinedRow"), phrase("Request"), phrase("Note"), phrase("Case"))
"""Kinds of records that Accord itself writes."""
COLUMNS = (
    Column("name", phrase("Name")),
    Column("version", phrase("Version"), align="end"),
    Column("columns", phrase("Columns"), align="end"),
    Column("by", phrase("By"), narrow=False),
    Column("at", phrase("Saved"), narrow=False),
)


@dataclass(frozen=True)
class Tried:
    """What came of trying a mapping: rows, or why it is none."""

    rows: tuple[PreviewRow, ...] = ()
    fault: InvalidInput | None = None
    text: str = ""

    @property
    def refused(self) -> int:
        return sum(not row.comes_in for row in self.rows)


@own_desk("records-administration")
def _builder(request: Any, run_id: UUID) -> HttpResponseBase:
    return _shown(request, run_id)


def _shown(request: Any, run_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = waiting_file(scope, run_id)
    head = look_at(scope, run_id)
    saved = _saved(scope, request, head)
    form = _form(request, scope, head, saved)
    tried = _tried(scope, run_id, form)
    context = {
        "found": found,
        "head": head,
        "form": form,
        "guesses": guess(head.columns, head.sample, common_ontology(), form.schema).columns,
        "samples": _samples(head),
        "saved": saved,
        "tried": tried,
        "name": request.POST.get("name", saved.name if saved else _slug(found.file_name)),
        "faults": _faults(request, tried),
        "handling": screen.handling((), texts=True),
        **_choices(form),
    }
    return render(request, "exchange/mapping.html", context)


def _saved(scope: Scope, request: Any, head: Head) -> queries.MappingView | None:
    """The saved mapping that the form began with."""
    name = request.POST.get("base") or request.GET.get("base")
    if not name:
        return None if request.method == "POST" else queries.fitting(scope, head.columns)
    text = request.POST.get("based_on", "")
    return queries.mapping(scope, name, int(text) if text.isdecimal() and len(text) < 7 else None)


def _form(request: Any, scope: Scope, head: Head, saved: queries.MappingView | None) -> MappingForm:
    if request.method == "POST":
        carried = forms.loaded(saved.text, head.columns).carried if saved else {}
        form = forms.posted(request.POST, head.columns, carried)
        if form.schema not in common_ontology():
            raise NotFound()
        if request.POST.get("do") == "guess":
            anew = guess(head.columns, head.sample, common_ontology(), form.schema)
            form.columns = forms.guessed(anew, head.columns, "", scope.actor.zone).columns
        return form
    if saved is not None:
        return forms.loaded(saved.text, head.columns)
    found = guess(head.columns, head.sample, common_ontology())
    return forms.guessed(found, head.columns, "", scope.actor.zone)


def _tried(scope: Scope, run_id: UUID, form: MappingForm) -> Tried:
    text = ""
    try:
        text = forms.as_yaml(form)
        return Tried(preview(scope, run_id, text), None, text)
    except InvalidInput as error:
        return Tried(fault=error, text=text)


def _faults(request: Any, tried: Tried) -> Faults:
    if getattr(request, "fault", None) is None and request.method == "POST":
        request.fault = tried.fault
    return faults_of(request, FIELDS)


def _samples(head: Head) -> dict[str, list[str]]:
    return {
        name: [row[at] for row in head.sample if at < len(row) and row[at].strip()][:SHOWN_CELLS]
        for at, name in enumerate(head.columns)
    }


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.rsplit(".", 1)[0].lower()).strip("-")[:60]


def _choices(form: MappingForm) -> dict[str, Any]:
    ontology, vocabulary = common_ontology(), Vocabulary.load(NEWEST)
    names = [n for n in ontology.names if n not in INTERNAL]

    def vocabulary_of(dimension: str) -> list[Option]:
        return [Option(w, words(w)) for w in vocabulary.words(dimension)]

    schema = ontology.schema(form.schema)
    return {
        "schemas": [Option(n, ontology.schema(n).label) for n in names],
        "properties": _properties(schema),
        "types": {p.name: p.type for p in schema.properties.values()},
        "subjects": [
            Option(w, words(vocabulary.meaning("subject", w))) for w in vocabulary.words("subject")
        ],
        "bases": [
            Option(w, words(vocabulary.meaning("basis", w))) for w in vocabulary.words("basis")
        ],
        "sensitivities": vocabulary_of("sensitivity"),
        "handlings": vocabulary_of("handling"),
        "offences": vocabulary_of("offence"),
        "dates": [Option(f, _example(f)) for f in DATE_FORMS],
        "zones": [Option(z, z) for z in sorted(available_timezones()) if "/" in z],
        "column_options": [Option(c.name, c.name) for c in form.columns],
    }


def _example(form: str) -> str:
    return f"{now().replace(month=3, day=4, hour=17, minute=5).strftime(form)} ({form})"


def _properties(schema: Schema) -> list[tuple[str, list[Option]]]:
    return [
        (words(part), [Option(p.name, p.label) for p in schema.in_part(part)])
        for part in schema.parts
    ]


@own_desk("records-administration")
def _change(request: Any, run_id: UUID) -> HttpResponseBase:
    step = request.POST.get("do")
    if step not in ("save", "import"):
        return _shown(request, run_id)
    scope: Scope = request.scope
    head = look_at(scope, run_id)
    text = forms.as_yaml(_form(request, scope, head, _saved(scope, request, head)))
    name = request.POST.get("name", "").strip()
    based = request.POST.get("based_on", "")
    based_on = int(based) if based.isdecimal() and request.POST.get("base") == name else None
    if step == "save":
        kept = save_mapping(scope, name=name, text=text, based_on=based_on)
        request.session["said"] = phrase(
            "Saved as %(name)s, version %(version)s.", name=kept.name, version=kept.version
        )
        return done(f"/import/{run_id}/mapping?base={kept.name}")
    import_mapped(scope, run_id, text=text, name=name or None, based_on=based_on)
    request.session["said"] = phrase("The mapping is kept, and the rows are coming in.")
    return done(f"/import/{run_id}")


@own_desk("records-administration")
def _mappings(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    rows = [
        {
            "href": f"/import/mappings/{m.name}",
            "name": m.name,
            "version": m.version,
            "columns": len(m.columns),
            "by": m.by,
            "at": Moment(m.created_at, scope.actor.zone),
        }
        for m in queries.mappings(scope)
    ]
    return render(request, "exchange/mappings.html", {"columns": COLUMNS, "rows": rows})


@own_desk("records-administration")
def _one(request: Any, name: str) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.versions(scope, name)
    context = {"newest": found[0], "versions": found, "zone": scope.actor.zone}
    return render(request, "exchange/saved.html", context)


builder = page(get=_builder, post=_change)
mappings = page(get=_mappings)
saved = page(get=_one)
