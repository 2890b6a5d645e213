"""The worker's part: forget the sessions, challenges and counts that are over.

Every page of sign-in leaves a session and a challenge, whoever asked for it.
"""

from __future__ import annotations

from collections.abc import Callable

from accord.identity.actions import attempts, ceremonies
from accord.identity.domain import CEREMONY_LIFE
from accord.kernel.clock import now
from accord.platform import sessions

BATCH = 1_000
BATCHES = 50


def sweep() -> int:
    """Forget what is over, in batches, each a transaction of its own; returns how many rows.

    What is left over waits for the next round.
    """
    at = now()
    return (
        _emptied(lambda: sessions.sweep(at, BATCH))
        + _emptied(lambda: ceremonies.sweep(at - CEREMONY_LIFE, BATCH))
        + _emptied(lambda: attempts.sweep(at))
    )


def _emptied(batch: Callable[[], int]) -> int:
    swept = 0
    for _ in range(BATCHES):
        count = batch()
        swept += count
        if not count:
            break
    return swept
