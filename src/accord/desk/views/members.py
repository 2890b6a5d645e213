"""Members: who has what, one member, what was proposed, and the reviews that are due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.directory import policy, queries
from accord.agencies.directory.domain import (
    REVIEW_EVERY,
    SOON,
    Change,
    ChangeKind,
    ChangeState,
    MemberEntry,
    Outcome,
    Via,
)
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.desk import administering, members_file
from accord.desk import members_screen as shown_as
from accord.desk.context import say
from accord.desk.signing_in import OFFICE
from accord.identity import queries as identity
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound, refusal_of
from accord.kernel.phrases import counted, phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.web.components import Option, Tab
from accord.web.faults import faults_of
from accord.web.filters import words

VIEWS = {
    "in-force": phrase("Members"),
    "waiting": phrase("Proposals"),
    "review": phrase("To review"),
    "ending": phrase("Ending soon"),
    "over": phrase("Over"),
}
LABELS = {
    "handle": phrase("Short name"),
    "member": phrase("Person"),
    "name": phrase("Name"),
    "nationality": phrase("Nationality"),
    "title": phrase("Title"),
    "roles": phrase("Roles"),
    "add": phrase("Roles to add"),
    "remove": phrase("Roles to take away"),
    "clearance": phrase("Clearance"),
    "assurance": phrase("Highest assurance"),
    "to": phrase("New level"),
    "training": phrase("Training"),
    "issued_on": phrase("Issued"),
    "valid_until": phrase("Valid until"),
    "until": phrase("Until"),
    "at": phrase("Last day"),
}
LISTS = ("roles", "add", "remove")
MOST_WAITING = 5000


@own_desk(OFFICE)
def _list(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_reads(actor)
    view, wanted = request.GET.get("view", "in-force"), request.GET.get("q", "").strip().lower()
    if view not in VIEWS:
        raise NotFound()
    request.scope.did("consultation", of=phrase("members: %(view)s", view=view))
    at, found = now(), queries.members(actor.agency)
    waiting = queries.changes(waiting=True, most=MOST_WAITING)
    names = agencies.names({m for c in waiting for m in (c.membership, c.by)})
    chosen = [e for e in found if _BELONGS[view](e, at) and wanted in _searched(e)]
    overdue = sum(e.is_overdue(at) for e in found)
    context = {
        "view": view,
        "q": request.GET.get("q", ""),
        "tabs": [
            Tab(label, _href(name), name == view, _count(name, waiting, overdue))
            for name, label in VIEWS.items()
        ],
        "columns": shown_as.WAITING if view == "waiting" else shown_as.MEMBERS,
        "rows": shown_as.change_rows(waiting, names, actor.zone)
        if view == "waiting"
        else [shown_as.member_row(e, at, actor.zone) for e in chosen],
        "overdue": overdue,
        "cannot": refusal_of(policy.check_administers, actor),
        "every_days": REVIEW_EVERY.days,
    }
    return render(request, "desk/members.html", context)


def _href(view: str) -> str:
    return "/members/" if view == "in-force" else f"/members/?view={view}"


def _count(view: str, waiting: tuple[Change, ...], overdue: int) -> int | None:
    return {"waiting": len(waiting), "review": overdue}.get(view) or None


def _searched(entry: MemberEntry) -> str:
    said = (entry.name, entry.membership, entry.title, entry.clearance, *entry.roles)
    return " ".join((*said, *(c.training for c in entry.training))).lower()


_BELONGS: Mapping[str, Callable[[MemberEntry, Any], bool]] = {
    "in-force": lambda e, at: e.in_force,
    "waiting": lambda e, at: False,
    "review": lambda e, at: e.in_force and e.review_due - at <= SOON,
    "ending": lambda e, at: e.first_end is not None and e.first_end - at <= SOON,
    "over": lambda e, at: not e.in_force,
}


@own_desk(OFFICE)
def _member(request: Any, membership: str) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_reads(actor)
    entry = queries.member(actor.agency, membership)
    request.scope.did("consultation", of="member", about=membership)
    history = queries.changes(membership)
    wanted = {m for c in history for m in (c.by, c.decided_by) if m}
    wanted |= {m for fact in entry.attested for m in fact.by}
    own = f", {actor.agency_name}"
    names = {m: name.removesuffix(own) for m, name in agencies.names(wanted).items()}
    given = {f.value: f.until for f in entry.attested if f.kind is ChangeKind.ROLE}
    lasting = {role for role, until in given.items() if until is None}
    context: dict[str, Any] = {
        "entry": entry,
        "state": shown_as.state_chip(entry, now()),
        "passkeys": len(identity.passkeys(entry.member)),
        "sessions": identity.open_sessions(membership),
        "attested": [
            shown_as.attested_row(f, names, actor.agency_name, actor.zone) for f in entry.attested
        ],
        "attested_columns": shown_as.ATTESTED,
        "training": [shown_as.training_row(c) for c in entry.training],
        "training_columns": shown_as.TRAINING,
        "history": shown_as.change_rows(history, names, actor.zone),
        "history_columns": shown_as.HISTORY,
        "reviewed_by": agencies.names({entry.reviewed_by}).get(entry.reviewed_by)
        if entry.reviewed_by
        else None,
        "cannot": refusal_of(policy.check_administers, actor),
        "cannot_give": refusal_of(policy.check_administers, actor)
        or refusal_of(policy.check_not_about_self, actor, entry.member, True),
        "elsewhere": refusal_of(
            policy.check_one_agency,
            ChangeKind.ENROLMENT,
            queries.acts_elsewhere(entry.member, actor.agency),
        ),
        "roles_to_add": [o for o in _options("role") if o.value not in lasting],
        "roles_held": [o for o in _options("role") if o.value in given],
        "clearances": _options("clearance"),
        "levels": [Option(n, n) for n in "123"],
        "trainings": _options("training"),
        "at": now(),
        **_form(request, actor.zone),
    }
    return render(request, "desk/member.html", context)


def _form(request: Any, zone: str) -> dict[str, Any]:
    return {"faults": faults_of(request, LABELS), "typed": request.POST, "zone": zone}


def _options(dimension: str) -> list[Option]:
    return [Option(w, words(w)) for w in Vocabulary.load(NEWEST).words(dimension)]


def _said(request: Any) -> dict[str, Any]:
    return {
        name: request.POST.getlist(name) if name in LISTS else request.POST.get(name, "")
        for name in request.POST
    }


@freshly_proven
@own_desk(OFFICE)
def _ask(request: Any, membership: str) -> HttpResponseBase:
    policy.check_reads(request.scope.actor)
    kind = request.POST.get("kind", "")
    if kind not in set(ChangeKind) - {ChangeKind.JOIN}:
        raise InvalidInput("change", None, "kind", phrase("choose one of the list"))
    outcome = administering.ask(
        request.scope, ChangeKind(kind), membership, _said(request), Via.PAGE
    )
    _tell(request, outcome)
    return done(f"/members/people/{membership}")


def _tell(request: Any, outcome: Outcome) -> None:
    if outcome.applied:
        say(request, phrase("Done. It counts from now on."))
    else:
        say(request, phrase("Proposed. Another administrator decides within seven days."))


@own_desk(OFFICE)
def _show_join(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_reads(actor)
    context = {
        "cannot": refusal_of(policy.check_administers, actor),
        "roles": _options("role"),
        "clearances": _options("clearance"),
        "levels": [Option(n, n) for n in "123"],
        "agency": actor.agency,
        "chosen": request.POST.getlist("roles"),
        **_form(request, actor.zone),
    }
    return render(request, "desk/member_join.html", context)


@freshly_proven
@own_desk(OFFICE)
def _join(request: Any) -> HttpResponseBase:
    policy.check_reads(request.scope.actor)
    outcome = administering.join(request.scope, _said(request), Via.PAGE)
    _tell(request, outcome)
    return done(f"/members/changes/{outcome.change}")


@own_desk(OFFICE)
def _change(request: Any, change_id: UUID) -> HttpResponseBase:
    return _draw_change(request, change_id)


def _draw_change(
    request: Any, change_id: UUID, link: str | None = None, code: str | None = None
) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_reads(actor)
    found = queries.change(change_id)
    names = agencies.names({m for m in (found.membership, found.by, found.decided_by) if m})
    if link is None and code is None:
        request.scope.did("consultation", of="change of a member", about=found.membership)
    person = queries.person(found.member) if found.known else None
    context: dict[str, Any] = {
        "change": found,
        "kind": shown_as.KINDS[found.kind],
        "says": shown_as.says(found, actor.zone),
        "state": shown_as.STATES[found.state],
        "who": (person[0] if person else found.name)
        or names.get(found.membership, found.membership),
        "person": person,
        "by": names.get(found.by, found.by),
        "decided_by": names.get(found.decided_by or "", found.decided_by),
        "waits": found.state is ChangeState.PROPOSED,
        "cannot": refusal_of(policy.check_second, actor, found, queries.person_of(found.by)),
        "cannot_withdraw": refusal_of(policy.check_administers, actor),
        "link": request.build_absolute_uri(link) if link else None,
        "code": code,
        "link_until": queries.link_until(change_id),
        "cannot_code": refusal_of(policy.check_proposed, actor, found),
        **_form(request, actor.zone),
    }
    return render(request, "desk/member_change.html", context)


@freshly_proven
@own_desk(OFFICE)
def _approve(request: Any, change_id: UUID) -> HttpResponseBase:
    """A one-time link is shown on the answer to the approval, once; only its digest is kept."""
    policy.check_reads(request.scope.actor)
    outcome = administering.approve(request.scope, queries.change(change_id))
    if outcome.link is None:
        say(request, phrase("Done. It counts from now on."))
        return done(f"/members/changes/{change_id}")
    return _draw_change(request, change_id, outcome.link)


@freshly_proven
@own_desk(OFFICE)
def _code(request: Any, change_id: UUID) -> HttpResponseBase:
    """A code is shown on the answer, once; only its digest is kept."""
    policy.check_reads(request.scope.actor)
    code = administering.make_code(request.scope, queries.change(change_id))
    return _draw_change(request, change_id, code=code)


@own_desk(OFFICE)
def _withdraw(request: Any, change_id: UUID) -> HttpResponseBase:
    policy.check_reads(request.scope.actor)
    administering.withdraw(request.scope, queries.change(change_id))
    say(request, phrase("The proposal is withdrawn."))
    return done("/members/?view=waiting")


@own_desk(OFFICE)
def _show_import(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    policy.check_reads(actor)
    fault = getattr(request, "fault", None)
    context = {
        "cannot": refusal_of(policy.check_administers, actor),
        "columns": ", ".join(members_file.COLUMNS),
        "most": members_file.MOST_ROWS,
        "problems": [str(f) for f in fault.faults] if isinstance(fault, InvalidInput) else (),
        "refusal": fault if fault and not isinstance(fault, InvalidInput) else None,
    }
    return render(request, "desk/members_import.html", context)


@freshly_proven
@own_desk(OFFICE)
def _import(request: Any) -> HttpResponseBase:
    policy.check_reads(request.scope.actor)
    found = members_file.read(request.FILES.get("file"))
    for row in found:
        row.propose(request.scope)
    say(
        request,
        counted(len(found), "%(count)s member is proposed.", "%(count)s members are proposed."),
    )
    return done("/members/?view=waiting")


members = page(get=_list)
import_members = page(get=_show_import, post=_import)
member = page(get=_member, post=_ask)
join = page(get=_show_join, post=_join)
change = page(get=_change)
approve = page(post=_approve, again=_change)
code = page(post=_code, again=_change)
withdraw = page(post=_withdraw, again=_change)
