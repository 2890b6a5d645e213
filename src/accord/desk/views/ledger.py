"""Reading the ledger: what I did, what was done with our records, what my agency did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import own_desk
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.desk import erasing, erasing_screen, ledger_filter, ledger_screen
from accord.desk.ledger_filter import AGENCY, MINE, RECORDS, Asked
from accord.desk.ledger_lines import SAYS
from accord.desk.proof_screen import proof_of
from accord.kernel.errors import InvalidInput, NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.ledger import comparing, disclosures, proving
from accord.ledger import queries as ledger
from accord.ledger.domain import ACTING, OWNING
from accord.ledger.erasing import queries as erasures
from accord.ledger.erasing.domain import DECIDERS, LONGEST_REASON, OVERSIGHT, ErasureState
from accord.ledger.queries import EntryDetail
from accord.ledger.receipts import Wanted, written
from accord.web.components import Link, Tab
from accord.web.faults import faults_of
from accord.web.filters import words

LINES = "application/x-ndjson"
VIEWS = {
    MINE: phrase("What I did"),
    RECORDS: phrase("What was done with our records"),
    AGENCY: phrase("What my agency did"),
}
MEANS = {
    MINE: phrase("Every page you opened and every change you made, newest first."),
    RECORDS: phrase(
        "Who was shown a record of your agency, when and under which clause. "
        "You are not told for which case; the clause says for which purposes it opens."
    ),
    AGENCY: phrase("What members of your agency did. Open to its oversight officers."),
}


@own_desk("oversight")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    query = ledger_filter.asked(request, scope)
    closed = query.view == AGENCY and OVERSIGHT not in scope.actor.roles
    before, after = (_uuid(request.GET.get(name)) for name in ("before", "after"))
    context = {
        "query": query,
        "means": MEANS[query.view],
        "tabs": [Tab(title, query.of(v), v == query.view) for v, title in VIEWS.items()],
        "columns": ledger_screen.COLUMNS[query.view],
        "closed": closed,
        "head": ledger.head(),
        "held": comparing.held(Path(settings.ACCORD_DATA_DIR)),
        "zone": scope.actor.zone,
        "decides": bool(scope.actor.roles & DECIDERS),
    }
    if not closed:
        offered = ledger_filter.offered(query, scope)
        context |= {
            "shown": ledger_screen.listed(query, before, after, scope.actor.zone),
            "offered": offered,
            "chosen": ledger_filter.chosen(query, offered, scope.actor.zone),
            "fields": ledger_filter.OFFERED[query.view],
            "files": _files(query),
        }
    response = render(request, "desk/ledger.html", context)
    response.status_code = 400 if query.faults.summary else 200
    return response


def _files(query: Asked) -> list[Link]:
    """What can be taken away of a list: of what was done with the agency's records."""
    if query.view != RECORDS or query.wanted is None:
        return []
    address = query.address().replace("/ledger/?", "/ledger/disclosures?", 1)
    return [
        Link(phrase("With every proof"), f"{address}&format=lines"),
        Link(phrase("As a table"), f"{address}&format=csv"),
    ]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound() from error


@own_desk("oversight")
def _disclosures(request: Any) -> HttpResponseBase:
    """What was done with the agency's records, narrowed as the list is, as a file."""
    scope: Scope = request.scope
    query = ledger_filter.asked(request, scope)
    if query.view != RECORDS:
        raise NotFound()
    if query.wanted is None:
        rules = "; ".join(error.message for error in query.faults.summary)
        raise InvalidInput("request", None, "", rules)
    scope.did("consultation", of="a file of what was done with own records")
    if request.GET.get("format") == "csv":
        return _file(disclosures.table(query.wanted), "text/csv; charset=utf-8", "csv")
    lines = (
        json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        for line in disclosures.lines(query.wanted)
    )
    return _file("".join(line + "\n" for line in lines), LINES, "jsonl")


def _file(text: str, kind: str, ending: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    name = f"accord-disclosures.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@own_desk("oversight")
def show_entry(request: Any, entry_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = ledger.entry(entry_id, _view(request))
    names = agencies.names({found.line.actor})
    context = {
        "line": found.line,
        "title": SAYS.get(found.line.kind, words(found.line.kind)),
        "who": names.get(found.line.actor, found.line.actor),
        "facts": ledger_screen.facts(found, scope.actor.zone, names),
        "columns": ledger_screen.ITEM_COLUMNS,
        "items": ledger_screen.items(found, agencies.agency_names()),
        "detail": ledger_screen.detail(found),
        "proof": proof_of(found.line, scope.actor.zone),
        "zone": scope.actor.zone,
        **_erasing(request, scope, found),
    }
    return render(request, "desk/ledger_entry.html", context)


def _erasing(request: Any, scope: Scope, found: EntryDetail) -> dict[str, Any]:
    """What whoever may decide about it is told of erasing this entry; nothing for others."""
    if not scope.actor.roles & DECIDERS:
        return {"offers_erasing": False}
    proposed = erasures.proposals(entry_id=found.line.id)
    return {
        "erasures": [(erasing_screen.state_chip(each), each) for each in proposed],
        "waiting": any(each.state is ErasureState.PROPOSED for each in proposed),
        "cannot": refusal_of(erasing.check_decides, scope.actor, found)
        or refusal_of(erasing.check_erasable, found),
        "offers_erasing": True,
        "bases": erasing_screen.bases(),
        "faults": faults_of(request, erasing_screen.LABELS),
        "typed": request.POST,
        "limit": LONGEST_REASON,
    }


def _view(request: Any) -> str | None:
    """Which of the two views of an entry is asked for, where a reader has both."""
    view = request.GET.get("view")
    if view not in (None, ACTING, OWNING):
        raise NotFound()
    return str(view) if view else None


@own_desk("oversight")
def _receipt(request: Any, entry_id: UUID) -> HttpResponseBase:
    item, record = request.GET.get("item"), request.GET.get("record")
    if item is not None and not (item.isascii() and item.isdigit() and len(item) < 8):
        raise NotFound()
    wanted = Wanted(int(item) if item else None, record)
    proof = proving.receipt(entry_id, wanted, _view(request))
    response = HttpResponse(written(proof), content_type="application/json")
    name = f"accord-receipt-{entry_id}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


entries = page(get=_list)
disclosed = page(get=_disclosures)
entry = page(get=show_entry)
receipt = page(get=_receipt)
