"""Write the directory of expertise: propose, attest, withdraw, agree to be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accord.agreements.scope import Scope
from accord.assistance import policy, sealing
from accord.assistance.disciplines import check_discipline, check_languages
from accord.assistance.domain import Entry, EntryAct, EntryState
from accord.assistance.models import AssistanceHand, Expertise, ExpertiseAct, ExpertiseHolder
from accord.assistance.queries import expertise as queries
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotAllowed
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone

MOST_OWN = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """What is proposed: of the member who proposes it, or of a unit of the agency."""

    discipline: str
    level: str
    languages: Sequence[str] = ()
    note: str = ""
    is_unit: bool = False
    unit: str = ""
    named: bool = False


def propose(scope: Scope, offer: Offer, *, entry_id: UUID | None = None) -> UUID:
    """Propose an own entry, or one of a unit as who attests; returns its id.

    Raises InvalidInput with the field, NotAllowed for a unit by somebody else, Conflict for the same
    again.
    """
    policy.check_all(
        lambda: check_discipline(offer.discipline, policy.EXPERTISE),
        lambda: policy.check_level(offer.level),
        lambda: check_languages(offer.languages, policy.EXPERTISE),
        lambda: policy.check_unit(offer.unit, offer.is_unit),
        lambda: policy.check_note(offer.note),
    )
    unit, note = policy.check_unit(offer.unit, offer.is_unit), policy.check_note(offer.note)
    if offer.is_unit:
        policy.check_manages(scope.actor)
    else:
        _check_new(scope, offer.discipline)
    made = entry_id or ids.uuid7()
    Expertise.objects.bulk_create(
        [
            Expertise(
                id=made,
                agency_id=scope.actor.agency,
                discipline=offer.discipline,
                level=offer.level,
                languages=list(check_languages(offer.languages, policy.EXPERTISE)),
                is_unit=offer.is_unit,
                sealed=sealing.seal(sealing.ENTRY, made, unit, note),
                proposed_at=now(),
            )
        ]
    )
    if not offer.is_unit:
        holder = ExpertiseHolder(
            expertise_id=made,
            agency_id=scope.actor.agency,
            membership_id=scope.actor.membership,
            named=offer.named,
        )
        ExpertiseHolder.objects.bulk_create([holder])
    scope.did("membership", step="proposed expertise", entry=str(made), discipline=offer.discipline)
    return made


def _check_new(scope: Scope, discipline: str) -> None:
    alone(f"accord.expertise {scope.actor.membership}")
    kept = [e for e in queries.own(scope) if e.state is not EntryState.WITHDRAWN]
    if any(e.discipline == discipline for e in kept):
        raise Conflict(phrase("You have an entry for this discipline. Withdraw it first."))
    if len(kept) >= MOST_OWN:
        raise Conflict(phrase("You have %(most)s entries; withdraw one first.", most=MOST_OWN))


def attest(scope: Scope, entry_id: UUID, until: datetime) -> None:
    """Attest an entry of the own agency until a moment, or attest it anew.

    Raises NotAllowed for one's own and for who does not attest, InvalidInput for a bad day.
    """
    found = _alone(scope, entry_id)
    policy.check_attest(scope.actor, found)
    end = policy.check_attested_until(until, now())
    _add(scope, found, EntryAct.ATTEST, end)


def withdraw(scope: Scope, entry_id: UUID) -> None:
    """Take an entry out of the directory, as its member or as who attests; nobody is asked first."""
    found = _alone(scope, entry_id)
    policy.check_withdraw_entry(scope.actor, found)
    _add(scope, found, EntryAct.WITHDRAW, None)


def set_named(scope: Scope, entry_id: UUID, named: bool) -> None:
    """Say whether others are shown one's own name; counts from the next page on, everywhere."""
    found = _alone(scope, entry_id)
    policy.check_naming(found)
    changed = ExpertiseHolder.objects.filter(
        expertise_id=entry_id, membership_id=scope.actor.membership
    ).update(named=named)
    if not changed:
        raise NotAllowed(phrase("Only the member says whether their name is shown."))
    step = "agreed to be named" if named else "took back the consent to be named"
    scope.did("membership", step=step, entry=str(entry_id))


def _alone(scope: Scope, entry_id: UUID) -> Entry:
    """The entry as it stands once whoever else acts on it has finished; raises NotFound."""
    alone(f"accord.expertise {entry_id}")
    return queries.entry(scope, entry_id)


def _add(scope: Scope, found: Entry, act: EntryAct, until: datetime | None) -> None:
    made, agency = ids.uuid7(), scope.actor.agency
    ExpertiseAct.objects.bulk_create(
        [
            ExpertiseAct(
                id=made, expertise_id=found.id, agency_id=agency, act=act, at=now(), until=until
            )
        ]
    )
    AssistanceHand.objects.bulk_create(
        [AssistanceHand(act_id=made, agency_id=agency, membership_id=scope.actor.membership)]
    )
    scope.did("membership", step=f"expertise: {act}", entry=str(found.id))
