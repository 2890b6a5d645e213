"""Two parties that hold the same facts hold the same bytes: JSON canonical form (RFC 8785)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson
import rfc8785

MAX_EXACT = 2**53 - 1
"""The largest whole number that RFC 8785 writes; beyond it doubles have gaps."""
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(obj: Any) -> bytes:
    """The RFC 8785 bytes of plain JSON data: dicts, lists, text, numbers, booleans, None."""
    # Without fractions, and with names in ASCII, a plain writer gives the same bytes many times as
    # fast: it escapes as ECMAScript does, and code points sort as UTF-16 does.
    if _is_simple(obj):
        return sorted_json(obj)
    return bytes(rfc8785.dumps(obj))


def sorted_json(obj: Any) -> bytes:
    """JSON without spaces and with sorted names, in UTF-8: equal for equal data of texts and lists.

    Raises UnicodeEncodeError for half a character.
    """
    try:
        return orjson.dumps(obj, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return _encode(obj).encode()  # says what is wrong in Python's own words


def _is_simple(obj: Any) -> bool:
    kind = type(obj)
    if kind is str or obj is None or kind is bool:
        return True
    if kind is dict:
        for name, value in obj.items():
            if type(name) is not str or not name.isascii() or not _is_simple(value):
                return False
        return True
    if kind is list or kind is tuple:
        return all(map(_is_simple, obj))
    return kind is int and -MAX_EXACT <= obj <= MAX_EXACT


def content_hash(obj: Any) -> str:
    """The SHA-256 of the canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(obj)).hexdigest()
