"""The pages of exhibits: the table of a case, sending files, acquiring, one exhibit, its file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import freshly_proven, in_context, in_context_receiving
from accord.agreements.pages import View, WrongMethod, done, page
from accord.agreements.scope import Scope
from accord.evidence import forms, likeness, readingscreen, screen, tus
from accord.evidence.actions import copies, grounds
from accord.evidence.actions import exhibits as actions
from accord.evidence.actions import uploads as sending
from accord.evidence.custody import queries as custody
from accord.evidence.custody import screen as custody_screen
from accord.evidence.custody.domain import ENDS
from accord.evidence.domain import CONTENT_PART, ISSUED, KINDS, REFERENCES, Basis, UploadState
from accord.evidence.handing import download
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries import readings, uploads
from accord.evidence.queries.exhibits import Seen
from accord.kernel.clock import now
from accord.kernel.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    Unavailable,
    raise_all,
)
from accord.kernel.phrases import headed, phrase
from accord.platform import downloads
from accord.records import screen as records
from accord.records.views.exports import as_html
from accord.web.components import Option
from accord.web.faults import faults_of
from accord.web.filters import words

SHOWN = 100
LABELS = {
    "kind": phrase("Kind"),
    "description": phrase("Description"),
    "subjects": phrase("Whom it concerns"),
    "collected_at": phrase("When"),
    "zone": phrase("Time zone"),
    "collected_by": phrase("Who collected it"),
    "basis": phrase("Legal basis"),
    "reference": phrase("Number or section"),
    "authority": phrase("Issued by"),
    "document": phrase("Exhibit with the document"),
    "tool": phrase("Tool"),
    "format": phrase("Copy"),
}


def _case_id(scope: Scope) -> UUID:
    if scope.context.case_id is None:
        raise NotFound()
    return scope.context.case_id


@in_context
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    found, following = queries.exhibits_page(
        scope, _case_id(scope), after=request.GET.get("after"), limit=SHOWN
    )
    small = readings.with_thumbnail(s.exhibit.record_id for s in found)
    names = agencies.agency_names()
    context = {
        "columns": screen.COLUMNS,
        "rows": [
            screen.row(scope, seen, names, readingscreen.thumbnail(scope, seen, small))
            for seen in found
        ],
        "more": f"{scope.context.path}/exhibits?after={following}" if following else None,
        "first": f"{scope.context.path}/exhibits" if request.GET.get("after") else None,
        "waiting": [screen.waiting(u) for u in uploads.uploads(_case_id(scope))],
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "handling": records.handling([s.record for s in found]),
        "watermark": records.watermark(scope, *[s.record for s in found]),
    }
    return render(request, "evidence/list.html", context)


@in_context
def _new(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    context = {
        "waiting": [screen.waiting(u) for u in uploads.uploads(_case_id(scope))],
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "faults": faults_of(request, LABELS),
        "days": sending.life_days(),
    }
    return render(request, "evidence/new.html", context)


# -- tus -------------------------------------------------------------------------------------------


@in_context
def _begin(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    return tus.create(scope, request, f"{scope.context.path}/exhibits/uploads")


@in_context_receiving
def _abilities(request: Any) -> HttpResponseBase:
    del request  # what this server can do is the same for everybody
    return tus.options()


def begin(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    """POST begins an upload; OPTIONS says what the server can do."""
    if request.method == "OPTIONS":
        return _abilities(request, **kwargs)
    if request.method != "POST":
        raise WrongMethod(phrase("This address does not take that."))
    return _in_words(_begin, request, kwargs)


def _in_words(view: View, request: HttpRequest, kwargs: dict[str, Any]) -> HttpResponseBase:
    """A refusal as plain words, for the script that sends the file; it leaves its scope before."""
    try:
        return view(request, **kwargs)
    except (InvalidInput, NotAllowed, Conflict, Unavailable) as refused:
        status = next(s for kind, s in _REFUSED.items() if isinstance(refused, kind))
        said = headed(refused.rule) if isinstance(refused, InvalidInput) else str(refused)
        return HttpResponse(said, status=status, content_type="text/plain; charset=utf-8")


_REFUSED = {InvalidInput: 400, NotAllowed: 403, Conflict: 409, Unavailable: 503}


@in_context_receiving
def _piece(request: Any, upload_id: UUID) -> HttpResponseBase:
    return tus.where(upload_id) if request.method == "HEAD" else tus.append(request, upload_id)


@in_context
def _discard(request: Any, upload_id: UUID) -> HttpResponseBase:
    return tus.discard(request.scope, upload_id)


def piece(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
    """HEAD asks how much is here, PATCH sends on, DELETE lets go."""
    match request.method:
        case "HEAD" | "PATCH":
            return _in_words(_piece, request, kwargs)
        case "DELETE":
            return _in_words(_discard, request, kwargs)
    raise WrongMethod(phrase("This address does not take that."))


for _view in (begin, piece):
    _view.accord_entry = "working context"  # type: ignore[attr-defined]  # read by RefuseUndeclared
begin.accord_takes_post = True  # type: ignore[attr-defined]  # read by a test of the API


# -- acquiring -------------------------------------------------------------------------------------


@in_context
def _acquire_form(request: Any, upload_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    upload, own = uploads.upload(upload_id), _own(scope)
    like = likeness.last_of(own, scope.actor.membership)
    again = like if like and request.GET.get("like") == str(like.exhibit.record_id) else None
    context = {
        "like": None if request.POST or again else like,
        "upload": screen.waiting(upload),
        "exact": screen.exact(upload.size_bytes),
        "ready": upload.state is UploadState.COMPLETE,
        "hashes": upload.hashes,
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "faults": faults_of(request, LABELS),
        "typed": likeness.taken_over(again) if again else request.POST,
        "chosen": likeness.subjects_of(again) if again else request.POST.getlist("subject"),
        "flags": likeness.flags_of(again) if again else request.POST.getlist("flag"),
        "also": [
            Option("minor", phrase("A child is in it")),
            Option("sealed", phrase("A court has sealed it")),
        ],
        "kinds": [Option(kind, words(kind)) for kind in KINDS],
        "subjects": [Option(w, words(w)) for w in forms.vocabulary_words("subject")],
        "sensitivities": [Option(w, words(w)) for w in forms.vocabulary_words("sensitivity")],
        "bases": bases(),
        "documents": _documents(own),
        "me": scope.actor,
        "zone": scope.actor.zone,
    }
    return render(request, "evidence/acquire.html", context)


def bases() -> list[Option]:
    """The grounds, each with what must be stated with it."""
    asked = {basis: str(REFERENCES.get(basis, "")) for basis in Basis}
    asked[Basis.UNRECORDED] = phrase("Nobody else may have it until its basis is recorded")
    return [Option(b.value, words(b.value), hint=asked[b]) for b in Basis]


def _own(scope: Scope) -> list[Seen]:
    """Visible exhibits of this case that are the own agency's."""
    found = queries.exhibits_of_case(scope, _case_id(scope))
    return [seen for seen in found if seen.exhibit.owner == scope.actor.agency]


