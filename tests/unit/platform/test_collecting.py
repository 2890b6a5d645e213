"""Cycles are looked for seldom within a block, and as before after it."""

from __future__ import annotations

import gc

import pytest

from accord.platform import collecting


def test_what_was_set_comes_back_whatever_happens() -> None:
    before = gc.get_threshold()
    with collecting.seldom():
        assert gc.get_threshold()[0] == collecting.BETWEEN
    assert gc.get_threshold() == before
    with pytest.raises(ValueError, match="inside"), collecting.seldom():
        raise ValueError("inside")
    assert gc.get_threshold() == before
