"""A folder whose files come in: taken when they are complete, then moved, with a report beside them.

A file counts as complete when its size and time have not changed for a while and its name is not that
of a copy under way. It is moved only after its run is over, so a watcher that is killed takes it again:
nothing comes in twice. Links and folders are left alone.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase

UNDER_WAY = (".part", ".tmp", ".temp", ".filepart", ".crdownload", ".partial", ".swp")
DONE, REFUSED = "done", "refused"
REPORT = ".report.txt"
LONGEST_NAME_BYTES = 180


@dataclass
class Folder:
    """A watched folder, and what was seen of its files."""

    path: Path
    settle_s: float
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise InvalidInput(str(self.path), None, "", phrase("there is no such folder to watch"))
        for name in (DONE, REFUSED):
            if (self.path / name).is_symlink():
                raise InvalidInput(
                    str(self.path / name), None, "", phrase("is a link, and must be a folder")
                )
            (self.path / name).mkdir(mode=0o700, exist_ok=True)

    def complete(self) -> Iterator[Path]:
        """Files that have not changed for long enough, oldest first."""
        found: dict[str, tuple[int, int, float]] = {}
        ready: list[tuple[int, Path]] = []
        for entry in os.scandir(self.path):
            if not self._is_taken(entry):
                continue
            state = entry.stat(follow_symlinks=False)
            size, at = state.st_size, state.st_mtime_ns
            before = self._seen.get(entry.name)
            same = before is not None and before[:2] == (size, at)
            since = before[2] if same and before is not None else self.clock()
            found[entry.name] = (size, at, since)
            if self.clock() - since >= self.settle_s:
                ready.append((at, Path(entry.path)))
        self._seen = found
        yield from (path for _, path in sorted(ready))

    @property
    def waits(self) -> bool:
        """Whether a file is there that may become complete."""
        return bool(self._seen)

    def _is_taken(self, entry: os.DirEntry[str]) -> bool:
        hidden = entry.name.startswith((".", "~"))
        if hidden or entry.name.lower().endswith((*UNDER_WAY, REPORT)):
            return False
        return stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)

    def put_away(self, file: Path, where: str, report: str) -> Path:
        """Move a file to `done` or `refused`, and write the report beside it; returns its new place."""
        # The name of a report is longer, and a name may be no text.
        name = os.fsencode(file.name)[-LONGEST_NAME_BYTES:].decode("utf-8", "replace")
        target = self._free(self.path / where / name)
        handle = os.open(
            target.with_name(target.name + REPORT), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
        )
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(report)
        file.rename(target)
        self._seen.pop(file.name, None)
        return target

    @staticmethod
    def _free(wanted: Path) -> Path:
        """The wanted name, or one with a number where a file of that name was there before."""
        number, free = 1, wanted
        while free.exists() or free.with_name(free.name + REPORT).exists():
            number += 1
            free = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        return free


def open_plain(file: Path) -> BinaryIO:
    """Open a file itself: whoever may write in a folder could put a link or a pipe in its place.

    Raises InvalidInput for anything but a plain file, FileNotFoundError where it went.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise InvalidInput(file.name, None, "", phrase("is a link, not a file")) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise InvalidInput(file.name, None, "", phrase("is no plain file"))
    return os.fdopen(handle, "rb")
