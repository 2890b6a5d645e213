"""What a bundle of a case would hold, as its taker sees it now; read under `view`, nothing is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accord.agreements.scope import Scope
from accord.evidence.bundling.domain import LeftOut, WhyLeftOut
from accord.evidence.custody import queries as custody
from accord.evidence.domain import CONTENT_PART
from accord.evidence.policy import check_in_a_case
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries.exhibits import Seen


@dataclass(frozen=True, slots=True)
class Offered:
    """An exhibit that can go into the bundle, as far as a list may say it."""

    record_id: UUID
    number: str
    owner: str
    kind: str
    size_bytes: int | None
    """None of a sealed file: a list opens none, and its size is a part of it."""
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be in the bundle, and what would be left out of it and why."""

    seen: tuple[Seen, ...]
    offered: tuple[Offered, ...]
    left_out: tuple[LeftOut, ...]

    def size_bytes(self) -> int:
        """All files together that are not sealed."""
        return sum(each.size_bytes or 0 for each in self.offered)

    def sealed(self) -> int:
        """How many files are sealed."""
        return sum(each.size_bytes is None for each in self.offered)


def plan(scope: Scope) -> Plan:
    """What a bundle of this case would hold. Raises NotAllowed outside of a case.

    The export itself judges each exhibit anew: this says what will be asked for.
    """
    seen = seen_in_case(scope)
    judged = [_judged(scope, each) for each in seen]
    return Plan(
        seen=seen,
        offered=tuple(each for each in judged if isinstance(each, Offered)),
        left_out=tuple(each for each in judged if isinstance(each, LeftOut)),
    )


def seen_in_case(scope: Scope) -> tuple[Seen, ...]:
    """The exhibits of the case that the member sees. Raises NotAllowed outside of a case."""
    return queries.exhibits_of_case(scope, check_in_a_case(scope.context.case_id))


def chosen(seen: Sequence[Seen], wanted: Sequence[UUID] | None) -> tuple[Seen, ...]:
    """Those that were asked for; all where nothing was said. What is not seen is not there."""
    if wanted is None:
        return tuple(seen)
    named = set(wanted)
    return tuple(each for each in seen if each.exhibit.record_id in named)


def left_out(each: Seen, why: WhyLeftOut) -> LeftOut:
    """An exhibit that is not in the bundle."""
    return LeftOut(each.exhibit.record_id, each.exhibit.number, each.exhibit.owner, why)


def is_alarmed(exhibit: UUID) -> bool:
    """Whether an alarm about its file stands that the member may know of.

    Its owner may still take such a file alone, to look into it; as evidence it would not pass.
    """
    return bool(custody.standing_alarms(exhibit))


def _judged(scope: Scope, each: Seen) -> Offered | LeftOut:
    parts = {part.kind: part for part in each.record.parts}
    needed = [parts.get("core"), parts.get(CONTENT_PART)]
    if not all(part and scope.may("export", part.label, part.kinds) for part in needed):
        return left_out(each, WhyLeftOut.NO_CLAUSE)
    if each.original is None or is_alarmed(each.exhibit.record_id):
        return left_out(each, WhyLeftOut.FILE_CLOSED)
    found = each.exhibit
    return Offered(
        found.record_id,
        found.number,
        found.owner,
        found.kind,
        found.size_bytes,
        found.description,
    )
