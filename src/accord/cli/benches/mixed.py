"""A node under mixed load by many people while its processes are killed, and what became of it all."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from accord.cli import node
from accord.cli.benches import judging, killing, stored
from accord.cli.benches.acting import Acting, Questions
from accord.cli.benches.diary import Answer, Context, Diary, Somebody
from accord.cli.benches.judging import Verdict
from accord.cli.benches.killing import Kill, Killer
from accord.cli.benches.noding import administrator
from accord.cli.benches.serving import PURPOSE, sign_in
from accord.cli.benches.times import share
from accord.kernel.errors import AccordError

GRACE_S = 5.0
"""How long after a process is back requests may still fail that began while it was not."""
THINK_S = 5.0
TOKENS_EACH = 6
"""One person in so many acts by a token."""
CONTEXTS = 3
_MEMBERS = """
select s.id, m.name, s.agency_id, s.roles from membership s
  join member m on m.id = s.member_id
 where s.valid_until is null or s.valid_until > now() order by md5(s.id)
"""
_CASES = """
select h.membership_id, c.number, c.purposes from case_key_holder h
  join joint_case c on c.id = h.case_id
 where h.valid_until is null and c.state = 'open' order by c.number
"""
_ASKED = {
    "name": "select distinct name from search_name where name like '% %' order by 1 limit 400",
    "identifier": "select distinct kind || ':' || term as name from search_exact"
    " where kind in ('plate', 'phone') order by 1 limit 400",
    "phrase": """select distinct '"' || substring(p.body::text from '[a-z]{4,} [a-z]{4,}') || '"'
      as name from part p where p.kind = 'narrative' and p.body is not null order by 1 limit 200""",
}


@dataclass
class Load:
    """What was done in the time of the load."""

    diary: Diary
    began: float
    ended: float = 0.0
    kills: list[Kill] = field(default_factory=list)


def crowd(folder: Path, url: str, count: int, dice: random.Random) -> list[Somebody]:
    """People of every agency, each in several working contexts; some by token, custodians push."""
    from accord.agencies.actions import create_api_token, create_signin_link

    with administrator(folder) as admin:
        members = admin.execute(_MEMBERS).fetchall()
        cases: dict[str, list[Context]] = {}
        for member, number, purposes in admin.execute(_CASES).fetchall():
            cases.setdefault(member, []).extend(Context(p, number) for p in purposes)
    made = []
    for turn in range(count):
        member, name, agency, roles = members[turn % len(members)]
        own = cases.get(member, [])
        contexts = [*dice.sample(own, min(CONTEXTS, len(own))), Context(PURPOSE)]
        pushes = "records-custodian" in roles
        by_api = turn % TOKENS_EACH == 0
        token = create_api_token(member) if pushes or by_api else ""
        cookie = sign_in(url, create_signin_link(member))
        made.append(Somebody(member, name, agency, contexts, cookie, token, by_api, pushes))
    return made


def questions(folder: Path) -> Questions:
    """Names, numbers and words that are there, to search for."""
    with administrator(folder) as admin:
        found = {
            kind: [row[0] for row in admin.execute(asked).fetchall() if row[0]]
            for kind, asked in _ASKED.items()
        }
    return Questions({kind: some for kind, some in found.items() if some})


def run(
    folder: Path, running: node.Node, people: int, minutes: float, every_s: float, seed: int
) -> Load:
    """Let everybody act for so long, and kill a process now and then."""
    from django.db import connections

    dice = random.Random(seed)  # noqa: S311 - figures that can be repeated, nothing secret
    everybody, asks = crowd(folder, running.url, people, dice), questions(folder)
    connections.close_all()
    load = Load(Diary(), time.time())
    acting = [
        Acting(who, running.url, load.diary, asks, THINK_S, f"{seed}/{n}")
        for n, who in enumerate(everybody)
    ]
    for one in acting:
        one.start()
    try:
        _kill_until(load, Killer(folder, running, everybody[0].cookie, seed), minutes * 60, every_s)
    finally:
        for one in acting:
            one.done.set()
        for one in acting:
            one.join()
    load.ended = time.time()
    if load.diary.broken:
        raise load.diary.broken[0]
    if not any(write.acknowledged for write in load.diary.writes.values()):
        raise AccordError("No write was acknowledged, so there is nothing to judge.")
    return load


def _kill_until(load: Load, killer: Killer, lasts_s: float, every_s: float) -> None:
    """Kill at every interval, but not in the last one, and say every minute how it goes."""
    say_at, kill_at, end = load.began + 60, load.began + every_s, load.began + lasts_s
    while (now := time.time()) < end:
        if now >= kill_at and now < end - min(every_s, 10):
            load.kills.append(killer.kill())
            kill_at = max(kill_at + every_s, time.time())
        if now >= say_at:
            say_at += 60
            click.echo(_progress(load), err=True)
        time.sleep(0.2)


def _progress(load: Load) -> str:
    answers = list(load.diary.answers)
    failed = sum(not a.good for a in answers)
    last = (
        f", last {load.kills[-1].victim} back in {load.kills[-1].took_s:.1f} s"
        if load.kills
        else ""
    )
    return (
        f"{(time.time() - load.began) / 60:.0f} min: {len(answers):,} requests, {failed} failed,"
        f" {len(load.diary.writes):,} writes, {len(load.kills)} kills{last}"
    )


def verdicts(folder: Path, load: Load) -> list[Verdict]:
    """Hold what was answered against what is stored; the node's processes have stopped."""
    from psycopg.rows import dict_row

    from accord.cli.benches.permitted import Permitted

    diary = load.diary
    tree = stored.verified(folder, folder / "mixed-load.export")
    with administrator(folder) as admin:
        admin.row_factory = dict_row
        ledger = stored.Ledger(admin, folder, load.began)
        found, notes = stored.found(admin, diary.run, ledger)
        records = {r["id"] for r in admin.execute("select id::text from record").fetchall()}
        seen = _seen(diary.answers, records, notes)
        permitted = Permitted(admin, {record for _, _, record in seen})
        cases = {m: w.place for m, w in diary.writes.items() if w.kind == "note"}
        return [
            judging.lost_writes(diary.writes, found),
            judging.unlogged(diary.answers, ledger.entries, records, notes),
            tree,
            judging.leaks(diary.answers, seen, permitted.may, stored.names(admin), cases),
        ]


