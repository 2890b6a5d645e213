"""What a log publishes, and under which names: C2SP tlog-tiles (https://c2sp.org/tlog-tiles).

A tile holds up to 256 hashes of one level; an entry bundle holds the leaves below a tile of level
0, each after its length. A partial tile is one at the right edge of a tree; its width is in its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

WIDTH = 256
HEIGHT = 8
CHECKPOINT = "checkpoint"
ENTRIES = "entries"
MAX_LEVEL = 63
MAX_ENTRY_BYTES = 0xFFFF
_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True)
class Tile:
    """One tile of hashes, or the entry bundle below one of level 0; `width` counts its leaves."""

    level: int
    index: int
    width: int = WIDTH
    entries: bool = False

    @property
    def path(self) -> str:
        """Its name below the log's prefix; index 1234067 is x001/x234/067."""
        level = ENTRIES if self.entries else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_number(self.index)}{partial}"

    @property
    def partials(self) -> str:
        """Under which name the partial tiles of this place stand."""
        return f"{Tile(self.level, self.index, WIDTH, self.entries).path}.p/"


def _number(index: int) -> str:
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03}")
    return "/".join(reversed(parts))


def parse_path(path: str) -> Tile | None:
    """The tile of this name; None where the specification has no such name."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level, above, last, width = found.groups()
    index = int(above.replace("x", "").replace("/", "") + last) if len(above) < 30 else -1
    entries = level == ENTRIES
    tile = Tile(0 if entries else int(level), index, int(width or WIDTH), entries)
    known = index >= 0 and tile.level <= MAX_LEVEL and (width is None or tile.width < WIDTH)
    # One name for each tile: no index with zeros in front, no full tile called partial.
    return tile if known and tile.path == path else None


def added(since: int, sizes: Sequence[int]) -> Iterator[Tile]:
    """The tiles that heads of these growing sizes need beyond a log published up to `since`.

    Full ones come first. A partial tile is named for each head, while its place is not full.
    """
    size = sizes[-1]
    for level in _levels(size):
        first, count = since >> HEIGHT * level, size >> HEIGHT * level
        for index in range(first // WIDTH, count // WIDTH):
            yield from _both(level, index, WIDTH)
        edge = count // WIDTH
        counts = {s >> HEIGHT * level for s in sizes if s > since} - {first}
        for place, width in sorted(divmod(count, WIDTH) for count in counts):
            if place == edge and width:
                yield from _both(level, place, width)


def _levels(size: int) -> Iterator[int]:
    level = 0
    while size >> HEIGHT * level:
        yield level
        level += 1


def _both(level: int, index: int, width: int) -> Iterator[Tile]:
    yield Tile(level, index, width)
    if level == 0:
        yield Tile(level, index, width, entries=True)


def bundle(leaves: Iterable[bytes]) -> bytes:
    """An entry bundle: each leaf after its length as a big-endian uint16."""
    parts = []
    for leaf in leaves:
        if len(leaf) > MAX_ENTRY_BYTES:
            raise ValueError(f"a leaf of {len(leaf)} bytes does not fit an entry bundle")
        parts += [len(leaf).to_bytes(2), leaf]
    return b"".join(parts)
