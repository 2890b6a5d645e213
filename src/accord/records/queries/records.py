"""Read records as their viewer may see them: part by part, each with the reason.

Everything here runs under the sealed standing. A part that PostgreSQL does not return does not
exist for the viewer; a part that it returns is shown with the clause that opened it, and noted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from accord.agreements import queries as agreements
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.domain import Decision
from accord.agreements.duties import queries as duties
from accord.agreements.obligations import Opened, plan
from accord.agreements.scope import Scope, kinds_of
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, NotFound
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.records import sealing
from accord.records.keystore import KeyStore
from accord.records.models import Part, PartKey, Record
from accord.records.sealing import Sealed

Values = Mapping[str, tuple[str, ...]]
PART_ORDER = (
    "core", "identity", "contact", "location", "narrative", "health", "biometric", "attachment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartView:
    """One part that the viewer may see, and why."""

    part_id: UUID
    record_id: UUID
    kind: str
    revision: int
    label: Label
    label_id: int
    kinds: frozenset[str]
    """The key kinds that the part satisfies for this request."""
    values: Values
    """Empty while a sealed part stays closed, as it does in every list."""
    sealed: bool
    grading: Mapping[str, str] | None
    assertion: str
    created_at: datetime
    superseded_at: datetime | None
    open_until: datetime | None
    """The earliest end of the keys that open it; None when it needs none or they have no end."""
    decision: Decision
    opened: Opened
    """How it is open, for the duties that showing it brings."""

    @property
    def closed(self) -> bool:
        """Whether it is sealed and was not opened, so that none of its values is here."""
        return self.sealed and not self.values


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as far as this viewer sees it."""

    record_id: UUID
    owner: str
    source_system: str
    source_ref: str
    schema: str
    revision: int
    occurred_at: datetime | None
    created_at: datetime
    updated_at: datetime
    retain_until: date | None
    legal_hold: bool
    parts: tuple[PartView, ...]

    def part(self, kind: str) -> PartView | None:
        """The part of that kind, when it is visible."""
        return next((p for p in self.parts if p.kind == kind), None)

    @property
    def captioned(self) -> Mapping[str, Values]:
        """What the record may be called by: never a victim's or a minor's sealed part.

        A caption goes into page titles, histories and lists, where nobody asked for a name.
        """
        return {p.kind: p.values for p in self.parts if not p.sealed}


def record_view(scope: Scope, record_id: UUID, *, unseal: bool = True) -> RecordView:
    """Return a record with its visible current parts and note each as consulted; raises NotFound.

    Sealed parts open where the scope unseals, unless a page shows none of them (`unseal`).
    """
    return _only(record_views(scope, [record_id], unseal=unseal))


def record_views(
    scope: Scope, record_ids: Sequence[UUID], *, unseal: bool = False
) -> tuple[RecordView, ...]:
    """Return the visible ones among these records, in the order given, and note their parts.

    A list does not unseal: who a victim is shows where somebody opens the record to learn it, and
    nowhere in passing. With `unseal` the scope decides. A sealed part that stays closed has no values
    and is not noted as read.
    """
    opens = unseal and scope.unseals
    return _views(scope, record_ids, opens=opens, note=lambda view: _note(scope, view, opens=opens))


def record_worked_on(scope: Scope, record_id: UUID, *, unseal: bool = False) -> RecordView:
    """Return a record for work of the node's own on it, none of whose parts is noted as read.

    The entry names the record. With `unseal` what is sealed in it opens however old the proof is: to
    write it anew, to compare a file with its hash. Raises NotFound.

    INVARIANT: no value of a sealed part leaves what asked for it here.
    """
    return _only(
        _views(
            scope,
            [record_id],
            opens=unseal,
            note=lambda view: scope.note(view.record_id, view.label.owner, view.decision),
        )
    )


def _only(found: tuple[RecordView, ...]) -> RecordView:
    if not found:
        raise NotFound("There is no such record for you.")
    return found[0]


def _views(
    scope: Scope, record_ids: Sequence[UUID], *, opens: bool, note: Callable[[PartView], None]
) -> tuple[RecordView, ...]:
    if not record_ids:
        return ()
    parts: dict[UUID, list[PartView]] = {}
    rows = list(_in_order(Part.objects.filter(record_id__in=record_ids, superseded_at=None)))
    heads = {row.record_id: row.record for row in rows}
    for view in _part_views(scope, rows, unseal=opens):
        parts.setdefault(view.record_id, []).append(view)
        note(view)
    return tuple(
        _record_view(heads[record_id], parts[record_id])
        for record_id in dict.fromkeys(record_ids)
        if record_id in heads
    )


def _note(scope: Scope, view: PartView, *, opens: bool) -> None:
    """Note a part as read; of one that stays closed, that its record was met."""
    if view.sealed and not opens:
        scope.note(view.record_id, view.label.owner, view.decision)
    else:
        scope.note(
            view.record_id, view.label.owner, view.decision, view.part_id, opened=view.opened
        )


def history(scope: Scope, record_id: UUID) -> tuple[PartView, ...]:
    """Return every visible part of every revision, newest first, noted; raises NotFound.

    An older revision is judged under its own label and under the newest one.
    """
    rows = _in_order(Part.objects.filter(record_id=record_id))
    views = _part_views(scope, list(rows), unseal=scope.unseals)
    if not views:
        raise NotFound("There is no such record for you.")
    for view in views:
        _note(scope, view, opens=scope.unseals)
    return tuple(sorted(views, key=lambda v: (-v.revision, PART_ORDER.index(v.kind))))


def _in_order(rows: QuerySet[Part]) -> QuerySet[Part]:
    """The parts in an order of their own: ledger items and duties are written in it.

    INVARIANT: the order in which PostgreSQL meets rows can depend on rows that it does not return.
    """
    return rows.select_related("record").order_by("record_id", "id")


