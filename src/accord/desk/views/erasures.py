"""Erasing what the agency holds of a ledger entry: proposals, and what two people decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.desk import erasing, ledger_screen
from accord.desk import erasing_screen as shown_as
from accord.desk.context import say
from accord.desk.views.ledger import show_entry
from accord.kernel.errors import refusal_of
from accord.kernel.phrases import phrase
from accord.ledger import queries as ledger
from accord.ledger.erasing import queries
from accord.ledger.erasing.domain import DECIDERS, ErasureState
from accord.web.faults import faults_of

DESK = "records-administration"


@own_desk(DESK)
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    scope.did("consultation", of="proposals to erase ledger entries")
    found = queries.proposals()
    names = agencies.names({p.by for p in found})
    context = {
        "decides": bool(scope.actor.roles & DECIDERS),
        "columns": shown_as.COLUMNS,
        "rows": [shown_as.row(p, names, scope.actor.zone) for p in found],
        "full": len(found) == queries.SHOWN and queries.SHOWN,
    }
    return render(request, "desk/ledger_erasures.html", context)


@own_desk(DESK)
def _one(request: Any, erasure_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.proposal(erasure_id)
    entry = ledger.entry(found.entry_id)
    scope.did("consultation", of="a proposal to erase a ledger entry", proposal=str(erasure_id))
    names = agencies.names({m for m in (found.by, found.closed_by, entry.line.actor) if m})
    waits = found.state is ErasureState.PROPOSED
    context = {
        "found": found,
        "short": shown_as.short(found),
        "line": entry.line,
        "entry_facts": ledger_screen.facts(entry, scope.actor.zone, names),
        "facts": shown_as.facts(found, names, scope.actor.zone),
        "waits": waits,
        "erased": found.state is ErasureState.ERASED,
        "cannot": waits
        and (
            refusal_of(erasing.check_second, scope.actor, found, entry)
            or refusal_of(erasing.check_erasable, entry)
        ),
        "faults": faults_of(request, shown_as.LABELS),
    }
    return render(request, "desk/ledger_erasure.html", context)


@freshly_proven
@own_desk(DESK)
def _propose(request: Any, entry_id: UUID) -> HttpResponseBase:
    form = request.POST
    made = erasing.propose(
        request.scope,
        entry_id,
        form.get("basis", ""),
        form.get("reference", ""),
        form.get("reason", ""),
    )
    say(request, phrase("Proposed. A second person decides."))
    return done(f"/ledger/erasures/{made}")


@freshly_proven
@own_desk(DESK)
def _approve(request: Any, erasure_id: UUID) -> HttpResponseBase:
    erasing.approve(request.scope, erasure_id)
    say(request, phrase("Erased. Its place in the log and an entry of the erasure stay."))
    return done(f"/ledger/erasures/{erasure_id}")


@own_desk(DESK)
def _withdraw(request: Any, erasure_id: UUID) -> HttpResponseBase:
    erasing.withdraw(request.scope, erasure_id)
    say(request, phrase("The proposal is withdrawn; the entry stays."))
    return done(f"/ledger/erasures/{erasure_id}")


erasures = page(get=_list)
erasure = page(get=_one)
propose = page(post=_propose, again=show_entry)
approve = page(post=_approve, again=_one)
withdraw = page(post=_withdraw, again=_one)
