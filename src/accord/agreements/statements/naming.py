"""Which clauses in force name a kind of statement between two agencies; no input or output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from accord.agreements.domain import Agreement, Citation, Clause, cite


def clauses_naming(
    agreements: Sequence[Agreement],
    kind: str,
    *,
    recipient: str,
    owner: str | None = None,
    purpose: str | None = None,
) -> tuple[tuple[Citation, Clause], ...]:
    """The clauses that such a statement for `recipient` may satisfy, in the agreements' order.

    A permit names it in `when`, a forbid as its exception. `owner` and `purpose` narrow where
    they are given; roles, training and labels are the request's and the part's, and stay open.
    """
    return tuple(
        (cite(agreement, clause), clause)
        for agreement, clause in _naming(agreements, kind)
        if recipient in agreement.parties
        and (owner is None or owner in owners(agreement, clause))
        and _for(clause, recipient, purpose)
    )


def owners_concerned(
    agreements: Iterable[Agreement], kind: str, *, recipient: str
) -> tuple[str, ...]:
    """The other agencies whose records a clause opens to `recipient` on this word."""
    found = {
        owner
        for agreement, clause in _naming(agreements, kind)
        if recipient in agreement.parties and _for(clause, recipient, None)
        for owner in owners(agreement, clause)
    }
    return tuple(sorted(found - {recipient}))


def owners(agreement: Agreement, clause: Clause) -> frozenset[str]:
    """Whose records a clause speaks of."""
    return frozenset(agreement.parties) if clause.of.owner is None else clause.of.owner


def _naming(agreements: Iterable[Agreement], kind: str) -> Iterator[tuple[Agreement, Clause]]:
    for agreement in agreements:
        for clause in agreement.clauses:
            excused = clause.unless.when if clause.unless is not None else frozenset()
            if kind in clause.when | excused:
                yield agreement, clause


def _for(clause: Clause, recipient: str, purpose: str | None) -> bool:
    to = clause.unless.to if clause.unless is not None else clause.to
    reason = clause.unless.reason if clause.unless is not None else clause.reason
    return (to.agency is None or recipient in to.agency) and (
        purpose is None or reason.purpose is None or purpose in reason.purpose
    )
