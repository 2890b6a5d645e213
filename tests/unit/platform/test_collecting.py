"""Cycles are looked for seldom: within a block, as before after it; and never in what is settled."""

from __future__ import annotations

import gc

import pytest

from accord.platform import collecting


def test_what_is_settled_is_looked_at_no_more() -> None:
    before = gc.get_threshold()
    held = [[number] for number in range(1000)]
    try:
        gc.unfreeze()
        gc.set_threshold(700, *before[1:])
        collecting.settle()
        assert gc.get_freeze_count() > len(held)
        assert gc.get_threshold() == (collecting.SETTLED, *before[1:])
        assert not any(one in gc.get_objects() for one in held[:3])
    finally:
        gc.set_threshold(*before)


def test_what_was_set_comes_back_whatever_happens() -> None:
    before = gc.get_threshold()
    with collecting.seldom():
        assert gc.get_threshold()[0] == collecting.BETWEEN
    assert gc.get_threshold() == before
    with pytest.raises(ValueError, match="inside"), collecting.seldom():
        raise ValueError("inside")
    assert gc.get_threshold() == before
