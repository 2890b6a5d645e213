"""How a page with a form answers: GET shows, POST changes and redirects, bad input shows again.

An exception that leaves a scope rolls its transaction back and is logged as a refusal. So a form is
never drawn again inside the scope that failed: `page` lets the exception leave, then enters `again`
anew, with what was wrong on `request.fault` and what was typed still in `request.POST`.

Every page opens what is sealed on it after a new proof: its own address takes a POST with the field
`accord-open` for that, and shows the page again with what was typed on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseBase

from accord.agreements.entry import freshly_proven
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed
from accord.kernel.phrases import phrase

View = Callable[..., HttpResponseBase]

OPEN = "accord-open"
"""Asks for a new proof, after which what is sealed on the page opens; says at which place to go on."""
_PLACE = re.compile(r"[a-z][a-z0-9-]{0,60}")
_NOT_TYPED = ("accord-", "csrfmiddlewaretoken")
_AGAIN: dict[type[AccordError], int] = {InvalidInput: 400, NotAllowed: 403, Conflict: 409}


class WrongMethod(AccordError):
    """The address exists, but not for this kind of request."""


def page(*, get: View | None = None, post: View | None = None, again: View | None = None) -> View:
    """Join the views of one address; after a refused POST, `again` (else `get`) is shown."""
    declared = get or post
    if declared is None:
        raise ValueError("a page answers GET, POST or both")
    show = again or get

    def entered(request: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in ("GET", "HEAD") and get is not None:
            return get(request, **kwargs)
        if request.method == "POST" and get is not None and OPEN in request.POST:
            return freshly_proven(_opened(get))(request, **kwargs)
        if request.method != "POST" or post is None:
            raise WrongMethod(phrase("This address does not take that."))
        try:
            return post(request, **kwargs)
        except (InvalidInput, NotAllowed, Conflict) as fault:
            if show is None:
                raise
            return _shown_again(show, request, fault, kwargs)

    entered.accord_entry = getattr(declared, "accord_entry", None)  # type: ignore[attr-defined]  # read by RefuseUndeclared
    entered.accord_takes_post = post is not None  # type: ignore[attr-defined]  # read by a test of the API
    return entered


def _opened(show: View) -> View:
    """The page by its own address; with what was typed on it, where something was."""

    def opened(request: Any, **kwargs: Any) -> HttpResponseBase:
        if any(value for name, value in request.POST.items() if not name.startswith(_NOT_TYPED)):
            return show(request, **kwargs)
        place = _PLACE.fullmatch(request.POST[OPEN])
        return done(request.get_full_path() + (f"#{place[0]}" if place else ""))

    return opened


def _shown_again(
    show: View, request: Any, fault: AccordError, kwargs: dict[str, Any]
) -> HttpResponseBase:
    request.fault = fault
    response = show(request, **kwargs)
    if isinstance(response, HttpResponse) and response.status_code == 200:
        response.status_code = next(s for kind, s in _AGAIN.items() if isinstance(fault, kind))
    return response


def done(href: str) -> HttpResponse:
    """Return the answer to a change that was made: look there (303)."""
    return HttpResponse(status=303, headers={"Location": href})
