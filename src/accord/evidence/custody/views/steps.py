"""The form of each step: say what happened, read exactly what is signed, sign it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.membersigning import ask, given
from accord.agreements.pages import View, done, page
from accord.agreements.scope import Scope
from accord.evidence.custody import actions, forms, policy, queries, screen
from accord.evidence.custody.domain import LONGEST_REASON, CustodyAct, Event
from accord.evidence.custody.views.chains import DESK
from accord.evidence.queries.exhibits import beside
from accord.identity.signed import Signs
from accord.kernel.clock import now
from accord.kernel.phrases import phrase
from accord.web.components import Option
from accord.web.faults import faults_of


@own_desk(DESK)
def _form(request: Any, exhibit_id: UUID, act: str) -> HttpResponseBase:
    return _drawn(request, exhibit_id, forms.act_of(act), None)


@own_desk(DESK)
def _prepare(request: Any, exhibit_id: UUID, act: str) -> HttpResponseBase:
    step = forms.act_of(act)
    typed = _typed(request)
    event = actions.prepared(request.scope, exhibit_id, step, forms.said(step, typed), now())
    return _drawn(request, exhibit_id, step, event, typed)


@freshly_proven
@own_desk(DESK)
def _take(request: Any, exhibit_id: UUID, act: str) -> HttpResponseBase:
    step = forms.act_of(act)
    said = forms.said(step, _typed(request))
    actions.take(request.scope, exhibit_id, step, said, by=given(request))
    request.session["said"] = phrase("Written down. The step is in the chain.")
    return done(f"/custody/{exhibit_id}")


def _post(request: Any, **kwargs: Any) -> HttpResponseBase:
    """Preparing writes nothing and shows the form again; taking writes and leads to the chain."""
    taken: View = _take if request.POST.get("do") == "take" else _prepare
    return taken(request, **kwargs)


_post.accord_entry = _prepare.accord_entry  # type: ignore[attr-defined]  # read by RefuseUndeclared


def _typed(request: Any) -> dict[str, str]:
    typed = {name: request.POST.get(name, "") for name in forms.FIELDS}
    digest = forms.digest_of(request.FILES.get("order_file"))
    return typed | ({"order_sha256": digest} if digest else {})


def _drawn(
    request: Any,
    exhibit_id: UUID,
    act: CustodyAct,
    event: Event | None,
    typed: dict[str, str] | None = None,
) -> HttpResponseBase:
    scope: Scope = request.scope
    kept = queries.chain(exhibit_id)
    position = queries.check_whole(kept).position
    scope.did("consultation", of=f"custody: {act}", exhibit=str(exhibit_id))
    known = agencies.agencies()
    names = {a.id: a.name for a in known}
    title, does = screen.TELLING.get(act, (phrase("Derive"), ""))
    text = event.text() if event else b""
    context = {
        "line": kept.line,
        "state": screen.state_chip(kept.line),
        "act": act,
        "title": title,
        "does": does,
        "final": act in screen.FINAL,
        "held": policy.can_take(
            scope.actor, position, act, alarms=len(queries.standing_alarms(exhibit_id))
        ),
        "asks": forms.asks(act),
        "position": position,
        "names": names,
        "agencies": [
            Option(a.id, a.name) for a in known if not a.suspended and a.id != scope.actor.agency
        ],
        "copies": _copies(scope, exhibit_id) if "derived" in forms.asks(act) else [],
        "typed": typed or request.POST,
        "event": event,
        "text": text.decode(),
        "says": screen.said_in(event, names) if event else (),
        "signing": ask(request, Signs.CUSTODY, str(exhibit_id), text, event.at) if event else None,
        "fields": {n: v for n, v in (typed or {}).items() if n in forms.FIELDS and n != "do" and v},
        "longest": LONGEST_REASON,
        "faults": faults_of(request, forms.FIELDS),
        "zone": scope.actor.zone,
    }
    return render(request, "custody/step.html", context)


def _copies(scope: Scope, exhibit_id: UUID) -> list[Option]:
    """Own exhibits of this one's case, for a copy that was made outside and acquired."""
    return [
        Option(
            str(s.exhibit.record_id), f"{s.exhibit.number} {s.exhibit.description or ''}".strip()
        )
        for s in beside(scope, exhibit_id)
    ]


step = page(get=_form, post=_post, again=_form)
