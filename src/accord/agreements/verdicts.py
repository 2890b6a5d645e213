"""Proofs for pages and the API: how versions compare, and whether invariants hold."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from accord.agreements import queries
from accord.agreements.actions.gate import agency_facts
from accord.agreements.domain import Agreement
from accord.agreements.versions import VersionEntry
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, NotAllowed
from accord.kernel.phrases import headed

if TYPE_CHECKING:
    from accord.agreements.proofs.comparing import Verdict
    from accord.agreements.proofs.proving import Result

Found = TypeVar("Found")


def verdict(old: Agreement, new: Agreement) -> Verdict:
    """Return whether `new` gives more or less than `old`; raises NotAllowed without a solver."""
    return _answered(lambda: _verdict(old, new))


@lru_cache(maxsize=64)
def _verdict(old: Agreement, new: Agreement) -> Verdict:
    from accord.agreements.proofs.comparing import compare

    return compare(old, new)


def invariants(version: VersionEntry) -> tuple[Result, ...]:
    """Return whether this version's invariants hold beside all that is in force.

    The version is taken as in force instead of what it amends. Raises NotAllowed without a solver.
    """
    if not version.parsed.invariants:
        return ()
    beside = tuple(a for a in queries.in_force(now()).agreements if a.id != version.agreement)
    facts = agency_facts()
    known = tuple((a, f["kind"], f["country"]) for a, f in sorted(facts.items()))
    return _answered(lambda: _proven(version.parsed, beside, known))


@lru_cache(maxsize=32)
def _proven(
    agreement: Agreement,
    beside: tuple[Agreement, ...],
    known: tuple[tuple[str, str, str], ...],
) -> tuple[Result, ...]:
    from accord.agreements.proofs.proving import Prover

    facts = {a: {"kind": kind, "country": country} for a, kind, country in known}
    prover = Prover((agreement, *beside), agreement.invariants, facts)
    return tuple(prover.prove(invariant) for invariant in agreement.invariants)


def _answered(ask: Callable[[], Found]) -> Found:
    from accord.agreements.proofs.engine import ProofsUnavailable, ProofUndecided

    try:
        return ask()
    except (ProofsUnavailable, ProofUndecided) as absent:
        raise NotAllowed(_sentence(absent), who_can_change=absent.who_can_change) from absent


def _sentence(error: AccordError) -> str:
    return headed(error.message) + "."
