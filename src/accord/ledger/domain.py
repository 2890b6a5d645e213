"""What an entry is, how it is committed to, and what a receipt and an export hold.

1. An entry has one *acting* body, complete, for the actor and the oversight of the actor's agency,
   and one *owning* body for each agency whose records it touches: who, when, which record, which
   clause, never the requester's case, purpose or question.
2. Every body is canonical JSON (RFC 8785) and has a digest: the RFC 6962 leaf hash of its salt
   followed by its text.
3. The digests stand in slots of a tree of 32,768 slots; what stands in the other slots is random. The
   entry's commitment binds the root of that tree and a *lot* drawn at random, and the slot of each
   reader follows from the lot. So one leaf holds every body of an entry, each can be shown and
   checked without the others, one receipt tells its holder next to nothing of how many others there
   are (decision 0030 says how little), and no reader can be shown two.
4. The leaf of the ledger is the canonical JSON of the commitment and a version. It holds nothing
   that says who did what, and it stays when a body is erased. In leaves of version 1 there were 256
   slots, drawn at random for each body.
5. Since version 2 a body commits to its items one by one (accord.ledger.pieces), so that one of
   hundreds can be shown without the others.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from accord.kernel.canonical import canonical
from accord.kernel.errors import InvalidInput
from accord.kernel.merkle import HASH_BYTES, leaf_hash, node_hash
from accord.ledger.pieces import SEED_BYTES, Pieces, joined_body, split_body

EntryId = UUID

LEAF_VERSION = 2
BODY_VERSION = 2
SLOT_LEVELS = 15
LOT_BYTES = 16
MOST_OWNERS = 255
OWNER = re.compile(r"[a-z][a-z0-9.-]{0,100}")
"""How an owner is named: in one way, so that no two readers look like one."""
ACTING, OWNING = "acting", "owning"
OPERATOR = "operator"
"""Who acted where no member did: the operator of the node. Ids of memberships have a point."""
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

    def known_records(self) -> tuple[str, ...]:
        """The records as the acting body names them: a hit by its handle."""
        named = (item.handle or item.record for item in self.items)
        return tuple(sorted({name for name in named if name}))

    def clauses_of(self, owner: str | None = None) -> tuple[str, ...]:
        """The agreements and clauses that the items cite: all of them, or one owner's alone."""
        items = (item for item in self.items if owner is None or item.owner == owner)
        cited = {(item.agreement, item.clause) for item in items if item.agreement}
        return tuple(sorted({name for pair in cited for name in cited_as(*pair)}))


def cited_as(agreement: str | None, clause: str | None) -> tuple[str, ...]:
    """How a cited clause stands in the lists by which entries are found: agreement, and with clause.

    INVARIANT: no agreement's id holds a slash, so no two clauses share a name.
    """
    if not agreement:
        return ()
    return (agreement, f"{agreement}/{clause}") if clause else (agreement,)


