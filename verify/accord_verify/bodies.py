"""Bodies, the commitments they must lead to, and the pieces that a body commits to one by one.

A body of version 1 holds its items. One of version 2 holds how many there are and the root of a
tree over them (RFC 6962), the items in their order and last the detail; each piece is hashed with a
salt of its own, which is HMAC-SHA256 of its place under a seed where all are shown.

A leaf of version 1 has 256 slots, and bodies stand in slots drawn at random. One of version 2 has
32,768 and a lot; the slot of a reader is SHA-256 of the lot and the reader, its first fifteen bits. So
it can hold one body for each reader, and no second one. Whoever is shown one looks for whom it is.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from accord_verify.notes import unbase64
from accord_verify.plain import read_json
from accord_verify.report import BadFile, Code, Failure
from accord_verify.tree import GrowingTree, inner_hash, leaf_hash, root_by_path, root_by_slot

LEVELS = {1: 8, 2: 15}
SHOWN = {"text", "salt", "slot", "path", "lot"}
LOT = 16
OWNER = re.compile(r"[a-z][a-z0-9.-]{0,100}")
PIECE = {"at", "text", "salt", "path"}
HASH = 32
MOST_PIECES = 1 << 24


_LEAF = re.compile(rb'\{"commitment":"[0-9a-f]{64}","v":([12])\}')


@dataclass(frozen=True)
class Shown:
    """A body that a file shows of a leaf, as far as files are compared."""

    leaf: int
    version: int
    reader: str | None
    digest: bytes
    at: datetime | None = None
    """When it says that its entry was made."""


@dataclass
class Versions:
    """The versions of leaves, taken one after the other: version 1 first, and never again."""

    first: int = 0
    """How many leaves are of version 1."""
    size: int = 0

    def add(self, version: int | None) -> list[Failure]:
        """Take the version of the next leaf; returns what is wrong with its coming there."""
        number, self.size = self.size, self.size + 1
        if version != 1:
            return []
        back, self.first = self.first < number, self.first + 1
        sentence = f"Leaf {number} is of version 1 and comes after one of version 2."
        return [Failure(Code.VERSION_BACK, sentence)] if back else []

    @property
    def turn(self) -> tuple[tuple[int, int], ...]:
        """The last leaf of version 1 and the first of version 2, each where there is one."""
        last = ((self.first - 1, 1),) if self.first else ()
        return (*last, (self.first, 2)) if self.first < self.size else last


@dataclass
class Body:
    """One body that a file shows: where it leads to, and what is shown of its pieces."""

    led_to: str
    text: str
    version: int
    reader: str | None
    """For whom it says that it is."""
    misplaced: list[Failure] = field(default_factory=list)
    pieces: int = 0
    shown: list[tuple[int, str]] = field(default_factory=list)
    unfit: list[Failure] = field(default_factory=list)
    by_pieces: bool = False

    def shown_at(self, leaf: int) -> Shown:
        """What of it other files are compared with."""
        return Shown(leaf, self.version, self.reader, sha256(self.text.encode()).digest(), self.at)

    @property
    def at(self) -> datetime | None:
        """When its entry was made, as it says; None where that is no time in UTC."""
        return moment(self.said().get("at"))

    @property
    def hidden(self) -> int:
        """How many pieces the body has that are not shown, and so not checked."""
        return self.pieces - len(self.shown)

    def said(self) -> dict[str, Any]:
        """What the body says without its pieces; empty where it is no object."""
        try:
            said = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return said if isinstance(said, dict) else {}

    def facts(self) -> dict[str, Any]:
        """What the body says, with its detail where that is shown; empty where it is no object."""
        said = self.said()
        try:
            pieces = [json.loads(text) for _, text in self.shown]
        except (ValueError, RecursionError):
            return {}
        last = pieces[-1] if self.shown and self.shown[-1][0] == self.pieces - 1 else None
        if self.by_pieces and isinstance(last, dict) and set(last) == {"detail"}:
            return said | last
        return said


def moment(text: object) -> datetime | None:
    """A time in UTC as bodies state it; None for anything else."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is not None and at.utcoffset() == timedelta(0) else None


def leaf_bytes(commitment: str, version: int) -> bytes:
    """The leaf of a commitment, in canonical JSON (RFC 8785)."""
    return f'{{"commitment":"{commitment}","v":{version}}}'.encode()


