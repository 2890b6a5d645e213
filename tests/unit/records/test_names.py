"""Names are comparable across order, accents, scripts, nicknames and typing errors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.records.names import (
    compare,
    formal_names,
    name_key,
    nickname_variants,
    normalise,
    phonetic_keys,
)


@pytest.mark.parametrize(
    ("one", "other", "at_least", "reason"),
    [
        ("Maria Lopez", "Lopez, Maria", 1.0, "order swapped"),
        ("Maria Lopez", "Мария Лопес", 0.9, "transliterated"),
        ("王小明", "Wang Xiaoming", 1.0, "transliterated"),
        ("José Peña", "Jose Pena", 1.0, "accents or punctuation differ"),
        ("Robert Johnson", "Robert Jonson", 0.9, "spelling differs by 1 letter"),
        ("Bill Smith", "William Smith", 0.9, "forms of one given name"),
        ("J. Smith", "John Smith", 0.8, "initial only"),
        ("Maria de la Cruz", "María Cruz", 1.0, "same name"),
        ("Mary Ann Lee", "Maryann Lee", 0.95, "words joined or split"),
        ("Ana Torres Vega", "Ana Torres", 0.75, "1 word without a counterpart"),
    ],
)
def test_a_variant_scores_high_and_says_why(one, other, at_least, reason):
    match = compare(one, other)
    assert match.score >= at_least
    assert reason in match.reasons


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jose Garcia", "Jane Doe"), ("Maria Lopez", "Kevin Wright"), ("王小明", "李伟")],
)
def test_different_people_score_low(one, other):
    assert compare(one, other).score < 0.6


def test_only_equal_words_score_one():
    assert compare("Maria Gonzalez", "Mario Gonzales").score < 1.0


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_comparing_is_symmetric_and_between_nought_and_one(one, other):
    score = compare(one, other).score
    assert 0.0 <= score <= 1.0
    assert score == pytest.approx(compare(other, one).score, abs=0.06)


@given(st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_normalising_twice_changes_nothing(name):
    once = normalise(name)
    assert normalise(once) == once
    assert once.isascii()


def test_the_key_forgets_the_order_of_the_words():
    assert name_key("Maria de la Cruz Lopez") == name_key("López Cruz, María")


def test_spellings_of_one_sound_share_their_phonetic_keys():
    assert phonetic_keys("Youssef Lopez") == phonetic_keys("Yusuf Lopes")
    assert phonetic_keys("Mohammed") == phonetic_keys("محمد")


def test_a_short_form_knows_its_full_names():
    assert "alexander" in formal_names("alex")
    assert "alexandra" in formal_names("alex")
    assert "william" in nickname_variants("bill")
