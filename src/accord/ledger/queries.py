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
from accord.kernel.signednote import parse_note
from accord.ledger import keys
from accord.ledger.domain import (
    ACTING,
    OWNING,
    EntryId,
    Kind,
    Opening,
    build_leaf,
    cited_as,
    instant,
)
from accord.ledger.models import Checkpoint, EntryRow, Leaf, OwnerView, Tile, Timestamp
from accord.ledger.sealing import BodyUnreadable, SealedBody, open_body

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
    records: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    """Agreements and, after a slash, their clauses; of one record alone where that was asked for."""


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
    clause: str | None = None
    """An agreement's id, or that and a clause's after a slash."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class StoredLeaf:
    """A leaf with its place."""

    entry_id: EntryId
    commitment: bytes
    index: int
    version: int

    @property
    def text(self) -> bytes:
        """The bytes of the leaf."""
        return build_leaf(self.commitment, self.version)


def head() -> HeadLine | None:
    """The newest signed head; None before the first."""
    row = Checkpoint.objects.order_by("-size").first()
    if row is None:
        return None
    waiting = Leaf.objects.filter(leaf_index__isnull=True).count()
    return HeadLine(row.size, bytes(row.root), row.note, row.created_at, waiting)


@dataclass(frozen=True)
class HeadNote:
    """A signed head, as it is shown to others."""

    size: int
    note: str
    created_at: datetime
    quorum_at: datetime | None
    root: bytes
    quorum_policy: str | None = None
    """The digest of the policy under which it was met; None where that was not kept."""


def newest_head(*, quorum: bool = False, above: int = -1) -> HeadNote | None:
    """The newest head that covers more than `above` entries, or the newest that met the policy."""
    rows = Checkpoint.objects.filter(size__gt=above)
    if quorum:
        rows = rows.filter(quorum_at__isnull=False)
    return _head_note(rows.order_by("-size").first())


def signatures_on(size: int) -> frozenset[tuple[str, bytes]]:
    """Which keys (name, id) have signed the head of this size until now."""
    notes = Checkpoint.objects.filter(size=size).values_list("note", flat=True)
    return frozenset(
        (each.name, each.key_id) for note in notes for each in parse_note(note).signatures
    )


def oldest_head_above(size: int) -> HeadNote | None:
    """The first head that covers more than `size` entries: since when somebody is behind."""
    return _head_note(Checkpoint.objects.filter(size__gt=size).order_by("size").first())


def _head_note(row: Checkpoint | None) -> HeadNote | None:
    return None if row is None else _as_head(row)


def _as_head(row: Checkpoint) -> HeadNote:
    return HeadNote(
        row.size, row.note, row.created_at, row.quorum_at, bytes(row.root), row.quorum_policy
    )


def head_to_publish(*, needs_quorum: bool) -> HeadNote | None:
    """The newest head that may be shown to everybody."""
    return newest_head(quorum=needs_quorum)


def sizes_between(since: int, size: int) -> list[int]:
    """The sizes of the heads after `since`, up to `size`."""
    rows = Checkpoint.objects.filter(size__gt=since, size__lte=size).order_by("size")
    return list(rows.values_list("size", flat=True))


def leaf_texts(start: int, end: int) -> list[bytes]:
    """The leaves from `start` up to and without `end`."""
    rows = Leaf.objects.filter(leaf_index__gte=start, leaf_index__lt=end).order_by("leaf_index")
    facts = rows.values_list("commitment", "version")
    return [build_leaf(bytes(commitment), version) for commitment, version in facts]


def checkpoints() -> Iterator[tuple[int, bytes, str]]:
    """Every signed head (size, root, note), oldest first."""
    rows = Checkpoint.objects.order_by("size").values_list("size", "root", "note")
    return ((size, bytes(root), note) for size, root, note in rows.iterator())


def leaves(size: int) -> Iterator[StoredLeaf]:
    """The first `size` leaves in their order."""
    rows = Leaf.objects.filter(leaf_index__lt=size).order_by("leaf_index")
    for row in rows.iterator():
        if row.leaf_index is not None:
            yield StoredLeaf(row.entry_id, bytes(row.commitment), row.leaf_index, row.version)


def placed_beyond(size: int) -> int:
    """How many leaves have a place that no signed head covers; always none in a whole ledger."""
    return Leaf.objects.filter(leaf_index__gte=size).count()


@dataclass(frozen=True)
class ProvingHead:
    """A signed head, and the token that dates it where an authority gave one."""

    size: int
    root: bytes
    note: str
    created_at: datetime
    token: bytes | None = None
    stamped_at: datetime | None = None
    authority: str | None = None
    vouched: bool = False
    """Whether it met the policy of cosigners."""


def proving_head(index: int) -> ProvingHead | None:
    """The head under which a leaf is proved; None where no head covers it.

    The oldest stamped head over it dates it best. One that met the policy of cosigners comes before
    one that did not, stamped or not; without either it is the newest. INVARIANT: the same statements
    whatever they bring: others' acts move the heads.
    """
    stamped = (
        Timestamp.objects.filter(checkpoint__gt=index)
        .select_related("checkpoint")
        .order_by(F("checkpoint__quorum_at").asc(nulls_last=True), "checkpoint")
        .first()
    )
    shown = head_over(index)
    if shown is None:
        return None
    if stamped is None or (shown.quorum_at and not stamped.checkpoint.quorum_at):
        vouched = shown.quorum_at is not None
        return ProvingHead(shown.size, shown.root, shown.note, shown.created_at, vouched=vouched)
    row = stamped.checkpoint
    return ProvingHead(
        size=row.size,
        root=bytes(row.root),
        note=row.note,
        created_at=row.created_at,
        token=bytes(stamped.token),
        stamped_at=stamped.stamped_at,
        authority=stamped.authority,
        vouched=row.quorum_at is not None,
    )


def head_over(index: int) -> HeadNote | None:
    """The newest head over a leaf that met the policy, or the newest over it where none did.

    INVARIANT: two statements always: which heads met the policy moves with others' acts.
    """
    cosigned, newest = newest_head(quorum=True, above=index), newest_head(above=index)
    return cosigned or newest


def unstamped_head(since: datetime) -> tuple[int, str] | None:
    """Size and note of the head to be stamped: the newest that met the policy, if since then one did;
    else the newest.

    None where it has a token, or one that was signed since then has. An authority's own clock does
    not count: one that is ahead would put off all that follow.
    """
    met, newest = newest_head(quorum=True, above=0), newest_head(above=0)
    recent = met is not None and met.quorum_at is not None and met.quorum_at > since
    due = met if recent else newest
    last = Timestamp.objects.select_related("checkpoint").order_by("-checkpoint").first()
    if due is None or Timestamp.objects.filter(checkpoint=due.size).exists():
        return None
    if last is not None and last.checkpoint.created_at > since:
        return None
    return due.size, due.note


def load_tiles(names: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The hashes of these tiles (level, index), in one statement; those that are not there are not."""
    rows = Tile.objects.filter(pk__in=sorted(names)).values_list("level", "tile_index", "hashes")
    return {(level, tile_index): bytes(hashes) for level, tile_index, hashes in rows}


