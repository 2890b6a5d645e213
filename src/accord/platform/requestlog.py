"""One line and one count for every answer: the declared route, never the address that was asked.

An address holds names of cases, ids and questions; a route holds place-holders. What no route
answers is `none`, whatever was asked; methods that HTTP does not know are `other`.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from accord.platform import metrics
from accord.platform.http import TLOG
from accord.platform.logs import REQUEST, facts

Handler = Callable[[HttpRequest], HttpResponseBase]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = logging.getLogger("accord.requests")


def middleware(get_response: Handler) -> Handler:
    """Number, time, count and write down each request."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        token = REQUEST.set(secrets.token_hex(8))
        began_s = time.perf_counter()
        status = 500
        try:
            response = get_response(request)
            status = response.status_code
            return response
        finally:
            _note(request, status, time.perf_counter() - began_s)
            REQUEST.reset(token)

    return answer


def _note(request: HttpRequest, status: int, took_s: float) -> None:
    route = route_of(request)
    method = request.method if request.method in METHODS else "other"
    metrics.REQUESTS.labels(method, route, str(status)).inc()
    metrics.LATENCY.labels(route).observe(took_s)
    said = facts(method=str(method), route=route, status=status, ms=round(took_s * 1000, 1))
    log.info("request answered", extra=said)


def route_of(request: HttpRequest) -> str:
    """The route that answered, as it is declared."""
    if request.resolver_match is not None:
        return request.resolver_match.route or "/"
    prefixes = {"/static/": "static", TLOG: "tlog"}
    return next((name for p, name in prefixes.items() if request.path.startswith(p)), "none")
