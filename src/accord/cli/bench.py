"""`accord bench NAME`: figures on a node of its own, printed and appended to docs/benchmarks.md.

search      the same questions with and without row-level security, on a world of a chosen size
core        import, search, lists, record pages, sizes and memory, at a tenth of a size and in full
standing    how long it takes to work out what a member may see, fresh and from the cache
agreements  decisions, proofs and amendments, each beside a reference of the same run
web         pages opened by many people at once, and live pages that see a change
evidence    taking in a file of an exhibit, hashing it again, bundling it, beside SHA-256 alone
identity    knowing who asks, signing in and stepping up, sign-ins a second
ledger      entries a second under signed heads, proofs, and a million leaves checked
mixed       people who read and write while processes are killed, and whether anything was lost
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from accord.cli.benches.noding import (
    PURPOSE,
    VIEWER,
    WORLD,
    asking,
    count,
    node_for,
    number_labels,
    scope_of,
    world_for,
)
from accord.cli.benches.page import PAGE, Compared, report, table
from accord.cli.benches.times import Figure

COLD = "agreements compiled already; goal: under 50 ms"


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
    from accord.cli.benches import searching

    with world_for(data_dir, records) as (_, admin):
        figures = [
            *searching.compare(admin, {"as an analyst does": VIEWER}, questions),
            searching.whole(admin, VIEWER, questions),
        ]
        title = f"search, {count(admin):,} records, {count(admin, 'label'):,} labels"
        report(title, table(figures), append)


@command.command()
@click.option("--records", type=click.IntRange(min=1_000), default=326_000, show_default=True)
@_options
def core(records: int, data_dir: Path | None, append: bool) -> None:
    """Import, search, list, open, at a tenth of the size and in full; 326,000 make a million parts."""
    from accord.cli.benches.core import figures

    with node_for(data_dir) as (folder, admin):
        found = list(figures(folder, admin, records))
        title = f"core, {count(admin):,} records, {count(admin, 'part'):,} parts, "
        title += f"{count(admin, 'label'):,} labels"
        report(title, table(found), append)


@command.command()
@click.option("--labels", multiple=True, type=click.IntRange(1, 60_000), default=(5_000, 20_000))
@click.option("--times", type=click.IntRange(min=1), default=10, show_default=True)
@_options
def standing(labels: tuple[int, ...], times: int, data_dir: Path | None, append: bool) -> None:
    """Open scopes with nothing cached, with the policy compiled, and from the cache."""
    with node_for(data_dir) as (folder, admin):
        from accord.agreements.standing import forget_cached, forget_standings
        from accord.cli.load import load_world, show

        load_world(folder, WORLD, size=0, progress=show)
        figures = []
        for wanted in sorted(labels):
            while (missing := wanted - count(admin, "label")) > 0:
                number_labels(missing)
            numbered = f"{count(admin, 'label'):,} labels"
            alone = [_taken(_nothing) for _ in range(times * 5)]
            computed = [_taken(forget_standings) for _ in range(times)]
            cold = [_opened(forget_cached) for _ in range(times)]
            changed = [_opened(lambda: _bump(admin)) for _ in range(times)]
            cached = [_opened(_nothing) for _ in range(times * 5)]
            figures += [
                Figure(f"{numbered}: the standing alone, worked out and stored", computed, COLD),
                Figure(f"{numbered}: the standing alone, cached", alone, "goal: under 1 ms"),
                Figure(f"{numbered}: nothing cached", cold, "first request of a process"),
                Figure(f"{numbered}: policy changed", changed, "agreements compiled already"),
                Figure(f"{numbered}: standing cached", cached),
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
    with node_for(data_dir) as (folder, admin):
        from accord.cli.load import load_world, show

        load_world(folder, WORLD, size=0, progress=show)
        number_labels(5_000 - count(admin, "label"))
        amendment.fill(admin, parts)
        figures += amendment.compare(admin, folder, parts)
        number_labels(20_000 - count(admin, "label"))
        figures.append(_standing_compared(admin))
    report("agreements: decisions, proofs, amendments", table(figures), append)


def _standing_compared(admin: Any) -> Compared:
    """The tables of every action for one member, nothing cached, beside the reference's answers."""
    from accord.cli.benches import tables

    cold, reference_s = tables.cold_ms(VIEWER, PURPOSE), tables.reference_s(VIEWER, PURPOSE)
    return Compared(
        f"standing for {count(admin, 'label'):,} labels, worked out anew (agreements compiled, "
        "not stored)",
        f"{cold:,.0f} ms",
        f"the reference, label by label: {reference_s:,.0f} s",
        f"{reference_s * 1000 / cold:,.0f}×",
        "under 50 ms",
    )


