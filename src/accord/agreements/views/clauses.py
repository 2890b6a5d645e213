"""The form that writes a clause for the common cases, shows its YAML and puts it into a draft."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements import actions, queries
from accord.agreements.clausetext import ClauseForm, clause_yaml, insert_clause
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.domain import READ_ACTIONS, WRITE_ACTIONS, Agreement
from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.parse import parse
from accord.agreements.plain import clause_rows
from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import joined, phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

MANY = {
    "agencies": "agency",
    "roles": "role",
    "training": "training",
    "purposes": "purpose",
    "schemas": "schema",
    "parts": "part",
    "subjects": "subject",
    "keys": "key",
    "unless_roles": "role",
    "unless_keys": "key",
    "recipients": "agency",
}
"""The choices of the form, and the dimension that each takes its words from."""
FIELDS = {
    "id": phrase("Number"),
    "prose": phrase("Prose"),
    "clause": "",
    "based_on": phrase("Draft"),
}
_VOCABULARY = re.compile(r"(?m)^vocabulary: *(\d{1,4}) *$")
TIMES = ("P30D", "P90D", "P1Y")
_SAMPLE = """\
id: sample
kind: mou
title: Sample
authority: [Sample]
parties: [{parties}]
in_force: {{from: 2026-01-01, zone: UTC}}
vocabulary: {vocabulary}
"""


@own_desk("case-administration")
def _form(request: Any, draft_id: UUID) -> HttpResponseBase:
    return _shown(request, draft_id)


def _shown(request: Any, draft_id: UUID) -> HttpResponseBase:
    found = queries.draft(draft_id)
    scope: Scope = request.scope
    names = agencies.agency_names()
    spoken = _spoken(found.text)
    vocabulary = Vocabulary.load(spoken)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = _chosen(asked)
    written, rows, fault = _written(chosen, names, spoken) if asked.get("do") else (None, (), None)
    context = {
        "draft": found,
        "form": chosen,
        "choices": {name: _options(dim, vocabulary, names) for name, dim in MANY.items()},
        "actions": [Option(a, _meaning(vocabulary, a)) for a in (*READ_ACTIONS, *WRITE_ACTIONS)],
        "levels": [
            Option(w, vocabulary.meaning("assurance", w)) for w in vocabulary.words("assurance")
        ],
        "effects": [Option("permit", phrase("Permits")), Option("forbid", phrase("Forbids"))],
        "obligations": _obligations(),
        "written": written,
        "rows": rows,
        "names": names,
        "fault": fault,
        "own": scope.actor.agency,
        "faults": faults_of(request, FIELDS),
    }
    return render(request, "agreements/clause.html", context)


def _spoken(text: str) -> int:
    """The vocabulary version that a draft names; that of this node where it names none."""
    named = _VOCABULARY.search(text)
    try:
        return Vocabulary.load(int(named[1])).version if named else VOCABULARY_VERSION
    except VocabularyError:
        return VOCABULARY_VERSION


def _meaning(vocabulary: Vocabulary, action: str) -> str:
    dimension = "read_action" if action in READ_ACTIONS else "write_action"
    return phrase(
        "%(action)s: %(meaning)s",
        action=words(action),
        meaning=vocabulary.meaning(dimension, action),
    )


def _options(dimension: str, vocabulary: Vocabulary, names: dict[str, str]) -> list[Option]:
    if dimension == "agency":
        return [Option(agency, name) for agency, name in names.items()]
    return [Option(w, vocabulary.meaning(dimension, w)) for w in vocabulary.words(dimension)]


def _obligations() -> list[Option]:
    return [
        Option("watermark", phrase("What is shown carries its reader's name")),
        Option("notify-owner", phrase("The owner is told at once")),
        Option("no-onward", phrase("It is not passed on")),
        *(
            Option(
                phrase("end-access: %(t)s", t=t),
                phrase("Access ends after %(durations)s", durations=_DURATIONS[t]),
            )
            for t in TIMES
        ),
    ]


_DURATIONS = {"P30D": phrase("30 days"), "P90D": phrase("90 days"), "P1Y": phrase("1 year")}


def _chosen(asked: Any) -> ClauseForm:
    effect = asked.get("effect", "permit")
    lists = {name: tuple(asked.getlist(name)) for name in MANY}
    if effect == "forbid":
        lists |= dict.fromkeys(("training", "keys", "recipients"), ())
    else:
        lists |= dict.fromkeys(("unless_roles", "unless_keys"), ())
    if asked.get("action") != "onward":
        lists["recipients"] = ()
    return ClauseForm(
        id=asked.get("id", "").strip(),
        prose=asked.get("prose", "").strip(),
        effect="forbid" if effect == "forbid" else "permit",
        action=asked.get("action", "hit"),
        assurance=asked.get("assurance", ""),
        obligations=tuple(asked.getlist("obligations")) if effect != "forbid" else (),
        **lists,
    )


def _written(
    form: ClauseForm, names: dict[str, str], spoken: int
) -> tuple[str, tuple[tuple[str, str], ...], str | None]:
    """The YAML, what it says in plain language, and what is wrong with it."""
    text = clause_yaml(form)
    try:
        agreement = _read(form, names, spoken)
    except InvalidInput as error:
        return (
            text,
            (),
            joined((f"{f.field.rpartition(': ')[2]}: {f.rule}" for f in error.faults), "; "),
        )
    return text, clause_rows(agreement)[agreement.clauses[0].id], None


def _read(form: ClauseForm, names: dict[str, str], spoken: int) -> Agreement:
    """The clause, read as it would be among these agencies."""
    parties = joined((f'"{agency}"' for agency in names), ", ")
    head = _SAMPLE.format(parties=parties, vocabulary=spoken)
    return parse(f"{head}clauses:\n{clause_yaml(form)}", file="clause.yaml", agencies=set(names))


@own_desk("case-administration")
def _insert(request: Any, draft_id: UUID) -> HttpResponseBase:
    """Show the YAML again, or put it into the draft as it stands."""
    if request.POST.get("do") != "insert":
        return _shown(request, draft_id)
    scope: Scope = request.scope
    found, form = queries.draft(draft_id), _chosen(request.POST)
    _read(form, agencies.agency_names(), _spoken(found.text))
    text = insert_clause(found.text, form)
    actions.edit_draft(scope, draft_id, name=found.name, text=text, based_on=found.revision)
    request.session["said"] = phrase("Clause %(id)s is in the draft.", id=form.id)
    return done(f"/agreements/drafts/{draft_id}")


clause = page(get=_form, post=_insert)
