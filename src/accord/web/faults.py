"""What was wrong with a form, ready for its error summary and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.kernel.errors import AccordError, InvalidInput
from accord.kernel.phrases import headed, phrase
from accord.web.components import FieldError


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults of one form: `summary` for its head, `of(field)` beside each field."""

    summary: tuple[FieldError, ...] = ()
    by_field: Mapping[str, str] | None = None
    refusal: str | None = None
    who_can_change: str | None = None

    def of(self, field: str) -> str | None:
        """What is wrong with this field."""
        return (self.by_field or {}).get(field)


def faults_of(request: Any, labels: Mapping[str, str]) -> Faults:
    """Return what `agreements.pages` found wrong; `labels` names the form's fields for people."""
    error: AccordError | None = getattr(request, "fault", None)
    if error is None:
        return Faults()
    if not isinstance(error, InvalidInput):
        return Faults(refusal=str(error), who_can_change=error.who_can_change)
    by_field = {f.field: _sentence(labels.get(f.field, f.field), f.rule) for f in error.faults}
    summary = tuple(FieldError(f"f-{field}", text) for field, text in by_field.items())
    return Faults(summary, by_field)


def _sentence(label: str, rule: str) -> str:
    return phrase("%(label)s: %(rule)s", label=label, rule=rule) if label else headed(rule)
