"""Recalls: what we recalled, what is recalled from us, and what is done about one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.about.screen import desk_shown
from accord.agreements.entry import in_context, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.records import recall_screen as shown_as
from accord.records import recalls as rules
from accord.records import screen
from accord.records.actions import recalling as actions
from accord.records.actions.keeping import check_keeper
from accord.records.policy import check_recall
from accord.records.queries import recalls as queries
from accord.records.queries.recalls import Recall
from accord.records.queries.records import record_view
from accord.records.queries.texts import Texts, texts
from accord.records.recalls import Act, RecallState
from accord.records.requests import LONGEST_REASON
from accord.web.components import Option, Tab
from accord.web.faults import faults_of
from accord.web.handling import Handling

DESK = "records-administration"
LABELS = {
    "outcome": phrase("What became of copies"),
    "reason": phrase("Reason"),
    "because": phrase("Why"),
}
ASKABLE = [w for w in rules.BECAUSE if w not in ("stricter-label", "withdrawn")]


@own_desk(DESK)
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    side = request.GET.get("side", "ours")
    if side not in ("ours", "from-us"):
        raise NotFound()
    scope.did("consultation", of=phrase("recalls: %(side)s", side=side))
    agency, zone = scope.actor.agency, scope.actor.zone
    ours, theirs = queries.recalls(owner=agency), queries.recalls(to=agency)
    names = agencies.agency_names()
    shown = ours if side == "ours" else theirs
    context = {
        "side": side,
        "tabs": [
            Tab(phrase("Recalled by us"), "/recalls/", side == "ours", _overdue(ours)),
            Tab(
                phrase("Recalled from us"),
                "/recalls/?side=from-us",
                side != "ours",
                _waiting(theirs),
            ),
        ],
        "columns": shown_as.COLUMNS,
        "rows": [shown_as.row(r, names, agency, zone) for r in shown],
        "not_mine": not scope.actor.roles & rules.ANSWERING_ROLES,
    }
    return render(request, "records/recalls.html", context)


def _overdue(found: tuple[Recall, ...]) -> int | None:
    return sum(r.overdue for r in found) or None


def _waiting(found: tuple[Recall, ...]) -> int | None:
    return sum(r.state in (RecallState.SENT, RecallState.ESCALATED) for r in found) or None


@own_desk(DESK)
def _show(request: Any, notice_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.recall(notice_id)
    notice, agency, zone = found.notice, scope.actor.agency, scope.actor.zone
    scope.did("consultation", of=phrase("recall %(notice_id)s", notice_id=notice_id))
    people = agencies.names({notice.by, *(a.member for a in found.acts)} | _takers(found))
    said = texts(scope, [a.reason_record for a in found.acts if a.reason_record])
    directory = {a.id: a for a in agencies.agencies()}
    mine = notice.owner == agency
    context = {
        "found": found,
        "notice": notice,
        "short": str(notice.record)[-12:],
        "kind": shown_as.kind_of(notice.schema),
        "title": rules.WHAT[notice.what],
        "because": rules.BECAUSE[notice.because],
        "state": shown_as.state_chip(found),
        "vouched": shown_as.vouched(found.signed),
        "owner": directory[notice.owner],
        "to": directory[notice.to],
        "desk": desk_shown(directory[notice.to].duty_desk, now(), zone),
        "by": people.get(notice.by, notice.by),
        "copies": [shown_as.copy_row(c, people, zone) for c in notice.copies],
        "columns": shown_as.COPIES,
        "closed": bool(said.closed),
        "events": [
            shown_as.event(a, people, _reason(said, a.reason_record), agency) for a in found.acts
        ],
        "answers": not mine and found.state in rules.OPEN,
        "may_hold": (found.state, Act.HOLD) in rules.STEPS,
        "outcomes": [
            Option(w, t)
            for w, t in rules.OUTCOMES.items()
            if w != "nothing-held" or not notice.copies
        ],
        "cannot_escalate": _cannot_escalate(found) if mine else None,
        "may_escalate": mine and (found.state, Act.ESCALATE) in rules.STEPS,
        "may_note": mine and (found.state, Act.NOTE) in rules.STEPS,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "limit": LONGEST_REASON,
        "handling": Handling("official"),
        "zone": zone,
    }
    return render(request, "records/recall.html", context)


def _reason(said: Texts, record_id: UUID | None) -> str | None:
    return screen.CLOSED_TEXT if said.is_closed(record_id) else said.get(record_id)


def _takers(found: Recall) -> set[str]:
    return {copy.by for copy in found.notice.copies}


def _cannot_escalate(found: Recall) -> str | None:
    return refusal_of(rules.check_escalate, found.state, found.notice.due, now())


@own_desk(DESK)
def _step(request: Any, notice_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    match request.POST.get("do", ""):
        case "answer":
            actions.answer(scope, notice_id, request.POST.get("outcome", ""))
        case "hold":
            actions.hold(scope, notice_id, request.POST.get("reason", ""))
        case "escalate":
            actions.escalate(scope, notice_id)
        case "note":
            actions.note(scope, notice_id)
        case _:
            raise InvalidInput("recall", None, "do", phrase("is answer, hold, escalate or note"))
    request.session["said"] = phrase("Written down.")
    return done(f"/recalls/{notice_id}")


@in_context
def _form(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    record = record_view(scope, record_id, unseal=False)
    if record.owner != scope.actor.agency:
        raise NotAllowed(phrase("Only the agency that owns the record may recall it."))
    context = {
        "record": record,
        "caption": screen.caption(record, scope.actor.agency),
        "path": scope.context.path,
        "refused": _cannot_recall(scope, record.owner, record.legal_hold),
        "reasons": [Option(w, rules.BECAUSE[w]) for w in ASKABLE],
        "within": rules.ANSWER_WITHIN,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "handling": screen.handling([record]),
    }
    return render(request, "records/recall_form.html", context)


def _cannot_recall(scope: Scope, owner: str, held: bool) -> str | None:
    try:
        check_keeper(scope)
        check_recall(actor_agency=scope.actor.agency, owner=owner, legal_hold=held)
    except NotAllowed as refusal:
        return str(refusal)
    return None


@in_context
def _recall(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    told = actions.recall_record(scope, record_id, request.POST.get("because", ""))
    request.session["said"] = (
        phrase("Recalled: its recipients have their notices.")
        if told
        else phrase(
            "Everything given is withdrawn. No other agency had read it, so nobody is asked."
        )
    )
    return done("/recalls/")


recalls = page(get=_list)
recall = page(get=_show)
recall_step = page(post=_step, again=_show)
recall_record = page(get=_form, post=_recall)
