"""What strangers wrote, read in one way only and shown as nothing but text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accord_verify.report import BadFile


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON whose names stand once each, so that no reader sees another value of them.

    For `object_pairs_hook` of json.loads. Raises BadFile.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, many in Counter(name for name, _ in pairs).items() if many > 1)
        raise BadFile(f"A name stands twice in one object of the file: {twice!r}.")
    return found


def only(facts: dict[str, Any], names: set[str], what: str) -> None:
    """Raises BadFile for a name that this program does not check: nobody is to rely on it."""
    if unknown := sorted(set(facts) - names):
        raise BadFile(f"{what} has nothing unknown in it, as nobody checks that: {unknown[0]!r}.")


@contextmanager
def within(where: str) -> Iterator[None]:
    """Has a bad file say which one it is, and which line or event of it, where it does not yet."""
    try:
        yield
    except BadFile as error:
        if str(error).startswith(where):
            raise
        raise BadFile(f"{where}: {error}") from error


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of a half: the first of two, or the second, which may stand alone as well."""


def read_json(text: str | bytes) -> Any:
    """What a text says in JSON, where it says it in one way and in whole characters.

    Raises BadFile for a name that stands twice and for half a character, ValueError and RecursionError
    as json.loads does.
    """
    said = text if isinstance(text, str) else text.decode()
    found = json.loads(said, object_pairs_hook=once)
    if _HALF.search(said):
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise BadFile("The file has half a character in it.") from None
    return found
