"""What lists of the ledger show beside its bodies is what the bodies say, or nothing is given out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from accord.ledger import actions, exporting, proving, queries
from accord.ledger.sealing import BodyUnreadable
from isolation.direct import administrator
from isolation.test_ledger import ALVAREZ, HARLAN_OVERSIGHT, Who, disclosure, sealed

ENTRY = {
    "created_at": "created_at - interval '1 year'",
    "kind": "'consultation'",
    "actor_id": "'riverbend-pd.r.kowalski'",
    "purpose": "'oversight'",
    "case_id": "'HT-0000-000'",
}
VIEW = {
    "created_at": "created_at - interval '1 year'",
    "actor_id": "'state-bi.a.desai'",
    "actor_agency_id": "'state-bi'",
    "records": "'{}'",
}


@pytest.mark.parametrize(
    ("table", "column", "value", "who", "view"),
    [
        *(("ledger_entry", name, value, ALVAREZ, "acting") for name, value in ENTRY.items()),
        *(("ledger_view", name, value, HARLAN_OVERSIGHT, "owning") for name, value in VIEW.items()),
    ],
)
def test_a_row_that_was_changed_beside_its_body_is_named_and_not_given_out(
    node: Path, table: str, column: str, value: str, who: Who, view: str
) -> None:
    """An operator who dates an entry back in its row alone would show a false list."""
    with sealed(node, ALVAREZ):
        made = actions.append(disclosure())
    actions.sequence_all()
    # One of the two owners' rows alone: what is put back is this one's.
    row_of = "id = %s" if table == "ledger_entry" else "agency_id = 'harlan-so' and entry_id = %s"
    with administrator(node) as db:
        db.execute("set session_replication_role = replica")
        row = db.execute(f"select {column} from {table} where {row_of}", [made]).fetchone()
        before = row[column]
        db.execute(f"update {table} set {column} = {value} where {row_of}", [made])
    try:
        if column == "actor_id" and view == "acting":
            who = ("riverbend-pd.r.kowalski", "riverbend-pd", *ALVAREZ[2:])
        with sealed(node, who):
            for read in (
                lambda: queries.entry(made, view),
                lambda: proving.receipt(made, view=view),
                lambda: list(exporting.export_lines()),
            ):
                with pytest.raises(BodyUnreadable, match=f"{made} says another"):
                    read()
    finally:
        with administrator(node) as db:
            db.execute("set session_replication_role = replica")
            db.execute(f"update {table} set {column} = %s where {row_of}", [before, made])
    with sealed(node, ALVAREZ if view == "acting" else HARLAN_OVERSIGHT):
        assert queries.entry(made, view).body is not None


def test_an_owner_reads_what_concerns_all_its_records_and_names_none(node: Path) -> None:
    """As a statement of an owner is: it has an owner and no record."""
    told = disclosure()
    items = tuple(replace(item, record=None, part=None, handle=None) for item in told.items)
    with sealed(node, ALVAREZ):
        made = actions.append(replace(told, items=items))
    actions.sequence_all()
    with sealed(node, HARLAN_OVERSIGHT):
        body = queries.entry(made, "owning").body
    assert body is not None
    assert {item["record"] for item in body["items"]} == {None}
