"""What an entry is, how it is committed to, and what a receipt and an export hold.

1. An entry has one *acting* body, complete, for the actor and the oversight of the actor's agency,
   and one *owning* body for each agency whose records it touches: who, when, which record, which
   clause, never the requester's case, purpose or question.
2. Every body is canonical JSON (RFC 8785) and has a digest: the RFC 6962 leaf hash of its salt
   followed by its text.
3. The digests stand in random slots of a tree of 256 slots; what stands in the other slots is
   random. The root of that tree is the entry's commitment. So one leaf holds every body of an
   entry, each can be shown and checked without the others, and nobody learns from his own how many
   others there are.
4. The leaf of the ledger is the canonical JSON of the commitment and a version. It holds nothing
   that says who did what, and it stays when a body is erased.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from accord.kernel.canonical import canonical
from accord.kernel.errors import InvalidInput
from accord.kernel.merkle import leaf_hash, node_hash

EntryId = UUID

LEAF_VERSION = 1
SALT_BYTES = 32
SLOT_LEVELS = 8
SLOTS = 1 << SLOT_LEVELS
ACTING, OWNING = "acting", "owning"
OPERATOR = "operator"
"""Who acted where no member did: the operator of the node. Ids of memberships have a point."""
RECEIPT_FORMAT = "accord-receipt/1"
EXPORT_FORMAT = "accord-ledger-export/1"


class Kind(StrEnum):
    """LED art. 25's operations, and what else must be provable."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    AGREEMENT = "agreement"
    CUSTODY = "custody"
    MEMBERSHIP = "membership"
    REFUSAL = "refusal"
    MISS = "miss"


@dataclass(frozen=True)
class Item:
    """One thing that an entry touches, and the clause that allowed or refused it."""

    record: str | None = None
    part: str | None = None
    owner: str | None = None
    agreement: str | None = None
    clause: str | None = None
    obligations: tuple[str, ...] = ()
    handle: str | None = None
    """What the actor knows the record by when its id is not the actor's to know: a hit."""

    def facts(self, *, for_actor: bool = False) -> dict[str, Any]:
        """The item as plain data; the owner reads ids, the actor of a hit only its handle."""
        hidden = for_actor and self.handle is not None
        return {
            "record": self.handle if hidden else self.record,
            "part": None if hidden else self.part,
            "owner": self.owner,
            "agreement": self.agreement,
            "clause": self.clause,
            "obligations": list(self.obligations),
        }


