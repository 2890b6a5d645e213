"""A later vocabulary holds every earlier one in its place, so agreements of several live together."""

from __future__ import annotations

from importlib.resources import files

import pytest

from accord.agreements.compiled import KEY_KINDS, MAX_KEY_KINDS
from accord.agreements.context import VOCABULARY_VERSION
from accord.kernel.vocabulary import NEWEST, Vocabulary

VERSIONS = range(1, NEWEST + 1)


def test_the_newest_version_is_the_last_file_and_what_people_ask_in() -> None:
    written = {
        int(f.name.removesuffix(".yaml"))
        for f in files("accord.kernel").joinpath("vocabularies").iterdir()
        if f.name.endswith(".yaml")
    }
    assert written == set(VERSIONS)
    assert VOCABULARY_VERSION == NEWEST
    assert [Vocabulary.load(v).version for v in VERSIONS] == list(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_a_version_begins_with_the_words_of_the_one_before_and_keeps_their_meaning(
    version: int,
) -> None:
    before, after = Vocabulary.load(version - 1), Vocabulary.load(version)
    assert set(before.dimensions) <= set(after.dimensions)
    for name, dimension in before.dimensions.items():
        assert after.words(name)[: len(dimension.words)] == dimension.words, name
        assert after.ordered(name) == dimension.ordered
        for word in dimension.words:
            assert after.meaning(name, word) == before.meaning(name, word)


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_no_level_is_added_above_or_between_the_levels_of_an_ordered_dimension(
    version: int,
) -> None:
    before, after = Vocabulary.load(version - 1), Vocabulary.load(version)
    for name, dimension in before.dimensions.items():
        if dimension.ordered:
            assert after.words(name) == dimension.words, name


def test_key_kinds_of_the_newest_version_are_the_bits_of_standing() -> None:
    assert Vocabulary.load(NEWEST).words("key") == KEY_KINDS
    assert len(KEY_KINDS) <= MAX_KEY_KINDS
    for version in VERSIONS:
        words = Vocabulary.load(version).words("key")
        assert words == KEY_KINDS[: len(words)]


def test_vocabulary_2_never_changes() -> None:
    # Agreements are signed under these words: a change here is a new version, never an edit.
    assert (
        Vocabulary.load(2).hash
        == "2d7b9026d40a2d1f7f0c14e8479721cf257f062a7b6ac9a97bb8769778e20a48"
    )


def test_vocabulary_3_never_changes() -> None:
    assert (
        Vocabulary.load(3).hash
        == "ce96386454cf1f62df4b794c737be3bb9c6809a142810847cd919ab318f308f7"
    )
