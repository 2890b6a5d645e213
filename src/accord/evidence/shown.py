"""Marks by which the pictures of a page are covered by the page's own entry in the ledger.

A page that shows an exhibit, and so has an entry that says so, gives each of its pictures an address
with a mark. It is good for this member, this context and this exhibit, for some minutes (decision 0029).
"""

from __future__ import annotations

from uuid import UUID

from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.platform import sealedaddress

LIFE_S = 15 * 60
STEP_S = 5 * 60
"""A page that renews itself keeps its addresses for so long."""
KIND = b"accord-shown/1"


def _whose(membership: str, path: str, record_id: UUID) -> list[bytes]:
    return [KIND, membership.encode(), path.encode(), record_id.bytes]


def mark(scope: Scope, record_id: UUID) -> str:
    """The mark that a page gives whose scope has noted the exhibit's content part."""
    until = (int(now().timestamp()) // STEP_S + 1) * STEP_S + LIFE_S
    return sealedaddress.seal(until, _whose(scope.actor.membership, scope.context.path, record_id))


def is_marked(said: str, membership: str, path: str, record_id: UUID) -> bool:
    """Whether a mark was given to this member, in this context, for this exhibit, and is still good."""
    try:
        until = sealedaddress.unseal(said, _whose(membership, path, record_id))
    except NotFound:
        return False
    return isinstance(until, int) and until >= now().timestamp()
