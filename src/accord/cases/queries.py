"""Read cases: under the sealed standing, so that what is returned may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agreements.queries import case_key_holders
from accord.agreements.scope import Scope
from accord.cases.domain import CaseFacts, CaseMember, CaseState, NoteText, PlacedRecord
from accord.cases.models import Case, NoteRevision, Placement
from accord.kernel.errors import Conflict, NotFound
from accord.kernel.phrases import phrase
from accord.records import queries as records


def cases() -> tuple[CaseFacts, ...]:
    """Return the cases that the sealed member works on or supervises, newest first."""
    rows = list(Case.objects.order_by("-opened_at", "number", "lead_agency"))
    used = Counter(row.number for row in rows)
    return tuple(_facts(row, shared=used[row.number] > 1) for row in rows)


def case(name: str) -> CaseFacts:
    """Return one case by its number, or `number~lead` where cases of two agencies share one.

    Raises NotFound when it is absent or the member has no need to know it, Conflict when the
    number alone could mean two cases of the member's.
    """
    number, _, lead = name.partition("~")
    rows = list(Case.objects.filter(number=number))
    chosen = [row for row in rows if row.lead_agency == lead] if lead else rows
    if not chosen:
        raise NotFound("There is no such case among yours.")
    if len(chosen) > 1:
        names = " or ".join(sorted(f"{row.number}~{row.lead_agency}" for row in chosen))
        raise Conflict(
            phrase(
                "Two of your cases have the number %(number)s; write %(names)s.",
                number=number,
                names=names,
            )
        )
    return _facts(chosen[0], shared=len(rows) > 1)


def case_of(scope: Scope) -> CaseFacts:
    """Return the case of the working context, the one whose key is held; raises NotFound."""
    row = Case.objects.filter(id=scope.context.case_id).first() if scope.context.case_id else None
    if row is None:
        raise NotFound("There is no such case among yours.")
    return _facts(row, shared=Case.objects.filter(number=row.number).count() > 1)


def _facts(row: Case, *, shared: bool) -> CaseFacts:
    return CaseFacts(
        id=row.id,
        number=row.number,
        lead_agency=row.lead_agency,
        purposes=tuple(row.purposes),
        state=CaseState(row.state),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        title_record=row.title_record,
        shared_number=shared,
    )


def members(case_id: UUID) -> tuple[CaseMember, ...]:
    """Return who works on the case now, by agency and name."""
    held = {holder.membership_id: holder for holder in case_key_holders(case_id)}
    found = [
        CaseMember(
            membership=actor.membership,
            name=actor.name,
            agency=actor.agency,
            agency_name=actor.agency_name,
            title=actor.title,
            roles=tuple(sorted(actor.roles)),
            since=held[actor.membership].valid_from,
            until=held[actor.membership].valid_until,
        )
        for actor in agencies.actors(held)
    ]
    return tuple(sorted(found, key=lambda m: (m.agency_name, m.name)))


def titles(scope: Scope, found: Iterable[CaseFacts]) -> records.Texts:
    """Return the titles of these cases that this viewer may read, by the record of each."""
    return records.texts(scope, [facts.title_record for facts in found])


def placements(case_id: UUID) -> tuple[PlacedRecord, ...]:
    """Return what is placed in the case and visible to the sealed member, newest first."""
    rows = list(
        Placement.objects.filter(case_id=case_id, withdrawn_at=None).order_by("-placed_at", "id")
    )
    names = agencies.names({row.placed_by for row in rows})
    return tuple(
        PlacedRecord(row.record_id, row.owner_id, names.get(row.placed_by, ""), row.placed_at)
        for row in rows
    )


def notes(scope: Scope, case_id: UUID) -> tuple[NoteText, ...]:
    """Return the heads of every visible note, newest first.

    A note edited by two people at once has two heads: neither overwrites the other, and the page
    shows both until somebody writes a revision that takes up one of them.
    """
    rows = list(NoteRevision.objects.filter(case_id=case_id).order_by("at", "id"))
    replaced = {row.based_on for row in rows if row.based_on}
    heads = [row for row in rows if row.id not in replaced]
    return tuple(reversed(_note_texts(scope, rows, heads)))


def note_history(scope: Scope, note_id: UUID) -> tuple[NoteText, ...]:
    """Return every visible revision of one note, oldest first; raises NotFound when there is none."""
    rows = list(NoteRevision.objects.filter(note_id=note_id).order_by("at", "id"))
    if not rows:
        raise NotFound("There is no such note.")
    return tuple(_note_texts(scope, rows, rows))


def note_revision(revision_id: UUID) -> tuple[UUID, UUID]:
    """Return (note, case) of a visible revision; raises NotFound."""
    row = NoteRevision.objects.filter(id=revision_id).first()
    if row is None:
        raise NotFound("There is no such note.")
    return row.note_id, row.case_id


def _note_texts(
    scope: Scope, rows: list[NoteRevision], shown: list[NoteRevision]
) -> list[NoteText]:
    texts = records.texts(scope, [row.record_id for row in shown])
    names = agencies.names({row.author for row in shown})
    siblings: dict[UUID | None, int] = {}
    for row in rows:
        siblings[row.based_on] = siblings.get(row.based_on, 0) + 1
    return [
        NoteText(
            note_id=row.note_id,
            revision_id=row.id,
            record_id=row.record_id,
            author=row.author,
            author_name=names.get(row.author, ""),
            agency=row.agency_id,
            at=row.at,
            text=texts.get(row.record_id),
            closed=texts.is_closed(row.record_id),
            revision=1 + sum(1 for r in rows if r.note_id == row.note_id and r.at < row.at),
            concurrent=row.based_on is not None and siblings[row.based_on] > 1,
        )
        for row in shown
    ]
