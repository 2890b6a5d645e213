"""Somebody else numbers a label while a request runs that needs it."""

from __future__ import annotations

import os
from threading import Thread

import pytest

from accord.evidence.actions import exhibits
from accord.evidence.domain import About
from isolation.contributing import acting
from isolation.exhibiting import COLLECTED, IN_CASE, acquired, uploaded

pytestmark = pytest.mark.usefixtures("world")
NEW = About("image", "A picture.", frozenset({"contact", "convicted", "other"}))
"""Categories that nothing in the world has together, so its labels have no numbers yet."""


def test_a_label_that_was_numbered_meanwhile_is_open_to_who_may_write_it() -> None:
    """Both secure the first exhibit of its kind at once: neither is told that no clause lets them."""
    upload = uploaded(os.urandom(2000))
    with acting(*IN_CASE) as scope:
        other = Thread(target=lambda: acquired(about=NEW))
        other.start()
        other.join()
        record, _ = exhibits.acquire(scope, upload, NEW, COLLECTED)
    assert record
