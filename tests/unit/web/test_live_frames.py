"""Frames of a live stream: ids alone, of one size, and marks that cannot be misread."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from accord.desk.live.frames import SIZE_BYTES, Mark, News, drawn_at, encode, end
from accord.platform.outbox import LONGEST_READ, Change

MARK = Mark("0badf00d", 7)
ONE, OTHER = UUID(int=1), UUID(int=2)


def _data(frame: bytes) -> dict[str, object]:
    line = next(one for one in frame.decode().splitlines() if one.startswith("data: "))
    found: dict[str, object] = json.loads(line.removeprefix("data: "))
    return found


def test_a_tick_with_news_has_the_size_of_one_without() -> None:
    quiet = encode(MARK, News())
    told = encode(MARK, News({Change("case", ONE, OTHER), Change("request", OTHER)}, {ONE}))
    assert len(quiet) == len(told) == SIZE_BYTES
    assert len(end("signed out")) == SIZE_BYTES
    assert quiet.endswith(b"\n\n")
    assert quiet.count(b"\n\n") == 1


@pytest.mark.parametrize("count", range(1, 40))
def test_frames_are_multiples_of_the_size(count: int) -> None:
    news = News({Change("record", UUID(int=n)) for n in range(count)})
    assert len(encode(MARK, news)) % SIZE_BYTES == 0


def test_a_frame_holds_ids_and_nothing_else() -> None:
    data = _data(encode(MARK, News({Change("case", ONE, OTHER)}, {OTHER})))
    assert data == {
        "changed": [["case", str(ONE), str(OTHER)]],
        "gone": [str(OTHER)],
        "anew": False,
    }


def test_what_waits_is_bounded_and_then_says_look_anew() -> None:
    news = News()
    for n in range(3 * LONGEST_READ):
        news.add(News({Change("record", UUID(int=n))}))
    assert news.anew
    assert news.changes == set()


@pytest.mark.parametrize("text", ["", "x", "0badf00d-", "0badf00d-1\n", "-1", "0BADF00D-1", "at-1"])
def test_a_mark_in_another_form_is_none(text: str) -> None:
    assert Mark.parse(text) is None


def test_a_mark_comes_back() -> None:
    assert Mark.parse(str(MARK)) == MARK
    assert drawn_at("at-1764331200.125") == 1764331200.125
    assert drawn_at("at-nan") is None
