"""Every chain that would carry a category of data to an agency, for whoever must look it over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accord.agreements.domain import MAX_CHAIN, Agreement, Asker, Invariant, Reach, Words
from accord.agreements.proofs.proving import Link, Prover
from accord.agreements.proofs.source import Step
from accord.agreements.proofs.together import together
from accord.agreements.proofs.universe import Agencies

MOST = 200


@dataclass(frozen=True)
class Chain:
    """One way from an owner to an agency: its links, the owner's first, and the keys it needs."""

    links: tuple[Link, ...]
    keys: Words

    def facts(self) -> dict[str, Any]:
        """The chain as plain data."""
        return {"links": [link.facts() for link in self.links], "keys": sorted(self.keys)}


def chains(
    agreements: Sequence[Agreement],
    to: Asker,
    of: Reach,
    *,
    action: str = "view",
    within: int = MAX_CHAIN,
    agencies: Agencies | None = None,
    at: date | None = None,
    most: int = MOST,
) -> tuple[Chain, ...]:
    """Every chain of at most `within` agencies that carries such data to such an agency.

    The shortest first; no more than `most` of them. The agreements are taken as in `prove`.
    """
    held = together(agreements, at)
    about = Invariant("chains", action, of, to, within)
    prover = Prover(held.agreements, [about], agencies)
    wanted = prover.about(about)
    found: dict[tuple[Link, ...], Chain] = {}
    for steps in prover.source.chains(
        lambda more: prover.engine.possible([*wanted, *more]), within
    ):
        for owner, asker in _ends(prover, wanted, steps):
            links = prover.links(steps, asker, owner, action)
            keys = frozenset(key for step in steps for key in step.clause.when)
            found.setdefault(links, Chain(links, keys))
        if len(found) >= most:
            break
    return tuple(sorted(found.values(), key=_order))[:most]


def _ends(prover: Prover, wanted: list[int], steps: Sequence[Step]) -> list[tuple[str, str]]:
    """The owners and the requesters between whom a chain of clauses leads."""
    universe, source = prover.universe, prover.source
    base = [*wanted, *source.carrying(steps)]
    return [
        (owner, asker)
        for asker in steps[0].agreement.parties
        for owner in steps[-1].agreement.parties
        if asker not in {owner, *(step.receiver for step in steps)} or len(steps) == 1
        if prover.engine.possible(
            [*base, universe.has("owner", owner), universe.has("agency", asker)]
        )
    ]


def _order(chain: Chain) -> tuple[object, ...]:
    return (len(chain.links), [(k.giver, k.receiver, k.agreement, k.clause) for k in chain.links])
