"""The end of a time filter takes in the whole day, minute or second that was typed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from accord.desk.ledger_filter import _moment


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("2026-03-01", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-01T14:30", datetime(2026, 3, 1, 14, 31, tzinfo=UTC)),
        ("2026-03-01T14:30:15", datetime(2026, 3, 1, 14, 30, 16, tzinfo=UTC)),
    ],
)
def test_what_was_typed_is_included(typed: str, until: datetime) -> None:
    assert _moment(typed, ZoneInfo("UTC"), whole=True) == until
