"""Canonical form: the fast writer and the reference write the same bytes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from accord.kernel.canonical import canonical, sorted_json

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)))
PLAIN = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)

WHOLE = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(PLAIN)
def test_any_plain_data_has_the_bytes_of_the_reference(data: Any) -> None:
    assert canonical(data) == rfc8785.dumps(data)


def test_every_control_character_is_escaped_as_in_the_reference() -> None:
    text = "".join(map(chr, range(0x100))) + '\\"/\u2028\ud7ff\U0001f600'
    assert canonical([text]) == rfc8785.dumps([text])


def test_names_beyond_ascii_sort_by_utf_16_units() -> None:
    data = {"\ufb33": 1, "\U0001f600": 2, "a": 3}
    assert canonical(data) == rfc8785.dumps(data)
    assert canonical(data).index(b"2") < canonical(data).index(b"1")


def test_a_word_of_an_enumeration_is_written_as_its_text() -> None:
    class Word(StrEnum):
        YES = "yes"

    assert canonical({"a": Word.YES}) == b'{"a":"yes"}'


@pytest.mark.parametrize("data", [2**53, [-(2**60)], {"a": float("nan")}, {1: "a"}, {"a": {1, 2}}])
def test_what_has_no_canonical_form_is_refused(data: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(data)


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical(["\ud800"])


@given(WHOLE)
def test_the_fast_writer_writes_what_python_writes(data: Any) -> None:
    expected = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert sorted_json(data) == expected.encode()


def test_half_a_character_is_no_text_for_the_fast_writer_either() -> None:
    with pytest.raises(UnicodeEncodeError):
        sorted_json({"name": ["\ud800"]})
