"""The OpenAPI document, completed with what every operation shares.

An operation's own file says what is special to it. From how it is entered follow the headers of the
working context; from being an operation at all follow the problems it can answer with. Examples are
put together from those of the fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja.operation import Operation

from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.entry import API_CONTEXT
from accord.api.problems import PROBLEM, TITLES
from accord.api.root import api
from accord.kernel.vocabulary import Vocabulary
from accord.platform.http import public
from accord.platform.rest import Problem

PREFIX = "/api/v1"
OWN_DESK = "own desk: "
PROBLEMS = {
    400: "What was sent does not have the documented form, or breaks a rule that is named",
    401: "No token, or one that is not in force",
    403: "A rule or clause refuses it to somebody who may know that it exists",
    404: "Absent, or not open to you: both look the same",
    409: "It changed since it was read, or its state does not admit this step",
    429: "Asked too often; `Retry-After` says when to ask again",
    500: "Accord failed; quote the reference",
}
_FORMATS = {
    "uuid": "01985c4e-7a00-7000-8000-000000000001",
    "date-time": "2026-11-16T15:00:00Z",
    "date": "2026-11-16",
    "binary": "(a file)",
}
_LATER = "2027-02-15T12:00:00Z"
"""The end of something that somebody grants or finds: a moment that has not passed."""
_REF = "#/components/schemas/"


class NoExample(LookupError):
    """A field has neither an example nor a form from which one follows."""


@public("says how to ask, and nothing of what is held")
def openapi(request: HttpRequest) -> JsonResponse:
    """Serve the document."""
    del request  # Django's signature
    return JsonResponse(document())


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the whole API."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))
    schemas = found["components"]["schemas"]
    _add_problem_schema(schemas)
    for path, method, operation in operations():
        described = found["paths"][path][method]
        _set_right(described.get("parameters", []))
        if entry_of(operation) == API_CONTEXT:
            described.setdefault("parameters", []).extend(_context_headers())
        elif fixed := fixed_purpose(operation):
            described["x-accord-purpose"] = fixed
        described["operationId"] = _operation_id(described["tags"][0], operation)
        _add_problems(described, operation)
        _add_examples(described, schemas)
    _add_links(found)
    return found


def operations() -> Iterator[tuple[str, str, Operation]]:
    """Every operation with its path in the document and its method in small letters."""
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield _full(path), method.lower(), operation


def _operation_id(tag: str, operation: Operation) -> str:
    """A short name for programs: the tag and what the operation is called in the code."""
    return f"{tag.replace(' ', '_').replace('-', '_')}_{operation.view_func.__name__}"


# operation that makes something: the operations that take its id, and as which parameter
_LINKS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "records_contribute_record": (
        ("records_one_record", "record_id"),
        ("records_revisions", "record_id"),
        ("agreements_who_can_see", "record_id"),
        ("obligations_take_copy", "record_id"),
    ),
    "intake_contribute_record": (
        ("records_one_record", "record_id"),
        ("records_revisions", "record_id"),
    ),
    "intake_send_file": (
        ("intake_one_run", "run_id"),
        ("intake_quarantine", "run_id"),
        ("intake_cancel", "run_id"),
    ),
    "requests_ask": (("requests_one_request", "request_id"), ("requests_withdraw", "request_id")),
    "expertise_propose": (
        ("expertise_attest", "expertise_id"),
        ("expertise_withdraw", "expertise_id"),
        ("expertise_set_named", "expertise_id"),
    ),
    "statements_give_consent": (("statements_one_statement", "statement_id"),),
    "statements_declare": (("statements_one_statement", "statement_id"),),
    "agreements_begin": (("agreements_one_draft", "draft_id"), ("agreements_edit", "draft_id")),
    "webhooks_set_up": (
        ("webhooks_one", "webhook"),
        ("webhooks_pause", "webhook"),
        ("webhooks_resume", "webhook"),
        ("webhooks_secret", "webhook"),
        ("webhooks_messages", "webhook"),
        ("webhooks_remove", "webhook"),
    ),
    "cases_open_case": (("cases_get_case", "number"), ("cases_close", "number")),
}


def _add_links(found: dict[str, Any]) -> None:
    """Say where an answer's id leads (OpenAPI links), for people and for tests that follow them."""
    described = {o["operationId"]: o for ms in found["paths"].values() for o in ms.values()}
    for made, following in _LINKS.items():
        if made not in described:
            continue
        good = next(r for s, r in described[made]["responses"].items() if int(s) < 300)
        good["links"] = {
            target: {
                "operationId": target,
                "parameters": {name: f"$response.body#/{'number' if name == 'number' else 'id'}"},
            }
            for target, name in following
            if target in described
        }


