"""What an exhibit's record says: from how it was collected, what it is, and what its file is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any

from accord.evidence.domain import (
    SCHEMA,
    SOURCE_SYSTEM,
    About,
    Basis,
    Collection,
    Hashes,
)
from accord.evidence.reading.oneline import written_out
from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.domain import RecordDraft
from accord.records.intake.drafting import Intake, RawRecord, RawValue, Rejected, draft_record
from accord.records.ontology import common_ontology

Values = Mapping[str, str | None]
LABEL = ("sensitivity", "handling", "offence", "minor", "sealed")


def of_collection(collection: Collection) -> Values:
    """The properties that say how it was collected."""
    at = collection.collected_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return {
        "collectedAt": at.isoformat() + "Z",
        "collectedZone": collection.zone,
        "collectedBy": collection.collected_by,
        "collectedFrom": collection.collected_from,
        "address": collection.place,
        "tool": collection.tool,
        "toolVersion": collection.tool_version,
        "legalBasis": collection.basis.value,
        "basisReference": collection.reference,
        "issuingAuthority": collection.authority,
        "documentExhibit": collection.document,
    }


def of_file(file_name: str, media_type: str, size_bytes: int, hashes: Hashes) -> Values:
    """The properties that say what the file is.

    A record takes no text that turns on its reader. The name of a file is evidence all the same, so
    such a character is written out.
    """
    return {
        "fileName": written_out(file_name),
        "mediaType": media_type,
        "fileSize": str(size_bytes),
        "contentHash": hashes.sha256,
        "contentHash512": hashes.sha512,
    }


def of_about(about: About, number: str, case_number: str) -> Values:
    """The properties that say what it is."""
    return {
        "exhibitNumber": number,
        "caseNumber": case_number,
        "exhibitKind": about.kind,
        "description": about.description,
    }


def label_of(about: About, basis: Basis) -> dict[str, object]:
    """What the form says of the labels of all parts."""
    facts: dict[str, object] = {name: getattr(about, name) for name in LABEL}
    return facts | {"subjects": sorted(about.subjects), "basis": basis.value}


def draft(
    owner: str, country: str, number: str, values: Values, label: Mapping[str, object], on: date
) -> RecordDraft:
    """The cleaned and labelled record; raises InvalidInput with every fault."""
    return _draft(
        owner,
        country,
        number,
        {name: (text,) for name, text in values.items() if text and text.strip()},
        label,
        {},
        on,
    )


def redraft(
    owner: str,
    country: str,
    number: str,
    values: Mapping[str, tuple[str, ...]],
    part_labels: Mapping[str, Mapping[str, Any]],
    on: date,
) -> RecordDraft:
    """The record of an exhibit that stands, with some values changed; each part keeps its label."""
    return _draft(owner, country, number, values, {}, part_labels, on)


def _draft(
    owner: str,
    country: str,
    number: str,
    values: Mapping[str, tuple[str, ...]],
    label: Mapping[str, object],
    part_labels: Mapping[str, Mapping[str, Any]],
    on: date,
) -> RecordDraft:
    raw = RawRecord(
        schema=common_ontology().schema(SCHEMA),
        source_system=SOURCE_SYSTEM,
        source_ref=number,
        label=label,
        part_labels=part_labels,
        values={n: [RawValue(text, n) for text in texts] for n, texts in values.items()},
    )
    intake = Intake(owner, common_ontology(), Vocabulary.load(NEWEST), on, country, by_node=True)
    try:
        return draft_record(raw, intake)
    except Rejected as rejected:
        faults = [InvalidInput("exhibit", None, p.field, p.reason) for p in rejected.problems]
        raise_all(faults)
        raise
