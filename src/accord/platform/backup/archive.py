"""A backup on disk: a folder with a manifest, the database and the files; the keys in a file apart.

    BACKUP/backup.json     what is in it: sizes, digests, versions, migrations, the ledger's head
    BACKUP/database.dump   pg_dump's custom format
    BACKUP/files.tar       files on their way in (each encrypted already), settings, the mark of a demo
    BACKUP/objects.list    the names of the pieces of exhibits' files, one a line
    BACKUP/objects/ab/ab.. those pieces, each encrypted and named by its SHA-256; or left where they are
    KEYS                   the seal of backup.json (accord.platform.backup.seal) and secrets/,
                           encrypted (accord.platform.backup.sealedkeys)

INVARIANT: BACKUP has its name only when it is complete: it is written beside it and renamed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from accord.kernel.errors import Conflict, InvalidInput
from accord.platform.files import sync

FORMAT = 2
MANIFEST, DATABASE, FILES = "backup.json", "database.dump", "files.tar"
LIST, OBJECTS = "objects.list", "objects"
PIECES = {1: (DATABASE, FILES), 2: (DATABASE, FILES, LIST)}
"""By format: the first held no files of exhibits."""
FOLDERS = ("intake", "attestation-roots")
MARKS = ("demo-world", "accord.toml", "ledger.policy")
_ADDRESS = re.compile(r"[0-9a-f]{64}")
NOT_KEYS = frozenset({"db.json", "cluster.json"})
"""Passwords of the database: a restored node draws its own."""


@dataclass(frozen=True)
class Piece:
    """One file of a backup as it must be."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    accord: str
    postgresql: str
    migrations: list[str]
    ledger_size: int
    ledger_root: str
    pieces: dict[str, Piece]
    with_objects: bool = False
    """Whether the pieces of exhibits' files are in it; else they stayed in their store."""
    format: int = FORMAT


def digest(path: Path) -> Piece:
    """The size and SHA-256 of a file."""
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return Piece(path.stat().st_size, found)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, and see everything on the disk before the folder gets its name."""
    place = folder / MANIFEST
    place.write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True), "utf-8")
    place.chmod(0o600)
    for path in (*folder.iterdir(), folder):
        sync(path)


def read_manifest(folder: Path, sha256: str | None = None) -> Manifest:
    """Return the manifest, which has this digest, after every piece was found to be as it says."""
    place = folder / MANIFEST
    try:
        content = place.read_bytes()
        if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise InvalidInput(str(place), None, "", "was changed while it was read")
        said = json.loads(content)
        if said["format"] not in PIECES:
            raise InvalidInput(str(place), None, "format", f"must be at most {FORMAT}")
        pieces = {name: Piece(**piece) for name, piece in said.pop("pieces").items()}
        manifest = Manifest(pieces=pieces, **said)
    except FileNotFoundError as error:
        rule = "is missing: this is no backup, or one that was not finished"
        raise InvalidInput(str(place), None, "", rule) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(str(place), None, "", "is no manifest of a backup") from error
    names = PIECES[manifest.format]
    for name in names:
        _check_piece(folder / name, pieces.get(name))
    known = {MANIFEST, *names, *([OBJECTS] if manifest.with_objects else [])}
    for path in sorted(folder.iterdir()):
        if path.name not in known:
            raise InvalidInput(str(path), None, "", "is no part of the backup: move it elsewhere")
    return manifest


def _check_piece(path: Path, wanted: Piece | None) -> None:
    if wanted is None:
        raise InvalidInput(str(path), None, "", "is not in the manifest")
    if not path.is_file():
        raise InvalidInput(str(path), None, "", "is missing from the backup")
    found = digest(path)
    if found.size_bytes != wanted.size_bytes:
        rule = f"holds {found.size_bytes} bytes of {wanted.size_bytes}: the backup is not whole"
        raise InvalidInput(str(path), None, "", rule)
    if found.sha256 != wanted.sha256:
        raise InvalidInput(str(path), None, "", "is not what was written: its SHA-256 differs")


def take(source: Path, target: Path, wanted: Piece) -> Path:
    """Copy a piece to where nobody else writes, and judge the copy: the source may change meanwhile."""
    with source.open("rb") as read, target.open("xb") as written:
        target.chmod(0o600)
        shutil.copyfileobj(read, written)
    if digest(target) != wanted:
        raise InvalidInput(str(source), None, "", "was changed while it was restored: take a copy")
    return target


def write_list(place: Path, addresses: Iterable[str]) -> None:
    """Write the names of pieces, in order, one a line."""
    place.touch(mode=0o600)
    place.write_text("".join(f"{address}\n" for address in sorted(addresses)), "ascii")


def read_list(place: Path) -> frozenset[str]:
    """The names of the pieces; raises InvalidInput for a line that is none."""
    lines = place.read_text("ascii", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        if not _ADDRESS.fullmatch(line):
            raise InvalidInput(str(place), number, "", "is no SHA-256")
    return frozenset(lines)


def check_new(path: Path, what: str) -> None:
    """Raise Conflict where something stands already: nothing is ever overwritten."""
    if path.exists() or path.is_symlink():
        raise Conflict(
            f"{path} exists, and {what} overwrites nothing.",
            who_can_change="you, by naming a place that does not exist",
        )


class FileCollector:
    """The files of a node, collected before and after the database's snapshot.

    A file that was in place when the snapshot was taken was there before it or is there after it,
    unless it came and was used up in between; the run of such a file fails on the restored node
    and says so, and the file is sent again.
    """

    def __init__(self, data_dir: Path, target: Path) -> None:
        self._data_dir, self._target, self._seen = data_dir, target, set[str]()

    def collect(self) -> None:
        """Add what is new to the archive."""
        with tarfile.open(self._target, "a" if self._target.exists() else "w") as archive:
            for path in self._present():
                name = str(path.relative_to(self._data_dir))
                if name in self._seen:
                    continue
                try:
                    content = path.read_bytes()
                except FileNotFoundError:
                    continue  # its run ended meanwhile
                add(archive, name, content)
                self._seen.add(name)
        self._target.chmod(0o600)

    def _present(self) -> list[Path]:
        inside = [
            p for f in FOLDERS for p in sorted((self._data_dir / f).rglob("*")) if p.is_file()
        ]
        return inside + [p for m in MARKS if (p := self._data_dir / m).is_file()]


def add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """One private file in an archive, without owner or time."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def keys_of(data_dir: Path) -> bytes:
    """The keys of a node as one archive in memory."""
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w") as archive:
        for path in sorted((data_dir / "secrets").rglob("*")):
            if path.is_file() and path.name not in NOT_KEYS and not path.name.startswith("."):
                add(archive, str(path.relative_to(data_dir)), path.read_bytes())
    return kept.getvalue()


def unpack(content: bytes | Path, data_dir: Path, folders: tuple[str, ...]) -> None:
    """Put an archive's plain files into a data directory, in these folders and nowhere else."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
    with stream, tarfile.open(fileobj=stream, mode="r:") as archive:
        for entry in archive:
            inside = Path(entry.name)
            known = (inside.parts[:1] and inside.parts[0] in folders) or entry.name in MARKS
            if inside.parts[:1] == ("secrets",) and inside.name in NOT_KEYS:
                known = False  # passwords of another database
            if not entry.isreg() or inside.is_absolute() or ".." in inside.parts or not known:
                raise InvalidInput(entry.name, None, "", "does not belong into a backup")
            target = data_dir / inside
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            read = archive.extractfile(entry)
            assert read is not None
            with os.fdopen(handle, "wb") as written:
                shutil.copyfileobj(read, written)
