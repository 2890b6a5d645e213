"""What a copy of a record holds: what is open for `export`, stamped, with what binds its holder.

Pure of input and output: the values come from parts that the sealed standing returned for that
action, so what is not open is not in it, nor that there is more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accord.agreements.plain import obligation_text
from accord.kernel.phrases import headed
from accord.records.ontology import Schema, common_ontology
from accord.records.queries.records import PartView, RecordView
from accord.web.filters import words
from accord.web.handling import HANDLING_CODES, Handling

FORMAT = "accord-record-copy/1"
FORMATS = ("html", "json")


@dataclass(frozen=True, slots=True)
class Taker:
    """Who takes the copy, why, and the ledger entry that says so."""

    name: str
    agency: str
    purpose: str
    legal_basis: str
    case_number: str | None
    at: datetime
    entry_id: UUID

    @property
    def watermark(self) -> str:
        case = self.case_number or "no case"
        day = self.at.strftime("%Y-%m-%d %H:%M UTC")
        return " · ".join((self.name, self.agency, words(self.purpose), case, day))


@dataclass(frozen=True, slots=True)
class CopyPart:
    """One part of the copy, with the clauses that let it be taken."""

    kind: str
    values: tuple[tuple[str, str, tuple[str, ...]], ...]
    """(name, label, values)"""
    sensitivity: str
    handling: str
    assertion: str
    recorded_at: datetime
    citations: tuple[str, ...]
    prose: str
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A record as it leaves the node."""

    record_id: UUID
    title: str
    schema: str
    owner: str
    source: str
    revision: int
    occurred_at: datetime | None
    handling: Handling
    taker: Taker
    parts: tuple[CopyPart, ...]
    ends_at: datetime | None

    @property
    def stamp(self) -> str:
        """The handling mark in words, for the head and foot of every page."""
        return stamp_of(self.handling)

    @property
    def duties(self) -> tuple[str, ...]:
        """What binds whoever holds the copy, each once."""
        meanings = [HANDLING_CODES[c].meaning for c in self.handling.codes]
        asked = [said for part in self.parts for said in part.duties]
        return tuple(dict.fromkeys([*meanings, *asked]))


def stamp_of(handling: Handling) -> str:
    """A handling mark in words."""
    codes = [f"{c} {HANDLING_CODES[c].title}" for c in handling.codes]
    return " · ".join((words(handling.sensitivity), *codes))


def copy_part(schema: Schema, part: PartView, prose: str) -> CopyPart:
    """One visible part as a copy holds it."""
    known = [f for f in schema.in_part(part.kind) if part.values.get(f.name)]
    return CopyPart(
        kind=part.kind,
        values=tuple((f.name, f.label, tuple(part.values[f.name])) for f in known),
        sensitivity=part.label.sensitivity,
        handling=part.label.handling,
        assertion=part.assertion,
        recorded_at=part.created_at,
        citations=tuple(str(c) for c in part.decision.citations),
        prose=prose,
        duties=tuple(_sentence(obligation_text(o)) for o in part.decision.obligations),
    )


def _sentence(text: str) -> str:
    return headed(text)


def make_copy(
    record: RecordView,
    parts: Iterable[CopyPart],
    taker: Taker,
    *,
    title: str,
    owner: str,
    handling: Handling,
    ends_at: datetime | None,
) -> Copy:
    """Join what is open of one record to a copy."""
    return Copy(
        record_id=record.record_id,
        title=title,
        schema=common_ontology().schema(record.schema).label,
        owner=owner,
        source=f"{record.source_system} {record.source_ref}",
        revision=record.revision,
        occurred_at=record.occurred_at,
        handling=handling,
        taker=taker,
        parts=tuple(parts),
        ends_at=ends_at,
    )


def as_json(copy: Copy) -> bytes:
    """The copy for a program: the same content and stamps as the one for people."""
    facts: dict[str, Any] = {
        "format": FORMAT,
        "handling": {
            "stamp": copy.stamp,
            "sensitivity": copy.handling.sensitivity,
            "codes": list(copy.handling.codes),
        },
        "watermark": copy.taker.watermark,
        "ledger_entry": str(copy.taker.entry_id),
        "taken": {
            "by": copy.taker.name,
            "agency": copy.taker.agency,
            "at": copy.taker.at.isoformat(),
            "purpose": copy.taker.purpose,
            "legal_basis": copy.taker.legal_basis,
            "case": copy.taker.case_number,
        },
        "destroy_or_return_by": copy.ends_at.isoformat() if copy.ends_at else None,
        "duties": list(copy.duties),
        "record": {
            "id": str(copy.record_id),
            "schema": copy.schema,
            "title": copy.title,
            "owner": copy.owner,
            "source": copy.source,
            "revision": copy.revision,
            "occurred_at": copy.occurred_at.isoformat() if copy.occurred_at else None,
        },
        "parts": [
            {
                "kind": part.kind,
                "values": {name: list(found) for name, _, found in part.values},
                "sensitivity": part.sensitivity,
                "handling": part.handling,
                "assertion": part.assertion,
                "recorded_at": part.recorded_at.isoformat(),
                "under": list(part.citations),
                "clause": part.prose,
                "duties": list(part.duties),
            }
            for part in copy.parts
        ],
    }
    return (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode()
