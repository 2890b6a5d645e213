"""Lists of ledger entries and single entries, as they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from accord.agencies import queries as agencies
from accord.desk.ledger_filter import AGENCY, MINE, RECORDS, Asked, clauses_said
from accord.desk.ledger_lines import SAYS, TONES
from accord.kernel.phrases import joined, phrase
from accord.ledger import queries as ledger
from accord.ledger.domain import OWNING
from accord.ledger.finding import COUNTED, count
from accord.ledger.queries import EntryDetail, EntryLine
from accord.web.components import Chip, Code, Column, Link, Moment, Number, Property
from accord.web.filters import pluralise, words

PAGE = 50
_AT = Column("at", phrase("When"))
_KIND = Column("kind", phrase("What"))
_WIDE_KIND = Column("kind", phrase("What"), narrow=False)
_WHO = Column("who", phrase("Who"))
_PURPOSE = Column("purpose", phrase("Purpose"), narrow=False)
_CASE = Column("case", phrase("Case"), narrow=False)
_RECORD = Column("record", phrase("Record"), narrow=False)
_CLAUSE = Column("clause", phrase("Clause"))
_LEAF = Column("leaf", phrase("Place in the log"), align="end", narrow=False)
_RECEIPT = Column("receipt", phrase("Proof"))
COLUMNS = {
    MINE: (_AT, _KIND, _PURPOSE, _CASE, _CLAUSE, _LEAF),
    RECORDS: (_AT, _WIDE_KIND, _WHO, _RECORD, _CLAUSE, _LEAF, _RECEIPT),
    AGENCY: (_AT, _KIND, _WHO, _PURPOSE, _CASE, _CLAUSE, _LEAF),
}
ITEM_COLUMNS = (
    Column("record", phrase("Record")),
    Column("owner", phrase("Owner"), narrow=False),
    Column("clause", phrase("Clause")),
    Column("obligations", phrase("Obligations"), narrow=False),
    Column("receipt", phrase("Proof")),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of a list of entries."""

    rows: list[dict[str, Any]]
    older: str | None = None
    newer: str | None = None
    said: str | None = None


def listed(query: Asked, before: UUID | None, after: UUID | None, zone: str) -> Shown:
    """The page of a list that an address asks for."""
    if query.wanted is None:
        return Shown([])
    asked = ledger.owner_entries if query.view == RECORDS else ledger.own_entries
    lines = asked(query.wanted, before=before, after=after, limit=PAGE + 1)
    more = len(lines) > PAGE
    shown = lines[-PAGE:] if after else lines[:PAGE]
    names = agencies.names({line.actor for line in shown})
    older = str(shown[-1].id) if shown and (more or after) else None
    newer = str(shown[0].id) if shown and (more if after else before) else None
    return Shown(
        rows=[_row(line, query, names, zone) for line in shown],
        older=query.address(before=older) if older else None,
        newer=query.address(after=newer) if newer else None,
        said=_counted(count(query.reads, query.wanted)),
    )


def _counted(number: int) -> str:
    if number > COUNTED:
        return phrase("More than %(count)s entries", count=f"{COUNTED:,}")
    return pluralise(number, "entry", "entries")


def _row(line: EntryLine, query: Asked, names: dict[str, str], zone: str) -> dict[str, Any]:
    about = f"?view={OWNING}" if query.view == RECORDS else ""
    return {
        "href": f"/ledger/{line.id}{about}",
        "at": Moment(line.at, zone),
        "kind": Chip(words(line.kind), TONES.get(line.kind, "neutral"), SAYS.get(line.kind)),
        "who": names.get(line.actor, line.actor),
        "purpose": words(line.purpose) if line.purpose else None,
        "case": Number(line.case) if line.case else None,
        "record": _records(line, query),
        "clause": clauses_said(line.clauses),
        "leaf": line.leaf_index if line.leaf_index is not None else phrase("Waits"),
        "receipt": _receipt(line, query),
    }


def _records(line: EntryLine, query: Asked) -> Any:
    """The one record, a link to all about it; else how many."""
    if len(line.records) == 1:
        return Link(line.records[0][:13] + "…", query.address(record=line.records[0], before=None))
    return pluralise(len(line.records), "record") if line.records else None


def _receipt(line: EntryLine, query: Asked) -> Any:
    if line.erased:
        return phrase("Erased")
    if line.leaf_index is None:
        return phrase("Waits")
    record = query.typed.get("record")
    return Link(phrase("Receipt"), receipt_address(line.id, OWNING, record=record))


def receipt_address(entry_id: UUID, view: str, **of: object) -> str:
    """Where the receipt of an entry is, or of one item or record of it."""
    names = {"view": view, **{name: value for name, value in of.items() if value is not None}}
    return f"/ledger/{entry_id}/receipt?{urlencode(names)}"


def facts(found: EntryDetail, zone: str, names: dict[str, str]) -> list[Property]:
    """Who, when and why."""
    line = found.line
    said = [
        Property(phrase("When"), (Moment(line.at, zone),)),
        Property(phrase("Who"), (names.get(line.actor, line.actor),)),
        Property(phrase("Kind"), (Chip(words(line.kind), TONES.get(line.kind, "neutral")),)),
    ]
    if line.view == "acting" and not line.erased:
        body = found.body or {}
        said += [
            Property(phrase("Purpose"), (words(line.purpose),) if line.purpose else ()),
            Property(phrase("Case"), (line.case,) if line.case else (phrase("No case"),)),
            Property(
                phrase("Legal basis"),
                (words(body["legal_basis"]),) if body.get("legal_basis") else (),
            ),
        ]
    return said


def items(found: EntryDetail, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the entry touched. A hit stands in its actor's body by its handle, never by its id.

    Parts of one record under one clause share a row, and its receipt shows them all. A body of
    version 1 has no receipts of its own for items.
    """
    single = (found.body or {}).get("v", 1) > 1 and found.line.leaf_index is not None
    rows: dict[str, dict[str, Any]] = {}
    for at, item in enumerate((found.body or {}).get("items", ())):
        row = {
            "record": Code(item["record"] or ""),
            "owner": names.get(item["owner"], item["owner"]),
            "clause": f"{item['agreement']}, {item['clause']}"
            if item["clause"]
            else phrase("None"),
            "obligations": joined(item["obligations"], "; ") or None,
        }
        of = {"record": item["record"]} if item["record"] else {"item": at}
        address = receipt_address(found.line.id, found.line.view, **of)
        proof = Link(phrase("Receipt"), address) if single else phrase("With the entry")
        rows.setdefault(str(row), row | {"receipt": proof})
    return list(rows.values())


def detail(found: EntryDetail) -> list[Property]:
    """What the act was about, word by word."""
    said = (found.body or {}).get("detail", {})
    return [
        Property(words(key), (_plain(value),))
        for key, value in sorted(said.items())
        if _plain(value)
    ]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return joined((_plain(v) for v in value), ", ")
    if isinstance(value, dict):
        return joined((f"{k}: {_plain(v)}" for k, v in sorted(value.items())), ", ")
    return str(value)
