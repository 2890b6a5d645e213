"""A stranger's words as one line: what can be shown, stored and quoted without turning on its reader."""

from __future__ import annotations

import re
import unicodedata

TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of what stands around them (Unicode Standard Annex 9)."""
_WRITTEN_OUT = re.compile(r"\[U\+(20[0-9A-F]{2})\]")


def one_line(value: object, most: int) -> str:
    """The value without control characters, turned directions or halves of characters."""
    text = str(value)[: most * 2].encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(map(_shown, text)).split())[:most]


def written_out(name: str) -> str:
    """A file's name with each character that turns or controls written as `[U+202E]`."""
    return "".join(
        f"[U+{ord(c):04X}]" if c in TURNING or unicodedata.category(c) == "Cc" else c for c in name
    )


def turns(name: str) -> bool:
    """Whether a name turns its direction, or did before it was written out."""
    found = {chr(int(code, 16)) for code in _WRITTEN_OUT.findall(name)}
    return bool(TURNING & (found | set(name)))


def _shown(character: str) -> str:
    if character in TURNING:
        return ""
    return " " if unicodedata.category(character)[0] in "CZ" else character
