"""What was read of exhibits, over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_context
from accord.agreements.tokenscope import needs
from accord.evidence.actions import readings as reading_actions
from accord.evidence.domain import ReadingState
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries import readings
from accord.evidence.queries.readings import ReadingView
from accord.evidence.reading.results import Use
from accord.evidence.readingfile import Kept
from accord.evidence.readingscreen import find, is_closed
from accord.evidence.views_reading import opened, preview_response
from accord.kernel.errors import NotFound
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["exhibits"])


class ToolOut(Schema):
    """A program or library that took part."""

    name: str = Field(examples=["pillow"])
    version: str = Field(examples=["11.3.0"])


class FactOut(Schema):
    """What the file says of itself: a claim, not a finding."""

    name: str = Field(examples=["camera"])
    value: str = Field(examples=["Body-worn camera 3.1"])


class PictureOut(Schema):
    """A preview: its bytes are at `previews/{picture}`, by its number, whole or by range."""

    number: int = Field(examples=[0])
    use: str = Field(
        description="`page`, `frame`, `waveform`; `played` is to be listened to or watched.",
        examples=["page"],
    )
    media_type: str = Field(
        description="`image/webp`, `audio/ogg`, `video/webm`.", examples=["image/webp"]
    )
    of: int = Field(description="Of the page or picture, from 1.", examples=[1])
    width: int = Field(description="Pixels; 0 of sound, as is the height.", examples=[1400])
    height: int = Field(examples=[990])
    length_ms: int | None = Field(
        description="How much of the beginning is played.", examples=[None]
    )


class InsideOut(Schema):
    """A file inside the file, by the number under which it can be extracted."""

    number: int = Field(examples=[1])
    name: str = Field(examples=["rooms.txt"])
    kind: str = Field(examples=["text"])
    size: int = Field(description="Bytes.", examples=[12])
    sha256: str = Field(
        examples=["4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"]
    )


class ReadingNote(Schema):
    """What was left out of a reading, or is worth a look."""

    lack: str = Field(examples=["no-tesseract"])
    sentence: str = Field(examples=["Text in pictures was not read."])
    detail: str = Field(examples=[""])


class ReadingOut(Schema):
    """How far the reading of a file has come, and what was learned."""

    state: ReadingState
    asked_at: datetime
    done_at: datetime | None
    kind: str | None = Field(description="By content.", examples=["png"])
    reason: str | None = Field(
        description="Why it was set apart, or why the last try failed.", examples=[None]
    )
    sentence: str | None = Field(examples=[None])
    readings: int = Field(description="How often it was read to an end.", examples=[1])
    lost: int = Field(
        description="How often the worker ended while it was at it; three times at most.",
        examples=[0],
    )
    tools: list[ToolOut]
    facts: list[FactOut]
    notes: list[ReadingNote]
    previews: list[PictureOut]
    inside: list[InsideOut]


class PassageOut(Schema):
    """A piece of text and where it stands."""

    place: str = Field(examples=["page 3"])
    text: str = Field(examples=["Room nine is paid until Friday."])


@router.get(
    "/exhibits/{uuid:record_id}/reading", response=ReadingOut, summary="What was read of its file"
)
@api_context
def one_reading(request: Any, record_id: UUID) -> Any:
    """Its kind, what it says of itself, previews, files inside; the text is apart.

    Not found where the file is not open to you, or nobody asked for a reading. Of a sealed file this,
    its text and its previews ask for a proof of the last ten minutes.
    """
    opened(request.scope, record_id)
    return _reading(record_id)


@router.post(
    "/exhibits/{uuid:record_id}/reading", response={202: ReadingOut}, summary="Have its file read"
)
@api_context
@needs("contribute")
def read_again(request: Any, record_id: UUID) -> Any:
    """Of your own exhibit, again where it was read: after tesseract was installed, say.

    What is known of it so far comes along, unless it is sealed and your proof is an old one.
    """
    reading_actions.ask(request.scope, record_id)
    closed = is_closed(request.scope, queries.exhibit(request.scope, record_id))
    found = readings.reading(record_id)
    kept = Kept() if closed else readings.kept_or_lost(record_id)[0]
    if found is None:
        raise NotFound("Its file was not read.")
    return Status(202, _of(found, kept))


@router.get(
    "/exhibits/{uuid:record_id}/text", response=Page[PassageOut], summary="Text in its file"
)
@api_context
def text(
    request: Any,
    record_id: UUID,
    find_text: str = "",
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """By page, sheet or message; with `find_text` the places where that stands, whatever its case."""
    opened(request.scope, record_id)
    kept = readings.kept(record_id)
    asked = find_text.strip()
    listed = (
        [(hit.place, f"{hit.before}{hit.found}{hit.after}") for hit in find(kept, asked)]
        if asked
        else [(passage.place, passage.text) for passage in kept.passages]
    )
    numbered = list(enumerate(listed))
    shown, following = page_of(numbered, after, limit, lambda one: str(one[0]))
    return {"items": [{"place": p, "text": t} for _, (p, t) in shown], "next": following}


@router.get(
    "/exhibits/{uuid:record_id}/previews/{picture}",
    response={200: None, 206: None, 416: None},
    summary="A preview (WebP, Ogg, WebM)",
)
@api_context
def preview(request: Any, record_id: UUID, picture: int) -> HttpResponse:
    """A picture drawn or a stretch encoded anew from the file; no byte of the file itself.

    One range of bytes may be asked for.
    """
    opened(request.scope, record_id)
    return preview_response(request, record_id, picture)


def _reading(record_id: UUID) -> dict[str, Any]:
    found = readings.reading(record_id)
    if found is None:
        raise NotFound("Its file was not read.")
    return _of(found, readings.kept(record_id))


def _previews(kept: Kept) -> list[dict[str, Any]]:
    drawn = [
        {
            "number": p.number,
            "use": p.use,
            "media_type": "image/webp",
            "of": p.of,
            "width": p.width_px,
            "height": p.height_px,
            "length_ms": None,
        }
        for p in kept.pictures
    ]
    played = [
        {
            "number": p.number,
            "use": Use.PLAYED,
            "media_type": p.media_type,
            "of": 1,
            "width": p.width_px,
            "height": p.height_px,
            "length_ms": p.length_ms,
        }
        for p in kept.played
    ]
    return drawn + played


def _of(found: ReadingView, kept: Kept) -> dict[str, Any]:
    refusal = found.refusal
    return {
        "state": found.state,
        "asked_at": found.asked_at,
        "done_at": found.done_at,
        "kind": found.kind.name if found.kind else None,
        "reason": refusal.reason if refusal else None,
        "sentence": refusal.sentence if refusal else None,
        "readings": found.reading,
        "lost": found.lost,
        "tools": [{"name": t.name, "version": t.version} for t in found.tools],
        "facts": [{"name": f.name, "value": f.value} for f in kept.facts],
        "notes": [{"lack": n.lack, "sentence": n.sentence, "detail": n.detail} for n in kept.notes],
        "previews": _previews(kept),
        "inside": [
            {
                "number": a.number,
                "name": a.name,
                "kind": a.kind.name,
                "size": a.size_bytes,
                "sha256": a.sha256,
            }
            for a in kept.attachments
        ],
    }
