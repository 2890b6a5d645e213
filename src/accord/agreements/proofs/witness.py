"""A question on which a proof fails, made as plain as it can be and checked once more.

INVARIANT: no witness is shown that `reference.decide` does not confirm; a formula that departed
from the reference would be found here, and is an error, not an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accord.agreements import reference
from accord.agreements.domain import Agreement, Citation, Clause, Decision
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.universe import OTHER, SETS, UNKNOWN, Question, Universe
from accord.agreements.proofs.words import Speaker, question_facts
from accord.agreements.why import missing
from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase

_FIRST = {
    "action": ("view", "hit", "export", "onward", "match"),
    "assurance": ("2", "1", "3"),
    "sensitivity": ("official",),
    "handling": ("none",),
    "basis": ("statute",),
    "kind": (UNKNOWN,),
    "country": (UNKNOWN,),
    "nationality": (UNKNOWN,),
    "legal_basis": (UNKNOWN,),
}
_ORDER = (
    "action", "agency", "owner", "recipient", "key", "training", "role", "subject", "purpose",
    "minor", "sealed", "intelligence", "handling", "part", "schema", "assurance", "clearance",
    "sensitivity", "basis", "offence", "legal_basis", "kind", "country", "nationality",
)  # fmt: skip
_KEPT_LONGEST = {"role": "investigator", "subject": "suspect"}


class ProofContradicted(AccordError):
    """The solver and the reference do not agree on a question: a fault of the program."""


@dataclass(frozen=True)
class Witness:
    """One question, who allows it by which clauses, and what closes it on the other side."""

    question: Question
    text: str
    allowed_by: tuple[Citation, ...] = ()
    closed_by: Citation | None = None
    because: str = ""

    def facts(self) -> dict[str, Any]:
        """The witness as plain data."""
        closed = self.closed_by
        return {
            "text": self.text,
            **question_facts(self.question),
            "allowed_by": [cited(c) for c in self.allowed_by],
            "closed_by": None if closed is None else cited(closed),
            "because": self.because,
        }


def cited(citation: Citation) -> dict[str, str]:
    """A citation as plain data."""
    return {
        "agreement": citation.agreement_id,
        "hash": citation.agreement_hash,
        "clause": citation.clause_id,
    }


def plainest(
    universe: Universe, engine: Engine, wanted: Sequence[int], parties: Sequence[str] = ()
) -> dict[int, bool] | None:
    """The inputs of the plainest question that makes the formulas true; None where there is none.

    One preference after another is kept where some question still fits: few roles and trainings,
    no keys, one category, agencies that are parties, ordinary words.
    """
    if not engine.possible(wanted):
        return None
    fixed = list(wanted)
    model = engine.model(universe.inputs)
    for choices in _preferences(universe, parties):
        for literal in choices:
            true = model[literal] if literal > 0 else not model[-literal]
            if not true:
                if not engine.possible([*fixed, literal]):
                    continue
                model = engine.model(universe.inputs)
            fixed.append(literal)
            break
    return model


def _preferences(universe: Universe, parties: Sequence[str]) -> Iterator[list[int]]:
    """What to try, the most important first; of each list the first that is possible is kept."""
    for name in _ORDER:
        words = universe.words[name]
        if name in SETS:
            keep = _KEPT_LONGEST.get(name)
            yield from ([-universe.has(name, w)] for w in reversed(words) if w != keep)
            yield from ([-universe.has(name, w)] for w in words if w == keep)
            continue
        first = _FIRST.get(name, tuple(parties) if name in ("agency", "owner") else ())
        ordered = dict.fromkeys((*first, *(w for w in words if w not in (OTHER, UNKNOWN)), *words))
        yield [universe.has(name, w) for w in ordered if w in words]


def answer(agreements: Sequence[Agreement], question: Question) -> Decision:
    """What the reference says; of `onward` towards a recipient only clauses that name it serve."""
    q = question
    serving = [_towards(a, q.recipient) for a in agreements] if q.recipient else agreements
    return reference.decide(serving, q.requester, q.context, q.action, q.label, q.keys)


def _towards(agreement: Agreement, recipient: str) -> Agreement:
    def kept(clause: Clause) -> bool:
        return clause.action != "onward" or recipient in (clause.recipients or (recipient,))

    return replace(agreement, clauses=tuple(c for c in agreement.clauses if kept(c)))


def confirmed(
    question: Question,
    speaker: Speaker,
    allows: Sequence[Agreement],
    refuses: Sequence[Agreement],
) -> Witness:
    """The witness that one set of agreements allows a question which the other refuses."""
    yes, no = answer(allows, question), answer(refuses, question)
    if not yes.allowed or no.allowed:
        raise ProofContradicted(
            f"the solver and the reference differ on a question: {question}",
            who_can_change=phrase("the maintainers of Accord"),
        )
    hashes = {a.id: a.content_hash for a in (*refuses, *allows)}
    by = tuple(replace(c, agreement_hash=hashes[c.agreement_id]) for c in yes.citations)
    return Witness(question, speaker.question(question), by, *closing(refuses, question, no))


def closing(
    refuses: Sequence[Agreement], question: Question, decision: Decision
) -> tuple[Citation | None, str]:
    """What closes a question: the forbid that binds, or what no permit admits."""
    if decision.clause_id is not None:
        (citation,) = decision.citations
        hashes = {a.id: a.content_hash for a in refuses}
        citation = replace(citation, agreement_hash=hashes[citation.agreement_id])
        return citation, f"{citation} forbids it"
    q = question
    unmet = missing(refuses, decision, q.requester, q.context, q.label, q.keys)
    if any(": " in said for said in unmet):
        return None, f"no clause permits it; the nearest still asks {'; '.join(unmet)}"
    return None, "; ".join(unmet) or f"no clause permits {question.action}"
