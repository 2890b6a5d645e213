"""Rows of records on their way into the database, a batch at a time. Private to the actions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agreements import queries as agreements
from accord.kernel.canonical import sorted_json
from accord.kernel.clock import now
from accord.kernel.labels import Label
from accord.records import sealing
from accord.records.dates import earliest
from accord.records.domain import PartDraft, RecordDraft
from accord.records.nodekeys import keys
from accord.records.ontology import Schema, common_ontology
from accord.records.retention import class_of
from accord.records.terms import Terms, open_terms, sealed_terms

RECORDS = """
insert into record (id, owner_id, source_system, source_ref, schema, revision, content_hash,
                    occurred_at, created_at, updated_at, intelligence, suspicion_stated,
                    retain_until, legal_hold, retention_class, review_on)
select id, owner, system, ref, schema, 1, hash, occurred, created, created, intel, stated, retain,
       false, class, review
  from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[],
              %s::timestamptz[], %s::timestamptz[], %s::boolean[], %s::boolean[], %s::date[],
              %s::text[], %s::date[])
       as u(id, owner, system, ref, schema, hash, occurred, created, intel, stated, retain, class,
            review)
"""
PARTS = """
insert into part (id, record_id, owner_id, revision, kind, label_id, newest_label_id, body,
                  sealed_body, grading, assertion, created_at)
select id, record, owner, revision, kind, label, label, body::jsonb, sealed, grading::jsonb,
       assertion, created
  from unnest(%s::uuid[], %s::uuid[], %s::text[], %s::integer[], %s::text[], %s::integer[],
              %s::text[], %s::bytea[], %s::text[], %s::text[], %s::timestamptz[])
       as u(id, record, owner, revision, kind, label, body, sealed, grading, assertion, created)
"""
NAMES = """
insert into search_name (part_id, owner_id, name, phonetic)
select part, owner, name, string_to_array(phonetic, ' ')
  from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) as u(part, owner, name, phonetic)
"""
EXACT = """
insert into search_exact (part_id, owner_id, kind, term)
select * from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[])
"""
TEXTS = """
insert into search_text (part_id, owner_id, body)
select part, owner, to_tsvector('simple', text)
  from unnest(%s::uuid[], %s::text[], %s::text[]) as u(part, owner, text)
"""
SUPERSEDE = """
select accord.supersede(%s::uuid[], %s::bytea[], %s::timestamptz[], %s::date[], %s::boolean[],
                        %s::boolean[], %s::timestamptz, %s::uuid[], %s::uuid[])
"""
OWN_SOURCES = "select * from accord.own_sources(%s, %s::text[])"


@dataclass(frozen=True, slots=True)
class Existing:
    """An own record with its current parts, as the definer function tells it."""

    source_ref: str
    record_id: UUID
    revision: int
    content_hash: bytes
    created_at: datetime
    legal_hold: bool
    parts: Mapping[str, tuple[UUID, int]]
    """Kind to (part, label number)."""


def own_sources(system: str, refs: Sequence[str]) -> list[Existing]:
    """Return the own records of one source with these references."""
    with connection.cursor() as cursor:
        cursor.execute(OWN_SOURCES, [system, list(refs)])
        return [
            Existing(
                source_ref=row[0],
                record_id=row[1],
                revision=row[2],
                content_hash=bytes(row[3]),
                created_at=row[4],
                legal_hold=row[5],
                parts=dict(zip(row[7], zip(row[6], row[8], strict=True), strict=True)),
            )
            for row in cursor.fetchall()
        ]


@dataclass(frozen=True)
class Superseding:
    """What accord.supersede is told of one record; no hash keeps the record's own columns."""

    record_id: UUID
    content_hash: bytes | None
    occurred_at: datetime | None
    retain_until: date | None
    intelligence: bool | None
    suspicion_stated: bool | None


