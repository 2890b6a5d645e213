"""The gate before an agreement takes effect: its compiled form must be what its parties signed.

Steps: (1) a solver is there, otherwise nothing is let through; (2) for every clause, the solver
finds a question on which that clause turns, and the compiled policy must answer it as the formula
of the source does. Left to others: that the formula is the reference (`tests/policy`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Agreement
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.source import Source
from accord.agreements.proofs.universe import Question, Universe
from accord.kernel.errors import NotAllowed

_passed: set[frozenset[str]] = set()
_KEPT = 256


class CompiledDiffers(NotAllowed):
    """On some question the compiled form of agreements is not what was signed."""

    def __init__(self, question: Question) -> None:
        super().__init__(
            f"the compiled form differs from the agreements as signed, for example on {question}",
            who_can_change="the maintainers of Accord: this is a fault of the program",
        )
        self.question = question


def check_compiled(agreements: Sequence[Agreement]) -> None:
    """Refuses agreements whose compiled form answers otherwise than their source.

    Raises `ProofsUnavailable` where z3 is not installed. What was checked once in this process is
    not checked again.
    """
    name = frozenset(a.content_hash for a in agreements)
    if name in _passed:
        return
    policy = compile_policy(agreements)
    for question, allowed in _turning_points(agreements):
        q = question
        answer = policy.decide(q.requester, q.context, q.action, q.label, q.keys)
        if answer.allowed != allowed:
            raise CompiledDiffers(question)
    if len(_passed) >= _KEPT:
        _passed.clear()
    _passed.add(name)


def _turning_points(agreements: Sequence[Agreement]) -> Iterator[tuple[Question, bool]]:
    """For every clause a question on which it turns, with the answer of the source."""
    universe = Universe(agreements)
    source = Source(universe, agreements)
    engine = Engine(universe.circuit)
    engine.require_clauses(list(universe.shape()))
    allowed, routes = source.allowed(), source.routes()
    for agreement in agreements:
        for clause in agreement.clauses:
            if clause.effect == "permit":
                wanted = [source.permits(agreement, clause, None), allowed]
            else:
                wanted = [source.forbids(agreement, clause, None, None), routes]
            if engine.possible(wanted):
                found = engine.model(universe.inputs)
                yield universe.question_of(found), clause.effect == "permit"
