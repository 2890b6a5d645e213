"""Every question that can be asked: its dimensions, their words, and a variable for each word.

A dimension with one value is one variable a word, of which exactly one is true; a set (roles,
training, subject categories, keys) is one variable a word, each free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accord.agreements.domain import (
    ACTIONS,
    Agreement,
    Asker,
    Context,
    Invariant,
    Requester,
    Words,
)
from accord.agreements.proofs.circuit import TRUE, Circuit
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS, Label
from accord.kernel.vocabulary import Vocabulary

OTHER = "another"
"""A word that nobody named: another agency, country, or word of a later vocabulary."""
UNKNOWN = ""
"""A fact that is not known of a requester: it fits no permit and every forbid."""

SETS = ("role", "training", "subject", "key")
Agencies = Mapping[str, Mapping[str, str]]
"""The `kind` and the `country` of agencies, where they are known."""
_OTHER_COUNTRIES = ("CA", "GB", "FR", "US", "MX", "DE")
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Question:
    """One point: somebody asks to do something with a part that carries these keys.

    `recipient` matters to `onward` only: to whom it would be passed on.
    """

    requester: Requester
    context: Context
    action: str
    label: Label
    keys: Words
    recipient: str | None = None


class Universe:
    """The questions over some agreements; a proof speaks about every one of them.

    `agencies` gives the kind and the country of those that are known; of others any is thought of.
    `loose` adds what no sign-in and no intake ever makes (a requester without a role, a subject
    beside `none`, a word outside the vocabulary), for comparing interpreters with each other. A
    label without any subject is no question at all: `kernel.labels.check_label` refuses it.
    """

    def __init__(
        self,
        agreements: Sequence[Agreement],
        invariants: Sequence[Invariant] = (),
        *,
        agencies: Agencies | None = None,
        loose: bool = False,
    ) -> None:
        self.circuit = Circuit()
        self.loose = loose
        self._known = agencies or {}
        vocabularies = [Vocabulary.load(v) for v in sorted({a.vocabulary for a in agreements})]
        vocabularies = vocabularies or [Vocabulary.load(1)]
        self.agencies = tuple(sorted(set(agencies_of(agreements, invariants))))
        self.words: dict[str, tuple[str, ...]] = {}
        domains = _domains(vocabularies, self.agencies, agreements, invariants)
        countries = {facts["country"] for facts in self._known.values() if "country" in facts}
        domains["country"] = tuple(dict.fromkeys((*sorted(countries), *domains["country"])))
        for name, words in domains.items():
            odd = loose and name not in ("action", "key", "agency", "owner", "recipient", *FLAGS)
            self.words[name] = tuple(dict.fromkeys((*words, OTHER) if odd else words))
        self._var = {
            (name, word): self.circuit.input()
            for name, words in self.words.items()
            for word in words
        }
        self.inputs = tuple(self._var.values())
        self._same: int | None = None
        self._sets: dict[tuple[str, Words], int] = {}

    # ---- literals

    def has(self, dimension: str, word: str) -> int:
        """That a dimension has a word, or that a set contains it."""
        found = self._var.get((dimension, word))
        if found is None:
            raise KeyError(f"{dimension} has no word {word!r} here")
        return found

    def among(self, dimension: str, words: Iterable[str] | None) -> int:
        """That the value of a dimension is among some words; None asks nothing."""
        if words is None:
            return TRUE
        wanted = frozenset(words)
        known = self._sets.get((dimension, wanted))
        if known is None:
            known = self._sets[dimension, wanted] = self._among(dimension, wanted)
        return known

    def _among(self, dimension: str, wanted: Words) -> int:
        every = self.words[dimension]
        if wanted.issuperset(every):
            return TRUE
        inside = [self._var[dimension, w] for w in every if w in wanted]
        if len(inside) * 2 <= len(every):
            return self.circuit.any_of(inside)
        return self.circuit.all_of(-self._var[dimension, w] for w in every if w not in wanted)

    def all_in(self, dimension: str, words: Iterable[str]) -> int:
        """That a set contains all of the words."""
        return self.circuit.all_of(self.has(dimension, w) for w in words)

    def some_in(self, dimension: str, words: Iterable[str]) -> int:
        """That a set contains one of the words."""
        return self.circuit.any_of(self.has(dimension, w) for w in words)

    def only_in(self, dimension: str, words: Words) -> int:
        """That a set contains nothing but the words."""
        outside = [w for w in self.words[dimension] if w not in words]
        return self.circuit.all_of(-self._var[dimension, w] for w in outside)

    def flag(self, name: str, value: bool | None) -> int:
        """That a flag has a value; None asks nothing."""
        return TRUE if value is None else self.has(name, _flag(value))

    def own(self) -> int:
        """That the requester asks for what their own agency owns."""
        if self._same is None:
            both = set(self.words["agency"]) & set(self.words["owner"])
            self._same = self.circuit.any_of(
                self.circuit.all_of((self.has("agency", a), self.has("owner", a))) for a in both
            )
        return self._same

    # ---- what is a question at all

    def shape(self) -> Iterator[list[int]]:
        """Disjunctions of variables that every question satisfies."""
        for name, words in self.words.items():
            literals = [self._var[name, w] for w in words]
            if name not in SETS:
                yield literals
                for number, first in enumerate(literals):
                    yield from ([-first, -second] for second in literals[number + 1 :])
            elif name == "subject" or (name == "role" and not self.loose):
                yield literals
        yield from self._located()
        if not self.loose:
            nobody = self.has("subject", "none")
            others = [w for w in self.words["subject"] if w != "none"]
            yield from ([-nobody, -self._var["subject", w]] for w in others)

    def _located(self) -> Iterator[list[int]]:
        """An agency has the kind and the country that are known of it."""
        for agency, facts in self._known.items():
            for name, word in facts.items():
                if agency in self.words["agency"] and word in self.words[name]:
                    yield [-self.has("agency", agency), self.has(name, word)]

    # ---- from a question to variables, and back

    def inputs_of(self, question: Question) -> dict[int, bool]:
        """The value of every variable for a question."""
        singles, sets = _values(question)
        found: dict[int, bool] = {}
        for name, words in self.words.items():
            if name in SETS:
                known = sets[name] if sets[name] <= set(words) else sets[name] | {OTHER}
                found |= {self._var[name, w]: w in known for w in words}
            else:
                value = singles[name]
                value = value if value in words else OTHER
                found |= {self._var[name, w]: w == value for w in words}
        return found

    def question_of(self, values: Mapping[int, bool]) -> Question:
        """The question that the values of the variables describe."""
        one: dict[str, str] = {}
        many: dict[str, Words] = {}
        for name, words in self.words.items():
            true = [w for w in words if values[self._var[name, w]]]
            if name in SETS:
                many[name] = frozenset(true)
            else:
                (one[name],) = true
        requester = Requester(
            agency=self.called(one["agency"], "agency"),
            kind=one["kind"] or None,
            country=self.called(one["country"], "country") or None,
            roles=many["role"],
            clearance=one["clearance"] or None,
            nationality=self.called(one["nationality"], "country") or None,
            training=many["training"],
            assurance=int(one["assurance"]) if one["assurance"].isdigit() else 0,
        )
        facts: dict[str, Any] = {name: one[name] for name in WORD_DIMENSIONS}
        facts |= {name: one[name] == "true" for name in FLAGS}
        facts |= {"owner": self.called(one["owner"], "agency"), "subjects": many["subject"]}
        label = Label(**facts)
        context = Context(one["purpose"], None, one["legal_basis"] or None, AT)
        recipient = self.called(one["recipient"], "agency") if one["action"] == "onward" else None
        return Question(requester, context, one["action"], label, many["key"], recipient)

    def called(self, word: str, what: str) -> str:
        """A name for `another`, which nobody in the agreements has."""
        if word != OTHER:
            return word
        if what == "country":
            named = {*self.words["country"], *self.words["nationality"]}
            return next(code for code in (*_OTHER_COUNTRIES, "ZZ") if code not in named)
        return "another-agency"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _values(question: Question) -> tuple[dict[str, str], dict[str, Words]]:
    who, label = question.requester, question.label
    singles = {
        "action": question.action,
        "recipient": question.recipient or OTHER,
        "agency": who.agency,
        "kind": who.kind or UNKNOWN,
        "country": who.country or UNKNOWN,
        "clearance": who.clearance or UNKNOWN,
        "nationality": who.nationality or UNKNOWN,
        "assurance": str(who.assurance),
        "purpose": question.context.purpose,
        "legal_basis": question.context.legal_basis or UNKNOWN,
        "owner": label.owner,
        **{name: getattr(label, name) for name in WORD_DIMENSIONS},
        **{name: _flag(getattr(label, name)) for name in FLAGS},
    }
    sets = {
        "role": who.roles,
        "training": who.training,
        "subject": label.subjects,
        "key": question.keys,
    }
    return singles, sets


def _domains(
    vocabularies: Sequence[Vocabulary],
    agencies: Sequence[str],
    agreements: Sequence[Agreement],
    invariants: Sequence[Invariant],
) -> dict[str, tuple[str, ...]]:
    def words(dimension: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(w for v in vocabularies for w in v.words(dimension)))

    askers = list(_askers(agreements, invariants))
    countries = {c for to in askers for c in (to.country or ())}
    nationalities = {c for to in askers for c in (to.nationality or ())}
    return {
        "action": ACTIONS,
        "recipient": (*agencies, OTHER),
        "agency": (*agencies, OTHER),
        "kind": (*words("agency_kind"), UNKNOWN),
        "country": (*sorted(countries), OTHER, UNKNOWN),
        "clearance": (*words("clearance"), UNKNOWN),
        "nationality": (*sorted(nationalities), OTHER, UNKNOWN),
        "assurance": words("assurance"),
        "purpose": words("purpose"),
        "legal_basis": (*words("legal_basis"), UNKNOWN),
        "owner": (*agencies, OTHER),
        **{name: words(name) for name in WORD_DIMENSIONS},
        **dict.fromkeys(FLAGS, ("false", "true")),
        **{name: words(name) for name in SETS},
    }


def _askers(agreements: Iterable[Agreement], invariants: Iterable[Invariant]) -> Iterator[Asker]:
    for agreement in agreements:
        for clause in agreement.clauses:
            yield clause.to
            if clause.unless is not None:
                yield clause.unless.to
    yield from (invariant.to for invariant in invariants)


def agencies_of(
    agreements: Sequence[Agreement], invariants: Sequence[Invariant] = ()
) -> Iterator[str]:
    """Every agency named: parties, owners, recipients, and those of invariants."""
    for agreement in agreements:
        yield from agreement.parties
        for clause in agreement.clauses:
            yield from clause.of.owner or ()
            yield from clause.recipients or ()
    for to in _askers(agreements, invariants):
        yield from to.agency or ()
    for invariant in invariants:
        yield from invariant.of.owner or ()
