"""Holds the published checkpoint against the database, and keeps the sequencer from a second history.

A node that was restored from an older backup knows less than it published. Signing on from there would
put other entries where others have seen some already: a fork, by the node's own key. So:

1. the first that would sign in a process compares first; a store that is away says nothing;
2. the publisher compares in every round, and leaves word in the data directory while they disagree;
3. while that word stands nothing is given its place or signed. Entries are written all the same.

Not found here: a store that was rolled back together with the database. The cosigners find that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accord.kernel import clock, tlog
from accord.kernel.errors import Conflict
from accord.kernel.merkle import frontier_of
from accord.kernel.signednote import Checkpoint, NoteError, check_note, parse_note
from accord.ledger import keys, queries, tiles
from accord.ledger.store import PublishedLog, StoreFailed
from accord.platform.files import write_private

STATE = "ledger-held.json"
WHO = (
    "the operator: restore the newest backup. If what was published is in none, this log has ended: keep"
    " the published one as evidence, and begin another with a new secrets/ledger.key"
)
_compared: set[Path] = set()


class Held(Conflict):
    """What is published is ahead of this ledger, or another history: nothing is signed."""


@dataclass(frozen=True)
class Shown:
    """The head that is published now."""

    size: int
    note: str


@dataclass(frozen=True)
class Hold:
    """Why nothing is signed, and since when."""

    said: str
    since: datetime


def compare(log: PublishedLog, data_dir: Path) -> Shown | None:
    """What is published now, None before the first head; leaves word of what it finds.

    Raises StoreFailed, Held, and Conflict where what stands there is no head of this ledger.
    """
    try:
        found = shown(log, data_dir)
    except Held as error:
        _hold(data_dir, error.message)
        raise
    _compared.add(data_dir)
    (data_dir / STATE).unlink(missing_ok=True)
    return found


def check_goes_on(data_dir: Path) -> None:
    """Raise Held where the ledger may not be signed on; compares once in a process."""
    if data_dir not in _compared:
        try:
            compare(PublishedLog(data_dir), data_dir)
        except Held:
            raise
        except (Conflict, StoreFailed):
            pass  # no head of this ledger, or none to be had now: the publisher says so by itself
        _compared.add(data_dir)
    found = held(data_dir)
    if found is not None:
        raise Held(found.said, who_can_change=WHO)


def held(data_dir: Path) -> Hold | None:
    """Why nothing is signed now; None where it goes on."""
    try:
        said = json.loads((data_dir / STATE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return Hold(said["said"], datetime.fromisoformat(said["since"]))


def _hold(data_dir: Path, said: str) -> None:
    before = held(data_dir)
    if before is None or before.said != said:
        since = before.since if before else clock.now()
        write_private(
            data_dir / STATE, json.dumps({"said": said, "since": since.isoformat()}) + "\n"
        )


def shown(log: PublishedLog, data_dir: Path) -> Shown | None:
    """The head that is published now; None before the first. It has to be one of this ledger's.

    Raises as `compare` does, and leaves no word.
    """
    raw = log.read(tlog.CHECKPOINT)
    if raw is None:
        return None
    try:
        note = parse_note(raw.decode())
        check_note(note, [keys.public_key(data_dir)])
        head = Checkpoint.parse(note.text)
    except (NoteError, UnicodeDecodeError) as error:
        raise Conflict(
            f"The checkpoint in {log.place} is no head that this ledger signed ({error}). Nothing was"
            " replaced.",
            who_can_change="the operator, who keeps it as evidence and names another store",
        ) from error
    newest = queries.newest_head()
    if newest is None or head.size > newest.size:
        ends = newest.size if newest else 0
        raise _held(
            log,
            f"covers {head.size} entries and this ledger ends at {ends}: it was rolled back, as by an"
            " older backup",
        )
    if frontier_of(head.size, tiles.fetch_from(queries.load_tile)).root() != head.root:
        raise _held(log, f"has another root at size {head.size}: one of the two was changed")
    return Shown(head.size, str(note))


def _held(log: PublishedLog, what: str) -> Held:
    return Held(
        f"The checkpoint in {log.place} {what}. Nothing is signed or replaced.", who_can_change=WHO
    )
