"""Drafts: begin one, edit it with a live check, put clauses in by a form, propose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements import actions, queries
from accord.agreements.cautions import Caution, cautions
from accord.agreements.document import MAX_CHARACTERS
from accord.agreements.domain import Agreement
from accord.agreements.entry import own_desk
from accord.agreements.life import SUPERVISOR, State
from accord.agreements.pages import done, page
from accord.agreements.parse import DRAFT_FILE, parse
from accord.agreements.queries import DraftEntry
from accord.agreements.scope import Scope
from accord.agreements.starting import beginning
from accord.kernel.errors import Conflict, InvalidInput
from accord.kernel.phrases import phrase, thousands
from accord.web.components import Column, FieldError, Moment, Option
from accord.web.faults import Faults, faults_of

FIELDS = {
    "name": phrase("Name"),
    "text": phrase("Text"),
    "file": phrase("File"),
    "from": phrase("Begin from"),
    "seen": phrase("Cautions"),
}
COLUMNS = (
    Column("name", phrase("Draft")),
    Column("by", phrase("Last edited by"), narrow=False),
    Column("at", phrase("Last edited")),
    Column("revision", phrase("Edits"), align="end", narrow=False),
)
ONLY_SUPERVISORS = phrase("Only a supervisor proposes for an agency; you may go on writing.")


@dataclass(frozen=True, slots=True)
class Line:
    """One fault beside the line of the text that has it."""

    number: int | None
    written: str
    where: str
    rule: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a text found."""

    faults: tuple[Line, ...] = ()
    cautions: tuple[Caution, ...] = ()
    agreement: Agreement | None = None


def look(text: str) -> Looked:
    """Every fault of a text with its line, or every caution where it has none."""
    known = {a.id for a in agencies.agencies()}
    try:
        agreement = parse(text, file=DRAFT_FILE, agencies=known)
    except InvalidInput as error:
        lines = text.splitlines()
        return Looked(tuple(_line(fault, lines) for fault in error.faults))
    return Looked(cautions=cautions(agreement), agreement=agreement)


def _line(fault: InvalidInput, lines: list[str]) -> Line:
    number = fault.line
    written = lines[number - 1] if number is not None and 0 < number <= len(lines) else ""
    return Line(number, written.strip(), fault.field, fault.rule)


@own_desk("case-administration")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.drafts()
    people = agencies.names({d.updated_by for d in found})
    rows = [
        {
            "href": f"/agreements/drafts/{d.id}",
            "name": d.name,
            "by": people.get(d.updated_by, d.updated_by),
            "at": Moment(d.updated_at, scope.actor.zone),
            "revision": d.revision,
        }
        for d in found
    ]
    context = {
        "columns": COLUMNS,
        "rows": rows,
        "origins": _origins(scope),
        "agency": scope.actor.agency_name,
        "typed": request.POST,
        "chosen": request.POST.get("from") or request.GET.get("from") or "empty",
        "faults": faults_of(request, FIELDS),
    }
    return render(request, "agreements/drafts.html", context)


def _origins(scope: Scope) -> list[Option]:
    """What a draft can begin from: nothing, a usual agreement, or a version in force."""
    from accord.agreements.library import templates

    ours = [
        v
        for v in queries.versions()
        if v.state is State.IN_FORCE and scope.actor.agency in v.parties
    ]
    return [
        Option("empty", phrase("Nothing: an empty frame")),
        *(
            Option(f"template:{t.name}", phrase("Usual agreement: %(title)s", title=t.title))
            for t in templates()
        ),
        *(
            Option(
                f"amend:{v.content_hash}",
                phrase("Amend %(agreement)s: %(title)s", agreement=v.agreement, title=v.title),
            )
            for v in ours
        ),
    ]


