"""What cleaning, labelling and intake say of a value that breaks a rule."""

from __future__ import annotations

from dataclasses import dataclass


class FieldError(ValueError):
    """One value breaks one rule; `rule` is a short code, `reason` a sentence without the value."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


@dataclass(frozen=True)
class Problem:
    """One broken rule of one field of one row."""

    field: str
    rule: str
    reason: str
