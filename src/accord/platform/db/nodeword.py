"""Say to PostgreSQL what only this program can say (nodeword.sql).

INVARIANT: no text that came from outside becomes a word; each is a constant of its caller, with ids
and digests at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from accord.platform.db.seal import Backend, word_text
from accord.platform.secrets import secret_bytes

LIFE_S = 300
_WORD = re.compile(r"[a-z0-9:-]{1,200}")


def say(what: str) -> None:
    """Say one thing for the rest of the open transaction, in place of what was said before.

    Raises ValueError for anything but lower-case letters, digits, colons and hyphens.
    """
    if not _WORD.fullmatch(what):
        raise ValueError("a word of the node is lower-case letters, digits, colons and hyphens")
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_backend_pid(),"
            " (extract(epoch from transaction_timestamp()) * 1000000)::bigint,"
            " (extract(epoch from clock_timestamp()) * 1000000)::bigint"
        )
        pid, transaction_us, now_us = cursor.fetchone()
        text = word_text(
            secret_bytes(Path(settings.ACCORD_DATA_DIR), "seal.key"),
            what=what,
            expires_us=now_us + LIFE_S * 1_000_000,
            backend=Backend(pid, transaction_us),
        )
        cursor.execute("select set_config('accord.node', %s, true)", [text])


@contextmanager
def saying(what: str) -> Iterator[None]:
    """A transaction of the node's own work, in which this is said."""
    with transaction.atomic():
        say(what)
        yield
