"""What a cosigner is asked, and what it decides, without any input or output.

C2SP tlog-witness (https://c2sp.org/tlog-witness), `add-checkpoint`; decision 0023 says which refusals
are alarms. INVARIANT: nothing is cosigned that is smaller than, or inconsistent with, the last head.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accord.kernel.errors import AccordError
from accord.kernel.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    ProofError,
    check_consistency,
    roots_from_consistency,
)
from accord.kernel.signednote import MAX_SIZE, Checkpoint, Note, NoteError, parse_note

MAX_REQUEST_BYTES = 80 * 1024
MAX_PROOF_LINES = 63
OVERTAKEN_S = 60
"""A smaller head that comes this soon after a larger one was overtaken on its way."""
PROOF_FORMAT = "accord-cosigner-proof/1"
_OLD = re.compile("old (0|[1-9][0-9]{0,18})")


class BadRequest(AccordError):
    """The request is not what the protocol says."""


@dataclass(frozen=True)
class Request:
    """A submitted head, and the proof that it only added to the tree of the old size."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    head: Checkpoint


@dataclass(frozen=True)
class Kept:
    """A head that was cosigned, with both signatures, and when (POSIX seconds)."""

    head: Checkpoint
    note: str
    at: int

    @classmethod
    def of(cls, note: str, at: int) -> Kept:
        return cls(Checkpoint.parse(parse_note(note).text), note, at)


class Alarm(StrEnum):
    """Why a log's operator must be asked."""

    FORK = "fork"
    ROLLED_BACK = "rolled-back"
    INCONSISTENT = "inconsistent"

    @property
    def sentence(self) -> str:
        return {
            Alarm.FORK: "the log signed two histories; the file proves it",
            Alarm.ROLLED_BACK: "the log signed a smaller head than was cosigned before",
            Alarm.INCONSISTENT: "the log's proof does not lead from the cosigned head to the new one",
        }[self]


@dataclass(frozen=True)
class Verdict:
    """The HTTP status; with an alarm, the cosigned head that the submitted one contradicts."""

    status: int
    alarm: Alarm | None = None
    against: Kept | None = None


def parse_request(body: bytes) -> Request:
    """Reads the body of `add-checkpoint`; raises BadRequest."""
    head, blank, raw = body.partition(b"\n\n")
    if not blank:
        raise BadRequest("The request has no empty line before the checkpoint.")
    try:
        first, *lines = head.decode("ascii").split("\n")
        note = parse_note(raw.decode("utf-8"))
        checkpoint = Checkpoint.parse(note.text)
    except (UnicodeDecodeError, NoteError) as error:
        raise BadRequest(f"The checkpoint cannot be read: {error}") from error
    old = _OLD.fullmatch(first)
    if old is None or int(old[1]) > MAX_SIZE:
        raise BadRequest("The first line is not `old` and a size.")
    if len(lines) > MAX_PROOF_LINES:
        raise BadRequest(f"A proof has at most {MAX_PROOF_LINES} lines.")
    return Request(int(old[1]), tuple(map(_hash, lines)), note, checkpoint)


def _hash(line: str) -> bytes:
    try:
        value = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("A line of the proof is not base64.") from error
    if len(value) != HASH_BYTES or base64.b64encode(value).decode() != line:
        raise BadRequest(f"A line of the proof is not one hash of {HASH_BYTES} bytes.")
    return value


def request_body(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """What `parse_request` reads."""
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof), "", note]
    return "\n".join(lines).encode()


def judge(request: Request, latest: Kept | None, same_size: Kept | None, now: int) -> Verdict:
    """What becomes of a request that the log signed.

    `latest` is the newest head that was cosigned, `same_size` the one of the submitted head's size.
    """
    head, size = request.head, latest.head.size if latest else 0
    if request.old > head.size:
        return Verdict(400)
    if same_size is not None and same_size.head.root != head.root:
        return Verdict(409, Alarm.FORK, same_size)
    if latest is not None and head.size < size:
        late = same_size is None and now - latest.at > OVERTAKEN_S
        return Verdict(409, Alarm.ROLLED_BACK, latest) if late else Verdict(409)
    if request.old != size:
        return Verdict(409)
    root = latest.head.root if latest else EMPTY_ROOT
    try:
        check_consistency(size, head.size, request.proof, root, head.root)
    except ProofError:
        return _inconsistent(request, latest)
    return Verdict(200)


def _inconsistent(request: Request, latest: Kept | None) -> Verdict:
    if latest is None or latest.head.size in (0, request.head.size):
        return Verdict(422)
    forked = shows_another_root(latest.head, request.head, request.proof)
    return Verdict(422, Alarm.FORK if forked else Alarm.INCONSISTENT, latest)


def shows_another_root(small: Checkpoint, large: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Whether the path that gives the larger head its root gives the smaller size another one.

    The hashes of such a path are nodes of the larger tree, or its root would not come out. So they
    fix the tree of the smaller size too.
    """
    try:
        old, new = roots_from_consistency(small.size, large.size, proof, small.root)
    except ProofError:
        return False
    return new == large.root and old != small.root


def proof_facts(
    alarm: Alarm, against: Kept, request: Request, *, key: str, cosigner: str, at: str
) -> dict[str, Any]:
    """What is kept of a refusal; `accord-verify` reads it."""
    return {
        "format": PROOF_FORMAT,
        "kind": alarm.value,
        "origin": request.head.origin,
        "key": key,
        "cosigner": cosigner,
        "cosigned": against.note,
        "refused": str(request.note),
        "path": [base64.b64encode(each).decode() for each in request.proof],
        "old": request.old,
        "at": at,
    }