@dataclass(frozen=True)
class Opening:
    """What shows one body of an entry to be the one committed to.

    A body of version 1 has no pieces, and one in a leaf of version 1 no lot.
    """

    text: str
    salt: bytes
    slot: int
    path: tuple[bytes, ...]
    pieces: Pieces | None = None
    lot: bytes | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The body with its items and detail, whichever version it is of."""
        return joined_body(json.loads(self.text), self.pieces)

    def commitment(self) -> bytes:
        """The commitment that this body, salt, slot, path and lot lead to."""
        node, slot = body_digest(self.text, self.salt), self.slot
        for sibling in self.path:
            node = node_hash(sibling, node) if slot & 1 else node_hash(node, sibling)
            slot >>= 1
        return node if self.lot is None else node_hash(leaf_hash(self.lot), node)

    @property
    def leaf(self) -> bytes:
        """The leaf of the ledger that holds this body."""
        return build_leaf(self.commitment(), 1 if self.lot is None else LEAF_VERSION)

    def leads_to(self, leaf: bytes) -> bool:
        """Whether body, items and detail are what this leaf binds, in the slot of its reader."""
        try:
            said = json.loads(self.text)
            return self._has_pieces(said) and self._is_in_place(said) and self.leaf == leaf
        except (ValueError, KeyError, TypeError):
            return False

    def _has_pieces(self, said: Mapping[str, Any]) -> bool:
        if self.pieces is None:
            return True
        about, count = said["pieces"], len(self.pieces.texts)
        return (about["items"] + about["detail"], about["root"]) == (
            count,
            self.pieces.root().hex(),
        )

    def _is_in_place(self, said: Mapping[str, Any]) -> bool:
        if self.lot is None:
            return True
        lengths = (len(self.lot), len(self.path))
        slot = slot_of(self.lot, reader_of(said))
        return lengths == (LOT_BYTES, SLOT_LEVELS) and self.slot == slot

    def facts(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "text": self.text,
            "salt": _base64(self.salt),
            "slot": self.slot,
            "path": [_base64(sibling) for sibling in self.path],
        }
        if self.lot is not None:
            shown["lot"] = _base64(self.lot)
        return shown if self.pieces is None else shown | {"pieces": self.pieces.facts()}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Opening:
        return cls(
            text=facts["text"],
            salt=base64.b64decode(facts["salt"], validate=True),
            slot=facts["slot"],
            path=tuple(base64.b64decode(sibling, validate=True) for sibling in facts["path"]),
            pieces=Pieces.of(facts["pieces"]) if "pieces" in facts else None,
            lot=base64.b64decode(facts["lot"], validate=True) if "lot" in facts else None,
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
    if len(entry.owners) > MOST_OWNERS:
        raise _invalid("items", f"one entry touches records of at most {MOST_OWNERS} agencies")
    # INVARIANT: absent and forbidden are logged alike, so a miss may not tell any owner.
    if entry.kind is Kind.MISS and entry.owners:
        raise _invalid("items", "a miss names no owner: absent and forbidden are logged alike")
    if not all(OWNER.fullmatch(owner) for owner in entry.owners):
        rule = "an owner is named by small letters, digits, dots and hyphens"
        raise _invalid("items", rule)
    if any(item.record and not item.owner for item in entry.items):
        raise _invalid("items", "an item that names a record names its owner")


def acting_body(entry: Entry, entry_id: EntryId) -> dict[str, Any]:
    """The complete body."""
    return {
        "v": BODY_VERSION,
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
        "v": BODY_VERSION,
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
    chance, owners = chance or random.SystemRandom(), entry.owners
    bodies = [acting_body(entry, entry_id)]
    bodies += [owning_body(entry, entry_id, owner) for owner in owners]
    seeds = chance.randbytes(SEED_BYTES * len(bodies))
    split = [
        split_body(body, seeds[at * SEED_BYTES : (at + 1) * SEED_BYTES])
        for at, body in enumerate(bodies)
    ]
    texts = [canonical(text).decode() for text, _ in split]
    readers = [reader_of(body) for body in bodies]
    commitment, bare = commit_texts(dict(zip(readers, texts, strict=True)), chance)
    acting, *owning = (
        replace(opening, pieces=pieces) for opening, (_, pieces) in zip(bare, split, strict=True)
    )
    return Committed(entry_id, commitment, acting, dict(zip(owners, owning, strict=True)))


def reader_of(body: Mapping[str, Any]) -> str:
    """For whom a body is: for who acted, or for one owner."""
    return f"{OWNING} {body['owner']}" if body["view"] == OWNING else ACTING


def slot_of(lot: bytes, reader: str) -> int:
    """The one slot of a reader under a lot."""
    drawn = sha256(b"accord ledger slot\n" + lot + reader.encode()).digest()
    return int.from_bytes(drawn[:2]) >> (16 - SLOT_LEVELS)


def draw_lot(readers: Collection[str], chance: random.Random) -> tuple[bytes, list[int]]:
    """A lot under which no two readers share a slot, and their slots.

    For 20 readers fewer than one lot in a hundred is drawn anew; for 256, the most, two in three.
    """
    while True:
        lot = chance.randbytes(LOT_BYTES)
        slots = [slot_of(lot, reader) for reader in readers]
        if len(set(slots)) == len(slots):
            return lot, slots


def commit_texts(
    by_reader: Mapping[str, str], chance: random.Random
) -> tuple[bytes, list[Opening]]:
    """Puts the digest of each reader's text into that reader's slot of a tree of random hashes."""
    lot, slots = draw_lot(by_reader, chance)
    texts = list(by_reader.values())
    # Drawn at once: a system's randomness costs by the call. Each text needs a salt, and at most one
    # sibling at each height.
    drawn = chance.randbytes(len(texts) * (SLOT_LEVELS + 1) * HASH_BYTES)
    fresh = iter([drawn[at : at + HASH_BYTES] for at in range(0, len(drawn), HASH_BYTES)])
    salts = [next(fresh) for _ in texts]
    level = {
        slot: body_digest(text, salt) for text, salt, slot in zip(texts, salts, slots, strict=True)
    }
    paths: list[list[bytes]] = [[] for _ in texts]
    for height in range(SLOT_LEVELS):
        for index in list(level):
            if index ^ 1 not in level:
                level[index ^ 1] = next(fresh)
        for path, slot in zip(paths, slots, strict=True):
            path.append(level[slot >> height ^ 1])
        level = {
            index >> 1: node_hash(level[index], level[index | 1])
            for index in level
            if not index & 1
        }
    openings = [
        Opening(text, salt, slot, tuple(path), lot=lot)
        for text, salt, slot, path in zip(texts, salts, slots, paths, strict=True)
    ]
    return node_hash(leaf_hash(lot), level[0]), openings


def body_digest(text: str, salt: bytes) -> bytes:
    """The salted digest of one body."""
    return leaf_hash(salt + text.encode())


def build_leaf(commitment: bytes, version: int = LEAF_VERSION) -> bytes:
    """The bytes of a leaf of the ledger."""
    return canonical({"v": version, "commitment": commitment.hex()})


def export_head(*, origin: str, size: int, key: str) -> dict[str, Any]:
    """The first line of an export."""
    return {"format": EXPORT_FORMAT, "origin": origin, "size": size, "key": key}


def export_leaf(
    index: int,
    commitment: bytes,
    openings: Iterable[Opening] = (),
    erased: Iterable[Mapping[str, Any]] = (),
    *,
    version: int = LEAF_VERSION,
) -> dict[str, Any]:
    """One leaf of an export, with the bodies that the exporter may read."""
    line: dict[str, Any] = {
        "i": index,
        "v": version,
        "commitment": commitment.hex(),
        "hash": leaf_hash(build_leaf(commitment, version)).hex(),
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
