"""Read changes of an agency's entry, and find who answers for a place and an offence now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accord.agencies.about.domain import AboutKind, AgencyChange
from accord.agencies.directory.domain import PROPOSAL_LIFE, ChangeState, Via, standing_of
from accord.agencies.domain import AgencyEntry
from accord.agencies.models import Agency
from accord.agencies.models import AgencyChange as Row
from accord.agencies.places import Path, contains, path_typed, touch, touching
from accord.agencies.queries import agencies
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

MOST = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom somebody looks for; what is empty is not asked."""

    text: str = ""
    offence: str = ""
    kind: str = ""
    open_now: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The agencies that answer, best first; and how many would, had they said for which offences."""

    agencies: tuple[AgencyEntry, ...]
    silent: int = 0


def find(wanted: Wanted, at: datetime) -> Found:
    """Return who answers: those whose territory contains the place before those that it contains."""
    every = agencies()
    text = " ".join(wanted.text.split())
    path = path_typed(text, [p for a in every for p in a.territory]) if text else None
    fits = [
        entry
        for entry in every
        if (not wanted.kind or entry.kind == wanted.kind)
        and (not wanted.open_now or entry.duty_desk.is_open(at) is True)
        and (_there(entry, path) if path else _named(entry, text.lower()))
    ]
    silent = sum(1 for e in fits if not e.offences) if wanted.offence else 0
    if wanted.offence:
        fits = [e for e in fits if wanted.offence in e.offences]
    fits.sort(key=lambda e: (e.suspended, not _covers(e, path), e.name, e.id))
    return Found(tuple(fits), silent)


def answering_for(place: str) -> frozenset[str]:
    """Return the agencies that answer for a place, by its code or its name, or for a part of it.

    A name is one that some agency gives to a place: who answers for a larger place around it is found
    too. What names no place finds nobody.
    """
    text = " ".join(place.split())
    every = agencies()
    known = [p for entry in every for p in entry.territory]
    path = path_typed(text, known) if text else None
    said = text.lower()
    named = {path} if path else {p.path for p in known if said and said in p.name.lower()}
    there = touching(named)
    return frozenset(
        entry.id
        for entry in every
        if any(there(p.path) for p in entry.territory)
        or (path is None and said and said in entry.territory_words.lower())
    )


def _there(entry: AgencyEntry, path: Path) -> bool:
    return any(touch(place.path, path) for place in entry.territory)


def _covers(entry: AgencyEntry, path: Path | None) -> bool:
    return path is None or any(contains(place.path, path) for place in entry.territory)


def _named(entry: AgencyEntry, text: str) -> bool:
    places = [said for p in entry.territory for said in (p.name, p.code)]
    said = (entry.name, entry.id, entry.ori, entry.territory_words, *places)
    return text in " ".join(said).lower()


def changes(*, waiting: bool = False, most: int = MOST) -> tuple[AgencyChange, ...]:
    """Return the changes that the reader may see, the newest first."""
    rows = Row.objects.all()
    if waiting:
        rows = rows.filter(state=ChangeState.PROPOSED, proposed_at__gt=now() - PROPOSAL_LIFE)
    at = now()
    return tuple(_change(row, at) for row in rows.order_by("-proposed_at", "id")[:most])


def change(change_id: UUID) -> AgencyChange:
    """Return one change; raises NotFound where it is absent or of another agency."""
    row = Row.objects.filter(id=change_id).first()
    if row is None:
        raise NotFound()
    return _change(row, now())


def now_says(agency: str, kind: AboutKind) -> dict[str, object]:
    """What the directory says of one part of an agency's entry, as it is kept."""
    row = Agency.objects.get(id=agency)
    kept = {
        AboutKind.TERRITORY: row.territory,
        AboutKind.COMPETENCE: row.competence,
        AboutKind.DESK: row.duty_desk,
    }
    return dict(kept.get(kind) or {})


def _change(row: Row, at: datetime) -> AgencyChange:
    state, expires = standing_of(row.state, row.proposed_at, at)
    return AgencyChange(
        id=row.id,
        agency=row.agency_id,
        kind=AboutKind(row.kind),
        facts=row.facts,
        held=row.held,
        state=state,
        by=row.proposed_by,
        at=row.proposed_at,
        expires_at=expires,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        via=Via(row.via),
    )
