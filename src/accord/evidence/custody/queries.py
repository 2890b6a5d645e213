"""Chains of custody and alarms, as their readers may have them; row-level security decides which."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, Q, QuerySet

from accord.evidence.custody.chain import Chain, Written, ends_at, read_chain
from accord.evidence.custody.domain import CustodyState
from accord.evidence.custody.models import (
    CustodyAlarm,
    CustodyAlarmAct,
    CustodyEvent,
    CustodyHead,
    CustodyReread,
)
from accord.evidence.custody.sealing import EVENT, OPENING, REASON, unseal
from accord.identity import queries as identity
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.ledger.domain import Opening
from accord.ledger.proving import receipt_of

FORMAT = "accord-custody/1"
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Line:
    """One exhibit in a list: who has it and where it is going; no text that anybody typed."""

    exhibit: UUID
    number: str
    owner: str
    custodian: str
    state: CustodyState
    offered_to: str | None
    returning: bool
    at: datetime
    events: int


@dataclass(frozen=True, slots=True)
class Step:
    """One event as it is kept, beside the chain: its entry in the ledger and its signature."""

    id: UUID
    entry: UUID
    signature: UUID | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The chain of one exhibit as it was replayed, and what is kept beside each event."""

    line: Line
    chain: Chain
    steps: tuple[Step, ...]
    reread: Reread | None


@dataclass(frozen=True, slots=True)
class Reread:
    """When a stored file was last read again, and whether it was the same."""

    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class AlarmAct:
    """What somebody of the owner said of an alarm."""

    act: str
    membership: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """A stored file that was found altered or gone."""

    id: UUID
    exhibit: UUID
    number: str
    owner: str
    custodian: str
    outcome: str
    at: datetime
    closed_at: datetime | None
    acts: tuple[AlarmAct, ...]

    @property
    def explained(self) -> AlarmAct | None:
        """What waits for a second person, if anything does."""
        said = [act for act in self.acts if act.act == "explain"]
        return said[-1] if said and self.closed_at is None else None


def chain(exhibit: UUID) -> Kept:
    """The chain of an exhibit, replayed; raises NotFound where there is none for this reader."""
    row = CustodyHead.objects.filter(id=exhibit).first()
    if row is None:
        raise NotFound()
    rows = list(CustodyEvent.objects.filter(record_id=exhibit).order_by("number"))
    written = [Written(_text(each), each.hash) for each in rows]
    found = ends_at(read_chain(str(exhibit), written), row.number)
    read = CustodyReread.objects.filter(record_id=exhibit).order_by("-at").first()
    return Kept(
        _line(row),
        found,
        tuple(Step(each.id, each.entry_id, each.signature_id) for each in rows),
        Reread(read.at, read.outcome) if read else None,
    )


def has_chain(exhibit: UUID) -> bool:
    """Whether this reader has a chain of that exhibit."""
    return CustodyHead.objects.filter(id=exhibit).exists()


def line_of(exhibit: UUID) -> Line | None:
    """What a chain has come to, without its events; None where this reader has none."""
    row = CustodyHead.objects.filter(id=exhibit).first()
    return _line(row) if row is not None else None


def check_whole(kept: Kept) -> Chain:
    """Return the chain; raises Conflict for one that was altered, since nothing may follow it."""
    if kept.chain.faults:
        raise Conflict(
            kept.chain.faults[0].sentence,
            who_can_change="the operator, from a backup, after `accord ledger verify`",
        )
    return kept.chain


def _text(row: CustodyEvent) -> bytes:
    """The text of an event; nothing where its row does not hold it any more."""
    try:
        return unseal(EVENT, row.id, row.sealed).encode()
    except NotFound:
        return b""


def lines(
    agency: str, view: str, *, after: str | None = None, limit: int
) -> tuple[tuple[Line, ...], str | None]:
    """Exhibits that this agency has (`held`), is offered (`offered`) or had (`had`), by their last step.

    At most `limit` behind `after`, and the next `after`. Raises InvalidInput for a false `after`.
    """
    rows = CustodyHead.objects.all()
    match view:
        case "offered":
            rows = rows.filter(offered_to=agency)
        case "held":
            rows = rows.filter(custodian_id=agency)
        case _:
            rows = rows.filter(custodians__contains=[agency]).exclude(custodian_id=agency)
    shown, following = _page(rows, after, limit)
    return tuple(_line(row) for row in shown), following


def offered_count(agency: str) -> int:
    """How many exhibits are offered to this agency now."""
    return CustodyHead.objects.filter(offered_to=agency).count()


def _line(row: CustodyHead) -> Line:
    return Line(
        row.id,
        row.exhibit_number,
        row.owner_id,
        row.custodian_id,
        CustodyState(row.state),
        row.offered_to,
        row.goes_back,
        row.at,
        row.number + 1,
    )


def alarms(
    *, agency: str | None = None, standing: bool = True, after: str | None = None, limit: int = 200
) -> tuple[tuple[Alarm, ...], str | None]:
    """Alarms that concern the reader's agency, the newest first; `standing` ones alone, or all.

    At most `limit` behind `after`, and the next `after`. Raises InvalidInput for a false `after`.
    """
    shown, following = _page(_alarm_rows(agency, standing), after, limit)
    return _alarms(shown), following


def alarm_count(agency: str) -> int:
    """How many alarms stand that concern this agency."""
    return _alarm_rows(agency, standing=True).count()