@dataclass
class Batch:
    """Rows collected for one round of inserts."""

    numbers: Mapping[Label, int]
    collected_at: datetime
    new_id: Callable[[RecordDraft, str | None, int], UUID]
    records: list[tuple[Any, ...]] = field(default_factory=list)
    parts: list[tuple[Any, ...]] = field(default_factory=list)
    names: list[tuple[Any, ...]] = field(default_factory=list)
    exact: list[tuple[Any, ...]] = field(default_factory=list)
    texts: list[tuple[Any, ...]] = field(default_factory=list)
    superseding: list[Superseding] = field(default_factory=list)
    old_parts: list[UUID] = field(default_factory=list)
    keeping: list[UUID] = field(default_factory=list)
    to_seal: list[tuple[UUID, str]] = field(default_factory=list)
    _labels: dict[int, Label] = field(default_factory=dict)
    _same: dict[Label, Label] = field(default_factory=dict)

    def _known(self, label: Label) -> Label:
        """The one of many equal labels whose hash was worked out when it was numbered."""
        if not self._same:
            self._same.update((known, known) for known in self.numbers)
        return self._same[label]

    def label(self, number: int) -> Label:
        """The label with this number, asked for once a batch."""
        if number not in self._labels:
            self._labels[number] = agreements.label(number)
        return self._labels[number]

    def add_record(self, draft: RecordDraft, content: bytes) -> UUID:
        """Collect a new record and its parts; returns its id."""
        record_id, kept = self.new_id(draft, None, 1), class_of(draft)
        collected = self.collected_at.date()
        self.records.append(
            (
                record_id,
                draft.owner,
                draft.source_system,
                draft.source_ref,
                draft.schema,
                content,
                occurred_at(draft),
                self.collected_at,
                draft.intelligence,
                bool(draft.basis_of_suspicion),
                draft.retain_until or kept.purge_on(collected),
                kept.id,
                kept.review_on(collected),
            )
        )
        for part in draft.parts:
            self.add_part(draft, part, record_id, 1)
        return record_id

    def add_part(self, draft: RecordDraft, part: PartDraft, record_id: UUID, revision: int) -> UUID:
        """Collect one part of a draft and what it is found by; returns its id."""
        part_id = self.new_id(draft, part.part, revision)
        grading = json.dumps(draft.grading.facts()) if draft.grading else None
        self.add_part_row(
            part, part_id, record_id, revision, grading=grading, assertion=draft.assertion.value
        )
        return part_id

    def add_part_row(
        self,
        part: PartDraft,
        part_id: UUID,
        record_id: UUID,
        revision: int,
        *,
        grading: str | None,
        assertion: str,
    ) -> None:
        """Collect one part under a given id, sealed where its label says so."""
        owner, schema = part.label.owner, _schema(part.label.schema)
        if part.sealed:
            terms = sealed_terms(keys().token_key(), owner, schema, part.values)
            body, sealed = None, seal(part.values, self._known(part.label), part_id)
        else:
            terms = open_terms(schema, part.values)
            body, sealed = sorted_json(dict(part.values)).decode(), None
        number = self.numbers[part.label]
        self.parts.append(
            (
                part_id,
                record_id,
                owner,
                revision,
                part.part,
                number,
                body,
                sealed,
                grading,
                assertion,
                self.collected_at,
            )
        )
        self._add_terms(part_id, owner, terms)

    def _add_terms(self, part_id: UUID, owner: str, terms: Terms) -> None:
        self.names += [(part_id, owner, name, " ".join(p)) for name, p in terms.names]
        self.exact += [(part_id, owner, kind, term) for kind, term in sorted(terms.exact)]
        if terms.text:
            self.texts.append((part_id, owner, terms.text))

    def flush(self) -> None:
        """Write everything collected, in the order that foreign keys ask for."""
        with connection.cursor() as cursor:
            for statement, rows in (
                (RECORDS, self.records),
                (PARTS, self.parts),
                (NAMES, self.names),
                (EXACT, self.exact),
                (TEXTS, self.texts),
            ):
                if rows:
                    cursor.execute(statement, columns(rows))
                    rows.clear()
        if self.superseding:
            self._supersede()

    def _supersede(self) -> None:
        rows = [astuple(one) for one in self.superseding]
        with connection.cursor() as cursor:
            cursor.execute(SUPERSEDE, [*columns(rows), now(), self.old_parts, self.keeping])
        seal_older(self.to_seal)
        for spent in (self.superseding, self.old_parts, self.keeping, self.to_seal):
            spent.clear()


def columns(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    """Rows turned into one array a column, as unnest takes them; each is one parameter, cast there."""
    return [array(column) for column in zip(*rows, strict=True)]


def array(values: Iterable[Any]) -> str:
    """PostgreSQL's own text of an array: written at once, where the driver writes item by item."""
    return "{" + ",".join([_WRITERS.get(type(value), _quoted)(value) for value in values]) + "}"


def _quoted(value: Any) -> str:
    """Any value by its text; the characters that end an item or escape are escaped."""
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


_WRITERS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "NULL",
    bytes: lambda value: f'"\\\\x{value.hex()}"',
    UUID: str,
    int: str,
    bool: str,
}


def occurred_at(draft: RecordDraft) -> datetime | None:
    """The instant that a record is sorted by."""
    return earliest(draft.occurred_at) if draft.occurred_at else None


def _schema(name: str) -> Schema:
    return common_ontology().schema(name)


def seal(values: Mapping[str, Sequence[str]], label: Label, part_id: UUID) -> bytes:
    """The encrypted body of one part, bound to its id and its label."""
    return sealing.seal(
        values, owner=label.owner, part_id=part_id, label_hash=label.hash, keys=keys()
    ).to_bytes()


def seal_older(kinds: Sequence[tuple[UUID, str]]) -> None:
    """Encrypt the superseded parts of these (record, kind) that still stand in clear."""
    if not kinds:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select part_id, label_id, body from accord.bodies_in_clear(%s::uuid[], %s::text[])",
            columns(kinds),
        )
        found = cursor.fetchall()
        if found:
            sealed = [
                seal(_body(body), agreements.label(number), part) for part, number, body in found
            ]
            cursor.execute(
                "select accord.seal_bodies(%s::uuid[], %s::bytea[])",
                [[row[0] for row in found], sealed],
            )


def _body(stored: Any) -> Mapping[str, Sequence[str]]:
    body: Mapping[str, Sequence[str]] = json.loads(stored) if isinstance(stored, str) else stored
    return body
