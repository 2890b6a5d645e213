"""A small program that becomes an unprivileged user and then runs a command.

Run as root: `python -I exec_as.py UID GID MODE -- COMMAND...`, where MODE is

    drop    give up every privilege;
    keep    give up every privilege but one: passing through closed folders (Linux);
    probe   give up every privilege and say (exit 0 or 1) whether each COMMAND word, read as a
            path, can be reached.

It needs nothing but the standard library: it runs before any package of the project can be
imported. docs/decisions/0002-postgresql-under-root.md says why the capability is kept.
"""

import ctypes
import os
import sys

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_LINUX_CAPABILITY_VERSION_3 = 0x20080522
CANNOT_PASS_FOLDERS = 97


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Words(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def _check(result: int, call: str) -> None:
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{call}: {os.strerror(errno)}")


def _permitted(libc: ctypes.CDLL) -> int:
    """The capabilities that this process may use, as a bit set of the first 32."""
    header = _Header(_LINUX_CAPABILITY_VERSION_3, 0)
    words = (_Words * 2)()
    _check(libc.capget(ctypes.byref(header), words), "capget")
    return int(words[0].permitted)


def _set_only(libc: ctypes.CDLL, capability: int) -> None:
    header = _Header(_LINUX_CAPABILITY_VERSION_3, 0)
    bit = 1 << capability
    words = (_Words * 2)(_Words(bit, bit, bit), _Words(0, 0, 0))
    _check(libc.capset(ctypes.byref(header), words), "capset")


def _become(uid: int, gid: int) -> None:
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)


def become_keeping_passage(uid: int, gid: int) -> None:
    """Become the user, able to pass closed folders; children and what they run inherit that.

    CAP_DAC_READ_SEARCH reads and passes but never writes. Containers often lack it and hold
    CAP_DAC_OVERRIDE instead, which is the second choice. Without SECBIT_NO_SETUID_FIXUP, access(2)
    would ignore the capability, and PostgreSQL asks it whether its own programs can be run.
    """
    if not sys.platform.startswith("linux"):
        raise OSError(0, "only Linux can keep this privilege")
    libc = ctypes.CDLL(None, use_errno=True)
    held = _permitted(libc)
    choice = next((c for c in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if held & (1 << c)), None)
    if choice is None:
        raise OSError(0, "neither CAP_DAC_READ_SEARCH nor CAP_DAC_OVERRIDE is held")
    _check(libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0), "prctl")
    _become(uid, gid)
    _set_only(libc, choice)
    _check(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, choice, 0, 0), "prctl")


def _reachable(path: str) -> bool:
    try:
        os.stat(path)
    except OSError:
        return False
    return os.access(path, os.X_OK)


def main(argv: list[str]) -> int:
    """Change the user; then run the command in this process, or answer the probe."""
    uid, gid, mode, command = int(argv[0]), int(argv[1]), argv[2], argv[4:]
    if mode == "keep":
        try:
            become_keeping_passage(uid, gid)
        except OSError as error:
            os.write(2, f"{error.strerror}\n".encode())
            return CANNOT_PASS_FOLDERS
    else:
        _become(uid, gid)
    if mode == "probe":
        return 0 if all(_reachable(path) for path in command) else 1
    os.umask(0o077)
    os.chdir("/")
    return os.execv(command[0], command)  # noqa: S606 - no shell is wanted; it does not return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
