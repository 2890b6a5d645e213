"""How exhibits read on screen: rows, sizes, states of uploads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accord.agreements.scope import Scope
from accord.evidence.domain import Basis, Followed, Upload, UploadState
from accord.evidence.queries.exhibits import Seen
from accord.kernel.phrases import Phrase, phrase, thousands
from accord.records.dates import earliest
from accord.web.components import Chip, Code, Column, Moment, Number, Thumbnail
from accord.web.filters import listing, words

COLUMNS = (
    Column("number", phrase("Exhibit")),
    Column("picture", phrase("Picture"), narrow=False),
    Column("what", phrase("What it is")),
    Column("from_where", phrase("From where"), narrow=False),
    Column("collected", phrase("Collected"), narrow=False),
    Column("owner", phrase("Held by"), narrow=False),
    Column("state", phrase("Legal basis")),
    Column("size", phrase("Size"), align="end", narrow=False),
    Column("hash", phrase("SHA-256"), align="end", narrow=False),
)
UNITS = ("bytes", "kB", "MB", "GB", "TB")


def size(count: int) -> str:
    """A number of bytes as people say it, in powers of 1,000: `2.1 GB`."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    if count == 1:
        return "1 byte"
    return f"{count} bytes" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def basis_chip(basis: Basis) -> Chip:
    """On which ground it was collected; what has none stands out."""
    if basis is Basis.UNRECORDED:
        return Chip(phrase("Not recorded"), "warn", phrase("Nobody else may have it until it is"))
    return Chip(words(basis.value), "good")


def row(
    scope: Scope, seen: Seen, names: Mapping[str, str], picture: Thumbnail | str = "–"
) -> dict[str, Any]:
    """One exhibit as a row of the table; a dash where a part is not open."""
    found, zone = seen.exhibit, scope.actor.zone
    return {
        "href": f"{scope.context.path}/exhibits/{found.record_id}",
        "number": Number(found.number),
        "picture": picture,
        "what": what(found.kind, found.description),
        "from_where": found.place or "–",
        "collected": _collected(found.collected_at, zone),
        "owner": names.get(found.owner, found.owner),
        "state": basis_chip(found.basis),
        "size": "–" if found.size_bytes is None else size(found.size_bytes),
        "hash": "–" if found.hashes is None else Code(found.hashes.short),
    }


def _collected(said: str | None, zone: str) -> str | Moment:
    """When, in the viewer's zone; a record from elsewhere may know the day alone."""
    if said is None:
        return "–"
    return Moment(earliest(said), zone) if "T" in said else said


def what(kind: str, said: str | None) -> str:
    """What kind of exhibit it is, with the beginning of its description where that is open."""
    if not said:
        return words(kind)
    short = said if len(said) <= 80 else said[:79] + "…"
    return phrase("%(kind)s: %(said)s", kind=words(kind), said=short)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An upload of the member's own as the page lists it."""

    id: UUID
    name: str
    received: int
    total: int
    size: str
    state: UploadState
    said: str
    short_hash: str | None


SAYS = {
    UploadState.RECEIVING: phrase("Choose the same file again to go on"),
    UploadState.HASHING: phrase("Here; it is being hashed"),
    UploadState.COMPLETE: phrase("Here and hashed: say what it is"),
    UploadState.FAILED: phrase("What arrived is not what was sent; discard it and send it again"),
}


def waiting(upload: Upload) -> Waiting:
    """How an upload stands, in words."""
    return Waiting(
        id=upload.id,
        name=upload.file_name,
        received=upload.received_bytes,
        total=upload.size_bytes,
        size=size(upload.size_bytes),
        state=upload.state,
        said=SAYS[upload.state],
        short_hash=upload.hashes.short if upload.hashes else None,
    )


def exact(count: int) -> str:
    """A number of bytes to the last one."""
    return phrase("%(count)s bytes", count=thousands(count))


def said_of_ground(basis: Basis, followed: Followed) -> Phrase:
    """What became of the exhibit and of what was made of it."""
    if basis is not Basis.UNRECORDED:
        return phrase("The legal basis is recorded.")
    said = phrase("It stands on no recorded basis now.")
    if followed.lost:
        said += phrase(
            " Made of it, and without a basis now too: %(which)s.", which=listing(followed.lost)
        )
    if followed.kept:
        said += phrase(
            " Made of it, and not yours to revise: %(which)s. They keep their basis until a colleague "
            "who may read all of them takes it from them.",
            which=listing(followed.kept),
        )
    return said
