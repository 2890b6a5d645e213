"""Reading the ledger: what I did, what was done with our records, what my agency did."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase, JsonResponse
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agreements.entry import own_desk
from accord.agreements.pages import page
from accord.agreements.scope import Scope
from accord.desk.ledger_lines import SAYS, TONES
from accord.kernel.errors import NotFound
from accord.kernel.merkle import leaf_hash, root_from_inclusion
from accord.kernel.phrases import joined, phrase
from accord.ledger import queries as ledger
from accord.ledger.domain import Kind, build_leaf
from accord.ledger.queries import EntryDetail, EntryLine, Filter
from accord.web.components import Chip, Code, Column, Link, Moment, Option, Proof, Property, Tab
from accord.web.filters import words

PAGE = 50
OVERSIGHT = "oversight-officer"
COLUMNS = (
    Column("at", phrase("When")),
    Column("kind", phrase("What")),
    Column("who", phrase("Who")),
    Column("purpose", phrase("Purpose"), narrow=False),
    Column("case", phrase("Case"), narrow=False),
    Column("leaf", phrase("Place in the log"), align="end"),
)
VIEWS = {
    "mine": phrase("What I did"),
    "records": phrase("What was done with our records"),
    "agency": phrase("What my agency did"),
}
MEANS = {
    "mine": phrase("Every page you opened and every change you made, newest first."),
    "records": phrase(
        "Who was shown a record of your agency, when and under which clause. "
        "You are not told for which case; the clause says for which purposes it opens."
    ),
    "agency": phrase("What members of your agency did. Open to its oversight officers."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of a list of entries."""

    rows: list[dict[str, Any]]
    older: str | None


@own_desk("oversight")
def _list(request: Any) -> HttpResponseBase:
    scope: Scope = request.scope
    view = request.GET.get("view", "mine")
    kind = request.GET.get("kind") or None
    if view not in VIEWS or (kind is not None and kind not in list(Kind)):
        raise NotFound()
    closed = view == "agency" and OVERSIGHT not in scope.actor.roles
    lines = [] if closed else _lines(scope, view, kind, _uuid(request.GET.get("before")))
    context = {
        "view": view,
        "means": MEANS[view],
        "tabs": [Tab(title, f"/ledger/?view={key}", key == view) for key, title in VIEWS.items()],
        "columns": COLUMNS,
        "shown": _page(lines, view, kind, scope.actor.zone),
        "closed": closed,
        "kind": kind,
        "kinds": [Option("", phrase("Every kind")), *(Option(k, words(k)) for k in Kind)],
        "head": ledger.head(),
        "zone": scope.actor.zone,
    }
    return render(request, "desk/ledger.html", context)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise NotFound() from error


def _lines(scope: Scope, view: str, kind: str | None, before: UUID | None) -> list[EntryLine]:
    if view == "records":
        return ledger.owner_entries(Filter(kind=kind), before=before, limit=PAGE + 1)
    actor = scope.actor.membership if view == "mine" else None
    return ledger.own_entries(Filter(kind=kind, actor=actor), before=before, limit=PAGE + 1)


def _page(lines: list[EntryLine], view: str, kind: str | None, zone: str) -> Shown:
    shown = lines[:PAGE]
    names = agencies.names({line.actor for line in shown})
    older = None
    if len(lines) > PAGE:
        narrowed = f"&kind={kind}" if kind else ""
        older = f"/ledger/?view={view}{narrowed}&before={shown[-1].id}"
    return Shown([_row(line, names, zone) for line in shown], older)


def _row(line: EntryLine, names: dict[str, str], zone: str) -> dict[str, Any]:
    return {
        "href": f"/ledger/{line.id}",
        "at": Moment(line.at, zone),
        "kind": Chip(words(line.kind), TONES.get(line.kind, "neutral"), SAYS.get(line.kind)),
        "who": names.get(line.actor, line.actor),
        "purpose": words(line.purpose) if line.purpose else None,
        "case": line.case,
        "leaf": line.leaf_index if line.leaf_index is not None else phrase("Waits"),
    }


