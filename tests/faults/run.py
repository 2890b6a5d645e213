"""Kills a node under load and judges what is left: `python -m faults.run --kills 200 --seed 1`.

1. a whole node is started, with three cosigners; 2. people and programs send, acquire, take, hand
over and read; 3. processes are killed at random moments and started again by the supervisor;
4. everybody finishes what they began; 5. the node stops, and what it said is held against what is
stored. Exit code 0: nothing was lost. The last line of the output is the result as JSON.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from accord.cli.benches.judging import Verdict
from faults import judge
from faults.book import Book
from faults.door import Door, Signer
from faults.killer import BESIDE, Kill, Killer
from faults.load import CASE, DESK, Handing, Looking, Sender, Worker
from faults.supervised import OPERATIONS, Outside, free_port

SENDERS = 2
READERS = ("harlan-so.c.boone", "state-bi.a.desai", "riverbend-pd.t.nguyen")
FINISH_S = 300.0
SETTLE_S = 90.0
ENVIRONMENT = {
    "ACCORD_API_RATE": "1000000",
    "ACCORD_SIGN_IN_MISSES": "1000000",
    "ACCORD_UPLOADS_AT_ONCE": "1000",
}


def crowd(node: Outside, book: Book, seed: int) -> list[Worker]:
    """Everybody who acts."""
    people = node.people
    tokens, offers = people["tokens"], queue.Queue[str]()

    def door(member: str, context: object = CASE) -> Door:
        return Door(node.url, member, tokens[member], DESK if context is DESK else CASE, book)

    signers = {
        member.partition(".")[0]: Signer.enrolled(node.url, link)
        for member, link in people["links"].items()
    }
    alvarez, petrov = "riverbend-pd.m.alvarez", "state-bi.v.petrov"
    desks = {"riverbend-pd": door(alvarez, DESK), "state-bi": door(petrov, DESK)}
    senders: list[Worker] = [
        Sender(f"sender-{n}", book, str(seed), door(alvarez), door(alvarez, DESK), offers)
        for n in range(SENDERS)
    ]
    handing = Handing("handing", book, str(seed), desks, signers, offers)
    readers = [Looking(f"reader-{n}", book, str(seed), door(who)) for n, who in enumerate(READERS)]
    return [*senders, handing, *readers]


def load(node: Outside, book: Book, kills: int, seed: int) -> Killer:
    """Let everybody act while processes are killed, then let them finish."""
    from accord.ledger.actions import SEQUENCER_LOCK

    everybody = crowd(node, book, seed)
    killer = Killer(node, random.Random(seed), SEQUENCER_LOCK)
    for one in everybody:
        one.start()
    try:
        killer.run(kills)
    finally:
        for one in everybody:
            one.leaving.set()
    _finish(everybody, book)
    _settle(node)
    return killer


def _finish(everybody: Sequence[Worker], book: Book) -> None:
    deadline_s = time.monotonic() + FINISH_S
    for one in everybody:
        one.join(max(0.1, deadline_s - time.monotonic()))
        if one.is_alive():
            book.fault(f"{one.name} cannot go on: something is stuck")
    for one in everybody:
        while isinstance(one, Handing) and not one.offers.empty():
            one.hand_over(one.offers.get())


def _settle(node: Outside) -> None:
    """Wait until every entry has its place, is cosigned and published; judged later in any case."""
    asked = (
        "select (select count(*) from ledger_leaf where leaf_index is null),"
        " (select max(size) from ledger_checkpoint),"
        " (select max(size) from ledger_checkpoint where quorum_at is not null)"
    )
    deadline_s = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline_s:
        with node.administrator() as admin:
            waiting, newest, met = admin.execute(asked).fetchone()
        if waiting == 0 and newest == met and _shown(node.folder) == newest:
            return
        time.sleep(0.3)


def _shown(folder: Path) -> int:
    try:
        return int((folder / "tlog" / "checkpoint").read_text("utf-8").split("\n")[1])
    except FileNotFoundError:
        return 0


def table(book: Book, killer: Killer, judged: Sequence[Verdict], lasted_s: float) -> Iterator[str]:
    """What was done and what became of it, as lines of Markdown."""
    counts = killer.by_role
    asked = sum(n for role, n in counts.items() if role not in BESIDE)
    yield "| what | count |"
    yield "| --- | ---: |"
    yield f"| kills of web, worker and sequencer | {asked} |"
    for role, count in sorted(counts.items()):
        yield f"| kills: {role} | {count}{_times(killer.kills, role)} |"
    undone = sum(k.undone for k in killer.kills)
    yield f"| of the sequencer, before its entries had their places | {undone} |"
    answers = book.diary.answers
    given = sum(a.status in (200, 201) for a in answers)
    files = list(book.files.values())
    yield f"| minutes | {lasted_s / 60:.1f} |"
    yield f"| requests that the ledger has to name | {len(answers):,} |"
    yield f"| of them answered with content | {given:,} |"
    yield f"| not answered, or 503 | {sum(a.status == 0 or a.status >= 500 for a in answers):,} |"
    yield f"| files taken out under an entry's id | {len(book.entries):,} |"
    yield f"| uploads begun | {len(files)} |"
    yield f"| uploads that became exhibits | {sum(bool(f.record) for f in files)} |"
    yield f"| times an upload was resumed | {sum(f.resumed for f in files)} |"
    yield f"| steps of custody acknowledged | {len(book.steps)} |"
    by_act = Counter(step.act for step in book.steps)
    yield f"| of them signed with a passkey | {by_act['offer'] + by_act['accept']} |"
    yield f"| losses | {sum(len(v.faults) for v in judged)} |"
    yield ""
    for verdict in judged:
        yield from verdict.lines()


def _say(what: str, since: float) -> None:
    click.echo(f"{time.time() - since:6.1f} s  {what}", err=True)


def _times(kills: Sequence[Kill], role: str) -> str:
    took = sorted(k.back - k.at for k in kills if k.role == role and k.back is not None)
    return f" (back in {took[len(took) // 2]:.1f} s, at most {took[-1]:.1f} s)" if took else ""


def play(folder: Path, port: int, records: int, kills: int, seed: int) -> bool:
    """Everything, once; returns whether nothing was lost."""
    environment = ENVIRONMENT | {"ACCORD_OPS_PORT": str(port + OPERATIONS)}
    node, book = Outside(folder, port, records, environment), Book()
    from accord.platform.db import launcher
    from accord.platform.setup import django_setup

    began = time.time()
    try:
        node.start()
        django_setup(folder, demo=True)
        loaded = time.time()
        _say("the node answers", began)
        killer = load(node, book, kills, seed)
        ended = time.time()
        _say("everybody finished", began)
    finally:
        node.stop()
    launcher.ensure_running(folder)
    try:
        admin = node.administrator()
        judged = judge.verdicts(folder, node.url, admin, book, began, min(judge.MOST_CHAINS, kills))
    finally:
        launcher.stop(folder)
    _say("judged", began)
    click.echo(f"seed {seed}")
    click.echo("\n".join(table(book, killer, judged, ended - loaded)))
    losses = sum(len(v.faults) for v in judged)
    click.echo(json.dumps({"losses": losses, "kills": dict(killer.by_role), "seed": seed}))
    return losses == 0


def main() -> int:
    """Run from the command line."""
    asked = argparse.ArgumentParser(prog="faults.run", description=__doc__)
    asked.add_argument(
        "--kills", type=int, default=200, help="of web, worker and sequencer together"
    )
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--port", type=int, help="without it one that is free")
    asked.add_argument("--records", type=int, default=300, help="generated records of the world")
    asked.add_argument("--folder", type=Path, help="kept; without it a folder that is removed")
    said = asked.parse_args()
    folder = said.folder or Path(tempfile.mkdtemp(prefix="accord-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    try:
        return (
            0 if play(folder, said.port or free_port(), said.records, said.kills, said.seed) else 1
        )
    finally:
        if said.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
