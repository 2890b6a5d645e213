"""Holds the reading process short: memory, time, files, descendants, network.

Called once, before the process has seen a byte of the file. What the kernel does not grant (a
network namespace needs user namespaces) is named to the starter, and the audit hook stands in for it.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from typing import Any

MEMORY_BYTES = 1536 * 1024**2
OPEN_FILES = 32
CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000

_REFUSED = (
    "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
    "os.kill", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink",
    "shutil.", "ftplib.", "http.client.", "urllib.", "smtplib.", "webbrowser.", "pty.",
)  # fmt: skip


def confine(cpu_s: int) -> bool:
    """Set every limit, for good; returns whether the process is cut off from the network."""
    apart = _leave_network()
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))
    sys.addaudithook(_refuse)
    return apart


def _leave_network() -> bool:
    """Move to a network of nobody else, with no interface in it (Linux)."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    apart = libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    return bool(apart)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, from Python code, what a reader of files has no business with."""
    if event.startswith(_REFUSED):
        raise PermissionError(f"a reader of files does not do {event}")
    if event == "open" and _writes(arguments):
        raise PermissionError("a reader of files writes none")


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode = arguments[1] if len(arguments) > 1 else None
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")