def load_tile(level: int, index: int) -> bytes:
    """The hashes of one tile; empty when there is none."""
    row = Tile.objects.filter(level=level, tile_index=index).values_list("hashes").first()
    return bytes(row[0]) if row else b""


def own_entries(
    wanted: Filter = Filter(),
    *,
    before: EntryId | None = None,
    after: EntryId | None = None,
    limit: int = PAGE_SIZE,
) -> list[EntryLine]:
    """What the viewer did, or as oversight what his agency did, newest first.

    `before` continues a list downwards; `after` gives those next above an entry.
    """
    return [_own_line(row) for row in _newest(own_rows(wanted), before, after, limit)]


def owner_entries(
    wanted: Filter = Filter(),
    *,
    before: EntryId | None = None,
    after: EntryId | None = None,
    limit: int = PAGE_SIZE,
) -> list[EntryLine]:
    """What anybody did with records of the viewer's agency, newest first.

    Raises Conflict where it is asked for a case, which an owner is not told.
    """
    rows = _newest(owner_rows(wanted), before, after, limit)
    return [_owner_line(row, wanted.record) for row in rows]


def own_rows(wanted: Filter) -> QuerySet[EntryRow]:
    """The rows of what the viewer, or as oversight his agency, did."""
    rows = _narrowed(EntryRow.objects.all(), wanted)
    if wanted.agency:
        rows = rows.filter(agency_id=wanted.agency)
    if wanted.case:
        rows = rows.filter(case_id=wanted.case)
    return rows


def owner_rows(wanted: Filter) -> QuerySet[OwnerView]:
    """The rows of what was done with records of the viewer's agency."""
    if wanted.case:
        raise Conflict("The owner of a record is not told the requester's case.")
    rows = _narrowed(OwnerView.objects.all(), wanted)
    return rows.filter(actor_agency_id=wanted.agency) if wanted.agency else rows


def _newest(
    rows: QuerySet[_Row], before: EntryId | None, after: EntryId | None, limit: int
) -> list[_Row]:
    """At most so many rows, newest first; above `after` those that are nearest to it."""
    rows = rows.select_related("leaf")
    if after:
        return list(rows.filter(leaf_id__gt=after).order_by("leaf_id")[:limit])[::-1]
    if before:
        rows = rows.filter(leaf_id__lt=before)
    return list(rows.order_by("-leaf_id")[:limit])


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
    opening = text_of(row)
    return opening is None or any(
        item["record"] == record and item["part"] is not None for item in opening.body["items"]
    )


