"""Pages of what was read of an exhibit: its text, its pages one by one, the bytes of previews."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import StepUpNeeded, in_context, in_context_covered
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.evidence import readingscreen as screen
from accord.evidence import shown
from accord.evidence.actions import readings as actions
from accord.evidence.domain import CONTENT_PART, ObjectRole
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries import readings
from accord.evidence.queries.exhibits import Seen
from accord.kernel.errors import NotFound
from accord.kernel.phrases import phrase
from accord.platform import ranges
from accord.records import screen as records

BLOCKS_A_PAGE = 4
LONGEST_ASKED = 100
MEDIA_TYPES = {b"RIFF": "image/webp", b"OggS": "audio/ogg", b"\x1a\x45\xdf\xa3": "video/webm"}
"""Of a preview, by its first four bytes: nothing else was kept (accord.evidence.reading.hearing)."""
UNKNOWN_TYPE = "application/octet-stream"
THUMBNAIL_TYPE = "image/webp"
"""Always a picture: a list of many asks for each, and none is opened twice to find that out."""


def opened(scope: Scope, record_id: UUID) -> Seen:
    """An exhibit whose file is open, noted in the scope.

    Raises NotFound, and StepUpNeeded where the file is sealed and the scope does not unseal.
    """
    seen = queries.exhibit(scope, record_id)
    seen.file()  # as a check that it is open
    if screen.is_closed(scope, seen):
        raise StepUpNeeded()
    return seen


def around(scope: Scope, seen: Seen) -> dict[str, Any]:
    """What every page below an exhibit's needs."""
    return {
        "exhibit": seen.exhibit,
        "path": scope.context.path,
        "base": f"{scope.context.path}/exhibits/{seen.exhibit.record_id}",
        "case_number": scope.context.case_number,
        "veiled": screen.is_veiled(seen.record.part(CONTENT_PART)),
        "handling": records.handling([seen.record]),
        "watermark": records.watermark(scope, seen.record),
        "zone": scope.actor.zone,
    }


@in_context
def _text(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    seen = opened(scope, record_id)
    kept = readings.kept(record_id)
    asked = request.GET.get("find", "").strip()[:LONGEST_ASKED]
    blocks = screen.blocks(kept)
    last = max(1, -(-len(blocks) // BLOCKS_A_PAGE))
    at = min(_number(request.GET.get("page", "1")), last)
    context = around(scope, seen) | {
        "asked": asked,
        "hits": screen.find(kept, asked) if asked else [],
        "most_hits": screen.MOST_HITS,
        "blocks": blocks[(at - 1) * BLOCKS_A_PAGE : at * BLOCKS_A_PAGE],
        "at": at,
        "last": last,
    }
    return render(request, "evidence/text.html", context)


def _number(said: str) -> int:
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) < 7 else 1


@in_context
def _page(request: Any, record_id: UUID, picture: int) -> HttpResponseBase:
    scope: Scope = request.scope
    seen = opened(scope, record_id)
    found = screen.pictures(scope, record_id, readings.kept(record_id))
    if picture >= len(found):
        raise NotFound("There is no such preview for you.")
    context = around(scope, seen) | {
        "picture": found[picture],
        "previous": found[picture - 1] if picture else None,
        "following": found[picture + 1] if picture + 1 < len(found) else None,
        "count": len(found),
    }
    return render(request, "evidence/page.html", context)


@in_context
def _read_again(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    actions.ask(scope, record_id)
    request.session["said"] = phrase("The file is read again; this page shows it when it is done.")
    return done(f"{scope.context.path}/exhibits/{record_id}")


# -- bytes -----------------------------------------------------------------------------------------


@in_context
def _logged(request: Any, record_id: UUID, picture: int | None) -> HttpResponseBase:
    """Asked for by itself: a consultation of the exhibit, with its entry."""
    opened(request.scope, record_id)
    return preview_response(request, record_id, picture)


@in_context_covered
def _covered(request: Any, record_id: UUID, picture: int | None) -> HttpResponseBase:
    """Asked for by a page whose entry covers it; the rows are judged by the standing now."""
    return preview_response(request, record_id, picture)


def preview_response(request: HttpRequest, record_id: UUID, picture: int | None) -> HttpResponse:
    """The bytes of a preview, or of the thumbnail where no number is given; raises NotFound.

    A player asks for a range of them.
    """
    if picture is None:
        found, media_type = readings.preview(record_id, ObjectRole.THUMBNAIL, 0), THUMBNAIL_TYPE
    else:
        found = readings.preview(record_id, ObjectRole.PREVIEW, picture)
        media_type = MEDIA_TYPES.get(found.read(0, 4), UNKNOWN_TYPE)
    said = request.headers.get("Range", "")
    return ranges.answer(said, found.size_bytes, found.read, media_type)


def preview(
    request: HttpRequest, record_id: UUID, picture: int | None = None, **where: Any
) -> HttpResponseBase:
    """A preview's bytes, by the mark of the page that shows it or with an entry of its own."""
    actor = getattr(request, "actor", None)
    path = f"/w/{where['purpose']}/{where['basis']}/{where['case']}"
    said = request.GET.get("shown", "")
    marked = actor is not None and shown.is_marked(said, actor.membership, path, record_id)
    view = page(get=_covered if marked else _logged)
    return view(request, record_id=record_id, picture=picture, **where)


preview.accord_entry = "working context"  # type: ignore[attr-defined]  # read by RefuseUndeclared
text = page(get=_text)
one_page = page(get=_page)
read_again = page(post=_read_again)
