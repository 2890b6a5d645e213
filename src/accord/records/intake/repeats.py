"""Finds source references that come twice in one file: the same again, or something else.

Keeps 12 bytes of digest and a line number for each row, never the content: a million rows take
about 150 MB less than their text would.
"""

from __future__ import annotations

from hashlib import blake2b

from accord.records.faults import Problem
from accord.records.intake.drafting import RawRecord

LINE_BITS = 40


class Repeats:
    """What was seen of one file so far."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def problem(self, record: RawRecord, line: int) -> Problem | None:
        """What is wrong with a record whose reference came before with other content."""
        name = _number(f"{record.source_system}\0{record.source_ref}", 8)
        said = _number(_content(record), 6)
        before = self._seen.setdefault(name, said << LINE_BITS | line)
        if before >> LINE_BITS == said:
            return None
        first = before & ((1 << LINE_BITS) - 1)
        reason = f"line {first} of this file says something else under the same source reference"
        return Problem("source_ref", "conflicting-reference", reason)


def _number(text: str, size: int) -> int:
    digest = blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=size).digest()
    return int.from_bytes(digest, "big")


def _content(record: RawRecord) -> str:
    values = {name: [v.text for v in given] for name, given in record.values.items()}
    return repr(
        (
            record.schema.name, record.label, record.part_labels, values, record.occurred_at,
            record.grading, record.assertion, record.retain_until, record.basis_of_suspicion,
            record.cases,
        )
    )  # fmt: skip
