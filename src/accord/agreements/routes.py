"""The permits of agreements as rows: clauses by themselves, and the routes composed of several.

A route begins with the permit that serves whoever asks and ends with the one of the owner; each
other link is an `onward` permit by which a party holds what it passes on. See docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from accord.agreements.domain import MAX_CHAIN, Agreement, Clause, covers
from accord.agreements.drafting import (
    ALL,
    READ,
    Draft,
    Sets,
    actions_of,
    asker_words,
    reach_words,
    reason_words,
    within,
)
from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase

MAX_ROUTES = 20_000


class TooManyRoutes(AccordError):
    """The agreements let more chains pass records on than a policy can hold."""


def permits(agreements: Sequence[Agreement]) -> Iterator[Draft]:
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
                        who_can_change=phrase("the parties, by naming fewer owners and recipients"),
                    )
                yield row


def _serving(agreement: Agreement, clause: Clause, *, straight: bool) -> Draft | None:
    """A permit by itself: for what its parties own, or for what others own and they hold."""
    parties = frozenset(agreement.parties)
    named = parties if clause.of.owner is None else clause.of.owner
    words: dict[str, frozenset[Any]] = {
        "action": actions_of(clause.effect, clause.action) & (ALL if straight else READ),
        "agency": within(parties, clause.to.agency),
        "owner": named & parties if straight else named - parties,
        **asker_words(clause.to),
        **reason_words(clause.reason),
        **reach_words(clause.of),
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
        asker_words(clause.to),
        reason_words(clause.reason),
        reach_words(clause.of),
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


def _meet(*all_sets: Sets) -> Sets | None:
    """What every one of them accepts; None where nothing is left of some dimension."""
    met: dict[str, frozenset[Any]] = {}
    for sets in all_sets:
        for name, words in sets.items():
            met[name] = met[name] & words if name in met else words
    return met if all(met.values()) else None
