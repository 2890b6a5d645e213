"""A label: one combination of the record-side attributes on which sharing turns (28 CFR 23.20(g)).

Every dimension always has a value, from the vocabulary only. A label's identity is the hash of
its content; its number on a node is local.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from accord.kernel.canonical import content_hash
from accord.kernel.vocabulary import Vocabulary, VocabularyError

LABEL_SPACE = 65_536
"""How many labels a node has room for; standing is a table of exactly this many."""

WORD_DIMENSIONS = ("schema", "part", "sensitivity", "handling", "basis", "offence")
FLAGS = ("minor", "sealed", "intelligence")


@dataclass(frozen=True)
class Label:
    """The attributes of one part that a clause can name."""

    owner: str
    schema: str
    part: str
    subjects: frozenset[str]
    sensitivity: str
    handling: str
    basis: str
    offence: str
    minor: bool
    sealed: bool
    intelligence: bool

    def facts(self) -> dict[str, Any]:
        """The label as plain data, for canonical JSON and for storage."""
        return {
            "owner": self.owner,
            "schema": self.schema,
            "part": self.part,
            "subjects": sorted(self.subjects),
            "sensitivity": self.sensitivity,
            "handling": self.handling,
            "basis": self.basis,
            "offence": self.offence,
            "minor": self.minor,
            "sealed": self.sealed,
            "intelligence": self.intelligence,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Label:
        """The label that `facts()` described; an unknown or absent fact is refused."""
        return cls(**{**facts, "subjects": frozenset(facts["subjects"])})

    @cached_property
    def hash(self) -> str:
        """The label's identity on every node."""
        return content_hash(self.facts())


def check_label(label: Label, vocabulary: Vocabulary, where: str = "label") -> None:
    """Refuses a label with a word outside the vocabulary, or with a dimension left empty."""
    if not label.owner:
        raise VocabularyError(f"{where}: the owner is empty")
    for dimension in WORD_DIMENSIONS:
        vocabulary.check(dimension, getattr(label, dimension), f"{where}: {dimension}")
    if not label.subjects:
        raise VocabularyError(
            f"{where}: subject is empty; write `none` for a thing that stands for nobody"
        )
    for word in sorted(label.subjects):
        vocabulary.check("subject", word, f"{where}: subject")
    if "none" in label.subjects and len(label.subjects) > 1:
        raise VocabularyError(f"{where}: subject `none` stands alone, not beside a category")
    for flag in FLAGS:
        if not isinstance(getattr(label, flag), bool):
            raise VocabularyError(f"{where}: {flag} is true or false")
