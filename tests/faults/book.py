"""What the load was told by the node, kept outside it: everything that is judged afterwards."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from accord.cli.benches.diary import Diary


@dataclass
class Sent:
    """One file on its way in, and what came of it."""

    seed: str
    size: int
    sha256: str
    acknowledged: int = 0
    """Bytes that a 204 said are here."""
    resumed: int = 0
    """How often the sender had to ask where to go on."""
    record: str = ""
    number: str = ""
    taken: int = 0
    """How often its bytes came back whole and right."""


@dataclass(frozen=True)
class Step:
    """One event of custody that the node said is written; without a hash where a page said so."""

    exhibit: str
    act: str
    number: int | None = None
    hash: str | None = None


@dataclass
class Book:
    """Files, events, and the ids of ledger entries that came with content. Written by many threads."""

    diary: Diary = field(default_factory=Diary)
    files: dict[str, Sent] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    entries: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def began(self, upload: str, sent: Sent) -> None:
        with self._lock:
            self.files[upload] = sent

    def stepped(self, step: Step) -> None:
        with self._lock:
            self.steps.append(step)

    def gave(self, entry: str) -> None:
        """Content came with the id of this entry."""
        with self._lock:
            self.entries.add(entry)

    def fault(self, said: str) -> None:
        """Something that must not happen was seen while it went on."""
        with self._lock:
            self.faults.append(said)
