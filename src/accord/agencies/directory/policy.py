"""Who may change an agency's directory: every rule over facts, each with its sentence.

The database asks the same again (accord.apply_directory_change); these say it in words.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accord.agencies.directory.domain import (
    ADMINISTRATOR,
    LEAST_ADMINISTRATORS,
    READERS,
    Change,
    ChangeKind,
    ChangeState,
    MemberEntry,
    Proposal,
)
from accord.agencies.domain import Actor
from accord.kernel.errors import Conflict, NotAllowed, NotFound
from accord.kernel.phrases import phrase

ANOTHER = phrase("another administrator of your agency")
DECIDED = phrase("This proposal is decided already.")


def check_reads(actor: Actor) -> None:
    """Raise NotFound unless the actor administers the agency or oversees it."""
    if not actor.roles & READERS:
        raise NotFound()


def check_administers(actor: Actor) -> None:
    """Only a system administrator changes the directory, and of the own agency alone."""
    if ADMINISTRATOR not in actor.roles:
        raise NotAllowed(
            phrase("Only a system administrator changes who is a member and with what."),
            who_can_change=phrase("the administrators of your agency"),
        )


def check_not_about_self(actor: Actor, member: str, gives: bool) -> None:
    """Nobody proposes or approves about themselves what gives more."""
    if gives and actor.member == member:
        raise NotAllowed(
            phrase("Nobody gives themselves more: not by a proposal, not by an approval."),
            who_can_change=ANOTHER,
        )


def check_second(actor: Actor, change: Change, proposer: str | None) -> None:
    """The second person is neither the first nor the one it is about, whatever membership they use."""
    check_administers(actor)
    check_not_about_self(actor, change.member, True)
    if actor.member == proposer:
        raise NotAllowed(
            phrase("You proposed this. What gives more takes a second person."),
            who_can_change=ANOTHER,
        )


def check_proposed(actor: Actor, change: Change) -> None:
    """Who approved a change has its link; only who proposed it gets the code beside the link."""
    check_administers(actor)
    if actor.membership != change.by:
        raise NotAllowed(
            phrase(
                "The code is for the administrator who proposed this; the link is with the other."
            ),
            who_can_change=phrase("the administrator who proposed it"),
        )


def not_taken() -> NotAllowed:
    """What the database refuses is told as one sentence."""
    return NotAllowed(
        phrase("The directory does not take this change as things stand now."),
        who_can_change=ANOTHER,
    )


def check_waits(change: Proposal) -> None:
    """A proposal is decided once, and within seven days."""
    if change.state is ChangeState.EXPIRED:
        raise Conflict(phrase("This proposal is older than seven days. Propose it anew."))
    if change.state is not ChangeState.PROPOSED:
        raise Conflict(DECIDED)


def check_administrators_left(
    entry: MemberEntry, kind: ChangeKind, removed: Collection[str], others: int
) -> None:
    """Two other administrators stay in force where one goes; `others` counts them at that moment."""
    takes = kind in (ChangeKind.LEAVE, ChangeKind.SUSPEND) or ADMINISTRATOR in removed
    if takes and entry.in_force and ADMINISTRATOR in entry.roles and others < LEAST_ADMINISTRATORS:
        raise NotAllowed(
            phrase("Two administrators must stay in force. Propose another one first."),
            who_can_change=phrase("two administrators of your agency together"),
        )


def check_one_agency(kind: ChangeKind, elsewhere: bool) -> None:
    """A new link would open the membership of another agency too."""
    if kind is ChangeKind.ENROLMENT and elsewhere:
        raise NotAllowed(
            phrase("This person acts for another agency too, which a new link would open as well."),
            who_can_change=phrase("the operator of the node, asked by both agencies"),
        )


def check_fits(entry: MemberEntry, kind: ChangeKind, at: datetime) -> None:
    """A change fits what the membership is now."""
    if kind is ChangeKind.RESUME and not entry.suspended:
        raise Conflict(phrase("This membership is not suspended."))
    if kind is ChangeKind.REVIEW and not entry.in_force:
        raise Conflict(phrase("This membership is not in force; there is nothing to confirm."))
    over = entry.until is not None and entry.until <= at
    if kind in (ChangeKind.SUSPEND, ChangeKind.ENROLMENT) and over:
        raise Conflict(phrase("This membership is over already."))
