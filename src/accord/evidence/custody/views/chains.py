"""The lists of exhibits in custody, one chain, and its file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import in_context, own_desk
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.evidence.custody import policy, queries, screen
from accord.evidence.custody.domain import ENDS, TABLE, WHO, CustodyAct
from accord.evidence.custody.queries import Kept
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.kernel.phrases import phrase
from accord.records.queries.records import part_noted
from accord.web.components import Column, Tab
from accord.web.handling import Handling

DESK = "case-administration"
VIEWS = {
    "offered": phrase("Offered to us"),
    "held": phrase("In our custody"),
    "had": phrase("Had before"),
    "alarms": phrase("Alarms"),
}
SHOWN = 100
TAKEN_HERE = tuple(act for act in CustodyAct if act not in (CustodyAct.ACQUIRE, CustodyAct.DERIVE))
"""Steps that have a form; a copy is derived where it is made."""


@own_desk(DESK)
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    own, zone = scope.actor.agency, scope.actor.zone
    offered, after = queries.offered_count(own), request.GET.get("after")
    view = request.GET.get("view", "offered" if offered else "held")
    standing = request.GET.get("all") != "yes"
    if view not in VIEWS:
        raise NotFound()
    names = agencies.agency_names()
    if view == "alarms":
        columns: Sequence[Column] = screen.ALARM_COLUMNS
        every, following = queries.alarms(agency=own, standing=standing, after=after, limit=SHOWN)
        rows = [screen.alarm_row(alarm, names, zone) for alarm in every]
    else:
        columns = screen.COLUMNS[view]
        lines, following = queries.lines(own, view, after=after, limit=SHOWN)
        rows = [screen.row(line, names, zone) for line in lines]
    counts = {"offered": offered, "alarms": queries.alarm_count(own)}
    scope.did("consultation", of=f"custody: {view}")
    here = f"/custody/?view={view}" + ("" if standing else "&all=yes")
    context = {
        "view": view,
        "standing": standing,
        "tabs": [
            Tab(text, f"/custody/?view={name}", name == view, counts.get(name) or None)
            for name, text in VIEWS.items()
        ],
        "columns": columns,
        "rows": rows,
        "more": f"{here}&after={following}" if following else None,
        "first": here if after else None,
    }
    return render(request, "custody/list.html", context)


@own_desk(DESK)
def _show(request: Any, exhibit_id: UUID) -> HttpResponseBase:
    return _chain(request, queries.chain(exhibit_id), in_case=None)


@in_context
def _show_in_case(request: Any, record_id: UUID) -> HttpResponseBase:
    part_noted(request.scope, record_id, "attachment")
    context = request.scope.context
    in_case = {"path": context.path, "number": context.case_number}
    return _chain(request, queries.chain(record_id), in_case=in_case)


def _chain(request: Any, kept: Kept, *, in_case: dict[str, Any] | None) -> HttpResponseBase:
    scope: Scope = request.scope
    line, chain, own = kept.line, kept.chain, scope.actor.agency
    own_desk, alarms = in_case is None, queries.standing_alarms(line.exhibit)
    scope.did("consultation", of="custody", exhibit=str(line.exhibit))
    names = agencies.agency_names()
    people = agencies.names({event.membership for event in chain.events})
    at = now()
    events = screen.shown(kept, names, people, own)
    context = {
        "line": line,
        "state": screen.state_chip(line),
        "names": names,
        "events": events,
        "faults": chain.faults,
        "position": chain.position,
        "since": screen.gap(line.at, at) if line.state not in ENDS else None,
        "lanes": screen.lanes(chain, names, at),
        "width": screen.WIDTH,
        "in_case": in_case,
        "steps": _steps(scope, kept, len(alarms)) if own_desk else [],
        "reread": kept.reread,
        "outcome": screen.OUTCOMES[kept.reread.outcome] if kept.reread else None,
        "alarms": [(alarm, screen.ALARMED[alarm.outcome]) for alarm in alarms],
        "file": f"/custody/{line.exhibit}/file" if own_desk else None,
        "desk": None if own_desk or not _keeps(scope, kept) else f"/custody/{line.exhibit}",
        "handling": Handling("official"),
        "zone": scope.actor.zone,
    }
    return render(request, "custody/chain.html", context)


def _keeps(scope: Scope, kept: Kept) -> bool:
    """Whether the reader has the chain at their own desk too, where its steps are taken."""
    concerned = scope.actor.agency in (*kept.chain.position.custodians, kept.line.offered_to)
    return concerned and bool(scope.actor.roles & WHO[CustodyAct.ACCEPT].roles)


def _steps(scope: Scope, kept: Kept, alarms: int) -> list[tuple[CustodyAct, str, str | None]]:
    """The steps that the state admits, with why the reader cannot take them."""
    if kept.chain.faults:
        return []
    position = kept.chain.position
    return [
        (act, screen.TELLING[act][0], policy.can_take(scope.actor, position, act, alarms=alarms))
        for act in TAKEN_HERE
        if (position.state, act) in TABLE
    ]


@own_desk(DESK)
def _file(request: Any, exhibit_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.custody_file(exhibit_id)
    scope.did("disclosure", of="custody file", exhibit=str(exhibit_id), head=found["head"])
    name = screen.file_name(found["exhibit_number"], exhibit_id)
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="application/json", headers=headers)


custody = page(get=_list)
chain = page(get=_show)
chain_in_case = page(get=_show_in_case)
file = page(get=_file)
