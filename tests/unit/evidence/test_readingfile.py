"""What is kept of a reading is the same after it was stored, and older ones are still read."""

from __future__ import annotations

import json
from pathlib import Path

from accord.evidence.reading.kinds import KINDS
from accord.evidence.reading.results import Preview, Reading, Use
from accord.evidence.readingfile import Kept, Picture, Played, from_bytes, kept_of, to_bytes
from accord.evidence.readingscreen import clock


def preview(use: Use, number: int, media_type: str = "image/webp", length_ms: int = 0) -> Preview:
    return Preview(use, number, Path("x"), media_type, 480, 270, length_ms)


KEPT = kept_of(
    Reading(
        None,
        KINDS["mp4"],
        None,
        previews=(
            preview(Use.FRAME, 1),
            preview(Use.THUMBNAIL, 1),
            preview(Use.FRAME, 2),
            preview(Use.PLAYED, 1, "video/webm", 120_000),
        ),
    )
)


def test_what_is_played_is_numbered_after_the_pictures() -> None:
    assert [p.number for p in KEPT.pictures] == [0, 1]
    assert KEPT.played == (Played(2, "video/webm", 480, 270, 120_000),)
    assert KEPT.played[0].is_film
    assert from_bytes(to_bytes(KEPT)) == KEPT


def test_a_reading_of_a_version_that_played_nothing_is_read() -> None:
    older = json.loads(to_bytes(KEPT))
    del older["played"]
    found = from_bytes(json.dumps(older).encode())
    assert found == Kept(
        pictures=(Picture(0, Use.FRAME, 1, 480, 270), Picture(1, Use.FRAME, 2, 480, 270))
    )


def test_a_length_reads_as_on_a_player() -> None:
    assert [clock(ms) for ms in (0, 3_400, 65_000, 1_800_000, 3_725_000)] == [
        "0:00",
        "0:03",
        "1:05",
        "30:00",
        "1:02:05",
    ]
