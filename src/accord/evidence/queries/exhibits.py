"""Read exhibits as their viewer may see them; every part shown is noted with its clause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accord.agreements.scope import Scope
from accord.evidence import sealing
from accord.evidence.domain import Basis, Hashes, ObjectRole, StoredFile
from accord.evidence.domain import Exhibit as ExhibitView
from accord.evidence.files import FileReader
from accord.evidence.models import Exhibit, StoredObject
from accord.evidence.queries.uploads import segments
from accord.evidence.store import store
from accord.kernel import ids
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.records.nodekeys import keys
from accord.records.queries.records import (
    RecordView,
    record_view,
    record_views,
    record_worked_on,
)

# Acquired in the case, or placed there by its owner. Each row is judged by its record's core part.
OF_CASE = """
select e.record_id from exhibit e
 where (e.case_id = %(case)s or exists (
        select 1 from part p join part_key k on k.part_id = p.id
         where p.record_id = e.record_id and p.superseded_at is null
           and k.kind = 0 and k.key = %(key)s
           and k.valid_from <= now() and (k.valid_until is null or k.valid_until > now())))
   and (%(after)s::uuid is null or (e.owner_id, e.case_id, e.serial) > (
        select a.owner_id, a.case_id, a.serial from exhibit a where a.record_id = %(after)s))
 order by e.owner_id, e.case_id, e.serial
 limit %(limit)s
"""
AT_ONCE = 500
_SERIAL = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Seen:
    """An exhibit with the record behind it, and its original where the file is open."""

    exhibit: ExhibitView
    record: RecordView
    original: StoredFile | None

    def file(self) -> StoredFile:
        """The original; raises NotFound where it is not open."""
        if self.original is None:
            raise NotFound("There is no such file for you.")
        return self.original


def exhibits_of_case(scope: Scope, case_id: UUID) -> tuple[Seen, ...]:
    """Return all visible exhibits of a case, by agency and number."""
    found: list[Seen] = []
    after: str | None = None
    while True:
        page, after = exhibits_page(scope, case_id, after=after, limit=AT_ONCE)
        found += page
        if after is None:
            return tuple(found)


def exhibits_page(
    scope: Scope, case_id: UUID, *, after: str | None, limit: int
) -> tuple[tuple[Seen, ...], str | None]:
    """Return at most `limit` visible exhibits of a case behind `after`, and the next `after`.

    Raises InvalidInput where `after` names no exhibit: absent and no longer visible look alike.
    """
    asked = {
        "case": case_id, "key": ids.case_key(case_id), "after": _behind(after), "limit": limit + 1,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(OF_CASE, asked)
        found = [record_id for (record_id,) in cursor.fetchall()]
    following = str(found[limit - 1]) if len(found) > limit else None
    return _seen(record_views(scope, found[:limit])), following


def _behind(after: str | None) -> UUID | None:
    if after is None:
        return None
    fault = InvalidInput("request", None, "after", phrase("is not the `next` of this list"))
    try:
        last = UUID(after)
    except ValueError:
        raise fault from None
    if not Exhibit.objects.filter(record_id=last).exists():
        raise fault
    return last


def exhibit(scope: Scope, record_id: UUID) -> Seen:
    """Return one exhibit to be shown, with what is sealed in it where the scope unseals.

    Raises NotFound.
    """
    _check_is_one(record_id)
    return _seen([record_view(scope, record_id)])[0]


def worked_on(scope: Scope, record_id: UUID, *, unseal: bool = False) -> Seen:
    """Return one exhibit for work of the node's own on it: see `record_worked_on`. Raises NotFound."""
    _check_is_one(record_id)
    return _seen([record_worked_on(scope, record_id, unseal=unseal)])[0]


def _check_is_one(record_id: UUID) -> None:
    if not Exhibit.objects.filter(record_id=record_id).exists():
        raise NotFound("There is no such exhibit for you.")


def several(scope: Scope, record_ids: list[UUID]) -> tuple[Seen, ...]:
    """Those of these exhibits that are visible, as a list shows them."""
    return _seen(record_views(scope, record_ids))


