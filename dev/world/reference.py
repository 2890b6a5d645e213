"""Writes docs/reference/world.md from the JSON Schemas: ``python dev/world/reference.py``.

A test compares the page with what this writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accord.cli.world.schema import NAMES, schema
from accord.kernel.vocabulary import NEWEST, Vocabulary

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "world.md"
HEAD = """# The files of a world

<!-- Written by dev/world/reference.py from src/accord/cli/world/schema; do not edit. -->

A world is a folder: `world.yaml`, `agencies.yaml`, `members.yaml`, `cases.yaml`,
`statements.yaml`, `expertise.yaml` and `exhibits.yaml` with the folder `exhibits` (may be left out),
`agreements/*.yaml` (the format of agreements), `agreements/amendments/*.yaml` (loaded, not
signed), `records/*.jsonl`, `imports/` (files to try intake on), `answer_key.json` (what is true)
and `calibration/*.json` (what the generator draws from). `accord world check WORLD` checks it;
every fault names file, line, field and rule. [How to make one](../how-to/make-a-world.md).
"""


def page() -> str:
    return HEAD + "".join(_file(schema(name)) for name in NAMES) + _words()


def _file(body: dict[str, Any]) -> str:
    rows = "".join(f"| {' | '.join(row)} |\n" for row in _rows(body, body, ""))
    table = f"| field | needed | what | values |\n| --- | --- | --- | --- |\n{rows}"
    return f"\n## {body['title']}\n\n{body['description']}\n\n{table}"


def _rows(body: dict[str, Any], root: dict[str, Any], prefix: str) -> Iterator[tuple[str, ...]]:
    body = _resolved(body, root)
    needed = body.get("required", [])
    for name, field in body.get("properties", {}).items():
        field = _listed(_resolved(field, root))
        array = field.get("type") == "array"
        inner = _resolved(field["items"], root) if array else _inner(field, root)
        path = f"{prefix}{name}{'[]' if array else ''}"
        says = field.get("description", "")
        yield f"`{path}`", "yes" if name in needed else "", says, _values(inner)
        if name not in ("parts", "part_labels"):
            yield from _rows(inner, root, f"{path}.")
        else:
            kinds = ", ".join(f"`{kind}`" for kind in field["properties"])
            yield f"`{path}.<part>`", "", f"One of {kinds}.", ""


def _listed(field: dict[str, Any]) -> dict[str, Any]:
    """Of a field that may be words or a list, the list."""
    lists = [option for option in field.get("oneOf", ()) if option.get("type") == "array"]
    return {**field, **lists[0]} if lists else field


def _inner(field: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    for option in field.get("oneOf", ()):
        if option.get("type") == "object":
            return _resolved(option, root)
    return field


def _resolved(body: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in body:
        return body
    target = root["$defs"][body["$ref"].rsplit("/", 1)[1]]
    return {**_resolved(target, root), **{k: v for k, v in body.items() if k != "$ref"}}


def _values(field: dict[str, Any]) -> str:
    if "x-vocabulary" in field:
        return f"[{field['x-vocabulary']}](#words)"
    if "enum" in field:
        return ", ".join(f"`{word}`" for word in field["enum"])
    if "pattern" in field:
        return f"`{field['pattern'].replace('|', '&#124;')}`"
    kind = field.get("type", "")
    text = kind if isinstance(kind, str) else " or ".join(kind)
    return "" if text in ("object", "array") else text


def _words() -> str:
    vocabulary = Vocabulary.load(NEWEST)
    used = sorted({word for name in NAMES for word in _dimensions(schema(name))})
    lines = [f"- **{name}**: {', '.join(vocabulary.words(name))}\n" for name in used]
    version = (
        f"Of vocabulary version {vocabulary.version}, which begins with the words of version 1."
    )
    return f"\n## Words\n\n{version}\n\n{''.join(lines)}"


def _dimensions(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        if "x-vocabulary" in body:
            yield body["x-vocabulary"]
        for value in body.values():
            yield from _dimensions(value)
    elif isinstance(body, list):
        for value in body:
            yield from _dimensions(value)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
