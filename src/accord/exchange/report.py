"""What became of a run, as CSV for whoever sent the file: places and reasons, never a value."""

from __future__ import annotations

from uuid import UUID

from accord.agreements.scope import Scope
from accord.kernel.cells import csv_text
from accord.records.queries import intake as queries

HEADER = ("line", "field", "rule", "reason")
MOST_ROWS = 100_000


def report_of(scope: Scope, run_id: UUID) -> str:
    """The refused rows of a run that the actor may see; raises NotFound."""
    rows = queries.quarantine(scope, run_id, limit=MOST_ROWS)
    return csv_text(HEADER, ([row.line, row.field, row.rule, row.reason] for row in rows))
