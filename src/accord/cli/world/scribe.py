"""Writes record lines: numbers them, labels them and keeps them in a fixed order of fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accord.cli.world.answer_key import AnswerKey

Parts = dict[str, dict[str, list[str]]]

SYSTEM_OF_KIND = {
    "police": "rms",
    "sheriff": "rms",
    "state-bureau": "case-system",
    "prosecution": "charging",
    "victim-service": "services",
    "foreign-authority": "expedientes",
}
PART_ORDER = (
    "core",
    "identity",
    "contact",
    "location",
    "narrative",
    "health",
    "biometric",
    "attachment",
)


@dataclass(frozen=True)
class Marking:
    """What a record's label says beside owner, schema and part."""

    subjects: tuple[str, ...]
    offence: str
    sensitivity: str = "official"
    handling: str = "none"
    basis: str = "statute"
    minor: bool = False
    sealed: bool = False
    intelligence: bool = False

    def as_label(self) -> dict[str, Any]:
        return {
            "subjects": sorted(self.subjects),
            "sensitivity": self.sensitivity,
            "handling": self.handling,
            "basis": self.basis,
            "offence": self.offence,
            "minor": self.minor,
            "sealed": self.sealed,
            "intelligence": self.intelligence,
        }


@dataclass
class Scribe:
    """Numbers each agency's records in the order in which they are written."""

    kinds: Mapping[str, str]
    key: AnswerKey
    numbers: dict[str, int] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    people: int = 0

    def new_person(self) -> str:
        self.people += 1
        return f"person-{self.people:06d}"

    def take(self) -> list[dict[str, Any]]:
        lines, self.lines = self.lines, []
        return lines

    def write(
        self,
        agency: str,
        schema: str,
        occurred_at: str,
        marking: Marking,
        parts: Parts,
        *,
        grading: tuple[str, str, str] | None = None,
        assertion: str = "fact",
        retain_until: str | None = None,
        suspicion: str | None = None,
        part_labels: Mapping[str, Mapping[str, Any]] | None = None,
        cases: Sequence[str] = (),
        person: str | None = None,
        ring: str | None = None,
    ) -> str:
        """Adds one record line and answers its source reference."""
        number = self.numbers[agency] = self.numbers.get(agency, 0) + 1
        initials = "".join(word[0] for word in agency.split("-")).upper()
        ref = f"{initials}-{number:06d}"
        line: dict[str, Any] = {
            "agency": agency,
            "source_system": SYSTEM_OF_KIND.get(self.kinds[agency], "records"),
            "source_ref": ref,
            "schema": schema,
            "occurred_at": occurred_at,
            "label": marking.as_label(),
            "grading": _grading(grading),
            "assertion": assertion,
            "retain_until": retain_until,
            "basis_of_suspicion": suspicion,
            "parts": {name: parts[name] for name in PART_ORDER if parts.get(name)},
        }
        if part_labels:
            line["part_labels"] = {name: dict(part_labels[name]) for name in sorted(part_labels)}
        if cases:
            line["cases"] = list(cases)
        self.lines.append(line)
        if person is not None:
            self.key.seen(person, (agency, ref))
        if ring is not None:
            self.key.rings[ring]["records"].append([agency, ref])
        return ref


def _grading(grading: tuple[str, str, str] | None) -> dict[str, str] | None:
    if grading is None:
        return None
    scheme, source, information = grading
    return {"scheme": scheme, "source": source, "information": information}
