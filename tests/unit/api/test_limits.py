"""How often a program may ask: counted, said, and no way to lock somebody else out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accord.api.limits import MEMBERS_SHARE, WRONG_TOKENS, Limits, start_afresh


class _Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def _allowed(limits: Limits, token: str, member: str, times: int) -> int:
    return sum(all(one.allowed for one in limits.spend(token, member)) for _ in range(times))


def test_a_bucket_runs_out_and_fills_again_evenly() -> None:
    clock = _Clock()
    limits = Limits(60, clock)
    assert _allowed(limits, "t", "m", 100) == 60
    clock.at = 5.0
    assert _allowed(limits, "t", "m", 100) == 5
    clock.at = 1000.0
    assert _allowed(limits, "t", "m", 100) == 60


def test_one_token_leaves_the_member_s_other_token_something() -> None:
    limits = Limits(60, _Clock())
    assert _allowed(limits, "wild", "m", 1000) == 60
    assert _allowed(limits, "quiet", "m", 1000) == int(60 * (MEMBERS_SHARE - 1))
    assert _allowed(limits, "other", "somebody else", 1000) == 60


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    clock = _Clock()
    clock.at = 100.0
    limits = Limits(10, clock)
    assert _allowed(limits, "t", "m", 4) == 4
    clock.at = 0.0
    assert _allowed(limits, "t", "m", 100) == 6


@pytest.fixture
def narrow() -> Iterator[None]:
    from django.test import override_settings

    with override_settings(ACCORD_API_RATE=5):
        start_afresh(_Clock())
        yield
    start_afresh()


def test_beyond_the_limit_the_api_says_when_to_ask_again(ask: Any, narrow: None) -> None:
    answers = [ask("riverbend-pd.m.alvarez", "get", "/me") for _ in range(7)]
    assert [a.status_code for a in answers] == [200] * 5 + [429] * 2
    first, last = answers[0], answers[-1]
    assert first.headers["RateLimit-Policy"] == '"token";q=5;w=60, "member";q=7;w=60'
    assert first.headers["RateLimit"].startswith('"token";r=4;t=0')
    assert last["Content-Type"] == "application/problem+json"
    assert 1 <= int(last.headers["Retry-After"]) <= 12
    assert last.json()["status"] == 429
    assert ask("riverbend-pd.d.okafor", "get", "/me").status_code == 200


def test_wrong_tokens_from_an_address_do_not_lock_out_a_right_one(ask: Any, narrow: None) -> None:
    wrong = [
        ask(None, "get", "/me", Authorization=f"Bearer no-{n}") for n in range(WRONG_TOKENS + 5)
    ]
    assert [a.status_code for a in wrong] == [401] * WRONG_TOKENS + [429] * 5
    assert ask("riverbend-pd.m.alvarez", "get", "/me").status_code == 200