def _documents(own: list[Seen]) -> list[Option]:
    """Those that can hold a warrant or a signed consent."""
    papers = [seen.exhibit for seen in own if seen.exhibit.kind == "legal-document"]
    return [Option(e.number, f"{e.number} {e.description or ''}".strip()) for e in papers]


@in_context
def _acquire(request: Any, upload_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    record_id, number = actions.acquire(
        scope, upload_id, forms.about(request.POST), forms.collection(request.POST)
    )
    request.session["said"] = phrase("Exhibit %(number)s is acquired.", number=number)
    return done(f"{scope.context.path}/exhibits/{record_id}")


@in_context
def _let_go(request: Any, upload_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    sending.discard(scope, upload_id)
    request.session["said"] = phrase("The upload is discarded.")
    return done(f"{scope.context.path}/exhibits/new")


# -- one exhibit -----------------------------------------------------------------------------------


@in_context
def _show(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    seen = queries.exhibit(scope, record_id)
    names = agencies.agency_names()
    own = seen.exhibit.owner == scope.actor.agency
    content = seen.record.part(CONTENT_PART)
    context = {
        "exhibit": seen.exhibit,
        "record": seen.record,
        "original": seen.original,
        "file_seen": content is not None,
        "file_closed": readingscreen.is_closed(scope, seen),
        "what": screen.what(seen.exhibit.kind, seen.exhibit.description)
        if seen.exhibit.description
        else None,
        "size": None if seen.exhibit.size_bytes is None else screen.size(seen.exhibit.size_bytes),
        "exact": None if seen.exhibit.size_bytes is None else screen.exact(seen.exhibit.size_bytes),
        "basis": screen.basis_chip(seen.exhibit.basis),
        "unrecorded": seen.exhibit.basis is Basis.UNRECORDED,
        "owner": names.get(seen.exhibit.owner, seen.exhibit.owner),
        "acquired_by": agencies.names({seen.exhibit.acquired_by}).get(seen.exhibit.acquired_by, ""),
        "own": own,
        "path": scope.context.path,
        "case_number": scope.context.case_number,
        "closed": records.is_closed(scope, seen.record.parts),
        "panels": [records.panel(scope, seen.record, p, names) for p in seen.record.parts],
        "keys": records.keys_of(seen.record, scope),
        "may_export": content is not None and scope.may("export", content.label, content.kinds),
        "bases": bases(),
        "documents": _documents(_own(scope)) if own and scope.context.case_id else [],
        "issued": sorted(b.value for b in ISSUED),
        "faults": faults_of(request, LABELS),
        "typed": request.POST or _recorded(seen),
        "handling": records.handling([seen.record]),
        "watermark": records.watermark(scope, seen.record),
        "zone": scope.actor.zone,
        "at": now(),
        **_custody(seen, names),
        **readingscreen.panel(scope, seen),
    }
    return render(request, "evidence/exhibit.html", context)


def _custody(seen: Seen, names: dict[str, str]) -> dict[str, Any]:
    """Who has it and whether an alarm stands, for whoever may see its file."""
    record_id = seen.exhibit.record_id
    if seen.record.part(CONTENT_PART) is None:
        return {"custody": None, "alarms": []}
    line = custody.line_of(record_id)
    alarms = custody.standing_alarms(record_id)
    return {
        "custody": {
            "state": custody_screen.state_chip(line),
            "custodian": None if line.state in ENDS else names.get(line.custodian, line.custodian),
            "offered_to": names.get(line.offered_to, line.offered_to) if line.offered_to else None,
            "at": line.at,
        }
        if line is not None
        else None,
        "alarms": [(alarm, custody_screen.ALARMED[alarm.outcome]) for alarm in alarms],
    }


def _recorded(seen: Seen) -> dict[str, str]:
    """What the core part says of the basis now, for the form that changes it."""
    core = seen.record.part("core")
    said = core.values if core else {}
    names = {
        "reference": "basisReference",
        "authority": "issuingAuthority",
        "document": "documentExhibit",
    }
    return {field: said[name][0] for field, name in names.items() if said.get(name)}


@in_context
def _basis(request: Any, record_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    faults: list[InvalidInput] = []
    ground = forms.basis(request.POST, faults)
    raise_all(faults)
    followed = grounds.record_basis(
        scope,
        record_id,
        basis=ground or Basis.UNRECORDED,
        reference=request.POST.get("reference", "").strip() or None,
        authority=request.POST.get("authority", "").strip() or None,
        document=request.POST.get("document", "").strip() or None,
    )
    request.session["said"] = screen.said_of_ground(ground or Basis.UNRECORDED, followed)
    return done(f"{scope.context.path}/exhibits/{record_id}")


@freshly_proven
@in_context
def _file(request: Any, record_id: UUID) -> HttpResponseBase:
    return file_response(request.scope, record_id, request.POST.get("format", ""))


def file_response(scope: Scope, record_id: UUID, form: str) -> StreamingHttpResponse:
    """Return an exhibit's file as a download; raises what taking it raises, and Unavailable."""
    with downloads.Place() as place:
        return _streamed(
            place, copies.take_file(scope, record_id, form, agencies.agency_names()), form
        )


def _streamed(place: downloads.Place, taken: copies.TakenFile, form: str) -> StreamingHttpResponse:
    entry, stamp = taken.sheet.taker.entry_id, taken.sheet.stamp
    if form == "zip":
        pieces, name = copies.as_zip(taken, as_html), f"{taken.number.replace('/', '-')}.zip"
        return download(place, pieces, "application/zip", name=name, entry=entry, stamp=stamp)
    kind, name = "application/octet-stream", taken.file_name
    response = download(place, taken.chunks(), kind, name=name, entry=entry, stamp=stamp)
    response.headers["Content-Length"] = str(taken.reader.size_bytes)
    return response


exhibits = page(get=_list)
new = page(get=_new)
acquire = page(get=_acquire_form, post=_acquire)
let_go = page(post=_let_go)
exhibit = page(get=_show)
record_basis = page(post=_basis, again=_show)
file = page(post=_file, again=_show)
