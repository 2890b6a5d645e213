"""A node with the riverbend world's written records, and members who ask it through the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def ask(world: Path) -> Ask:
    """`ask(member, method, path, purpose=..., case=..., body=...)`: one request, as that member.

    CSRF checks are on, as in a browser: a token needs none, a cookie would.
    """
    from django.test import Client

    from accord.agencies.actions import create_api_token

    tokens: dict[str, str] = {}

    def request(
        member: str | None,
        method: str,
        path: str,
        *,
        purpose: str | None = "case-administration",
        case: str | None = None,
        body: Any = None,
        **headers: str,
    ) -> Any:
        sent = dict(headers)
        if member:
            if member not in tokens:
                tokens[member] = create_api_token(member)
            sent["Authorization"] = f"Bearer {tokens[member]}"
        if purpose:
            sent["Accord-Purpose"] = purpose
        if case:
            sent["Accord-Case"] = case
        content: dict[str, Any] = {}
        if body is not None:
            content = {"data": json.dumps(body), "content_type": "application/json"}
        client = Client(enforce_csrf_checks=True)
        call = getattr(client, method)
        return call(f"/api/v1{path}", headers=sent, **content)

    return request
