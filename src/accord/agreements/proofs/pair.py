"""Two versions of an agreement over one universe of questions."""

from __future__ import annotations

from collections.abc import Sequence

from accord.agreements.domain import Agreement
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.source import Source
from accord.agreements.proofs.universe import Question, Universe
from accord.agreements.proofs.witness import Witness, confirmed, plainest
from accord.agreements.proofs.words import Speaker


class Pair:
    """Two versions over one universe, with the solver for both."""

    def __init__(self, old: Agreement, new: Agreement) -> None:
        self.old, self.new = old, new
        self.universe = Universe([old, new])
        self.engine = Engine(self.universe.circuit)
        self.engine.require_clauses(list(self.universe.shape()))
        self.before = Source(self.universe, [old])
        self.after = Source(self.universe, [new])
        self.speaker = Speaker([old, new])
        self.parties = tuple(dict.fromkeys((*new.parties, *old.parties)))

    def witness(
        self, wanted: Sequence[int], allows: Sequence[Agreement], refuses: Sequence[Agreement]
    ) -> Witness | None:
        """The plainest question that makes the formulas true, confirmed; None if there is none."""
        question = self.question(wanted)
        if question is None:
            return None
        return confirmed(question, self.speaker, allows, refuses)

    def question(self, wanted: Sequence[int]) -> Question | None:
        """The plainest question that makes the formulas true; None if there is none."""
        found = plainest(self.universe, self.engine, wanted, self.parties)
        return None if found is None else self.universe.question_of(found)
