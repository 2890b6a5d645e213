"""The pieces of a body: its items, and what it says in detail, each of which can be shown alone.

1. In the text that is committed to (version 2), `pieces` stands for `items` and `detail`: how many
   there are, and the root of a tree (RFC 6962) over them, the items in their order, the detail last.
2. A piece is canonical JSON (RFC 8785): an item as it is, or `{"detail": ...}`.
3. Its leaf is hashed with its own salt, HMAC-SHA256 of its place under the seed of the body: one seed
   opens all pieces, and the salt of one tells nothing of another.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accord.kernel.canonical import canonical
from accord.kernel.merkle import inclusion_proof, leaf_hash, nodes_of, root

SEED_BYTES = 32


@dataclass(frozen=True)
class Pieces:
    """All pieces of a body, and the seed of their salts."""

    seed: bytes
    texts: tuple[str, ...]

    def salt(self, place: int) -> bytes:
        """The salt of one piece."""
        return hmac.digest(self.seed, place.to_bytes(8), "sha256")

    def hashes(self) -> list[bytes]:
        """The leaves of the tree over the pieces."""
        return [leaf_hash(self.salt(at) + text.encode()) for at, text in enumerate(self.texts)]

    def root(self) -> bytes:
        """What the body commits to."""
        return root(self.hashes())

    def paths(self, places: Iterable[int]) -> Iterator[tuple[bytes, ...]]:
        """The path from each of these pieces to the root, leaf end first."""
        fetch = nodes_of(self.hashes())
        return (inclusion_proof(place, len(self.texts), fetch) for place in places)

    def facts(self) -> dict[str, Any]:
        return {"seed": base64.b64encode(self.seed).decode(), "texts": list(self.texts)}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Pieces:
        return cls(base64.b64decode(facts["seed"], validate=True), tuple(facts["texts"]))


def split_body(body: Mapping[str, Any], seed: bytes) -> tuple[dict[str, Any], Pieces]:
    """What is committed to in place of a body, and its pieces."""
    texts = [canonical(item).decode() for item in body["items"]]
    count, detail = len(texts), body.get("detail")
    if detail:
        texts.append(canonical({"detail": detail}).decode())
    pieces = Pieces(seed, tuple(texts))
    text = {name: value for name, value in body.items() if name not in ("items", "detail")}
    text["pieces"] = {
        "items": count,
        "detail": len(texts) - count,
        "root": pieces.root().hex(),
    }
    return text, pieces


def joined_body(text: Mapping[str, Any], pieces: Pieces | None) -> dict[str, Any]:
    """A body with its items and detail again; one of version 1 is whole already."""
    if pieces is None:
        return dict(text)
    body = {name: value for name, value in text.items() if name != "pieces"}
    said = [json.loads(piece) for piece in pieces.texts]
    count = text["pieces"]["items"]
    body["items"] = said[:count]
    if "owner" not in body:
        body["detail"] = said[count]["detail"] if len(said) > count else {}
    return body
