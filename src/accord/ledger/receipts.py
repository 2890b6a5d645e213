"""What a receipt holds: what proves one entry, or one item of it, to anybody, offline.

A receipt of an entry of version 2 is under 4096 bytes (decision 0026): it shows all pieces of the
body if they fit, else the detail if that fits, else none and says how many there are. Asked for
some pieces it shows as many of them as fit, and never none. A timestamp that does not fit is left
out. One of version 1 is as large as its body.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accord.kernel.errors import Conflict, NotFound
from accord.ledger.domain import Opening
from accord.ledger.pieces import Pieces

FORMAT_WHOLE = "accord-receipt/1"
FORMAT_BY_CHANCE = "accord-receipt/2"  # of a leaf of version 1
FORMAT = "accord-receipt/3"
MOST_BYTES = 4095


@dataclass(frozen=True)
class Place:
    """Where an entry stands under which signed head; `key` helps a reader find whose that is."""

    leaf_index: int
    inclusion: tuple[bytes, ...]
    checkpoint: str
    key: str
    timestamp: bytes | None = None


@dataclass(frozen=True)
class Wanted:
    """Which pieces of an entry a receipt is to show; nothing named asks for the entry."""

    item: int | None = None
    """The place of one item, counted from 0."""
    record: str | None = None
    """Every item about this record, as the shown body names it."""

    @property
    def everything(self) -> bool:
        return self.item is None and self.record is None


ENTRY = Wanted()


def build_receipt(
    opening: Opening, place: Place, wanted: Wanted = ENTRY, most: int = MOST_BYTES
) -> dict[str, Any]:
    """What proves one entry, or what is wanted of it, to anybody, offline, in at most so many bytes.

    Raises NotFound where the body has no such item, and Conflict for an item of a body of version 1,
    which can only be shown whole.
    """
    if opening.pieces is None:
        if not wanted.everything:
            raise Conflict(
                "This entry was written before items were committed to one by one: its receipt "
                "shows it whole."
            )
        return _whole(opening, place)
    proof = _frame(opening, place)
    if wanted.everything:
        shown = _all_or_detail(proof, opening, opening.pieces, most)
    else:
        shown = _some(proof, opening.pieces, _places(opening, wanted), most)
    return _stamped(proof | shown, place.timestamp, most)


def size_of(proof: dict[str, Any]) -> int:
    """How many bytes a receipt has when it is written without spaces."""
    return len(written(proof))


def written(proof: dict[str, Any]) -> bytes:
    """A receipt as it is given out."""
    return json.dumps(proof, ensure_ascii=False, separators=(",", ":")).encode()


def _whole(opening: Opening, place: Place) -> dict[str, Any]:
    return {
        "format": FORMAT_WHOLE,
        "key": place.key,
        "leaf_index": place.leaf_index,
        "commitment": opening.commitment().hex(),
        "opening": opening.facts(),
        "inclusion": [_base64(node) for node in place.inclusion],
        "checkpoint": place.checkpoint,
    }


def _frame(opening: Opening, place: Place) -> dict[str, Any]:
    lot = {} if opening.lot is None else {"lot": _base64(opening.lot)}
    return {
        "format": FORMAT if lot else FORMAT_BY_CHANCE,
        "key": place.key,
        "leaf_index": place.leaf_index,
        "commitment": opening.commitment().hex(),
        "opening": {
            "text": opening.text,
            "salt": _base64(opening.salt),
            "slot": opening.slot,
            "path": _joined(opening.path),
            **lot,
        },
        "inclusion": _joined(place.inclusion),
        "checkpoint": place.checkpoint,
    }


def _all_or_detail(
    proof: dict[str, Any], opening: Opening, pieces: Pieces, most: int
) -> dict[str, Any]:
    whole = {"pieces": pieces.facts()}
    if size_of(proof | whole) <= most:
        return whole
    about = json.loads(opening.text)["pieces"]
    detail = {"shown": list(_shown(pieces, [about["items"]]))} if about["detail"] else {}
    if detail and size_of(proof | detail) <= most:
        return detail
    return {"shown": []}


def _some(
    proof: dict[str, Any], pieces: Pieces, places: Sequence[int], most: int
) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    for piece in _shown(pieces, places):
        if found and size_of(proof | {"shown": [*found, piece]}) > most:
            break
        found.append(piece)
    return {"shown": found}


def _places(opening: Opening, wanted: Wanted) -> list[int]:
    items = opening.body["items"]
    if wanted.item is not None:
        found = [wanted.item] if 0 <= wanted.item < len(items) else []
    else:
        found = [at for at, item in enumerate(items) if item["record"] == wanted.record]
    if not found:
        raise NotFound("The entry has no such item.")
    return found


def _shown(pieces: Pieces, places: Sequence[int]) -> Iterable[dict[str, Any]]:
    for place, path in zip(places, pieces.paths(places), strict=True):
        yield {
            "at": place,
            "text": pieces.texts[place],
            "salt": _base64(pieces.salt(place)),
            "path": _joined(path),
        }


def _stamped(proof: dict[str, Any], timestamp: bytes | None, most: int) -> dict[str, Any]:
    if timestamp is None:
        return proof
    stamped = proof | {"timestamp": _base64(timestamp)}
    return stamped if size_of(stamped) <= most else proof


def _joined(hashes: Iterable[bytes]) -> str:
    return _base64(b"".join(hashes))


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
