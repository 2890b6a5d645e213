"""Ends a random process of a node by SIGKILL, and waits until what it did is done again."""

from __future__ import annotations

import http.client
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from accord.cli import node
from accord.cli.benches.noding import administrators_dsn
from accord.cli.benches.serving import connect
from accord.kernel.errors import AccordError

VICTIMS = {"web": 3, "live": 2, "worker": 3, "backend": 3, "postmaster": 1}
"""How often each is chosen in a round of twelve."""
BACK_WITHIN_S = 90.0
IN_A_ROW = 3
LOOK_S = 0.1


@dataclass(frozen=True)
class Kill:
    """One process that was ended, and from when on its work was done again."""

    victim: str
    at: float
    back: float

    @property
    def took_s(self) -> float:
        return self.back - self.at


def victims(seed: int) -> Iterator[str]:
    """Whom to end next: round after round, each shuffled."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    while True:
        bag = [name for name, times in VICTIMS.items() for _ in range(times)]
        dice.shuffle(bag)
        yield from bag


class Killer:
    """Kills, and measures how long the node was without what it killed."""

    def __init__(self, folder: Path, running: node.Node, cookie: str, seed: int) -> None:
        self.folder, self.running, self.cookie = folder, running, cookie
        self.admin_dsn = administrators_dsn(folder)
        self.next, self.dice = victims(seed), random.Random(seed)  # noqa: S311 - no secret

    def kill(self) -> Kill:
        """End one and return when it is back; raises AccordError when it does not come back."""
        victim = next(self.next)
        process, at = self._process(victim), time.time()
        os.kill(process, signal.SIGKILL)
        return Kill(victim, at, self._back(victim, process, at))

    def _process(self, victim: str) -> int:
        if victim == "postmaster":
            file = self.folder / "postgres" / "data" / "postmaster.pid"
            return int(file.read_text("utf-8").split("\n", 1)[0])
        if victim == "backend":
            asked = (
                "select pid from pg_stat_activity where backend_type = 'client backend'"
                " and usename <> current_user order by pid"
            )
            while not (there := self._read(asked)):
                time.sleep(LOOK_S)
            return int(self.dice.choice(there)[0])
        found = self.running.processes.process_id(victim)
        if found is None:
            raise AccordError(f"{victim} does not run.")
        return found

    def _back(self, victim: str, process: int, at: float) -> float:
        """The moment of the first of several looks in a row that found it working."""
        look: dict[str, Callable[[], bool]] = {
            "web": self._page_opens,
            "live": self._live_answers,
            "worker": lambda: self._sequences(process),
            "backend": self._page_opens,
            "postmaster": self._page_opens,
        }
        first, in_a_row = 0.0, 0
        while in_a_row < IN_A_ROW:
            if time.time() - at > BACK_WITHIN_S:
                raise AccordError(f"{victim} was killed and is not back in {BACK_WITHIN_S:g} s.")
            time.sleep(LOOK_S)
            asked = time.time()
            if not look[victim]():
                in_a_row = 0
                continue
            first = first if in_a_row else max(asked, time.time() - LOOK_S)
            in_a_row += 1
        return first

    def _page_opens(self) -> bool:
        return self._answer(self.running.url, "/") == 200

    def _live_answers(self) -> bool:
        host, _, port = self.running.url.rpartition(":")
        return self._answer(f"{host}:{int(port) + 1}", "/live/") > 0

    def _answer(self, url: str, way: str) -> int:
        connection = connect(url)
        try:
            connection.request("GET", way, headers={"Cookie": self.cookie})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def _sequences(self, before: int) -> bool:
        """Whether another worker runs, and no entry waits for its place longer than two seconds."""
        now = self.running.processes.process_id("worker")
        waits = (
            "select count(*) from ledger_leaf l join ledger_entry e on e.id = l.entry_id"
            " where l.leaf_index is null and e.created_at < now() - interval '2 s'"
        )
        return now not in (None, before) and self._read(waits)[0][0] == 0

    def _read(self, asked: LiteralString) -> list[tuple[Any, ...]]:
        """As a superuser, and without the launcher, which would start what was just killed."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as admin:
            return admin.execute(asked).fetchall()
