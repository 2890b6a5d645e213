"""Retention: the review queue, one record's review, proposals to purge, and what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.errors import InvalidInput, NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.records import retention, screen
from accord.records import retention_screen as shown_as
from accord.records.actions import keeping
from accord.records.actions import retention as actions
from accord.records.keeps import check_nothing_keeps, gone, keeps
from accord.records.policy import check_no_hold
from accord.records.queries import retention as queries
from accord.records.queries.records import RecordView, record_views
from accord.records.queries.retention import Going, Kept
from accord.records.queries.texts import texts
from accord.records.requests import LONGEST_REASON
from accord.records.retention import ReviewState
from accord.web.components import Tab
from accord.web.faults import faults_of

DESK = "records-administration"
VIEWS = {
    "due": phrase("To review"),
    "proposed": phrase("To purge"),
    "gone": phrase("Purged"),
    "classes": phrase("Classes"),
}
LABELS = {
    "reason": phrase("Reason"),
    "review_on": phrase("Next review"),
    "retain_until": phrase("Last day"),
    "seen": phrase("What would go"),
}


@own_desk(DESK)
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    view = request.GET.get("view", "due")
    if view not in VIEWS:
        raise NotFound()
    scope.did("consultation", of=phrase("retention: %(view)s", view=view))
    proposed = queries.reviews(states=[ReviewState.PROPOSED])
    columns, rows, handling = _rows(scope, view, proposed)
    context = {
        "view": view,
        "tabs": [
            Tab(
                label,
                "/retention/" if name == "due" else f"/retention/?view={name}",
                name == view,
                len(proposed) or None if name == "proposed" else None,
            )
            for name, label in VIEWS.items()
        ],
        "columns": columns,
        "rows": rows,
        "full": len(rows) == queries.SHOWN and queries.SHOWN,
        "keeper": refusal_of(keeping.check_keeper, scope),
        **({"handling": handling} if handling else {}),
    }
    return render(request, "records/retention.html", context)


def _rows(scope: Scope, view: str, proposed: Sequence[queries.Review]) -> tuple[Any, Any, Any]:
    zone, plain = scope.actor.zone, None
    match view:
        case "due":
            today, found = queries.day(), queries.queue(queries.day())
            records = record_views(scope, [k.record_id for k in found])
            rows = [shown_as.queue_row(k, today, _captions(scope, records)) for k in found]
            return shown_as.QUEUE, rows, screen.handling(records)
        case "proposed":
            names = agencies.names({r.by_member for r in proposed})
            rows = [shown_as.proposed_row(r, names, zone) for r in proposed]
            return shown_as.PROPOSED, rows, plain
        case "gone":
            stones = queries.tombstones()
            names = agencies.names({m for t in stones for m in (t.proposed_by, t.approved_by)})
            return shown_as.GONE, [shown_as.gone_row(t, names, zone) for t in stones], plain
        case _:
            return shown_as.CLASSES, [shown_as.class_row(c) for c in retention.classes()], plain


def _captions(scope: Scope, records: Sequence[RecordView]) -> dict[UUID, str]:
    """What the visible records are called; of the others nothing is said."""
    return {r.record_id: screen.caption(r, scope.actor.agency).title for r in records}


@own_desk(DESK)
def _record(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found, today = queries.kept(record_id), queries.day()
    going = queries.manifest(record_id)
    review_on, until = actions.suggested(found, today)
    open_ones = queries.reviews(states=[ReviewState.PROPOSED], record_id=record_id)
    context = {
        **_about(scope, found, going, today),
        "reviews": [
            (r, shown_as.STATES[r.state], agencies.names({r.by_member}))
            for r in queries.reviews(states=list(ReviewState), record_id=record_id)
        ],
        "proposal": open_ones[0] if open_ones else None,
        "suggested": {"review_on": review_on, "retain_until": until},
        "limit_day": actions.latest_for(found, today),
        "cannot_purge": refusal_of(_check_purgeable, found, today),
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "limit": LONGEST_REASON,
    }
    return render(request, "records/retention_record.html", context)


def _about(scope: Scope, found: Kept, going: Sequence[Going], today: date) -> dict[str, Any]:
    records = record_views(scope, [found.record_id])
    called = _captions(scope, records)
    return {
        "found": found,
        "keeps": keeps(found.record_id),
        "gone": gone(found.record_id),
        "called": called.get(found.record_id),
        "short": str(found.record_id)[-12:],
        "kind": shown_as.kind_of(found.schema),
        "class_title": shown_as.class_title(found.retention_class),
        "rule": actions.authority(found),
        "state": shown_as.due_chip(found, today),
        "columns": shown_as.GOES,
        "rows": [shown_as.goes_row(g) for g in going],
        "seen": [str(g.part_id) for g in going],
        "record_href": f"/w/{DESK}/statute/-/records/{found.record_id}"
        if found.record_id in called
        else None,
        "handling": screen.handling(records, texts=True),
        "zone": scope.actor.zone,
    }


def _check_purgeable(found: Kept, today: date) -> None:
    actions.check_day(found, today)


@own_desk(DESK)
def _revalidate(request: Any, record_id: UUID) -> HttpResponseBase:
    form = request.POST
    actions.revalidate(
        request.scope,
        record_id,
        review_on=_day(form.get("review_on", ""), "review_on"),
        retain_until=_day_or_none(form.get("retain_until", "")),
        reason=form.get("reason", ""),
    )
    request.session["said"] = phrase("Kept, with its new days.")
    return done(f"/retention/records/{record_id}")


@own_desk(DESK)
def _set_last_day(request: Any, record_id: UUID) -> HttpResponseBase:
    until = _day_or_none(request.POST.get("retain_until", ""))
    keeping.set_retention(request.scope, record_id, until)
    request.session["said"] = phrase("The last day is set.")
    return done(f"/retention/records/{record_id}")


@own_desk(DESK)
def _propose(request: Any, record_id: UUID) -> HttpResponseBase:
    review = actions.propose_purge(
        request.scope, record_id, request.POST.get("reason", ""), seen=_seen(request)
    )
    request.session["said"] = phrase("Proposed. A second person decides.")
    return done(f"/retention/purges/{review}")


@own_desk(DESK)
def _purge(request: Any, review_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    review = queries.review(review_id)
    names = agencies.names({m for m in (review.by_member, review.closed_by) if m})
    waits = review.state is ReviewState.PROPOSED
    said = texts(scope, [review.reason_record])
    context: dict[str, Any] = {
        "review": review,
        "state_of_review": shown_as.STATES[review.state],
        "reason": said.get(review.reason_record),
        "reason_closed": said.is_closed(review.reason_record),
        "by": names.get(review.by_member, review.by_member),
        "closed_by": names.get(review.closed_by or ""),
        "faults": faults_of(request, LABELS),
        "handling": screen.handling((), texts=True),
        "zone": scope.actor.zone,
        "waits": waits,
        "short": str(review.record_id)[-12:],
        "kind": shown_as.kind_of(review.schema),
    }
    if waits:
        found, today = queries.kept(review.record_id), queries.day()
        going = queries.manifest(review.record_id)
        context |= _about(scope, found, going, today) | {
            "changed": {g.part_id for g in going} != set(review.parts),
            "cannot_approve": refusal_of(actions.check_second, scope, review)
            or refusal_of(check_no_hold, found.legal_hold, "purged")
            or refusal_of(check_nothing_keeps, found.record_id),
        }
    return render(request, "records/retention_purge.html", context)


@own_desk(DESK)
def _approve(request: Any, review_id: UUID) -> HttpResponseBase:
    actions.approve(request.scope, review_id, seen=_seen(request))
    request.session["said"] = phrase("Purged. A tombstone and an entry of the erasure stay.")
    return done("/retention/?view=gone")


@own_desk(DESK)
def _withdraw(request: Any, review_id: UUID) -> HttpResponseBase:
    actions.withdraw(request.scope, review_id)
    request.session["said"] = phrase("The proposal is withdrawn; the record stays.")
    return done(f"/retention/purges/{review_id}")


def _seen(request: Any) -> list[UUID]:
    """The parts that the form showed."""
    try:
        return [UUID(text) for text in request.POST.getlist("seen")]
    except ValueError:
        raise InvalidInput("review", None, "seen", phrase("is not what the page showed")) from None


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        rule = phrase("write a day as year-month-day, for example 2027-02-28")
        raise InvalidInput("review", None, field, rule) from None


def _day_or_none(text: str) -> date | None:
    return _day(text, "retain_until") if text.strip() else None


queue = page(get=_list)
record = page(get=_record)
revalidate = page(post=_revalidate, again=_record)
last_day = page(post=_set_last_day, again=_record)
propose = page(post=_propose, again=_record)
purge = page(get=_purge)
approve = page(post=_approve, again=_purge)
withdraw = page(post=_withdraw, again=_purge)
