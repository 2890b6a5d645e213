"""Sends one message to where a webhook points, and nowhere else.

1. judge the address again; 2. resolve the name once, and judge every number it has; 3. connect to the
first of those numbers itself, so that a name cannot change between judging and connecting; 4. over
TLS, check the certificate against the name; 5. send, read the status, follow nothing.
"""

from __future__ import annotations

import http.client
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from accord.exchange.webhooks.domain import Outcome
from accord.exchange.webhooks.policy import Network, check_address, check_url
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase

TIMEOUT_S = 10.0
ALLOWED = "ACCORD_WEBHOOK_NETWORKS"


def allowed_networks() -> tuple[Network, ...]:
    """Return the private networks that the operator opened, and loopback in a demonstration."""
    named = [n for n in os.environ.get(ALLOWED, "").split(",") if n.strip()]
    if os.environ.get("ACCORD_DEMO") == "1":
        named += ["127.0.0.0/8", "::1/128"]
    try:
        return tuple(ipaddress.ip_network(n.strip()) for n in named)
    except ValueError as error:
        raise InvalidInput(
            ALLOWED, None, "", phrase("networks such as 10.1.0.0/16, by commas")
        ) from error


class _Pinned(http.client.HTTPConnection):
    """A connection to one number, whatever the name resolves to by now."""

    def __init__(self, host: str, port: int, number: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._number, self._tls = number, tls

    def connect(self) -> None:
        self.sock = socket.create_connection((self._number, self.port), self.timeout)
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End it now: a receiver that drips bytes would outlast the time-out of each read."""
        if self.sock is not None:
            with suppress(OSError):  # it was closed meanwhile
                self.sock.shutdown(socket.SHUT_RDWR)


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """Return how one attempt went; raises nothing that a receiver could cause."""
    try:
        allowed = allowed_networks()
        parts = urlsplit(check_url(url, allowed))
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        port = parts.port or (443 if tls else 80)
        host = parts.hostname or ""
        number = _judged(host, port, allowed)
        connection = _Pinned(host, port, number, tls)
        limit = threading.Timer(TIMEOUT_S, connection.cut)
        limit.start()
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            sent = {"content-type": "application/json", "user-agent": "Accord"} | dict(headers)
            connection.request("POST", path, body, sent)
            return Outcome(connection.getresponse().status)
        finally:
            limit.cancel()
            connection.close()
    except InvalidInput:
        return Outcome(None, "refused")
    except ssl.SSLError:
        return Outcome(None, "tls")
    except TimeoutError:
        return Outcome(None, "timeout")
    except socket.gaierror:
        return Outcome(None, "name")
    except (OSError, ValueError, http.client.HTTPException):  # a name that is none: UnicodeError
        return Outcome(None, "connection")


def _judged(host: str, port: int, allowed: tuple[Network, ...]) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [str(address[0]).partition("%")[0] for *_, address in found]
    for number in numbers:
        check_address(ipaddress.ip_address(number), allowed)
    return numbers[0]
