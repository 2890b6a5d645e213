"""An agreement that begins today begins on the day it is where its days are counted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from accord.agreements.starting import beginning
from accord.cli.agreement_template import command
from accord.kernel.clock import FixedClock, taken_from

AFTER_MIDNIGHT_IN_UTC = datetime(2026, 11, 29, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("America/Chicago", "2026-11-28"), ("UTC", "2026-11-29"), ("Asia/Tokyo", "2026-11-29")],
)
def test_a_frame_begins_today_in_its_own_zone(zone: str, day: str) -> None:
    with taken_from(FixedClock(AFTER_MIDNIGHT_IN_UTC)):
        assert f"from: {day}," in beginning("empty", "harlan-so", zone)


def test_the_year_is_that_of_the_zone_too() -> None:
    with taken_from(FixedClock(datetime(2027, 1, 1, 2, 0, tzinfo=UTC))):
        text = beginning("empty", "harlan-so", "America/Chicago")
    assert "id: mou-2026-001" in text
    assert "from: 2026-12-31," in text


def test_a_template_begins_today_in_its_own_zone_and_refuses_none() -> None:
    name = CliRunner().invoke(command, []).output.split()[0].strip("`|:")
    with taken_from(FixedClock(AFTER_MIDNIGHT_IN_UTC)):
        refused = CliRunner().invoke(command, [name, "--zone", "Chicago"])
    assert refused.exit_code == 1
    assert "Chicago" in refused.output
