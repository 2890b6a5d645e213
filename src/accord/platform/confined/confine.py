"""Holds the calling process short: memory, time, files, descendants, network.

Called once, before the process has seen a byte of the file. What the kernel does not grant (a
network namespace needs user namespaces, the view of files needs Landlock) is named to the starter;
the audit hook stands in for it where Python code is what runs.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accord.platform.confined import landlock

MEMORY_BYTES = 1536 * 1024**2
OPEN_FILES = 64
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000
PR_SET_PDEATHSIG = 1

_REFUSED = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
    "os.kill", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink",
    "shutil.", "ftplib.", "http.client.", "urllib.", "smtplib.", "webbrowser.", "pty.",
)  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """What a confined process may use."""

    cpu_s: int
    memory_bytes: int = MEMORY_BYTES
    reads: tuple[str, ...] = ()
    """Files that it may open to read, besides the program's own."""
    folder: str = ""
    """The one folder in which it may write files; empty: none."""
    file_bytes: int = 0
    """The most that one file it writes may hold."""
    becomes: bool = False
    """Whether it turns into another program, which starts threads of its own."""


@dataclass(frozen=True)
class Walls:
    """What the kernel itself keeps from the process."""

    network: bool
    files: bool


def confine(bounds: Bounds) -> Walls:
    """Set every limit, for good; returns what the kernel holds of it."""
    network = _leave_network()
    files = landlock.restrict(bounds.reads, bounds.folder)
    limits = [
        (resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_CPU, bounds.cpu_s),
        (resource.RLIMIT_FSIZE, bounds.file_bytes if bounds.folder else 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ]
    if not bounds.becomes:
        limits.append((resource.RLIMIT_NPROC, 0))
    for what, most in limits:
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    if not bounds.becomes:
        sys.addaudithook(_refuser(bounds.folder))
    return Walls(network or files, files)


def die_with_starter() -> None:
    """End when the thread that started this process ends (Linux); to be called by the process."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _leave_network() -> bool:
    """Move to a network of nobody else, with no interface in it (Linux)."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    apart = libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    return bool(apart)


def _refuser(folder: str) -> Callable[[str, tuple[Any, ...]], None]:
    """What refuses, from Python code, what a reader of files has no business with."""
    beneath = os.path.realpath(folder) + os.sep if folder else ""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"a reader of files does not do {event}")
        if event == "open" and _writes(arguments) and not _is_beneath(arguments[0], beneath):
            raise PermissionError("a reader of files writes none but its results")

    return refuse


def _is_beneath(path: object, beneath: str) -> bool:
    return bool(beneath) and isinstance(path, str) and os.path.realpath(path).startswith(beneath)


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode = arguments[1] if len(arguments) > 1 else None
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")
