"""Erasing a body of the ledger within a scope: who may, what keeps an entry, and what is said of it.

The database asks the same again (ledger/erasing.sql); these say it in words.
"""

from __future__ import annotations

from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.directory.queries import person_of
from accord.agencies.domain import Actor
from accord.agreements.scope import Scope
from accord.kernel.errors import Conflict, NotAllowed
from accord.kernel.phrases import phrase
from accord.ledger import queries as ledger
from accord.ledger.domain import ACTING, OWNING
from accord.ledger.erasing import actions, queries
from accord.ledger.erasing.domain import (
    DECIDERS,
    KEPT,
    OVERSIGHT,
    ErasureState,
    ErasureStep,
    Proposal,
    named_in,
    read_said,
    step,
)
from accord.ledger.queries import EntryDetail
from accord.platform.db.locks import alone


def propose(scope: Scope, entry_id: UUID, basis: str, reference: str, reason: str) -> UUID:
    """Propose, as the first of two people, that what the agency holds of an entry be erased.

    Raises NotFound for an entry that the actor may not read, NotAllowed for whoever acted in it or
    decides about none and where something keeps it, Conflict where it is proposed or erased already.
    """
    found = ledger.entry(entry_id)
    check_decides(scope.actor, found)
    said = read_said(basis, reference, reason)
    alone(f"accord.erasure {entry_id}")
    check_erasable(found)
    if waiting_for(entry_id):
        raise Conflict(phrase("Somebody of your agency has already proposed to erase this entry."))
    made = actions.propose(
        entry_id, _held(scope.actor, found), scope.actor.agency, scope.actor.membership, said
    )
    _say(scope, "alteration", "proposed to erase a ledger entry", queries.proposal(made))
    return made


def approve(scope: Scope, erasure_id: UUID) -> None:
    """Erase, as the second person, what another proposed; raises as `propose` does."""
    found = _alone(erasure_id)
    step(found.state, ErasureStep.APPROVE)
    entry = ledger.entry(found.entry_id)
    check_second(scope.actor, found, entry)
    check_erasable(entry)
    actions.erase(found.id, scope.entry_id, tuple(named_in(entry.body)))
    _say(scope, "erasure", "erased a ledger entry", found)
    scope.did("erasure", proposed_by=found.by, body=found.view)


def withdraw(scope: Scope, erasure_id: UUID) -> None:
    """Take a proposal back; anybody of the agency who may decide about it may."""
    found = _alone(erasure_id)
    step(found.state, ErasureStep.WITHDRAW)
    actions.withdraw(found.id, scope.actor.membership)
    _say(scope, "alteration", "kept: the proposal to erase was withdrawn", found)


def waiting_for(entry_id: UUID) -> Proposal | None:
    """The proposal about an entry on which nobody has decided, as the viewer may see it."""
    return next(iter(queries.proposals(states=[ErasureState.PROPOSED], entry_id=entry_id)), None)


def check_decides(actor: Actor, entry: EntryDetail) -> None:
    """Raise NotAllowed for whoever has no part in erasing this entry."""
    if not actor.roles & DECIDERS:
        raise NotAllowed(
            phrase("An oversight officer, a records custodian or a supervisor does this."),
            who_can_change=_others(actor),
        )
    first = person_of(entry.line.actor)
    if entry.line.actor == actor.membership or first == actor.member:
        raise NotAllowed(
            phrase("You acted in this entry. Nobody erases the trace of what they did."),
            who_can_change=_others(actor),
        )
    if _held(actor, entry) == ACTING and OVERSIGHT not in actor.roles:
        raise NotAllowed(
            phrase("What members of an agency did is erased by its oversight officers alone."),
            who_can_change=phrase(
                "two oversight officers of %(agency_name)s", agency_name=actor.agency_name
            ),
        )


def check_erasable(entry: EntryDetail) -> None:
    """Raise Conflict where the entry was erased, NotAllowed where something keeps it."""
    if entry.line.erased:
        raise Conflict(phrase("The content of this entry was erased already."))
    kept = queries.kept_by(entry.line.id, tuple(named_in(entry.body)))
    if kept is not None:
        raise NotAllowed(KEPT[kept])


def check_second(actor: Actor, found: Proposal, entry: EntryDetail) -> None:
    """Raise NotAllowed unless the actor is another person than the first, who is in office still."""
    check_decides(actor, entry)
    if found.by == actor.membership or person_of(found.by) == actor.member:
        raise NotAllowed(
            phrase("Whoever proposed to erase an entry cannot approve it as well."),
            who_can_change=_others(actor),
        )
    first = agencies.actor_or_none(found.by)
    if first is None or not first.roles & (DECIDERS if found.view == OWNING else {OVERSIGHT}):
        raise NotAllowed(
            phrase(
                "Whoever proposed this no longer decides about entries of %(agency_name)s; withdraw"
                " it and propose it anew.",
                agency_name=actor.agency_name,
            ),
            who_can_change=_others(actor),
        )
    if OVERSIGHT not in actor.roles | first.roles:
        raise NotAllowed(
            phrase("One of the two people who erase an entry is an oversight officer."),
            who_can_change=phrase(
                "an oversight officer of %(agency_name)s", agency_name=actor.agency_name
            ),
        )


def _others(actor: Actor) -> str:
    return phrase(
        "another oversight officer, records custodian or supervisor of %(agency_name)s",
        agency_name=actor.agency_name,
    )


def _held(actor: Actor, entry: EntryDetail) -> str:
    """Which body the agency holds: the complete one where it acted, whatever view was opened."""
    return ACTING if entry.line.agency == actor.agency else OWNING


def _alone(erasure_id: UUID) -> Proposal:
    """The proposal as it stands once whoever else decides on it has finished; raises NotFound."""
    alone(f"accord.erasure {queries.proposal(erasure_id).entry_id}")
    return queries.proposal(erasure_id)


def _say(scope: Scope, kind: str, what: str, found: Proposal) -> None:
    scope.did(
        kind,
        step=what,
        entry=str(found.entry_id),
        proposal=str(found.id),
        basis=found.said.basis,
        reference=found.said.reference,
    )