def leaf_version(text: bytes) -> int | None:
    """The version of a leaf by its bytes; None where they are no leaf that this program knows."""
    found = _LEAF.fullmatch(text)
    return int(found[1]) if found else None


def reader_of(text: str) -> str | None:
    """For whom a body is: for who acted, or for one owner; None where it does not say so plainly."""
    try:
        said = read_json(text)
    except (BadFile, ValueError, RecursionError):
        return None
    match said:
        case {"view": "owning", "owner": str(owner)} if OWNER.fullmatch(owner):
            return f"owning {owner}"
        case {"view": "acting"} if "owner" not in said:
            return "acting"
    return None


def slot_of(lot: bytes, reader: str) -> int:
    """The one slot of a reader in a leaf of version 2."""
    drawn = sha256(b"accord ledger slot\n" + lot + reader.encode()).digest()
    return int.from_bytes(drawn[:2], "big") >> (16 - LEVELS[2])


def commitment_field(line: dict[str, Any], where: str) -> str:
    """The commitment of a leaf: 64 hexadecimal digits."""
    value = line.get("commitment")
    if not _is_digest(value):
        raise BadFile(f"{where}: `commitment` is not 64 hexadecimal digits.")
    return str(value)


def read_body(opening: object, shown: object, where: str, version: int) -> Body:
    """A body shown of a leaf, and pieces of it; what they do not lead to is kept as failures."""
    if not isinstance(opening, dict) or not isinstance(opening.get("text"), str):
        raise BadFile(f"{where}: a shown body has `text`, `salt`, `slot` and `path`.")
    if set(opening) - SHOWN - {"pieces"}:
        raise BadFile(f"{where}: a shown body has nothing unknown in it, as nobody checks that.")
    slot, levels = opening.get("slot"), LEVELS[version]
    if not isinstance(slot, int) or isinstance(slot, bool) or not 0 <= slot < 1 << levels:
        raise BadFile(f"{where}: `slot` is a number from 0 to {(1 << levels) - 1}.")
    siblings = hashes(opening.get("path"), where)
    if len(siblings) != levels:
        raise BadFile(f"{where}: `path` has {levels} hashes.")
    if (version == 1) is ("lot" in opening):
        raise BadFile(f"{where}: a body of a leaf of version 2, and no other, is shown with `lot`.")
    led_to, reader = (
        root_by_slot(_salted(opening, where), slot, siblings),
        reader_of(opening["text"]),
    )
    misplaced = list[Failure]()
    if version > 1:
        lot = unbase64(opening["lot"], "a lot")
        led_to = inner_hash(leaf_hash(lot), led_to)
        misplaced = _check_slot(reader, slot, lot)
    body = Body(led_to.hex(), opening["text"], version, reader, misplaced)
    about, whole = _about_pieces(opening["text"]), opening.get("pieces")
    if (about is None) != (whole is None and shown is None):
        raise BadFile(f"{where}: a body of version 2, and no other, is shown with its pieces.")
    if whole is not None and shown is not None:
        raise BadFile(f"{where}: a body is shown with all its pieces or with some, not both.")
    if about is not None:
        _read_pieces(body, about, whole, shown, where)
    return body


def _check_slot(reader: str | None, slot: int, lot: bytes) -> list[Failure]:
    if len(lot) == LOT and reader is not None and slot == slot_of(lot, reader):
        return []
    sentence = (
        "The body does not stand in the one slot of its reader: the leaf may hold another for the"
        " same reader."
    )
    return [Failure(Code.BODY_MISPLACED, sentence)]


def hashes(value: object, where: str) -> tuple[bytes, ...]:
    """Hashes as a list of base64, or one after the other in one."""
    if isinstance(value, list) and len(value) <= 64:
        found = tuple(unbase64(node, "a hash") for node in value)
    else:
        joined = unbase64(value, "a path")
        found = tuple(joined[at : at + HASH] for at in range(0, len(joined), HASH))
    if len(found) > 64 or any(len(node) != HASH for node in found):
        raise BadFile(f"{where}: a path has at most 64 hashes of {HASH} bytes each.")
    return found


