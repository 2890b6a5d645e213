"""Standing questions: what may be asked, for how long, and the table of their states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.phrases import phrase

KINDS: Mapping[str, str] = MappingProxyType(
    {"plate": "Licence plate", "phone": "Telephone number", "name": "Name"}
)
TICK = timedelta(minutes=15)
"""Every question is asked again so often, whatever arrives: when it is asked tells nothing."""
LONGEST = timedelta(days=90)
DAYS = (7, 30, 60, 90)
MOST = 20
"""Standing questions of one member at a time: a measure against fishing."""


class SubscriptionState(StrEnum):
    """Whether a question is asked."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Move(StrEnum):
    """What its member, or time, does with it."""

    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


STEPS: Mapping[tuple[SubscriptionState, Move], SubscriptionState] = MappingProxyType(
    {
        (SubscriptionState.ACTIVE, Move.PAUSE): SubscriptionState.PAUSED,
        (SubscriptionState.PAUSED, Move.RESUME): SubscriptionState.ACTIVE,
        (SubscriptionState.ACTIVE, Move.END): SubscriptionState.ENDED,
        (SubscriptionState.PAUSED, Move.END): SubscriptionState.ENDED,
    }
)
"""The whole of it: what is not named here is refused."""

ENDED_WHY: Mapping[str, str] = MappingProxyType(
    {
        "by-hand": "You ended it",
        "time": "Its time is over",
        "case": "You no longer work on its case for its purpose",
    }
)


def step(state: SubscriptionState, wanted: Move) -> SubscriptionState:
    """The state that a step leads to; raises NotAllowed."""
    to = STEPS.get((state, wanted))
    if to is None:
        raise NotAllowed(
            phrase("A subscription that is %(state)s does not admit this step.", state=state)
        )
    return to


def check_kind(kind: str) -> str:
    """Return a kind that may be subscribed to; raises InvalidInput."""
    if kind not in KINDS:
        raise InvalidInput(
            "subscription", None, "kind", phrase("is one of %(kinds)s", kinds=", ".join(KINDS))
        )
    return kind


def check_case(case_number: str | None) -> str:
    """Return the case of a subscription; raises NotAllowed where there is none."""
    if case_number is None:
        raise NotAllowed(phrase("A subscription belongs to a case; choose a context with one."))
    return case_number


def check_ends(ends: datetime, at: datetime) -> datetime:
    """Return the end of a subscription; raises InvalidInput when it is past or too far."""
    if ends <= at:
        raise InvalidInput("subscription", None, "until", phrase("must lie in the future"))
    if ends > at + LONGEST:
        raise InvalidInput(
            "subscription",
            None,
            "until",
            phrase("at most %(days)s days from now", days=LONGEST.days),
        )
    return ends


def check_count(running: int) -> None:
    """Raise NotAllowed when a member has as many running subscriptions as may be."""
    if running >= MOST:
        raise NotAllowed(
            phrase("You have %(most)s subscriptions; end one before you make another.", most=MOST)
        )
