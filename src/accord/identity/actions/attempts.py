"""How often somebody may be wrong at a door of sign-in, counted for all web processes together.

A door that cannot be guessed (a passkey's answer, a link, a recovery code, a provider's answer) lets a
right one in at any time: what is wrong there is only counted, and whoever goes on is slowed down. Where
guessing is possible, a wrong answer is counted before it is looked at, so that many at once win nothing.

INVARIANT: what is counted for a place never closes anything for anybody elsewhere.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection

from accord.identity.addresses import customer_of
from accord.identity.models import SignInMiss
from accord.identity.rowseal import row_mac
from accord.kernel.clock import now
from accord.kernel.errors import TooOften
from accord.kernel.phrases import phrase

WINDOW = timedelta(minutes=15)
MOST_OF_PAIR = 5
"""Wrong answers for one name from one address, until the window is over."""
WAIT_S = 0.2
_WAITING = threading.BoundedSemaphore(2)
"""How many wrong ones wait at a time; more are answered at once, so that threads stay free."""

_SPEND = """
insert into signin_miss (bucket, misses, since) values (%(bucket)s, 1, %(at)s)
on conflict (bucket) do update
   set misses = case when signin_miss.since <= %(over)s then 1 else signin_miss.misses + 1 end,
       since = case when signin_miss.since <= %(over)s then excluded.since else signin_miss.since end
returning misses, since
"""
_SWEEP = """
delete from signin_miss where bucket in (
    select bucket from signin_miss where since <= %(over)s limit 50 for update skip locked)
"""


class Door(StrEnum):
    """A way in, or what opens one."""

    CODE = "code"
    RECOVERY = "recovery"
    PASSKEY = "passkey"
    LINK = "link"
    PROVIDER = "provider"


def missed(door: Door, address: str) -> None:
    """Count a wrong answer at a door that cannot be guessed; raises TooOften after many."""
    at = now()
    misses, since = _spend(_bucket(door, address), at)
    if misses <= settings.ACCORD_SIGN_IN_MISSES:
        return
    if _WAITING.acquire(blocking=False):
        try:
            time.sleep(WAIT_S)
        finally:
            _WAITING.release()
    left_s = max(1, int((since + WINDOW - at).total_seconds()))
    raise TooOften(
        left_s,
        phrase(
            "Too many wrong answers came from where you are. A right one is let in all the same."
        ),
    )


def may_try(door: Door, address: str, name: str) -> bool:
    """Spend one try of this place, and of this name from this place; whether both had one left.

    A place that is closed makes no more counts, or whoever goes on with new names would fill the table.
    """
    at = now()
    here, _ = _spend(_bucket(door, address), at)
    if here > settings.ACCORD_SIGN_IN_MISSES:
        return False
    pair, _ = _spend(_bucket(door, address, f"={name}"), at)
    return pair <= MOST_OF_PAIR


def forget(door: Door, address: str, name: str) -> None:
    """Give back what a right answer had spent."""
    SignInMiss.objects.filter(bucket=_bucket(door, address, f"={name}")).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "update signin_miss set misses = greatest(0, misses - 1) where bucket = %s",
            [_bucket(door, address)],
        )


def sweep(at: datetime) -> int:
    """Forget counts whose window was over then, at most 50; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, {"over": at - WINDOW})
        return int(cursor.rowcount)


def _spend(bucket: bytes, at: datetime) -> tuple[int, datetime]:
    """Count one in a bucket, and return how many that makes since when; old buckets are emptied."""
    said: dict[str, Any] = {"bucket": bucket, "at": at, "over": at - WINDOW}
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, said)
        cursor.execute(_SPEND, said)
        misses, since = cursor.fetchone()
    return int(misses), since


def _bucket(door: Door, address: str, name: str = "") -> bytes:
    """What is counted together, as a digest under a key of the node: no place and no name is kept."""
    return row_mac("miss", door=door.value, place=customer_of(address), name=name[:200])
