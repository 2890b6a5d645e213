"""What an agency says about codes: asked for by one administrator, approved by another, ended by any.

What is written here goes through functions of the database that ask the seal who acts (codes.sql);
called outside of a scope they change nothing.
"""

from __future__ import annotations

from uuid import UUID

from accord.agencies.directory.policy import ANOTHER, check_administers
from accord.agencies.domain import Actor
from accord.identity.codes.domain import Allowance, AllowanceState
from accord.kernel import ids
from accord.kernel.errors import Conflict, NotAllowed, NotFound
from accord.kernel.phrases import phrase
from accord.platform.db.deciding import decided


def check_second(actor: Actor, held: Allowance, proposer: str | None) -> None:
    """Another person than the one who asked decides, whatever membership they use."""
    check_administers(actor)
    if held.state is AllowanceState.PROPOSED and actor.member == proposer:
        raise NotAllowed(
            phrase("You proposed this. What gives more takes a second person."),
            who_can_change=ANOTHER,
        )


def propose(actor: Actor) -> UUID:
    """Ask for codes to be allowed; raises Conflict where that is asked already, or is so."""
    check_administers(actor)
    made = ids.uuid7()
    if not decided("select accord.propose_codes(%s)", [made], NotFound()):
        raise Conflict(phrase("The same is proposed already."))
    return made


def approve(actor: Actor, wanted: UUID) -> None:
    """Allow codes, as the second person; raises NotAllowed."""
    check_administers(actor)
    if not decided("select accord.approve_codes(%s)", [wanted], NotFound()):
        raise NotAllowed(
            phrase(
                "Another administrator than the one who proposed it approves it, in seven days."
            ),
            who_can_change=ANOTHER,
        )


def end(actor: Actor, wanted: UUID) -> None:
    """Take a proposal back, or allow codes no more, from the next request on; raises NotFound."""
    check_administers(actor)
    if not decided("select accord.end_codes(%s)", [wanted], NotFound()):
        raise NotFound()
