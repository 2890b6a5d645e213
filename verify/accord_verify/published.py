"""The numbered steps for a published log: C2SP tlog-tiles (https://c2sp.org/tlog-tiles).

A folder, or an address from which everything is fetched; nothing is believed that does not lead to
the root of the signed head.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from accord_verify import notes
from accord_verify.bodies import Versions, leaf_version
from accord_verify.notes import Head, Trust
from accord_verify.plain import within
from accord_verify.report import BadFile, Code, Failure, Report
from accord_verify.tree import GrowingTree, inner_hash, leaf_hash

WIDTH = 256
MAX_BUNDLE_BYTES = WIDTH * (2 + 65_535)
MAX_LEAVES = 1 << 32
FETCH_WITHIN_S = 30
Read = Callable[[str, int], bytes | None]
"""(name, most bytes) -> what stands there; None where nothing does."""


@dataclass
class Published:
    """A published log as read: its head, and the leaf hashes that its bundles give."""

    head: Head
    hashes: list[bytes] = field(default_factory=list)
    missing: list[Failure] = field(default_factory=list)
    truncated: list[Failure] = field(default_factory=list)
    altered: list[Failure] = field(default_factory=list)
    levels: list[Failure] = field(default_factory=list)
    versions: Versions = field(default_factory=Versions)


def is_published(path: Path) -> bool:
    """Whether a folder is a published log."""
    return (path / "checkpoint").is_file() and not path.is_symlink()


def from_folder(path: Path) -> Read:
    def read(name: str, most: int) -> bytes | None:
        try:
            with (path / name).open("rb") as handle:
                return handle.read(most + 1)
        except FileNotFoundError:
            return None

    return read


def from_url(url: str) -> Read:
    """Reads by HTTP. Raises BadFile where the server does not answer."""

    def read(name: str, most: int) -> bytes | None:
        request = urllib.request.Request(  # noqa: S310 - the caller gave http or https
            f"{url.rstrip('/')}/{name}", headers={"Accept-Encoding": "identity"}
        )
        try:
            with urllib.request.urlopen(request, timeout=FETCH_WITHIN_S) as answer:  # noqa: S310 - as above
                content: bytes = answer.read(most + 1)
                return content
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise BadFile(f"{url}: answers {error.code} for {name}.") from error
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise BadFile(f"{url}: {name} cannot be fetched: {error}") from error

    return read


def read_published(read: Read, source: str) -> Published:
    """Reads everything that the head needs. Raises BadFile where there is no head to begin with."""
    raw = read("checkpoint", 65_536)
    if raw is None:
        raise BadFile(f"{source}: there is no `checkpoint`, so nothing is published here.")
    try:
        with within(f"{source}: checkpoint"):
            head = notes.parse_head(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadFile(f"{source}: the checkpoint is not UTF-8 text.") from error
    if head.size > MAX_LEAVES:
        raise BadFile(f"{source}: a log of {head.size} leaves is more than this program reads.")
    found = Published(head)
    for start in range(0, head.size, WIDTH):
        if not _leaves(read, found, start // WIDTH, min(WIDTH, head.size - start)):
            return found  # without these leaves no tile above them can be judged
    _levels(read, found)
    return found


def check_published(found: Published, trust: Trust, source: str) -> Report:
    """The steps, in their order."""
    report, head = Report(source), found.head
    count = (head.size + WIDTH - 1) // WIDTH
    report.step(f"every bundle and tile of leaves is there ({count} of each)", found.missing)
    report.step("none is cut off, or longer than its leaves", found.truncated)
    report.step("every leaf is one, and has the hash that its tile holds", found.altered)
    report.step("every tile above holds the roots of the full tiles below", found.levels)
    report.step(f"the leaves give the root of {head.label}", _check_root(found))
    if trust.signers:
        report.step(f"{head.label} has a known signature", notes.check_signer(head, trust.signers))
    else:
        report.step(
            f"{head.label} has a known signature",
            [
                Failure(
                    Code.UNKNOWN_KEY, "No key was named: a published log carries none. Add --key."
                )
            ],
        )
    notes.check_cosigned(head, trust, report)
    return report


def _leaves(read: Read, found: Published, index: int, width: int) -> bool:
    where = tile_path("entries", index, width)
    bundle = _piece(read, found, "entries", index, width, MAX_BUNDLE_BYTES)
    tile = _piece(read, found, "0", index, width, WIDTH * 32)
    if bundle is None or tile is None:
        return False
    leaves = _split(bundle)
    if leaves is None or len(leaves) != width or len(tile) != width * 32:
        what = "bundle" if leaves is None or len(leaves) != width else "tile"
        found.truncated.append(
            Failure(
                Code.TILE_TRUNCATED, f"The {what} {where} does not hold exactly {width} leaves."
            )
        )
        return False
    for at, leaf in enumerate(leaves):
        made = leaf_hash(leaf)
        if made != tile[at * 32 : at * 32 + 32]:
            number = index * WIDTH + at
            found.altered.append(
                Failure(
                    Code.LEAF_ALTERED, f"Leaf {number} does not have the hash that its tile holds."
                )
            )
        _version(found, leaf)
        found.hashes.append(made)
    return True


def _version(found: Published, leaf: bytes) -> None:
    number, version = len(found.hashes), leaf_version(leaf)
    if version is None:
        sentence = f"Leaf {number} is no leaf of a ledger."
        found.altered.append(Failure(Code.LEAF_ALTERED, sentence))
    found.altered += found.versions.add(version)


def _piece(
    read: Read, found: Published, level: str, index: int, width: int, most: int
) -> bytes | None:
    """A tile or a bundle; a partial one may have gone when its full one came (tlog-tiles)."""
    name = tile_path(level, index, width)
    content = read(name, most)
    if content is None and width < WIDTH:
        full = read(tile_path(level, index, WIDTH), most)
        content = None if full is None else _first(full, level, width)
    if content is None:
        found.missing.append(Failure(Code.TILE_MISSING, f"{name} is missing."))
    return content


def _first(full: bytes, level: str, width: int) -> bytes:
    if level != "entries":
        return full[: width * 32]
    leaves = _split(full) or []
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves[:width])


def _split(bundle: bytes) -> list[bytes] | None:
    """The leaves of a bundle; None when it ends inside one."""
    leaves, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if end > len(bundle) or at + 2 > len(bundle):
            return None
        leaves.append(bundle[at + 2 : end])
        at = end
    return leaves


def _levels(read: Read, found: Published) -> None:
    hashes, level = found.hashes, 1
    while len(hashes) >= WIDTH:
        full = range(0, len(hashes) - len(hashes) % WIDTH, WIDTH)
        hashes = [_root(hashes[at : at + WIDTH]) for at in full]
        for start in range(0, len(hashes), WIDTH):
            wanted = b"".join(hashes[start : start + WIDTH])
            index, width = start // WIDTH, min(WIDTH, len(hashes) - start)
            tile = _piece(read, found, str(level), index, width, WIDTH * 32)
            if tile is None:
                continue
            name = tile_path(str(level), index, width)
            if len(tile) != len(wanted):
                found.truncated.append(
                    Failure(Code.TILE_TRUNCATED, f"The tile {name} does not hold {width} hashes.")
                )
            elif tile != wanted:
                found.levels.append(
                    Failure(
                        Code.TILE_MISMATCH, f"The tile {name} does not hold the roots below it."
                    )
                )
        level += 1


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [inner_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def _check_root(found: Published) -> list[Failure]:
    tree, head = GrowingTree(), found.head
    for each in found.hashes:
        tree.add(each)
    if tree.size != head.size:
        sentence = f"{tree.size} of {head.size} leaves could be read."
        return [Failure(Code.LEAF_MISSING, sentence)]
    if tree.root() == head.root:
        return []
    return [
        Failure(
            Code.ROOT_MISMATCH,
            f"The leaves do not give the root of {head.label}: a leaf was changed with its tile, or"
            " the head is of another history.",
        )
    ]


def tile_path(level: str, index: int, width: int) -> str:
    """The name of a tile; index 1234067 is x001/x234/067."""
    digits = str(index).zfill((len(str(index)) + 2) // 3 * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    number = "/".join([f"x{part}" for part in parts[:-1]] + parts[-1:])
    return f"tile/{level}/{number}" + ("" if width == WIDTH else f".p/{width}")
