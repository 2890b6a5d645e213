"""HTTP plumbing without domain words: security headers, static files, and what each view declares.

A view says how it is entered by one of the decorators below or by those of
`accord.agreements.entry`; `RefuseUndeclared` refuses every view that says nothing, so that a new
page is closed until somebody decides.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import DisallowedHost
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.http.request import split_domain_port
from django.utils.cache import patch_cache_control

LIVE = "/health/live"
TLOG = "/tlog/"
"""Below it stands the published ledger (accord.ledger.serving), which sets its own caching."""
View = Callable[..., HttpResponseBase]
Handler = Callable[[HttpRequest], HttpResponseBase]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

KEPT_FILE_POLICY = "default-src 'none'; sandbox; base-uri 'none'; frame-ancestors 'none'"
"""Of a file to keep: a browser that showed it all the same would run, load and style nothing."""


def security_headers(get_response: Handler) -> Handler:
    """Set the headers that every answer carries."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = (
            KEPT_FILE_POLICY if is_file_to_keep(response) else _page_policy(request)
        )
        response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if not request.path.startswith(("/static/", TLOG)):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware


def refuse_plain(get_response: Handler) -> Handler:
    """Refuse what came without TLS on a node that stands behind it; no redirect leads an eavesdropper.

    Whether it came by TLS is what the trusted proxy says (accord.platform.webserver drops what
    anybody else says). Liveness is asked on the machine itself and holds nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not settings.ACCORD_TLS or request.is_secure() or request.path == LIVE:
            return get_response(request)
        return HttpResponse(
            "This node is reached by https alone.", status=403, content_type="text/plain"
        )

    return middleware


def _page_policy(request: HttpRequest) -> str:
    """The policy of a page; without a proxy it may also speak to the live process's port."""
    beside: str | None = settings.ACCORD_LIVE
    if beside is None or not beside.startswith(":"):
        return CONTENT_SECURITY_POLICY
    try:
        host = split_domain_port(request.get_host())[0]
    except DisallowedHost:
        return CONTENT_SECURITY_POLICY
    origin = f"http://{host}{beside.removesuffix('/live/')}"
    return CONTENT_SECURITY_POLICY.replace("connect-src 'self'", f"connect-src 'self' {origin}")


def is_file_to_keep(response: HttpResponseBase) -> bool:
    """Whether the answer is downloaded and not shown."""
    return response.headers.get("Content-Disposition", "").startswith("attachment")


def static_files(get_response: Handler) -> Handler:
    """Serve the packaged static files; they are public and few, so no other server is needed."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        prefix = "/static/"
        if not request.path.startswith(prefix) or request.method not in ("GET", "HEAD"):
            return get_response(request)
        found = finders.find(request.path[len(prefix) :])
        if not isinstance(found, str):
            return HttpResponse("No such file.", status=404, content_type="text/plain")
        kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
        opened = Path(found).open("rb")  # noqa: SIM115 - the response closes it
        response = FileResponse(opened, content_type=kind)
        patch_cache_control(response, public=True, max_age=3600)
        return response

    return middleware


def public(reason: str) -> Callable[[View], View]:
    """Declare a view that anybody may ask for; `reason` says why nothing is lost by it."""
    if not reason:
        raise ValueError("a public view must say why it may be public")

    def mark(view: View) -> View:
        view.accord_entry = f"public: {reason}"  # type: ignore[attr-defined]  # read by the check below
        return view

    return mark


@public("says only that the process answers; asks nothing and nobody")
def live(request: HttpRequest) -> HttpResponseBase:
    """Liveness: this process answers. It needs no database."""
    del request  # Django's signature
    return HttpResponse("alive", content_type="text/plain")


_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
NO_NUL = "A request cannot hold the character NUL: no text that is stored here may."


def refuse_nul(get_response: Handler) -> Handler:
    """Refuse the character NUL, which PostgreSQL's text cannot hold, before anything is asked.

    In an address, a question, a field of a form or a JSON text; files may hold any byte.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not _holds_nul(request):
            return get_response(request)
        if not request.path.startswith("/api/"):
            return HttpResponse(NO_NUL, status=400, content_type="text/plain")
        problem = {"type": "about:blank", "title": "That could not be read", "status": 400}
        return JsonResponse(
            problem | {"detail": NO_NUL}, status=400, content_type="application/problem+json"
        )

    return middleware


FILES = ("multipart/form-data", "application/offset+octet-stream")
"""Media types whose bodies are files or pieces of one, and may hold any byte."""


def _holds_nul(request: HttpRequest) -> bool:
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return True
    if request.method in ("GET", "HEAD"):
        return False
    if request.path.startswith("/api/"):
        if request.content_type in FILES:
            return False  # a file, whose reader judges it; reading it here would use it up
        return b"\0" in request.body or _NUL_IN_JSON.search(request.body) is not None
    return any("\0" in text for name, texts in request.POST.lists() for text in (name, *texts))


class RefuseUndeclared:
    """Refuse any view that does not declare how it is entered."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if getattr(view, "accord_entry", None):
            return None
        return HttpResponse(
            "This page does not say who may enter it, so nobody may.",
            status=403,
            content_type="text/plain",
        )
