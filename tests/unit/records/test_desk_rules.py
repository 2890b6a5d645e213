"""Rules of the desk that ask nobody: reasons, who draws checks, and what differs."""

from __future__ import annotations

from uuid import UUID, uuid5

import pytest

from accord.kernel.errors import InvalidInput
from accord.records.checking import OTHER, REASONS, is_sampled, reason_of
from accord.records.question import Question, facts_of, question_of

SPACE = UUID("01985c4e-7a00-7000-8000-000000000001")


def test_a_reason_is_a_word_of_the_list_or_ones_own() -> None:
    for code in REASONS:
        assert reason_of(code, "").said == REASONS[code]
    own = reason_of("", "  The driver   asked for help. ")
    assert (own.code, own.said) == (OTHER, "The driver asked for help.")


@pytest.mark.parametrize(
    ("code", "typed"), [("", ""), ("", "because"), ("fun", ""), ("", "x" * 301)]
)
def test_no_reason_is_no_check(code: str, typed: str) -> None:
    with pytest.raises(InvalidInput):
        reason_of(code, typed)


def test_the_share_is_drawn_by_the_key_and_is_about_what_is_asked() -> None:
    ids = [uuid5(SPACE, str(n)) for n in range(4000)]
    drawn = {i for i in ids if is_sampled(b"k" * 32, i, 10)}
    assert 300 < len(drawn) < 500
    assert {i for i in ids if is_sampled(b"k" * 32, i, 10)} == drawn
    assert {i for i in ids if is_sampled(b"j" * 32, i, 10)} != drawn
    assert drawn < {i for i in ids if is_sampled(b"k" * 32, i, 20)}
    assert all(is_sampled(b"k" * 32, i, 100) for i in ids)
    assert not any(is_sampled(b"k" * 32, i, 0) for i in ids)


def test_a_question_with_a_reason_is_read_back_as_it_was_and_so_is_an_older_one() -> None:
    asked = Question("Danylchuk", {}, ("Person",), reason_of("stop", ""))
    assert question_of(facts_of(asked)) == asked
    assert question_of(["Danylchuk", {}, ["Person"]]) == Question("Danylchuk", {}, ("Person",))
