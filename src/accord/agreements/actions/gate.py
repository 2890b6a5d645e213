"""What must be proven before a set of agreements decides: nothing is put in force unproven.

Steps: (1) work out the sets that will decide, from now on and from each later day on which a
version begins; (2) for each, the compiled form must be what was signed
(accord.agreements.proofs.gate); (3) every invariant that a party keeps must hold over all of it.
A suspended version counts with its forbids, which go on binding. Left to others: that fewer
agreements, after one was terminated or has ended, open no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from accord.agencies import queries as agencies
from accord.agreements.compiled import in_order
from accord.agreements.domain import Agreement
from accord.agreements.life import State
from accord.agreements.versions import VersionEntry
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase

_held: set[tuple[object, ...]] = set()
_KEPT = 256


def check_gate(known: Collection[VersionEntry], coming: Collection[str], at: datetime) -> None:
    """Refuse to let these versions decide unless what then decides is proven; raises NotAllowed.

    `known` is every version of the node, `coming` the hashes of those about to be put in force.
    """
    for agreements in _sets(known, coming, at):
        _check(agreements)


def _sets(
    known: Collection[VersionEntry], coming: Collection[str], at: datetime
) -> Iterator[tuple[Agreement, ...]]:
    replaced = {v.facts.amends for v in known if v.content_hash in coming}
    deciding = [
        v
        for v in known
        if v.content_hash in coming
        or (v.state in (State.IN_FORCE, State.SUSPENDED) and v.content_hash not in replaced)
    ]
    starts = {v.effective_from for v in deciding if v.effective_from > at}
    for moment in (at, *sorted(starts)):
        holding = [
            v.parsed if v.content_hash in coming else v.deciding
            for v in deciding
            if v.effective_from <= moment
            and (v.effective_until is None or v.effective_until > moment)
        ]
        yield in_order(holding)


def _check(agreements: Sequence[Agreement]) -> None:
    from accord.agreements.proofs.engine import ProofsUnavailable
    from accord.agreements.proofs.gate import check_compiled

    try:
        check_compiled(agreements)
        _check_invariants(agreements)
    except ProofsUnavailable as absent:
        raise NotAllowed(
            phrase(
                "Nothing is put in force here, because it cannot be proven first: z3 is not installed "
                "(pip install accord[proofs]). Reading and deciding go on."
            ),
            who_can_change=absent.who_can_change,
        ) from absent


def _check_invariants(agreements: Sequence[Agreement]) -> None:
    facts = agency_facts()
    known = tuple((a, *sorted(f.items())) for a, f in sorted(facts.items()))
    name = (frozenset((a.content_hash, a.suspended) for a in agreements), known)
    if name in _held:
        return
    from accord.agreements.proofs.proving import prove

    broken = [r for r in prove((), agreements, agencies=facts) if not r.proven]
    if broken:
        chain = "; ".join(link.text for link in broken[0].chain or ())
        raise NotAllowed(
            phrase(
                "What a party wants never to follow would follow (invariant %(id)s): "
                "%(text)s The chain: %(chain)s.",
                id=broken[0].id,
                text=broken[0].text,
                chain=chain,
            ),
            who_can_change=phrase("the parties of the agreements in the chain"),
        )
    if len(_held) >= _KEPT:
        _held.clear()
    _held.add(name)


def agency_facts() -> dict[str, dict[str, str]]:
    """The kind and country of every agency of the directory, as proofs take them."""
    return {a.id: {"kind": a.kind, "country": a.country} for a in agencies.agencies()}
