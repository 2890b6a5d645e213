"""Exhibits, how they were collected, their files and uploads, as the rest of the house reads them.

An exhibit is a record of schema `Exhibit` (docs/decisions/0024). What stands here names its parts'
properties, and what hangs on the record beside it: a number, a stored file, an upload.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from accord.kernel.phrases import phrase

SCHEMA = "Exhibit"
SOURCE_SYSTEM = "accord-evidence"
CONTENT_PART = "attachment"
"""The part that says what the file is; who may read it may have the file."""

KINDS = (
    "image", "video", "audio", "document", "disk-image", "mobile-extraction", "message-export",
    "log", "legal-document", "other",
)  # fmt: skip
"""Kinds of exhibit, after the facets of CASE/UCO that practice meets most."""


class Basis(StrEnum):
    """On which ground it was collected: the words of the label's dimension `basis`."""

    WARRANT = "warrant"
    COURT_ORDER = "court-order"
    CONSENT = "consent"
    STATUTE = "statute"
    EXIGENCY = "exigency"
    OPEN_SOURCE = "open-source"
    PARTNER = "partner"
    TIP = "tip"
    UNRECORDED = "unrecorded"


REFERENCES: Mapping[Basis, str] = {
    Basis.WARRANT: phrase("Number of the warrant"),
    Basis.COURT_ORDER: phrase("Number of the order"),
    Basis.CONSENT: phrase("Who consented, and how it was recorded"),
    Basis.STATUTE: phrase("Section of the statute"),
    Basis.EXIGENCY: phrase("What made it urgent, in one line"),
    Basis.OPEN_SOURCE: phrase("Where it was published"),
    Basis.PARTNER: phrase("Reference of the agency it came from"),
    Basis.TIP: phrase("Reference of the tip"),
}
"""What must be recorded with each basis; without it nothing is shared. `UNRECORDED` has none."""

ISSUED = frozenset({Basis.WARRANT, Basis.COURT_ORDER})
"""Bases that an authority issues, so that its name is recorded too."""


class UploadState(StrEnum):
    """Where a file is on its way in."""

    RECEIVING = "receiving"
    HASHING = "hashing"
    COMPLETE = "complete"
    FAILED = "failed"


UPLOAD_STEPS: Mapping[UploadState, frozenset[UploadState]] = {
    UploadState.RECEIVING: frozenset(
        {UploadState.HASHING, UploadState.COMPLETE, UploadState.FAILED}
    ),
    UploadState.HASHING: frozenset({UploadState.COMPLETE, UploadState.FAILED}),
    UploadState.COMPLETE: frozenset(),
    UploadState.FAILED: frozenset(),
}
"""A complete upload becomes an exhibit's file, and then is none any more; a failed one is swept."""


class ObjectRole(StrEnum):
    """What a stored file is to its exhibit. Everything but the original is made from it."""

    ORIGINAL = "original"
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"
    TEXT = "text"
    """What was read of it, as JSON: passages, facts, parts inside, what each preview is."""


class ReadingState(StrEnum):
    """How far the reading of a file has come."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    APART = "set-apart"


class DerivationState(StrEnum):
    """Where a derivation is that somebody asked for."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


DERIVATION_OVER = frozenset(
    {DerivationState.DONE, DerivationState.REFUSED, DerivationState.CANCELLED}
)


class Refused(StrEnum):
    """Why a derivation was not made, where it is not the file (then it is a `SetAside`)."""

    STANDING = "no-standing"
    CLOSED = "closed"
    CUSTODY = "custody"
    LABELS = "labels"
    LIMIT = "limit"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Hashes:
    """The two digests of a file's clear bytes, in lower-case hexadecimal (FIPS 180-4)."""

    sha256: str
    sha512: str

    @property
    def short(self) -> str:
        """The first twelve digits, for lists."""
        return self.sha256[:12]


@dataclass(frozen=True, slots=True)
class Collection:
    """Who collected it, where, when, with what, and on which ground."""

    collected_at: datetime
    """Aware; `zone` says in which zone it was read off the clock."""
    zone: str
    collected_by: str
    basis: Basis
    reference: str | None = None
    """The number, section or words that `REFERENCES` asks for; None with `UNRECORDED` alone."""
    authority: str | None = None
    document: str | None = None
    """The number of the exhibit that holds the warrant or the signed consent."""
    collected_from: str | None = None
    place: str | None = None
    tool: str | None = None
    tool_version: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What the member says of an exhibit beside how it was collected: becomes parts and label."""

    kind: str
    description: str
    subjects: frozenset[str]
    sensitivity: str = "official"
    handling: str = "none"
    offence: str = "none"
    minor: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """Own exhibits that were made of one whose ground fell away, by number.

    `lost` stood on the same ground and stand on none now. `kept` stand on it still, since the actor may
    not revise them.
    """

    lost: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One stored piece of a file: where its clear bytes begin, how many, and its stored name."""

    at: int
    size: int
    address: str
    """The SHA-256 of the stored bytes, which is their name in the store."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an exhibit as the viewer may have it."""

    id: UUID
    record_id: UUID
    owner: str
    role: ObjectRole
    number: int
    size_bytes: int
    address: str
    """The SHA-256 of the list of segments."""
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in, as its member sees it."""

    id: UUID
    owner: str
    member: str
    file_name: str
    media_type: str
    size_bytes: int
    received_bytes: int
    state: UploadState
    hashes: Hashes | None
    declared_sha256: str | None
    """What the sender worked out; compared when the file is complete."""
    failure: str | None
    created_at: datetime
    expires_at: datetime

    @property
    def percent(self) -> int:
        """How much of it is here, rounded down."""
        return 100 if not self.size_bytes else self.received_bytes * 100 // self.size_bytes


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An exhibit as far as its viewer sees it; None stands for what is not open to them."""

    record_id: UUID
    owner: str
    case_id: UUID
    serial: int
    number: str
    kind: str
    acquired_by: str
    acquired_at: datetime
    basis: Basis
    description: str | None
    collected_at: str | None
    collected_by: str | None
    place: str | None
    file_name: str | None
    media_type: str | None
    size_bytes: int | None
    hashes: Hashes | None


def exhibit_number(case_number: str, agency: str, serial: int) -> str:
    """`HT-2026-014/riverbend-pd/3`: what agencies say to each other must not mean two things."""
    return f"{case_number}/{agency}/{serial}"
