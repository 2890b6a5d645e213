"""The impact of a version on the viewer's own agency's records."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import own_desk
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.desk.weighing import impact as impact_of
from accord.desk.weighing_screen import weighed


@own_desk("records-administration")
def _show(request: Any, content_hash: str) -> HttpResponseBase:
    scope: Scope = request.scope
    found = impact_of(scope, content_hash)
    names = {a.id: a.name for a in agencies.agencies()}
    context = {
        "found": found,
        "result": weighed(found, scope.actor.agency, names),
        "hash": content_hash,
        "agency": scope.actor.agency_name,
    }
    return render(request, "desk/impact.html", context)


impact = page(get=_show)
