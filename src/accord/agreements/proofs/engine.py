"""The solver behind the proofs: z3, imported on first use; everything else runs without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from accord.agreements.proofs.circuit import FALSE, TRUE, Circuit
from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase

TIMEOUT_MS = 60_000


class ProofsUnavailable(AccordError):
    """z3 is not installed here, so nothing can be proven."""

    def __init__(self) -> None:
        super().__init__(
            "nothing can be proven here, because z3 is not installed: pip install accord[proofs]",
            who_can_change=phrase("the administrator of this node"),
        )


class ProofUndecided(AccordError):
    """The solver gave up; nothing follows, so nothing may be built on it."""


@cache
def z3() -> Any:
    """The module z3."""
    try:
        return import_module("z3")
    except ImportError:
        raise ProofsUnavailable from None


def available() -> bool:
    """Whether proofs can be made here."""
    try:
        z3()
    except ProofsUnavailable:
        return False
    return True


class Engine:
    """Asks whether formulas of one circuit can be true together.

    Gates are handed to z3 when a question first needs them, as text, which is much quicker than
    building each through its Python interface. QF_FD is z3's solver for finite domains.
    """

    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit
        self._z3 = z3()
        self._context = self._z3.Context()
        self._solver = self._z3.SolverFor("QF_FD", ctx=self._context)
        self._solver.set("timeout", TIMEOUT_MS)
        self._names: dict[int, Any] = {}
        self._told: set[int] = set()
        self._declared: set[int] = set()
        self._solver.add(self._term(TRUE))

    def require(self, literals: Iterable[int]) -> None:
        """Adds what holds in every question from now on."""
        for literal in literals:
            if literal != TRUE:
                self._tell([literal])
                self._solver.add(self._term(literal))

    def require_clauses(self, clauses: Sequence[Sequence[int]]) -> None:
        """Adds disjunctions of inputs, without making gates of them."""
        named = {abs(x) for clause in clauses for x in clause}
        lines = [f"(assert (or {' '.join(map(_text, clause))}))" for clause in clauses]
        self._say(named, lines)

    def at_most_one(self, literals: Sequence[int]) -> None:
        """Adds that no two of the literals are true together."""
        if len(literals) > 1:
            self._tell(literals)
            self._solver.add(self._z3.AtMost(*map(self._term, literals), 1))

    def possible(self, literals: Sequence[int]) -> bool:
        """Whether all the literals can be true together; `model` then tells how."""
        if FALSE in literals:
            return False
        wanted = [x for x in literals if x != TRUE]
        self._tell(wanted)
        answer = self._solver.check(*map(self._term, wanted))
        if answer == self._z3.unknown:
            raise ProofUndecided(f"the solver gave up: {self._solver.reason_unknown()}")
        return bool(answer == self._z3.sat)

    def model(self, inputs: Iterable[int]) -> dict[int, bool]:
        """The values of inputs in the model last found; one that does not matter is false."""
        found = self._solver.model()
        is_true = self._z3.is_true
        return {x: is_true(found[self._term(x)]) for x in inputs}

    def _term(self, literal: int) -> Any:
        name = self._names.get(abs(literal))
        if name is None:
            name = self._z3.Bool(f"v{abs(literal)}", ctx=self._context)
            self._names[abs(literal)] = name
        return name if literal > 0 else self._z3.Not(name)

    def _tell(self, roots: Iterable[int]) -> None:
        gates = self._circuit.gates
        waiting = [abs(x) for x in roots if abs(x) in gates and abs(x) not in self._told]
        if not waiting:
            return
        lines: list[str] = []
        declared: set[int] = set()
        while waiting:
            gate = waiting.pop()
            if gate in self._told:
                continue
            self._told.add(gate)
            below = gates[gate]
            declared.add(gate)
            declared.update(map(abs, below))
            lines.append(f"(assert (= v{gate} (and {' '.join(map(_text, below))})))")
            waiting.extend(abs(x) for x in below if abs(x) in gates)
        self._say(declared, lines)

    def _say(self, named: set[int], lines: list[str]) -> None:
        head = [f"(declare-fun v{x} () Bool)" for x in sorted(named - self._declared)]
        self._declared |= named
        self._solver.from_string("\n".join(head + lines))


def _text(literal: int) -> str:
    return f"v{literal}" if literal > 0 else f"(not v{-literal})"
