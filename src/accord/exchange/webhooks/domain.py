"""What a webhook is, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from uuid import UUID

from accord.kernel.phrases import phrase

TOPICS = ("case", "record", "request", "duty", "run", "statement", "notice", "custody")
TEST = "test"
MISSED = "missed"
"""Changes may have gone by unread: whoever gets it looks at everything anew. It is about nothing."""
RETRY_AFTER: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The times that Standard Webhooks 1.0.0 recommends; after the last the message is dead."""
TRIED_FOR = sum(RETRY_AFTER, timedelta())
"""How old a message becomes that is never taken."""

STOPPED = {
    "gone": phrase("The receiver answered that it wants no more messages (410)."),
    "member": phrase("The membership that it is told under was not in force any more."),
}
"""Why the node itself pauses an endpoint."""
WITHHELD = "withheld"
"""The fault of a message that its member may not fetch when it is to be sent."""


class EndpointState(StrEnum):
    """Whether an endpoint is told."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class DeliveryState(StrEnum):
    """What became of one message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an agency is told, of which kinds, and whose standing decides of which things."""

    id: UUID
    agency: str
    url: str
    membership: str
    topics: tuple[str, ...]
    state: EndpointState
    generation: int
    created_at: datetime
    seen: str
    seen_at: datetime
    why: str | None = None

    @property
    def reason(self) -> str | None:
        """Why the node paused it, in words; None where a person did or nobody."""
        return STOPPED.get(self.why or "")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one endpoint: kind and ids, and how it went so far."""

    id: UUID
    endpoint: UUID
    topic: str
    subject: UUID
    record: UUID | None
    made_at: datetime
    attempts: int
    next_at: datetime
    state: DeliveryState
    status: int | None
    fault: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went: the receiver's status, or in one word why there was none."""

    status: int | None
    fault: str | None = None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def withheld(self) -> bool:
        return self.fault == WITHHELD

    @property
    def unwanted(self) -> bool:
        """410 Gone: the receiver wants no more of them."""
        return self.status == 410


def next_try(attempts: int, at: datetime) -> datetime | None:
    """Return when a message that failed this often is tried again; None when it is dead."""
    return at + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None


def hour_of(at: datetime) -> datetime:
    """Return the hour in which an endpoint was read for; no finer, or its time would tell of others.

    An endpoint is read for at each full hour, and in between when anything changes on the node.
    """
    return at.replace(minute=0, second=0, microsecond=0)


def next_judged(made_at: datetime, at: datetime) -> datetime | None:
    """Return when a message that was withheld is judged again; None when it is dead.

    It waits as long as a message is tried, with the pauses that belong to its age.
    """
    last = made_at + TRIED_FOR
    if at >= last:
        return None
    ends = zip(RETRY_AFTER, accumulate(RETRY_AFTER), strict=True)
    pause = next(pause for pause, end in ends if at - made_at < end)
    return min(at + pause, last)
