"""What was read of an exhibit's file, as the encrypted object that is kept beside it.

What stands here came out of the file, so all of it is shown as text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from accord.evidence.reading.kinds import KINDS, Kind
from accord.evidence.reading.results import (
    Attachment,
    Fact,
    Lack,
    Note,
    Passage,
    Reading,
    Use,
)

FORMAT = "accord-reading/1"


@dataclass(frozen=True, slots=True)
class Picture:
    """A preview as it is kept: `number` names its stored object, `of` the page or frame, from 1."""

    number: int
    use: Use
    of: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Played:
    """A preview to listen to or watch: `number` names its stored object, as a picture's does."""

    number: int
    media_type: str
    width_px: int
    height_px: int
    length_ms: int
    """How much of the beginning it holds."""

    @property
    def is_film(self) -> bool:
        """Whether there is something to see."""
        return self.media_type.startswith("video/")


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a reading says beside its row."""

    passages: tuple[Passage, ...] = ()
    facts: tuple[Fact, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[Note, ...] = ()
    pictures: tuple[Picture, ...] = ()
    played: tuple[Played, ...] = ()
    detail: str = ""
    """What the reader noted where it set the file apart."""

    @property
    def pages(self) -> tuple[Picture, ...]:
        """Those that show a page or the whole picture: areas of a redaction lie on them."""
        return tuple(p for p in self.pictures if p.use is Use.PAGE)


def kept_of(reading: Reading) -> Kept:
    """What is kept of a reading; previews are numbered from 0 in their order, without the thumbnail."""
    shown = [p for p in reading.previews if p.use is not Use.THUMBNAIL]
    return Kept(
        passages=reading.passages,
        facts=reading.facts,
        attachments=reading.attachments,
        notes=reading.notes,
        pictures=tuple(
            Picture(n, p.use, p.number, p.width_px, p.height_px)
            for n, p in enumerate(shown)
            if p.use is not Use.PLAYED
        ),
        played=tuple(
            Played(n, p.media_type, p.width_px, p.height_px, p.length_ms)
            for n, p in enumerate(shown)
            if p.use is Use.PLAYED
        ),
        detail=reading.quarantine.detail if reading.quarantine else "",
    )


def to_bytes(kept: Kept) -> bytes:
    """The stored form. Half a character, which no text may hold, becomes the mark of a lost one."""
    said = {
        "format": FORMAT,
        "passages": [[p.place, p.text] for p in kept.passages],
        "facts": [[f.name, f.value] for f in kept.facts],
        "attachments": [
            [a.number, a.name, a.kind.name, a.size_bytes, a.sha256] for a in kept.attachments
        ],
        "notes": [[str(n.lack), n.detail] for n in kept.notes],
        "pictures": [[p.number, str(p.use), p.of, p.width_px, p.height_px] for p in kept.pictures],
        "played": [
            [p.number, p.media_type, p.width_px, p.height_px, p.length_ms] for p in kept.played
        ],
        "detail": kept.detail,
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def from_bytes(content: bytes) -> Kept:
    """What `to_bytes` wrote; raises ValueError for any other form."""
    said = json.loads(content)
    if said.get("format") != FORMAT:
        raise ValueError("a reading of no known form")
    return Kept(
        passages=tuple(Passage(*p) for p in said["passages"]),
        facts=tuple(Fact(*f) for f in said["facts"]),
        attachments=tuple(
            Attachment(number, name, _kind(kind), size, sha256)
            for number, name, kind, size, sha256 in said["attachments"]
        ),
        notes=tuple(Note(Lack(lack), detail) for lack, detail in said["notes"]),
        pictures=tuple(
            Picture(number, Use(use), of, width, height)
            for number, use, of, width, height in said["pictures"]
        ),
        played=tuple(Played(*p) for p in said.get("played", ())),  # older readings have none
        detail=said["detail"],
    )


def _kind(name: str) -> Kind:
    return KINDS.get(name, KINDS["unknown"])
