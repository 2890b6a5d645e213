"""`accord bench NAME`: figures on a node of its own, printed and appended to docs/benchmarks.md.

search      the same questions with and without row-level security, on a world of a chosen size
standing    how long it takes to work out what a member may see, fresh and from the cache
agreements  decisions, proofs and amendments, each beside a reference of the same run
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from accord.cli.benches.page import PAGE, Compared, report, table

WORLD = Path("worlds/riverbend")
VIEWER, PURPOSE = "harlan-so.c.boone", "human-trafficking-investigation"

# What accord.find does for a name, and the reading of the parts, without any standing.
BARE_FIND = """
with met as (
    select s.part_id, public.similarity(s.name, q) as score
      from unnest(%(spellings)s::text[]) q join search_name s on s.name operator(public.%%) q
    union all
    select s.part_id, public.word_similarity(q, s.name)
      from unnest(%(spellings)s::text[]) q join search_name s on s.name operator(public.%%>) q
    union all
    select s.part_id, greatest(public.word_similarity(%(name)s, s.name), 0.5)
      from search_name s
     where s.phonetic @> %(sounds)s::text[] and public.word_similarity(%(name)s, s.name) >= 0.4
)
select p.record_id, max(m.score) as score
  from met m join part p on p.id = m.part_id and p.superseded_at is null
 group by p.record_id order by score desc, p.record_id limit 50
