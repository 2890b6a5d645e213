"""Draws each page in its reader's language; the API, and whatever is no page, stays English."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers

from accord.kernel.phrases import ENGLISH, read_in
from accord.web.look import language_of

Handler = Callable[[HttpRequest], HttpResponseBase]
_NO_PAGES = ("/api/", "/static/", "/health/")


def middleware(get_response: Handler) -> Handler:
    """Set the language of phrases while a page is made, and say it in the answer."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(_NO_PAGES):
            with read_in(ENGLISH):
                return get_response(request)
        code = language_of(request)
        with read_in(code):
            response = get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", code)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return answer
