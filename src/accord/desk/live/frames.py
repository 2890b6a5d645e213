"""What goes over a stream: one frame a tick, whether or not anything happened, of a fixed size.

A frame is an event of the WHATWG HTML standard, 9.2 (server-sent events). Its id names the tick and
says nothing of how much happened for others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from accord.platform.outbox import LONGEST_READ, Change

SIZE_BYTES = 1024
"""Frames are padded to a multiple of this, so that whoever counts bytes on the way learns little."""
_MARK = re.compile(r"([0-9a-f]{8})-([0-9]{1,12})")
_DRAWN = re.compile(r"at-([0-9]{1,12}(?:\.[0-9]{1,6})?)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick of one run of the live process: what a reconnecting page had last."""

    run: str
    tick: int

    def __str__(self) -> str:
        return f"{self.run}-{self.tick}"

    @staticmethod
    def parse(text: str) -> Mark | None:
        """Return the mark a page sent back, or None for anything else."""
        found = _MARK.fullmatch(text)
        return Mark(found[1], int(found[2])) if found else None


def drawn_at(text: str) -> float | None:
    """Return when a page was drawn, in seconds since 1970, which it sends when it has no mark yet."""
    found = _DRAWN.fullmatch(text)
    return float(found[1]) if found else None


@dataclass
class News:
    """What one page is to be told: changes, what went out of sight, or that it must look anew."""

    changes: set[Change] = field(default_factory=set)
    gone: set[UUID] = field(default_factory=set)
    anew: bool = False

    def __bool__(self) -> bool:
        return self.anew or bool(self.changes) or bool(self.gone)

    def add(self, other: News) -> None:
        """Take up what came meanwhile; INVARIANT: never grows beyond what a read may bring."""
        self.changes |= other.changes
        self.gone |= other.gone
        self.anew = self.anew or other.anew or len(self.changes) + len(self.gone) >= LONGEST_READ
        if self.anew:
            self.changes.clear()
            self.gone.clear()


def encode(mark: Mark, news: News) -> bytes:
    """Return one tick's frame: ids alone, padded."""
    body = {
        "changed": [[c.topic, str(c.subject), *_record(c)] for c in _ordered(news.changes)],
        "gone": sorted(str(record) for record in news.gone),
        "anew": news.anew,
    }
    text = f"id: {mark}\nevent: tick\ndata: {json.dumps(body, separators=(',', ':'))}\n".encode()
    return _padded(text)


def end(why: str) -> bytes:
    """Return the frame that ends a stream and tells the page not to come back by itself."""
    return _padded(f"event: end\ndata: {json.dumps({'why': why})}\n".encode())


def _record(change: Change) -> list[str]:
    return [str(change.record)] if change.record else []


def _ordered(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda c: (c.topic, str(c.subject), str(c.record)))


def _padded(text: bytes) -> bytes:
    """A comment line fills the frame up to the next step of its size."""
    missing = -(len(text) + 3) % SIZE_BYTES
    return text + b":" + b"." * missing + b"\n\n"
