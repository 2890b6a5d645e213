"""How large a request's body may be, decided from its head: before a byte of the body is kept.

The web server holds a body in memory until it is whole, and only then does anything here know who
sends it. So what is large is taken where files are sent, from whoever shows a credential at all, and
nowhere else. Whether the credential is a good one is for the edge to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error, RequestEntityTooLarge

MIB = 1024 * 1024
PIECE, FILE, ORDER, FORM, STRANGER = 49 * MIB, 66 * MIB, 24 * MIB, 9 * MIB, 1 * MIB
"""A piece of an upload (tus), a file to import, the document of an order, anything else; and all that
comes without a credential: signing in, and what identity providers send."""
SESSION_COOKIE = "accord_session"
IMPORTS = ("/import/", "/api/v1/intake-runs")


class NobodySignedIn(Error):  # type: ignore[misc]  # waitress has no types
    """More than a stranger may send, from somebody who shows no credential."""

    code = 401
    reason = "Unauthorized"


def largest(method: str, path: str, headers: Mapping[str, str]) -> int:
    """How many bytes this request may bring, by method, path and headers (in waitress's names)."""
    if not shows_a_credential(headers):
        return STRANGER
    if method == "PATCH" and "/exhibits/uploads/" in path:
        return PIECE
    if method == "POST" and path in IMPORTS:
        return FILE
    if method == "POST" and path.startswith("/custody/"):
        return ORDER
    return FORM


def shows_a_credential(headers: Mapping[str, str]) -> bool:
    """Whether there is a session's cookie or an authorization at all; it may be worth nothing."""
    cookies = (part.strip() for part in headers.get("COOKIE", "").split(";"))
    return bool(headers.get("AUTHORIZATION")) or any(
        cookie.startswith(f"{SESSION_COOKIE}=") for cookie in cookies
    )


class _Limited:
    """The server's settings with another largest body."""

    def __init__(self, settings: Any, largest_bytes: int) -> None:
        self._settings = settings
        self.max_request_body_size = largest_bytes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settings, name)


class Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """Knows how much a request may bring as soon as its head is read."""

    adj: Any
    error: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and refuse a body that is too large before it comes."""
        super().parse_header(header_plus)
        limit = largest(self.command, self.path, self.headers)
        self.adj = _Limited(self.adj, limit)

    def received(self, data: bytes) -> int:
        """Take bytes; a refusal says what the sender can do about it."""
        consumed = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            if shows_a_credential(self.headers):
                said = f"This address takes at most {self.adj.max_request_body_size} bytes."
                self.error = RequestEntityTooLarge(said)
            else:
                self.error = NobodySignedIn("Sign in first: so much is not taken from strangers.")
        return int(consumed)


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose requests are limited so."""

    parser_class = Parser
