"""The schemata of records, read from one short YAML file each; `ontology/README.md` has the format.

An agency's overlay folder adds properties, and lists of allowed values, to the common schemata.
It never moves a property to another part or changes its type: agreements were signed over those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import cast

from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.ontology_lint import schema_faults, type_conflicts
from accord.records.yamlfile import YamlFile, YamlPath, parse_yaml

FOLDER = Path(__file__).parent / "ontology"
SCHEMA_KEYS = frozenset(
    {
        "label",
        "plural",
        "description",
        "extends",
        "abstract",
        "caption",
        "required",
        "properties",
    }
)
OVERLAY_KEYS = frozenset({"properties", "required"})
PROPERTY_KEYS = frozenset({"label", "type", "part", "values"})


@dataclass(frozen=True)
class Property:
    """One field of a record: a list of strings of one type, in one part."""

    name: str
    label: str
    type: str
    part: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """One kind of thing that a record can be about."""

    name: str
    label: str
    plural: str
    description: str
    abstract: bool
    caption: tuple[str, ...]
    required: tuple[str, ...]
    properties: Mapping[str, Property]

    def in_part(self, part: str) -> tuple[Property, ...]:
        """The properties of one part, in the order of the file."""
        return tuple(p for p in self.properties.values() if p.part == part)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that a record of this schema can have."""
        return tuple(dict.fromkeys(p.part for p in self.properties.values()))

    def of_type(self, *types: str) -> tuple[Property, ...]:
        """The properties whose values have one of these types."""
        return tuple(p for p in self.properties.values() if p.type in types)


@dataclass(frozen=True)
class Ontology:
    """Every schema by name."""

    schemata: Mapping[str, Schema]

    def schema(self, name: str) -> Schema:
        """The schema of that name; an unknown or abstract one is a KeyError."""
        found = self.schemata[name]
        if found.abstract:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.schemata and not self.schemata[cast(str, name)].abstract

    @property
    def names(self) -> tuple[str, ...]:
        """The schemata that a record can have, in order."""
        return tuple(n for n, s in self.schemata.items() if not s.abstract)

    def properties_of_type(self, *types: str) -> frozenset[str]:
        """The names of the properties that have one of these types in any schema."""
        return frozenset(p.name for s in self.schemata.values() for p in s.of_type(*types))


@cache
def common_ontology() -> Ontology:
    """The schemata that every agency shares."""
    return load_ontology()


def load_ontology(folder: Path = FOLDER, overlays: Iterable[Path] = ()) -> Ontology:
    """Reads the schemata of a folder, then each overlay; every fault is reported, not the first."""
    files = _read_folder(folder)
    schemata = _inherit({name: _schema(name, file) for name, file in files.items()}, files)
    faults = list(_lint(schemata, files))
    for overlay in overlays:
        overlay_files = _read_folder(overlay)
        schemata = _overlay(schemata, overlay_files)
        faults += _lint(schemata, overlay_files)
    raise_all(faults)
    return Ontology(MappingProxyType(schemata))


def _read_folder(folder: Path) -> dict[str, YamlFile]:
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InvalidInput(str(folder), None, "", phrase("the folder has no schema file (*.yaml)"))
    return {p.stem: parse_yaml(p.read_text(encoding="utf-8"), str(p)) for p in paths}


def _schema(name: str, file: YamlFile) -> Schema:
    data = _mapping(file, (), SCHEMA_KEYS)
    return Schema(
        name=name,
        label=phrase(_text(file, ("label",))),
        plural=_text(file, ("plural",)),
        description=_text(file, ("description",)),
        abstract=_flag(file, "abstract"),
        caption=_words(file, ("caption",)) if "caption" in data else (),
        required=_words(file, ("required",)) if "required" in data else (),
        properties=_properties(file),
    )


def _properties(file: YamlFile) -> dict[str, Property]:
    data = _mapping(file, (), None)
    if "properties" not in data:
        return {}
    return {
        name: _property(file, name) for name in _mapping(file, ("properties",), None, at_least=1)
    }


