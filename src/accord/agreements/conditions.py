"""Reads the conditions of a clause: `to`, `for`, `of`, `when`, each a closed set of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from accord.agreements.document import Place, boolean, integer, items, kind_of, mapping, text
from accord.agreements.domain import Asker, Reach, Reason, Words
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_OPERATORS = ("not", "at-least", "at-most")
_TO = ("agency", "kind", "country", "role", "clearance", "nationality", "training", "assurance")
_OF_WORDS = ("schema", "part", "subject", "sensitivity", "handling", "basis", "offence")
_OF = ("owner", *_OF_WORDS, "minor", "sealed", "intelligence")


@dataclass(frozen=True)
class Terms:
    """What words mean in one agreement: its vocabulary, its parties, the agencies that exist."""

    vocabulary: Vocabulary
    parties: tuple[str, ...]
    agencies: frozenset[str] | None
    strangers: bool = False
    """Whether `to` may name agencies that are no parties, as an invariant may."""

    def check_word(self, dimension: str) -> Callable[[str], str | None]:
        """A test that says what is wrong with a word, or None."""
        words = self.vocabulary.words(dimension)

        def test(word: str) -> str | None:
            if word in words:
                return None
            return phrase(
                "unknown word %(word)s; the words are %(words)s",
                word=f"{word!r}",
                words=", ".join(words),
            )

        return test

    def check_party(self, agency: str) -> str | None:
        if self.strangers:
            return self.check_agency(agency)
        if agency in self.parties:
            return None
        return phrase(
            "%(agency)s is not a party; the parties are %(parties)s",
            agency=f"{agency!r}",
            parties=", ".join(self.parties),
        )

    def check_agency(self, agency: str) -> str | None:
        """Whoever may be named without being a party: an owner or a recipient."""
        if agency in self.parties:
            return None
        if self.agencies is not None and agency not in self.agencies:
            return phrase("unknown agency %(agency)s", agency=f"{agency!r}")
        return (
            None
            if _SLUG.fullmatch(agency)
            else phrase("%(agency)s is not the id of an agency", agency=f"{agency!r}")
        )


def read_to(node: yaml.Node, place: Place, terms: Terms, *, levels: bool) -> Asker:
    """`to`; `levels` says whether a bare level means "at least" (it does in a permit)."""
    entries = mapping(node, place, _TO)

    def words(name: str, dimension: str) -> Words | None:
        if name not in entries:
            return None
        return read_words(entries[name], place.at(name), terms, dimension)

    def level(name: str) -> Words | None:
        if name not in entries:
            return None
        return _level(entries[name], place.at(name), terms.vocabulary, name, bare=levels)

    def among(name: str, test: Callable[[str], str | None], all_of: Iterable[str]) -> Words | None:
        return _set(entries[name], place.at(name), test, all_of) if name in entries else None

    assurance = level("assurance")
    training = entries.get("training")
    if training is not None and isinstance(training, yaml.MappingNode):
        place.at("training").refuse(training, phrase("lists the training that must be held"))
    return Asker(
        agency=among("agency", terms.check_party, terms.parties),
        kind=words("kind", "agency_kind"),
        country=among("country", _check_country, ()),
        role=words("role", "role"),
        clearance=level("clearance"),
        nationality=among("nationality", _check_country, ()),
        training=words("training", "training") or frozenset(),
        assurance=None if assurance is None else frozenset(map(int, assurance)),
    )


def read_for(node: yaml.Node, place: Place, terms: Terms) -> Reason:
    """`for`: purposes, and the legal bases of the asking."""
    entries = mapping(node, place, ("purpose", "legal-basis"))
    purpose, basis = entries.get("purpose"), entries.get("legal-basis")
    return Reason(
        purpose=None
        if purpose is None
        else read_words(purpose, place.at("purpose"), terms, "purpose"),
        legal_basis=None
        if basis is None
        else read_words(basis, place.at("legal-basis"), terms, "legal_basis"),
    )


def read_of(node: yaml.Node, place: Place, terms: Terms) -> Reach:
    """`of`: the labels that a clause reaches."""
    entries = mapping(node, place, _OF)
    facts: dict[str, Any] = {
        name: read_words(entries[name], place.at(name), terms, name)
        for name in _OF_WORDS
        if name in entries
    }
    for name in ("minor", "sealed", "intelligence"):
        if name in entries:
            facts[name] = boolean(entries[name], place.at(name))
    if "owner" in entries:
        here = place.at("owner")
        facts["owner"] = _set(entries["owner"], here, terms.check_agency, terms.parties)
    return Reach(**facts)


def read_keys(node: yaml.Node, place: Place, terms: Terms) -> Words:
    """`when`: the key kinds that a part must carry, all of them."""
    if isinstance(node, yaml.MappingNode):
        place.refuse(node, phrase("lists the kinds of key that the part must carry"))
    return read_words(node, place, terms, "key")


def read_recipients(node: yaml.Node, place: Place, terms: Terms) -> Words:
    """`recipients`: the agencies to which an `onward` clause lets a party pass on."""
    if isinstance(node, yaml.MappingNode):
        place.refuse(node, phrase("names the agencies, each by its id"))
    return _set(node, place, terms.check_agency, ())


def read_words(node: yaml.Node, place: Place, terms: Terms, dimension: str) -> Words:
    """A set of words of one dimension: a word, a list, `not`, or levels where it has an order."""
    vocabulary = terms.vocabulary
    if vocabulary.ordered(dimension) and _is_levels(node):
        return _level(node, place, vocabulary, dimension, bare=True)
    return _set(node, place, terms.check_word(dimension), vocabulary.words(dimension))


def _is_levels(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and any(k.value != "not" for k, _ in node.value)


def _set(
    node: yaml.Node,
    place: Place,
    test: Callable[[str], str | None],
    all_of: Iterable[str],
) -> Words:
    if not isinstance(node, yaml.MappingNode):
        return _listed(node, place, test)
    entries = mapping(node, place, ("not",), ("not",))
    every = frozenset(all_of)
    if not every:
        place.refuse(node, phrase("`not` has no closed list to take from here; name those meant"))
    left = every - _listed(entries["not"], place.at("not"), test)
    if not left:
        place.refuse(node, phrase("`not` leaves nothing"))
    return left


def _listed(node: yaml.Node, place: Place, test: Callable[[str], str | None]) -> Words:
    found: set[str] = set()
    for item in items(node, place):
        word = text(item, place)
        wrong = test(word)
        if wrong:
            place.refuse(item, wrong)
        if word in found:
            place.refuse(item, phrase("%(word)s is listed twice", word=f"{word!r}"))
        found.add(word)
    return frozenset(found)


def _level(
    node: yaml.Node, place: Place, vocabulary: Vocabulary, dimension: str, *, bare: bool
) -> Words:
    """The levels meant by `at-least`, `at-most` or both, or by a bare level."""
    words = vocabulary.words(dimension)
    if isinstance(node, yaml.MappingNode):
        entries = mapping(node, place, ("at-least", "at-most"))
        if not entries:
            place.refuse(node, phrase("asks for no level; write at-least or at-most"))
    elif isinstance(node, yaml.SequenceNode):
        place.refuse(node, phrase("asks for a level, not a list; write at-least or at-most"))
    elif not bare:
        place.refuse(
            node, phrase("write at-least or at-most: in a forbid a bare level can mean either")
        )
    else:
        entries = {"at-least": node}
    found = frozenset(words)
    for name, value in entries.items():
        word = _word_of_level(value, place, words)
        reach = vocabulary.at_least if name == "at-least" else vocabulary.at_most
        found &= frozenset(reach(dimension, word))
    if not found:
        place.refuse(node, phrase("no level is both"))
    return found


def _word_of_level(node: yaml.Node, place: Place, words: tuple[str, ...]) -> str:
    if all(word.isdigit() for word in words):
        word = str(integer(node, place))
    elif isinstance(node, yaml.ScalarNode):
        word = text(node, place)
    else:
        place.refuse(node, phrase("must be a level, not %(kind_of)s", kind_of=kind_of(node)))
    if word not in words:
        place.refuse(
            node,
            phrase(
                "unknown level %(word)s; the levels are %(words)s",
                word=f"{word!r}",
                words=", ".join(words),
            ),
        )
    return word


def _check_country(code: str) -> str | None:
    if _COUNTRY.fullmatch(code):
        return None
    return phrase(
        "%(code)s is not a country code of two capital letters (ISO 3166-1)", code=f"{code!r}"
    )
