"""Read the directory of expertise: what row-level security lets through, with the names it gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agencies.about.queries import answering_for
from accord.agreements.scope import Scope
from accord.assistance import sealing
from accord.assistance.domain import Entry, EntryAct, EntryState, Level
from accord.assistance.models import AssistanceHand, Expertise, ExpertiseAct, ExpertiseHolder
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

SHOWN = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for in the directory; what is empty is not asked for."""

    discipline: str = ""
    language: str = ""
    agency: str = ""
    country: str = ""
    place: str = ""
    """A place by its code or name: of agencies that answer there."""
    level: Level = Level.AWARE


def together() -> frozenset[str]:
    """Return the agencies that are party to an agreement in force with the sealed member's."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.seal_together()")
        return frozenset(cursor.fetchone()[0])


def listed(scope: Scope, asked: Asked) -> tuple[Entry, ...]:
    """Return what agencies offer now, the highest level first, then by agency."""
    rows = Expertise.objects.filter(id__in=_listed(), level__in=asked.level.and_above)
    if asked.discipline:
        rows = rows.filter(discipline=asked.discipline)
    if asked.agency:
        rows = rows.filter(agency_id=asked.agency)
    if asked.country:
        there = [a.id for a in agencies.agencies() if a.country == asked.country]
        rows = rows.filter(agency_id__in=there)
    if asked.place:
        rows = rows.filter(agency_id__in=answering_for(asked.place))
    found = [
        entry
        for entry in _entries(scope, rows.order_by("id")[:SHOWN])
        if speaks(entry.languages, asked.language)
    ]
    order = tuple(Level)
    return tuple(sorted(found, key=lambda e: (e.discipline, -order.index(e.level), e.agency)))


def speaks(languages: Iterable[str], wanted: str) -> bool:
    """Whether a language is among these: es-MX answers who asks for es (RFC 4647, basic filtering)."""
    return not wanted or any(t == wanted or t.startswith(f"{wanted}-") for t in languages)


def own(scope: Scope) -> tuple[Entry, ...]:
    """Return the member's own entries, the newest first."""
    rows = Expertise.objects.filter(holder__membership_id=scope.actor.membership)
    return _entries(scope, rows.order_by("-proposed_at", "id"))


def of_agency(scope: Scope) -> tuple[Entry, ...]:
    """Return what members and units of the own agency proposed, attested or not; first what waits."""
    rows = Expertise.objects.filter(agency_id=scope.actor.agency).order_by("-proposed_at", "id")
    found = _entries(scope, rows[:SHOWN])
    place = tuple(EntryState)
    return tuple(sorted(found, key=lambda e: place.index(e.state)))


def waiting(scope: Scope) -> int:
    """Return how many entries of the own agency wait to be attested."""
    return sum(e.state is EntryState.PROPOSED and not e.mine for e in of_agency(scope))


def entry(scope: Scope, entry_id: UUID) -> Entry:
    """Return one entry of the own agency; raises NotFound, also for those of others."""
    rows = Expertise.objects.filter(id=entry_id, agency_id=scope.actor.agency)
    found = _entries(scope, rows)
    if not found:
        raise NotFound("There is no such entry for you.")
    return found[0]


def offering(scope: Scope, asked: Asked) -> tuple[str, ...]:
    """Return the other agencies that offer this now."""
    found = {e.agency for e in listed(scope, asked)} - {scope.actor.agency}
    return tuple(sorted(found))


def entries(scope: Scope, entry_ids: Collection[UUID]) -> dict[UUID, Entry]:
    """Return those of these entries that the reader may see now, with the names given now."""
    if not entry_ids:
        return {}
    return {e.id: e for e in _entries(scope, Expertise.objects.filter(id__in=list(entry_ids)))}


def _listed() -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("select accord.listed_expertise()")
        return list(cursor.fetchone()[0])


def _entries(scope: Scope, rows: Iterable[Expertise]) -> tuple[Entry, ...]:
    found = list(rows)
    numbers = [row.id for row in found]
    holders = {h.expertise_id: h for h in ExpertiseHolder.objects.filter(expertise_id__in=numbers)}
    names = agencies.names({h.membership_id for h in holders.values()})
    acts = list(ExpertiseAct.objects.filter(expertise_id__in=numbers).order_by("at", "id"))
    hands = {
        h.act_id: h.membership_id
        for h in AssistanceHand.objects.filter(act_id__in=[a.id for a in acts])
    }
    by_entry: dict[UUID, list[ExpertiseAct]] = {}
    for act in acts:
        by_entry.setdefault(act.expertise_id, []).append(act)
    current, at = frozenset(_listed()), now()
    return tuple(
        _entry(
            scope,
            row,
            holders.get(row.id),
            names,
            _Life.of(by_entry.get(row.id, []), hands, at),
            row.id in current,
        )
        for row in found
    )


@dataclass(frozen=True, slots=True)
class _Life:
    """What the acts about one entry come to."""

    state: EntryState
    until: datetime | None = None
    attested_at: datetime | None = None
    attested_by: str | None = None

    @classmethod
    def of(cls, acts: list[ExpertiseAct], hands: Mapping[UUID, str], at: datetime) -> _Life:
        attested = [a for a in acts if a.act == EntryAct.ATTEST]
        last = attested[-1] if attested else None
        state = EntryState.PROPOSED
        if any(a.act == EntryAct.WITHDRAW for a in acts):
            state = EntryState.WITHDRAWN
        elif last is not None and last.until is not None:
            state = EntryState.ATTESTED if last.until > at else EntryState.EXPIRED
        if last is None:
            return cls(state)
        return cls(state, last.until, last.at, hands.get(last.id))


def _entry(
    scope: Scope,
    row: Expertise,
    holder: ExpertiseHolder | None,
    names: Mapping[str, str],
    life: _Life,
    current: bool,
) -> Entry:
    unit, note = sealing.unseal(sealing.ENTRY, row.id, row.sealed)
    membership = holder.membership_id if holder else None
    return Entry(
        id=row.id,
        agency=row.agency_id,
        discipline=row.discipline,
        level=Level(row.level),
        languages=tuple(row.languages),
        is_unit=row.is_unit,
        unit=unit,
        note=note,
        proposed_at=row.proposed_at,
        state=life.state,
        until=life.until,
        attested_by=life.attested_by,
        attested_at=life.attested_at,
        holder=membership,
        name=names.get(membership) if membership else None,
        named=holder.named if holder else False,
        mine=membership == scope.actor.membership,
        listed=current,
    )
