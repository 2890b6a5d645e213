"""The OpenAPI document says, for every operation, all that a stranger needs."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from accord.agreements.entry import API_CONTEXT
from accord.api.document import PROBLEMS, document, entry_of, example, operations
from accord.api.problems import PROBLEM

WRITTEN: dict[str, Any] = json.loads(json.dumps(document()))
OPERATIONS = [(path, method) for path, method, _ in operations()]
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
    expected = set(PROBLEMS) - ({401, 403} if (path, method) in PUBLIC else set())
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
        if isinstance(media.get("example"), dict) and "items" in media["example"]:
            names = {p["name"] for p in described["parameters"]}
            assert {"after", "limit"} <= names, path
        assert not isinstance(media.get("example"), list), f"{path} gives a bare list"
