"""Reads the small YAML files that practitioners write, keeping the line of every key.

Every scalar stays a string, so `NO` is Norway and not false, and `0101` keeps its zero.
Anchors, tags and repeated keys are refused: a file means what its reader sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase, thousands

YamlPath = tuple[str | int, ...]
MAX_CHARS = 1_000_000


@dataclass(frozen=True)
class YamlFile:
    """One parsed file: its data, and the line where each place in it begins."""

    file: str
    data: object
    lines: Mapping[YamlPath, int]

    def line(self, *path: str | int) -> int | None:
        """The line of a place, or of the nearest place that encloses it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def fault(self, path: YamlPath, rule: str) -> InvalidInput:
        """The error that names this file, the line of the place, the place and the rule."""
        return InvalidInput(self.file, self.line(*path), ".".join(map(str, path)), rule)


def parse_yaml(text: str, file: str) -> YamlFile:
    """Parses one document; a fault is an InvalidInput with file and line."""
    if len(text) > MAX_CHARS:
        raise InvalidInput(
            file,
            None,
            "",
            phrase(
                "the file is longer than %(max_chars)s characters", max_chars=thousands(MAX_CHARS)
            ),
        )
    try:
        _refuse_anchors(text, file)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise InvalidInput(
            file, line, "", phrase("not YAML: %(problem)s", problem=error.problem)
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidInput(file, None, "", phrase("not YAML: %(error)s", error=error)) from None
    if node is None:
        raise InvalidInput(file, None, "", phrase("the file is empty"))
    lines: dict[YamlPath, int] = {}
    data = _build(node, (), lines, file)
    return YamlFile(file, data, lines)


def _refuse_anchors(text: str, file: str) -> None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidInput(file, line, "", phrase("anchors and aliases are not allowed"))
        if getattr(event, "tag", None):
            raise InvalidInput(file, line, "", phrase("tags are not allowed"))


def _build(node: yaml.Node, path: YamlPath, lines: dict[YamlPath, int], file: str) -> object:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, i), lines, file) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.MappingNode)
    return _build_mapping(node, path, lines, file)


def _build_mapping(
    node: yaml.MappingNode, path: YamlPath, lines: dict[YamlPath, int], file: str
) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise InvalidInput(
                file, line, ".".join(map(str, path)), phrase("a key is a plain word")
            )
        key = str(key_node.value)
        if key in result:
            raise InvalidInput(
                file, line, ".".join(map(str, (*path, key))), phrase("the key is repeated")
            )
        lines[(*path, key)] = line
        result[key] = _build(value_node, (*path, key), lines, file)
    return result
