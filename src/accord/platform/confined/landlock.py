"""Landlock (Linux 5.13 and later): the kernel shows a process only the files that it is for.

It holds for native code too, which the audit hook does not see: a PDF that takes over its reader
finds no key of the node to read. Where the kernel has it, TCP and signals to others are closed as
well. https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""The same numbers on every architecture."""
VERSION = 1
PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 5, 1 << 8, 1 << 14
RIGHTS_BY_VERSION = ((1, 13), (2, 14), (3, 15), (5, 16))
"""From this version of Landlock on, so many kinds of access to files are known."""
TCP, TCP_FROM_VERSION = 0b11, 4
SCOPES, SCOPES_FROM_VERSION = 0b11, 6

PROGRAM = READ_FILE | READ_DIR | EXECUTE
RESULTS = READ_FILE | READ_DIR | WRITE_FILE | MAKE_REG | REMOVE_FILE | TRUNCATE
SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store", "/etc/ld.so.cache", "/etc/fonts",
)  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def restrict(reads: Iterable[str], folder: str) -> bool:
    """Let this process see the program, the named files and one folder; False without Landlock.

    Raises OSError where the kernel has Landlock and does not take the rules.
    """
    version = known_version()
    if version < 1:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    known = (1 << max(bits for since, bits in RIGHTS_BY_VERSION if version >= since)) - 1
    rules = _ruleset(libc, version, known)
    try:
        for path in {*SYSTEM, *sys.path, sys.prefix, sys.base_prefix}:
            _allow(libc, rules, path, PROGRAM & known)
        for path in DEVICES:
            _allow(libc, rules, path, (READ_FILE | WRITE_FILE) & known)
        for path in reads:
            _allow(libc, rules, path, READ_FILE)
        if folder:
            _allow(libc, rules, folder, RESULTS & known)
        _check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        _check(libc.syscall(RESTRICT_SELF, rules, 0))
    finally:
        os.close(rules)
    return True


def known_version() -> int:
    """Which version of Landlock the kernel has; 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)))


def _ruleset(libc: ctypes.CDLL, version: int, known: int) -> int:
    net = TCP if version >= TCP_FROM_VERSION else 0
    scoped = SCOPES if version >= SCOPES_FROM_VERSION else 0
    size = 24 if scoped else 16 if net else 8
    asked = struct.pack("<QQQ", known, net, scoped)[:size]
    return _check(libc.syscall(CREATE_RULESET, asked, ctypes.c_size_t(size), 0))


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined, unused-ignore]  # Linux
    except OSError:  # an entry of sys.path that is not there
        return
    try:
        if not os.path.isdir(path):
            rights &= EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE
        _check(libc.syscall(ADD_RULE, rules, PATH_BENEATH, struct.pack("<Qi", rights, place), 0))
    finally:
        os.close(place)


def _check(answer: int) -> int:
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return answer
