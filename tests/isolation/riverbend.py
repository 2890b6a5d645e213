"""What the world of the tests has by name, whatever else tests put beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from accord.agreements.parse import parse

AMENDMENT = (
    Path(__file__).parents[2]
    / "worlds/riverbend/agreements/amendments/mou-2026-007-amendment-1.yaml"
)


@cache
def amendment() -> str:
    """The content hash of the world's amendment, which is proposed and not in force."""
    return parse(AMENDMENT.read_text("utf-8"), file=AMENDMENT.name).content_hash
