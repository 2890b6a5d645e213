"""What the worker takes up, a reading or a derivation, and how often it may be gone before the end.

A file that ends the worker itself (no memory left, a fault in a library) cannot be told from a node that
was stopped. So what a worker left half done is taken up again, and given up the third time.
"""

from __future__ import annotations

from accord.evidence.models import Derivation, ExhibitReading

MOST_LOST = 3


def lost(row: ExhibitReading | Derivation, under_way: str) -> int:
    """How often a worker was gone before its end, once it is taken up again."""
    return row.lost + (row.state == under_way)


def change(row: ExhibitReading | Derivation, **values: object) -> None:
    """Write these columns of a row, and no other."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
