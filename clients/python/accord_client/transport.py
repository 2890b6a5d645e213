"""How the client asks: one request, its context in headers, and problems as exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from accord_client.systems import SystemToken


@dataclass(frozen=True, slots=True)
class Context:
    """Why one asks: it is stated with every request."""

    purpose: str
    basis: str = "statute"
    case: str | None = None


class ApiError(Exception):
    """The API refused, with a problem (RFC 9457); `problem` is empty where it sent none."""

    def __init__(
        self,
        status: int,
        problem: Mapping[str, Any],
        retry_after_s: int | None = None,
        raw: bytes = b"",
    ) -> None:
        super().__init__(
            f"{status}: {problem.get('detail') or problem.get('title') or 'no detail'}"
        )
        self.status = status
        self.problem = problem
        self.retry_after_s = retry_after_s
        self.raw = raw


class Transport:
    """Sends what the operations say."""

    def __init__(
        self,
        http: httpx.Client,
        url: str,
        token: str | SystemToken | None,
        context: Context | None,
    ) -> None:
        self._http, self._url, self._token, self._context = http, url, token, context

    @staticmethod
    def step(value: str) -> str:
        """One step of an address, as it must be written."""
        return quote(str(value), safe="")

    def json(self, method: str, path: str, **sent: Any) -> Any:
        """Ask, and return what came back, read."""
        return self._send(method, path, **sent).json()

    def raw(self, method: str, path: str, **sent: Any) -> bytes:
        """Ask, and return what came back as it is."""
        return self._send(method, path, **sent).content

    def nothing(self, method: str, path: str, **sent: Any) -> None:
        """Ask for something that answers with nothing."""
        self._send(method, path, **sent)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        form: Mapping[str, Any] | None = None,
        purpose: str | None = None,
    ) -> httpx.Response:
        parameters = {k: _written(v) for k, v in (query or {}).items() if v is not None}
        more: dict[str, Any] = {} if body is None else {"json": body}
        if form is not None:
            given = {name: value for name, value in form.items() if value is not None}
            more["files"] = {n: v for n, v in given.items() if isinstance(v, tuple)}
            more["data"] = {n: v for n, v in given.items() if not isinstance(v, tuple)}
        source = self._token if isinstance(self._token, SystemToken) else None
        token = source() if source is not None else self._token
        response = self._ask(method, path, parameters, self._headers(token, purpose), more)
        if source is not None and token and _is_over(response):
            source.forget(str(token))
            headers = self._headers(source(), purpose)
            response = self._ask(method, path, parameters, headers, more)
        if response.status_code >= 400:
            raise _error(response)
        return response

    def _ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, Any],
        headers: dict[str, str],
        more: dict[str, Any],
    ) -> httpx.Response:
        url = f"{self._url}/api/v1{path}"
        return self._http.request(method, url, params=parameters, headers=headers, **more)

    def _headers(self, token: object, purpose: str | None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if self._context is not None:
            headers["Accord-Purpose"] = self._context.purpose
            headers["Accord-Basis"] = self._context.basis
            if self._context.case:
                headers["Accord-Case"] = self._context.case
        elif purpose is not None:
            headers["Accord-Purpose"] = purpose
        return headers


def _is_over(response: httpx.Response) -> bool:
    """Whether the token is not in force any more: before the request did anything (RFC 6750)."""
    said = response.headers.get("www-authenticate", "")
    return response.status_code == 401 and 'error="invalid_token"' in said


def _written(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _error(response: httpx.Response) -> ApiError:
    is_problem = "json" in response.headers.get("content-type", "")
    problem = response.json() if is_problem and response.content else {}
    after = response.headers.get("retry-after", "")
    wait_s = int(after) if after.isdigit() else None
    return ApiError(response.status_code, problem, wait_s, response.content)
