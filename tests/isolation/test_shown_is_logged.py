"""Whatever shows another agency's record tells its owner, also where it shows only that it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from contributing import LIEUTENANT, acting, draft, superuser, write
from django.test import Client

from accord.agencies.actions import create_api_token, create_signin_link
from accord.cases.actions import place_record
from accord.cases.queries import case_of
from accord.records.queries.search import latest, search
from accord.records.search_query import parse_query
from paging import every_page

PARTNER = "harlan-so.c.boone"
CASE, PURPOSE = "HT-2026-014", "human-trafficking-investigation"
HERE = f"/w/{PURPOSE}/statute/{CASE}"

pytestmark = pytest.mark.usefixtures("world")


def told(data_dir: Path, record: UUID) -> int:
    """How many entries about a record its owner may read of the partner's acts."""
    with superuser(data_dir) as db:
        row = db.execute(
            "select count(*) from ledger_view where records @> array[%s] and actor_id = %s",
            [str(record), PARTNER],
        ).fetchone()
    assert row is not None
    return int(row[0])


def browser() -> Client:
    client = Client()
    assert client.post(create_signin_link(PARTNER)).status_code == 303
    return client


def test_a_list_of_what_is_in_a_case(world: Path) -> None:
    record = write(draft(name="Listed Person")).record_ids[0]
    with acting(LIEUTENANT, PURPOSE, CASE) as scope:
        place_record(scope, case_of(scope), record)
    headers = {
        "Authorization": f"Bearer {create_api_token(PARTNER)}",
        "Accord-Purpose": PURPOSE,
        "Accord-Case": CASE,
    }
    client: Any = Client()
    found = every_page(
        lambda path: client.get(path, headers=headers).json(), f"/api/v1/cases/{CASE}/records"
    )
    assert str(record) in {item["record"] for item in found}
    assert told(world, record) == 1


def test_parts_are_noted_in_an_order_of_their_own(world: Path) -> None:
    """Not in that of the disk, which hidden rows share: duties get their ids in this order."""
    with acting(PARTNER, PURPOSE, CASE) as scope:
        found = [str(shown.record_id) for shown in latest(scope, limit=100).records]
        items = scope.entry().items
    records = [item.record for item in items]
    assert records == sorted(records)
    read = [(item.record, item.part) for item in items if item.part]
    assert read == sorted(read)
    assert len(set(found)) > 10
    assert found != sorted(found)


def test_a_hit_that_is_opened_by_its_address(world: Path) -> None:
    record = write(draft(name="Peregrine Holloway")).record_ids[0]
    with acting(PARTNER, PURPOSE, CASE) as scope:
        handle = search(scope, parse_query("Peregrine Holloway")).hits[0].handle
    before = told(world, record)
    client = browser()
    assert client.get(f"{HERE}/hits/{handle}/ask").status_code == 200
    assert told(world, record) == before + 1
    assert client.get(f"{HERE}/hits/{handle}").status_code == 303
    assert told(world, record) == before + 2
