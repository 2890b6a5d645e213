"""The only writers of duties and of the ends of access.

`write` runs at the end of a scope, in the transaction of the disclosure itself. The rest is what
people and the worker do about a duty later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from accord.agreements.compiled import KEY_KINDS
from accord.agreements.domain import Clause, Decision, Words
from accord.agreements.duties.queries import duty as read_duty
from accord.agreements.models import AccessEnd, Duty
from accord.agreements.obligations import Due, DutyKind, Opened, Plan, later, plan
from accord.agreements.statements.queries import emergencies
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed
from accord.kernel.phrases import phrase

if TYPE_CHECKING:
    from accord.agreements.scope import Scope

NO_KEY = -1
GRANT = KEY_KINDS.index("grant")
TOLD = "The notice stands in the owner's list"
NOTHING_HELD = "Nothing held the notice back: it stands in the owner's list"
TIME_CAME = "The access ended by its time"
ATTESTED = {"destroyed": "Every copy was destroyed", "returned": "Every copy was returned"}


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One part of another agency's record that was shown or handed out, and how it was open."""

    record_id: UUID
    owner: str
    decision: Decision
    opened: Opened


def write(scope: Scope, disclosed: Iterable[Disclosed], entry_id: UUID) -> None:
    """Write the duties and the ends of access that these disclosures bring.

    A duty that is open already is not written twice. What is hidden from the viewer is not among
    the disclosures, so it moves neither what is written nor the number of statements.
    """
    at = now()
    foreign = [d for d in disclosed if d.owner != scope.actor.agency]
    planned = [(d, p) for d in foreign if (p := plan(d.decision.obligations)).due]
    if not planned:
        return
    rows: dict[tuple[str, ...], Duty] = {}
    for one, duties in planned:
        for due in duties.due:
            row = _row(scope, one, due, entry_id, at)
            key = (str(row.record_id), row.agreement, row.clause, row.kind)
            known = rows.setdefault(key, row)
            if one.opened.part not in known.parts:
                known.parts.append(one.opened.part)
    Duty.objects.bulk_create([rows[key] for key in sorted(rows)], ignore_conflicts=True)
    _write_ends(scope, planned, at)


def _row(scope: Scope, one: Disclosed, due: Due, entry_id: UUID, at: datetime) -> Duty:
    cited = one.decision.citations[0]
    row = Duty(
        id=ids.uuid7(),
        entry_id=entry_id,
        agency=scope.actor.agency,
        owner_id=one.owner,
        record_id=one.record_id,
        parts=[one.opened.part],
        agreement=cited.agreement_id,
        agreement_hash=cited.agreement_hash,
        clause=cited.clause_id,
        kind=due.kind.value,
        value=due.after or due.within,
        made_at=at,
        due_at=due.due_at(at),
        by_member=scope.actor.membership,
    )
    match due.kind:
        case DutyKind.NOTIFY_OWNER:
            row.discharged_at, row.how = at, TOLD
        case DutyKind.NOTIFY_AFTER:
            _hold_back(scope, row, due.after or "", one.opened, at)
        case DutyKind.END_ACCESS:
            row.held = one.opened.legal_hold
        case DutyKind.RETURN_COPY:
            raise AssertionError("an agreement does not ask for copies back; an export does")
    return row


def _hold_back(scope: Scope, row: Duty, kind: str, opened: Opened, at: datetime) -> None:
    """Hold a notice back while the determination that it waits for is in effect; else send it.

    It waits for keys on the record's parts, or for the emergencies that the standing assumed.
    """
    if kind in scope.standing.assumed:
        holding = emergencies(scope.actor.agency, scope.context.case_id, at)
        row.due_at = max((said.ends for said in holding), default=at)
        row.waits_for = [said.id for said in holding]
        return
    if kind not in opened.ends:
        row.due_at = row.discharged_at = at
        row.how = NOTHING_HELD
        return
    row.due_at = opened.ends[kind]
    row.waits_for = [held.key for held in scope.standing.held if held.kind == kind]


