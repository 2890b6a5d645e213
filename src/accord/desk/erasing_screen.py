"""How proposals to erase a body of the ledger read on screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accord.kernel.phrases import phrase
from accord.ledger.domain import ACTING, OWNING
from accord.ledger.erasing.domain import BASES, ErasureState, Proposal
from accord.web.components import Chip, Column, Moment, Option, Property, Tone
from accord.web.filters import words

COLUMNS = (
    Column("entry", phrase("Entry")),
    Column("body", phrase("What is erased"), narrow=False),
    Column("reference", phrase("Order or law")),
    Column("by", phrase("Proposed by"), narrow=False),
    Column("at", phrase("Proposed"), narrow=False),
    Column("state", phrase("State")),
)
STATES: Mapping[ErasureState, tuple[str, Tone]] = {
    ErasureState.PROPOSED: (phrase("Waits for a second person"), "warn"),
    ErasureState.WITHDRAWN: (phrase("Withdrawn"), "neutral"),
    ErasureState.ERASED: (phrase("Erased"), "bad"),
}
BODIES = {
    ACTING: phrase("The complete entry"),
    OWNING: phrase("Your agency’s view as owner"),
}
LABELS = {
    "basis": phrase("Legal basis"),
    "reference": phrase("Order or law"),
    "reason": phrase("Reason"),
}


def bases() -> list[Option]:
    """The legal bases that a proposal may name."""
    return [Option(basis, words(basis)) for basis in BASES]


def short(found: Proposal) -> str:
    """The end of the entry's number, by which people tell entries apart."""
    return str(found.entry_id)[-12:]


def state_chip(found: Proposal) -> Chip:
    """What became of a proposal."""
    return Chip(*STATES[found.state])


def row(found: Proposal, names: Mapping[str, str], zone: str) -> dict[str, Any]:
    """One proposal as a row."""
    return {
        "href": f"/ledger/erasures/{found.id}",
        "entry": short(found),
        "body": BODIES[found.view],
        "reference": found.said.reference,
        "by": names.get(found.by, found.by),
        "at": Moment(found.at, zone),
        "state": state_chip(found),
    }


def facts(found: Proposal, names: Mapping[str, str], zone: str) -> list[Property]:
    """Who proposed what on which ground, and who decided."""
    said = [
        Property(phrase("State"), (state_chip(found),)),
        Property(phrase("What is erased"), (BODIES[found.view],)),
        Property(LABELS["basis"], (words(found.said.basis),)),
        Property(LABELS["reference"], (found.said.reference,)),
        Property(phrase("Proposed"), (Moment(found.at, zone),)),
        Property(phrase("By"), (names.get(found.by, found.by),)),
    ]
    if found.closed_at is not None and found.closed_by is not None:
        said += [
            Property(phrase("Decided"), (Moment(found.closed_at, zone),)),
            Property(phrase("By"), (names.get(found.closed_by, found.closed_by),)),
        ]
    return said
