"""The closed vocabulary: every word that a label or a clause may use, by version.

The words live in `vocabularies/<version>.yaml` beside this file. They are in the kernel and not in
`agreements`, because labels are made of the same words and the kernel imports nothing above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from accord.kernel.canonical import content_hash
from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase

NEWEST = 3
"""The version whose words labels, contexts and members use; each agreement uses its own. A version
holds every word of those before it, so a node holds agreements of several versions at once."""


class VocabularyError(AccordError):
    """A word, a dimension or a version is not in the vocabulary."""


@dataclass(frozen=True)
class Dimension:
    """One list of words; in an ordered one each word is above those before it."""

    name: str
    meanings: Mapping[str, str]
    ordered: bool

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.meanings)


@dataclass(frozen=True)
class Vocabulary:
    """One version of the vocabulary; it never changes once an agreement is signed under it."""

    version: int
    dimensions: Mapping[str, Dimension]

    @classmethod
    def load(cls, version: int) -> Vocabulary:
        """The vocabulary of that version; each is read once."""
        return _load(version)

    def dimension(self, name: str) -> Dimension:
        try:
            return self.dimensions[name]
        except KeyError:
            raise VocabularyError(
                phrase(
                    "vocabulary %(version)s has no dimension %(name)s; it has %(dimensions)s",
                    version=self.version,
                    name=f"{name!r}",
                    dimensions=", ".join(self.dimensions),
                )
            ) from None

    def words(self, dimension: str) -> tuple[str, ...]:
        """The words of a dimension, in the order of the file."""
        return self.dimension(dimension).words

    def ordered(self, dimension: str) -> bool:
        """Whether the words of a dimension are levels."""
        return self.dimension(dimension).ordered

    def meaning(self, dimension: str, word: str) -> str:
        """What a word means, in plain language."""
        self.check(dimension, word, "plain language")
        return phrase(self.dimension(dimension).meanings[word])

    def check(self, dimension: str, word: str, where: str) -> None:
        """Refuses a word that the dimension does not have."""
        words = self.words(dimension)
        if word not in words:
            raise VocabularyError(
                phrase(
                    "%(where)s: %(word)s is not a word for %(dimension)s in vocabulary "
                    "%(version)s; the words are %(words)s",
                    where=where,
                    word=f"{word!r}",
                    dimension=dimension,
                    version=self.version,
                    words=", ".join(words),
                ),
                who_can_change=phrase("the parties, by signing under a later vocabulary version"),
            )

    def at_least(self, dimension: str, word: str) -> tuple[str, ...]:
        """The level named and those above it."""
        words = self._levels(dimension, word)
        return words[words.index(word) :]

    def at_most(self, dimension: str, word: str) -> tuple[str, ...]:
        """The level named and those below it."""
        words = self._levels(dimension, word)
        return words[: words.index(word) + 1]

    def _levels(self, dimension: str, word: str) -> tuple[str, ...]:
        if not self.ordered(dimension):
            raise VocabularyError(
                phrase(
                    "%(dimension)s has no order, so no level above or below", dimension=dimension
                )
            )
        self.check(dimension, word, dimension)
        return self.words(dimension)

    @property
    def hash(self) -> str:
        """The hash of the words and their order; meanings may be reworded without changing it."""
        return content_hash(
            {
                "version": self.version,
                "dimensions": [
                    [d.name, d.ordered, list(d.words)] for d in self.dimensions.values()
                ],
            }
        )


@cache
def _load(version: int) -> Vocabulary:
    source = files("accord.kernel").joinpath("vocabularies", f"{version}.yaml")
    if not source.is_file():
        raise VocabularyError(phrase("there is no vocabulary version %(version)s", version=version))
    data = yaml.safe_load(source.read_text(encoding="utf-8"))
    dimensions = {
        name: Dimension(name, MappingProxyType(dict(body["words"])), body.get("ordered", False))
        for name, body in data["dimensions"].items()
    }
    return Vocabulary(version=data["version"], dimensions=MappingProxyType(dimensions))
