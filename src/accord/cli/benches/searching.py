"""Searches as members ask them, each beside the same candidates without any standing.

The reference meets the same criteria through the same indexes as a superuser, whom nothing is hidden
from, and reads the parts of the records it finds.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from accord.cli.benches.noding import OWNERS, PURPOSE, scope_of
from accord.cli.benches.page import Compared
from accord.cli.benches.times import Figure, timed

READ = "select * from part where record_id = any(%s) and superseded_at is null"
# What accord.find does up to the standing, and the best fifty.
BARE = """
with ask as materialized (
    select * from jsonb_to_recordset(%s::jsonb) a(n integer, how text, kind text, value text)
),
met as (
    select a.n, s.part_id, public.similarity(s.name, a.value) as score
      from ask a join search_name s on s.name operator(public.%%) a.value where a.how = 'name'
    union all
    select a.n, s.part_id, public.word_similarity(a.value, s.name)
      from ask a join search_name s on s.name operator(public.%%>) a.value where a.how = 'name'
    union all
    select a.n, s.part_id, greatest(public.word_similarity(a.kind, s.name), 0.5)
      from ask a join search_name s on s.phonetic @> string_to_array(a.value, ' ')
     where a.how = 'sound' and public.word_similarity(a.kind, s.name) >= 0.4
    union all
    select a.n, s.part_id, 1.0
      from ask a join search_exact s on s.kind = a.kind and s.term = a.value where a.how = 'exact'
    union all
    select a.n, s.part_id, 0.5
      from ask a join search_text s on s.body @@ websearch_to_tsquery('simple', a.value)
     where a.how = 'text'
),
best as (select n, part_id, max(score) as score from met group by n, part_id)
select p.record_id, max(b.score) as score
  from best b
 cross join lateral (
    select record_id from part p where p.id = b.part_id and p.superseded_at is null limit 1) p
 group by p.record_id order by score desc, p.record_id limit 50
"""
SETTINGS = (
    "set pg_trgm.similarity_threshold = 0.4",
    "set pg_trgm.word_similarity_threshold = 0.75",
    "set enable_seqscan = off",
    "set jit = off",
)
MATCHES = """
select count(*) from (
    select 1 from search_text where body @@ websearch_to_tsquery('simple', %s) limit %s) found
"""
SELECTIVE = 50
"""A phrase in more texts than this is a common one: nobody reads so many results."""
SELECTIVE_GOAL, COMMON_GOAL = "p95 under 25 ms, at most 1.5×", "under 50 ms"
GOALS = {
    "identifier": SELECTIVE_GOAL,
    "rare name": SELECTIVE_GOAL,
    "phrase": SELECTIVE_GOAL,
    "common phrase": "",
    "common name": COMMON_GOAL,
}


def questions(admin: Any, each: int) -> dict[str, list[str]]:
    """What to ask, by kind, drawn from what is there."""
    names = admin.execute(
        "select name, count(*) from search_name where name like '% %' group by name"
        " order by count(*), name"
    ).fetchall()
    rare = [name for name, often in names if often <= 2]
    phones = admin.execute(
        "select distinct term from search_exact where kind = 'identifier' order by term limit 5000"
    ).fetchall()
    texts = admin.execute(
        "select body -> 'text' ->> 0 from part where kind = 'narrative' and body ? 'text'"
        " order by id limit 5000"
    ).fetchall()
    phrases = sorted({" ".join(text.split()[2:6]) for (text,) in texts if len(text.split()) > 8})
    dice = random.Random(7)  # noqa: S311 - no secret
    asked = [f'"{p}"' for p in dice.sample(phrases, min(each * 3, len(phrases))) if '"' not in p]
    selective = [p for p in asked if _texts_with(admin, p) <= SELECTIVE]
    common = [p for p in asked if p not in selective]
    return {
        "identifier": [f"id:{p}" for (p,) in dice.sample(phones, min(each, len(phones)))],
        "rare name": [f'name:"{n}"' for n in dice.sample(rare, min(each, len(rare)))],
        "phrase": selective[:each],
        "common phrase": common[:each],
        "common name": [f'name:"{name}"' for name, _ in names[-max(each // 5, 1) :]],
    }


def _texts_with(admin: Any, phrase: str) -> int:
    """In how many texts a phrase stands, counted up to one more than makes it a common one."""
    found: int = admin.execute(MATCHES, [phrase, SELECTIVE + 1]).fetchone()[0]
    return found


def compare(admin: Any, viewers: dict[str, str], each: int) -> Iterator[Compared]:
    """Every kind of question by each viewer, and without any standing."""
    for setting in SETTINGS:
        admin.execute(setting)
    for kind, asked in questions(admin, each).items():
        if not asked:
            continue
        bare = timed(kind, lambda q: _bare(admin, q), [_asking(q) for q in asked])
        for who, viewer in viewers.items():
            sealed = _sealed(viewer, kind, asked)
            ratio = sealed.share(0.5) / bare.share(0.5)
            yield Compared(
                f"search by {kind}, a viewer who sees {who} ({sealed.note})",
                sealed.said,
                f"without row-level security: {bare.said}",
                f"{ratio:.2f}×",
                GOALS[kind],
            )


def _asking(question: str) -> list[dict[str, Any]]:
    from accord.records.asking import asked
    from accord.records.nodekeys import keys
    from accord.records.search_query import parse_query

    return asked(parse_query(question), owners=OWNERS, token_key=keys().token_key())


def _bare(admin: Any, asking: Sequence[dict[str, Any]]) -> None:
    found = admin.execute(BARE, [json.dumps(asking)]).fetchall()
    admin.execute(READ, [[row[0] for row in found]]).fetchall()


def _sealed(viewer: str, kind: str, asked: Sequence[str]) -> Figure:
    """The probe, and the parts of what is visible, in one transaction of one member."""
    from django.db import connection

    from accord.records.queries.search import _find

    seen: list[int] = []
    hits: list[int] = []

    with scope_of(viewer, PURPOSE), connection.cursor() as cursor:

        def ask(asking: Any) -> None:
            found = _find(asking, None, with_hits=True)
            visible = list({m.record_id for m in found if m.visible})
            cursor.execute(READ, [visible])
            cursor.fetchall()
            seen.append(len(visible))
            hits.append(len({m.record_id for m in found if not m.visible}))

        figure = timed(kind, ask, [_asking(question) for question in asked])
    note = f"{sum(seen) / len(seen):.1f} visible, {sum(hits) / len(hits):.1f} hits"
    return Figure(kind, figure.times_ms, note)


def whole(admin: Any, viewer: str, each: int) -> Compared:
    """A whole question by a rare name, with its standing, ranking, quota and ledger entry."""
    from accord.records.queries.search import search
    from accord.records.search_query import parse_query

    def ask(question: str) -> None:
        admin.execute("delete from hit_spending")
        with scope_of(viewer) as scope:
            search(scope, parse_query(question))

    figure = timed("", ask, questions(admin, each)["rare name"])
    return Compared(
        "a whole question by a rare name: standing, ranking, quota, ledger entry",
        figure.said,
        "",
        "",
    )
