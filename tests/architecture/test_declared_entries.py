"""No view without a declared permission and purpose, wherever the URLconf leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accord.api.document import entry_of, operations
from accord.platform.http import RefuseUndeclared

ENTRANCES = ("public: ", "own desk: ", "working context", "API: ")


def _views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, route)
        else:
            yield route, pattern


ROUTES = dict(_views(get_resolver().url_patterns))


@pytest.mark.parametrize("route", ROUTES)
def test_every_view_declares_how_it_is_entered(route: str) -> None:
    entry = getattr(ROUTES[route].callback, "accord_entry", None)
    assert entry, f"{route} says nothing"
    assert entry.startswith(ENTRANCES)


@pytest.mark.parametrize("route", [r for r in ROUTES if "<str:case>" in r])
def test_a_page_about_records_is_entered_with_a_working_context(route: str) -> None:
    assert ROUTES[route].callback.accord_entry == "working context"


@pytest.mark.parametrize("operation", list(operations()), ids=lambda o: f"{o[1]} {o[0]}")
def test_every_operation_declares_how_it_is_entered(operation: Any) -> None:
    assert entry_of(operation[2])


def test_a_view_that_says_nothing_is_refused() -> None:
    def forgotten(request: Any) -> HttpResponse:
        return HttpResponse("agency data")

    guard = RefuseUndeclared(forgotten)
    refused = guard.process_view(RequestFactory().get("/"), forgotten, (), {})
    assert refused is not None
    assert refused.status_code == 403
    assert b"agency data" not in refused.getvalue()  # type: ignore[attr-defined]  # HttpResponse
