"""What may be read of the ledger; row-level security decides which entries.

Heads, leaves, tiles and proofs are public by design. Entries and bodies come only to their actor,
to the oversight of the actor's agency, and, as owning views, to the agencies whose records were
touched. Absent and not visible are the same: NotFound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet

from accord.kernel.errors import Conflict, NotFound
from accord.kernel.merkle import inclusion_proof
from accord.ledger import keys, tiles
from accord.ledger.domain import ACTING, OWNING, EntryId, Kind, Opening, build_receipt
from accord.ledger.models import Checkpoint, EntryRow, Leaf, OwnerView, Tile
from accord.ledger.sealing import SealedBody, open_body

PAGE_SIZE = 50

_Row = TypeVar("_Row", EntryRow, OwnerView)


@dataclass(frozen=True)
class HeadLine:
    """The newest signed head, and how many committed entries wait for their place."""

    size: int
    root: bytes
    note: str
    created_at: datetime
    waiting: int


@dataclass(frozen=True)
class EntryLine:
    """One entry in a list, as its reader may see it; an owning view has no purpose and case."""

    id: EntryId
    view: str
    at: datetime
    kind: str
    actor: str
    agency: str
    purpose: str | None
    case: str | None
    leaf_index: int | None
    erased: bool


@dataclass(frozen=True)
class EntryDetail:
    """One entry with its body (None when it was erased)."""

    line: EntryLine
    body: Mapping[str, Any] | None


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; a missing part asks for all."""

    kind: str | None = None
    actor: str | None = None
    agency: str | None = None
    case: str | None = None
    record: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class StoredLeaf:
    """A leaf with its place."""

    entry_id: EntryId
    commitment: bytes
    index: int


def head() -> HeadLine | None:
    """The newest signed head; None before the first."""
    row = Checkpoint.objects.order_by("-size").first()
    if row is None:
        return None
    waiting = Leaf.objects.filter(leaf_index__isnull=True).count()
    return HeadLine(row.size, bytes(row.root), row.note, row.created_at, waiting)


def checkpoints() -> Iterator[tuple[int, bytes, str]]:
    """Every signed head (size, root, note), oldest first."""
    rows = Checkpoint.objects.order_by("size").values_list("size", "root", "note")
    return ((size, bytes(root), note) for size, root, note in rows.iterator())


def leaves(size: int) -> Iterator[StoredLeaf]:
    """The first `size` leaves in their order."""
    rows = Leaf.objects.filter(leaf_index__lt=size).order_by("leaf_index")
    for row in rows.iterator():
        if row.leaf_index is not None:
            yield StoredLeaf(row.entry_id, bytes(row.commitment), row.leaf_index)


def placed_beyond(size: int) -> int:
    """How many leaves have a place that no signed head covers; always none in a whole ledger."""
    return Leaf.objects.filter(leaf_index__gte=size).count()


def load_tile(level: int, index: int) -> bytes:
    """The hashes of one tile; empty when there is none."""
    row = Tile.objects.filter(level=level, tile_index=index).values_list("hashes").first()
    return bytes(row[0]) if row else b""


def own_entries(
    wanted: Filter = Filter(), *, before: EntryId | None = None, limit: int = PAGE_SIZE
) -> list[EntryLine]:
    """What the viewer did, or as oversight what his agency did, newest first."""
    rows = _narrowed(EntryRow.objects.all(), wanted, before)
    if wanted.agency:
        rows = rows.filter(agency_id=wanted.agency)
    if wanted.case:
        rows = rows.filter(case_id=wanted.case)
    if wanted.record:
        raise Conflict("Entries are found by record only in the views of the record's owner.")
    return [_own_line(row) for row in rows.select_related("leaf").order_by("-leaf_id")[:limit]]


