"""What a reader can choose from when looking for entries, and how many there are.

Everything here is asked of the rows that the reader may read, under row-level security.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accord.ledger.domain import ACTING
from accord.ledger.models import EntryRow, OwnerView
from accord.ledger.queries import Filter, own_rows, owner_rows

COUNTED = 10_000
"""How far is counted; beyond it there are more."""
LOOKED_AT = 2_000
"""Of how many of the newest entries the choices are taken."""

NOTHING = Filter()


@dataclass(frozen=True)
class Choices:
    """Who and what occurs in the newest entries that the reader may read, each in its order."""

    actors: tuple[str, ...]
    agencies: tuple[str, ...]
    cases: tuple[str, ...]
    clauses: tuple[str, ...]


def count(view: str, wanted: Filter) -> int:
    """How many entries there are, up to COUNTED + 1."""
    return _rows(view, wanted)[: COUNTED + 1].count()


def choices(view: str, wanted: Filter = NOTHING) -> Choices:
    """What the reader can narrow a list by, in one statement.

    `wanted` is what the whole list is about: only the viewer's own entries, say.
    """
    agency = "agency_id" if view == ACTING else "actor_agency_id"
    names = ["actor_id", agency, "clauses", *(["case_id"] if view == ACTING else [])]
    rows = list(_rows(view, wanted).order_by("-leaf_id").values_list(*names)[:LOOKED_AT])
    return Choices(
        actors=_sorted(row[0] for row in rows),
        agencies=_sorted(row[1] for row in rows),
        clauses=_sorted(clause for row in rows for clause in row[2]),
        cases=_sorted(row[3] for row in rows if len(row) > 3),
    )


def _rows(view: str, wanted: Filter) -> QuerySet[EntryRow] | QuerySet[OwnerView]:
    return own_rows(wanted) if view == ACTING else owner_rows(wanted)


def _sorted(values: Any) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))
