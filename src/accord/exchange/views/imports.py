"""Importing an agency's own files: taking one, watching it come in, mending what was set aside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agreements.entry import own_desk
from accord.agreements.pages import done, page
from accord.agreements.scope import Scope
from accord.exchange.actions.taking import take_file
from accord.exchange.domain import Stated
from accord.exchange.queries import mappings
from accord.exchange.report import report_of
from accord.kernel.errors import InvalidInput, refusal_of
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records import screen
from accord.records.actions import intake as actions
from accord.records.actions.contribute import check_contribute
from accord.records.actions.quarantine import row_label
from accord.records.queries import intake as queries
from accord.records.queries.intake import QuarantineView, RunView
from accord.records.queries.texts import texts
from accord.web.components import Chip, Column, FieldError, Moment, Option, Progress, Tone
from accord.web.faults import Faults, faults_of
from accord.web.filters import words

MAPPING_BYTES = 256 * 1024
ROWS_SHOWN = 50
LONGEST_LINE_NUMBER = 15
"""Digits; a file has fewer lines than that."""
COLUMNS = (
    Column("file", phrase("File")),
    Column("state", phrase("State")),
    Column("loaded", phrase("Loaded"), align="end"),
    Column("aside", phrase("Set aside"), align="end"),
    Column("by", phrase("By"), narrow=False),
    Column("at", phrase("Taken"), narrow=False),
)
STATES: dict[str, tuple[str, Tone]] = {
    "unmapped": (phrase("Needs a mapping"), "warn"),
    "queued": (phrase("Waits"), "neutral"),
    "running": (phrase("Coming in"), "info"),
    "done": (phrase("Done"), "good"),
    "failed": (phrase("Failed"), "bad"),
    "cancelled": (phrase("Cancelled"), "warn"),
}
PROGRESS = {
    "unmapped": "waiting",
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "stopped",
}
ACCEPT = ".csv,.tsv,.txt,.xlsx,.ods,.jsonl,.ndjson,.json,.jsonld,.xml"
BASES_ASKED = ("warrant", "court-order", "consent", "statute", "open-source", "partner", "tip")


@own_desk("records-administration")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    context = {
        "columns": COLUMNS,
        "rows": [_row(run, scope.actor.zone) for run in queries.runs(scope)],
        "cannot_import": _cannot_import(scope),
        "faults": _faults(request),
        "typed": request.POST,
        "accept": ACCEPT,
        "bases": _bases(),
        "saved": [
            Option(m.name, phrase("%(name)s, version %(version)s", name=m.name, version=m.version))
            for m in mappings(scope)
        ],
    }
    return render(request, "exchange/imports.html", context)


def _row(run: RunView, zone: str) -> dict[str, Any]:
    text, tone = STATES.get(run.state, (words(run.state), "neutral"))
    if run.sender_away:
        text, tone = phrase("Stands aside"), "warn"
    return {
        "href": f"/import/{run.id}" + ("/mapping" if run.state == "unmapped" else ""),
        "file": run.file_name,
        "state": Chip(text, tone),
        "loaded": run.loaded + run.revised,
        "aside": run.quarantined,
        "by": run.by,
        "at": Moment(run.created_at, zone),
    }


def _cannot_import(scope: Scope) -> str | None:
    """Why the member cannot import; None when a clause lets them contribute."""
    return refusal_of(check_contribute, scope, row_label(scope.actor.agency, "core"))


def _faults(request: Any) -> Faults:
    """Every fault of the file and of its mapping, each leading to the field it came from."""
    error = getattr(request, "fault", None)
    if not isinstance(error, InvalidInput):
        return faults_of(request, {})
    found = [(_field_of(f), str(f)) for f in error.faults]
    first: dict[str, str] = {}
    for field, text in found:
        first.setdefault(field, text)
    return Faults(tuple(FieldError(f"f-{field}", text) for field, text in found), first)


def _field_of(fault: InvalidInput) -> str:
    if fault.field == "basis":
        return "basis"
    return "mapping" if "mapping" in (fault.file, fault.field) else "file"


def _bases() -> list[Option]:
    vocabulary = Vocabulary.load(NEWEST)
    return [Option(w, words(vocabulary.meaning("basis", w))) for w in BASES_ASKED]


@own_desk("records-administration")
def _take(request: Any) -> HttpResponseBase:
    given = request.FILES.get("file")
    if given is None:
        raise InvalidInput("file", None, "", phrase("choose a file"))
    stated = Stated(
        mapping=_mapping(request),
        mapping_name=request.POST.get("saved") or None,
        basis=request.POST.get("basis") or None,
    )
    scope: Scope = request.scope
    run_id = take_file(
        scope, file_name=given.name, source=given.file, stated=stated, may_wait=True
    )  # fmt: skip
    found = queries.run(scope, run_id)
    if found.state == "unmapped":
        request.session["said"] = phrase(
            "Recognised as %(said)s. Say what its columns mean.", said=found.said
        )
        return done(f"/import/{run_id}/mapping")
    request.session["said"] = phrase(
        "Recognised as %(said)s. Its rows are coming in.", said=found.said
    )
    return done(f"/import/{run_id}")


def _mapping(request: Any) -> str | None:
    """The mapping as a file or as text; None for neither."""
    given = request.FILES.get("mapping")
    if given is None:
        return request.POST.get("mapping_text", "").strip() or None
    if given.size > MAPPING_BYTES:
        raise InvalidInput(
            "mapping",
            None,
            "",
            phrase("at most %(mapping_bytes)s KiB", mapping_bytes=MAPPING_BYTES // 1024),
        )
    try:
        return str(given.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput("mapping", None, "", phrase("is not text in UTF-8")) from error


@own_desk("records-administration")
def _run(request: Any, run_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = queries.run(scope, run_id)
    text = request.GET.get("after", "")
    after = int(text) if text.isdecimal() and len(text) <= LONGEST_LINE_NUMBER else 0
    rows = queries.quarantine(scope, run_id, after_line=after, limit=ROWS_SHOWN + 1)
    shown = rows[:ROWS_SHOWN]
    entries = _with_texts(scope, shown)
    context = {
        "found": found,
        "job": _progress(found),
        "entries": entries,
        "closed": any(closed for _, _, closed in entries),
        "here": f"/import/{run_id}?after={after}" if after else f"/import/{run_id}",
        "hidden": found.quarantined > 0 and not rows and after == 0,
        "older": f"/import/{run_id}?after={shown[-1].line}" if len(rows) > ROWS_SHOWN else None,
        "faults": faults_of(request, {}),
        "handling": screen.handling((), texts=True),
        "zone": scope.actor.zone,
    }
    return render(request, "exchange/run.html", context)


def _with_texts(
    scope: Scope, rows: tuple[QuarantineView, ...]
) -> list[tuple[QuarantineView, str | None, bool]]:
    """Each with its row as it came, and whether that is closed for now."""
    said = texts(scope, [row.record_id for row in rows])
    return [(row, said.get(row.record_id), said.is_closed(row.record_id)) for row in rows]


def _progress(run: RunView) -> Progress:
    return Progress(
        label=run.file_name,
        done=run.done_bytes,
        total=run.total_bytes,
        unit="bytes",
        state=PROGRESS[run.state],  # type: ignore[arg-type]  # the five words of Progress
        counts=(
            (phrase("Loaded"), run.loaded),
            (phrase("Revised"), run.revised),
            (phrase("Unchanged"), run.unchanged),
            (phrase("Set aside"), run.quarantined),
        ),
        note=run.failure,
    )


@own_desk("records-administration")
def _progress_part(request: Any, run_id: UUID) -> HttpResponseBase:
    """The progress alone, which the page asks for again and again until the run is over."""
    found = queries.run(request.scope, run_id)
    response = render(request, "exchange/progress.html", {"job": _progress(found), "found": found})
    if found.finished:
        response.headers["HX-Refresh"] = "true"
    return response


@own_desk("records-administration")
def _report(request: Any, run_id: UUID) -> HttpResponseBase:
    """Where each refused row stands and what is wrong with it, as CSV; no value of a row is in it."""
    content = report_of(request.scope, run_id)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = phrase(
        'attachment; filename="%(run_id)s.report.csv"', run_id=run_id
    )
    return response


@own_desk("records-administration")
def _cancel(request: Any, run_id: UUID) -> HttpResponseBase:
    actions.cancel(request.scope, run_id)
    request.session["said"] = phrase("The import is cancelled; what came in stays.")
    return done(f"/import/{run_id}")


@own_desk("records-administration")
def _mended(request: Any, run_id: UUID, entry_id: UUID) -> HttpResponseBase:
    actions.resolve_row(request.scope, entry_id)
    request.session["said"] = phrase("The row is marked as mended.")
    return done(f"/import/{run_id}")


def _without_entry(request: Any, run_id: UUID, entry_id: UUID) -> HttpResponseBase:
    """Show the run again after a refused change to one of its rows."""
    del entry_id
    return _run(request, run_id=run_id)


imports = page(get=_list, post=_take)
run = page(get=_run)
progress = page(get=_progress_part)
report = page(get=_report)
cancel = page(post=_cancel, again=_run)
mended = page(post=_mended, again=_without_entry)
