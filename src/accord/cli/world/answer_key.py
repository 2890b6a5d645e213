"""What is true in a generated world: who is who, who belongs to which ring, and what is a decoy.

Nothing here names a person. A victim is a word such as `ring-2-victim-1`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

RecordName = tuple[str, str]
"""Agency and source reference."""


@dataclass
class AnswerKey:
    """Collected while the records are made."""

    persons: dict[str, list[RecordName]] = field(default_factory=dict)
    rings: dict[str, dict[str, Any]] = field(default_factory=dict)
    decoys: dict[str, dict[str, Any]] = field(default_factory=dict)

    def seen(self, person: str, record: RecordName) -> None:
        self.persons.setdefault(person, []).append(record)

    def forget(self, record: RecordName) -> None:
        """Takes back a record that the world's size cut off."""
        for person in [p for p, records in self.persons.items() if record in records]:
            self.persons[person].remove(record)
            if not self.persons[person]:
                del self.persons[person]
        for ring in self.rings.values():
            ring["records"] = [r for r in ring["records"] if tuple(r) != record]

    def ring(self, ring: str, about: dict[str, Any]) -> None:
        self.rings[ring] = {**about, "members": {}, "records": []}

    def in_ring(self, ring: str, role: str, person: str) -> None:
        self.rings[ring]["members"].setdefault(role, []).append(person)

    def decoy(self, name: str, why: str, persons: list[str]) -> None:
        self.decoys[name] = {"why": why, "persons": persons}

    def as_data(self) -> dict[str, Any]:
        """Only people with two or more records are clusters; the others are alone."""
        clusters = {p: [list(r) for r in rs] for p, rs in self.persons.items() if len(rs) > 1}
        return {
            "same_person": clusters,
            "alone": sum(1 for rs in self.persons.values() if len(rs) == 1),
            "rings": self.rings,
            "decoys": self.decoys,
        }