@own_desk("case-administration")
def _begin(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    origin = request.POST.get("from", "empty")
    text = _sent(request)
    if not text:
        text = beginning(origin, scope.actor.agency, scope.actor.zone)
    made = actions.begin_draft(scope, name=request.POST.get("name", ""), text=text)
    return done(f"/agreements/drafts/{made}")


def _sent(request: Any) -> str:
    """A text that was pasted, or a file that was sent."""
    sent = request.FILES.get("file")
    if sent is None:
        return str(request.POST.get("text", ""))
    if sent.size > 4 * MAX_CHARACTERS:
        raise InvalidInput(
            "draft",
            None,
            "file",
            phrase(
                "at most %(max_characters)s characters", max_characters=thousands(MAX_CHARACTERS)
            ),
        )
    try:
        return str(sent.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput("draft", None, "file", phrase("must be text in UTF-8")) from error


@own_desk("case-administration")
def _editor(request: Any, draft_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.draft(draft_id)
    fault = getattr(request, "fault", None)
    text = _of_form(request.POST.get("text", "")) if request.method == "POST" else found.text
    looked = look(text)
    context = {
        "draft": found,
        "name": request.POST.get("name", found.name),
        "text": text,
        "theirs": found if isinstance(fault, Conflict) and text != found.text else None,
        "editor": agencies.names({found.updated_by}).get(found.updated_by, found.updated_by),
        "based_on": found.revision,
        "looked": looked,
        "seen": Option(str(len(looked.cautions)), phrase("I read the cautions, and mean it so")),
        "cannot_propose": None if SUPERVISOR in scope.actor.roles else ONLY_SUPERVISORS,
        "faults": _faults(request),
        "zone": scope.actor.zone,
    }
    return render(request, "agreements/draft.html", context)


def _faults(request: Any) -> Faults:
    """The form's faults; those of the text stand beside it, line by line."""
    fault = getattr(request, "fault", None)
    if isinstance(fault, InvalidInput) and fault.file == DRAFT_FILE:
        said = phrase("Nothing was proposed: the text has faults, which stand beside it.")
        return Faults((FieldError("check", said),))
    return faults_of(request, FIELDS)


@own_desk("case-administration")
def _edit(request: Any, draft_id: UUID) -> HttpResponseBase:
    """Keep, propose or discard: one form, so that what was typed goes with whatever is pressed."""
    scope: Scope = request.scope
    found = queries.draft(draft_id)
    based_on = _number(request.POST.get("based_on", ""))
    do = request.POST.get("do", "keep")
    if do == "discard":
        actions.discard_draft(scope, draft_id, based_on=based_on)
        request.session["said"] = phrase("The draft is gone.")
        return done("/agreements/drafts")
    based_on = _kept(request, scope, found, based_on)
    if do == "propose":
        _check_cautions(request)
        content_hash = actions.propose_draft(scope, draft_id, based_on=based_on)
        request.session["said"] = phrase("Proposed. Now every party signs it.")
        return done(f"/agreements/{content_hash}")
    if do == "clause":
        return done(f"/agreements/drafts/{draft_id}/clause")
    request.session["said"] = phrase("The draft is kept.")
    return done(f"/agreements/drafts/{draft_id}")


def _kept(request: Any, scope: Scope, found: DraftEntry, based_on: int) -> int:
    name, text = request.POST.get("name", found.name), _of_form(request.POST.get("text", ""))
    if (name, text, based_on) == (found.name, found.text, found.revision):
        return based_on
    return actions.edit_draft(scope, found.id, name=name, text=text, based_on=based_on)


def _of_form(text: str) -> str:
    """A text as it was typed: a form ends its lines with two signs."""
    return text.replace("\r\n", "\n")


def _check_cautions(request: Any) -> None:
    """Nothing is proposed over a caution that was not shown first."""
    found = look(_of_form(request.POST.get("text", "")))
    shown = request.POST.get("seen", "")
    if found.cautions and shown != str(len(found.cautions)):
        raise InvalidInput("draft", None, "seen", phrase("read the cautions, and say that you did"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@own_desk("case-administration")
def _check(request: Any) -> HttpResponseBase:
    """The live check: what is wrong with the text as it stands, as a piece of the page."""
    looked = look(_of_form(request.POST.get("text", "")))
    answer: HttpResponse = render(request, "agreements/check.html", {"looked": looked})
    return answer


drafts = page(get=_list, post=_begin)
draft = page(get=_editor, post=_edit)
check = page(post=_check)
