"""Read stored files again, at a set rate, and raise the alarm where one is not what it was.

A piece is stored under the SHA-256 of its (encrypted) bytes, so it is checked without any key. One
file is read from its beginning to its end; a process that stops in the midst begins it again. A
store that does not answer is no finding: the next round tries again. A disk that does not give one
piece, twice, while the store answers otherwise, is one: that piece is as good as gone.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import connection

from accord.evidence.store import DiskFault, StoreRefused, store
from accord.kernel import ids
from accord.kernel.clock import now
from accord.platform.db.nodeword import saying
from accord.platform.logs import facts
from accord.records.sealing import CannotOpen

WORK = "rereading"
BATCH = 20
MOST_REFUSED = 3
LONGEST_NAP_S = 1.0

log = logging.getLogger("accord.custody")

Fetch = Callable[[str], bytes | None]
"""The stored bytes under an address; None where nothing is. Raises when the store does not answer."""


class Outcome(StrEnum):
    """What reading a file again found."""

    SAME = "same"
    ALTERED = "altered"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Due:
    """One file that is to be read again."""

    object: UUID
    record: UUID
    size_bytes: int
    pieces: tuple[str, ...]
    whole: bool
    """Whether the list of its pieces is the one that its address names."""


class Pace:
    """Keeps reading at so many bytes a second on average, since it began."""

    def __init__(
        self,
        bytes_s: float,
        clock: Callable[[], float] = time.monotonic,
        nap: Callable[[float], object] = time.sleep,
    ) -> None:
        self._bytes_s, self._clock, self._nap = bytes_s, clock, nap
        self._free_at = clock()

    def took(self, count: int) -> None:
        """Wait until `count` more bytes are within the rate."""
        self._free_at = max(self._free_at, self._clock()) + count / self._bytes_s
        while (left := self._free_at - self._clock()) > 0:
            if self._nap(min(left, LONGEST_NAP_S)):
                return  # woken, to leave


def due(before: datetime | None = None) -> tuple[Due, ...]:
    """Files whose turn it is, or that were not read since `before`: longest ago first."""
    before = before or now() - timedelta(days=settings.ACCORD_REREAD_DAYS)
    with saying(WORK), connection.cursor() as cursor:
        cursor.execute(
            "select object_id, record_id, size_bytes, pieces, whole"
            " from accord.files_to_reread(%s, %s)",
            [before, BATCH],
        )
        return tuple(
            Due(o, r, size, tuple(pieces), whole) for o, r, size, pieces, whole in cursor.fetchall()
        )


def examine(
    pieces: Iterable[str],
    fetch: Fetch,
    pace: Pace,
    leaving: Callable[[], bool] = lambda: False,
    answers: Callable[[], bool] = lambda: store().answers(),
) -> Outcome | None:
    """Read the pieces of one file; the first one that is not what it was decides.

    None where it was left before its end. Raises StoreRefused where the store does not answer.
    """
    for address in pieces:
        if leaving():
            return None
        content = _fetched(fetch, address, answers)
        if isinstance(content, Outcome):
            return content
        if hashlib.sha256(content).hexdigest() != address:
            return Outcome.ALTERED
        pace.took(len(content))
    return Outcome.SAME


def _fetched(fetch: Fetch, address: str, answers: Callable[[], bool]) -> bytes | Outcome:
    """One piece, asked for twice where the disk does not give it; or what its absence is."""
    try:
        content = fetch(address)
    except DiskFault:
        try:
            content = fetch(address)
        except DiskFault:
            if not answers():
                raise
            return Outcome.UNREADABLE
    return Outcome.MISSING if content is None else content


def _outcome(
    each: Due, fetch: Fetch, pace: Pace, leaving: Callable[[], bool] = lambda: False
) -> Outcome | None:
    """What reading one file finds; a list of pieces that is not its own decides before any of them."""
    return examine(each.pieces, fetch, pace, leaving) if each.whole else Outcome.ALTERED


def from_store(address: str) -> bytes | None:
    """The stored bytes under an address; None where nothing is. Raises StoreRefused."""
    try:
        return store().get(address)
    except CannotOpen:
        return None


def reread(
    fetch: Fetch = from_store,
    *,
    leaving: Callable[[], bool] = lambda: False,
    nap: Callable[[float], object] = time.sleep,
) -> int:
    """Read what is due, at the configured rate; returns how many files were read.

    Where `leaving` becomes true a file that is being read is left as it is, without a finding. Raises
    StoreRefused at the end where a file was refused.
    """
    pace = Pace(settings.ACCORD_REREAD_MB_S * 1_000_000, nap=nap)
    read, refused = 0, list[StoreRefused]()
    for each in due():
        try:
            found = _outcome(each, fetch, pace, leaving)
        except StoreRefused as error:
            refused.append(error)
            if len(refused) == MOST_REFUSED:
                break
            continue
        if found is None:
            break
        _note(each, found)
        read += 1
    if refused:
        raise refused[0]
    return read


def reread_all(mb_s: int, fetch: Fetch = from_store) -> dict[Outcome, int]:
    """Read every stored file once, now; returns how many were found how."""
    began, pace, counts = now(), Pace(mb_s * 1_000_000), dict.fromkeys(Outcome, 0)
    while batch := due(began):
        for each in batch:
            found = _outcome(each, fetch, pace)
            if found is not None:
                _note(each, found)
                counts[found] += 1
    return counts


def _note(each: Due, outcome: Outcome) -> None:
    with saying(WORK), connection.cursor() as cursor:
        cursor.execute(
            "select accord.note_reread(%s, %s, %s)", [each.object, str(outcome), ids.uuid7()]
        )
        (alarmed,) = cursor.fetchone()
    if alarmed:
        log.error("a stored file is not what it was", extra=facts(kind=str(outcome)))