def _about_pieces(text: str) -> tuple[int, str] | None:
    """How many pieces a body says that it has, and their root; None for one of version 1."""
    try:
        about = json.loads(text)["pieces"]
        items, detail, root = about["items"], about["detail"], about["root"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not _is_count(items) or not _is_count(detail) or detail > 1 or not _is_digest(root):
        return None
    return items + detail, root


def _read_pieces(
    body: Body, about: tuple[int, str], whole: object, some: object, where: str
) -> None:
    body.pieces, root = about
    body.by_pieces = True
    if whole is not None:
        _read_all(body, root, whole, where)
        return
    if not isinstance(some, list):
        raise BadFile(f"{where}: `shown` is not a list.")
    places = set[int]()
    for piece in some:
        if not isinstance(piece, dict) or not isinstance(piece.get("text"), str):
            raise BadFile(f"{where}: a shown piece has `at`, `text`, `salt` and `path`.")
        if set(piece) - PIECE:
            raise BadFile(f"{where}: a shown piece has nothing unknown in it.")
        place: Any = piece.get("at")
        if not _is_count(place):
            raise BadFile(f"{where}: `at` is the place of a piece.")
        if place in places:
            sentence = f"Piece {place} is shown twice, as if it were two."
            body.unfit.append(Failure(Code.ITEM_MISMATCH, sentence))
            continue
        places.add(place)
        path = hashes(piece.get("path"), where)
        led_to = root_by_path(_salted(piece, where), place, body.pieces, path)
        body.shown.append((place, piece["text"]))
        if led_to is None or led_to.hex() != root:
            body.unfit.append(
                Failure(
                    Code.ITEM_MISMATCH,
                    f"Piece {place} is not one that the body commits to: it was changed, moved or "
                    "taken from another entry.",
                )
            )


def _read_all(body: Body, root: str, whole: object, where: str) -> None:
    if not isinstance(whole, dict):
        raise BadFile(f"{where}: `pieces` has `seed` and `texts`.")
    texts = whole.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadFile(f"{where}: `pieces` has `seed` and `texts`.")
    if set(whole) - {"seed", "texts"}:
        raise BadFile(f"{where}: `pieces` has `seed` and `texts`, and nothing unknown.")
    seed = unbase64(whole.get("seed"), "a seed")
    tree = GrowingTree()
    for place, text in enumerate(texts):
        salt = hmac.digest(seed, place.to_bytes(8, "big"), "sha256")
        tree.add(leaf_hash(salt + text.encode()))
    body.shown = list(enumerate(texts))
    if len(texts) != body.pieces or tree.root().hex() != root:
        body.unfit.append(
            Failure(
                Code.ITEM_MISMATCH,
                "The items and the detail are not those that the body commits to: one was changed, "
                "moved, added or taken out.",
            )
        )


def _salted(shown: dict[str, Any], where: str) -> bytes:
    salt = unbase64(shown.get("salt"), "a salt")
    if len(salt) != HASH:
        raise BadFile(f"{where}: a salt has {HASH} bytes.")
    return leaf_hash(salt + shown["text"].encode())


def summary(body: Body) -> list[str]:
    """A few lines about a body that was checked, and what of it was not shown."""
    try:
        said = json.loads(body.text)
        when, what, who = said["at"], said["kind"], f"{said['actor']} of {said['agency']}"
        touched = said["pieces"]["items"] if body.by_pieces else len(said["items"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ["The body is not in the form that Accord writes; it is shown as it stands."]
    lines = [f"{when} {what} by {who}, {touched} item(s).", told(body)]
    if body.by_pieces and body.hidden:
        lines += [f"Shown of it: {text}" for _, text in body.shown]
        lines.append(
            f"Not shown here, and so not checked: {body.hidden} of {body.pieces} pieces of the body"
            " (its items, and its detail)."
        )
    return lines


def told(body: Body) -> str:
    """For whom a body is, in words."""
    if body.reader is None:
        return "The body does not say plainly for whom it is."
    if body.reader == "acting":
        return "It is for who acted."
    return f"It is for the owner {body.reader.removeprefix('owning ')}."


def check_reader(body: Body, agency: str) -> list[Failure]:
    """Whether a body is for the agency that was named, as owner or as who acted."""
    acted = body.reader == "acting" and body.facts().get("agency") == agency
    if acted or body.reader == f"owning {agency}":
        return []
    return [Failure(Code.WRONG_READER, f"It is not for {agency}. {told(body)}")]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_PIECES


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")