def _alarm_rows(agency: str | None, standing: bool) -> QuerySet[CustodyAlarm]:
    rows = CustodyAlarm.objects.all()
    if agency is not None:
        rows = rows.filter(Q(owner_id=agency) | Q(custodian_id=agency))
    if standing:
        rows = rows.filter(closed_at=None)
    return rows


def _page(rows: QuerySet[Row], after: str | None, limit: int) -> tuple[list[Row], str | None]:
    """Rows behind a place, the newest first, and the place behind them.

    A place is a moment and an id: what moves to the top meanwhile, or goes, leaves it where it is.
    """
    if after is not None:
        at, last = _place(after)
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__gt=last))
    found = list(rows.order_by("-at", "id")[: limit + 1])
    if len(found) <= limit:
        return found, None
    end: Any = found[limit - 1]
    return found[:limit], f"{end.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}_{end.id}"


def _place(after: str) -> tuple[datetime, UUID]:
    moment, _, last = after.partition("_")
    try:
        return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC), UUID(last)
    except ValueError:
        raise InvalidInput(
            "request", None, "after", phrase("is not the `next` of this list")
        ) from None


def closed_by_alarm(exhibits: Collection[UUID]) -> tuple[UUID, ...]:
    """Which of these own exhibits an alarm has closed, also for members who read no alarm."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.own_closed(%s::uuid[])", [list(exhibits)])
        return tuple(record_id for (record_id,) in cursor.fetchall())


def alarms_of(exhibit: UUID) -> tuple[Alarm, ...]:
    """The alarms of one exhibit, the newest first."""
    return _alarms(CustodyAlarm.objects.filter(record_id=exhibit).order_by("-at", "id"))


def standing_alarms(exhibit: UUID) -> tuple[Alarm, ...]:
    """Those alarms of one exhibit that stand, the newest first."""
    return tuple(alarm for alarm in alarms_of(exhibit) if alarm.closed_at is None)


def alarm(alarm_id: UUID) -> Alarm:
    """One alarm; raises NotFound."""
    found = _alarms(CustodyAlarm.objects.filter(id=alarm_id))
    if not found:
        raise NotFound()
    return found[0]


def _alarms(rows: Iterable[CustodyAlarm]) -> tuple[Alarm, ...]:
    rows = list(rows)
    acts: dict[UUID, list[AlarmAct]] = {}
    for act in CustodyAlarmAct.objects.filter(alarm_id__in=[r.id for r in rows]).order_by("at"):
        said = AlarmAct(act.act, act.membership_id, act.at, _reason(act))
        acts.setdefault(act.alarm_id, []).append(said)
    heads = CustodyHead.objects.filter(id__in=[r.record_id for r in rows])
    numbers = {head.id: head.exhibit_number for head in heads}
    return tuple(
        Alarm(
            r.id,
            r.record_id,
            numbers.get(r.record_id, str(r.record_id)),
            r.owner_id,
            r.custodian_id,
            r.outcome,
            r.at,
            r.closed_at,
            tuple(acts.get(r.id, ())),
        )
        for r in rows
    )


def _reason(act: CustodyAlarmAct) -> str:
    """What was said; a mark where its row does not hold it any more: the alarm stands all the same."""
    try:
        return unseal(REASON, act.id, act.sealed)
    except NotFound:
        return "\ufffd"


def custody_file(exhibit: UUID) -> dict[str, Any]:
    """Everything that proves a chain, in the form that accord_verify.custody reads.

    An event whose entry has no place in the ledger yet is shown without its receipt. Raises Conflict,
    with their numbers, where events cannot be opened: a file with a hole would accuse somebody.
    """
    row = CustodyHead.objects.filter(id=exhibit).first()
    if row is None:
        raise NotFound()
    events = list(CustodyEvent.objects.filter(record_id=exhibit).order_by("number"))
    _check_opens(events)
    return {
        "format": FORMAT,
        "exhibit": str(exhibit),
        "exhibit_number": row.exhibit_number,
        "events": row.number + 1,
        "head": row.hash,
        "chain": [
            {
                "event": unseal(EVENT, each.id, each.sealed),
                "hash": each.hash,
                "signature": identity.bundle(str(exhibit), each.signature_id)
                if each.signature_id
                else None,
                "receipt": _receipt(each),
            }
            for each in events
        ],
    }


def _check_opens(events: Iterable[CustodyEvent]) -> None:
    """Raise Conflict with the numbers of the events whose rows do not hold their texts any more."""
    closed = [str(each.number) for each in events if not _opens(each)]
    if closed:
        raise Conflict(
            phrase(
                "These events of the chain cannot be opened: %(numbers)s. What is stored of them was "
                "altered, or the node has another key than the one they were sealed under.",
                numbers=", ".join(closed),
            ),
            who_can_change=phrase("the operator, from a backup, after accord ledger verify"),
        )


def _opens(row: CustodyEvent) -> bool:
    try:
        json.loads(unseal(OPENING, row.id, row.opening))
        return bool(unseal(EVENT, row.id, row.sealed))
    except (NotFound, ValueError):
        return False


def _receipt(row: CustodyEvent) -> dict[str, Any] | None:
    opening = Opening.of(json.loads(unseal(OPENING, row.id, row.opening)))
    try:
        return receipt_of(row.entry_id, opening)
    except Conflict:
        return None
