"""The gate before agreements take effect: their compiled form must be what the parties signed.

Steps: (1) a solver is there, otherwise nothing is let through; (2) every row of the compiled form
is read back out of the bits that decide; (3) the solver is asked for a question, out of all there
are, that the rows allow and the source does not, or the other way round; (4) what it finds is
asked of `reference.decide` and of the compiled policy, and shown. Left to others: that the source's
formula is the reference, and that obligations and citations are (both in `tests/policy`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from accord.agreements import reference
from accord.agreements.columns import OTHER
from accord.agreements.compiled import Policy, policy_of
from accord.agreements.compiledform import SINGLE, UNKNOWABLE, Form, Row
from accord.agreements.domain import Agreement
from accord.agreements.proofs.circuit import FALSE, TRUE
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.source import Source
from accord.agreements.proofs.universe import UNKNOWN, Question, Universe
from accord.agreements.proofs.witness import ProofContradicted, plainest
from accord.agreements.proofs.words import Speaker
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase

_passed: set[frozenset[tuple[str, bool]]] = set()
_KEPT = 256


class CompiledDiffers(NotAllowed):
    """On some question the compiled form of agreements is not what was signed."""

    def __init__(self, question: Question, text: str, *, compiled: bool) -> None:
        does, says = ("allows", "refuse") if compiled else ("refuses", "allow")
        super().__init__(
            f"the compiled form {does} what the agreements as signed {says}: {text}",
            who_can_change=phrase("the maintainers of Accord: this is a fault of the program"),
        )
        self.question = question
        self.compiled = compiled


def check_compiled(agreements: Sequence[Agreement]) -> None:
    """Refuses agreements whose compiled form answers any question otherwise than their source.

    Raises `CompiledDiffers` (a `NotAllowed`) with that question, and `ProofsUnavailable` where z3
    is not installed. What passed once in this process is not asked again.
    """
    name = frozenset((a.content_hash, a.suspended) for a in agreements)
    if name in _passed:
        return
    check_policy(agreements, policy_of(tuple(agreements)))
    if len(_passed) >= _KEPT:
        _passed.clear()
    _passed.add(name)


def check_policy(agreements: Sequence[Agreement], policy: Policy) -> None:
    """Refuses a compiled policy that is not these agreements."""
    universe = Universe(agreements, loose=True)
    engine = Engine(universe.circuit)
    engine.require_clauses(list(universe.shape()))
    signed = Source(universe, agreements).allowed()
    compiled = Compiled(universe, policy.form).allowed()
    for wanted, more in (([compiled, -signed], True), ([signed, -compiled], False)):
        found = plainest(universe, engine, wanted)
        if found is not None:
            raise _difference(agreements, policy, universe.question_of(found), more)


def _difference(
    agreements: Sequence[Agreement], policy: Policy, q: Question, more: bool
) -> CompiledDiffers:
    asked = (q.requester, q.context, q.action, q.label, q.keys)
    signed, compiled = reference.decide(agreements, *asked), policy.decide(*asked)
    if signed.allowed == compiled.allowed:
        raise ProofContradicted(
            f"the solver and the interpreters differ on a question: {q}",
            who_can_change=phrase("the maintainers of Accord"),
        )
    return CompiledDiffers(q, Speaker(agreements).question(q), compiled=more)


class Compiled:
    """A compiled form as one formula, from its rows as they are read back from the bits."""

    def __init__(self, universe: Universe, form: Form) -> None:
        self._universe, self._circuit, self._form = universe, universe.circuit, form

    def allowed(self) -> int:
        """That no forbid binds, and that some permit is met which no guard closes."""
        rows: dict[str, dict[int, Row]] = {}
        for row in self._form.rows:
            rows.setdefault(row.effect, {})[row.place] = row
        binding = self._lifted(rows.get("forbid", {}), rows.get("exception", {}))
        guards = self._lifted(rows.get("guard", {}), rows.get("guard-exception", {}))
        closing: dict[int, list[int]] = {}
        for place, literal in guards.items():
            for permit in rows["guard"][place].closes:
                closing.setdefault(int(permit), []).append(-literal)
        serving = self._circuit.any_of(
            self._circuit.all_of((self.met(row), *closing.get(row.number, ())))
            for row in rows.get("permit", {}).values()
        )
        return self._circuit.all_of((serving, *(-x for x in binding.values())))

    def _lifted(self, bars: dict[int, Row], exceptions: dict[int, Row]) -> dict[int, int]:
        return {
            place: self._circuit.all_of((self.met(row), -self.met(exceptions[place])))
            for place, row in bars.items()
        }

    def met(self, row: Row) -> int:
        """That a question meets a row."""
        universe = self._universe
        return self._circuit.all_of(
            (
                TRUE if row.own else -universe.own(),
                *(self._accepted(row, name) for name in SINGLE),
                *(self._some("role", words, self._form.roles[n]) for n, words in self._roles(row)),
                self._needed("training", row.training),
                self._needed("key", row.keys),
                self._subject(row),
            )
        )

    def _roles(self, row: Row) -> Iterable[tuple[int, frozenset[Any]]]:
        slots = ((n, slot.accepted(row.number)) for n, slot in enumerate(self._form.roles))
        return [(n, words) for n, words in slots if words is not None]

    def _accepted(self, row: Row, name: str) -> int:
        dimension = name.replace("-", "_")
        words = row.accepted(name)
        every = [w for w in self._universe.words[dimension] if w != UNKNOWN]
        found = set(every if words is None else self._spelt(every, words, self._form.columns[name]))
        if name in UNKNOWABLE and row.accepts_unknown(name):
            found.add(UNKNOWN)
        return self._universe.among(dimension, found)

    def _some(self, dimension: str, words: frozenset[Any], column: Iterable[Any]) -> int:
        every = self._universe.words[dimension]
        return self._universe.some_in(dimension, self._spelt(every, words, column))

    def _needed(self, dimension: str, words: frozenset[str]) -> int:
        if not words <= set(self._universe.words[dimension]):
            return FALSE
        return self._universe.all_in(dimension, words)

    def _subject(self, row: Row) -> int:
        if row.subject is None:
            return TRUE
        every = self._universe.words["subject"]
        words = self._spelt(every, row.subject, self._form.subject)
        if row.every_subject:
            return self._universe.only_in("subject", frozenset(words))
        return self._universe.some_in("subject", words)

    def _spelt(
        self, every: Iterable[str], words: frozenset[Any], column: Iterable[Any]
    ) -> list[str]:
        """The words that a row accepts; OTHER stands for those that the column does not name."""
        accepted, named = set(map(_word, words)), set(map(_word, column))
        return [w for w in every if w in accepted or (OTHER in accepted and w not in named)]


def _word(value: Any) -> str:
    """A word as the universe writes it: flags and levels are words there."""
    return str(value).lower() if isinstance(value, bool) else str(value)
