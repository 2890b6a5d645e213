"""Whether a version obliges to more or to less than another, where both allow the same question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.agreements.domain import Agreement, Obligation
from accord.agreements.proofs.obliging import Duties, lightest
from accord.agreements.proofs.pair import Pair
from accord.agreements.proofs.source import Source
from accord.agreements.proofs.universe import Question
from accord.agreements.proofs.witness import ProofContradicted, answer
from accord.agreements.proofs.words import question_facts

_ONWARD = frozenset({Obligation("no-onward")})  # what the handling code H2 adds to every clause
_DAYS = {"Y": 365.0, "M": 30.0, "W": 7.0, "D": 1.0, "TH": 1 / 24, "TM": 1 / 1440}
_LONGER_IS_LIGHTER = ("end-access", "notify-owner")


@dataclass(frozen=True)
class Weighing:
    """One question that both versions allow, and what each obliges to."""

    question: Question
    text: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """The question as plain data, with the obligations on either side."""
        return {
            "text": self.text,
            **question_facts(self.question),
            "before": list(self.before),
            "after": list(self.after),
        }


@dataclass(frozen=True)
class Burdens:
    """Questions for which the new version obliges to less, to more, or to something else."""

    lighter: Weighing | None
    heavier: Weighing | None
    other: Weighing | None

    def facts(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {
            name: None if w is None else w.facts()
            for name, w in (
                ("lighter", self.lighter),
                ("heavier", self.heavier),
                ("other", self.other),
            )
        }


def compare_burdens(pair: Pair) -> Burdens:
    """How the obligations of two versions differ for the same question."""
    before, after = _chosen(pair.before, pair.old), _chosen(pair.after, pair.new)
    return Burdens(*(_weigh(pair, before, after, way) for way in ("lighter", "heavier", "other")))


def _chosen(source: Source, agreement: Agreement) -> dict[Duties, int]:
    """For each set of obligations, that the permit chosen obliges to it."""
    serving: dict[Duties, list[int]] = {}
    for clause in agreement.permits:
        fits = (
            source.serves(agreement, clause, towards=True),
            source.reached(agreement, clause, 1),
        )
        serving.setdefault(frozenset(clause.obligations), []).append(source.circuit.all_of(fits))
    return lightest(source, serving)


def _weigh(
    pair: Pair, before: Mapping[Duties, int], after: Mapping[Duties, int], way: str
) -> Weighing | None:
    circuit = pair.universe.circuit
    h2 = pair.universe.has("handling", "H2")
    pairs = [
        circuit.all_of((old, new, handling))
        for was, old in before.items()
        for becomes, new in after.items()
        for label, handling in ((frozenset[Obligation](), -h2), (_ONWARD, h2))
        if change(was | label, becomes | label) == way
    ]
    question = pair.question([circuit.any_of(pairs)])
    if question is None:
        return None
    old, new = answer([pair.old], question), answer([pair.new], question)
    if change(old.obligations, new.obligations) != way or not (old.allowed and new.allowed):
        raise ProofContradicted(f"the solver and the reference differ on {question}")
    text = pair.speaker.question(question)
    return Weighing(question, text, _said(old.obligations), _said(new.obligations))


def _said(duties: Sequence[Obligation]) -> tuple[str, ...]:
    return tuple(str(duty) for duty in duties)


def change(before: Iterable[Obligation], after: Iterable[Obligation]) -> str:
    """Whether obligations became lighter, heavier, other, or stayed the same."""
    was, becomes = frozenset(before), frozenset(after)
    if was == becomes:
        return "same"
    old, new = {o.kind: o.value for o in was}, {o.kind: o.value for o in becomes}
    ways = {"lighter" for _ in old.keys() - new.keys()}
    ways |= {"heavier" for _ in new.keys() - old.keys()}
    ways |= {_value(k, old[k], new[k]) for k in old.keys() & new.keys() if old[k] != new[k]}
    return ways.pop() if len(ways) == 1 else "other"


def _value(kind: str, before: str | None, after: str | None) -> str:
    if kind not in _LONGER_IS_LIGHTER:
        return "other"
    was, becomes = days(before), days(after)
    if was == becomes:
        return "other"
    return "lighter" if becomes > was else "heavier"


def days(duration: str | None) -> float:
    """About how long a duration is; none at all is at once."""
    day, _, time = (duration or "").removeprefix("P").partition("T")
    parts = re.findall(r"(\d+)([YMWD])", day)
    parts += [(number, "T" + unit) for number, unit in re.findall(r"(\d+)([HM])", time)]
    return sum(int(number) * _DAYS[unit] for number, unit in parts)