def part_noted(scope: Scope, record_id: UUID, kind: str) -> PartView:
    """Return one visible current part, noted; raises NotFound. It is not unsealed."""
    rows = list(Part.objects.filter(record_id=record_id, kind=kind, superseded_at=None)[:1])
    if not rows:
        raise NotFound("There is no such record for you.")
    (view,) = _part_views(scope, rows, unseal=False)
    scope.note(record_id, view.label.owner, view.decision, view.part_id, opened=view.opened)
    return view


def visible_ids(record_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Return which of these records have a part that the sealed standing opens."""
    return frozenset(Record.objects.filter(id__in=list(record_ids)).values_list("id", flat=True))


def owner_of(record_id: UUID) -> str:
    """Return the owner of a visible record; raises NotFound."""
    owner = Record.objects.filter(id=record_id).values_list("owner_id", flat=True).first()
    if owner is None:
        raise NotFound("There is no such record for you.")
    return owner


def _record_view(head: Record, parts: list[PartView]) -> RecordView:
    return RecordView(
        record_id=head.id,
        owner=head.owner_id,
        source_system=head.source_system,
        source_ref=head.source_ref,
        schema=head.schema,
        revision=max(p.revision for p in parts),
        occurred_at=head.occurred_at,
        created_at=head.created_at,
        updated_at=head.updated_at,
        retain_until=head.retain_until,
        legal_hold=head.legal_hold,
        parts=tuple(sorted(parts, key=lambda p: PART_ORDER.index(p.kind))),
    )


def _part_views(scope: Scope, rows: list[Part], *, unseal: bool) -> list[PartView]:
    labels = agreements.labels({n for row in rows for n in (row.label_id, row.newest_label_id)})
    carried = _carried_keys(scope, rows)
    store = KeyStore(Path(settings.ACCORD_DATA_DIR)) if unseal else None
    return [_part_view(scope, row, labels, carried.get(row.id, ()), store) for row in rows]


def _part_view(
    scope: Scope,
    row: Part,
    labels: Mapping[int, Label],
    carried: Sequence[PartKey],
    store: KeyStore | None,
) -> PartView:
    label = labels[row.label_id]
    kinds = kinds_of(_mask(carried))
    decision = _decision(scope, label, labels[row.newest_label_id], kinds)
    ends = [k.valid_until for k in carried if k.valid_until is not None]
    opened = Opened(
        row.kind,
        _key_ends(carried),
        legal_hold=row.record.legal_hold,
        lasting=scope.action != "view" and _view_lasts(scope, label, kinds),
    )
    return PartView(
        part_id=row.id,
        record_id=row.record_id,
        kind=row.kind,
        revision=row.revision,
        label=label,
        label_id=row.label_id,
        kinds=kinds,
        values=_values(row, label, store),
        sealed=row.sealed_body is not None,
        grading=row.grading,
        assertion=row.assertion,
        created_at=row.created_at,
        superseded_at=row.superseded_at,
        open_until=min(ends, default=None),
        decision=decision,
        opened=opened,
    )


def _view_lasts(scope: Scope, label: Label, kinds: frozenset[str]) -> bool:
    """Whether the part stays open for `view` without an end that a clause sets."""
    return plan(scope.why(label, kinds, "view").obligations).ends_within is None


def _key_ends(carried: Sequence[PartKey]) -> dict[str, datetime | None]:
    """The last end of the keys of each kind; None for a kind with one that has no end."""
    ends: dict[str, datetime | None] = {}
    for key in carried:
        kind = KEY_KINDS[key.kind]
        known = ends.get(kind, key.valid_until)
        if known is None or key.valid_until is None:
            ends[kind] = None
        else:
            ends[kind] = max(known, key.valid_until)
    return ends


def _mask(carried: Sequence[PartKey]) -> int:
    mask = 0
    for key in carried:
        mask |= 1 << key.kind
    return mask


def _decision(scope: Scope, label: Label, newest: Label, kinds: frozenset[str]) -> Decision:
    """INVARIANT: the database and the policy agree; a row that nothing allows is never shown."""
    decision = scope.why(label, kinds)
    if newest != label and not scope.why(newest, kinds).allowed:
        raise AccordError(phrase("a part came back that its newest label closes"))
    if not decision.allowed:
        raise AccordError(phrase("a part came back that no clause opens"))
    return decision


def _carried_keys(scope: Scope, parts: Sequence[Part]) -> dict[UUID, list[PartKey]]:
    """Return the keys on these parts that this request holds, valid now and not ended for it.

    Access that a clause ends after a time closes the keys given before that end; the policy of
    `part` counts them the same way (records 0006).
    """
    at = now()
    ended = duties.ended(scope, {part.record_id for part in parts})
    names = {part.id: (part.record_id, part.kind) for part in parts}
    held = [h.key for h in scope.standing.held]
    rows = PartKey.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at),
        part_id__in=list(names),
        key__in=held,
        valid_from__lte=at,
    )
    found: dict[UUID, list[PartKey]] = {}
    for row in rows.order_by("id"):
        end = ended.get((*names[row.part_id], row.kind))
        if end is None or row.valid_from > end:
            found.setdefault(row.part_id, []).append(row)
    return found


def _values(row: Part, label: Label, store: KeyStore | None) -> Values:
    if row.sealed_body is None:
        return {name: tuple(values) for name, values in (row.body or {}).items()}
    if store is None:
        return {}
    return sealing.unseal(
        Sealed.from_bytes(bytes(row.sealed_body)),
        owner=row.owner_id,
        part_id=row.id,
        label_hash=label.hash,
        keys=store,
    )
