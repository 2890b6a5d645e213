"""Small file systems that can really be full or read-only: tmpfs, which root alone can mount."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    """One mounted file system."""

    folder: Path

    def resize(self, megabytes: int) -> None:
        """Make room, or take it away."""
        self._remount(f"size={megabytes}m")

    def read_only(self, on: bool) -> None:
        """Refuse writing, or allow it again."""
        self._remount("ro" if on else "rw")

    def fill(self) -> None:
        """Take what room is left."""
        with self.ballast.open("wb", buffering=0) as stream, suppress(OSError):
            while stream.write(b"x" * 4096):
                pass

    def make_room(self) -> None:
        """Give back what `fill` took."""
        self.ballast.unlink()

    @property
    def ballast(self) -> Path:
        """What takes the room; no file of the node's."""
        return self.folder / "ballast"

    def _remount(self, option: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{option}", str(self.folder)], check=True)


@contextmanager
def small_disk(folder: Path, megabytes: int, mode: str = "0700") -> Iterator[SmallDisk]:
    """A file system at this folder; the test is skipped where none can be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode={mode}", "tmpfs", str(folder)]
    if subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system can be mounted by root alone")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
