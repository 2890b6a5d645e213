"""Which obligations follow from agreements in force together, as formulas over every question.

Several chains of clauses may serve one question; the one chosen has the lightest burden
(`reference.rank`), so each set of obligations is chosen exactly where some chain with that set
serves and none with a lighter one does. What the handling code of a label adds is added to both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from accord.agreements.domain import (
    HANDLING_OBLIGATIONS,
    MAX_CHAIN,
    READ_ACTIONS,
    Obligation,
    burden,
    label_obligations,
)
from accord.agreements.proofs.source import Source, Step
from accord.agreements.proofs.universe import Universe

Duties = frozenset[Obligation]
Possible = Callable[[list[int]], bool]


def chosen(source: Source, possible: Possible, limit: int = MAX_CHAIN) -> dict[Duties, int]:
    """For each set of obligations, that what is chosen obliges to it.

    `onward` is asked towards a recipient. `possible` says whether formulas may be true together.
    """
    serving: dict[Duties, list[int]] = {}
    for steps in dict.fromkeys(source.chains(possible, limit)):
        duties = frozenset(o for step in steps for o in step.clause.obligations)
        serving.setdefault(duties, []).append(_serves(source, steps))
    return lightest(source, serving)


def lightest(source: Source, serving: Mapping[Duties, Sequence[int]]) -> dict[Duties, int]:
    """That some clause with these obligations serves and none with a lighter burden does."""
    found: dict[Duties, int] = {}
    earlier: list[int] = [-source.open()]
    for duties in sorted(serving, key=burden):
        fits_any = source.circuit.any_of(serving[duties])
        found[duties] = source.circuit.all_of((fits_any, *(-x for x in earlier)))
        earlier.append(fits_any)
    return found


def obliged_otherwise(
    universe: Universe, before: Mapping[Duties, int], after: Mapping[Duties, int]
) -> int:
    """That both sides allow a question and oblige to something else."""
    circuit = universe.circuit
    added = {h: frozenset(label_obligations(h)) for h in HANDLING_OBLIGATIONS}
    plain = universe.among("handling", set(universe.words["handling"]) - set(added))
    labels = [(frozenset[Obligation](), plain)]
    labels += [(duties, universe.has("handling", h)) for h, duties in added.items()]
    return circuit.any_of(
        circuit.all_of((old, new, handled))
        for was, old in before.items()
        for becomes, new in after.items()
        for label, handled in labels
        if was | label != becomes | label
    )


def _serves(source: Source, steps: Sequence[Step]) -> int:
    """That one chain carries to the requester, whoever it is."""
    universe, first = source.universe, steps[0]
    formulas = [
        *source.carrying(steps),
        source.serves(first.agreement, first.clause, towards=True),
    ]
    if len(steps) > 1:
        formulas.append(universe.among("action", READ_ACTIONS))
        formulas += [-universe.has("agency", step.receiver or "") for step in steps[1:]]
    return source.circuit.all_of(formulas)