@own_desk("oversight")
def _entry(request: Any, entry_id: UUID) -> HttpResponseBase:
    scope: Scope = request.scope
    found = ledger.entry(entry_id)
    names = agencies.names({found.line.actor})
    context = {
        "line": found.line,
        "title": SAYS.get(found.line.kind, words(found.line.kind)),
        "who": names.get(found.line.actor, found.line.actor),
        "facts": _facts(found, scope.actor.zone, names),
        "columns": ITEM_COLUMNS,
        "items": _items(found),
        "detail": _detail(found),
        "proof": _proof(found),
        "zone": scope.actor.zone,
    }
    return render(request, "desk/ledger_entry.html", context)


ITEM_COLUMNS = (
    Column("record", phrase("Record")),
    Column("owner", phrase("Owner")),
    Column("clause", phrase("Clause")),
    Column("obligations", phrase("Obligations"), narrow=False),
)


def _facts(found: EntryDetail, zone: str, names: dict[str, str]) -> list[Property]:
    line = found.line
    facts = [
        Property(phrase("When"), (Moment(line.at, zone),)),
        Property(phrase("Who"), (names.get(line.actor, line.actor),)),
        Property(phrase("Kind"), (Chip(words(line.kind), TONES.get(line.kind, "neutral")),)),
    ]
    if line.view == "acting":
        body = found.body or {}
        facts += [
            Property(phrase("Purpose"), (words(line.purpose),) if line.purpose else ()),
            Property(phrase("Case"), (line.case,) if line.case else (phrase("No case"),)),
            Property(
                phrase("Legal basis"),
                (words(body["legal_basis"]),) if body.get("legal_basis") else (),
            ),
        ]
    return facts


def _items(found: EntryDetail) -> list[dict[str, Any]]:
    """What the entry touched. A hit stands in its actor's body by its handle, never by its id."""
    items = (found.body or {}).get("items", ())
    rows = [
        {
            "record": Code(item["record"] or ""),
            "owner": item["owner"],
            "clause": f"{item['agreement']}, {item['clause']}"
            if item["clause"]
            else phrase("None"),
            "obligations": joined(item["obligations"], "; ") or None,
        }
        for item in items
    ]
    return list({str(row): row for row in rows}.values())


def _detail(found: EntryDetail) -> list[Property]:
    detail = (found.body or {}).get("detail", {})
    return [
        Property(words(key), (_plain(value),))
        for key, value in sorted(detail.items())
        if _plain(value)
    ]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return joined((_plain(v) for v in value), ", ")
    if isinstance(value, dict):
        return joined((f"{k}: {_plain(v)}" for k, v in sorted(value.items())), ", ")
    return str(value)


def _proof(found: EntryDetail) -> Proof | None:
    """What leads from the entry to the newest head, checked here with the kernel's own rules."""
    head = ledger.head()
    line = found.line
    if head is None or line.leaf_index is None or line.leaf_index >= head.size or line.erased:
        return None
    receipt = ledger.receipt(line.id)
    leaf = leaf_hash(build_leaf(bytes.fromhex(receipt["commitment"])))
    return Proof(
        index=line.leaf_index,
        kind=line.kind,
        leaf_hash=leaf.hex(),
        tree_size=head.size,
        root_hash=head.root.hex(),
        path_length=len(receipt["inclusion"]),
        checked=_checked(receipt, leaf, head.size, head.root),
        at=head.created_at,
        receipt=Link(phrase("Download the receipt"), f"/ledger/{line.id}/receipt"),
    )


def _checked(receipt: dict[str, Any], leaf: bytes, size: int, root: bytes) -> Any:
    path = [base64.b64decode(node) for node in receipt["inclusion"]]
    held = root_from_inclusion(leaf, receipt["leaf_index"], size, path) == root
    return "verified" if held else "failed"


@own_desk("oversight")
def _receipt(request: Any, entry_id: UUID) -> HttpResponseBase:
    response = JsonResponse(ledger.receipt(entry_id), json_dumps_params={"indent": 1})
    name = phrase('attachment; filename="accord-receipt-%(entry_id)s.json"', entry_id=entry_id)
    response.headers["Content-Disposition"] = name
    return response


entries = page(get=_list)
entry = page(get=_entry)
receipt = page(get=_receipt)
