"""When entries say that they were made, held against their order and against who vouched for a head.

Entries get their places in the order in which they were written, within seconds. A clock may be a
little wrong, and an act may take some minutes: so an hour is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from accord_verify.bodies import Body, Shown
from accord_verify.report import Code, Failure

LATE = timedelta(hours=1)


def back_dated(shown: Iterable[tuple[str, Shown]]) -> list[Failure]:
    """Entries of one ledger that are dated before one that had its place long before them."""
    dated = {(each.leaf, each.at): source for source, each in shown if each.at is not None}
    failures, latest = list[Failure](), None
    for leaf, at in sorted(dated):
        if latest is not None and at < latest[1] - LATE and leaf > latest[0]:
            sentence = (
                f"{dated[leaf, at]}: leaf {leaf} is dated {at.isoformat()}, and leaf {latest[0]}, which"
                f" was there before it, {latest[1].isoformat()}."
            )
            failures.append(Failure(Code.BACK_DATED, sentence))
        if latest is None or at > latest[1]:
            latest = (leaf, at)
    return failures


def dated_after(body: Body, vouched: datetime | None) -> list[Failure]:
    """Whether an entry says that it was made after others had seen a head that covers it."""
    if vouched is None or body.at is None or body.at <= vouched + LATE:
        return []
    sentence = (
        f"The entry is dated {body.at.isoformat()}, and was there by {vouched.isoformat()}: so say those"
        " who vouched for the head."
    )
    return [Failure(Code.BACK_DATED, sentence)]
