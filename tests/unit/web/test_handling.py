"""The mark of a page is the highest of what it shows."""

from __future__ import annotations

import pytest

from accord.web.handling import Handling, highest


def test_the_highest_sensitivity_and_every_code_mark_the_page() -> None:
    marks = [("official", "H2"), ("sensitive", "none"), ("open", "H1"), ("official", "H2")]
    assert highest(marks) == Handling("sensitive", ("H1", "H2"))


def test_a_page_without_content_has_no_mark() -> None:
    assert highest([]) is None


def test_an_unknown_sensitivity_is_an_error_and_not_the_lowest() -> None:
    with pytest.raises(ValueError):
        highest([("top-secret", "none"), ("open", "none")])
