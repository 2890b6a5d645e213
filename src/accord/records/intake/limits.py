"""How much one file, line or field may hold before intake refuses it instead of filling memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Refused beyond these; the defaults fit the largest exports of records systems."""

    max_file_bytes: int = 2_000_000_000
    max_line_chars: int = 1_000_000
    max_record_chars: int = 1_000_000
    max_record_lines: int = 2_000
    max_field_chars: int = 100_000
    max_columns: int = 1_000
    max_raw_chars: int = 4_000
    """How much of a bad row is kept in quarantine; the file itself is kept whole elsewhere."""


DEFAULT_LIMITS = Limits()
