"""A hit's record id is its owner's to know; the ledger keeps it from whoever got the hit."""

from __future__ import annotations

import json
from pathlib import Path

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.kernel.ids import uuid7
from accord.ledger.domain import acting_body, owning_body
from accord.records.queries.search import search
from accord.records.search_query import parse_query


def test_the_actor_of_a_hit_finds_its_handle_in_the_ledger_and_the_owner_the_record(
    world: Path,
) -> None:
    actor = agencies.actor("riverbend-pd.m.alvarez")
    context = resolve(actor, "human-trafficking-investigation", "agreement", "HT-2026-014")
    with open_scope(actor, context) as scope:
        answer = search(scope, parse_query("Viktor Danilchuck"))
        entry = scope.entry()
    assert answer.hits
    seen = json.dumps(acting_body(entry, uuid7()))
    for card in answer.hits:
        (item,) = [i for i in entry.items if i.handle == card.handle]
        assert item.record is not None
        assert item.record not in seen
        assert card.handle in seen
        assert item.record in json.dumps(owning_body(entry, uuid7(), card.owner))
        assert card.handle not in json.dumps(owning_body(entry, uuid7(), card.owner))
