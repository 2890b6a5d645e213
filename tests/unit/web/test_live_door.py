"""The door of the live process: one address, for its own pages alone, and no stream for saved data."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from accord.desk.live.asgi import Live, address_of


def _ask(headers: dict[str, str], path: str = "/live/", pages_port: int | None = 8400) -> Any:
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def run() -> None:
        await Live(pages_port)(scope, receive, send)

    asyncio.run(run())
    return sent[0]["status"], dict(sent[0]["headers"])


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({"host": "127.0.0.1:8401"}, "/", 404),
        ({"host": "127.0.0.1:8401"}, "/live/other", 404),
        ({"host": "evil.example:8401"}, "/live/", 400),
        ({"host": "127.0.0.1:8401", "origin": "http://127.0.0.1:9999"}, "/live/", 403),
        ({"host": "127.0.0.1:8401", "origin": "http://evil.example"}, "/live/", 403),
        ({"host": "127.0.0.1:8401", "origin": "null"}, "/live/", 403),
        ({"host": "127.0.0.1:8401", "save-data": "on"}, "/live/", 403),
        ({"host": "127.0.0.1:8401", "origin": "http://127.0.0.1:8400"}, "/live/", 401),
        ({"host": "127.0.0.1:8401", "cookie": "accord_session"}, "/live/", 401),
        ({"host": "127.0.0.1:8401"}, "/live/health", 200),
    ],
)
def test_who_may_come_in(headers: dict[str, str], path: str, status: int) -> None:
    found, answered = _ask(headers, path)
    assert found == status
    assert answered[b"access-control-allow-origin"] in (b"null", b"http://127.0.0.1:8400")
    assert answered[b"cache-control"] == b"no-store"


def test_behind_tls_the_pages_have_the_same_origin() -> None:
    headers = {"host": "127.0.0.1", "origin": "https://127.0.0.1"}
    assert _ask(headers, pages_port=None)[0] == 401
    assert _ask(headers | {"origin": "http://127.0.0.1"}, pages_port=None)[0] == 403


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("127.0.0.1", [], None),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, 2001:db8::1"], "2001:db8::1"),
        ("127.0.0.1", ["198.51.100.1", "2001:db8::1"], "2001:db8::1"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
    ],
)
def test_an_address_is_what_the_proxy_says_and_nobody_else(
    peer: str, said: list[str], address: str | None
) -> None:
    headers = [(b"x-forwarded-for", text.encode()) for text in said]
    scope: dict[str, Any] = {"client": (peer, 1), "headers": headers}
    assert address_of(scope, "127.0.0.1") == address
    assert address_of(scope, None) == peer