def _full(path: str) -> str:
    """The path as the document writes it: `{uuid:x}` is `{x}`."""
    words = [
        "{" + word.partition(":")[2] if word.startswith("{") and ":" in word else word
        for word in path.split("/")
    ]
    return f"{PREFIX}/" + "/".join(words).lstrip("/")


def entry_of(operation: Operation) -> str | None:
    """How an operation is entered; None when it says nothing."""
    if not operation.auth_callbacks:
        return "public"
    entry: str | None = getattr(operation.view_func, "accord_entry", None)
    return entry


def _set_right(parameters: list[dict[str, Any]]) -> None:
    """A parameter's `examples` is an object in OpenAPI 3.1; ninja writes a schema's list there."""
    for parameter in parameters:
        given = parameter.pop("examples", [None])[0]
        if given is not None:
            parameter["example"] = given


def fixed_purpose(operation: Operation) -> str | None:
    """The purpose of an operation of the member's own office, which takes no header for it."""
    entry = entry_of(operation) or ""
    return entry.removeprefix(OWN_DESK) if entry.startswith(OWN_DESK) else None


def _context_headers() -> list[dict[str, Any]]:
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    headers = (
        ("Accord-Purpose", True, vocabulary.words("purpose"), "Why you ask."),
        ("Accord-Basis", False, vocabulary.words("legal_basis"), "On what legal basis."),
        ("Accord-Case", False, (), "The number of the case in which you ask."),
    )
    return [
        {
            "in": "header",
            "name": name,
            "required": required,
            "description": description,
            "schema": {"type": "string"} | ({"enum": list(words)} if words else {}),
            "example": words[0] if words else "HT-2026-014",
        }
        for name, required, words, description in headers
    ]


def _add_problem_schema(schemas: dict[str, Any]) -> None:
    facts = Problem.model_json_schema(ref_template=_REF + "{model}")
    schemas.update(facts.pop("$defs", {}))
    schemas["Problem"] = facts


def _add_problems(described: dict[str, Any], operation: Operation) -> None:
    for status, text in PROBLEMS.items():
        if not operation.auth_callbacks and status in (401, 403, 429):
            continue
        said = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": text}
        content = {"schema": {"$ref": f"{_REF}Problem"}, "example": said}
        described["responses"][status] = {"description": text, "content": {PROBLEM: content}}


def _add_examples(described: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    bodies = [described.get("requestBody", {})]
    bodies += [r for status, r in described["responses"].items() if int(status) < 400]
    for body in bodies:
        for media in body.get("content", {}).values():
            if "example" not in media and "examples" not in media:
                # A document without one example is worth more than none; a test demands them all.
                with suppress(NoExample):
                    media["example"] = example(media["schema"], schemas)


def example(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """One value of a schema; raises NoExample where the schema says too little."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].removeprefix(_REF)], schemas)
    for word in ("example", "const", "default"):
        if schema.get(word) is not None:
            return schema[word]
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    for word in ("anyOf", "oneOf", "allOf"):
        if schema.get(word):
            return _of_any(schema[word], schemas)
    return _by_type(schema, schemas)


def _of_any(options: Sequence[Mapping[str, Any]], schemas: Mapping[str, Any]) -> Any:
    """The first of several forms of which there is an example; an optional field may be null."""
    for option in options:
        try:
            return example(option, schemas)
        except NoExample as error:
            last = error
    raise last


def _by_type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        return {
            name: _of_field(name, field, schemas) for name, field in schema["properties"].items()
        }
    if kind == "object":
        return {}
    if kind == "array":
        return [example(schema["items"], schemas)]
    if kind == "boolean":
        return False
    if kind == "null":
        return None
    if kind == "integer":
        return schema.get("minimum", 1)
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    raise NoExample(schema.get("title", ""))


def _of_field(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    if name == "until" and not schema.get("examples"):
        return _LATER
    try:
        return example(schema, schemas)
    except NoExample as error:
        raise NoExample(f"{name}.{error}") from error
