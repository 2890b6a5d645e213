"""Refusals that Django itself raises, drawn like all others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from accord.desk.middleware import error_page, reference
from accord.kernel.phrases import phrase


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that this site did not give out, or whose session ended meanwhile."""
    return error_page(
        request,
        403,
        what=phrase("This form was not given out by this session, so nothing was changed."),
        why=phrase("You signed out, signed in again, or the form came from another site."),
        who_can_change=phrase("You: open the page again and send it from there."),
        reference=reference(),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that leads nowhere looks like one that is not open."""
    return error_page(request, 404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read."""
    return error_page(request, 400, reference=reference())


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django refuses."""
    return error_page(request, 403, reference=reference())


def failed(request: HttpRequest) -> HttpResponse:
    """The page of last resort; what happened stands in the log."""
    return error_page(request, 500, reference=reference())
