"""Looks into a zip before anything is unpacked, and unpacks no more than is allowed."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from accord.evidence.reading.inside.job import Job, Refused
from accord.evidence.reading.results import Limits, SetAside

SWELLS_FROM_BYTES = 16 * 1024**2
"""Below this, even an absurd ratio unpacks to nothing that matters."""
MOST_MEMBERS = 20_000


@contextmanager
def damage_is_told() -> Iterator[None]:
    """Whatever the zip library raises of a broken archive becomes a refusal."""
    try:
        yield
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, KeyError,
            zlib.error, struct.error, RuntimeError, IndexError) as error:  # fmt: skip
        if isinstance(error, RuntimeError) and "ncrypted" in str(error):
            raise Refused(SetAside.ENCRYPTED) from None
        raise Refused(SetAside.MALFORMED, str(error)) from None


class Container:
    """One zip whose directory was checked."""

    def __init__(self, job: Job) -> None:
        self._limits = job.limits
        with damage_is_told():
            self._zip = zipfile.ZipFile(job.path)
            self.members = self._zip.infolist()
        check_members(self.members, job.path.stat().st_size, job.limits)
        self._by_name = {member.filename: member for member in self.members}
        self._left = job.limits.unpacked_bytes

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def names(self, start: str, end: str = "") -> list[str]:
        """The names with this start and end, `x10` after `x9`."""
        found = [n for n in self._by_name if n.startswith(start) and n.endswith(end)]
        return sorted(found, key=lambda name: (len(name), name))

    @contextmanager
    def opened(self, member: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
        """A member, unpacked as it is read."""
        with damage_is_told(), self._zip.open(member) as source:
            yield source

    def read(self, name: str) -> bytes:
        """A member, whole; raises Refused where it is more than is left of the allowance."""
        with self.opened(self._by_name[name]) as source:
            data = source.read(self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise Refused(SetAside.BOMB)
        return data


def check_members(members: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    """Raises Refused for a zip that is a bomb or is encrypted."""
    if len(members) > MOST_MEMBERS:
        raise Refused(SetAside.BOMB, f"{len(members):,} parts; at most {MOST_MEMBERS:,}")
    if any(member.flag_bits & 1 for member in members):
        raise Refused(SetAside.ENCRYPTED)
    if sum(member.compress_size for member in members) > size:
        raise Refused(SetAside.BOMB, "parts lie over one another")
    total = sum(member.file_size for member in members)
    if total > limits.unpacked_bytes and total > size * limits.swelling:
        raise Refused(SetAside.BOMB, f"{total:,} bytes; at most {limits.unpacked_bytes:,}")
    for member in members:
        swelling = member.file_size / max(1, member.compress_size)
        if member.file_size > SWELLS_FROM_BYTES and swelling > limits.swelling:
            raise Refused(SetAside.BOMB, f"a part swells {swelling:,.0f} times")
