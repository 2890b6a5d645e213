"""The rows that agreements compile to: what each asks in every dimension of the question.

A row is a permit (one clause, or a route composed of several), a forbid, a guard (a forbid asked
about one link of a chain), or the exception of a forbid or a guard. None of them knows who asks:
see docs/decisions/0008. `reference.py` is the specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from accord.agreements.domain import Agreement, Asker, Clause, Words, covers
from accord.agreements.drafting import (
    READ,
    Draft,
    Sets,
    actions_of,
    asker_words,
    reach_words,
    reason_words,
    within,
)
from accord.agreements.reference import rank
from accord.agreements.routes import permits as all_permits

NOTHING: Sets = {"action": frozenset()}


@dataclass(frozen=True)
class Drafts:
    """Every row of a policy; each exception stands at the place of what it excepts."""

    permits: tuple[Draft, ...]
    forbids: tuple[Draft, ...]
    exceptions: tuple[Draft, ...]
    guards: tuple[Draft, ...]
    guard_exceptions: tuple[Draft, ...]


def draft(agreements: Sequence[Agreement]) -> Drafts:
    """The rows of agreements: permits in the published order, forbids in that of the reference."""
    permits = tuple(sorted(all_permits(agreements), key=lambda row: rank(row.route)))
    forbids = [*_forbids(agreements), _handling(frozenset({"onward"}))]
    guards = list(_guards(agreements, permits))
    return Drafts(
        permits,
        tuple(row for row, _ in forbids),
        tuple(row for _, row in forbids),
        tuple(row for row, _ in guards),
        tuple(row for _, row in guards),
    )


def _forbids(agreements: Sequence[Agreement]) -> Iterator[tuple[Draft, Draft]]:
    for agreement in agreements:
        parties = frozenset(agreement.parties)
        for clause in agreement.forbids:
            owners = parties if clause.of.owner is None else parties & clause.of.owner
            words = {
                "agency": within(parties, clause.to.agency),
                "action": actions_of(clause.effect, clause.action),
                "owner": owners,
            }
            yield _forbid(agreement, clause, words), _exception(agreement, clause)


def _forbid(agreement: Agreement, clause: Clause, words: Sets) -> Draft:
    asker, reach = asker_words(clause.to), reach_words(clause.of)
    return Draft(
        "forbid",
        ((agreement, clause),),
        {**asker, **reason_words(clause.reason), **reach, **words},
        () if clause.to.role is None else (clause.to.role,),
        clause.to.training,
        own=clause.own,
    )


def _exception(agreement: Agreement, clause: Clause) -> Draft:
    route, unless = ((agreement, clause),), clause.unless
    if unless is None:
        return Draft("exception", route, NOTHING)
    agency = {} if unless.to.agency is None else {"agency": unless.to.agency}
    return Draft(
        "exception",
        route,
        {**agency, **asker_words(unless.to), **reason_words(unless.reason)},
        () if unless.to.role is None else (unless.to.role,),
        unless.to.training,
        unless.when,
    )


def _handling(actions: Words) -> tuple[Draft, Draft]:
    """Europol H2: no onward dissemination without the provider, whose permission is a grant."""
    words = {"action": actions, "handling": frozenset({"H2"})}
    return (
        Draft("forbid", (), words, own=False),
        Draft("exception", (), {}, keys=frozenset({"grant"})),
    )


def _guards(
    agreements: Sequence[Agreement], permits: Sequence[Draft]
) -> Iterator[tuple[Draft, Draft]]:
    """What bars the links of chains, each with the permits that it closes."""
    composed = {n: row for n, row in enumerate(permits) if row.holders}
    if not composed:
        return
    yield _as_guard(_handling(READ), composed)
    for holder in sorted({h for row in composed.values() for h in row.holders}):
        closed = [n for n, row in composed.items() if holder in row.holders]
        yield from _towards(agreements, closed, None, holder)
    links = {link for row in composed.values() for link in pairwise(row.holders)}
    for receiver, giver in sorted(links):
        closed = [n for n, row in composed.items() if (receiver, giver) in pairwise(row.holders)]
        yield from _towards(agreements, closed, giver, receiver)
    for giver in sorted({row.holders[0] for row in composed.values()}):
        closed = [n for n, row in composed.items() if row.holders[0] == giver]
        yield from _towards(agreements, closed, giver, None)


def _towards(
    agreements: Sequence[Agreement],
    closed: Iterable[int],
    giver: str | None,
    receiver: str | None,
) -> Iterator[tuple[Draft, Draft]]:
    """The forbids about one link: from a giver (None: the owner) to a receiver (None: who asks)."""
    for agreement in agreements:
        parties = frozenset(agreement.parties)
        if not {giver, receiver} - {None} <= parties:
            continue
        for clause in agreement.forbids:
            rows = _about(agreement, clause, giver, receiver)
            if rows is not None:
                yield _as_guard(rows, closed)


def _about(
    agreement: Agreement, clause: Clause, giver: str | None, receiver: str | None
) -> tuple[Draft, Draft] | None:
    parties = frozenset(agreement.parties)
    words: dict[str, frozenset[Any]] = {"action": READ}
    if receiver is None:
        words["agency"] = within(parties, clause.to.agency)
        words["action"] = actions_of(clause.effect, clause.action) & READ
    elif not (covers(clause, "onward") and receiver in within(parties, clause.to.agency)):
        return None
    if giver is None:
        words["owner"] = within(parties, clause.of.owner)
    elif clause.of.owner is not None:
        words["owner"] = clause.of.owner
    forbid, exception = _forbid(agreement, clause, words), _exception(agreement, clause)
    if receiver is None:
        return forbid, exception
    stood_in = {k: v for k, v in forbid.words.items() if k not in ("kind", "country")}
    return replace(forbid, words=stood_in), _excepting(exception, clause, receiver)


def _excepting(exception: Draft, clause: Clause, receiver: str) -> Draft:
    """The exception of a forbid for somebody who stands in another agency."""
    to = Asker() if clause.unless is None else clause.unless.to
    named = to.agency is not None and receiver not in to.agency
    if named or to.kind is not None or to.country is not None:
        return replace(exception, words=NOTHING)
    return replace(exception, words={k: v for k, v in exception.words.items() if k != "agency"})


def _as_guard(rows: tuple[Draft, Draft], closed: Iterable[int]) -> tuple[Draft, Draft]:
    forbid, exception = rows
    return (
        replace(forbid, effect="guard", own=True, closes=frozenset(closed)),
        replace(exception, effect="guard-exception"),
    )
