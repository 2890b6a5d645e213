"""One family of errors; each says what happened, why, who can change it, and a reference."""

from __future__ import annotations

from collections.abc import Sequence


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
            f"{place}: {field}: {rule}" if field else f"{place}: {rule}",
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