def entry(entry_id: EntryId, view: str | None = None) -> EntryDetail:
    """One entry: complete where the viewer may read that, else his agency's view of it.

    `view` names one of the two, for who may read both.
    """
    row, opening = opened(entry_id, view)
    line = _own_line(row) if isinstance(row, EntryRow) else _owner_line(row)
    return EntryDetail(line, opening.body if opening else None)


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
        yield leaf, _readable(shown.up_to(leaf.index), size)


def readable(entry_ids: list[EntryId]) -> dict[EntryId, Readable]:
    """What the viewer may show of these entries."""
    found: dict[UUID, list[EntryRow | OwnerView]] = {}
    for model in (EntryRow, OwnerView):
        rows = model._default_manager.filter(leaf_id__in=entry_ids).select_related("erased_by")
        for row in rows:
            found.setdefault(row.leaf_id, []).append(row)
    return {entry_id: _readable(rows, None) for entry_id, rows in found.items()}


def _readable(rows: Iterable[EntryRow | OwnerView], size: int | None) -> Readable:
    """What is shown of the rows of one entry; what erased it only where that is below the size."""
    openings, erased = list[Opening](), list[Mapping[str, Any]]()
    for row in rows:
        opening = text_of(row)
        if opening is not None:
            openings.append(opening)
        elif row.erased_by is not None:
            view = ACTING if isinstance(row, EntryRow) else OWNING
            by = row.erased_by.leaf_index
            known = by is not None and (size is None or by < size)
            erased.append({"view": view, "by": by if known else None})
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


def _narrowed(rows: QuerySet[_Row], wanted: Filter) -> QuerySet[_Row]:
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.actor:
        rows = rows.filter(actor_id=wanted.actor)
    if wanted.since:
        rows = rows.filter(created_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(created_at__lt=wanted.until)
    if wanted.record:
        rows = rows.filter(records__contains=[wanted.record])
    if wanted.clause:
        rows = rows.filter(clauses__contains=[wanted.clause])
    return rows


def place_of(entry_id: EntryId) -> int | None:
    """The place of an entry in the tree; None while it waits for it, or where there is none."""
    return Leaf.objects.filter(entry_id=entry_id).values_list("leaf_index", flat=True).first()


def opened(
    entry_id: EntryId, view: str | None = None
) -> tuple[EntryRow | OwnerView, Opening | None]:
    """One entry as the viewer may read it, and its body: the acting one first, unless one is named.

    The body is None where it was erased. Raises NotFound.
    """
    row: EntryRow | OwnerView | None = None
    if view != OWNING:
        row = EntryRow.objects.select_related("leaf").filter(leaf_id=entry_id).first()
    if row is None and view != ACTING:
        row = OwnerView.objects.select_related("leaf").filter(leaf_id=entry_id).first()
    if row is None:
        raise NotFound()
    return row, text_of(row)


def text_of(row: EntryRow | OwnerView) -> Opening | None:
    """The body of a row, opened; None where it was erased.

    Raises BodyUnreadable also where the row, by which lists show and find the entry, says something
    else than the body does.
    """
    if row.body_cipher is None or row.body_key is None:
        return None
    reader = ACTING if isinstance(row, EntryRow) else f"{OWNING} {row.agency_id}"
    sealed = SealedBody(bytes(row.body_cipher), bytes(row.body_key))
    opening = open_body(sealed, row.leaf_id, reader, keys.body_key(_data_dir()))
    _check_same(row, opening)
    return opening


def _check_same(row: EntryRow | OwnerView, opening: Opening) -> None:
    said: dict[str, str | None] = {
        "at": instant(row.created_at),
        "kind": row.kind,
        "actor": row.actor_id,
    }
    if isinstance(row, EntryRow):
        said |= {"agency": row.agency_id, "purpose": row.purpose, "case": row.case_id}
    else:
        said["agency"] = row.actor_agency_id
    body = opening.body
    wrong = [name for name, value in said.items() if body.get(name) != value]
    if isinstance(row, OwnerView):
        named = {item["record"] for item in body["items"] if item["record"]}
        wrong += ["record"] if set(row.records) != named else []
    if wrong:
        raise BodyUnreadable(
            f"The row of ledger entry {row.leaf_id} says another {wrong[0]} than its body, which the"
            " ledger holds: the row was changed in the database.",
            who_can_change="the operator of this node",
        )


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
        records=tuple(row.records),
        clauses=tuple(row.clauses),
    )


def _owner_line(row: OwnerView, record: str | None = None) -> EntryLine:
    """With one record, the clauses are those under which that one was touched."""
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
        records=tuple(row.records),
        clauses=tuple(row.clauses) if record is None else _clauses_of(row, record),
    )


def _clauses_of(row: OwnerView, record: str) -> tuple[str, ...]:
    opening = text_of(row)
    items = opening.body["items"] if opening else ()
    cited = {cited_as(i["agreement"], i["clause"]) for i in items if i["record"] == record}
    return tuple(sorted({name for names in cited for name in names}))


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