# -- the end of access -----------------------------------------------------------------------------


def _write_ends(scope: Scope, planned: list[tuple[Disclosed, Plan]], at: datetime) -> None:
    wanted: dict[tuple[UUID, str, int], AccessEnd] = {}
    for one, duties in planned:
        clause = clause_of(scope, one.decision)
        key_kind = ending_key(clause, one.opened, scope.standing.assumed)
        if duties.ends_within is None or key_kind is None or one.opened.lasting:
            continue
        wanted[one.record_id, one.opened.part, key_kind] = AccessEnd(
            id=ids.uuid7(),
            agency=scope.actor.agency,
            owner_id=one.owner,
            record_id=one.record_id,
            part_kind=one.opened.part,
            key_kind=key_kind,
            ends_at=later(at, duties.ends_within),
            held=one.opened.legal_hold,
        )
    if not wanted:
        return
    running = AccessEnd.objects.filter(
        Q(ends_at__gt=at) | Q(held=True),
        agency=scope.actor.agency,
        record_id__in={record_id for record_id, _, _ in wanted},
    )
    for row in running:
        name = (row.record_id, row.part_kind, row.key_kind)
        new = wanted.get(name)
        # What ends later, or is held where the record is not, does not stand for this end.
        if new is not None and row.ends_at <= new.ends_at and row.held <= new.held:
            del wanted[name]
    AccessEnd.objects.bulk_create(wanted.values())


def ending_key(clause: Clause | None, opened: Opened, assumed_kinds: Words) -> int | None:
    """Which kind of key stops counting when access under a clause ends; None where nothing need.

    The most particular key that the clause asks for: ending it leaves what rests on others. What a
    determination opened for a whole request has no key on the part, and ends with that request's
    determination.
    """
    if clause is None or not clause.when:
        return NO_KEY
    if clause.when & assumed_kinds:
        return None
    carried = [KEY_KINDS.index(kind) for kind in clause.when if kind in opened.ends]
    return max(carried, default=None)


def clause_of(scope: Scope, decision: Decision) -> Clause | None:
    """Return the clause that a decision cites, from the agreements in force."""
    for agreement in scope.standing.policy.agreements:
        if agreement.content_hash == decision.agreement_hash:
            return next((c for c in agreement.clauses if c.id == decision.clause_id), None)
    return None


def hold(scope: Scope, record_id: UUID, on: bool) -> None:
    """Let a legal hold of the owner stop the end of access to a record, or let it run again.

    Runs within the act that sets the hold, which logs it.
    """
    own = {"owner_id": scope.actor.agency, "record_id": record_id}
    AccessEnd.objects.filter(**own).update(held=on)
    Duty.objects.filter(
        **own,
        kind__in=(DutyKind.END_ACCESS, DutyKind.RETURN_COPY),
        discharged_at=None,
    ).update(held=on)


# -- what people do --------------------------------------------------------------------------------


def owe_copy(
    scope: Scope, disclosed: Iterable[Disclosed], entry_id: UUID, *, ends: datetime | None
) -> None:
    """Write that a copy of another agency's record is to be destroyed or returned, by `ends`."""
    first, *rest = list(disclosed)
    cited = first.decision.citations[0]
    Duty.objects.bulk_create(
        [
            Duty(
                id=ids.uuid7(),
                entry_id=entry_id,
                agency=scope.actor.agency,
                owner_id=first.owner,
                record_id=first.record_id,
                parts=[first.opened.part, *(d.opened.part for d in rest)],
                agreement=cited.agreement_id,
                agreement_hash=cited.agreement_hash,
                clause=cited.clause_id,
                kind=DutyKind.RETURN_COPY,
                made_at=now(),
                due_at=ends,
                held=first.opened.legal_hold,
                by_member=scope.actor.membership,
            )
        ],
        ignore_conflicts=True,  # one open duty covers every copy of the record
    )
    scope.did("disclosure", copies="to be destroyed or returned")


