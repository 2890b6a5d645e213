"""The records last opened in this context, as far as they are open now; the palette asks here too."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import in_context
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.desk import remembered
from accord.records import screen
from accord.records.queries.records import record_views


@in_context
def _show(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    found = record_views(scope, remembered.records_of(request, scope.context.path))
    names = agencies.agency_names()
    context = {
        "results": [screen.result(scope, record, names) for record in found],
        "path": scope.context.path,
        "handling": screen.handling(found),
        "watermark": screen.watermark(scope, *found),
    }
    return render(request, "desk/recent.html", context)


recent = page(get=_show)
