"""A clause written by the form reads back as what was chosen, wherever it is put."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accord.agreements.clausetext import ClauseForm, clause_yaml, insert_clause
from accord.agreements.domain import READ_ACTIONS, WRITE_ACTIONS, Clause
from accord.agreements.parse import parse
from accord.kernel.errors import InvalidInput
from accord.kernel.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load(1)
PARTIES = ("alpha", "bravo")
HEAD = """\
id: mou-1
kind: mou
title: A test
authority: [A]
parties: [alpha, bravo]
in_force: {from: 2026-01-01, zone: UTC}
vocabulary: 1
"""
FIRST = """\
clauses:
  - id: "first"
    prose: The first.
    forbid: match
    of: {sealed: true}
"""


def _some(dimension: str, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    words = st.sampled_from(VOCABULARY.words(dimension))
    return st.lists(words, min_size=least, max_size=3, unique=True).map(tuple)


def _texts() -> st.SearchStrategy[str]:
    signs = st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufffe\uffff")
    return st.text(signs, min_size=1, max_size=60).filter(lambda t: bool(" ".join(t.split())))


@st.composite
def forms(draw: Callable[..., object]) -> ClauseForm:
    effect = draw(st.sampled_from(["permit", "forbid"]))
    permit = effect == "permit"
    actions = [a for a in (*READ_ACTIONS, *WRITE_ACTIONS) if a != "onward"]
    obligations = st.lists(
        st.sampled_from(["no-onward", "watermark", "notify-owner", "end-access: P90D"]),
        unique=True,
    )
    facts = {
        "id": draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.()-]{0,10}", fullmatch=True)),
        "prose": draw(_texts()),
        "effect": effect,
        "action": draw(st.sampled_from(actions)),
        "agencies": draw(st.sampled_from([(), ("alpha",), PARTIES])),
        "roles": draw(_some("role")),
        "purposes": draw(_some("purpose", 1 if permit else 0)),
        "schemas": draw(_some("schema")),
        "parts": draw(_some("part")),
        "subjects": draw(_some("subject")),
    }
    if permit:
        facts |= {
            "training": draw(_some("training")),
            "assurance": draw(st.sampled_from(["", "1", "2", "3"])),
            "keys": draw(_some("key")),
            "obligations": draw(obligations.map(tuple)),
        }
    else:
        facts |= {"unless_roles": draw(_some("role")), "unless_keys": draw(_some("key"))}
    made = ClauseForm(**facts)  # type: ignore[arg-type]  # drawn to fit
    assume(not _forbids_nothing(made))  # refused: see the test of it below
    return made


def _forbids_nothing(form: ClauseForm) -> bool:
    """Whether every role that the form binds is excepted without a key."""
    excepted = bool(form.unless_roles) and not form.unless_keys
    return excepted and bool(form.roles) and set(form.roles) <= set(form.unless_roles)


def _says(clause: Clause, form: ClauseForm) -> None:
    def words(chosen: tuple[str, ...]) -> frozenset[str] | None:
        return frozenset(chosen) or None

    assert clause.id == form.id
    assert " ".join(clause.prose.split()) == " ".join(form.prose.split())
    assert (clause.effect, clause.action) == (form.effect, form.action)
    assert clause.to.agency == words(form.agencies)
    assert clause.to.role == words(form.roles)
    assert clause.to.training == frozenset(form.training)
    assert clause.reason.purpose == words(form.purposes)
    assert clause.of.schema == words(form.schemas)
    assert clause.of.part == words(form.parts)
    assert clause.of.subject == words(form.subjects)
    assert clause.when == frozenset(form.keys)
    assert {str(o) for o in clause.obligations} == set(form.obligations)
    if form.assurance:
        assert min(clause.to.assurance or {0}) == int(form.assurance)
    exception = clause.unless
    assert (exception is not None) == bool(form.unless_roles or form.unless_keys)
    if exception is not None:
        assert exception.to.role == words(form.unless_roles)
        assert exception.when == frozenset(form.unless_keys)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(forms())
def test_what_was_chosen_is_what_is_read(form: ClauseForm) -> None:
    alone = parse(HEAD + "clauses:\n" + clause_yaml(form), file="f")
    _says(alone.clauses[0], form)


@given(forms(), st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_form_that_excepts_everybody_it_binds_is_refused(
    form: ClauseForm, data: st.DataObject
) -> None:
    bound = data.draw(_some("role", 1))
    empty = replace(
        form,
        effect="forbid",
        roles=bound,
        training=(),
        assurance="",
        keys=(),
        obligations=(),
        unless_roles=bound,
        unless_keys=(),
    )
    with pytest.raises(InvalidInput, match="it forbids nothing"):
        parse(HEAD + "clauses:\n" + clause_yaml(empty), file="f")


FORM = ClauseForm("9", "A new one: with # signs", "permit", "hit", purposes=("training",))


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD.rstrip(),
        HEAD + "clauses: []\n",
        HEAD + "clauses:  # none yet\n",
        HEAD + FIRST,
        HEAD + FIRST + "\n\n# a remark\namends: sha256:" + "0" * 64 + "\n",
        FIRST + "\n" + HEAD,
        HEAD + FIRST.replace("\n  ", "\n"),
        HEAD + FIRST.replace("\n  ", "\n      "),
    ],
)
def test_a_clause_is_put_after_the_last_one_and_nothing_else_changes(text: str) -> None:
    found = insert_clause(text, FORM)
    agreement = parse(found, file="f")
    assert agreement.clauses[-1].id == "9"
    assert agreement.clauses[-1].prose == FORM.prose
    assert len(agreement.clauses) == 1 + text.count('"first"')
    assert agreement.amends == ("0" * 64 if "amends" in text else None)


def test_an_unfinished_draft_takes_a_clause_too() -> None:
    assert insert_clause("", FORM).startswith('clauses:\n  - id: "9"')
    assert "broken: [" in insert_clause("broken: [", FORM)
