"""The judges of a mixed load: each must name what it is there for, and pass what is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from accord.cli.benches.diary import Answer, Context, Write
from accord.cli.benches.judging import Found, Logged, Verdict, leaks, lost_writes, unlogged

CASE = Context("prosecution", "HT-1")
MARKER = "mx00000000n000001"
NOTE = Write("note", MARKER, "a.b", "HT-1", 1, acknowledged=True)
STORED = Found(MARKER, 0, "a.b", "HT-1")
BATCH = Write("pushed records", MARKER, "a.b", "a", 2, acknowledged=False)
PAGE = Answer("a case", "a.b", CASE, 10.0, 11.0, 200, frozenset({"r1", "other"}), called="Ann")
ENTRY = Logged("e1", 10.5, "a.b", "prosecution", "HT-1", frozenset({"r1", "r2"}))


def test_a_write_that_is_there_once_and_whole_is_not_lost() -> None:
    assert lost_writes({MARKER: NOTE}, [STORED]).holds
    assert lost_writes({MARKER: replace(NOTE, acknowledged=False)}, []).holds


@pytest.mark.parametrize(
    ("write", "stored", "says"),
    [
        (NOTE, [], "not there"),
        (NOTE, [STORED, STORED], "more than once"),
        (NOTE, [replace(STORED, lacks="its entry")], "lacks its entry"),
        (NOTE, [replace(STORED, place="HT-2")], "elsewhere"),
        (NOTE, [replace(STORED, member="c.d")], "somebody else's"),
        (BATCH, [replace(STORED, place="a")], "1 of 2"),
    ],
)
def test_a_lost_half_or_misplaced_write_is_named(
    write: Write, stored: list[Found], says: str
) -> None:
    verdict = lost_writes({MARKER: write}, stored)
    assert not verdict.holds
    assert says in " ".join(verdict.faults)
    assert "DOES NOT HOLD" in verdict.lines()[0]


def test_what_nobody_sent_is_named() -> None:
    assert not lost_writes({}, [STORED]).holds


def _logged(answers: list[Answer], entries: list[Logged]) -> Verdict:
    return unlogged(answers, entries, {"r1", "r2", "r3"}, {MARKER: "r3"})


def test_an_answer_with_an_entry_of_its_own_is_logged() -> None:
    assert _logged([PAGE], [ENTRY]).holds
    assert _logged([PAGE, PAGE], [ENTRY, replace(ENTRY, id="e2")]).holds


def test_answers_are_matched_so_that_as_many_as_can_be_have_an_entry() -> None:
    wide, narrow = replace(ENTRY, id="wide"), replace(ENTRY, id="n", records=frozenset({"r1"}))
    both = replace(PAGE, ids=frozenset({"r1", "r2"}))
    assert _logged([PAGE, both], [wide, narrow]).holds


@pytest.mark.parametrize(
    ("answers", "entries"),
    [
        ([PAGE], []),
        ([PAGE, PAGE], [ENTRY]),
        ([PAGE], [replace(ENTRY, records=frozenset({"r2"}))]),
        ([PAGE], [replace(ENTRY, actor="c.d")]),
        ([PAGE], [replace(ENTRY, at=12.0)]),
        ([PAGE], [replace(ENTRY, case=None)]),
        ([replace(PAGE, markers=frozenset({MARKER}))], [ENTRY]),
    ],
)
def test_an_unlogged_disclosure_is_named(answers: list[Answer], entries: list[Logged]) -> None:
    verdict = _logged(answers, entries)
    assert len(verdict.faults) == 1
    assert "a case of a.b" in verdict.faults[0]


SEEN = {("a.b", CASE, "r1"): datetime(2026, 1, 1, tzinfo=UTC)}


def _leaks(answer: Answer, open_to: set[tuple[str, str]]) -> Verdict:
    return leaks(
        [answer],
        SEEN,
        lambda member, _, record, __: (member, record) in open_to,
        {"a.b": "Ann"},
        {MARKER: "HT-1"},
    )


def test_what_the_reference_opens_is_no_leak() -> None:
    assert _leaks(replace(PAGE, markers=frozenset({MARKER})), {("a.b", "r1")}).holds


def test_a_leak_is_named() -> None:
    assert "a.b saw r1" in _leaks(PAGE, set()).faults[0]
    assert "names Bob" in _leaks(replace(PAGE, called="Bob"), {("a.b", "r1")}).faults[0]
    elsewhere = replace(PAGE, context=Context("prosecution", "HT-2"), markers=frozenset({MARKER}))
    assert "another case" in _leaks(elsewhere, {("a.b", "r1")}).faults[0]
