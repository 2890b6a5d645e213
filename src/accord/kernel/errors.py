"""One family of errors; each says what happened, why, who can change it, and a reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from accord.kernel.phrases import phrase


class AccordError(Exception):
    """What every error of this program is; rendered at the edge, for the officer who reads."""

    def __init__(
        self,
        message: str,
        *,
        who_can_change: str | None = None,
        reference: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.who_can_change = who_can_change
        self.reference = reference

    def __str__(self) -> str:
        return self.message


class InvalidInput(AccordError):
    """Input breaks a rule: names the file, the line, the field and the rule.

    A reader that goes on after the first fault hands over the later ones as `others`.
    """

    def __init__(
        self,
        file: str,
        line: int | None,
        field: str,
        rule: str,
        *,
        others: Sequence[InvalidInput] = (),
        who_can_change: str | None = None,
        reference: str | None = None,
    ) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(
            phrase("%(place)s: %(field)s: %(rule)s", place=place, field=field, rule=rule)
            if field
            else phrase("%(place)s: %(rule)s", place=place, rule=rule),
            who_can_change=who_can_change,
            reference=reference,
        )
        self.file = file
        self.line = line
        self.field = field
        self.rule = rule
        self.others = tuple(others)

    @property
    def faults(self) -> tuple[InvalidInput, ...]:
        """Every fault found, this one first."""
        return (self, *self.others)


def raise_all(faults: Sequence[InvalidInput]) -> None:
    """Raise the first of these faults with the others beside it; nothing where there is none."""
    if faults:
        first, *others = faults
        first.others = tuple(others)
        raise first


class NotAllowed(AccordError):
    """Somebody who may know that the thing exists may not do this with it."""

    def __init__(
        self, reason: str, *, who_can_change: str | None = None, reference: str | None = None
    ) -> None:
        super().__init__(reason, who_can_change=who_can_change, reference=reference)
        self.reason = reason


class NotFound(AccordError):
    """The thing is absent, or the asker may not know that it exists: both look the same."""

    def __init__(
        self,
        message: str = "There is nothing here for you.",
        *,
        who_can_change: str | None = None,
        reference: str | None = None,
    ) -> None:
        super().__init__(message, who_can_change=who_can_change, reference=reference)


class Conflict(AccordError):
    """The thing changed since it was read, or its state does not admit this step."""


class Unavailable(AccordError):
    """Something outside this program that it needs (a disk, a store) does not take or give now."""


class TooOften(AccordError):
    """Somebody tried too often, or too many do at once; `retry_after_s` says when again."""

    def __init__(self, retry_after_s: int, reason: str) -> None:
        super().__init__(reason, who_can_change=phrase("nobody: it ends by itself"))
        self.retry_after_s = retry_after_s


def refusal_of(check: Callable[..., object], *facts: Any) -> str | None:
    """Why a check refuses, to stand beside a control that cannot be used; None where it does not."""
    try:
        check(*facts)
    except (NotAllowed, Conflict) as refusal:
        return str(refusal)
    return None