@command.command()
@click.option("--records", type=click.IntRange(min=0), default=20_000, show_default=True)
@click.option("--people", "crowd_size", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--opens", type=click.IntRange(3, 300), default=12, show_default=True)
@click.option("--think", type=click.FloatRange(0, 60), default=5.0, show_default=True)
@click.option("--live", "pages", type=click.IntRange(1, 1_000), default=200, show_default=True)
@click.option("--port", type=click.IntRange(1024, 65_000), default=8600, show_default=True)
@_options
def web(
    records: int,
    crowd_size: int,
    opens: int,
    think: float,
    pages: int,
    port: int,
    data_dir: Path | None,
    append: bool,
) -> None:
    """Open pages as many people at once, and let live pages see changes; on loopback alone."""
    from accord.cli.benches import memory, serving
    from accord.cli.benches import web as pages_of_web

    with world_for(data_dir, records) as (folder, admin):
        title = (
            f"web: {crowd_size} people and {pages} live pages, {count(admin, 'record'):,} records"
        )
        with serving.served(folder, port) as running:
            url = running.url
            rest = memory.held_kb(folder)
            crowd = serving.people(url, crowd_size)
            figures, remark = pages_of_web.compare_pages(
                url, crowd, opens, think, lambda: count(admin, "ledger_entry")
            )
            figures += pages_of_web.compare_live(url, crowd, pages, 20)
            figures += memory.compare(rest, memory.held_kb(folder))
        report(title, [*table(figures), "", remark], append)


@command.command()
@click.option("--times", type=click.IntRange(10, 100_000), default=2_000, show_default=True)
@click.option("--people", type=click.IntRange(1, 20), default=8, show_default=True)
@click.option("--seconds", type=click.FloatRange(1, 600), default=30.0, show_default=True)
@click.option("--web-processes", type=click.IntRange(1, 32), default=1, show_default=True)
@click.option("--port", type=click.IntRange(1024, 65_000), default=8600, show_default=True)
@_options
def identity(
    times: int,
    people: int,
    seconds: float,
    web_processes: int,
    port: int,
    data_dir: Path | None,
    append: bool,
) -> None:
    """Check tokens and sessions, sign in and step up, and sign in as many as can in a second."""
    load = os.getloadavg()[0]
    os.environ["ACCORD_WEB_PROCESSES"] = str(web_processes)
    from accord.cli.benches import identity as who
    from accord.cli.benches.serving import served

    with world_for(data_dir, 0) as (folder, admin):
        from accord.agencies.actions import create_signin_link

        paid = who.checks(times)
        members = [row[0] for row in admin.execute("select id from membership order by id")]
        links = [create_signin_link(member) for member in members[:people]]
        with served(folder, port):
            crowd = [who.enrolled(f"http://localhost:{port}", link) for link in links]
            trips = who.round_trips(crowd[0], admin, min(40, times))
            together = who.sustained(crowd, seconds, load)
        said = who.lines(paid, trips, together, len(crowd), web_processes)
        report("identity: who asks", said, append)


@command.command()
@click.option("--leaves", type=click.IntRange(min=1_000), default=1_000_000, show_default=True)
@click.option(
    "--pymerkle",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="ACCORD_BENCH_PYMERKLE",
    help="An interpreter that has pymerkle, the reference; it is under the GPL, so install it apart.",
)
@_options
def ledger(leaves: int, pymerkle: Path | None, data_dir: Path | None, append: bool) -> None:
    """Append, place, sign, prove and check, beside pymerkle and plain COPY."""
    from accord.cli.benches import log

    with world_for(data_dir, 0) as (_, admin):
        figures = list(log.figures(admin, pymerkle, leaves))
        report("ledger: entries, proofs, checking", table(figures), append)


@command.command()
@click.option("--minutes", type=click.FloatRange(0.5, 600), default=30.0, show_default=True)
@click.option("--people", "size", type=click.IntRange(2, 200), default=50, show_default=True)
@click.option("--records", type=click.IntRange(min=0), default=20_000, show_default=True)
@click.option("--kill-every", type=click.FloatRange(5, 3_600), default=60.0, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--port", type=click.IntRange(1024, 65_000), default=8600, show_default=True)
@_options
def mixed(
    minutes: float,
    size: int,
    records: int,
    kill_every: float,
    seed: int,
    port: int,
    data_dir: Path | None,
    append: bool,
) -> None:
    """Let people read and write while processes are killed; fails when anything was lost or leaked."""
    from accord.cli.benches import mixed as load_of
    from accord.cli.benches.serving import served

    with world_for(data_dir, records) as (folder, admin):
        title = f"mixed load: {size} people for {minutes:g} minutes, {count(admin):,} records"
        admin.close()  # the server is going to be killed
        with served(folder, port) as running:
            load = load_of.run(folder, running, size, minutes, kill_every, seed)
        judged = load_of.verdicts(folder, load)
        report(title, list(load_of.lines(load, judged)), append)
    if not all(verdict.holds for verdict in judged):
        raise SystemExit(1)


@command.command()
@click.option("--size-mb", type=click.IntRange(min=16), default=1_000, show_default=True)
@click.option("--append/--no-append", default=True, help=f"Write the table to {PAGE}, where it is.")
def evidence(size_mb: int, append: bool) -> None:
    """Take in a file of an exhibit and hash it again; the reference is SHA-256 alone."""
    import tempfile

    from accord.cli.benches.evidence import figures
    from accord.platform.setup import django_setup

    with tempfile.TemporaryDirectory(prefix="accord-bench-", dir=Path.cwd()) as folder:
        django_setup(Path(folder))
        found = figures(Path(folder), size_mb * 1_000_000)
        report(f"evidence, one file of {size_mb / 1000:.1f} GB", table(found), append)


@command.command(name="all")
def everything() -> None:
    """Take every figure but mixed load's, each on a node of its own, for the page of figures."""
    for name in (
        "standing", "search", "agreements", "core", "web", "identity", "ledger", "evidence"
    ):  # fmt: skip
        done = subprocess.run([sys.argv[0], "bench", name], check=False)  # noqa: S603 - ourselves
        if done.returncode:
            raise SystemExit(done.returncode)


def _nothing() -> None:
    """What is cached stays."""


def _taken(first: Callable[[], object]) -> float:
    """Milliseconds of taking a standing in a transaction that has begun."""
    from django.db import transaction

    from accord.agreements import queries, standing

    actor, context = asking()
    with transaction.atomic():
        epoch = queries.policy_epoch()
        first()
        begun = time.perf_counter()
        standing.for_request(actor, context, epoch)
        return (time.perf_counter() - begun) * 1000


def _opened(first: Callable[[], object]) -> float:
    first()
    begun = time.perf_counter()
    with scope_of():
        pass
    return (time.perf_counter() - begun) * 1000


def _bump(admin: Any) -> None:
    admin.execute("update accord.policy_epoch set epoch = epoch + 1")


def _report(title: str, figures: Sequence[Figure], remark: str, append: bool) -> None:
    """Print a table with machine and command, and put it on the page of figures."""
    lines = [
        "| what | times | p50 ms | p95 ms | |",
        "| --- | ---: | ---: | ---: | --- |",
        *[figure.row() for figure in figures],
        *(["", remark] if remark else []),
    ]
    report(title, lines, append)