def owner_entries(
    wanted: Filter = Filter(), *, before: EntryId | None = None, limit: int = PAGE_SIZE
) -> list[EntryLine]:
    """What anybody did with records of the viewer's agency, newest first."""
    rows = _narrowed(OwnerView.objects.all(), wanted, before)
    if wanted.agency:
        rows = rows.filter(actor_agency_id=wanted.agency)
    if wanted.record:
        rows = rows.filter(records__contains=[wanted.record])
    if wanted.case:
        raise Conflict("The owner of a record is not told the requester's case.")
    return [_owner_line(row) for row in rows.select_related("leaf").order_by("-leaf_id")[:limit]]


def disclosed_to(record: str) -> frozenset[str]:
    """The other agencies to which content of a record of the viewer's agency was disclosed.

    One that was told by a hit that the record exists is not among them. An entry whose body was
    erased names no record any more; copies that were taken are listed elsewhere.
    """
    rows = OwnerView.objects.filter(
        records__contains=[record], kind__in=[Kind.CONSULTATION, Kind.DISCLOSURE]
    ).exclude(actor_agency_id=F("agency_id"))
    found: set[str] = set()
    for row in rows.order_by("-leaf_id").iterator():
        if row.actor_agency_id not in found and _shows_content(row, record):
            found.add(row.actor_agency_id)
    return frozenset(found)


def _shows_content(row: OwnerView, record: str) -> bool:
    opening = _open(row)
    return opening is None or any(
        item["record"] == record and item["part"] is not None for item in opening.body["items"]
    )


def entry(entry_id: EntryId) -> EntryDetail:
    """One entry: complete where the viewer may read that, else his agency's view of it."""
    row, opening = _opened(entry_id)
    line = _own_line(row) if isinstance(row, EntryRow) else _owner_line(row)
    return EntryDetail(line, opening.body if opening else None)


def receipt(entry_id: EntryId) -> dict[str, Any]:
    """The proof of one entry that the viewer may read, checkable offline."""
    row, opening = _opened(entry_id)
    if opening is None:
        raise NotFound("The body of this entry was erased; the ledger keeps only its place.")
    newest = head()
    index = row.leaf.leaf_index
    if newest is None or index is None or index >= newest.size:
        raise Conflict("The entry has no place in the ledger yet; it gets one within a second.")
    return build_receipt(
        opening=opening,
        leaf_index=index,
        inclusion=_inclusion(index, newest.size),
        checkpoint=newest.note,
        key=keys.public_key(_data_dir()).text,
    )


def _inclusion(index: int, size: int) -> tuple[bytes, ...]:
    """The proof that a leaf is in the tree.

    INVARIANT: one statement, however many tiles the size makes it take: others' acts move the size.
    """
    names = tiles.wanted(lambda fetch: inclusion_proof(index, size, fetch))
    rows = Tile.objects.filter(pk__in=sorted(names)).values_list("level", "tile_index", "hashes")
    held = {(level, tile_index): bytes(hashes) for level, tile_index, hashes in rows}
    fetch = tiles.fetch_from(lambda level, tile_index: held.get((level, tile_index), b""))
    return inclusion_proof(index, size, fetch)


@dataclass(frozen=True)
class Readable:
    """What the viewer may show of one entry in an export."""

    openings: tuple[Opening, ...] = ()
    erased: tuple[Mapping[str, Any], ...] = ()


def readable_leaves(size: int) -> Iterator[tuple[StoredLeaf, Readable]]:
    """The first `size` leaves in their order, each with what the viewer may show of its entry.

    INVARIANT: the same number of statements whatever the size, which everybody's acts move.
    """
    shown = _Merged([_rows_of(EntryRow, size), _rows_of(OwnerView, size)])
    for leaf in leaves(size):
        yield leaf, _readable(shown.up_to(leaf.index))


def readable(entry_ids: list[EntryId]) -> dict[EntryId, Readable]:
    """What the viewer may show of these entries."""
    found: dict[UUID, list[EntryRow | OwnerView]] = {}
    for model in (EntryRow, OwnerView):
        rows = model._default_manager.filter(leaf_id__in=entry_ids).select_related("erased_by")
        for row in rows:
            found.setdefault(row.leaf_id, []).append(row)
    return {entry_id: _readable(rows) for entry_id, rows in found.items()}


