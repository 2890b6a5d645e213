"""What a light member may not do: an agency on somebody else's node that keeps no records (0020)."""

from __future__ import annotations

from accord.agencies.domain import Actor
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase

READS = frozenset({"match", "hit", "view"})
"""What a light member reads by: no copies, and nothing passed on."""
WRITES_OF = frozenset({"Tip", "Request", "Note"})
"""Kinds of record that it may write: tips, and the texts of what it asks for and notes."""
FULL = phrase("a full membership of your agency in this node")


def check_full(actor: Actor) -> None:
    """Raise NotAllowed for a member of a light agency."""
    if actor.light:
        raise NotAllowed(
            phrase(
                "Your agency is a light member of this node: it gets hits, asks for disclosure and "
                "sends tips, and begins nothing that binds others."
            ),
            who_can_change=phrase("the operator of the node"),
        )
