"""Labels are made of the vocabulary's words; equal facts have equal bytes, ids and hashes."""

from __future__ import annotations

import uuid
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest

from accord.kernel import clock, ids
from accord.kernel.canonical import canonical, content_hash
from accord.kernel.errors import AccordError, InvalidInput, NotFound
from accord.kernel.labels import Label, check_label
from accord.kernel.vocabulary import Vocabulary, VocabularyError

V = Vocabulary.load(1)
LABEL = Label(
    "alpha", "Person", "core", frozenset({"suspect", "victim"}), "official", "none",
    "statute", "drugs", False, False, False,
)  # fmt: skip


def test_vocabulary_1_never_changes() -> None:
    # Agreements are signed under these words: a change here is a new version, never an edit.
    assert V.hash == "219903451c5594188d5f1e9455152615b90151d2f79f41576d99d73a627c26c5"


def test_an_unknown_word_dimension_or_version_is_refused() -> None:
    with pytest.raises(VocabularyError, match="record 7: 'soul' is not a word for part"):
        V.check("part", "soul", "record 7")
    with pytest.raises(VocabularyError, match="no dimension 'colour'"):
        V.words("colour")
    with pytest.raises(VocabularyError, match="no vocabulary version 99"):
        Vocabulary.load(99)


def test_levels_have_an_order_and_other_words_have_none() -> None:
    assert V.at_least("clearance", "confidential") == ("confidential", "secret")
    assert V.at_most("sensitivity", "official") == ("open", "official")
    with pytest.raises(VocabularyError, match="no order"):
        V.at_least("part", "core")


def test_every_word_has_a_plain_meaning() -> None:
    for name, dimension in V.dimensions.items():
        for word in dimension.words:
            assert isinstance(word, str), (name, word)
            assert V.meaning(name, word).strip(), (name, word)


def test_a_labels_identity_is_its_content() -> None:
    again = Label.from_facts(LABEL.facts())
    assert again == LABEL
    assert again.hash == LABEL.hash == content_hash(LABEL.facts())
    assert replace(LABEL, minor=True).hash != LABEL.hash
    with pytest.raises(FrozenInstanceError):
        LABEL.owner = "bravo"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"part": "soul"}, "not a word for part"),
        ({"owner": ""}, "owner is empty"),
        ({"subjects": frozenset()}, "subject is empty"),
        ({"subjects": frozenset({"none", "victim"})}, "stands alone"),
        ({"subjects": frozenset({"saint"})}, "not a word for subject"),
        ({"minor": 1}, "minor is true or false"),
    ],
)
def test_a_label_outside_the_vocabulary_is_refused(changed: dict[str, object], rule: str) -> None:
    check_label(LABEL, V)
    with pytest.raises(VocabularyError, match=rule):
        check_label(replace(LABEL, **changed), V)  # type: ignore[arg-type]


def test_canonical_bytes_do_not_depend_on_order() -> None:
    assert canonical({"b": 1, "a": [True, None]}) == b'{"a":[true,null],"b":1}'


def test_new_ids_are_version_7_distinct_and_in_the_order_of_time() -> None:
    first = ids.uuid7()
    made = [ids.uuid7() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(i.version == 7 and i.variant == uuid.RFC_4122 for i in made)
    assert first.int >> 80 <= made[-1].int >> 80
    assert abs((made[-1].int >> 80) / 1000 - datetime.now(UTC).timestamp()) < 60


def test_ids_of_a_world_depend_on_seed_owner_and_reference() -> None:
    one = ids.world_uuid(1, "alpha", "R-1")
    assert one == ids.world_uuid("1", "alpha", "R-1")
    others = {ids.world_uuid(2, "alpha", "R-1"), ids.world_uuid(1, "bravo", "R-1")}
    assert one not in others | {ids.world_uuid(1, "alpha", "R-2")}
    assert ids.world_uuid(1, "ab", "c") != ids.world_uuid(1, "a", "bc")
    assert (one.version, one.variant) == (8, uuid.RFC_4122)


def test_keys_are_distinct_by_kind_and_by_every_fact() -> None:
    case = ids.uuid7()
    keys = [
        ids.case_key(case),
        ids.grant_key("alpha", case),
        ids.grant_key("alpha", None),
        ids.grant_key("bravo", case),
        ids.consent_key("alpha", "prosecution"),
        ids.consent_key("alpha", "oversight"),
        ids.determination_key("emergency", "alpha", case),
        ids.determination_key("necessity", "alpha", case),
        ids.determination_key("emergency", "alpha", None),
    ]
    assert len(set(keys)) == len(keys)
    assert ids.case_key(case) == ids.case_key(str(case))


def test_a_fixed_clock_stands_still_and_refuses_a_naive_time() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    fixed = clock.FixedClock(at)
    assert fixed.now() == fixed.now() == at
    fixed.advance(timedelta(hours=1))
    assert fixed.now() == at + timedelta(hours=1)
    assert clock.now().utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="needs a zone"):
        clock.FixedClock(datetime(2026, 1, 1))


def test_errors_say_what_where_and_who_can_change_it() -> None:
    second = InvalidInput("a.csv", 9, "name", "is empty")
    error = InvalidInput("a.csv", 7, "date", "is no day", others=[second], who_can_change="you")
    assert str(error) == "a.csv:7: date: is no day"
    assert [f.line for f in error.faults] == [7, 9]
    assert isinstance(error, AccordError)
    assert error.who_can_change == "you"
    assert str(NotFound()) == "There is nothing here for you."


def test_the_clock_and_new_ids_are_given_only_where_nothing_is_real(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with clock.taken_from(clock.FixedClock(at)):
        assert clock.now() == at
    assert clock.now() > at
    made = []
    for _ in range(2):
        with ids.repeatable(7, 10**18):
            made.append([ids.uuid7() for _ in range(50)])
    assert made[0] == made[1] == sorted(set(made[0]))
    assert ids.uuid7() not in made[0]
    monkeypatch.setenv("ACCORD_DEMO", "0")
    with pytest.raises(RuntimeError), clock.taken_from(clock.FixedClock(at)):
        pass
    with pytest.raises(RuntimeError), ids.repeatable(7, 0):
        pass
