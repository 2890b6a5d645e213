"""Reads the outbox between two states of the database.

A row's number says when it was begun, not when it was committed; so a reader keeps the database's own
snapshot and asks for what was not visible in the last one and is in this: nothing is missed, nothing
comes twice, and a long transaction holds nobody else up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

LONGEST_READ = 500
"""Changes told one by one; behind more than these a reader looks at everything anew."""

_BETWEEN = """
select topic, subject, record_id from outbox
 where tx >= (pg_snapshot_xmin(%(after)s::pg_snapshot)::text)::xid8
   and not pg_visible_in_snapshot(tx, %(after)s::pg_snapshot)
   and pg_visible_in_snapshot(tx, %(until)s::pg_snapshot)
 group by topic, subject, record_id order by topic, subject, record_id limit %(limit)s
"""

_NONE = "'00000000-0000-0000-0000-000000000000'::uuid"
_PAGE = f"""
select topic, subject, record_id from outbox
 where tx >= (pg_snapshot_xmin(%(after)s::pg_snapshot)::text)::xid8
   and not pg_visible_in_snapshot(tx, %(after)s::pg_snapshot)
   and pg_visible_in_snapshot(tx, %(until)s::pg_snapshot)
   and topic = any(%(topics)s)
   and (topic, subject, coalesce(record_id, {_NONE})) > (%(topic)s, %(subject)s, %(record)s)
 group by topic, subject, record_id
 order by topic, subject, coalesce(record_id, {_NONE}) limit %(limit)s
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed: what kind of thing, which one, and the record it is about, if any."""

    topic: str
    subject: UUID
    record: UUID | None = None


def state() -> str:
    """Return the present state of the database, to ask later what happened since."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_snapshot()::text")
        text: str = cursor.fetchone()[0]
    return text


def moved(after: str, until: str) -> bool:
    """Return whether anything at all was told between two states, on the whole node.

    INVARIANT: decides only whether standings are asked; it reaches nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select accord.outbox_moved(%s::pg_snapshot, %s::pg_snapshot)", [after, until]
        )
        found: bool = cursor.fetchone()[0]
    return found


def between(after: str, until: str, limit: int = LONGEST_READ) -> tuple[Change, ...]:
    """Return what the sealed standing may know of, told between two states; up to `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(_BETWEEN, {"after": after, "until": until, "limit": limit})
        return tuple(Change(*row) for row in cursor.fetchall())


def pages(after: str, until: str, topics: Sequence[str], size: int) -> Iterator[tuple[Change, ...]]:
    """Yield all that the sealed standing may know of these kinds between two states, in pages."""
    last = Change("", UUID(int=0))
    while True:
        given: dict[str, str | int | UUID | list[str]] = {
            "after": after, "until": until, "topics": list(topics), "limit": size,
            "topic": last.topic, "subject": last.subject, "record": last.record or UUID(int=0),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_PAGE, given)
            found = tuple(Change(*row) for row in cursor.fetchall())
        if found:
            yield found
        if len(found) < size:
            return
        last = found[-1]


def sweep(older_than: datetime) -> int:
    """Remove rows that everybody has had time to read; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.outbox_sweep(%s)", [older_than])
        count: int = cursor.fetchone()[0]
    return count
