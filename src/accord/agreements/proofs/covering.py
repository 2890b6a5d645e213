"""Clauses beside each other, word by word: which one covers another, and which can meet it at all.

Reading words is enough to see most shadows, and costs microseconds. It errs on one side only: a
clause said to cover another opens (or closes) all that the other does, and clauses said not to meet
share no question. What is not seen here is asked of the solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from accord.agreements.columns import Column, Needs, union
from accord.agreements.domain import Agreement, Clause
from accord.agreements.drafting import (
    Sets,
    actions_of,
    asker_words,
    reach_words,
    reason_words,
    within,
)
from accord.agreements.proofs.source import takes

_SHARED = ("action", "agency", "owner", "purpose", "assurance", "schema", "part", "sensitivity",
           "handling", "basis", "offence", "minor", "sealed", "intelligence")  # fmt: skip
"""Dimensions in which clauses that share no word share no question."""
_SHARED_BY_PERMITS = ("subject", "kind", "country", "clearance", "nationality", "legal-basis")
"""The same of permits alone: forbids share the fact that is not known, and the label of two subjects."""
_OWN, _OTHERS = "own", "others"


class Covering:
    """The clauses of one effect; a set of them is an int, a bit for each by its place."""

    def __init__(self, every: Sequence[tuple[Agreement, Clause]]) -> None:
        self._every = every
        self._asked = [_asked(agreement, clause) for agreement, clause in every]
        names = dict.fromkeys(name for asked in self._asked for name in asked)
        self._columns = {n: Column([asked.get(n) for asked in self._asked]) for n in names}
        self._training = Needs([clause.to.training for _, clause in every])
        self._keys = Needs([clause.when for _, clause in every])
        self._unless = [repr(clause.unless) for _, clause in every]
        self._excused: dict[str, int] = {}
        for place, unless in enumerate(self._unless):
            self._excused[unless] = self._excused.get(unless, 0) | 1 << place

    def covering(self, place: int) -> int:
        """Clauses that cover this one, itself among them; none where words do not tell."""
        return reduce(and_, self._accepting(place).values(), self._fitting(place))

    def together(self, place: int, others: int) -> bool:
        """Whether some of the others cover this one together, each a few words of one dimension."""
        asked, accepting = self._asked[place], self._accepting(place)
        fitting = self._fitting(place) & others
        for name in self._one_word(place):
            words = asked.get(name)
            if words is not None and name != "subject":  # a label may have several
                rest = reduce(and_, (x for n, x in accepting.items() if n != name), fitting)
                if rest and all(self._columns[name][word] & rest for word in words):
                    return True
        return False

    def _accepting(self, place: int) -> dict[str, int]:
        """For each dimension the clauses that accept every word of it that this one accepts."""
        asked, found = self._asked[place], {}
        for name, column in self._columns.items():
            words = asked.get(name)
            found[name] = (
                column.other if words is None else reduce(and_, (column[w] for w in words), -1)
            )
        return found

    def _fitting(self, place: int) -> int:
        """The clauses that ask for nothing to be held which this one does not ask for."""
        agreement, clause = self._every[place]
        if clause.effect == "permit" and takes(agreement, clause):
            return 0  # what it reaches turns on what others pass on
        held = self._training.holding(clause.to.training) & self._keys.holding(clause.when)
        # What excuses from a forbid that covers must excuse from this one as well.
        return held & (self._excused.get(repr(None), 0) | self._excused[self._unless[place]])

    def _one_word(self, place: int) -> Sequence[str]:
        """The dimensions in which whatever meets a clause has words of it and none but them."""
        permit = self._every[place][1].effect == "permit"
        return (*_SHARED, *(_SHARED_BY_PERMITS if permit else ()))

    def meeting(self, place: int) -> int:
        """All clauses that can be met by a question that meets this one, itself among them."""
        return self._meeting(self._asked[place], self._one_word(place))

    def met_with(self, agreement: Agreement, clause: Clause) -> int:
        """All clauses that can be met by a question that meets a clause of the other effect."""
        return self._meeting(_asked(agreement, clause), _SHARED)

    def _meeting(self, asked: Sets, names: Sequence[str]) -> int:
        found = (1 << len(self._every)) - 1
        for name in names:
            words, column = asked.get(name), self._columns.get(name)
            if words is not None and column is not None:
                found &= union(column[w] for w in words) | column.other
        return found


def _asked(agreement: Agreement, clause: Clause) -> Sets:
    """What a clause asks, a set of accepted words for each dimension; an absent one is not asked."""
    parties = frozenset(agreement.parties)
    words: dict[str, frozenset[Any]] = {
        **asker_words(clause.to),
        **reason_words(clause.reason),
        **reach_words(clause.of),
        "action": actions_of(clause.effect, clause.action),
        "agency": within(parties, clause.to.agency),
    }
    if clause.to.role is not None:
        words["role"] = clause.to.role
    if clause.effect == "forbid":
        words["giver"] = parties
        words["whose"] = frozenset({_OWN, _OTHERS} if clause.own else {_OTHERS})
        return words if clause.of.owner is None else {**words, "owner": clause.of.owner}
    words["whose"] = frozenset({_OTHERS} if clause.to.agency is None else {_OWN, _OTHERS})
    if clause.action == "onward":
        words["recipient"] = clause.recipients or frozenset()
    if not takes(agreement, clause):
        words["owner"] = within(parties, clause.of.owner)
    return words
