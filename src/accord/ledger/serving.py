"""`/tlog/`: the published log over HTTP, read-only (C2SP tlog-tiles).

Answered in front of sessions, cookies and the database: what is served is what the store holds, the
same for everybody. Tiles never change, so they are cached for ever; the checkpoint is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accord.kernel.errors import AccordError
from accord.kernel.tlog import CHECKPOINT, parse_path
from accord.ledger.store import BYTES, FOREVER, FRESH, TEXT, PublishedLog
from accord.platform.http import TLOG
from accord.platform.logs import facts

log = logging.getLogger("accord.ledger.serving")
Handler = Callable[[HttpRequest], HttpResponseBase]


def middleware(get_response: Handler) -> Handler:
    """Answer what is below the prefix, and pass on everything else."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(TLOG):
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return _said(405, "Read only.", Allow="GET, HEAD")
        response = _answer(request.path[len(TLOG) :])
        response.headers["Content-Length"] = str(len(response.content))
        if request.method == "HEAD":
            response.content = b""
        return response

    return answer


def _answer(path: str) -> HttpResponse:
    head = path == CHECKPOINT
    if not head and parse_path(path) is None:
        return _said(404, "No such tile.")
    try:
        content = _log().read(path)
    except AccordError as error:
        log.error("the published log cannot be read", extra=facts(kind=type(error).__name__))
        return _said(503, "The published log cannot be read now.")
    if content is None:
        return _said(404, "Not published.")
    response = HttpResponse(content, content_type=TEXT if head else BYTES)
    response.headers["Cache-Control"] = FRESH if head else FOREVER
    return response


def _said(status: int, sentence: str, **headers: str) -> HttpResponse:
    response = HttpResponse(f"{sentence}\n", status=status, content_type=TEXT)
    response.headers["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response.headers[name] = value
    return response


@cache
def _log() -> PublishedLog:
    return PublishedLog(Path(settings.ACCORD_DATA_DIR))
