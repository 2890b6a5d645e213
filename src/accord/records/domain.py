"""What intake makes of one line of a source: frozen drafts of a record and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from accord.kernel.canonical import content_hash
from accord.kernel.labels import Label

SEALED_PARTS = frozenset(
    {"identity", "contact", "location", "biometric", "health", "narrative", "attachment"}
)
"""Parts that could find or name somebody; a victim's or a minor's are encrypted from intake on."""

FREE_PARTS = ("narrative", "attachment")
"""Parts whose content may speak of anything else in the record."""


class Assertion(StrEnum):
    """Facts and personal assessments are kept apart (LED art. 7)."""

    FACT = "fact"
    ASSESSMENT = "assessment"


@dataclass(frozen=True)
class Grading:
    """How reliable the source and the information are, each asked separately, in its own scheme."""

    scheme: str
    source: str
    information: str

    def facts(self) -> dict[str, str]:
        return {
            "scheme": self.scheme,
            "source": self.source,
            "information": self.information,
        }


GRADING_SCHEMES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "4x4": (tuple("ABCX"), tuple("1234")),
        "3x5x2": (tuple("123"), tuple("ABCDE")),
        "admiralty": (tuple("ABCDEF"), tuple("123456")),
    }
)
"""Source and information grades: Europol Reg. art. 29; College of Policing; JWP 2-00."""


@dataclass(frozen=True)
class PartDraft:
    """One field group: its label and its values, every value cleaned."""

    part: str
    label: Label
    values: Mapping[str, tuple[str, ...]]

    @property
    def sealed(self) -> bool:
        """Whether the part is stored under its own key."""
        return is_sealed(self.label)


@dataclass(frozen=True)
class RecordDraft:
    """One report about one thing, cleaned and labelled, before it has an id or a revision."""

    owner: str
    source_system: str
    source_ref: str
    schema: str
    occurred_at: str | None
    """When it happened, as a cleaned date; `dates.earliest` gives the instant to sort by."""
    grading: Grading | None
    assertion: Assertion
    retain_until: date | None
    basis_of_suspicion: str | None
    """The text is also in the narrative part: a record's own columns hold no text."""
    parts: tuple[PartDraft, ...]
    cases: tuple[str, ...]
    """Numbers of the cases in which the owner places it."""

    @property
    def intelligence(self) -> bool:
        """Whether 28 CFR Part 23 applies to it."""
        return any(part.label.intelligence for part in self.parts)

    def part(self, name: str) -> PartDraft | None:
        """The part of that name, where the record has it."""
        return next((p for p in self.parts if p.part == name), None)

    def facts(self) -> dict[str, Any]:
        """The whole draft as plain data."""
        return {
            "owner": self.owner,
            "source_system": self.source_system,
            "source_ref": self.source_ref,
            "schema": self.schema,
            "occurred_at": self.occurred_at,
            "grading": self.grading.facts() if self.grading else None,
            "assertion": self.assertion.value,
            "retain_until": self.retain_until.isoformat() if self.retain_until else None,
            "basis_of_suspicion": self.basis_of_suspicion,
            "parts": {
                p.part: {
                    "label": p.label.facts(),
                    "values": {name: list(values) for name, values in p.values.items()},
                }
                for p in self.parts
            },
            "cases": sorted(self.cases),
        }

    @cached_property
    def content_hash(self) -> str:
        """Equal for two imports of the same cleaned line: what makes intake idempotent."""
        return content_hash(self.facts())


def is_sealed(label: Label) -> bool:
    """Whether a part with this label is encrypted under its own key and found by tokens only."""
    return label.part in SEALED_PARTS and ("victim" in label.subjects or label.minor)
