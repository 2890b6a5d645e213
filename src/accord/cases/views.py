"""The pages of a case: the list, opening one, and the case as its members see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.entry import in_context, own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.cases import actions, policy, queries
from accord.cases.domain import CaseFacts, CaseMember, CaseState, NoteText
from accord.cases.screen import activity, case_row, members_by_agency, purpose_way
from accord.kernel.errors import InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary
from accord.records import screen
from accord.records.queries.records import record_views
from accord.records.views.record import show_record
from accord.records.views.search import choices
from accord.web.components import Column, Option
from accord.web.faults import faults_of
from accord.web.filters import words

LABELS = {
    "number": phrase("Case number"),
    "title": phrase("Title"),
    "purpose": phrase("Purpose"),
    "note": phrase("Note"),
    "member": phrase("Member"),
}
COLUMNS = (
    Column("number", phrase("Case")),
    Column("title", phrase("Title")),
    Column("lead", phrase("Led by"), narrow=False),
    Column("purposes", phrase("Opened for"), narrow=False),
    Column("state", phrase("State")),
    Column("opened", phrase("Opened"), narrow=False),
)
NOT_FOR_CASES = frozenset({"general-policing", "records-administration", "oversight", "training"})
SHOWN_RECORDS = 50


@own_desk("case-administration")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.cases()
    titles = queries.titles(scope, found)
    names = agencies.agency_names()
    context = {
        "columns": COLUMNS,
        "rows": [case_row(scope.actor, c, titles, names) for c in found],
        "closed": bool(titles.closed),
        "cannot_open": policy.can_open_case(scope.actor),
    }
    return render(request, "cases/list.html", context)


@own_desk("case-administration")
def _open_form(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    purposes = [
        Option(word, words(word))
        for word in vocabulary.words("purpose")
        if word not in NOT_FOR_CASES
    ]
    everybody = agencies.members_of(tuple(a.id for a in agencies.agencies()))
    context = {
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "chosen": request.POST.getlist("purpose"),
        "admitted": request.POST.getlist("member"),
        "purposes": purposes,
        "people": members_by_agency([a for a in everybody if a != scope.actor]),
        "cannot_open": policy.can_open_case(scope.actor),
    }
    return render(request, "cases/open.html", context)


@own_desk("case-administration")
def _open(request: Any) -> HttpResponseBase:
    facts = actions.open_case(
        request.scope,
        number=request.POST.get("number", "").strip().upper(),
        title=request.POST.get("title", "").strip(),
        purposes=request.POST.getlist("purpose"),
        members=request.POST.getlist("member"),
    )
    request.session["said"] = phrase("Case %(number)s is open.", number=facts.number)
    return done(purpose_way(request.scope.actor, facts))


def _case(scope: Scope) -> CaseFacts:
    """The case of the working context; a context without one has no such page."""
    return queries.case_of(scope)


@dataclass(frozen=True, slots=True)
class Wording:
    """Why the controls of a case cannot be used; None where they can."""

    members: str | None
    state: str | None
    write: str | None


@in_context
def _overview(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    case = _case(scope)
    names = agencies.agency_names()
    members = queries.members(case.id)
    placed = queries.placements(case.id)
    notes = queries.notes(scope, case.id)
    titles = queries.titles(scope, [case])
    records = record_views(scope, [p.record_id for p in placed[:SHOWN_RECORDS]])
    context = {
        "case": case,
        "title": titles.get(case.title_record),
        "closed": any(n.closed for n in notes) or titles.is_closed(case.title_record),
        "lead": names.get(case.lead_agency, case.lead_agency),
        "path": scope.context.path,
        "purpose": scope.context.purpose,
        "members": members_by_agency(members),
        "outside": _outside(scope, case, members),
        "records": [screen.result(scope, r, names) for r in records],
        "choices": choices(scope)[:1],
        "more_records": len(placed) > SHOWN_RECORDS,
        "notes": _by_note(notes),
        "events": activity(scope, case, members, placed, notes, records),
        "held": _wording(scope, case),
        "other_state": "closed" if case.state is CaseState.OPEN else "open",
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "handling": screen.handling(records, texts=True),
        "zone": scope.actor.zone,
        "me": scope.actor,
    }
    return render(request, "cases/case.html", context)


def _wording(scope: Scope, case: CaseFacts) -> Wording:
    to = CaseState.CLOSED if case.state is CaseState.OPEN else CaseState.OPEN
    return Wording(
        members=policy.can_change_members(scope.actor, case),
        state=policy.can_change_state(scope.actor, case, to),
        write=policy.can_write(case),
    )


def _outside(
    scope: Scope, case: CaseFacts, members: tuple[CaseMember, ...]
) -> list[tuple[str, list[Any]]]:
    """Who could be let in; read only for the one who decides."""
    if policy.can_change_members(scope.actor, case) is not None:
        return []
    inside = {m.membership for m in members}
    everybody = agencies.members_of(tuple(a.id for a in agencies.agencies()))
    return members_by_agency([a for a in everybody if a.membership not in inside])


def _by_note(notes: tuple[NoteText, ...]) -> list[tuple[UUID, list[NoteText]]]:
    """The heads of each note together: two where two people edited at once."""
    found: dict[UUID, list[NoteText]] = {}
    for note in notes:
        found.setdefault(note.note_id, []).append(note)
    return list(found.items())


@in_context
def _write_note(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    text = request.POST.get("note", "").strip()
    actions.write_note(scope, _case(scope), text, based_on=_uuid(request.POST.get("based_on")))
    request.session["said"] = phrase("The note is kept.")
    return done(f"{scope.context.path}/case#notes")


def _uuid(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(
            "note", None, "note", phrase("names no revision to start from")
        ) from error


@in_context
def _note(request: Any, note_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    case = _case(scope)
    revisions = queries.note_history(scope, note_id)
    based = {r.revision_id for r in revisions}
    heads = [h for h in queries.notes(scope, case.id) if h.revision_id in based]
    if not heads:
        raise NotFound()
    context = {
        "case": case,
        "path": scope.context.path,
        "revisions": tuple(reversed(revisions)),
        "heads": heads,
        "closed": any(n.closed for n in (*revisions, *heads)),
        "held": _wording(scope, case),
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "handling": screen.handling((), texts=True),
        "zone": scope.actor.zone,
    }
    return render(request, "cases/note.html", context)


@in_context
def _admit(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    membership = request.POST.get("member", "")
    if not membership:
        raise InvalidInput("case", None, "member", phrase("choose whom to let in"))
    actions.admit_member(scope, _case(scope), membership)
    request.session["said"] = phrase("The member works on the case from the next page on.")
    return done(f"{scope.context.path}/case#members")


@in_context
def _release(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    actions.release_member(scope, _case(scope), request.POST.get("member", ""))
    request.session["said"] = phrase("The member no longer works on the case.")
    return done(f"{scope.context.path}/case#members")


@in_context
def _set_state(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    to = request.POST.get("state", "")
    if to not in list(CaseState):
        raise InvalidInput("case", None, "state", phrase("a case is open or closed"))
    actions.set_state(scope, _case(scope), CaseState(to))
    request.session["said"] = phrase("The case is %(to)s.", to=to)
    return done(f"{scope.context.path}/case")


@in_context
def _place(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    case = _case(scope)
    actions.place_record(scope, case, record_id)
    request.session["said"] = phrase(
        "The record is in %(number)s; its members see what clauses allow.", number=case.number
    )
    return done(f"{scope.context.path}/records/{record_id}")


@in_context
def _withdraw(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    case = _case(scope)
    actions.withdraw_record(scope, case, record_id)
    request.session["said"] = phrase("The record is no longer in %(number)s.", number=case.number)
    return done(f"{scope.context.path}/records/{record_id}")


cases = page(get=_list)
open_case = page(get=_open_form, post=_open)
overview = page(get=_overview)
write_note = page(post=_write_note, again=_overview)
note = page(get=_note)
admit = page(post=_admit, again=_overview)
release = page(post=_release, again=_overview)
set_state = page(post=_set_state, again=_overview)
place = page(post=_place, again=show_record)
withdraw = page(post=_withdraw, again=show_record)
