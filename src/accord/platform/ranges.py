"""Answers a part of something, as players of sound and film ask for it (RFC 9110, 14).

One range of bytes is answered with 206; several, or what is no range, with all of it, as the RFC
allows; one that begins behind the end with 416.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpResponse

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class Unsatisfiable(ValueError):
    """The range begins behind the end."""


def part_of(said: str, size_bytes: int) -> range | None:
    """Which bytes a Range header asks for; None for all. Raises Unsatisfiable."""
    match = _RANGE.fullmatch(said.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:  # so many at the end
        last = int(match[2])
        found = range(max(0, size_bytes - last), size_bytes)
    else:
        stop = int(match[2]) + 1 if match[2] else size_bytes
        if match[2] and stop <= int(match[1]):
            return None
        found = range(int(match[1]), min(stop, size_bytes))
    if not found:
        raise Unsatisfiable(said)
    return found


def answer(
    said: str, size_bytes: int, read: Callable[[int, int], bytes], media_type: str
) -> HttpResponse:
    """The bytes that a Range header asks for, or all where it is empty; `read` takes [start, end)."""
    try:
        part = part_of(said, size_bytes)
    except Unsatisfiable:
        response = HttpResponse(status=416, content_type=media_type)
        response.headers["Content-Range"] = f"bytes */{size_bytes}"
        return response
    whole = part or range(size_bytes)
    response = HttpResponse(read(whole.start, whole.stop), content_type=media_type)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size_bytes}"
    return response
