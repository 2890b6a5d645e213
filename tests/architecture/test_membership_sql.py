"""No SQL asks what the directory says of a membership without asking whether that is over.

`accord.in_force` says who acts for an agency, and `accord.held_roles` in which roles; the columns behind
them hold also what has ended. The same is asked of the database itself in tests/isolation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "accord"
NAMED = re.compile(
    r"(?:\b(?:from|join|into|update)\s+|,\s*)(?:public\.)?membership\s+(?:as\s+)?([a-z_]+)\b"
    r"|\b([a-z_]+)\s+public\.membership\b"
)
NO_NAME = frozenset({"on", "where", "set", "order", "using", "values", "group"})
SAYS_IT = ("held_roles", "held_level", "in_force")
"""The functions that may ask: everything else asks them."""
EXCEPTED = {
    "apply_directory_change": "changes them, and keeps what they said",
    "directory_gives": "compares an end with the one that is asked for",
    "other_administrators": "asks who has begun by now and still acts later, of accord.in_force",
    "acts_elsewhere": "asks who might act again, too",
    "end_system": "ends a membership once",
}
REPLACED = {
    "records/migrations/0012_subscriptions.py": "accord.subscriptions_to_ask, by records 0019",
    "exchange/webhooks/migrations/0002_row_security.py": "accord.webhooks_waiting, by webhooks 0004",
    "exchange/webhooks/migrations/0003_stop_and_sweep.py": "accord.webhooks_stop, by webhooks 0004",
}
"""Released migrations, which stay as they are, with what came in the place of what they made."""


def raw_questions(text: str) -> list[str]:
    """What a statement asks of the raw columns of a membership, as `name.column`."""
    names = {a or b for a, b in NAMED.findall(text)} - NO_NAME
    if not names:
        return []
    return re.findall(
        rf"\b(?:{'|'.join(sorted(names))})\.(?:roles|ends|valid_from|valid_until)\b", text
    )


def functions(text: str) -> Iterator[tuple[str, str]]:
    """Each function of a text of SQL with its body, and what is left as one of no name."""
    made = re.compile(r"create (?:or replace )?function accord\.(\w+)\(.*?\$\$.*?\$\$", re.S)
    for found in made.finditer(text):
        yield found[1], found[0]
    yield "", made.sub("", text)


def sql_files() -> list[Path]:
    return sorted([*SOURCE.rglob("*.sql"), *SOURCE.rglob("migrations/*.py")])


@pytest.mark.parametrize("file", sql_files(), ids=lambda f: str(f.relative_to(SOURCE)))
def test_no_sql_asks_a_membership_itself_whether_it_counts(file: Path) -> None:
    if str(file.relative_to(SOURCE)) in REPLACED:
        return
    asked = {
        name: found
        for name, body in functions(file.read_text("utf-8"))
        if name not in (*SAYS_IT, *EXCEPTED) and (found := raw_questions(body))
    }
    assert asked == {}, "ask accord.in_force(m, at) and accord.held_roles(m, at)"


@pytest.mark.parametrize(
    "text",
    [
        "select 1 from public.membership m where 'supervisor' = any (m.roles)",
        "select 1 from public.membership a, public.membership b where b.roles && x",
        "join membership as h on h.id = x and (h.valid_until is null)",
        "declare held public.membership; begin if held.roles = x",
    ],
)
def test_the_check_sees_a_raw_question(text: str) -> None:
    assert raw_questions(text)


def test_what_is_excepted_is_there_and_asks() -> None:
    for name in REPLACED:
        assert raw_questions((SOURCE / name).read_text("utf-8"))
    bodies = dict(
        pair for file in SOURCE.rglob("*.sql") for pair in functions(file.read_text("utf-8"))
    )
    assert all(name in bodies for name in (*SAYS_IT, *EXCEPTED))
    assert all(raw_questions(bodies[name]) for name in EXCEPTED)
