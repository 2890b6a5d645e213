"""What each process of a node holds in memory; what is shared is divided among its holders (PSS)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from accord.cli.benches.page import Compared

PROC = Path("/proc")
KINDS: Mapping[str, str] = {
    "accord.platform.webserver": "web",
    "accord.cli.liveserver": "live",
    "accord.cli.worker": "worker",
    "accord.cli.operations": "operations",
}
DATABASE = "PostgreSQL, all its processes"


def held_kb(folder: Path) -> dict[str, int]:
    """Kilobytes by kind of process of the node in `folder`; nothing where Linux's /proc is not."""
    found: dict[str, int] = {}
    for entry in PROC.iterdir() if PROC.is_dir() else ():
        if entry.name.isdigit() and (kind := _kind(entry, folder)) is not None:
            found[kind] = found.get(kind, 0) + _pss_kb(entry)
    return found


def _kind(entry: Path, folder: Path) -> str | None:
    try:
        words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        if "postgres" in Path(words[0]).name or words[0].startswith("postgres:"):
            return DATABASE if _serves(entry, folder) else None
        kind = next((KINDS[word] for word in words if word in KINDS), None)
        own = f"ACCORD_DATA_DIR={folder}".encode()
        return kind if kind and own in (entry / "environ").read_bytes().split(b"\0") else None
    except OSError:  # it ended meanwhile
        return None


def _serves(entry: Path, folder: Path) -> bool:
    return os.readlink(entry / "cwd").startswith(str(folder))


def _pss_kb(entry: Path) -> int:
    try:
        lines = (entry / "smaps_rollup").read_text("utf-8").splitlines()
    except OSError:  # it ended meanwhile
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def compare(rest: Mapping[str, int], load: Mapping[str, int]) -> list[Compared]:
    """Each kind at rest and under load, in megabytes."""
    return [
        Compared(
            f"memory of {kind}, under load",
            f"{kb / 1024:,.0f} MB",
            f"at rest: {rest.get(kind, 0) / 1024:,.0f} MB",
            f"{kb / max(rest.get(kind, 0), 1):.2f}×",
        )
        for kind, kb in sorted(load.items())
    ]
