"""How long a grant may last: never longer than the clauses that it serves let the access go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from accord.agreements.domain import Agreement, Citation, cite, covers
from accord.agreements.obligations import later, plan
from accord.agreements.reference import thing_fits
from accord.kernel.labels import Label


def ends(
    agreements: Iterable[Agreement], label: Label, to: str, at: datetime
) -> tuple[datetime, Citation] | None:
    """Return when a grant of such a part, given now to this agency, must end, and what says so.

    A grant is good for every purpose that its recipient may state, so the shortest period of all
    clauses that it could serve counts. None where no clause sets an end.
    """
    found = [(later(at, period), citation) for period, citation in _periods(agreements, label, to)]
    return min(found, default=None)


def _periods(
    agreements: Iterable[Agreement], label: Label, to: str
) -> Iterator[tuple[str, Citation]]:
    for agreement in agreements:
        if to not in agreement.parties:
            continue
        for clause in agreement.permits:
            period = plan(clause.obligations).ends_within
            if (
                period is not None
                and "grant" in clause.when
                and covers(clause, "view")
                and (clause.to.agency is None or to in clause.to.agency)
                and (clause.of.owner is None or label.owner in clause.of.owner)
                and (clause.of.subject is None or label.subjects <= clause.of.subject)
                and thing_fits(clause.of, label)
            ):
                yield period, cite(agreement, clause)
