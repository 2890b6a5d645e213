"""Who may do what, as a table: role by assurance by training by purpose, for one kind of part.

Only words that the agreements name can make a difference. Each dimension has those, and one word
that none of them names, which stands for all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, combinations, product

from accord.agreements.compiled import compile_policy
from accord.agreements.domain import READ_ACTIONS, Agreement, Clause, Context, Requester, Words
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary

ASSURANCE = (1, 2, 3)
MOST_TRAININGS = 8
"""Of those that are named: every subset of them is a column."""


@dataclass(frozen=True)
class Cell:
    """One kind of person with one purpose, and what is open to them."""

    role: str
    assurance: int
    training: tuple[str, ...]
    purpose: str
    highest: str | None
    """The highest read action that is open; what is below it on the ladder is open too."""
    actions: tuple[str, ...]
    clause: str
    """The clauses that the highest rests on, or the one that forbids `match`; empty otherwise."""


def cells(
    agreements: Sequence[Agreement],
    who: Requester,
    label: Label,
    keys: Words,
    at: datetime,
    vocabulary: Vocabulary,
) -> Iterator[Cell]:
    """Every cell for people of the requester's agency and a part of this label with these keys.

    `who` gives agency, kind, country, clearance and nationality; role, training and assurance are
    the table's. The case is taken to be known where `keys` hold `case`.
    """
    policy = compile_policy(agreements)
    clauses = [c for a in agreements for c in a.clauses]
    for role, assurance, training, purpose in product(
        _named(clauses, "role", vocabulary), ASSURANCE, _trainings(clauses),
        _named(clauses, "purpose", vocabulary),
    ):  # fmt: skip
        asker = replace(
            who, roles=frozenset({role}), assurance=assurance, training=frozenset(training)
        )
        context = Context(purpose, "case" if "case" in keys else None, "statute", at)
        found = [policy.decide(asker, context, action, label, keys) for action in READ_ACTIONS]
        open_ones = tuple(d.action for d in found if d.allowed)
        shown = next((d for d in reversed(found) if d.allowed), found[0])
        yield Cell(
            role, assurance, training, purpose, open_ones[-1] if open_ones else None, open_ones,
            "; ".join(map(str, shown.citations)),
        )  # fmt: skip


def _named(clauses: Sequence[Clause], dimension: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The words that some clause names, and the first that none does."""
    named: set[str] = set()
    for clause in clauses:
        asked = (clause.to, clause.unless.to if clause.unless else None)
        if dimension == "role":
            named |= set(chain.from_iterable(a.role or () for a in asked if a is not None))
        else:
            named |= set(clause.reason.purpose or ())
            if clause.unless is not None:
                named |= set(clause.unless.reason.purpose or ())
    words = vocabulary.words(dimension)
    other = next((word for word in words if word not in named), None)
    return tuple(word for word in words if word in named or word == other)


def _trainings(clauses: Sequence[Clause]) -> tuple[tuple[str, ...], ...]:
    """Every subset of the trainings that some clause asks for, the empty one first."""
    named = {t for c in clauses for t in c.to.training}
    named |= {t for c in clauses if c.unless is not None for t in c.unless.to.training}
    found = sorted(named)[:MOST_TRAININGS]
    return tuple(chain.from_iterable(combinations(found, n) for n in range(len(found) + 1)))
