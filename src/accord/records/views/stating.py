"""Forms that make a statement: a consent or a determination over a record, an emergency in a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.entry import in_context
from accord.agreements.pages import View, done, page
from accord.agreements.scope import Scope
from accord.agreements.statements import policy
from accord.agreements.statements.domain import CONSENT, EMERGENCY, longest
from accord.agreements.statements.naming import clauses_naming, owners_concerned
from accord.agreements.statements.words import kind_says
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, refusal_of
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary
from accord.records import screen
from accord.records.actions import statements as actions
from accord.records.actions.statement_keys import releasable
from accord.records.actions.statements import OVER_RECORDS, Draft
from accord.records.queries.records import PART_ORDER, RecordView, record_view
from accord.records.requests import LONGEST_REASON
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

LABELS = {
    "kind": phrase("Determination"),
    "recipient": phrase("For which agency"),
    "purpose": phrase("For which purpose"),
    "parts": phrase("What it is about"),
    "about": phrase("About"),
    "until": phrase("Until"),
    "hours": phrase("For how long"),
    "reason": phrase("Reason"),
}
USUAL = timedelta(days=90)
HOURS = (6, 12, 24, 48, 72)
DETERMINATIONS = tuple(kind for kind in OVER_RECORDS if kind != CONSENT)


def _form(consents: bool) -> View:
    @in_context
    def shown(request: Any, record_id: UUID) -> HttpResponseBase:
        scope: Scope = request.scope
        record = _own(scope, record_id)
        kind = CONSENT if consents else DETERMINATIONS[0]
        context = {
            **_about(scope, record, kind),
            "consents": consents,
            "action": f"{scope.context.path}/records/{record_id}/"
            + ("consent" if consents else "determination"),
            "kinds": _kinds(),
            "recipients": _recipients(scope, kind if consents else None),
            "purposes": _purposes(),
            "refused": _refused(scope, kind),
            "most_days": longest(kind).days,
            "default_until": (now() + USUAL).astimezone(ZoneInfo(scope.actor.zone)).date(),
            "limit": LONGEST_REASON,
            "faults": faults_of(request, LABELS),
            "typed": request.POST,
            "ticked": request.POST.getlist("part"),
        }
        return render(request, "records/state.html", context)

    return shown


def _own(scope: Scope, record_id: UUID) -> RecordView:
    """The record of the address, also where the statement is about the whole case."""
    record = record_view(scope, record_id, unseal=False)
    if record.owner != scope.actor.agency:
        raise NotAllowed(phrase("Only the agency that owns a record states this about it."))
    return record


def _about(scope: Scope, record: RecordView, kind: str) -> dict[str, Any]:
    may = releasable(scope, record.record_id, kind)
    parts = [
        Option(
            part,
            words(part),
            disabled_reason=None if may[part] else phrase("No clause lets you release this part."),
        )
        for part in PART_ORDER
        if part in may
    ]
    return {
        "record": record,
        "caption": screen.caption(record, scope.actor.agency),
        "parts": parts,
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "handling": screen.handling([record]),
    }


def _kinds() -> list[Option]:
    meanings = Vocabulary.load(VOCABULARY_VERSION).dimension("key").meanings
    return [Option(k, kind_says(k), _sentence(meanings.get(k, ""))) for k in DETERMINATIONS]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _recipients(scope: Scope, kind: str | None) -> list[Option]:
    """Every agency, those first for which a clause in force names the statement."""
    policies = scope.standing.policy.agreements
    own = scope.actor.agency
    kinds = DETERMINATIONS if kind is None else (kind,)
    named = {
        agency.id
        for agency in agencies.agencies()
        if any(clauses_naming(policies, k, recipient=agency.id, owner=own) for k in kinds)
    }
    options = [
        Option(
            a.id,
            a.name if a.id in named else phrase("%(name)s (no clause asks for it)", name=a.name),
        )
        for a in agencies.agencies()
        if not a.suspended
    ]
    return sorted(options, key=lambda o: (o.value not in named, o.label))


def _purposes() -> list[Option]:
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    return [Option(w, words(w)) for w in vocabulary.words("purpose")]


def _refused(scope: Scope, kind: str) -> str | None:
    """Why the viewer may not give it; None when they may."""
    return refusal_of(policy.check_give, scope.actor, kind)


def _give(consents: bool) -> View:
    @in_context
    def given(request: Any, record_id: UUID) -> HttpResponseBase:
        scope: Scope = request.scope
        _own(scope, record_id)
        form: Mapping[str, str] = request.POST
        whole = form.get("about") == "case"
        draft = Draft(
            kind=CONSENT if consents else form.get("kind", ""),
            recipient=form.get("recipient", ""),
            purpose=form.get("purpose") if consents else None,
            record=None if whole else record_id,
            parts=tuple(request.POST.getlist("part")),
            until=day_end(form.get("until", ""), scope.actor.zone),
            reason=form.get("reason", ""),
        )
        made = actions.give(scope, draft)
        request.session["said"] = phrase("%(kind_says)s recorded.", kind_says=kind_says(draft.kind))
        return done(f"/statements/{made}")

    return given


def day_end(text: str, zone: str) -> datetime:
    """The end of the named day where the maker works; raises InvalidInput."""
    try:
        day = date.fromisoformat(text.strip())
        return datetime.combine(day, time(23, 59), ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        rule = phrase("write a day as year-month-day, for example 2027-02-28")
        raise InvalidInput("statement", None, "until", rule) from error


@in_context
def _emergency_form(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    names = agencies.agency_names()
    policies = scope.standing.policy.agreements
    concerned = owners_concerned(policies, EMERGENCY, recipient=scope.actor.agency)
    context = {
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "refused": _cannot_declare(scope),
        "concerned": [names.get(a, a) for a in concerned],
        "hours": [Option(str(h), phrase("%(h)s hours", h=h)) for h in HOURS],
        "limit": LONGEST_REASON,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
    }
    return render(request, "records/emergency.html", context)


def _cannot_declare(scope: Scope) -> str | None:
    return refusal_of(policy.check_declare, scope.actor, scope.context.case_number)


@in_context
def _declare(request: Any) -> HttpResponseBase:
    hours = request.POST.get("hours", "")
    if hours not in {str(h) for h in HOURS}:
        raise InvalidInput("statement", None, "hours", phrase("choose one of the lengths"))
    until = now() + timedelta(hours=int(hours))
    made = actions.declare(request.scope, until=until, reason=request.POST.get("reason", ""))
    request.session["said"] = phrase(
        "Declared. It opens nothing until a second person confirms it."
    )
    return done(f"/statements/{made}")


consent = page(get=_form(True), post=_give(True))
determination = page(get=_form(False), post=_give(False))
emergency = page(get=_emergency_form, post=_declare)
