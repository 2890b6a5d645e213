"""Saved searches of one working context: the list, running one again, and what changes one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import in_context
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.kernel.phrases import phrase
from accord.records.actions import saved_searches as actions
from accord.records.checking import is_quick
from accord.records.queries.saved_searches import open_shown, saved_search, saved_searches
from accord.records.question import open_question
from accord.records.views.search import show_answer
from accord.web.faults import faults_of

LABELS = {"name": phrase("Name")}
SAID = "said"


@in_context
def _list(request: Any, search_id: UUID | None = None) -> HttpResponseBase:
    """The list; also after a refused change of one of them, whose id is then no matter."""
    del search_id
    scope: Scope = request.scope
    found = saved_searches(scope)
    context = {
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "saved": [s for s in found if s.deleted_at is None],
        "deleted": [s for s in found if s.deleted_at is not None],
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "quick": is_quick(scope.context),
        "zone": scope.actor.zone,
    }
    return render(request, "records/saved.html", context)


@in_context
def _save(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    question = open_question(scope, request.POST.get("question", ""))
    shown = open_shown(scope, request.POST.get("shown", ""))
    actions.save(scope, request.POST.get("name", ""), question, shown)
    request.session[SAID] = phrase("The search is saved in this context.")
    return done(f"{scope.context.path}/searches/")


@in_context
def _run(request: Any, search_id: UUID) -> HttpResponseBase:
    found = saved_search(request.scope, search_id)
    return show_answer(request, found.question, found)


@in_context
def _rename(request: Any, search_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    actions.rename(scope, search_id, request.POST.get("name", ""))
    request.session[SAID] = phrase("The saved search has its new name.")
    return done(f"{scope.context.path}/searches/")


@in_context
def _seen(request: Any, search_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    actions.mark_seen(scope, search_id, open_shown(scope, request.POST.get("shown", "")))
    request.session[SAID] = phrase("What was new is marked as seen.")
    return done(f"{scope.context.path}/searches/{search_id}")


@in_context
def _delete(request: Any, search_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    actions.delete(scope, search_id)
    request.session[SAID] = phrase("The saved search is deleted. For a day you can bring it back.")
    return done(f"{scope.context.path}/searches/#deleted")


@in_context
def _restore(request: Any, search_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    actions.restore(scope, search_id)
    request.session[SAID] = phrase("The saved search is back.")
    return done(f"{scope.context.path}/searches/")


searches = page(get=_list, post=_save)
run = page(get=_run)
rename = page(post=_rename, again=_list)
seen = page(post=_seen)
delete = page(post=_delete)
restore = page(post=_restore)