"""
READ = "select * from part where record_id = any(%s) and superseded_at is null"


@dataclass(frozen=True)
class Figure:
    """One line of the table: milliseconds of one thing, many times over."""

    what: str
    times_ms: Sequence[float]
    note: str = ""

    def share(self, part: float) -> float:
        ordered = sorted(self.times_ms)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    def row(self) -> str:
        p50, p95 = self.share(0.5), self.share(0.95)
        return f"| {self.what} | {len(self.times_ms)} | {p50:.2f} | {p95:.2f} | {self.note} |"


@click.group()
def command() -> None:
    """Measure; every figure says on which machine and by which command."""


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    function = click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Use and keep this node; else one is made and removed.",
    )(function)
    return click.option(
        "--append/--no-append", default=True, help=f"Write the table to {PAGE}, where it is."
    )(function)


@command.command()
@click.option("--records", type=click.IntRange(min=100), default=20_000, show_default=True)
@click.option("--questions", type=click.IntRange(1, 60), default=50, show_default=True)
@_options
def search(records: int, questions: int, data_dir: Path | None, append: bool) -> None:
    """Ask for names that are there, under row-level security and without it."""
    with _node(data_dir) as (folder, admin):
        from accord.cli.load import load_world, show

        load_world(folder, WORLD, size=records, progress=show)
        admin.execute("analyze")
        names = _names(admin, questions)
        _sealed(names), _bare(admin, names)  # warms what is cached
        sealed, bare = _sealed(names), _bare(admin, names)
        ratio = sealed.share(0.5) / bare.share(0.5)
        whole = _whole(admin, names)
        _report(
            f"search, {_count(admin):,} records, {_labels(admin):,} labels",
            [sealed, bare, whole],
            f"Row-level security and standing against none of either: {ratio:.2f} times (p50).",
            append,
        )


def _names(admin: Any, questions: int) -> list[str]:
    rows = admin.execute("select name from search_name where name like '% %' order by id")
    found = sorted({name for (name,) in rows.fetchall()})
    return random.Random(7).sample(found, min(questions, len(found)))  # noqa: S311 - no secret


def _sealed(names: Sequence[str]) -> Figure:
    """The probe, and the parts of what is visible, in one transaction of one member."""
    from django.db import connection

    from accord.records.asking import asked
    from accord.records.nodekeys import keys
    from accord.records.queries.search import _find
    from accord.records.search_query import parse_query

    times, seen, hits = [], 0, 0
    questions = [
        asked(parse_query(f'name:"{n}"'), owners=OWNERS, token_key=keys().token_key())
        for n in names
    ]
    with _scope(), connection.cursor() as cursor:
        for question in questions:
            begun = time.perf_counter()
            found = _find(question, None, with_hits=True)
            visible = list({m.record_id for m in found if m.visible})
            cursor.execute(READ, [visible])
            cursor.fetchall()
            times.append((time.perf_counter() - begun) * 1000)
            seen += len(visible)
            hits += len({m.record_id for m in found if not m.visible})
    note = f"{seen / len(names):.1f} visible, {hits / len(names):.1f} hits a question"
    return Figure("accord.find and reading, as the application", times, note)


OWNERS = ("harlan-so", "mx-fgr-norte", "riverbend-pd", "safe-harbor", "state-bi", "tri-county-da")


def _bare(admin: Any, names: Sequence[str]) -> Figure:
    """The same candidates and the same reading by a superuser, whom nothing is hidden from."""
    from accord.records.asking import spellings
    from accord.records.names import normalise, phonetic_keys

    admin.execute("set pg_trgm.similarity_threshold = 0.4")
    admin.execute("set pg_trgm.word_similarity_threshold = 0.75")
    times, seen = [], 0
    for name in names:
        asked = {
            "spellings": list(spellings(name)),
            "name": normalise(name),
            "sounds": list(phonetic_keys(name)),
        }
        begun = time.perf_counter()
        found = [row[0] for row in admin.execute(BARE_FIND, asked).fetchall()]
        admin.execute(READ, [found]).fetchall()
        times.append((time.perf_counter() - begun) * 1000)
        seen += len(found)
    return Figure("the same without any, as superuser", times, f"{seen / len(names):.1f} records")


def _whole(admin: Any, names: Sequence[str]) -> Figure:
    """A whole question with its standing, ranking, quota and ledger entry."""
    from accord.records.queries.search import search as ask
    from accord.records.search_query import parse_query

    times = []
    for name in names:
        admin.execute("delete from hit_spending")
        begun = time.perf_counter()
        with _scope() as scope:
            ask(scope, parse_query(f'name:"{name}"'))
        times.append((time.perf_counter() - begun) * 1000)
    return Figure("a whole question: standing, ranking, quota, ledger entry", times)


def _scope() -> Any:
    from accord.agencies import queries as agencies
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope

    actor = agencies.actor(VIEWER)
    return open_scope(actor, resolve(actor, PURPOSE, "statute", None))


@command.command()
@click.option("--labels", multiple=True, type=click.IntRange(1, 60_000), default=(5_000, 20_000))
@click.option("--times", type=click.IntRange(min=1), default=10, show_default=True)
@_options
def standing(labels: tuple[int, ...], times: int, data_dir: Path | None, append: bool) -> None:
    """Open scopes with nothing cached, with the policy compiled, and from the cache."""
    with _node(data_dir) as (folder, admin):
        from accord.agreements.standing import forget_cached
        from accord.cli.load import load_world, show

        load_world(folder, WORLD, size=0, progress=show)
        figures = []
        for wanted in sorted(labels):
            while (missing := wanted - _labels(admin)) > 0:
                _number(missing)
            count = f"{_labels(admin):,} labels"
            cold = [_opened(forget_cached) for _ in range(times)]
            changed = [_opened(lambda: _bump(admin)) for _ in range(times)]
            cached = [_opened(lambda: None) for _ in range(times * 5)]
            figures += [
                Figure(f"{count}: nothing cached", cold, "first request of a process"),
                Figure(f"{count}: policy changed", changed, "agreements compiled already"),
                Figure(f"{count}: standing cached", cached),
            ]
        _report("standing: opening and closing a scope", figures, "", append)


@command.command()
@click.option("--clauses", type=click.IntRange(10, 5_000), default=2_000, show_default=True)
@click.option("--parts", type=click.IntRange(min=1_000), default=1_000_000, show_default=True)
@_options
def agreements(clauses: int, parts: int, data_dir: Path | None, append: bool) -> None:
    """Decide, prove, amend and work out standing, each beside its reference."""
    from accord.cli.benches import amendment, points, proofs

    figures = [*points.compare(), *proofs.compare(clauses)]
    with _node(data_dir) as (folder, admin):
        from accord.cli.load import load_world, show

        load_world(folder, WORLD, size=0, progress=show)
        _number(5_000 - _labels(admin))
        amendment.fill(admin, parts)
        figures += amendment.compare(admin, folder, parts)
        _number(20_000 - _labels(admin))
        figures.append(_standing_compared(admin))
    report("agreements: decisions, proofs, amendments", table(figures), append)


def _standing_compared(admin: Any) -> Compared:
    """The tables of every action for one member, nothing cached, beside the reference's answers."""
    from accord.cli.benches import tables

    cold, reference_s = tables.cold_ms(VIEWER, PURPOSE), tables.reference_s(VIEWER, PURPOSE)
    return Compared(
        f"standing for {_labels(admin):,} labels, worked out anew (agreements compiled; not stored)",
        f"{cold:,.0f} ms",
        f"the reference, label by label: {reference_s:,.0f} s",
        f"{reference_s * 1000 / cold:,.0f}×",
        "under 50 ms",
    )


