"""Whether a version gives more or less than another: over every question, with one for each way.

The verdict is about what each version allows by itself, dates left out. What it does beside other
agreements, what it obliges to, its term and its parties are told apart from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accord.agreements.domain import Agreement
from accord.agreements.proofs.beside import Beside, compare_beside
from accord.agreements.proofs.burdens import Burdens, compare_burdens
from accord.agreements.proofs.pair import Pair
from accord.agreements.proofs.witness import Witness

VERDICTS = {
    (False, False): "equal",
    (True, False): "wider",
    (False, True): "narrower",
    (True, True): "incomparable",
}


@dataclass(frozen=True)
class Verdict:
    """How a new version stands to an old one.

    `wider` is a question that only the new version allows, `narrower` one that only the old did.
    """

    verdict: str
    wider: Witness | None
    narrower: Witness | None
    beside: Beside
    obligations: Burdens
    term: tuple[str, ...]
    joined: tuple[str, ...]
    left: tuple[str, ...]

    def facts(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return {
            "verdict": self.verdict,
            "wider": None if self.wider is None else self.wider.facts(),
            "narrower": None if self.narrower is None else self.narrower.facts(),
            "beside": self.beside.facts(),
            "obligations": self.obligations.facts(),
            "term": list(self.term),
            "parties": {"joined": list(self.joined), "left": list(self.left)},
        }


def compare(old: Agreement, new: Agreement) -> Verdict:
    """How the new version stands to the old one."""
    pair = Pair(old, new)
    before = pair.before.allowed(1, towards=True)
    after = pair.after.allowed(1, towards=True)
    wider = pair.witness([after, -before], [new], [old])
    narrower = pair.witness([before, -after], [old], [new])
    return Verdict(
        verdict=VERDICTS[wider is not None, narrower is not None],
        wider=wider,
        narrower=narrower,
        beside=compare_beside(pair),
        obligations=compare_burdens(pair),
        term=_term(old, new),
        joined=tuple(sorted(set(new.parties) - set(old.parties))),
        left=tuple(sorted(set(old.parties) - set(new.parties))),
    )


def _term(old: Agreement, new: Agreement) -> tuple[str, ...]:
    before, after = old.in_force, new.in_force
    found = []
    if before.starts != after.starts:
        found.append(f"begins on {after.starts} instead of {before.starts}")
    if before.ends != after.ends:
        found.append(f"ends on {after.ends or 'no day'} instead of {before.ends or 'no day'}")
    if before.zone != after.zone:
        found.append(f"counts days in {after.zone} instead of {before.zone}")
    return tuple(found)
