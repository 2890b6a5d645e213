"""A case's own texts are for those who work on the case."""

from __future__ import annotations

from pathlib import Path

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.cases import actions, queries
from accord.records.queries.search import search
from accord.records.search_query import parse_query

HT = "human-trafficking-investigation"
WORD = "quibblemoor"


def _finds(membership: str, case: str | None) -> int:
    actor = agencies.actor(membership)
    with open_scope(actor, resolve(actor, HT, "statute", case)) as scope:
        return len(search(scope, parse_query(f'text:"{WORD}"')).visible)


def test_a_note_is_found_in_its_case_and_by_no_colleague_outside_it(world: Path) -> None:
    author = agencies.actor("harlan-so.c.boone")
    with open_scope(author, resolve(author, HT, "statute", "HT-2026-014")) as scope:
        actions.write_note(scope, queries.case("HT-2026-014"), f"The {WORD} van came back.")
    assert _finds("harlan-so.c.boone", "HT-2026-014") == 1
    assert _finds("riverbend-pd.m.alvarez", "HT-2026-014") == 1
    assert _finds("harlan-so.c.boone", None) == 0
    assert _finds("harlan-so.n.ibarra", None) == 0
