"""Every door of the API is closed to whoever has no token or does not say why."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from accord.agreements.entry import API_CONTEXT
from accord.api.document import document, entry_of, fixed_purpose, operations
from accord.api.limits import start_afresh
from accord.kernel.vocabulary import NEWEST, Vocabulary

ALVAREZ = "riverbend-pd.m.alvarez"
NOBODYS = "01985c4e-7a00-7000-8000-0000000000ff"
Ask = Callable[..., Any]
OPERATIONS = [
    pytest.param(path.removeprefix("/api/v1"), method, entry_of(operation), id=f"{method} {path}")
    for path, method, operation in operations()
]
CLOSED = [p for p in OPERATIONS if p.values[2] != "public"]
CONTEXT = [p for p in OPERATIONS if p.values[2] == API_CONTEXT]


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", NOBODYS, path)


def _body(path: str, method: str) -> Any:
    """The documented example, so that nothing but the door can refuse."""
    described = document()["paths"][f"/api/v1{path}"][method]
    media = described.get("requestBody", {}).get("content", {})
    return media.get("application/json", {}).get("example")


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """More wrong tokens come from here than one address may send in a minute."""
    start_afresh()


@pytest.mark.parametrize(("path", "method", "entry"), CLOSED)
def test_refused_without_a_token(path: str, method: str, entry: str, ask: Ask) -> None:
    answer = ask(None, method, _filled(path), body=_body(path, method))
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("path", "method", "entry"), CLOSED)
def test_refused_with_a_token_of_nobody(path: str, method: str, entry: str, ask: Ask) -> None:
    answer = ask(None, method, _filled(path), Authorization="Bearer accord_nobody")
    assert answer.status_code == 401


@pytest.mark.parametrize(("path", "method", "entry"), CONTEXT)
def test_refused_without_a_purpose(path: str, method: str, entry: str, ask: Ask) -> None:
    query = "?q=danylchuk" if path.endswith("/search") else ""
    answer = ask(ALVAREZ, method, _filled(path) + query, purpose=None, body=_body(path, method))
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_every_operation_is_public_asks_for_a_purpose_or_has_one() -> None:
    purposes = Vocabulary.load(NEWEST).words("purpose")
    for path, method, operation in operations():
        fixed = fixed_purpose(operation)
        entry = entry_of(operation)
        assert entry in ("public", API_CONTEXT) or fixed in purposes, f"{method} {path}"


@pytest.mark.parametrize("path", ["/nothing", "/cases/", "/", "/records/not-an-id/x/y"])
def test_unknown_addresses_answer_like_closed_ones(path: str, ask: Ask) -> None:
    unknown = ask(ALVAREZ, "get", path)
    closed = ask(ALVAREZ, "get", f"/ledger/entries/{NOBODYS}")
    assert unknown.status_code == closed.status_code == 404
    assert unknown.content == closed.content
    assert unknown["Content-Type"] == closed["Content-Type"] == "application/problem+json"


def test_a_case_of_others_answers_like_no_case(ask: Ask) -> None:
    others = ask("safe-harbor.y.haddad", "get", "/cases/HT-2026-014")
    absent = ask("safe-harbor.y.haddad", "get", "/cases/HT-2099-001")
    assert (others.status_code, others.content) == (absent.status_code, absent.content)
    assert others.status_code == 404


def test_a_purpose_that_the_case_was_not_opened_for_is_no_context(ask: Ask) -> None:
    answer = ask(ALVAREZ, "get", "/me", purpose="drug-investigation", case="HT-2026-014")
    assert answer.status_code == 404


def test_a_wrong_method_is_a_problem(ask: Ask) -> None:
    answer = ask(ALVAREZ, "patch", "/me")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer["Allow"] == "GET"


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=nobody"])
def test_bad_paging_names_the_field(query: str, ask: Ask) -> None:
    answer = ask(ALVAREZ, "get", f"/cases?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["errors"][0]["field"]


def test_a_body_that_is_no_json_is_a_400(ask: Ask) -> None:
    from django.test import Client

    from accord.agencies.actions import create_api_token

    answer = Client().post(
        "/api/v1/cases",
        data="{",
        content_type="application/json",
        headers={
            "Authorization": f"Bearer {create_api_token(ALVAREZ)}",
            "Accord-Purpose": "case-administration",
        },
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_session_cookie_opens_nothing(world: object) -> None:
    from django.test import Client

    from accord.agencies.actions import create_signin_link

    client = Client()
    signed_in = client.get(create_signin_link(ALVAREZ), follow=True)
    if b'type="submit"' in signed_in.content and "accord_session" not in client.cookies:
        client.post(signed_in.request["PATH_INFO"])
    answer = client.get("/api/v1/me", headers={"Accord-Purpose": "case-administration"})
    assert "accord_session" in client.cookies
    assert answer.status_code == 401


def test_a_revoked_token_is_refused_at_once(world: object) -> None:
    from django.test import Client

    from accord.agencies.actions import create_api_token, revoke_api_token

    token = create_api_token(ALVAREZ)
    headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": "case-administration"}
    assert Client().get("/api/v1/me", headers=headers).status_code == 200
    revoke_api_token(token)
    assert Client().get("/api/v1/me", headers=headers).status_code == 401


def test_the_document_and_the_signed_head_are_public(ask: Ask) -> None:
    assert ask(None, "get", "/openapi.json", purpose=None).json()["openapi"].startswith("3.")
    assert ask(None, "get", "/ledger/checkpoint", purpose=None).status_code == 200


def test_one_address_may_take_methods_of_two_modules(ask: Ask) -> None:
    refused = ask(ALVAREZ, "patch", "/records")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, POST")
