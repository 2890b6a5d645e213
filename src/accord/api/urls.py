"""Every address: the API under /api/v1/, and the pages.

The API's views are made by django-ninja. Here each is told how it is entered (its operations say so
themselves; a test walks them all), and answers a wrong method with a problem like everything else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from accord.api import oauth
from accord.api.document import openapi
from accord.api.limits import put_headers
from accord.api.problems import not_found, problem
from accord.api.root import api
from accord.api.scim import views as scim
from accord.desk.urls import handler400, handler403, handler404, handler500
from accord.desk.urls import urlpatterns as pages
from accord.platform.http import public

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

ENTRY = "API: a bearer token, and what each operation declares"
_ROOT = "api-root"
View = Callable[..., HttpResponseBase]


def _entered(views: Sequence[View]) -> View:
    """One view for one address, also where two modules each take some of its methods."""

    @functools.wraps(views[0])
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        allowed: set[str] = set()
        for view in views:
            response = view(request, *args, **kwargs)
            if response.status_code != 405:
                put_headers(response, getattr(request, "accord_left", ()))
                return response
            allowed |= set(response.headers["Allow"].split(", "))
        refused = problem(405, "This address does not take that method.")
        refused.headers["Allow"] = ", ".join(sorted(allowed))
        return refused

    answer.accord_entry = ENTRY  # type: ignore[attr-defined]  # read by RefuseUndeclared
    return answer


def _operations() -> list[URLPattern]:
    found: dict[str, list[URLPattern]] = {}
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != _ROOT:
            found.setdefault(str(pattern.pattern), []).append(pattern)
    for patterns in found.values():
        patterns[0].callback = _entered([p.callback for p in patterns])
    return [patterns[0] for patterns in found.values()]


@csrf_exempt
@public("says only that there is nothing")
def nothing(request: HttpRequest) -> HttpResponseBase:
    """Answer an unknown address of the API like one that is not open."""
    del request  # Django's signature
    return not_found()


urlpatterns = [
    path("api/v1/openapi.json", openapi),
    path("api/v1/", include(_operations())),
    re_path(r"^api(?:/.*)?$", nothing),
    path("oauth/token", oauth.token),
    path(".well-known/oauth-authorization-server", oauth.discovery),
    path("scim/v2/ServiceProviderConfig", scim.provider),
    path("scim/v2/ResourceTypes", scim.resource_types),
    path("scim/v2/Schemas", scim.schemas),
    path("scim/v2/Users", scim.users),
    path("scim/v2/Users/<str:membership>", scim.user),
    *pages,
]
