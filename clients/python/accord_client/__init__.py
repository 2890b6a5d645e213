"""A typed client of Accord's API.

    from accord_client import Client

    with Client("https://accord.example", token) as client:
        case = client.within("human-trafficking-investigation", case="HT-2026-014")
        found = case.search.ask({"q": "Danilchuk"})

Operations and forms are made from the API's document (dev/client/generate.py); this file and
`transport.py` are written by hand.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx

from accord_client.operations import Operations
from accord_client.systems import SystemToken, TokenRefused, signed_with
from accord_client.transport import ApiError, Context, Transport

__all__ = [
    "ApiError",
    "Client",
    "Context",
    "SystemToken",
    "TokenRefused",
    "Transport",
    "signed_with",
]


class Client(Operations):
    """The operations of one member's token, or of a system's, in one working context."""

    def __init__(
        self,
        url: str,
        token: str | SystemToken | None,
        context: Context | None = None,
        *,
        http: httpx.Client | None = None,
        timeout_s: float = 60.0,
    ) -> None:
        self._url, self._token = url.rstrip("/"), token
        self._http = http or httpx.Client(timeout=timeout_s, trust_env=False)
        super().__init__(Transport(self._http, self._url, token, context))

    def within(self, purpose: str, *, case: str | None = None, basis: str = "statute") -> Client:
        """Return the same client asking for this purpose, on this legal basis, in this case."""
        return Client(self._url, self._token, Context(purpose, basis, case), http=self._http)

    def close(self) -> None:
        """Let the connections go, of every context."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace  # nothing is swallowed
        self.close()