def discharge(scope: Scope, duty_id: UUID, how: str) -> None:
    """Discharge a duty by hand: tell the owner now, attest what became of copies, or take note.

    `how` is `told` for a notice held back, `destroyed` or `returned` for copies, `noted` for the
    owner who has read a notice. Raises NotFound, NotAllowed, Conflict, InvalidInput.
    """
    found = read_duty(duty_id)
    if how == "noted":
        _take_note(scope, duty_id, found.owner, found.kind, found.discharged_at is not None)
        return
    if found.agency != scope.actor.agency:
        raise NotAllowed(
            phrase("Whoever owes a duty discharges it."),
            who_can_change=phrase("a member of %(agency)s", agency=found.agency),
        )
    if found.discharged_at is not None:
        raise Conflict(phrase("This duty was discharged already."))
    said = _said(found.kind, how)
    Duty.objects.filter(id=duty_id, discharged_at=None).update(
        discharged_at=now(),
        discharged_by=scope.actor.membership,
        how=said,
        closed=found.kind is DutyKind.RETURN_COPY,
    )
    scope.did("alteration", step=f"discharged {found.kind}", duty=str(duty_id), how=said)


def copies_gone(scope: Scope, record_id: UUID, how: str) -> None:
    """Discharge what the actor's agency owes for copies of a record, once it has said so elsewhere."""
    Duty.objects.filter(
        agency=scope.actor.agency,
        record_id=record_id,
        kind=DutyKind.RETURN_COPY,
        discharged_at=None,
    ).update(
        discharged_at=now(),
        discharged_by=scope.actor.membership,
        how=ATTESTED[how],
        closed=True,
    )


def _said(kind: DutyKind, how: str) -> str:
    if kind is DutyKind.RETURN_COPY and how in ATTESTED:
        return ATTESTED[how]
    if kind is DutyKind.NOTIFY_AFTER and how == "told":
        return TOLD
    if kind is DutyKind.END_ACCESS:
        raise NotAllowed(
            phrase("Access ends by its time; nobody ends it by hand here."),
            who_can_change=phrase("the owner, who withdraws the record or revokes the grant"),
        )
    choices = {DutyKind.RETURN_COPY: "destroyed or returned"}.get(kind, "told")
    raise InvalidInput("obligation", None, "how", phrase("must be %(choices)s", choices=choices))


def _take_note(scope: Scope, duty_id: UUID, owner: str, kind: DutyKind, told: bool) -> None:
    if owner != scope.actor.agency or kind not in (DutyKind.NOTIFY_OWNER, DutyKind.NOTIFY_AFTER):
        raise NotAllowed(
            phrase("The owner takes note of what it was told."),
            who_can_change=phrase("a member of %(owner)s", owner=owner),
        )
    if not told:
        raise Conflict(phrase("There is no notice yet."))
    Duty.objects.filter(id=duty_id, closed=False).update(closed=True)
    scope.did("consultation", step="took note of a notice", duty=str(duty_id))


# -- what time does --------------------------------------------------------------------------------


def discharge_due(scope: Scope, duty_ids: Iterable[UUID]) -> int:
    """Discharge what time has brought: notices that no determination holds back, ended access.

    Idempotent: a duty that somebody else discharged meanwhile stays as it is. Returns how many.
    """
    at = now()
    open_ones = Duty.objects.filter(id__in=list(duty_ids), discharged_at=None)
    told = open_ones.filter(kind=DutyKind.NOTIFY_AFTER).update(discharged_at=at, how=TOLD)
    ended = open_ones.filter(kind=DutyKind.END_ACCESS, held=False, due_at__lte=at).update(
        discharged_at=at, how=TIME_CAME, closed=True
    )
    scope.did("alteration", step="duties discharged by time", told=told, ended=ended)
    return told + ended
