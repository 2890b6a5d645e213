"""Bundles: writing one beside a plain ZIP of the same file, and checking it beside SHA-256 alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

from accord.cli.benches.evidence import best, rate
from accord.cli.benches.page import Compared

if TYPE_CHECKING:
    from accord.evidence.bundling.archive import Entry
    from accord.evidence.bundling.domain import Included, Taken
    from accord.evidence.domain import Hashes
    from accord.evidence.files import FileReader

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def figures(folder: Path, source: Path, reader: FileReader, hash_s: float) -> list[Compared]:
    """Write a bundle with this one file out of the store, and check it; `hash_s` is SHA-256 alone.

    Both ZIPs are written to the disk's cache, without fsync. The checking is accord-verify's own, every
    step of it.
    """
    hashes, plain, bundle = reader.hashes(), folder / "plain.zip", folder / "bundle.zip"
    plain_s = best(lambda: _plain(source, plain))
    written_s = best(lambda: _bundle(reader, hashes, bundle))
    checked_s = best(lambda: _check(bundle))
    size = reader.size_bytes
    return [
        Compared(
            "writing a bundle: read, decrypted, hashed, zipped",
            rate(size, written_s),
            f"plain ZIP of the same file, not encrypted: {rate(size, plain_s)}",
            f"{plain_s / written_s:.0%}",
        ),
        Compared(
            "accord-verify on that bundle, started and all: both hashes, every step",
            rate(size, checked_s),
            f"SHA-256 alone: {rate(size, hash_s)}",
            f"{hash_s / checked_s:.0%}",
        ),
    ]


def _check(bundle: Path) -> None:
    """Run accord-verify as somebody elsewhere does; raises AssertionError where it says no."""
    command = [sys.executable, "-m", "accord_verify", str(bundle)]
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own program
    if done.returncode != 3:  # what was checked holds; this bundle is of no ledger
        raise AssertionError("the bundle does not hold")


def _plain(source: Path, to: Path) -> None:
    with ZipFile(to, "w", ZIP_STORED) as whole:
        whole.write(source, "source.bin")


def _bundle(reader: FileReader, hashes: Hashes, to: Path) -> None:
    """The bundle of one exhibit without a chain: papers, manifest, file."""
    from accord.evidence.bundling import manifest as listing
    from accord.evidence.bundling.archive import Entry, archive
    from accord.evidence.bundling.certificate import certificate_paper
    from accord.evidence.bundling.domain import CERTIFICATE, GRAPH, MANIFEST, SUMS, Listed, Names
    from accord.evidence.bundling.graph import graph

    taken, exhibit = _taken(), _exhibit(reader, hashes)
    small = [
        _entry(GRAPH, graph(taken, [exhibit], Names({}, {}))),
        _entry(CERTIFICATE, certificate_paper(taken, [exhibit], [])),
        _entry(exhibit.sheet_path, b"the sheet", exhibit.number),
    ]
    size, digests = exhibit.size_bytes, (hashes.sha256, hashes.sha512)
    file = Entry(Listed(exhibit.path, size, *digests, exhibit.number), reader)
    listed = [entry.listed for entry in (*small, file)]
    made = _entry(MANIFEST, listing.manifest(taken, [exhibit], [], listed))
    sums = _entry(SUMS, listing.sums(made.listed.sha256, listed))
    with to.open("wb") as target:
        for piece in archive(iter((made, sums, *small, file)), AT, lambda: None):
            target.write(piece)


def _entry(path: str, content: bytes, exhibit: str | None = None) -> Entry:
    from hashlib import sha256

    from accord.evidence.bundling.archive import Entry
    from accord.evidence.bundling.domain import Listed

    listed = Listed(path, len(content), sha256(content).hexdigest(), exhibit=exhibit)
    return Entry(listed, content)


def _exhibit(reader: FileReader, hashes: Hashes) -> Included:
    from accord.evidence.bundling.domain import Included

    return Included(
        record_id=UUID(int=1),
        number="BENCH/agency/1",
        owner="agency",
        folder="BENCH-agency-1",
        file_name="source.bin",
        path="exhibits/BENCH-agency-1/source.bin",
        media_type="application/octet-stream",
        size_bytes=reader.size_bytes,
        hashes=hashes,
        said={},
        stamp="Open",
        custody=None,
    )


def _taken() -> Taken:
    from accord.evidence.bundling.domain import Taken

    return Taken(
        name="Nobody",
        membership="agency.nobody",
        agency="agency",
        agency_name="Agency",
        purpose="prosecution",
        legal_basis="statute",
        case_number="BENCH",
        whole_case=False,
        at=AT,
        entry=UUID(int=2),
        ledger="none",
        stamp="Open",
        watermark="Nobody",
        duties=(),
        ends_at=None,
    )
