"""JSON Schemas of the files of a world, and the check that names file, line, field and rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from accord.kernel.vocabulary import Vocabulary

NAMES = ("world", "agencies", "members", "cases", "statements", "expertise", "exhibits", "record")


@cache
def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file."""
    text = files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def validator(name: str, vocabulary: int) -> Any:
    """A validator that also knows `x-vocabulary`: a word of that dimension."""
    words = Vocabulary.load(vocabulary)

    def is_a_word(_: Any, dimension: str, value: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and value not in words.words(dimension):
            known = ", ".join(words.words(dimension))
            yield ValidationError(f"{value!r} is not a word for {dimension}; the words are {known}")

    kind: Any = extend(  # type: ignore[no-untyped-call]  # jsonschema types it not
        Draft202012Validator, {"x-vocabulary": is_a_word}
    )
    return kind(schema(name))


def faults(name: str, vocabulary: int, data: Any) -> list[tuple[tuple[str | int, ...], str]]:
    """Where in the data which rule is broken, in the order of the data."""
    found = validator(name, vocabulary).iter_errors(data)
    return sorted(
        ((_place(error), plain_rule(error)) for error in found),
        key=lambda fault: [str(step) for step in fault[0]],
    )


def _place(error: ValidationError) -> tuple[str | int, ...]:
    """Where the fault is; of an unknown key, the key itself."""
    place = tuple(error.absolute_path)
    extra = unknown_keys(error) if error.validator == "additionalProperties" else []
    return (*place, *extra[:1])


def unknown_keys(error: ValidationError) -> list[str]:
    part: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    given: Any = error.instance
    return [name for name in given if name not in part.get("properties", {})]


def plain_rule(error: ValidationError) -> str:
    """The rule in words; patterns are told by the description of the field."""
    part: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    asked: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "required":
            missing = [name for name in asked if name not in given]
            return f"lacks {', '.join(missing)}"
        case "additionalProperties":
            known = part.get("properties", {})
            extra = unknown_keys(error)
            return f"does not know {', '.join(extra)}; it knows {', '.join(known)}"
        case "pattern":
            return f"{given!r} does not fit. {part.get('description', '')}".rstrip()
        case "type":
            kinds = asked if isinstance(asked, str) else " or ".join(asked)
            return f"must be of type {kinds}. {part.get('description', '')}".rstrip()
        case "enum":
            return f"{given!r} is none of {', '.join(map(str, asked))}"
        case _:
            return error.message
