"""Pages over HTTP: many people at once with every view logged, and live pages that see a change.

The node runs as it does for people: supervisor, web, live, worker and database, all on this machine and
on loopback, and so does whoever measures; what they cost is in the figures.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from accord.cli.benches.page import Compared
from accord.cli.benches.serving import CASE, OPENS_S, PURPOSE, WAY, Person, connect
from accord.cli.benches.times import share

READERS = 10


@dataclass
class Times:
    """How long each opening of each kind of page took, in milliseconds."""

    of: dict[str, list[float]] = field(default_factory=dict)
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, took_ms: float, good: bool) -> None:
        with self.lock:
            self.of.setdefault(what, []).append(took_ms)
            self.failed += 0 if good else 1


def pages_of(url: str, person: Person) -> dict[str, list[str]]:
    """What somebody opens: the case, its latest records, and a few of the records in it."""
    connection = connect(url)
    connection.request("GET", f"{WAY}/records/", headers={"Cookie": person.cookie})
    text = connection.getresponse().read().decode()
    connection.close()
    pieces = text.split(f'href="{WAY}/records/')[1:]
    records = sorted({piece.partition('"')[0] for piece in pieces})
    found = [f"{WAY}/records/{r}" for r in records if len(r) == 36][:20]
    return {
        "latest records": [f"{WAY}/records/"],
        "a case": [f"{WAY}/case"],
        "a record": found or [f"{WAY}/records/"],
    }


def browse(url: str, crowd: Sequence[Person], opens: int, think_s: float) -> Times:
    """Everybody opens pages with a pause between, as people do; returns how long each took."""
    times, threads = Times(), []
    for number, person in enumerate(crowd):
        work = threading.Thread(target=_browse, args=(url, person, opens, think_s, number, times))
        threads.append(work)
        work.start()
    for work in threads:
        work.join()
    return times


def _browse(url: str, person: Person, opens: int, think_s: float, seed: int, times: Times) -> None:
    dice = random.Random(seed)  # noqa: S311 - no secret
    pages = pages_of(url, person)
    connection = connect(url)
    time.sleep(dice.uniform(0, think_s))
    for turn in range(opens):
        what = list(pages)[turn % len(pages)]
        begun = time.perf_counter()
        connection.request("GET", dice.choice(pages[what]), headers={"Cookie": person.cookie})
        answer = connection.getresponse()
        answer.read()
        times.add(what, (time.perf_counter() - begun) * 1000, answer.status == 200)
        time.sleep(dice.expovariate(1 / think_s) if think_s else 0)
    connection.close()


def compare_pages(
    url: str, crowd: Sequence[Person], opens: int, think_s: float, logged: Callable[[], int]
) -> tuple[list[Compared], str]:
    """Each page by one person alone, then by everybody at once."""
    browse(url, crowd[:4], 6, 0)  # warms what is cached
    alone = browse(url, crowd[:1], 30, 0)
    before, begun = logged(), time.perf_counter()
    together = browse(url, crowd, opens, think_s)
    took_s, entries = time.perf_counter() - begun, logged() - before
    count = sum(len(v) for v in together.of.values())
    figures = []
    for what, times in together.of.items():
        p50, p95 = share(times, 0.5), share(times, 0.95)
        one = statistics.median(alone.of[what])
        figures.append(
            Compared(
                f"{what}: {len(times)} openings by {len(crowd)} people at once",
                f"{p50:.0f} ms, p95 {p95:.0f} ms",
                f"one person alone: {one:.0f} ms, p95 {share(alone.of[what], 0.95):.0f} ms",
                f"{p50 / one:.2f}×",
                "100 ms, p95 300 ms",
            )
        )
    remark = (
        f"{count / took_s:.1f} pages a second, {think_s:g} s between one person's pages on average;"
        f" {together.failed} were not answered with 200. {entries:,} entries in the ledger for"
        f" {count + len(crowd):,} pages."
    )
    return figures, remark


# -- live pages ------------------------------------------------------------------------------------


@dataclass
class Seen:
    """When each page was told of each change, and when a page that looked had it, in seconds."""

    told: list[float] = field(default_factory=list)
    pages: dict[int, int] = field(default_factory=dict)
    had: list[float] = field(default_factory=list)
    missed: int = 0


def compare_live(url: str, crowd: Sequence[Person], pages: int, changes: int) -> list[Compared]:
    """So many open pages of one case, and notes that are written in it one after the other."""
    seen = asyncio.run(_watch(url, crowd, pages, changes))
    p50, p95 = share(seen.told, 0.5), share(seen.told, 0.95)
    polled = 1.5  # half of the three seconds between two questions of a page that polls
    return [
        Compared(
            f"{pages} live pages, {len(seen.pages)} of members who may read the notes, told of {changes}"
            f" changes ({seen.missed} missed)",
            f"{p50:.2f} s, p95 {p95:.2f} s",
            "a page that asks every 3 s, half of that: 1.50 s",
            f"{p50 / polled:.2f}×",
            "p95 under 1 s",
        ),
        Compared(
            f"{READERS} of them have fetched the page anew with the change in it",
            f"{share(seen.had, 0.5):.2f} s, p95 {share(seen.had, 0.95):.2f} s",
            f"told: {p50:.2f} s",
            f"{share(seen.had, 0.5) / p50:.2f}×",
            "p95 under 1 s",
        ),
    ]


async def _watch(url: str, crowd: Sequence[Person], pages: int, changes: int) -> Seen:
    seen, written = Seen(), _Written(_live_port(url, crowd[0]))
    opened = [
        asyncio.create_task(_page(url, crowd[n % len(crowd)], written, seen, n))
        for n in range(pages)
    ]
    await asyncio.wait_for(_all_open(written, pages), OPENS_S)
    loop = asyncio.get_running_loop()
    for number in range(changes):
        at, text = await loop.run_in_executor(None, _write, number)
        written.now(at, text)
        await asyncio.sleep(2.0 + (number % 7) / 14)  # at another moment of the tick each time
    await asyncio.sleep(1.0)
    for task in opened:
        task.cancel()
    await asyncio.gather(*opened, return_exceptions=True)
    # Members for whom no clause opens the notes are told nothing, and that is right.
    seen.missed = len(seen.pages) * changes - len(seen.told)
    return seen


def _live_port(url: str, person: Person) -> int:
    """Where the live process listens, as pages say."""
    connection = connect(url)
    connection.request("GET", f"{WAY}/case", headers={"Cookie": person.cookie})
    text = connection.getresponse().read().decode()
    connection.close()
    return int(text.partition('data-live=":')[2].partition("/")[0])


class _Written:
    """The change that was made last, and how many pages are open."""

    def __init__(self, port: int) -> None:
        self.port, self.at, self.text, self.open = port, 0.0, "", 0

    def now(self, at: float, text: str) -> None:
        self.at, self.text = at, text


async def _all_open(written: _Written, pages: int) -> None:
    while written.open < pages:
        await asyncio.sleep(0.1)


async def _page(url: str, person: Person, written: _Written, seen: Seen, number: int) -> None:
    host, port = urlsplit(url).hostname or "", written.port
    reader, writer = await asyncio.open_connection(host, port)
    asked = f"/live/?context={quote(WAY)}&topics=case"
    writer.write(
        f"GET {asked} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {person.cookie}\r\n\r\n".encode()
    )
    started = False
    while line := await reader.readline():
        if not line.startswith(b"data: "):
            continue
        if not started:
            started, written.open = True, written.open + 1
        if json.loads(line[6:])["changed"] and written.at:
            seen.told.append(time.time() - written.at)
            seen.pages[number] = seen.pages.get(number, 0) + 1
            if number < READERS:
                await asyncio.get_running_loop().run_in_executor(
                    None, _fetch, url, person, written.at, written.text, seen
                )


def _fetch(url: str, person: Person, at: float, text: str, seen: Seen) -> None:
    connection = connect(url)
    connection.request("GET", f"{WAY}/case", headers={"Cookie": person.cookie})
    if text in connection.getresponse().read().decode():
        seen.had.append(time.time() - at)
    connection.close()


def _write(number: int) -> tuple[float, str]:
    """Write a note as the lieutenant; returns when it was committed, and its text."""
    from accord.agencies import queries as agencies
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.cases import actions, queries

    actor, text = agencies.actor("riverbend-pd.d.okafor"), f"Note number {number} of the measure."
    with open_scope(actor, resolve(actor, PURPOSE, "statute", CASE)) as scope:
        actions.write_note(scope, queries.case_of(scope), text)
    return time.time(), text
