"""Reads and checks a mapping file; a fault names file, line, field and rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from zoneinfo import ZoneInfo

import phonenumbers

from accord.kernel.labels import FLAGS
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.records.intake.mapping import Chosen, Column, Join, LabelMapping, Mapped, Source
from accord.records.labelling import STATED
from accord.records.ontology import Ontology
from accord.records.yamlfile import YamlFile, YamlPath, parse_yaml

REQUIRED = ("schema", "source_system", "source_ref", "label", "columns")
OPTIONAL = frozenset(
    {"part_labels", "join", "ignore", "missing", "grading", "assertion", "occurred_at", "name"}
    | {
        "retain_until",
        "basis_of_suspicion",
        "cases",
        "delimiter",
        "encoding",
        "description",
        "sheet",
    }
)
COLUMN_KEYS = frozenset({"to", "date", "zone", "region", "codes", "split"})
SOURCE_KEYS = frozenset({"column", "date", "zone", "split"})
DIMENSION = {"subjects": "subject"}


def parse_mapping(text: str, *, file: str, ontology: Ontology, vocabulary: Vocabulary) -> Mapped:
    """The mapping in a YAML text."""
    return _Reader(parse_yaml(text, file), ontology, vocabulary).mapped()


class _Reader:
    """Walks one file; every method answers checked values or raises with the line."""

    def __init__(self, yaml: YamlFile, ontology: Ontology, vocabulary: Vocabulary) -> None:
        self._yaml = yaml
        self._ontology = ontology
        self._vocabulary = vocabulary

    def mapped(self) -> Mapped:
        data = self._keys((), frozenset(REQUIRED) | OPTIONAL)
        for key in REQUIRED:
            if key not in data:
                raise self._yaml.fault((key,), phrase("is missing"))
        name = self._word(("schema",))
        if name not in self._ontology:
            known = ", ".join(self._ontology.names)
            raise self._yaml.fault(
                ("schema",),
                phrase(
                    "there is no schema %(name)s; schemata are %(known)s",
                    name=f"{name!r}",
                    known=known,
                ),
            )
        self._schema = self._ontology.schema(name)
        return Mapped(
            file=self._yaml.file,
            schema=self._schema,
            source_system=self._word(("source_system",)),
            source_ref=self._words(("source_ref",)),
            label=self._label(("label",)),
            part_labels=self._part_labels(),
            columns=tuple(self._column(name) for name in self._keys(("columns",), None)),
            joins=self._joins(),
            ignore=frozenset(self._words(("ignore",)) if "ignore" in data else ()),
            missing=frozenset({"", *(self._words(("missing",)) if "missing" in data else ())}),
            grading=self._grading(),
            assertion=self._source("assertion"),
            occurred_at=self._source("occurred_at"),
            retain_until=self._source("retain_until"),
            basis_of_suspicion=self._source("basis_of_suspicion"),
            cases=self._source("cases"),
            delimiter=self._optional(("delimiter",)),
            encoding=self._optional(("encoding",)),
            sheet=self._optional(("sheet",)),
        )

    def _at(self, path: YamlPath) -> object:
        value = self._yaml.data
        for step in path:
            value = cast("dict[str | int, object]", value)[step]
        return value

    def _has(self, path: YamlPath) -> bool:
        parent = self._at(path[:-1])
        return isinstance(parent, dict) and path[-1] in parent

    def _keys(self, path: YamlPath, allowed: frozenset[str] | None) -> Mapping[str, object]:
        value = self._at(path)
        if not isinstance(value, dict):
            raise self._yaml.fault(path, phrase("is a list of `key: value` lines"))
        for key in value:
            if allowed is not None and key not in allowed:
                rule = f"there is no key {key!r} here; keys are {', '.join(sorted(allowed))}"
                raise self._yaml.fault((*path, key), rule)
        return value

    def _word(self, path: YamlPath) -> str:
        value = self._at(path)
        if not isinstance(value, str) or not value:
            raise self._yaml.fault(path, phrase("is a word"))
        return value

    def _optional(self, path: YamlPath) -> str | None:
        return self._word(path) if self._has(path) else None

    def _words(self, path: YamlPath) -> tuple[str, ...]:
        """One word, or a list of words."""
        value = self._at(path)
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words) or not words:
            raise self._yaml.fault(path, phrase("is a word or a list of words"))
        return tuple(words)

    def _column(self, column: str) -> Column:
        path: YamlPath = ("columns", column)
        if isinstance(self._at(path), str):
            return Column(column, self._property(path))
        self._keys(path, COLUMN_KEYS)
        if not self._has((*path, "to")):
            raise self._yaml.fault(path, phrase("names no property (`to`)"))
        to = self._property((*path, "to"))
        type_ = self._schema.properties[to].type
        for key, wanted in (("date", "date"), ("zone", "date"), ("region", "phone")):
            if self._has((*path, key)) and type_ != wanted:
                raise self._yaml.fault(
                    (*path, key),
                    phrase("%(to)s is not a property of type %(wanted)s", to=to, wanted=wanted),
                )
        return Column(
            column,
            to,
            date=self._date_form((*path, "date")),
            zone=self._zone((*path, "zone")),
            region=self._region((*path, "region")),
            codes=self._codes((*path, "codes")),
            split=self._optional((*path, "split")),
        )

    def _property(self, path: YamlPath) -> str:
        name = self._word(path)
        if name not in self._schema.properties:
            rule = f"{self._schema.name} has no property {name!r}"
            raise self._yaml.fault(path, rule)
        return name

    def _date_form(self, path: YamlPath) -> str | None:
        form = self._optional(path)
        if form is not None and "%Y" not in form:
            rule = "a date form has %Y: two digits do not say which century"
            raise self._yaml.fault(path, rule)
        return form

    def _zone(self, path: YamlPath) -> ZoneInfo | None:
        name = self._optional(path)
        if name is None:
            return None
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise self._yaml.fault(
                path, phrase("there is no time zone %(name)s", name=f"{name!r}")
            ) from None

    def _region(self, path: YamlPath) -> str | None:
        region = self._optional(path)
        if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
            raise self._yaml.fault(path, phrase("is a two-letter country code, such as US"))
        return region

    def _codes(self, path: YamlPath) -> Mapping[str, str] | None:
        if not self._has(path):
            return None
        return {code: self._word((*path, code)) for code in self._keys(path, None)}

    def _joins(self) -> tuple[Join, ...]:
        if not self._has(("join",)):
            return ()
        entries = self._at(("join",))
        if not isinstance(entries, list):
            raise self._yaml.fault(("join",), "is a list of {to, columns, separator}")
        return tuple(self._join(("join", i)) for i in range(len(entries)))

    def _join(self, path: YamlPath) -> Join:
        data = self._keys(path, frozenset({"to", "columns", "separator"}))
        for key in ("to", "columns"):
            if key not in data:
                raise self._yaml.fault(path, phrase("names no `%(key)s`", key=key))
        separator = self._at((*path, "separator")) if "separator" in data else " "
        columns = self._words((*path, "columns"))
        return Join(columns, self._property((*path, "to")), str(separator))

    def _part_labels(self) -> Mapping[str, LabelMapping]:
        if not self._has(("part_labels",)):
            return {}
        parts = self._keys(("part_labels",), frozenset(self._schema.parts))
        return {part: self._label(("part_labels", part)) for part in parts}

    def _label(self, path: YamlPath) -> LabelMapping:
        return {name: self._stated(path, name) for name in self._keys(path, STATED)}

    def _stated(self, path: YamlPath, name: str) -> object:
        place = (*path, name)
        if not isinstance(self._at(place), dict):
            return self._attribute(place, name)
        data = self._keys(place, frozenset({"column", "codes"}))
        if set(data) != {"column", "codes"}:
            raise self._yaml.fault(place, phrase("an attribute by column has `column` and `codes`"))
        codes = self._keys((*place, "codes"), None)
        chosen = {code: self._attribute((*place, "codes", code), name) for code in codes}
        return Chosen(self._word((*place, "column")), chosen)

    def _attribute(self, path: YamlPath, name: str) -> object:
        if name in FLAGS:
            if self._at(path) not in ("true", "false"):
                raise self._yaml.fault(path, phrase("is true or false"))
            return self._at(path) == "true"
        words = self._words(path)
        try:
            for word in words:
                self._vocabulary.check(DIMENSION.get(name, name), word, name)
        except VocabularyError as error:
            raise self._yaml.fault(path, error.message) from None
        if name == "subjects":
            return words
        if len(words) != 1:
            raise self._yaml.fault(path, phrase("is one word"))
        return words[0]

    def _source(self, key: str) -> Source:
        return self._source_at((key,)) if self._has((key,)) else Source()

    def _source_at(self, path: YamlPath) -> Source:
        if not isinstance(self._at(path), dict):
            return Source(constant=",".join(self._words(path)))
        self._keys(path, SOURCE_KEYS)
        if not self._has((*path, "column")):
            raise self._yaml.fault(path, phrase("names no `column`"))
        return Source(
            column=self._word((*path, "column")),
            date=self._date_form((*path, "date")),
            zone=self._zone((*path, "zone")),
            split=self._optional((*path, "split")),
        )

    def _grading(self) -> Mapping[str, Source]:
        if not self._has(("grading",)):
            return {}
        keys = self._keys(("grading",), frozenset({"scheme", "source", "information"}))
        if len(keys) != 3:
            raise self._yaml.fault(("grading",), phrase("has scheme, source and information"))
        return {key: self._source_at(("grading", key)) for key in keys}
