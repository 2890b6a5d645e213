"""How often a program may ask: by token and by member, with headers that say what is left.

A bucket that fills again evenly. A token's is smaller than its member's, so that one program that runs
wild leaves the member's others something. Only a token that is in force spends anything; wrong tokens
spend a bucket of the address that they come from, and a right one from there is never refused for it.
Headers after draft-ietf-httpapi-ratelimit-headers-10, 429 and Retry-After after RFC 6585 and RFC 9110.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accord.kernel.errors import AccordError

WINDOW_S = 60
MEMBERS_SHARE = 1.5
WRONG_TOKENS = 60
WRONG_CLIENTS = 20
CLIENTS_TOKENS = 60
REMEMBERED = 20_000


class TooMany(AccordError):
    """Somebody asked more often than they may; `retry_after_s` says when again."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"You ask too often. Try again in {retry_after_s} s.",
            who_can_change="the node's operator (ACCORD_API_RATE)",
        )
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one bucket after a request."""

    policy: str
    quota: int
    allowed: bool
    remaining: int
    wait_s: int
    """Seconds until there is one more."""


class Buckets:
    """One bucket for each key, all of one size; those not used for longest are forgotten, full."""

    def __init__(
        self, policy: str, quota: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._policy, self._quota, self._clock = policy, quota, clock
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> Left:
        """Spend one of this key's requests, if there is one."""
        with self._lock:
            at = self._clock()
            level, since = self._held.pop(key, (float(self._quota), at))
            level = min(self._quota, level + max(0.0, at - since) * self._quota / WINDOW_S)
            allowed = level >= 1
            level -= 1 if allowed else 0
            self._held[key] = (level, at)
            if len(self._held) > REMEMBERED:
                self._held.popitem(last=False)
        missing = max(0.0, 1 - level)
        wait_s = math.ceil(missing * WINDOW_S / self._quota)
        return Left(self._policy, self._quota, allowed, int(level), wait_s)


class Limits:
    """The buckets of one web process."""

    def __init__(self, quota: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = Buckets("token", quota, clock)
        self._members = Buckets("member", int(quota * MEMBERS_SHARE), clock)
        self._wrong = Buckets("wrong-tokens", WRONG_TOKENS, clock)
        self._wrong_clients = Buckets("wrong-clients", WRONG_CLIENTS, clock)
        self._clients = Buckets("clients", CLIENTS_TOKENS, clock)

    def spend(self, token: str, membership: str) -> tuple[Left, ...]:
        """Spend a request of a token in force; what it may not is said by `allowed`."""
        token_left = self._tokens.take(token)
        if not token_left.allowed:
            return (token_left,)
        return token_left, self._members.take(membership)

    def spend_wrong(self, address: str) -> Left:
        """Spend a request with a token that is not in force."""
        return self._wrong.take(address)

    def spend_wrong_client(self, client: str, network: str) -> Left:
        """Spend a wrong authentication as this client from this network: others lose nothing by it."""
        return self._wrong_clients.take(f"{client}|{network}")

    def spend_client(self, client: str) -> Left:
        """Spend a token of a client that authenticated."""
        return self._clients.take(client)


def check(left: tuple[Left, ...]) -> None:
    """Raise TooMany where one of them did not allow the request."""
    refused = [one.wait_s for one in left if not one.allowed]
    if refused:
        raise TooMany(max(1, *refused))


def put_headers(response: Any, left: tuple[Left, ...]) -> None:
    """Say on an answer what the limits are and what is left of them."""
    if not left:
        return
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{one.policy}";q={one.quota};w={WINDOW_S}' for one in left
    )
    response.headers["RateLimit"] = ", ".join(
        f'"{one.policy}";r={one.remaining};t={one.wait_s}' for one in left
    )


_limits: Limits | None = None


def limits() -> Limits:
    """Return this process's buckets."""
    global _limits
    if _limits is None:
        _limits = Limits(settings.ACCORD_API_RATE)
    return _limits


def start_afresh(clock: Callable[[], float] = time.monotonic) -> None:
    """Forget what was spent, and read the quota again; for tests, which may let the time stand."""
    global _limits
    _limits = Limits(settings.ACCORD_API_RATE, clock)
