"""What was done with an agency's records, as one file of lines with the proof of each, or as a table.

1. a first line: format, the key of the ledger, and what was asked for;
2. a line for each entry, newest first, with its receipt; or that it was erased, or waits for its
   place. A receipt here shows all that was asked for, however long;
3. a last line that says how many entries there were, so that a cut file is noticed.

`accord-verify` checks such a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from accord.kernel.cells import csv_text
from accord.kernel.errors import Conflict
from accord.ledger import keys
from accord.ledger.domain import Opening, instant
from accord.ledger.models import OwnerView
from accord.ledger.proving import inclusions
from accord.ledger.queries import Filter, HeadNote, newest_head, owner_rows, text_of
from accord.ledger.receipts import Place, Wanted, build_receipt

FORMAT = "accord-disclosures/1"
MOST_ENTRIES = 5_000
UNBOUNDED = 1 << 62
HEADER = (
    "at", "kind", "person", "agency", "record", "part", "agreement", "clause", "obligations",
    "entry", "place in the log",
)  # fmt: skip


def lines(wanted: Filter) -> Iterator[dict[str, Any]]:
    """The lines of the file. Raises Conflict where there are too many entries for one."""
    rows = _rows(wanted)
    cosigned, newest = newest_head(quorum=True), newest_head()
    under = {row.leaf_id: _head_over(row, cosigned, newest) for row in rows}
    placed = [(row.leaf_id, _index(row), head) for row in rows if (head := under[row.leaf_id])]
    paths = inclusions([(index, head.size) for _, index, head in placed])
    key = keys.public_key(Path(settings.ACCORD_DATA_DIR)).text
    places = {
        entry: Place(index, path, head.note, key)
        for (entry, index, head), path in zip(placed, paths, strict=True)
    }
    yield {"format": FORMAT, "key": key, "asked": _asked(wanted)}
    for row in rows:
        line: dict[str, Any] = {"entry": str(row.leaf_id)}
        opening = text_of(row)
        if opening is None:
            line |= {"at": instant(row.created_at), "erased": True}
        elif row.leaf_id not in places:
            line |= {"at": instant(row.created_at), "waits": True}
        else:
            line["receipt"] = _receipt(opening, places[row.leaf_id], wanted)
        yield line
    yield {"end": len(rows)}


def table(wanted: Filter) -> str:
    """The same as CSV, a row for each item; an erased entry has one row without a record."""
    return csv_text(HEADER, (cells for row in _rows(wanted) for cells in _cells(row, wanted)))


def _rows(wanted: Filter) -> list[OwnerView]:
    rows = owner_rows(wanted).select_related("leaf").order_by("-leaf_id")[: MOST_ENTRIES + 1]
    found = list(rows)
    if len(found) > MOST_ENTRIES:
        raise Conflict(
            f"There are more than {MOST_ENTRIES} entries. Narrow them, by time say, and take them "
            "in several files."
        )
    return found


def _head_over(
    row: OwnerView, cosigned: HeadNote | None, newest: HeadNote | None
) -> HeadNote | None:
    """The head under which an entry is proved: one that cosigners vouched for, where it covers it."""
    return next((each for each in (cosigned, newest) if each and _index(row) < each.size), None)


def _receipt(opening: Opening, place: Place, wanted: Filter) -> dict[str, Any]:
    """With a record asked for, its items alone, where the body commits to them one by one."""
    if wanted.record is None or opening.pieces is None:
        return build_receipt(opening, place, most=UNBOUNDED)
    return build_receipt(opening, place, Wanted(record=wanted.record), UNBOUNDED)


def _cells(row: OwnerView, wanted: Filter) -> Iterator[tuple[object, ...]]:
    opening = text_of(row)
    who = (instant(row.created_at), row.kind, row.actor_id, row.actor_agency_id)
    where = (row.leaf_id, row.leaf.leaf_index)
    if opening is None:
        yield (*who, "erased", None, None, None, None, *where)
        return
    for item in opening.body["items"]:
        if wanted.record in (None, item["record"]):
            obligations = "; ".join(item["obligations"])
            cited = (item["agreement"], item["clause"], obligations)
            yield (*who, item["record"], item["part"], *cited, *where)


def _asked(wanted: Filter) -> dict[str, str]:
    moments = {"since": wanted.since, "until": wanted.until}
    asked = {name: instant(at) for name, at in moments.items() if at}
    names = ("kind", "actor", "agency", "record", "clause")
    return asked | {name: str(getattr(wanted, name)) for name in names if getattr(wanted, name)}


def _index(row: OwnerView) -> int:
    """The place of a row's leaf; beyond every tree while it waits."""
    index = row.leaf.leaf_index
    return UNBOUNDED if index is None else index
