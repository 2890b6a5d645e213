"""Ends processes of a node by SIGKILL at random moments, and waits, mostly, until they are back.

The sequencer is no process of its own: it is the main thread of the worker. So as "sequencer" the
worker is killed while it places entries: an administrator's session holds the sequencer's lock
until the worker waits for it, lets go, and the kill follows within milliseconds.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from faults.supervised import Outside

ASKED = {"web": 2, "worker": 1, "sequencer": 1}
"""How often each of the three that must be killed comes in a round of four."""
BESIDE = ("postmaster", "backend", "cosigner", "node", "live", "operations")
"""Also killed, one after so many others; these are not counted as the kills asked for."""
BESIDE_EVERY = 10
BACK_WITHIN_S = 120.0
WHILE_IT_STARTS = 0.2
"""In how many cases the next kill comes before the last one's victim is back."""
LONGEST_PAUSE_S = 2.5
WITHIN_SEQUENCING_S = 0.012
_WAITS = """
select count(*) from pg_locks where locktype = 'advisory' and not granted
   and ((classid::bigint << 32) | objid::bigint) = %s
"""


@dataclass(frozen=True)
class Kill:
    """One process that was ended; `back` is None where it was not waited for."""

    role: str
    at: float
    back: float | None
    group: bool
    undone: bool = False
    """Of the sequencer: entries it was placing had no place after it was killed."""


def victims(dice: random.Random, kills: int) -> Iterator[str]:
    """Whom to end next: so many of the three, and one beside after every tenth."""
    bag: list[str] = []
    for turn in range(kills):
        if not bag:
            bag = [role for role, times in ASKED.items() for _ in range(times)]
            dice.shuffle(bag)
        yield bag.pop()
        if (turn + 1) % BESIDE_EVERY == 0:
            yield BESIDE[turn // BESIDE_EVERY % len(BESIDE)]


class Killer:
    """Kills, each time at a random moment."""

    def __init__(self, node: Outside, dice: random.Random, lock: int) -> None:
        self.node, self.dice, self.lock = node, dice, lock
        self.kills: list[Kill] = []

    @property
    def by_role(self) -> Counter[str]:
        return Counter(kill.role for kill in self.kills)

    def run(self, kills: int) -> None:
        """End so many, with random pauses; raises RuntimeError where one does not come back."""
        for role in victims(self.dice, kills):
            time.sleep(self.dice.uniform(0, LONGEST_PAUSE_S))
            self.kill(role, wait=self.dice.random() >= WHILE_IT_STARTS)

    def kill(self, role: str, *, wait: bool = True) -> None:
        """End one of a role."""
        before = self._pids(role)
        deadline_s = time.monotonic() + BACK_WITHIN_S
        while not before:  # what was killed before has not come back yet
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"no {role} runs")
            time.sleep(0.05)
            before = self._pids(role)
        if role == "sequencer":
            self._wait_until_it_sequences()
        at, group = time.time(), self.dice.random() < 0.5
        if role == "node":
            self.node.kill_all()
            time.sleep(self.dice.uniform(0, 1))
            self.node.start()
        else:
            _end(self.dice.choice(before), group=group and role in ("web", "worker", "sequencer"))
        undone = role == "sequencer" and self._entries_wait()
        back = self._back(role, before) if wait or role == "node" else None
        self.kills.append(Kill(role, at, back, group, undone))

    def _pids(self, role: str) -> list[int]:
        if role == "postmaster":
            with suppress(FileNotFoundError):
                return [self.node.postmaster()]
            return []
        if role == "backend":
            return self._backends()
        if role == "node":
            return [1] if self.node.alive else []
        return self.node.pids("worker" if role == "sequencer" else role)

    def _backends(self) -> list[int]:
        try:
            with self.node.administrator() as admin:
                rows = admin.execute(
                    "select pid from pg_stat_activity where backend_type = 'client backend'"
                    " and usename <> current_user"
                ).fetchall()
        except psycopg.OperationalError:
            return []
        return [int(pid) for (pid,) in rows]

    def _entries_wait(self) -> bool:
        asked = "select exists (select from ledger_leaf where leaf_index is null)"
        with suppress(psycopg.OperationalError), self.node.administrator() as admin:
            return bool(admin.execute(asked).fetchone()[0])
        return False

    def _wait_until_it_sequences(self) -> None:
        """Return a few milliseconds after the worker got the sequencer's lock."""
        with suppress(psycopg.OperationalError), self.node.administrator() as admin:
            admin.execute("select pg_advisory_lock(%s)", [self.lock])
            deadline_s = time.monotonic() + 5
            while time.monotonic() < deadline_s:
                if admin.execute(_WAITS, [self.lock]).fetchone()[0]:
                    break
                time.sleep(0.01)
            admin.execute("select pg_advisory_unlock(%s)", [self.lock])
        time.sleep(self.dice.uniform(0, WITHIN_SEQUENCING_S))

    def _back(self, role: str, before: list[int]) -> float:
        looks: dict[str, Callable[[], bool]] = {
            "postmaster": self.node.answers, "backend": self.node.answers,
            "node": self.node.answers,
            "web": lambda: self._is_anew("web", before) and self.node.answers(),
        }  # fmt: skip
        look = looks.get(role, lambda: self._is_anew(role, before))
        deadline_s = time.monotonic() + BACK_WITHIN_S
        while not look():
            if not self.node.alive:
                raise RuntimeError(f"the supervisor ended after {role} was killed")
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"{role} was killed and is not back in {BACK_WITHIN_S:g} s")
            time.sleep(0.1)
        return time.time()

    def _is_anew(self, role: str, before: list[int]) -> bool:
        now = self._pids(role)
        return len(now) == len(before) and set(now) != set(before)


def _end(pid: int, *, group: bool) -> None:
    """Kill one process, or with its whole group: what it started either dies or is left behind."""
    with suppress(ProcessLookupError):
        if group:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
