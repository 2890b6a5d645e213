"""What a sender says of a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stated:
    """What a sender says of a file: nothing of it is needed where the file says it itself."""

    format: str | None = None
    mapping: str | None = None
    """The text of a mapping (YAML)."""
    mapping_name: str | None = None
    """Or the name of a saved one."""
    basis: str | None = None
    """Of a format that maps itself: how the information was collected."""


NOTHING_STATED = Stated()
