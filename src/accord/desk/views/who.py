"""Who can see this? For a record of the viewer's own agency, from the agreements and its keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import in_context
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.desk.exposing import audience
from accord.desk.exposing_screen import matrix
from accord.records import screen


@in_context
def _show(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = audience(scope, record_id)
    context = {
        "caption": screen.caption(found.record, scope.actor.agency),
        "record": found.record,
        "matrix": matrix(found, scope.actor.agency, scope.actor.zone),
        "path": scope.context.path,
        "handling": screen.handling([found.record]),
    }
    return render(request, "desk/who.html", context)


who = page(get=_show)