def _seen(
    answers: Sequence[Answer], records: set[str], notes: Any
) -> dict[tuple[str, Context, str], datetime]:
    """Every record that each member saw in each context, and when last."""
    found: dict[tuple[str, Context, str], datetime] = {}
    for answer in answers:
        for record in judging.records_in(answer, records, notes):
            at = datetime.fromtimestamp(answer.ended, UTC)
            key = (answer.member, answer.context, record)
            found[key] = max(at, found.get(key, at))
    return found


def lines(load: Load, judged: Sequence[Verdict]) -> Iterator[str]:
    """The table: each kind of action, then what failed, the kills, and the verdicts."""
    yield "| what | times | p50 ms | p95 ms | slowest ms | refused | failed |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for what, answers in load.diary.by_kind().items():
        took = [(a.ended - a.began) * 1000 for a in answers if a.good] or [0.0]
        refused = sum(400 <= a.status < 500 for a in answers)
        failed = sum(not a.good for a in answers)
        yield (
            f"| {what} | {len(answers):,} | {share(took, 0.5):.0f} | {share(took, 0.95):.0f}"
            f" | {max(took):,.0f} | {refused} | {failed} |"
        )
    yield ""
    yield from _failures(load)
    yield from _kills(load.kills)
    yield ""
    for verdict in judged:
        yield from verdict.lines()


def _failures(load: Load) -> Iterator[str]:
    answers = load.diary.answers
    failed = [a for a in answers if not a.good]
    outside = [a for a in failed if not _excused(a, load.kills)]
    good = sorted(a.ended for a in answers if a.good)
    gap = max((later - before for before, later in pairwise(good)), default=0)
    lasted = load.ended - load.began
    statuses = Counter(a.status or "no answer" for a in failed)
    said = ", ".join(f"{n} {status}" for status, n in sorted(statuses.items(), key=str))
    yield (
        f"{len(answers):,} requests in {lasted / 60:.1f} min, {len(answers) / lasted:.1f} a second,"
        f" {THINK_S:g} s between one person's on average. {len(failed)} failed ({said or 'none'}),"
        f" {len(outside)} of them not between a kill and {GRACE_S:g} s after what was killed was back;"
        f" the longest time without any answer was {gap:.1f} s. Refused: by the quota of searches, or"
        " by a clause, such as a note for a purpose in which its writer contributes nothing."
    )
    for answer in outside[: judging.QUOTED]:
        yield (
            f"- outside: {answer.what} of {answer.member}: {answer.status or 'no answer'} after"
            f" {answer.ended - answer.began:.1f} s, {answer.began - load.began:.1f} s into the load"
        )


def _excused(answer: Answer, kills: Sequence[Kill]) -> bool:
    return any(k.at <= answer.ended and answer.began <= k.back + GRACE_S for k in kills)


def _kills(kills: Sequence[Kill]) -> Iterator[str]:
    yield ""
    if not kills:
        yield "Nothing was killed."
        return
    each = [
        f"{victim} {len(took)} (back in {share(took, 0.5):.1f} s, at most {max(took):.1f} s)"
        for victim in killing.VICTIMS
        if (took := [k.took_s for k in kills if k.victim == victim])
    ]
    longest = max(kills, key=lambda k: k.took_s)
    yield (
        f"{len(kills)} processes were killed (SIGKILL): {', '.join(each)}. The longest recovery took"
        f" {longest.took_s:.1f} s ({longest.victim})."
    )
