"""Clear the store of what nothing refers to: what rows let go of, and what never came to have a row.

INVARIANT: a piece that a row names is never removed, whoever put its name among the litter. Between the
question and the removal nobody can come to name it: a piece is sealed under a salt drawn for it, so the
same bytes, and with them the same name, are never put again by another upload.
"""

from __future__ import annotations

from datetime import timedelta

from accord.evidence.models import ObjectLitter
from accord.evidence.queries.uploads import named
from accord.evidence.store import store
from accord.kernel.clock import now

UNFINISHED_AFTER = timedelta(days=1)
"""What is younger may be a piece that somebody is writing."""
FOLDERS = 256
EVERY_S = 600
YOUNG = timedelta(days=2)
"""What is younger may belong to a transaction that has not ended."""


def sweep(most: int = 1_000) -> int:
    """Remove from the store what rows let go of; returns how many pieces."""
    kept, removed = store(), 0
    litter = ObjectLitter.objects.order_by("at").values_list("address", flat=True)[:most]
    addresses = list(litter)
    stay = named(addresses)
    for address in addresses:
        if address not in stay:
            kept.remove(address)
            removed += 1
        ObjectLitter.objects.filter(address=address).delete()
    return removed + kept.remove_unfinished(now() - UNFINISHED_AFTER)


def folder_of_now() -> str:
    """The folder whose turn it is: each of the 256 once in some 43 hours."""
    return f"{int(now().timestamp()) // EVERY_S % FOLDERS:02x}"


def sweep_unnamed(folder: str, most: int = 200) -> int:
    """Remove from one folder of the store what no row names and is two days old; returns how many.

    Such pieces come of transactions that were rolled back, or of a process that died, after the piece
    was stored. Raises StoreRefused.
    """
    kept, before = store(), now() - YOUNG
    old = [address for address, at in kept.names(folder) if at < before]
    removed = 0
    for begin in range(0, len(old), 1_000):
        some = old[begin : begin + 1_000]
        stay = named(some)
        for address in (a for a in some if a not in stay):
            if removed == most:
                return removed
            kept.remove(address)
            removed += 1
    return removed
