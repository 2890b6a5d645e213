"""Background work of evidence: hash uploads again, read files, make derivations, remove what is over.

A job has standing too: each file is read under the standing of whoever sent it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import Scope, open_scope, receiving
from accord.evidence import scratch
from accord.evidence.actions import deriving, stored, sweeping, uploads
from accord.evidence.actions import readings as reading_actions
from accord.evidence.domain import Refused
from accord.evidence.queries import derivations, readings
from accord.evidence.queries.uploads import to_hash, unhashed
from accord.evidence.reading.deriving import derive
from accord.evidence.reading.reader import read_exhibit
from accord.evidence.reading.results import Derived, Refusal, SetAside, reason_of
from accord.evidence.scratch import NoRoom, clear_file
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, Conflict, NotFound
from accord.ledger.comparing import compare
from accord.ledger.store import PublishedLog, StoreFailed
from accord.platform.logs import facts

log = logging.getLogger("accord.evidence")

Under = tuple[str, str, str, str]
"""Membership, purpose, legal basis and case number under which something was asked for."""


def hash_uploads() -> int:
    """Hash the uploads that wait for it; returns how many. One that fails holds up no other."""
    done = 0
    for upload_id, membership, purpose, basis, case in to_hash(now()):
        try:
            done += _hash(upload_id, membership, purpose, basis, case)
        except Exception as error:  # it waits: the store may be back, or the member, or it is ours
            log.error(
                "an upload could not be hashed",
                extra=facts(kind=type(error).__name__, upload=str(upload_id)),
                exc_info=None if isinstance(error, AccordError) else error,
            )
    return done


def _hash(upload_id: UUID, *sent_under: str) -> int:
    with _standing(*sent_under) as stands:
        reader = unhashed(upload_id) if stands else None
    if reader is None:
        return 0
    hashes = reader.hashes()
    with _standing(*sent_under) as stands:
        if stands:
            uploads.settle(upload_id, hashes)
    return int(stands is not None)


@contextmanager
def _standing(membership: str, purpose: str, basis: str, case: str) -> Iterator[Scope | None]:
    """Run a block under the standing of whoever sent a file, or give it None: they have none now.

    The file expires then, unless the membership comes back into force before.
    """
    found = _context(membership, purpose, basis, case)
    if found is None:
        yield None
        return
    with receiving(*found) as scope:
        yield scope


def _context(
    membership: str, purpose: str, basis: str, case: str
) -> tuple[Actor, WorkingContext] | None:
    """The member and the context they asked in; None where either is not open to them now."""
    actor = agencies.actor_or_none(membership)
    try:
        return None if actor is None else (actor, resolve(actor, purpose, basis, case or None))
    except NotFound:
        return None


def read_exhibits() -> int:
    """Read the files that wait for it; returns how many. One that fails holds up no other."""
    return sum(read_one(*found) for found in readings.to_read(now()))


def read_one(record_id: UUID, membership: str, purpose: str, basis: str, case: str) -> int:
    """Read one file that waits for it, under this standing; 1 where it was read to an end."""
    asked_under = (membership, purpose, basis, case)
    try:
        return _read(record_id, asked_under)
    except AccordError as error:  # the store may be back at the next try
        _failed("read_exhibits", error)
        reason = SetAside.UNREADABLE
    except Exception as error:  # an error of ours in one of them holds up no other
        _failed("read_exhibits", error, exhibit=record_id)
        reason = SetAside.NODE
    _try_later(record_id, reason, asked_under)
    return 0


def _failed(job: str, error: Exception, **which: UUID) -> None:
    """Log what put work off; where it went wrong too, if that is an error of this program."""
    ours = error if which else None
    said = facts(kind=type(error).__name__, job=job, **which)
    log.error("work on an exhibit was put off", extra=said, exc_info=ours)


def _read(record_id: UUID, asked_under: Under) -> int:
    with _standing(*asked_under) as stands:
        found = reading_actions.claim(stands, record_id) if stands else None
    if found is None:  # their standing is gone, or the file is not open to them
        reading_actions.put_off(record_id)
        return 0
    try:
        with clear_file(found.reader) as scratch:
            reading = read_exhibit(scratch.source, name=found.name, out=scratch.out)
            if reading.digest and found.sha256 not in (None, reading.digest.sha256):
                reading = replace(reading, quarantine=Refusal(SetAside.CHANGED))
            if reading.quarantine and reading.quarantine.may_pass:
                _try_later(record_id, reading.quarantine.reason, asked_under)
                return 0
            written = reading_actions.write(reading)
    except OSError as error:
        _failed("read_exhibits", error)
        reason = SetAside.NO_ROOM if isinstance(error, NoRoom) else reason_of(error)
        _try_later(record_id, reason, asked_under)
        return 0
    return _keep(record_id, written, asked_under)


def _keep(record_id: UUID, written: reading_actions.Written, asked_under: Under) -> int:
    """The reading is kept under its own entry, or nothing of it stays."""
    kept = False
    try:
        found = _context(*asked_under)
        if found is not None:
            with open_scope(*found) as scope:
                kept = reading_actions.keep(scope, record_id, written)
    finally:
        if not kept:
            stored.forget(written.pieces)
    return int(kept)


def _try_later(record_id: UUID, reason: SetAside, asked_under: Under) -> None:
    try:
        with _standing(*asked_under) as stands:
            if stands:
                reading_actions.try_later(record_id, reason)
    except Exception as error:  # what keeps it from being noted keeps nothing else from its turn
        _failed("read_exhibits", error, exhibit=record_id)
        reading_actions.put_off(record_id)


def make_derivations() -> int:
    """Make the derivations that are asked for; returns how many. One that fails holds up no other."""
    done = 0
    for derivation_id, *listed in derivations.to_make(now()):
        asked_under: Under = (listed[0], listed[1], listed[2], listed[3])
        done += make_derivation(derivation_id, asked_under)
    return done


def make_derivation(derivation_id: UUID, asked_under: Under) -> int:
    """Make one derivation under the standing of whoever asked; what cannot be made says why."""
    try:
        reason = _derive(derivation_id, asked_under)
    except AccordError as error:
        _failed("make_derivations", error)
        reason = str(deriving.why(error))
    except OSError as error:
        _failed("make_derivations", error)
        reason = str(SetAside.NO_ROOM if isinstance(error, NoRoom) else reason_of(error))
    except Exception as error:  # an error of ours in one of them holds up no other
        _failed("make_derivations", error, derivation=derivation_id)
        reason = SetAside.NODE.value
    if reason is None:
        return 1
    deriving.refuse(derivation_id, reason)
    return 0


def _derive(derivation_id: UUID, asked_under: Under) -> str | None:
    """Make one; returns why it was not made, None where it was or nobody wants it any more."""
    with _standing(*asked_under) as stands:
        if stands is None:
            return str(Refused.STANDING)
        found = deriving.claim(stands, derivation_id)
    if found is None:
        return None
    with clear_file(found.reader) as scratch:
        made = derive(scratch.source, found.way, out=scratch.out)
        if isinstance(made, Refusal):
            return made.reason.value
        if found.sha256 not in (None, made.source.sha256):
            return SetAside.CHANGED.value
        pieces = stored.of_path(made.path)
    return _store(derivation_id, made, pieces, asked_under)


def _store(
    derivation_id: UUID, made: Derived, pieces: stored.Pieces, asked_under: Under
) -> str | None:
    kept = None
    try:
        found = _context(*asked_under)
        if found is None:
            return str(Refused.STANDING)
        with open_scope(*found) as scope:
            kept = deriving.finish(scope, derivation_id, made, pieces)
    finally:
        if kept is None:
            stored.forget([pieces])
    return None


def sweep() -> int:
    """Let expired uploads go and clear the store of what nothing refers to; returns how many pieces."""
    uploads.expire()
    scratch.sweep()
    removed = sweeping.sweep()
    # A bucket outlives a restored node and may serve another: what no row names here may be named there.
    if not settings.ACCORD_OBJECT_STORE and _is_newest():
        removed += sweeping.sweep_unnamed(sweeping.folder_of_now())
    return removed


def _is_newest() -> bool:
    """Whether this database knows all that was published: one from an older backup names fewer pieces.

    Asked anew each time, since a sweep may come before anything was to be signed; where nobody can say,
    nothing is taken for nobody's.
    """
    data_dir = Path(settings.ACCORD_DATA_DIR)
    try:
        compare(PublishedLog(data_dir), data_dir)
    except (Conflict, StoreFailed) as error:
        _failed("sweep", error)
        return False
    return True