def beside(scope: Scope, record_id: UUID) -> tuple[Seen, ...]:
    """The visible own exhibits that were acquired in the case of another one."""
    one = Exhibit.objects.filter(record_id=record_id).first()
    if one is None:
        return ()
    rows = Exhibit.objects.filter(owner_id=scope.actor.agency, case_id=one.case_id)
    rows = rows.exclude(record_id=record_id).order_by("serial")
    return several(scope, list(rows.values_list("record_id", flat=True)))


def with_files(records: Sequence[RecordView]) -> dict[UUID, Seen]:
    """These records' exhibits with their files, by record; without those whose number is not open."""
    return {seen.exhibit.record_id: seen for seen in _seen(tuple(records))}


def by_number(scope: Scope, number: str) -> UUID | None:
    """Return the own exhibit with this number, where it is visible."""
    parts = number.rsplit("/", 2)
    if len(parts) != 3 or parts[1] != scope.actor.agency or not _SERIAL.fullmatch(parts[2]):
        return None
    rows = Exhibit.objects.filter(owner_id=scope.actor.agency, serial=int(parts[2]))
    found = record_views(scope, list(rows.values_list("record_id", flat=True)))
    return next((r.record_id for r in found if r.source_ref == number), None)


def _seen(records: tuple[RecordView, ...] | list[RecordView]) -> tuple[Seen, ...]:
    wanted = [r.record_id for r in records]
    rows = {e.record_id: e for e in Exhibit.objects.filter(record_id__in=wanted)}
    files = {
        o.record_id: _file(o)
        for o in StoredObject.objects.filter(record_id__in=wanted, role=ObjectRole.ORIGINAL)
    }
    return tuple(
        Seen(_view(rows[r.record_id], r), r, files.get(r.record_id))
        for r in records
        if r.record_id in rows
    )


def _view(row: Exhibit, record: RecordView) -> ExhibitView:
    said: Mapping[str, str] = {
        name: values[0] for part in record.parts for name, values in part.values.items() if values
    }
    hashed = "contentHash" in said
    size = said.get("fileSize")
    return ExhibitView(
        record_id=row.record_id,
        owner=row.owner_id,
        case_id=row.case_id,
        serial=row.serial,
        number=said.get("exhibitNumber", record.source_ref),
        kind=said.get("exhibitKind", "other"),
        acquired_by=row.acquired_by,
        acquired_at=row.acquired_at,
        basis=Basis(said.get("legalBasis", Basis.UNRECORDED)),
        description=said.get("description"),
        collected_at=said.get("collectedAt"),
        collected_by=said.get("collectedBy"),
        place=said.get("address"),
        file_name=said.get("fileName"),
        media_type=said.get("mediaType"),
        size_bytes=int(size) if size else None,
        hashes=Hashes(said["contentHash"], said.get("contentHash512", "")) if hashed else None,
    )


def _file(row: StoredObject) -> StoredFile:
    return StoredFile(
        id=row.id,
        record_id=row.record_id,
        owner=row.owner_id,
        role=ObjectRole(row.role),
        number=row.number,
        size_bytes=row.size_bytes,
        address=row.address,
        made_at=row.made_at,
    )


def stored_files(record_id: UUID) -> tuple[StoredFile, ...]:
    """Return the files of an exhibit that are open for the action of the seal."""
    rows = StoredObject.objects.filter(record_id=record_id).order_by("role", "number")
    return tuple(_file(row) for row in rows)


def reader(object_id: UUID) -> FileReader:
    """Return what reads a stored file that is open for the action of the seal.

    Raises NotFound, and CannotOpen where its key or the list of its pieces was altered. Whoever calls
    notes in the scope that the content part was shown: `exhibit` and the export do.
    """
    row = StoredObject.objects.filter(id=object_id).first()
    if row is None:
        raise NotFound("There is no such file for you.")
    key = sealing.unwrap(
        bytes(row.wrapped_key),
        owner=row.owner_id,
        case_id=row.case_id,
        object_id=row.id,
        keys=keys(),
    )
    pieces = segments(row.id)
    sealing.check_list(key, row.id, pieces, bytes(row.list_mac))
    return FileReader(store(), key, row.id, pieces)