@command.command(name="all")
def everything() -> None:
    """Take every figure, each on a node of its own, and write them to the page of figures."""
    for name in ("standing", "search", "agreements"):
        done = subprocess.run([sys.argv[0], "bench", name], check=False)  # noqa: S603 - ourselves
        if done.returncode:
            raise SystemExit(done.returncode)


def _opened(first: Callable[[], object]) -> float:
    first()
    begun = time.perf_counter()
    with _scope():
        pass
    return (time.perf_counter() - begun) * 1000


def _bump(admin: Any) -> None:
    admin.execute("update accord.policy_epoch set epoch = epoch + 1")


def _number(count: int) -> None:
    """Number this many labels that no record has, spread over what clauses name."""
    from django.db import transaction

    from accord.agreements.labels import number_labels
    from accord.kernel.labels import Label
    from accord.kernel.vocabulary import Vocabulary

    dice, words = random.Random(count), Vocabulary.load(1).words  # noqa: S311 - no secret
    made: set[Label] = set()
    while len(made) < count:
        made.add(
            Label(
                owner=dice.choice(OWNERS),
                schema=dice.choice(words("schema")),
                part=dice.choice(words("part")),
                subjects=frozenset({dice.choice(words("subject"))}),
                sensitivity=dice.choice(words("sensitivity")),
                handling=dice.choice(words("handling")),
                basis=dice.choice(words("basis")),
                offence=dice.choice(words("offence")),
                minor=dice.random() < 0.1,
                sealed=False,
                intelligence=False,
            )
        )
    with transaction.atomic():
        number_labels(sorted(made, key=lambda label: label.hash))


@contextmanager
def _node(data_dir: Path | None) -> Iterator[tuple[Path, Any]]:
    """A prepared node and a superuser's connection to it; removed at the end unless it was named."""
    import psycopg

    from accord.cli import node
    from accord.platform.db import launcher

    folder = data_dir or Path(tempfile.mkdtemp(prefix="accord-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    try:
        with node.prepared(folder, demo=True):
            cluster = launcher.ensure_running(folder)
            dsn = psycopg.conninfo.make_conninfo(cluster.admin_dsn, dbname="accord")
            with psycopg.connect(dsn, autocommit=True) as admin:
                yield folder, admin
    finally:
        if data_dir is None:
            shutil.rmtree(folder, ignore_errors=True)


def _count(admin: Any) -> int:
    count: int = admin.execute("select count(*) from record").fetchone()[0]
    return count


def _labels(admin: Any) -> int:
    count: int = admin.execute("select count(*) from label").fetchone()[0]
    return count


def _report(title: str, figures: Sequence[Figure], remark: str, append: bool) -> None:
    """Print a table with machine and command, and put it on the page of figures."""
    lines = [
        "| what | times | p50 ms | p95 ms | |",
        "| --- | ---: | ---: | ---: | --- |",
        *[figure.row() for figure in figures],
        *(["", remark] if remark else []),
    ]
    report(title, lines, append)
