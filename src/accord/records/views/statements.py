"""Consents and determinations: the lists, one statement, and what can be done with it."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.demokeys import is_here
from accord.agencies.light import check_full
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.memberbundles import bundle_file, kept_for
from accord.agreements.membersigning import Asked, ask, given
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.agreements.statements import policy
from accord.agreements.statements.domain import EMERGENCY, StatementState, confirmation
from accord.agreements.statements.queries import Held
from accord.agreements.statements.words import about, kind_says
from accord.identity.signed import Signs
from accord.kernel.clock import now
from accord.kernel.errors import NotFound, refusal_of
from accord.kernel.phrases import headed, phrase
from accord.records import screen
from accord.records import statement_screen as shown_as
from accord.records.actions import statements as actions
from accord.records.queries import statements as queries
from accord.records.queries.records import PART_ORDER
from accord.records.requests import LONGEST_REASON
from accord.records.views.stating import day_end
from accord.web.components import Option, Tab
from accord.web.faults import faults_of
from accord.web.filters import words

DESK = "records-administration"
LABELS = {
    "because": phrase("Why it is taken back"),
    "judged": phrase("Your judgement"),
    "signature": phrase("Signature"),
    "until": phrase("Until"),
    "reason": phrase("Reason"),
}
VIEWS = ("given", "towards", "waiting", "ended")
OVER = (StatementState.REVOKED, StatementState.VOID, StatementState.EXPIRED)


@own_desk(DESK)
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    scope.did("consultation", of="statements")
    chosen = request.GET.get("view", "given")
    if chosen not in VIEWS:
        raise NotFound()
    names = agencies.agency_names()
    at, zone = now(), scope.actor.zone
    ours, theirs = queries.given(), queries.towards(scope)
    waiting = [h for h in ours if queries.waits(h)]
    rows = {
        "given": [shown_as.given_row(h, names, zone, at) for h in ours if h.state not in OVER],
        "towards": [shown_as.towards_row(n, names, zone, at) for n in theirs],
        "waiting": [shown_as.waiting_row(h, zone, at) for h in waiting],
        "ended": [shown_as.given_row(h, names, zone, at) for h in ours if h.state in OVER],
    }
    context = {
        "view": chosen,
        "tabs": _tabs(chosen, len(waiting)),
        "columns": {"towards": shown_as.TOWARDS, "waiting": shown_as.WAITING}.get(
            chosen, shown_as.GIVEN
        ),
        "rows": rows[chosen],
    }
    return render(request, "records/statements.html", context)


def _tabs(chosen: str, waiting: int) -> list[Tab]:
    says = {
        "given": phrase("Given by us"),
        "towards": phrase("Towards us"),
        "waiting": phrase("Waiting"),
        "ended": phrase("Ended"),
    }
    return [
        Tab(
            says[v],
            "/statements/" if v == "given" else f"/statements/?view={v}",
            v == chosen,
            (waiting or None) if v == "waiting" else None,
        )
        for v in VIEWS
    ]


@own_desk(DESK)
def _show(request: Any, statement_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.view(scope, statement_id)
    held, said, at = found.held, found.held.statement, now()
    directory = agencies.agency_names()
    context = {
        "found": found,
        "statement": said,
        "title": phrase(
            "%(kind_says)s: %(about)s%(about2)s",
            kind_says=kind_says(said.kind),
            about=about(said)[:1].lower(),
            about2=about(said)[1:],
        ),
        "state": shown_as.state_chip(held.state, said.kind, said.ends, at),
        "signed": held.signed,
        "unsigned": held.state is StatementState.UNSIGNED,
        "recipient": directory.get(said.recipient, said.recipient),
        "agency": directory.get(said.agency, said.agency),
        "parts": [words(p) for p in PART_ORDER if p in said.parts],
        "events": shown_as.events(held, found.names),
        "void": held.state is StatementState.VOID,
        "revoked_key": held.revoked_key,
        "told": [directory.get(a, a) for a in found.told],
        "clauses": shown_as.clause_links(found.clauses, scope.standing.policy.agreements),
        "opens": held.state is StatementState.ACTIVE and held.signed,
        "emergency": said.kind == EMERGENCY,
        "hash": said.content_hash,
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "limit": LONGEST_REASON,
        "handling": screen.handling((), texts=True),
        "zone": scope.actor.zone,
        "signing": _asked(request, held),
        "member_signatures": kept_for(str(statement_id)),
        **_controls(scope, held),
    }
    return render(request, "records/statement.html", context)


def _asked(request: Any, held: Held) -> Asked | None:
    """What the member signs with a passkey on this page; None where nothing waits for them."""
    said, actor = held.statement, request.scope.actor
    if refusal_of(check_full, actor):
        return None
    if held.state is StatementState.UNSIGNED:
        if refusal_of(policy.check_maker, actor, said):
            return None
        return ask(request, Signs.STATEMENT, str(said.id), said.canonical())
    if held.state is not StatementState.AWAITING or refusal_of(
        policy.check_confirm, actor, said, held.steps, now()
    ):
        return None
    document = confirmation(said, actor.membership, actor.member)
    return ask(request, Signs.CONFIRMATION, str(said.id), document)


def _controls(scope: Scope, held: Held) -> dict[str, Any]:
    """What the viewer may do with it, or why not."""
    said, steps, at, actor = held.statement, held.steps, now(), scope.actor
    here, light = is_here(actor.agency), refusal_of(check_full, actor)
    return {
        "revocable": held.state not in (StatementState.REVOKED, StatementState.EXPIRED),
        "cannot_revoke": refusal_of(policy.check_revoke, actor, said, steps, at),
        "confirmable": held.state is StatementState.AWAITING,
        "cannot_confirm": light or refusal_of(policy.check_confirm, actor, said, steps, at),
        "reviewable": held.awaits_review,
        "review_due": held.review_due,
        "cannot_review": refusal_of(policy.check_review, actor, said, steps, at),
        "extendable": held.state is StatementState.ACTIVE and said.kind != EMERGENCY,
        "cannot_extend": light or refusal_of(policy.check_give, actor, said.kind),
        "cannot_sign": light or refusal_of(policy.check_maker, actor, said),
        "signs_here": here,
        "to_sign": _base64(said.canonical()),
        "to_confirm": _base64(confirmation(said, actor.membership, actor.member)),
        "because": [
            Option(w, _capital(says)) for w, says in policy.reasons_to_revoke(said.kind).items()
        ],
        "judged": [Option(w, _capital(says)) for w, says in policy.JUDGED.items()],
    }


def _capital(text: str) -> str:
    return headed(text)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@own_desk(DESK)
def _member_signature(request: Any, statement_id: UUID, signature: UUID) -> HttpResponseBase:
    """What one member signed about this statement, as a file that accord-verify checks."""
    queries.view(request.scope, statement_id)
    return bundle_file(request.scope, str(statement_id), signature, "statement")


@freshly_proven
@own_desk(DESK)
def _sign(request: Any, statement_id: UUID) -> HttpResponseBase:
    brought = policy.read_signature(request.POST.get("signature", ""))
    actions.sign(request.scope, statement_id, brought, given(request))
    return _said(request, statement_id, phrase("Signed."))


@freshly_proven
@own_desk(DESK)
def _confirm(request: Any, statement_id: UUID) -> HttpResponseBase:
    brought = policy.read_signature(request.POST.get("signature", ""))
    actions.confirm(request.scope, statement_id, brought, given(request))
    return _said(
        request, statement_id, phrase("Confirmed. It holds from the next page that is opened.")
    )


@freshly_proven
@own_desk(DESK)
def _revoke(request: Any, statement_id: UUID) -> HttpResponseBase:
    actions.revoke(request.scope, statement_id, request.POST.get("because", ""))
    return _said(
        request, statement_id, phrase("Taken back. The next page that is opened shows no more.")
    )


@freshly_proven
@own_desk(DESK)
def _review(request: Any, statement_id: UUID) -> HttpResponseBase:
    actions.review(request.scope, statement_id, request.POST.get("judged", ""))
    return _said(request, statement_id, phrase("Reviewed."))


@freshly_proven
@own_desk(DESK)
def _extend(request: Any, statement_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    until = day_end(request.POST.get("until", ""), scope.actor.zone)
    made = actions.extend(scope, statement_id, until=until, reason=request.POST.get("reason", ""))
    return _said(request, made, phrase("Extended by a new statement."))


def _said(request: Any, statement_id: UUID, text: str) -> HttpResponseBase:
    request.session["said"] = text
    return done(f"/statements/{statement_id}")


statements = page(get=_list)
statement = page(get=_show)
member_signature = page(get=_member_signature)
sign = page(post=_sign, again=_show)
confirm = page(post=_confirm, again=_show)
revoke = page(post=_revoke, again=_show)
review = page(post=_review, again=_show)
extend = page(post=_extend, again=_show)
