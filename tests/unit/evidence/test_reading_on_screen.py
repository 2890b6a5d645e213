"""How what was read of a file stands on a page: kinds, numbers and units for people."""

from __future__ import annotations

import pytest

from accord.evidence.reading.kinds import KINDS
from accord.evidence.reading.results import Fact
from accord.evidence.readingfile import Kept
from accord.evidence.readingscreen import FAMILIES, facts_of, kind_said
from accord.web.handling import HANDLING_CODES, handling_said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("width_px", "1000", ("Width", "1000 px")),
        ("duration_ms", "3000", ("Duration", "0:00:03.000")),
        ("sample_rate_hz", "8000", ("Sample rate", "8000 Hz")),
        ("duration_s", "3725.5", ("Duration", "1:02:05.500")),
        ("video_duration_s", "12.5", ("Video duration", "12.5 s")),
        ("altitude_m", "-3.5", ("Altitude", "-3.5 m")),
        ("width_px", "as wide as a door", ("Width px", "as wide as a door")),
        ("taken_at", "2026", ("Taken at", "2026")),
    ],
)
def test_a_number_has_its_unit_behind_it(name: str, value: str, said: tuple[str, str]) -> None:
    assert facts_of(Kept(facts=(Fact(name, value),))) == [said]


def test_every_kind_of_file_is_told_in_words() -> None:
    assert {kind.family for kind in KINDS.values()} <= set(FAMILIES)
    assert kind_said(KINDS["png"]) == "Picture (png)"
    assert kind_said(KINDS["text"]) == "Text"


def test_a_handling_code_is_told_with_its_title() -> None:
    assert handling_said("none") == "None"
    assert handling_said("H2") == "H2: Do not pass on"
    assert all(handling_said(code).startswith(f"{code}: ") for code in HANDLING_CODES)
