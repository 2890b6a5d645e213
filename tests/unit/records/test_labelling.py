"""Labels are complete, never looser than stated, and free text is as strict as its record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.errors import NotAllowed
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary
from accord.records.domain import Grading, is_sealed
from accord.records.faults import FieldError
from accord.records.labelling import LabelFacts, build_labels, looser, text_label, tighten
from accord.records.ontology import common_ontology
from accord.records.policy import (
    check_basis_of_suspicion,
    check_grading,
    check_purge,
    check_recall,
    check_retention,
    latest_retention,
)

VOCABULARY = Vocabulary.load(1)
TODAY = date(2026, 3, 1)
PERSON = {
    "core": {"category": ("person",)},
    "identity": {"name": ("Maria",)},
    "narrative": {"text": ("seen",)},
}


def _labels(record, parts=None, values=PERSON, schema="Person"):
    return build_labels(
        VOCABULARY,
        owner="riverbend-pd",
        schema=common_ontology().schema(schema),
        values=values,
        stated=LabelFacts(record, parts or {}),
    )


WORDS = {d: st.sampled_from(VOCABULARY.words(d)) for d in ("sensitivity", "handling", "basis")}
SUBJECTS = st.sets(
    st.sampled_from([w for w in VOCABULARY.words("subject") if w != "none"]), min_size=1
).map(frozenset)
LABELS = st.builds(
    Label,
    owner=st.just("a"),
    schema=st.just("Person"),
    part=st.sampled_from(VOCABULARY.words("part")),
    subjects=SUBJECTS,
    offence=st.just("none"),
    minor=st.booleans(),
    sealed=st.booleans(),
    intelligence=st.booleans(),
    **WORDS,
)


def test_a_label_without_a_collection_basis_is_refused():
    with pytest.raises(FieldError, match="collection basis"):
        _labels({"subjects": ["suspect"]})


def test_a_person_without_a_stated_category_is_unknown_and_a_bare_thing_is_nobody():
    assert _labels({"basis": "statute"})["core"].subjects == {"unknown"}
    car = {"identity": {"plate": ("ABC123",)}}
    owned = {"identity": {"plate": ("ABC123",), "owner": ("Maria",)}}
    facts = {"basis": "statute"}
    assert _labels(facts, values=car, schema="Vehicle")["identity"].subjects == {"none"}
    assert _labels(facts, values=owned, schema="Vehicle")["identity"].subjects == {"unknown"}


def test_the_narrative_takes_every_subject_category_and_the_highest_level_of_its_record():
    labels = _labels(
        {"subjects": ["suspect"], "basis": "statute"},
        {
            "identity": {"subjects": ["victim"], "sensitivity": "secret", "minor": True},
            "narrative": {"subjects": ["suspect"], "sensitivity": "open"},
        },
    )
    assert labels["narrative"].subjects == {"suspect", "victim"}
    assert labels["narrative"].sensitivity == "secret"
    assert labels["narrative"].minor
    assert is_sealed(labels["narrative"])
    assert labels["core"].subjects == {"suspect"}
    assert not is_sealed(labels["core"])


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"basis": "rumour"}, "vocabulary"),
        ({"basis": "statute", "subjects": ["villain"]}, "vocabulary"),
        ({"basis": "statute", "subjects": ["none", "victim"]}, "vocabulary"),
        ({"basis": "statute", "subjects": "victim"}, "label"),
        ({"basis": "statute", "subjects": []}, "label"),
        ({"basis": "statute", "minor": "yes"}, "label"),
        ({"basis": "statute", "owner": "harlan-so"}, "label"),
        ({"basis": "statute", "part": "core"}, "label"),
    ],
)
def test_a_line_cannot_say_what_a_label_does_not_know(facts, rule):
    with pytest.raises(FieldError) as caught:
        _labels(facts)
    assert caught.value.rule == rule


def test_a_label_for_a_part_that_the_schema_lacks_is_refused():
    with pytest.raises(FieldError, match="no part"):
        _labels({"basis": "statute"}, {"heart": {}})


@given(LABELS, st.lists(LABELS, max_size=4))
def test_tightening_never_loosens_and_is_idempotent(label, others):
    tight = tighten(label, others, VOCABULARY)
    for other in (label, *others):
        assert not looser(replace(other, handling="none"), tight, VOCABULARY)
    assert tighten(tight, others, VOCABULARY) == tight


@given(LABELS)
def test_what_could_find_or_name_a_victim_or_a_minor_is_sealed(label):
    named = label.part != "core"
    assert is_sealed(label) == (named and ("victim" in label.subjects or label.minor))


@given(LABELS)
def test_a_note_about_a_record_is_as_strict_as_the_record(label):
    note = text_label(VOCABULARY, owner="b", schema="Note", about=[label])
    assert label.subjects <= note.subjects
    assert note.minor == label.minor
    assert note.part == "narrative"
    assert note.owner == "b"


def test_a_note_about_nothing_concerns_unknown():
    assert text_label(VOCABULARY, owner="b", schema="Note", about=[]).subjects == {"unknown"}


@pytest.mark.parametrize("basis", [None, "", "   ", "suspicious"])
def test_intelligence_without_stated_facts_is_refused(basis):
    with pytest.raises(FieldError, match=r"28 CFR 23\.20"):
        check_basis_of_suspicion(True, basis)
    check_basis_of_suspicion(False, basis)


def test_intelligence_is_kept_five_years_at_most_and_needs_a_date():
    assert latest_retention(True, TODAY) == date(2031, 3, 1)
    check_retention(True, date(2031, 3, 1), TODAY)
    for day in (date(2031, 3, 2), None):
        with pytest.raises(FieldError):
            check_retention(True, day, TODAY)
    check_retention(False, None, TODAY)


def test_five_years_from_a_leap_day_end_on_the_last_of_february():
    assert latest_retention(True, date(2028, 2, 29)) == date(2033, 2, 28)


PAST = date(2025, 1, 1)


def test_a_legal_hold_beats_purge_and_recall():
    facts = {"review_on": PAST, "retain_until": PAST, "today": TODAY, "people": 2}
    check_purge(**facts, legal_hold=False)
    with pytest.raises(NotAllowed, match="legal hold"):
        check_purge(**facts, legal_hold=True)
    with pytest.raises(NotAllowed, match="legal hold"):
        check_recall(actor_agency="a", owner="a", legal_hold=True)


@pytest.mark.parametrize("facts", [{"people": 1}, {"retain_until": TODAY}, {"retain_until": None}])
def test_a_purge_needs_two_people_and_a_date_that_has_passed(facts):
    whole = {
        "review_on": TODAY + timedelta(days=1),
        "retain_until": PAST,
        "today": TODAY,
        "people": 2,
        "legal_hold": False,
    }
    with pytest.raises(NotAllowed):
        check_purge(**{**whole, **facts})


def test_a_record_may_be_purged_once_its_day_of_review_has_come():
    facts = {"retain_until": None, "today": TODAY, "people": 2, "legal_hold": False}
    check_purge(**facts, review_on=TODAY)
    with pytest.raises(NotAllowed, match="has come"):
        check_purge(**facts, review_on=TODAY + timedelta(days=1))


def test_another_agency_cannot_recall():
    with pytest.raises(NotAllowed, match="owns"):
        check_recall(actor_agency="b", owner="a", legal_hold=False)


@pytest.mark.parametrize(
    "grading", [("3x5x2", "2", "F"), ("3x5x2", "4", "A"), ("stars", "5", "5"), ("4x4", "A", "5")]
)
def test_a_grade_belongs_to_its_own_scheme(grading):
    with pytest.raises(FieldError):
        check_grading(Grading(*grading))
    check_grading(Grading("3x5x2", "2", "B"))