@dataclass(frozen=True)
class Entry:
    """One act of one member: what a request did, or was refused."""

    kind: Kind
    at: datetime
    actor: str
    agency: str
    purpose: str | None = None
    case: str | None = None
    legal_basis: str | None = None
    items: tuple[Item, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in list(Kind):
            raise _invalid("kind", f"{self.kind!r} is not a kind of entry")
        object.__setattr__(self, "kind", Kind(self.kind))

    @property
    def owners(self) -> tuple[str, ...]:
        """The agencies whose records the entry touches."""
        return tuple(sorted({item.owner for item in self.items if item.owner}))

    def records_of(self, owner: str) -> tuple[str, ...]:
        """The records of one agency that the entry touches."""
        return tuple(
            sorted({item.record for item in self.items if item.owner == owner and item.record})
        )


@dataclass(frozen=True)
class Opening:
    """What shows one body of an entry to be the one committed to."""

    text: str
    salt: bytes
    slot: int
    path: tuple[bytes, ...]

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.text)
        return body

    def commitment(self) -> bytes:
        """The commitment that this body, salt, slot and path lead to."""
        node, slot = body_digest(self.text, self.salt), self.slot
        for sibling in self.path:
            node = node_hash(sibling, node) if slot & 1 else node_hash(node, sibling)
            slot >>= 1
        return node

    def facts(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "salt": _base64(self.salt),
            "slot": self.slot,
            "path": [_base64(sibling) for sibling in self.path],
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Opening:
        return cls(
            text=facts["text"],
            salt=base64.b64decode(facts["salt"], validate=True),
            slot=facts["slot"],
            path=tuple(base64.b64decode(sibling, validate=True) for sibling in facts["path"]),
        )


@dataclass(frozen=True)
class Committed:
    """An entry ready to be written: its commitment, and the opening of each of its bodies."""

    entry_id: EntryId
    commitment: bytes
    acting: Opening
    owning: Mapping[str, Opening]


def check_entry(entry: Entry) -> None:
    """Raises when an entry could not be logged truthfully."""
    if entry.at.utcoffset() is None:
        raise _invalid("at", "the time of an entry has a zone")
    for name, value in (("actor", entry.actor), ("agency", entry.agency)):
        if not value:
            raise _invalid(name, f"an entry names its {name}")
    if len(entry.owners) >= SLOTS:
        raise _invalid("items", f"one entry touches records of fewer than {SLOTS} agencies")
    # INVARIANT: absent and forbidden are logged alike, so a miss may not tell any owner.
    if entry.kind is Kind.MISS and entry.owners:
        raise _invalid("items", "a miss names no owner: absent and forbidden are logged alike")
    if any(item.record and not item.owner for item in entry.items):
        raise _invalid("items", "an item that names a record names its owner")


def acting_body(entry: Entry, entry_id: EntryId) -> dict[str, Any]:
    """The complete body."""
    return {
        "v": LEAF_VERSION,
        "view": ACTING,
        "id": str(entry_id),
        "kind": entry.kind.value,
        "at": instant(entry.at),
        "actor": entry.actor,
        "agency": entry.agency,
        "purpose": entry.purpose,
        "case": entry.case,
        "legal_basis": entry.legal_basis,
        "items": [item.facts(for_actor=True) for item in entry.items],
        "detail": dict(entry.detail),
    }


def owning_body(entry: Entry, entry_id: EntryId, owner: str) -> dict[str, Any]:
    """What the owner of touched records is told: of its own records, not why they were asked."""
    return {
        "v": LEAF_VERSION,
        "view": OWNING,
        "owner": owner,
        "id": str(entry_id),
        "kind": entry.kind.value,
        "at": instant(entry.at),
        "actor": entry.actor,
        "agency": entry.agency,
        "items": [item.facts() for item in entry.items if item.owner == owner],
    }


def commit(entry: Entry, entry_id: EntryId, chance: random.Random | None = None) -> Committed:
    """Commits to every body of an entry; `chance` must be unpredictable outside tests."""
    check_entry(entry)
    owners = entry.owners
    bodies = [acting_body(entry, entry_id)]
    bodies += [owning_body(entry, entry_id, owner) for owner in owners]
    commitment, openings = commit_texts(
        [canonical(body).decode() for body in bodies], chance or random.SystemRandom()
    )
    return Committed(
        entry_id, commitment, openings[0], dict(zip(owners, openings[1:], strict=True))
    )


def commit_texts(texts: Sequence[str], chance: random.Random) -> tuple[bytes, list[Opening]]:
    """Puts the digests of texts into random slots of a tree otherwise filled at random."""
    salts = [chance.randbytes(SALT_BYTES) for _ in texts]
    slots = chance.sample(range(SLOTS), len(texts))
    level = {
        slot: body_digest(text, salt) for text, salt, slot in zip(texts, salts, slots, strict=True)
    }
    paths: list[list[bytes]] = [[] for _ in texts]
    for height in range(SLOT_LEVELS):
        for index in list(level):
            level.setdefault(index ^ 1, chance.randbytes(32))
        for path, slot in zip(paths, slots, strict=True):
            path.append(level[slot >> height ^ 1])
        level = {
            index >> 1: node_hash(level[index], level[index | 1])
            for index in level
            if not index & 1
        }
    openings = [
        Opening(text, salt, slot, tuple(path))
        for text, salt, slot, path in zip(texts, salts, slots, paths, strict=True)
    ]
    return level[0], openings


def body_digest(text: str, salt: bytes) -> bytes:
    """The salted digest of one body."""
    return leaf_hash(salt + text.encode())


def build_leaf(commitment: bytes) -> bytes:
    """The bytes of a leaf of the ledger."""
    return canonical({"v": LEAF_VERSION, "commitment": commitment.hex()})


def build_receipt(
    *,
    opening: Opening,
    leaf_index: int,
    inclusion: Iterable[bytes],
    checkpoint: str,
    key: str,
) -> dict[str, Any]:
    """What proves one entry to anybody, offline; `key` helps a reader find whose it is."""
    return {
        "format": RECEIPT_FORMAT,
        "key": key,
        "leaf_index": leaf_index,
        "commitment": opening.commitment().hex(),
        "opening": opening.facts(),
        "inclusion": [_base64(node) for node in inclusion],
        "checkpoint": checkpoint,
    }


def export_head(*, origin: str, size: int, key: str) -> dict[str, Any]:
    """The first line of an export."""
    return {"format": EXPORT_FORMAT, "origin": origin, "size": size, "key": key}


def export_leaf(
    index: int,
    commitment: bytes,
    openings: Iterable[Opening] = (),
    erased: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """One leaf of an export, with the bodies that the exporter may read."""
    line: dict[str, Any] = {
        "i": index,
        "v": LEAF_VERSION,
        "commitment": commitment.hex(),
        "hash": leaf_hash(build_leaf(commitment)).hex(),
    }
    if shown := [opening.facts() for opening in openings]:
        line["openings"] = shown
    if gone := [dict(mark) for mark in erased]:
        line["erased"] = gone
    return line


def instant(at: datetime) -> str:
    """A time as RFC 3339 in UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _invalid(name: str, rule: str) -> InvalidInput:
    return InvalidInput("ledger entry", None, name, rule)
