"""How a body of the ledger comes to be erased: the table of states, what keeps an entry, and the words.

One person of the agency that holds the body proposes, another approves. `accord.erase_body`
(erasing.sql) asks the same of PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from accord.kernel.errors import Conflict, InvalidInput, raise_all
from accord.kernel.phrases import phrase

OVERSIGHT = "oversight-officer"
DECIDERS = frozenset({OVERSIGHT, "records-custodian", "supervisor"})
BASES = ("court-order", "statute")
"""Words of the vocabulary's legal bases under which a body may be erased."""
SHORTEST_REASON = 10
LONGEST_REASON = 4_000
LONGEST_REFERENCE = 200


class ErasureState(StrEnum):
    """What became of a proposal."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class ErasureStep(StrEnum):
    """What somebody does with a proposal."""

    WITHDRAW = "withdraw"
    APPROVE = "approve"


STEPS: Mapping[tuple[ErasureState, ErasureStep], ErasureState] = MappingProxyType(
    {
        (ErasureState.PROPOSED, ErasureStep.WITHDRAW): ErasureState.WITHDRAWN,
        (ErasureState.PROPOSED, ErasureStep.APPROVE): ErasureState.ERASED,
    }
)
"""The whole of it: what is not named here is refused."""

OVER: Mapping[ErasureState, str] = MappingProxyType(
    {
        ErasureState.WITHDRAWN: phrase("This proposal was withdrawn; propose it anew."),
        ErasureState.ERASED: phrase("The content of this entry was erased already."),
    }
)


def step(state: ErasureState, wanted: ErasureStep) -> ErasureState:
    """The state that a step leads to; raises Conflict where the proposal is over."""
    to = STEPS.get((state, wanted))
    if to is None:
        raise Conflict(OVER[state])
    return to


class Kept(StrEnum):
    """What keeps an entry from being erased; the words of `accord.erasure_kept`."""

    ERASURE = "erasure"
    HOLD = "hold"
    CUSTODY = "custody"
    DUTY = "duty"
    RECALL = "recall"


KEPT: Mapping[Kept, str] = MappingProxyType(
    {
        Kept.ERASURE: phrase("This entry says who erased something. It is never erased itself."),
        Kept.HOLD: phrase(
            "A legal hold stands on a record that this entry names, so the entry may not be erased."
        ),
        Kept.CUSTODY: phrase(
            "This entry is a step in a chain of custody, which is never shortened."
        ),
        Kept.DUTY: phrase(
            "A duty rests on this entry that nobody has discharged yet; see Obligations."
        ),
        Kept.RECALL: phrase(
            "A record that this entry names is still kept, and a recall of it asks this entry who"
            " was shown it. Purge the record first."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Said:
    """Why a body is to be erased, and what obliges or allows the agency to."""

    basis: str
    reference: str
    reason: str

    def facts(self) -> dict[str, str]:
        return {"basis": self.basis, "reference": self.reference, "reason": self.reason}


def read_said(basis: str, reference: str, reason: str) -> Said:
    """What was typed, stripped; raises InvalidInput with every field that breaks its rule."""
    said = Said(basis, " ".join(reference.split()), reason.strip())
    raise_all([_invalid(field, rule) for field, rule in _wrong(said)])
    return said


def _wrong(said: Said) -> Iterator[tuple[str, str]]:
    if said.basis not in BASES:
        yield "basis", phrase("choose one of the list")
    if not said.reference:
        yield "reference", phrase("say which order, or which section of which law")
    if len(said.reason) < SHORTEST_REASON:
        rule = phrase(
            "say in at least %(shortest_reason)s characters why", shortest_reason=SHORTEST_REASON
        )
        yield "reason", rule
    for field, text, most in (
        ("reference", said.reference, LONGEST_REFERENCE),
        ("reason", said.reason, LONGEST_REASON),
    ):
        if len(text) > most:
            yield field, phrase("at most %(longest_reason)s characters", longest_reason=most)


def _invalid(field: str, rule: str) -> InvalidInput:
    return InvalidInput("erasure", None, field, rule)


@dataclass(frozen=True, slots=True)
class Proposal:
    """That an agency's body of one entry be erased, and what became of that."""

    id: UUID
    entry_id: UUID
    view: str
    state: ErasureState
    said: Said
    by: str
    at: datetime
    closed_by: str | None
    closed_at: datetime | None
    erasure_id: UUID | None
    """The entry under which it was erased."""


def named_in(body: Any) -> Iterator[UUID]:
    """Every id that a body names, also in its detail: a legal hold on any of them keeps the entry."""
    if isinstance(body, Mapping):
        for value in body.values():
            yield from named_in(value)
    elif isinstance(body, list | tuple):
        for value in body:
            yield from named_in(value)
    elif isinstance(body, str) and len(body) == len("00000000-0000-0000-0000-000000000000"):
        try:
            yield UUID(body)
        except ValueError:
            return
