"""Take the file of an exhibit out of the node: a disclosure, listed and logged like every copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from accord.agreements.scope import Scope
from accord.evidence.domain import CONTENT_PART
from accord.evidence.files import FileReader, Sink
from accord.evidence.queries import exhibits as queries
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.records.actions.exports import Draw, export_file
from accord.records.copies import Copy
from accord.records.sealing import CannotOpen

FORMS = ("zip", "file")
"""With the sheet that stamps it, or the bytes alone, as they came."""


@dataclass(frozen=True)
class TakenFile:
    """An exhibit's file on its way out, and the sheet that goes with it."""

    number: str
    file_name: str
    media_type: str
    sheet: Copy
    reader: FileReader
    sha256: str | None

    def chunks(self) -> Iterator[bytes]:
        """The bytes as they are read; the last ones leave once all are what was recorded.

        A stored file is bound to its key, its place and its case, and to its exhibit by this alone.
        Raises CannotOpen.
        """
        digest, held = hashlib.sha256(), b""
        for piece in self.reader.chunks():
            digest.update(piece)
            if held:
                yield held
            held = piece
        if self.sha256 is not None and digest.hexdigest() != self.sha256:
            raise CannotOpen("The stored file is another than was recorded: its SHA-256 differs.")
        yield held


def take_file(scope: Scope, record_id: UUID, form: str, names: Mapping[str, str]) -> TakenFile:
    """Return the file of an exhibit under `export`; its bytes are read after this transaction.

    Raises NotFound, NotAllowed where no clause lets the actor take it, InvalidInput, CannotOpen.
    """
    if form not in FORMS:
        rule = phrase("must be %(formats)s", formats=" or ".join(FORMS))
        raise InvalidInput("exhibit", None, "format", rule)
    queries.exhibit(scope, record_id)
    sheet = export_file(scope, record_id, form, CONTENT_PART, names)
    seen = queries.exhibit(scope, record_id)
    return TakenFile(
        number=seen.exhibit.number,
        file_name=seen.exhibit.file_name or "file",
        media_type=seen.exhibit.media_type or "application/octet-stream",
        sheet=sheet,
        reader=queries.reader(seen.file().id),
        sha256=seen.exhibit.hashes.sha256 if seen.exhibit.hashes else None,
    )


def as_zip(taken: TakenFile, draw: Draw) -> Iterator[bytes]:
    """The file and its sheet in one ZIP (stored, not compressed), as it is read."""
    sink = Sink()
    at = taken.sheet.taker.at.timetuple()[:6]
    with ZipFile(sink, "w", ZIP_STORED) as archive:
        archive.writestr(ZipInfo("accord-sheet.html", at), draw(taken.sheet))
        with archive.open(ZipInfo(_inside(taken.file_name), at), "w", force_zip64=True) as entry:
            for piece in taken.chunks():
                entry.write(piece)
                yield sink.taken()
    yield sink.taken()


def _inside(file_name: str) -> str:
    """The name of the file within the ZIP: no path, whatever its sender called it."""
    plain = file_name.replace("\\", "/").rsplit("/", 1)[-1].strip(". ")
    return plain if plain and plain != "accord-sheet.html" else "exhibit.bin"
