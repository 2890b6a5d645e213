"""The rows that agreements compile to: what each asks in every dimension of the question.

A row is a permit (one clause, or a route composed of several), a forbid, a guard (a forbid asked
about one link of a chain), or the exception of a forbid or a guard. None of them knows who asks:
see docs/decisions/0008. `reference.py` is the specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Any, Literal

from accord.agreements.domain import (
    ACTIONS,
    MAX_CHAIN,
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Reach,
    Reason,
    Words,
    covers,
)
from accord.agreements.reference import Route, rank
from accord.kernel.errors import AccordError

Effect = Literal["permit", "forbid", "exception", "guard", "guard-exception"]
Sets = Mapping[str, frozenset[Any]]
"""The words that a row accepts, by dimension; a dimension that is absent is not asked."""

MAX_ROUTES = 20_000
NOTHING: Sets = {"action": frozenset()}
_ASKER = ("kind", "country", "clearance", "nationality", "assurance")
_REACH = ("schema", "part", "subject", "sensitivity", "handling", "basis", "offence")
_FLAGS = ("minor", "sealed", "intelligence")
_READ, _ALL = frozenset(READ_ACTIONS), frozenset(ACTIONS)


class TooManyRoutes(AccordError):
    """The agreements let more chains pass records on than a policy can hold."""


@dataclass(frozen=True)
class Draft:
    """What one row asks, before it is bits.

    `holders` are the agencies that pass a part on, from the one next to whoever asks; the owner
    is not among them. `own` says whether the row also speaks about an owner that asks for what is
    its own; `closes` are the permits that a guard closes.
    """

    effect: Effect
    route: Route
    words: Sets
    roles: tuple[Words, ...] = ()
    training: Words = frozenset()
    keys: Words = frozenset()
    holders: tuple[str, ...] = ()
    own: bool = True
    closes: frozenset[int] = field(default=frozenset())


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
    permits = tuple(sorted(_permits(agreements), key=lambda row: rank(row.route)))
    forbids = [*_forbids(agreements), _handling(frozenset({"onward"}))]
    guards = list(_guards(agreements, permits))
    return Drafts(
        permits,
        tuple(row for row, _ in forbids),
        tuple(row for _, row in forbids),
        tuple(row for row, _ in guards),
        tuple(row for _, row in guards),
    )


def _permits(agreements: Sequence[Agreement]) -> Iterator[Draft]:
    """The permits by themselves, and the routes that begin with them."""
    passing = [(a, c) for a in agreements for c in a.permits if covers(c, "onward")]
    routes = 0
    for agreement in agreements:
        for clause in agreement.permits:
            straight = _serving(agreement, clause, straight=True)
            if straight is not None:
                yield straight
            composed = _serving(agreement, clause, straight=False)
            for row in () if composed is None else _behind(composed, passing):
                routes += 1
                if routes > MAX_ROUTES:
                    raise TooManyRoutes(
                        f"the agreements in force compose to more than {MAX_ROUTES} chains",
                        who_can_change="the parties, by naming fewer owners and recipients",
                    )
                yield row


def _serving(agreement: Agreement, clause: Clause, *, straight: bool) -> Draft | None:
    """A permit by itself: for what its parties own, or for what others own and they hold."""
    parties = frozenset(agreement.parties)
    named = parties if clause.of.owner is None else clause.of.owner
    words: dict[str, frozenset[Any]] = {
        "action": _actions(clause.effect, clause.action) & (_ALL if straight else _READ),
        "agency": _within(parties, clause.to.agency),
        "owner": named & parties if straight else named - parties,
        **_asker(clause.to),
        **_reason(clause.reason),
        **_reach(clause.of),
    }
    if not all(words.values()):
        return None
    return Draft(
        "permit",
        ((agreement, clause),),
        words,
        () if clause.to.role is None else (clause.to.role,),
        clause.to.training,
        clause.when,
        own=clause.to.agency is not None,
    )


def _behind(so_far: Draft, passing: Sequence[tuple[Agreement, Clause]]) -> Iterator[Draft]:
    """The whole routes that begin with a row for what no party of its agreement owns."""
    if len(so_far.route) == MAX_CHAIN:
        return
    last = so_far.route[-1][0]
    for party in sorted(set(last.parties) - set(so_far.holders)):
        for agreement, clause in passing:
            if _serves_as(agreement, clause, party):
                for straight in (True, False):
                    row = _linked(so_far, party, agreement, clause, straight=straight)
                    if row is not None:
                        yield from (row,) if straight else _behind(row, passing)


def _serves_as(agreement: Agreement, clause: Clause, party: str) -> bool:
    """Whether a clause accepts a holder, whose kind and country are taken as not known."""
    to = clause.to
    return (
        party in agreement.parties
        and (to.agency is None or party in to.agency)
        and to.kind is None
        and to.country is None
    )


def _linked(
    so_far: Draft, party: str, agreement: Agreement, clause: Clause, *, straight: bool
) -> Draft | None:
    """A route with one link more: `party` holds by this clause what the route passes on."""
    parties, recipients = frozenset(agreement.parties), clause.recipients or frozenset()
    if so_far.holders and so_far.holders[-1] not in recipients:
        return None
    named = parties if clause.of.owner is None else clause.of.owner
    words = _meet(
        so_far.words,
        {"agency": so_far.words["agency"] - {party}},
        {} if so_far.holders else {"agency": recipients},
        {"owner": named & parties if straight else named - parties},
        _asker(clause.to),
        _reason(clause.reason),
        _reach(clause.of),
    )
    if words is None:
        return None
    return replace(
        so_far,
        route=(*so_far.route, (agreement, clause)),
        words=words,
        roles=so_far.roles if clause.to.role is None else (*so_far.roles, clause.to.role),
        training=so_far.training | clause.to.training,
        keys=so_far.keys | clause.when,
        holders=(*so_far.holders, party),
    )


def _forbids(agreements: Sequence[Agreement]) -> Iterator[tuple[Draft, Draft]]:
    for agreement in agreements:
        parties = frozenset(agreement.parties)
        for clause in agreement.forbids:
            owners = parties if clause.of.owner is None else parties & clause.of.owner
            words = {
                "agency": _within(parties, clause.to.agency),
                "action": _actions(clause.effect, clause.action),
                "owner": owners,
            }
            yield _forbid(agreement, clause, words), _exception(agreement, clause)


def _forbid(agreement: Agreement, clause: Clause, words: Sets) -> Draft:
    asker, reach = _asker(clause.to), _reach(clause.of)
    return Draft(
        "forbid",
        ((agreement, clause),),
        {**asker, **_reason(clause.reason), **reach, **words},
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
        {**agency, **_asker(unless.to), **_reason(unless.reason)},
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
    yield _as_guard(_handling(_READ), composed)
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
    words: dict[str, frozenset[Any]] = {"action": _READ}
    if receiver is None:
        words["agency"] = _within(parties, clause.to.agency)
        words["action"] = _actions(clause.effect, clause.action) & _READ
    elif not (covers(clause, "onward") and receiver in _within(parties, clause.to.agency)):
        return None
    if giver is None:
        words["owner"] = _within(parties, clause.of.owner)
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


@cache
def _actions(effect: Literal["permit", "forbid"], action: str) -> Words:
    clause = Clause("", "", effect, action)
    return frozenset(a for a in ACTIONS if covers(clause, a))


def _asker(to: Asker) -> Sets:
    return {n: words for n in _ASKER if (words := getattr(to, n)) is not None}


def _reason(reason: Reason) -> Sets:
    sets = {"purpose": reason.purpose, "legal-basis": reason.legal_basis}
    return {name: words for name, words in sets.items() if words is not None}


def _reach(of: Reach) -> Sets:
    words = {n: words for n in _REACH if (words := getattr(of, n)) is not None}
    flags = {n: frozenset({flag}) for n in _FLAGS if (flag := getattr(of, n)) is not None}
    return {**words, **flags}


def _within(parties: Words, named: Words | None) -> Words:
    return parties if named is None else parties & named


def _meet(*all_sets: Sets) -> Sets | None:
    """What every one of them accepts; None where nothing is left of some dimension."""
    met: dict[str, frozenset[Any]] = {}
    for sets in all_sets:
        for name, words in sets.items():
            met[name] = met[name] & words if name in met else words
    return met if all(met.values()) else None
