"""One alarm: what was found, and the two people who resolve it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.evidence.custody import actions, forms, queries, screen
from accord.evidence.custody.domain import LONGEST_REASON
from accord.evidence.custody.policy import CUSTODY
from accord.evidence.custody.views.chains import DESK
from accord.kernel.errors import InvalidInput, refusal_of
from accord.kernel.phrases import phrase
from accord.web.faults import faults_of
from accord.web.handling import Handling


@own_desk(DESK)
def _show(request: Any, alarm_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.alarm(alarm_id)
    scope.did("consultation", of="custody alarm", alarm=str(alarm_id), exhibit=str(found.exhibit))
    context = {
        "alarm": found,
        "outcome": screen.OUTCOMES[found.outcome],
        "state": screen.alarm_chip(found),
        "names": agencies.agency_names(),
        "people": agencies.names({act.membership for act in found.acts}),
        "has_chain": queries.has_chain(found.exhibit),
        "held": refusal_of(actions.check_resolves, scope.actor, found),
        "mine": found.explained is not None
        and found.explained.membership == scope.actor.membership,
        "typed": request.POST.get("reason", ""),
        "limit": LONGEST_REASON,
        "faults": faults_of(request, forms.FIELDS),
        "handling": Handling("official"),
        "zone": scope.actor.zone,
    }
    return render(request, "custody/alarm.html", context)


@freshly_proven
@own_desk(DESK)
def _resolve(request: Any, alarm_id: UUID) -> HttpResponseBase:
    scope, reason = request.scope, request.POST.get("reason", "")
    match request.POST.get("do", ""):
        case "explain":
            actions.explain_alarm(scope, alarm_id, reason)
            request.session["said"] = phrase("Written down. A second person confirms it.")
        case "confirm":
            actions.confirm_alarm(scope, alarm_id, reason)
            request.session["said"] = phrase("Resolved. The exhibit can be handed on again.")
        case _:
            raise InvalidInput(CUSTODY, None, "do", phrase("is no step of an alarm"))
    return done(f"/custody/alarms/{alarm_id}")


alarm = page(get=_show, post=_resolve, again=_show)
