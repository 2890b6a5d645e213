"""The impact of a version, or of a draft, on the viewer's own agency's records."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements import queries as agreements
from accord.agreements.entry import own_desk
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.desk.weighing import Impact, draft_impact
from accord.desk.weighing import impact as impact_of
from accord.desk.weighing_screen import weighed
from accord.kernel.errors import InvalidInput


@own_desk("records-administration")
def _show(request: Any, content_hash: str) -> HttpResponseBase:
    found = impact_of(request.scope, content_hash)
    return render(
        request, "desk/impact.html", _shown(request.scope, found) | {"hash": content_hash}
    )


@own_desk("records-administration")
def _show_draft(request: Any, draft_id: UUID) -> HttpResponseBase:
    """A text that is no agreement yet has no impact: the page says what is wrong with it."""
    scope: Scope = request.scope
    draft = agreements.draft(draft_id)
    try:
        shown = _shown(scope, draft_impact(scope, draft))
    except InvalidInput as refusal:
        return render(request, "desk/no_impact.html", {"draft": draft, "faults": refusal.faults})
    return render(request, "desk/impact.html", shown | {"draft": draft})


def _shown(scope: Scope, found: Impact) -> dict[str, Any]:
    names = agencies.agency_names()
    return {
        "found": found,
        "result": weighed(found, scope.actor.agency, names),
        "hash": None,
        "draft": None,
        "agency": scope.actor.agency_name,
    }


impact = page(get=_show)
impact_of_draft = page(get=_show_draft)
