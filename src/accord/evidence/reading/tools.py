"""tesseract, where it is installed: found, asked its version, run confined.

It is a program of its own, never linked, and is only ever given pages that the confined reader drew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from accord.evidence.reading.kinds import Family, Kind
from accord.evidence.reading.results import Limits, Tool
from accord.platform.confined.child import ENVIRONMENT, Child, Ended, Ending
from accord.platform.confined.confine import Bounds

VERSION_S = 10
SAID = "said"
"""The file in the folder of results that takes a program's standard output."""
SAID_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class Program:
    """A program that is installed."""

    path: str
    tool: Tool


@cache
def find(name: str) -> Program | None:
    """The program of that name, or None. Looked for once: a new one needs a restart."""
    path = shutil.which(name, path=os.environ.get("PATH", os.defpath))
    if path is None:
        return None
    try:
        said = subprocess.run(  # noqa: S603 - a program of the machine, asked its version
            [path, "--version"], capture_output=True, timeout=VERSION_S, check=True, env=ENVIRONMENT
        )
    except (OSError, subprocess.SubprocessError):
        return None
    words = (said.stdout or said.stderr).decode("utf-8", "replace").split()
    at = words.index("version") + 1 if "version" in words else 1
    return Program(os.path.realpath(path), Tool(name, words[at] if len(words) > at else ""))


class Failed(Exception):
    """The program did not do it; `how` says whether time or memory ended it."""

    def __init__(self, how: Ending | None) -> None:
        super().__init__(how.value if how else "failed")
        self.how = how


def run(program: Program, arguments: list[str], *, out: Path, limits: Limits) -> bytes:
    """Run it confined, in the folder of results; returns what it said. Raises Failed."""
    bounds = Bounds(
        cpu_s=limits.cpu_s * 4,
        memory_bytes=limits.memory_bytes,
        folder=str(out.resolve()),
        file_bytes=limits.result_bytes,
    )
    said = out / SAID
    asked = {
        "bounds": asdict(bounds),
        "command": [program.path, *arguments],
        "stdout": str(said.resolve()),
    }
    module = "accord.evidence.reading.toolprocess"
    try:
        with Child(module, asked, silence_s=limits.most_s, most_s=limits.most_s) as child:
            code = _finished(child)
        if code:
            raise Failed(None)
        with said.open("rb") as words:
            return words.read(SAID_BYTES)
    except OSError:
        raise Failed(None) from None
    finally:
        said.unlink(missing_ok=True)


def _finished(child: Child) -> int:
    """The exit code; the program's pipe says nothing, and closes when it ends."""
    try:
        child.message()
    except Ended as end:
        if end.how in (Ending.TIME, Ending.MEMORY):
            raise Failed(end.how) from None
        return end.code or 0
    raise Failed(None)


@cache
def ocr_languages() -> tuple[str, ...]:
    """The languages that tesseract has here; English alone where it does not say."""
    program = find("tesseract")
    try:
        said = subprocess.run(  # noqa: S603 - a program of the machine, asked what it has
            [program.path if program else "tesseract", "--list-langs"],
            capture_output=True, timeout=VERSION_S, check=True, env=ENVIRONMENT,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ("eng",)
    names = [line.strip() for line in said.stdout.decode("utf-8", "replace").splitlines()[1:]]
    return tuple(sorted(name for name in names if name.isalpha() and name != "osd")) or ("eng",)


PACKAGES: dict[Family, tuple[str, ...]] = {
    Family.PICTURE: ("pillow",),
    Family.PDF: ("pypdfium2", "pillow"),
    Family.SHEET: ("python-calamine",),
    Family.SOUND: ("av", "pillow"),
    Family.FILM: ("av", "pillow"),
}


def own(kind: Kind) -> tuple[Tool, ...]:
    """This program and the libraries that read files of a kind, with their versions."""
    names = PACKAGES.get(kind.family, ())
    names += ("python-oxmsg",) if kind.name == "msg" else ()
    return (own_alone(), *(Tool(name, version(name)) for name in names))


def own_alone() -> Tool:
    """This program and its version."""
    return Tool("accord", version("accord"))
