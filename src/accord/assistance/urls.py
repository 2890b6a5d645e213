"""Routes under /expertise/ and /assistance/, and asking within a working context."""

from __future__ import annotations

from django.urls import path

from accord.assistance.views import asking, expertise, requests

expertise_patterns = [
    path("", expertise.directory),
    path("mine", expertise.mine),
    path("agency", expertise.agency),
    path("<uuid:expertise_id>/step", expertise.step),
]

assistance_patterns = [
    path("", requests.requests),
    path("ask", asking.whence),
    path("<uuid:assistance_id>", requests.request),
    path("<uuid:assistance_id>/step", requests.step),
]

in_context = [
    path("assistance/ask", asking.ask),
]
