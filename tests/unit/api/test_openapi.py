"""The OpenAPI document says, for every operation, all that a stranger needs."""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel

from accord.agreements.entry import API_CONTEXT
from accord.api.document import PROBLEMS, document, entry_of, example, operations
from accord.api.problems import PROBLEM

WRITTEN: dict[str, Any] = json.loads(json.dumps(document()))
OPERATIONS = [(path, method) for path, method, _ in operations()]
SHAPES = {"Schema", "StrEnum"}
PUBLIC = {("/api/v1/ledger/checkpoint", "get")}


def _described(path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = WRITTEN["paths"][path][method]
    return found


def _bodies(described: dict[str, Any]) -> list[dict[str, Any]]:
    good = [r for status, r in described["responses"].items() if int(status) < 400]
    content = [described.get("requestBody", {}), *good]
    return [media for body in content for media in body.get("content", {}).values()]


def test_document_is_valid_openapi() -> None:
    validate(WRITTEN)


def test_every_operation_is_in_the_document_and_no_other() -> None:
    written = [(path, method) for path, methods in WRITTEN["paths"].items() for method in methods]
    assert sorted(written) == sorted(OPERATIONS)
    assert len(OPERATIONS) > 30


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_operation_says_what_it_does(path: str, method: str) -> None:
    described = _described(path, method)
    assert described["summary"]
    assert len(described["description"]) > 20
    assert described["tags"]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_operation_asks_for_a_token_or_is_declared_public(path: str, method: str) -> None:
    secured = _described(path, method).get("security") == [{"MemberToken": []}]
    assert secured is ((path, method) not in PUBLIC)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_operation_names_every_problem(path: str, method: str) -> None:
    responses = _described(path, method)["responses"]
    expected = set(PROBLEMS) - ({401, 403, 429} if (path, method) in PUBLIC else set())
    for status in expected:
        assert responses[str(status)]["content"][PROBLEM]["example"]["status"] == status


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_examples_fit_their_schemas(path: str, method: str) -> None:
    for media in _bodies(_described(path, method)):
        schema = media.get("schema", {}) | {"components": WRITTEN["components"]}
        jsonschema.Draft202012Validator(schema).validate(media["example"])


def test_every_operation_declares_how_it_is_entered() -> None:
    undeclared = [
        f"{method} {path}" for path, method, operation in operations() if not entry_of(operation)
    ]
    assert undeclared == []


def test_operations_in_a_working_context_take_its_headers() -> None:
    for path, method, operation in operations():
        names = {p["name"] for p in _described(path, method).get("parameters", ())}
        assert ("Accord-Purpose" in names) is (entry_of(operation) == API_CONTEXT), path


def test_a_field_without_an_example_is_noticed() -> None:
    with pytest.raises(LookupError, match="name"):
        example({"type": "object", "properties": {"name": {"type": "string"}}}, {})


def test_every_list_gives_pages() -> None:
    for path, method, _ in operations():
        described = _described(path, method)
        media = described["responses"].get("200", {}).get("content", {}).get("application/json", {})
        example = media.get("example")
        if isinstance(example, dict) and isinstance(example.get("items"), list):
            names = {p["name"] for p in described["parameters"]}
            assert {"after", "limit"} <= names, path
        assert not isinstance(media.get("example"), list), f"{path} gives a bare list"


def test_no_two_forms_share_a_name() -> None:
    """In the document the later one would stand for both, and one of them would be a lie."""
    named: dict[str, type] = {}
    for path, _, operation in operations():
        wanted: list[Any] = [m for m in operation.response_models.values() if m is not None]
        for form in _forms([*wanted, *operation.models]):
            known = named.setdefault(form.__name__, form)
            assert known is form, f"{path}: {known} and {form}"
    assert len(named) > 60


def _forms(annotations: list[Any]) -> set[type]:
    found: set[type] = set()
    while annotations:
        one = annotations.pop()
        annotations += get_args(one)
        if isinstance(one, type) and issubclass(one, Enum):
            found.add(one)
        elif isinstance(one, type) and issubclass(one, BaseModel) and one not in found:
            found.add(one)
            annotations += [f.annotation for f in one.model_fields.values()]
    internal = ("NinjaResponseSchema", "PathParams", "QueryParams", "BodyParams", "FormParams",
                "FileParams", "HeaderParams")  # fmt: skip
    return {form for form in found if form.__name__ not in internal}


def test_two_shapes_never_share_a_name_in_the_document() -> None:
    """The document keeps one of them, and the answers of the other no longer fit it."""
    places: dict[str, set[str]] = defaultdict(set)
    for path in (Path(__file__).parents[3] / "src" / "accord").rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and SHAPES & {
                getattr(b, "id", "") for b in node.bases
            }:
                places[node.name].add(str(path))
    named = document()["components"]["schemas"]
    assert not {name: found for name, found in places.items() if name in named and len(found) > 1}
    assert len(places.keys() & named.keys()) > 50
