"""Classes of retention, read from retention.yaml, and the states of a review that ends a record.

The class is chosen at intake from what the record and its labels say. It gives the day on which a
custodian looks at the record again and, where a rule sets one, the day after which it is purged.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from accord.agreements.obligations import later
from accord.kernel.errors import NotAllowed
from accord.kernel.phrases import phrase
from accord.records.domain import RecordDraft
from accord.records.yamlfile import YamlFile, parse_yaml

FILE = "retention.yaml"
UNCLASSIFIED = "unclassified"
_KEYS = {"id", "title", "when", "review_after", "purge_after", "authority", "maximum"}
_NEEDED = {"id", "title", "when", "review_after", "authority"}
_WHEN = {"intelligence", "schema", "offence"}


@dataclass(frozen=True, slots=True)
class Maximum:
    """A legal limit, and the law that sets it."""

    period: str
    authority: str


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """When records of one kind are reviewed and purged, and under which rule."""

    id: str
    title: str
    review_after: str
    purge_after: str | None
    authority: str
    maximum: Maximum | None
    intelligence: bool | None
    schemas: frozenset[str]
    offences: frozenset[str]

    def fits(self, *, schema: str, intelligence: bool, offences: Collection[str]) -> bool:
        """Whether a record with these facts is of this class."""
        return (
            self.intelligence in (None, intelligence)
            and (not self.schemas or schema in self.schemas)
            and (not self.offences or bool(self.offences & set(offences)))
        )

    def review_on(self, start: date) -> date:
        """The day of the first review of what was collected (or validated) on `start`."""
        return after(start, self.review_after)

    def purge_on(self, start: date) -> date | None:
        """The last day on which it is kept; None where no rule sets one."""
        return after(start, self.purge_after) if self.purge_after else None

    def latest(self, start: date) -> date | None:
        """The last day that the law allows, counted from a validation; None without a limit."""
        return after(start, self.maximum.period) if self.maximum else None


def after(start: date, period: str) -> date:
    """The day that a period leads to, by the calendar."""
    return later(datetime.combine(start, time.min, UTC), period).date()


@cache
def classes() -> tuple[RetentionClass, ...]:
    """The classes in the order in which they are tried; the last takes every record."""
    text = files("accord.records").joinpath(FILE).read_text("utf-8")
    return read_classes(text, FILE)


def class_named(name: str) -> RetentionClass | None:
    """The class of that id; None for a record that came before there were classes."""
    return next((c for c in classes() if c.id == name), None)


def class_of(draft: RecordDraft) -> RetentionClass:
    """The class of a record on its way in."""
    offences = {part.label.offence for part in draft.parts}
    facts: dict[str, Any] = {"schema": draft.schema, "intelligence": draft.intelligence}
    return next(c for c in classes() if c.fits(offences=offences, **facts))


def read_classes(text: str, file: str) -> tuple[RetentionClass, ...]:
    """Read the classes of a file; raises InvalidInput with line, field and rule."""
    read = parse_yaml(text, file)
    data = read.data
    if not isinstance(data, dict) or not isinstance(data.get("classes"), list):
        raise read.fault((), phrase("must have a list of classes"))
    found = tuple(_class(read, number, one) for number, one in enumerate(data["classes"]))
    if not found or not found[-1].fits(schema="", intelligence=False, offences=()):
        raise read.fault(("classes",), phrase("the last class must take every record"))
    if len({c.id for c in found}) < len(found):
        raise read.fault(("classes",), phrase("two classes have one id"))
    return found


def _class(read: YamlFile, number: int, one: Any) -> RetentionClass:
    at = ("classes", number)
    if not isinstance(one, dict) or set(one) - _KEYS or _NEEDED - set(one):
        raise read.fault(
            at,
            phrase(
                "needs %(needed)s, and knows %(keys)s",
                needed=", ".join(sorted(_NEEDED)),
                keys=sorted(_KEYS),
            ),
        )
    when, maximum = one["when"], one.get("maximum")
    if not isinstance(when, dict) or set(when) - _WHEN:
        raise read.fault((*at, "when"), phrase("knows %(when)s", when=", ".join(sorted(_WHEN))))
    if when.get("intelligence") not in (None, "true", "false"):
        raise read.fault((*at, "when"), phrase("intelligence is true or false"))
    if maximum is not None and (
        not isinstance(maximum, dict) or set(maximum) != {"period", "authority"}
    ):
        raise read.fault((*at, "maximum"), phrase("has a period and an authority"))
    made = RetentionClass(
        id=one["id"],
        title=one["title"],
        review_after=one["review_after"],
        purge_after=one.get("purge_after"),
        authority=one["authority"],
        maximum=Maximum(**maximum) if maximum else None,
        intelligence=None if "intelligence" not in when else when["intelligence"] == "true",
        schemas=frozenset(when.get("schema", ())),
        offences=frozenset(when.get("offence", ())),
    )
    _check_periods(read, at, made)
    return made


def _check_periods(read: YamlFile, at: tuple[str, int], made: RetentionClass) -> None:
    start = date(2024, 1, 1)
    limit = made.maximum.period if made.maximum else None
    for name, period in (
        ("review_after", made.review_after),
        ("purge_after", made.purge_after),
        ("maximum", limit),
    ):
        if period is None:
            continue
        try:
            end = after(start, period)
        except ValueError:
            raise read.fault(
                (*at, name), phrase("must be an ISO 8601 period such as P1Y")
            ) from None
        if limit is not None and end > after(start, limit):
            raise read.fault((*at, name), phrase("lies beyond the legal maximum of the class"))
    if made.maximum and made.purge_after is None:
        raise read.fault(at, phrase("a class with a legal maximum says when it is purged"))


class ReviewState(StrEnum):
    """What became of a review."""

    KEPT = "kept"
    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    PURGED = "purged"


class ReviewStep(StrEnum):
    """What somebody does with a proposal to purge."""

    WITHDRAW = "withdraw"
    APPROVE = "approve"


STEPS: Mapping[tuple[ReviewState, ReviewStep], ReviewState] = MappingProxyType(
    {
        (ReviewState.PROPOSED, ReviewStep.WITHDRAW): ReviewState.WITHDRAWN,
        (ReviewState.PROPOSED, ReviewStep.APPROVE): ReviewState.PURGED,
    }
)
"""The whole of it: what is not named here is refused."""


def step(state: ReviewState, wanted: ReviewStep) -> ReviewState:
    """The state that a step leads to; raises NotAllowed."""
    to = STEPS.get((state, wanted))
    if to is None:
        raise NotAllowed(
            phrase("Nobody can %(wanted)s a review that is %(state)s.", wanted=wanted, state=state)
        )
    return to


class Due(StrEnum):
    """How a record stands towards its review."""

    LATER = "later"
    DUE = "due"
    OVERDUE = "overdue"


DAYS_TO_REVIEW = 30
"""After its day, a review is due for so long; then it is overdue."""


def due(review_on: date, purge_on: date | None, today: date) -> Due:
    """How a record stands: overdue past its last day, or 30 days after its review day."""
    if purge_on is not None and today > purge_on:
        return Due.OVERDUE
    if today < review_on:
        return Due.LATER
    return Due.DUE if (today - review_on).days <= DAYS_TO_REVIEW else Due.OVERDUE
