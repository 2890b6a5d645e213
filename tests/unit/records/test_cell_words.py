"""Values of records as cells of a page."""

from __future__ import annotations

from datetime import UTC, datetime

from accord.records.ontology import common_ontology
from accord.records.screen import cell
from accord.web.components import Code, Moment

EXHIBIT = common_ontology().schema("Exhibit").properties


def test_an_instant_is_told_by_the_readers_clock_and_a_day_stays_a_day() -> None:
    field = EXHIBIT["collectedAt"]
    at = datetime(2026, 9, 20, 15, 4, tzinfo=UTC)
    assert cell(field, "2026-09-20T15:04:00Z", "America/Chicago") == Moment(at, "America/Chicago")
    assert cell(field, "2026-09", "America/Chicago") == "2026-09"


def test_every_digest_can_be_copied() -> None:
    for name in ("contentHash", "contentHash512", "sourceHash"):
        assert cell(EXHIBIT[name], "00ff") == Code("00ff")
