"""A YAML document as nodes that know their lines; the part of YAML that a lawyer needs.

Refused: more than one document, anchors and aliases (a few lines can stand for gigabytes), tags,
a key written twice (YAML readers differ on which one counts), deep nesting and great length.
Values are taken as they are written, so 4.10 is never read as 4.1, nor NO as false.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

import yaml

from accord.kernel.errors import InvalidInput, raise_all
from accord.kernel.phrases import phrase, thousands

MAX_CHARACTERS = 1_048_576
MAX_DEPTH = 12
_HINTS = {
    "mapping values are not allowed here": "; a text with a colon in it must be in quotes",
}
_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: some ten times quicker, with scantier messages."""
_PREFIX = "tag:yaml.org,2002:"


@dataclass
class Place:
    """Where in the document something stands, for whoever must correct it."""

    file: str
    where: tuple[str, ...] = ()

    def at(self, *names: str) -> Place:
        return Place(self.file, self.where + names)

    def refuse(self, node: yaml.Node, rule: str) -> NoReturn:
        raise self.fault(node, rule)

    def fault(self, node: yaml.Node, rule: str) -> InvalidInput:
        mark = node.start_mark
        line = None if mark is None else mark.line + 1
        return InvalidInput(self.file, line, ": ".join(self.where), rule)


@dataclass
class Faults:
    """Collects what is wrong, so that one reading names every fault."""

    found: list[InvalidInput] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, InvalidInput):
            self.found.extend(error.faults)
            return True
        return False

    def raise_any(self) -> None:
        raise_all(sorted(self.found, key=lambda f: f.line or 0))


def compose(text: str, file: str) -> yaml.Node:
    """The root node of the one document in a text."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(
            file,
            None,
            "",
            phrase(
                "longer than %(max_characters)s characters",
                max_characters=thousands(MAX_CHARACTERS),
            ),
        )
    try:
        node = _composed(text, file, _QUICK)
    except yaml.YAMLError as error:
        raise _refusal(text, file, error) from None
    if node is None:
        raise InvalidInput(file, 1, "", phrase("the document is empty"))
    return node


def _composed(text: str, file: str, loader: Any) -> yaml.Node | None:
    _check_events(text, file, loader)
    return yaml.compose(text, Loader=loader)


def _refusal(text: str, file: str, error: yaml.YAMLError) -> InvalidInput:
    """Why a text is refused, in the words of the reader that says it more plainly."""
    try:
        _composed(text, file, yaml.SafeLoader)
    except yaml.YAMLError as plainer:
        error = plainer
    except InvalidInput as refusal:
        return refusal
    if isinstance(error, yaml.reader.ReaderError):
        before = text.count("\n", 0, error.position)
        return InvalidInput(file, before + 1, "", phrase("a character that YAML does not admit"))
    problem = str(getattr(error, "problem", error))
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = None if mark is None else mark.line + 1
    return InvalidInput(
        file,
        line,
        "",
        phrase("not YAML: %(problem)s%(hints)s", problem=problem, hints=_HINTS.get(problem, "")),
    )


def _check_events(text: str, file: str, loader: Any) -> None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise InvalidInput(file, line, "", phrase("a second document: one agreement a file"))
        if getattr(event, "anchor", None) is not None:
            raise InvalidInput(file, line, "", phrase("an anchor or alias (& or *): write it out"))
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise InvalidInput(
                file, line, "", phrase("a tag (%(tag)s): write plain values", tag=tag)
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InvalidInput(
                file,
                line,
                "",
                phrase("nested deeper than %(max_depth)s levels", max_depth=MAX_DEPTH),
            )


def kind_of(node: yaml.Node) -> str:
    """What a node looks like to its reader."""
    kind = node.tag.removeprefix(_PREFIX)
    names = {
        "str": "text",
        "int": "a number",
        "float": "a number",
        "bool": "true or false",
        "null": "nothing",
        "timestamp": "a date",
        "seq": "a list",
        "map": "a mapping",
    }
    return names.get(kind, kind)


def mapping(
    node: yaml.Node,
    place: Place,
    allowed: tuple[str, ...],
    required: tuple[str, ...] = (),
) -> dict[str, yaml.Node]:
    """The entries of a mapping; refuses an unknown, repeated, absent or unquoted key."""
    if not isinstance(node, yaml.MappingNode):
        place.refuse(node, phrase("must be a mapping, not %(kind_of)s", kind_of=kind_of(node)))
    entries: dict[str, yaml.Node] = {}
    faults = Faults()
    for key, value in node.value:
        with faults:
            name = key.value if isinstance(key, yaml.ScalarNode) else kind_of(key)
            if name in entries:
                place.refuse(key, phrase("%(name)s is written twice", name=f"{name!r}"))
            if name not in allowed:
                place.refuse(
                    key,
                    phrase(
                        "unknown key %(name)s; known are %(allowed)s",
                        name=f"{name!r}",
                        allowed=", ".join(allowed),
                    ),
                )
            entries[name] = value
    with faults:
        absent = [name for name in required if name not in entries]
        if absent and not faults.found:  # a key that is misspelt is not also absent
            place.refuse(node, phrase("%(absent)s must be given", absent=" and ".join(absent)))
    faults.raise_any()
    return entries


def text(node: yaml.Node, place: Place, *, longest: int = 4000) -> str:
    """A text that is not empty; what YAML takes for another type must be quoted."""
    if not isinstance(node, yaml.ScalarNode):
        place.refuse(node, phrase("must be text, not %(kind_of)s", kind_of=kind_of(node)))
    if node.tag != _PREFIX + "str":
        place.refuse(
            node,
            phrase(
                'must be text, not %(kind_of)s; write "%(value)s" in quotes',
                kind_of=kind_of(node),
                value=node.value,
            ),
        )
    value = str(node.value).strip()
    if not value:
        place.refuse(node, phrase("is empty"))
    if len(value) > longest:
        place.refuse(node, phrase("longer than %(longest)s characters", longest=longest))
    return value


def pattern(node: yaml.Node, place: Place, shape: re.Pattern[str], rule: str) -> str:
    """A text of a given shape; the rule says the shape in words."""
    value = text(node, place)
    if not shape.fullmatch(value):
        place.refuse(node, phrase("%(value)s must be %(rule)s", value=f"{value!r}", rule=rule))
    return value


def integer(node: yaml.Node, place: Place) -> int:
    """A whole number in plain digits."""
    if not (isinstance(node, yaml.ScalarNode) and node.tag == _PREFIX + "int"):
        place.refuse(node, phrase("must be a whole number, not %(kind_of)s", kind_of=kind_of(node)))
    if not (node.value.isascii() and node.value.isdigit() and len(node.value) <= 9):
        place.refuse(
            node, phrase("must be a whole number in plain digits, not %(value)s", value=node.value)
        )
    return int(node.value)


def boolean(node: yaml.Node, place: Place) -> bool:
    """`true` or `false`, in these words."""
    if not (isinstance(node, yaml.ScalarNode) and node.value in ("true", "false")):
        place.refuse(node, phrase("must be true or false"))
    if node.tag != _PREFIX + "bool":
        place.refuse(node, phrase("must be true or false, without quotes"))
    return bool(node.value == "true")


def items(node: yaml.Node, place: Place) -> list[yaml.Node]:
    """The items of a list; a single value stands for a list of one. An empty list is refused."""
    if isinstance(node, yaml.SequenceNode):
        if not node.value:
            place.refuse(
                node, phrase("is an empty list: it would reach nothing; leave it out or fill it")
            )
        return list(node.value)
    return [node]