def _property(file: YamlFile, name: str) -> Property:
    path = ("properties", name)
    data = _mapping(file, path, PROPERTY_KEYS)
    return Property(
        name=name,
        label=phrase(_text(file, (*path, "label"))),
        type=_text(file, (*path, "type")),
        part=_text(file, (*path, "part")),
        values=_words(file, (*path, "values")) if "values" in data else (),
    )


def _inherit(schemata: dict[str, Schema], files: dict[str, YamlFile]) -> dict[str, Schema]:
    result: dict[str, Schema] = {}
    for name, schema in schemata.items():
        parent_name = cast(dict[str, object], files[name].data).get("extends")
        if parent_name is None:
            result[name] = schema
            continue
        parent = schemata.get(str(parent_name))
        if parent is None or not parent.abstract:
            raise files[name].fault(
                ("extends",),
                phrase("%(parent_name)s is not an abstract schema", parent_name=f"{parent_name!r}"),
            )
        result[name] = replace(
            schema,
            caption=schema.caption or parent.caption,
            properties={**schema.properties, **_left(parent, schema)},
        )
    return result


def _left(parent: Schema, child: Schema) -> dict[str, Property]:
    return {n: p for n, p in parent.properties.items() if n not in child.properties}


def _overlay(schemata: dict[str, Schema], files: dict[str, YamlFile]) -> dict[str, Schema]:
    result = dict(schemata)
    for name, file in files.items():
        if name not in schemata:
            raise file.fault((), phrase("there is no schema %(name)s to add to", name=name))
        data = _mapping(file, (), OVERLAY_KEYS)
        added = _properties(file)
        base = schemata[name]
        for prop in added.values():
            _check_overlay(base, prop, file)
        required = _words(file, ("required",)) if "required" in data else ()
        result[name] = replace(
            base,
            properties={**base.properties, **added},
            required=tuple(dict.fromkeys((*base.required, *required))),
        )
    return result


def _check_overlay(base: Schema, prop: Property, file: YamlFile) -> None:
    old = base.properties.get(prop.name)
    if old is None:
        return
    place = ("properties", prop.name)
    if (old.type, old.part) != (prop.type, prop.part):
        rule = f"{prop.name} stays of type {old.type} in part {old.part}: agreements rest on it"
        raise file.fault(place, rule)
    if old.values and not set(prop.values) <= set(old.values):
        raise file.fault((*place, "values"), phrase("an overlay may only shorten the common list"))


def _lint(schemata: dict[str, Schema], files: dict[str, YamlFile]) -> Iterator[InvalidInput]:
    parts = Vocabulary.load(NEWEST).words("part")
    for name, file in files.items():
        for place, rule in schema_faults(schemata[name], parts):
            yield file.fault(place, rule)
    for name, (place, rule) in type_conflicts(schemata):
        if name in files:
            yield files[name].fault(place, rule)


def _at(file: YamlFile, path: YamlPath) -> object:
    value = file.data
    for step in path:
        if not isinstance(value, dict) or step not in value:
            raise file.fault(path, phrase("is missing"))
        value = value[step]
    return value


def _mapping(
    file: YamlFile, path: YamlPath, keys: frozenset[str] | None, at_least: int = 0
) -> dict[str, object]:
    value = _at(file, path)
    if not isinstance(value, dict) or len(value) < at_least:
        raise file.fault(path, phrase("is a list of `key: value` lines"))
    for key in value:
        if keys is not None and key not in keys:
            rule = f"there is no key {key!r} here; keys are {', '.join(sorted(keys))}"
            raise file.fault((*path, key), rule)
    return cast(dict[str, object], value)


def _text(file: YamlFile, path: YamlPath) -> str:
    value = _at(file, path)
    if not isinstance(value, str) or not value.strip():
        raise file.fault(path, phrase("is a word or a sentence"))
    return value


def _words(file: YamlFile, path: YamlPath) -> tuple[str, ...]:
    value = _at(file, path)
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise file.fault(path, phrase("is a list of words"))
    if len(set(value)) != len(value):
        raise file.fault(path, phrase("names a word twice"))
    return tuple(value)


def _flag(file: YamlFile, key: str) -> bool:
    value = _mapping(file, (), None).get(key, "false")
    if value not in ("true", "false"):
        raise file.fault((key,), phrase("is true or false"))
    return value == "true"
