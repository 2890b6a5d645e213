"""Builds the label of each part of one record from what its line states and from safe defaults.

INVARIANT: free text and files are labelled no more openly than anything else in their record,
since they may speak of all of it; only a person's sanitised derivation is more open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from accord.kernel.labels import FLAGS, Label, check_label
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.records.domain import FREE_PARTS
from accord.records.faults import FieldError
from accord.records.ontology import Schema

THING_SCHEMATA = frozenset({"Vehicle", "Phone", "Address", "Firearm", "Item", "Account"})
"""Schemata whose records stand for nobody until a person is named in them."""

NAMING_TYPES = ("name", "reference")
DEFAULTS: Mapping[str, object] = {
    "sensitivity": "official",
    "handling": "none",
    "offence": "none",
    "minor": False,
    "sealed": False,
    "intelligence": False,
}
STATED = frozenset({"subjects", "basis", *DEFAULTS})
"""What a line may say of a label; owner, schema and part follow from the line itself."""


@dataclass(frozen=True)
class LabelFacts:
    """What a line says of its labels: for the whole record, and for single parts."""

    record: Mapping[str, object]
    parts: Mapping[str, Mapping[str, object]]


def build_labels(
    vocabulary: Vocabulary,
    *,
    owner: str,
    schema: Schema,
    values: Mapping[str, Mapping[str, tuple[str, ...]]],
    stated: LabelFacts,
) -> dict[str, Label]:
    """The label of each part in `values`; a FieldError names the broken rule."""
    for part in stated.parts:
        if part not in schema.parts:
            raise FieldError(
                "part",
                phrase(
                    "%(name)s has no part %(part)s to label", name=schema.name, part=f"{part!r}"
                ),
            )
    labels: dict[str, Label] = {}
    for part, properties in values.items():
        facts = {**stated.record, **stated.parts.get(part, {})}
        label = _label(owner, schema, part, facts, properties)
        _check(label, vocabulary, part)
        labels[part] = label
    return _tighten_free_parts(labels, vocabulary)


def _label(
    owner: str,
    schema: Schema,
    part: str,
    facts: Mapping[str, object],
    properties: Mapping[str, tuple[str, ...]],
) -> Label:
    for name in facts:
        if name not in STATED:
            raise FieldError("label", phrase("a label has no attribute %(name)s", name=f"{name!r}"))
    if "basis" not in facts:
        raise FieldError(
            "basis", phrase("the label names no collection basis (warrant, consent, ...)")
        )
    known = {**DEFAULTS, **facts}
    return Label(
        owner=owner,
        schema=schema.name,
        part=part,
        subjects=_subjects(facts.get("subjects"), schema, properties),
        sensitivity=_word(known, "sensitivity"),
        handling=_word(known, "handling"),
        basis=_word(known, "basis"),
        offence=_word(known, "offence"),
        minor=_flag(known, "minor"),
        sealed=_flag(known, "sealed"),
        intelligence=_flag(known, "intelligence") or schema.name == "Intelligence",
    )


def _subjects(
    stated: object, schema: Schema, properties: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    if stated is None:
        naming = {p.name for p in schema.of_type(*NAMING_TYPES)}
        nobody = schema.name in THING_SCHEMATA and not naming & properties.keys()
        return frozenset({"none" if nobody else "unknown"})
    if isinstance(stated, str) or not isinstance(stated, Iterable):
        raise FieldError("label", phrase("subjects is a list of subject categories"))
    subjects = list(stated)
    if not subjects or not all(isinstance(s, str) for s in subjects):
        raise FieldError("label", phrase("subjects is a list of subject categories, at least one"))
    return frozenset(subjects)


def _word(facts: Mapping[str, object], name: str) -> str:
    value = facts[name]
    if not isinstance(value, str):
        raise FieldError("label", phrase("%(name)s is one word of the vocabulary", name=name))
    return value


def _flag(facts: Mapping[str, object], name: str) -> bool:
    value = facts[name]
    if not isinstance(value, bool):
        raise FieldError("label", phrase("%(name)s is true or false", name=name))
    return value


def _check(label: Label, vocabulary: Vocabulary, part: str) -> None:
    if vocabulary is Vocabulary.load(vocabulary.version):
        _check_once(label, vocabulary.version, part)
    else:
        _check_words(label, vocabulary, part)


@lru_cache(maxsize=8_192)  # what was refused is not kept: an exception leaves no result
def _check_once(label: Label, version: int, part: str) -> None:
    _check_words(label, Vocabulary.load(version), part)


def _check_words(label: Label, vocabulary: Vocabulary, part: str) -> None:
    try:
        check_label(label, vocabulary, f"label of {part}")
    except VocabularyError as error:
        raise FieldError("vocabulary", error.message) from None


def _tighten_free_parts(labels: dict[str, Label], vocabulary: Vocabulary) -> dict[str, Label]:
    every = tuple(labels.values())
    return {
        part: tighten(label, every, vocabulary) if part in FREE_PARTS else label
        for part, label in labels.items()
    }


def tighten(label: Label, others: Iterable[Label], vocabulary: Vocabulary) -> Label:
    """The label made as strict as the strictest of the others in who, how secret and each flag."""
    every = (label, *others)
    levels = vocabulary.words("sensitivity")
    return replace(
        label,
        subjects=merge_subjects(*(other.subjects for other in every)),
        sensitivity=max((o.sensitivity for o in every), key=levels.index),
        minor=any(o.minor for o in every),
        sealed=any(o.sealed for o in every),
        intelligence=any(o.intelligence for o in every),
    )


def merge_subjects(*groups: Iterable[str]) -> frozenset[str]:
    """Every category of every group; `none` stays only where nobody is concerned."""
    every = frozenset(subject for group in groups for subject in group)
    return every - {"none"} or frozenset({"none"})


def text_label(
    vocabulary: Vocabulary,
    *,
    owner: str,
    schema: str,
    about: Iterable[Label],
    subjects: Iterable[str] = (),
    sensitivity: str = "official",
    offence: str = "none",
    basis: str = "statute",
) -> Label:
    """The label of a text that a member writes: a note, a title, a reason.

    Its subjects are those the author states and those of all that it is about; a text about
    nothing that was placed concerns `unknown`, which no permit opens unless it names that word.
    """
    about = tuple(about)
    stated = frozenset(subjects)
    if not stated and not about:
        stated = frozenset({"unknown"})
    label = Label(
        owner=owner,
        schema=schema,
        part="narrative",
        subjects=stated or merge_subjects(*(other.subjects for other in about)),
        sensitivity=sensitivity,
        handling="none",
        basis=basis,
        offence=offence,
        minor=False,
        sealed=False,
        intelligence=False,
    )
    label = tighten(label, about, vocabulary)
    _check(label, vocabulary, "narrative")
    return label


def looser(old: Label, new: Label, vocabulary: Vocabulary) -> bool:
    """Whether the new label is less strict in anything: such a change needs `release`."""
    levels = vocabulary.words("sensitivity")
    fewer = not old.subjects - {"none"} <= new.subjects
    lower = levels.index(new.sensitivity) < levels.index(old.sensitivity)
    dropped = any(getattr(old, flag) and not getattr(new, flag) for flag in FLAGS)
    return fewer or lower or dropped or (old.handling != new.handling and new.handling == "none")