def _readable(rows: Iterable[EntryRow | OwnerView]) -> Readable:
    openings, erased = list[Opening](), list[Mapping[str, Any]]()
    for row in rows:
        opening = _open(row)
        if opening is not None:
            openings.append(opening)
        elif row.erased_by is not None:
            view = ACTING if isinstance(row, EntryRow) else OWNING
            erased.append({"view": view, "by": row.erased_by.leaf_index})
    return Readable(tuple(openings), tuple(erased))


def _rows_of(model: type[EntryRow] | type[OwnerView], size: int) -> Iterator[EntryRow | OwnerView]:
    rows = model._default_manager.filter(leaf__leaf_index__lt=size).order_by("leaf__leaf_index")
    return rows.select_related("leaf", "erased_by").iterator()


class _Merged:
    """Rows of several lists, each in the order of the leaves, taken leaf by leaf."""

    def __init__(self, lists: list[Iterator[EntryRow | OwnerView]]) -> None:
        self._lists = lists
        self._next = [next(rows, None) for rows in lists]

    def up_to(self, index: int) -> Iterator[EntryRow | OwnerView]:
        for number, rows in enumerate(self._lists):
            row = self._next[number]
            while row is not None and (row.leaf.leaf_index or 0) <= index:
                yield row
                row = next(rows, None)
            self._next[number] = row


def _narrowed(rows: QuerySet[_Row], wanted: Filter, before: EntryId | None) -> QuerySet[_Row]:
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.actor:
        rows = rows.filter(actor_id=wanted.actor)
    if wanted.since:
        rows = rows.filter(created_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(created_at__lt=wanted.until)
    if before:
        rows = rows.filter(leaf_id__lt=before)
    return rows


def _opened(entry_id: EntryId) -> tuple[EntryRow | OwnerView, Opening | None]:
    row: EntryRow | OwnerView | None = (
        EntryRow.objects.select_related("leaf").filter(leaf_id=entry_id).first()
        or OwnerView.objects.select_related("leaf").filter(leaf_id=entry_id).first()
    )
    if row is None:
        raise NotFound()
    return row, _open(row)


def _open(row: EntryRow | OwnerView) -> Opening | None:
    if row.body_cipher is None or row.body_key is None:
        return None
    reader = ACTING if isinstance(row, EntryRow) else f"{OWNING} {row.agency_id}"
    sealed = SealedBody(bytes(row.body_cipher), bytes(row.body_key))
    return open_body(sealed, row.leaf_id, reader, keys.body_key(_data_dir()))


def _own_line(row: EntryRow) -> EntryLine:
    return EntryLine(
        id=row.leaf_id,
        view=ACTING,
        at=row.created_at,
        kind=row.kind,
        actor=row.actor_id,
        agency=row.agency_id,
        purpose=row.purpose,
        case=row.case_id,
        leaf_index=row.leaf.leaf_index,
        erased=row.body_cipher is None,
    )


def _owner_line(row: OwnerView) -> EntryLine:
    return EntryLine(
        id=row.leaf_id,
        view=OWNING,
        at=row.created_at,
        kind=row.kind,
        actor=row.actor_id,
        agency=row.actor_agency_id,
        purpose=None,
        case=None,
        leaf_index=row.leaf.leaf_index,
        erased=row.body_cipher is None,
    )


def _data_dir() -> Path:
    return Path(settings.ACCORD_DATA_DIR)


def waits_since() -> datetime | None:
    """When the oldest committed entry without a place was made; its id holds the time (RFC 9562)."""
    first = (
        Leaf.objects.filter(leaf_index__isnull=True)
        .order_by("entry_id")
        .values_list("entry_id", flat=True)
        .first()
    )
    return None if first is None else datetime.fromtimestamp((first.int >> 80) / 1000, UTC)
