"""The gallery: every component in every state, and every error page. Demo values only."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme

from accord.web import gallery as demo
from accord.web.components import Chip
from accord.web.errors import ERROR_STATUSES, error_view
from accord.web.look import COOKIE, LASTS_S, look_of, parse
from accord.web.render import render_bare
from accord.web.shell import Shell

TONES = ("neutral", "info", "good", "warn", "bad", "sealed")


def gallery(request: HttpRequest) -> HttpResponse:
    """Draw the living gallery."""
    context = {
        "shell": demo.shell(),
        "demo": demo,
        "tones": [Chip(tone.capitalize(), tone) for tone in TONES],  # type: ignore[arg-type]  # words of the literal
        "error_statuses": ERROR_STATUSES,
    }
    return render_bare(request, "web/gallery.html", context)


def gallery_error(request: HttpRequest, status: int) -> HttpResponse:
    """Draw one error page as it looks when it happens; the page itself answers 200."""
    if status not in ERROR_STATUSES:
        raise Http404
    error = error_view(status, reference="01J9-7Q4T-000K")
    context = {"error": error, "shell": Shell.bare(demo.NOW)}
    return render_bare(request, "layout/error.html", context)


def look(request: HttpRequest) -> HttpResponse:
    """Keep a reader's language, and their colours and density where the browser runs no script."""
    if request.method != "POST":
        said = "A form sends the choice of colours here; there is nothing to look at."
        headers = {"Allow": "POST"}
        return HttpResponse(said, status=405, content_type="text/plain", headers=headers)
    kept = look_of(request).language or ""  # the form of colours says nothing of it
    sent = [request.POST.get(n, "") for n in ("theme", "density")]
    chosen = parse(".".join([*sent, request.POST.get("language", kept)]))
    back = request.POST.get("back", "/")
    if not url_has_allowed_host_and_scheme(back, None) or not back.startswith("/"):
        back = "/"
    response = HttpResponse(status=303, headers={"Location": back})
    response.set_cookie(COOKIE, str(chosen), max_age=LASTS_S, samesite="Lax")
    return response


# What the entry check of accord.platform.http reads; `web` imports no module, so it is said here.
for _view in (gallery, gallery_error):
    _view.accord_entry = "public: shows made-up values only"  # type: ignore[union-attr]  # read by RefuseUndeclared
look.accord_entry = "public: keeps a choice of colours in the browser"  # type: ignore[attr-defined]  # the same
