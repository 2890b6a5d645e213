"""Looks into a zip container before anything is unpacked: bombs are refused by what they would become.

The sizes in a zip's directory are its own claim, so what is unpacked later runs under the memory
limit of the reading process as well.
"""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from accord.kernel.errors import InvalidInput

MAX_MEMBERS = 2_000
MAX_UNPACKED_BYTES = 512 * 1024**2
MAX_RATIO = 200
RATIO_FROM_BYTES = 16 * 1024**2
"""Below this, even an absurd ratio unpacks to nothing that matters."""


def check_container(source: BinaryIO, file: str) -> frozenset[str]:
    """The names in a zip container that is safe to unpack; raises InvalidInput."""
    source.seek(0)
    try:
        members = zipfile.ZipFile(source).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        raise InvalidInput(file, None, "", "the spreadsheet is cut off or damaged") from None
    finally:
        source.seek(0)
    if len(members) > MAX_MEMBERS:
        rule = f"the spreadsheet has {len(members):,} files inside; at most {MAX_MEMBERS:,}"
        raise InvalidInput(file, None, "", rule)
    if any(member.flag_bits & 1 for member in members):
        raise InvalidInput(file, None, "", "the spreadsheet is encrypted; save it without password")
    total = sum(member.file_size for member in members)
    if total > MAX_UNPACKED_BYTES:
        rule = f"the spreadsheet would unpack to {total:,} bytes; at most {MAX_UNPACKED_BYTES:,}"
        raise InvalidInput(file, None, "", rule)
    for member in members:
        ratio = member.file_size / max(1, member.compress_size)
        if member.file_size > RATIO_FROM_BYTES and ratio > MAX_RATIO:
            rule = f"a part of the spreadsheet would swell {ratio:,.0f} times; at most {MAX_RATIO}"
            raise InvalidInput(file, None, "", rule)
    return frozenset(member.filename for member in members)
