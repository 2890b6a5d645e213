"""Take a copy of a record, as a page for people or as JSON for a program."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from accord.agencies import queries as agencies
from accord.agreements.entry import freshly_proven, in_context
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.kernel.phrases import ENGLISH, read_in
from accord.records.actions.exports import Draw
from accord.records.actions.exports import export as take
from accord.records.copies import Copy, as_json
from accord.records.views.record import show_record

MEDIA = {"html": "text/html; charset=utf-8", "json": "application/json"}


def as_html(copy: Copy) -> bytes:
    """The copy as one page that needs nothing else: to read, to print, to keep."""
    with read_in(ENGLISH):  # what leaves the node reads alike for everybody (decision 0016)
        return render_to_string("records/copy.html", {"copy": copy}).encode()


DRAW: dict[str, Draw] = {"html": as_html, "json": as_json}


def copy_response(scope: Scope, record_id: UUID, form: str) -> HttpResponse:
    """Return a copy as a file to keep; raises what taking it raises."""
    names = agencies.agency_names()
    content = take(scope, record_id, form, DRAW.get(form, as_json), names)
    name = f"accord-{str(record_id)[-12:]}.{form}"
    return HttpResponse(
        content,
        content_type=MEDIA[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Language": ENGLISH,
        },
    )


@freshly_proven
@in_context
def _export(request: Any, record_id: UUID) -> HttpResponseBase:
    return copy_response(request.scope, record_id, request.POST.get("format", ""))


export = page(post=_export, again=show_record)
