"""The ASGI application of the live process: one address, `/live/`, that streams frames.

A tick is worked out in a thread of its own and sent at a fixed moment after it began: how long the
questions took, and whether there were any, does not show. A page that reads too slowly gets fewer
and fuller frames, and one that reads nothing is let go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connections
from django.http.request import split_domain_port, validate_host

from accord.agreements.entry import SignInNeeded
from accord.desk.live.asking import Asked, admit
from accord.desk.live.frames import encode, end
from accord.desk.live.hub import Hub, Page
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.platform import configuration
from accord.platform.logs import facts

TICK_S = 0.5
SENT_AFTER_S = 0.2
SLOW_S = 20.0
OPENING_THREADS = 2
PATH = "/live/"

log = logging.getLogger("accord.live")
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]


class Live:
    """Streams to pages; `pages_port` is where the pages come from when that is another port."""

    def __init__(self, pages_port: int | None) -> None:
        self.hub = Hub()
        self._pages_port = pages_port
        self._proxy = configuration.web().trusted_proxy if pages_port is None else None
        self._sent = asyncio.Condition()
        self._ticking = ThreadPoolExecutor(1, "tick")
        self._opening = ThreadPoolExecutor(OPENING_THREADS, "open")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        ticker = asyncio.create_task(self._run())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        ticker.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + TICK_S, loop.time())
            await asyncio.sleep(due - loop.time())
            await loop.run_in_executor(self._ticking, self._tick)
            await asyncio.sleep(max(0.0, due + SENT_AFTER_S - loop.time()))
            async with self._sent:
                self._sent.notify_all()

    def _tick(self) -> None:
        try:
            self.hub.tick()
        except Exception as error:  # the edge of the process: the next tick covers this one too
            log.error("a tick failed", extra=facts(kind=type(error).__name__), exc_info=error)
            connections.close_all()

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        host = headers.get("host", "")
        if scope["path"] == f"{PATH}health" and scope["method"] == "GET":
            await _refuse(send, 200, "live")
            return
        if scope["path"] != PATH or scope["method"] != "GET":
            await _refuse(send, 404, phrase("There is nothing here."))
            return
        if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
            await _refuse(send, 400, phrase("This node does not go by that name."))
            return
        origin = self._origin(host)
        if headers.get("origin", origin) != origin or headers.get("save-data") == "on":
            await _refuse(send, 403, phrase("Not from this page."))
            return
        await self._open(scope, headers, origin, receive, send)

    def _origin(self, host: str) -> str:
        """Where the pages come from: this origin behind TLS, the pages' port of this host else."""
        if self._pages_port is None:
            return f"https://{host}"
        return f"http://{split_domain_port(host)[0]}:{self._pages_port}"

    async def _open(
        self, scope: Message, headers: dict[str, str], origin: str, receive: Receive, send: Send
    ) -> None:
        loop, query = asyncio.get_running_loop(), scope["query_string"].decode("latin-1")
        asked = (headers, query, address_of(scope, self._proxy))
        try:
            page = await loop.run_in_executor(self._opening, self._join, *asked)
        except AccordError as error:
            await _refuse(send, *_said(error), origin)
            return
        listening = asyncio.ensure_future(_left(receive))
        streaming = asyncio.ensure_future(self._stream(page, origin, send))
        try:
            await _either(listening, streaming)
        finally:
            self.hub.leave(page)
            for task in (listening, streaming):
                task.cancel()

    def _join(self, headers: dict[str, str], query: str, address: str | None) -> Page:
        try:
            asked: Asked = admit(headers, query, address)
            return self.hub.join(asked)
        except AccordError:
            raise
        except Exception:
            connections.close_all()
            raise

    async def _stream(self, page: Page, origin: str, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _headers(origin)})
        while page.over is None:
            async with self._sent:
                await self._sent.wait()
            if page.over is None:
                frame = encode(self.hub.mark, self.hub.take(page))
                await asyncio.wait_for(_body(send, frame), SLOW_S)
        await asyncio.wait_for(_body(send, end(page.over)), SLOW_S)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _body(send: Send, content: bytes) -> None:
    await send({"type": "http.response.body", "body": content, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _either(listening: asyncio.Future[None], streaming: asyncio.Future[None]) -> None:
    """Wait until the page leaves, reads nothing any more, or its stream is over."""
    await asyncio.wait((listening, streaming), return_when=asyncio.FIRST_COMPLETED)
    if streaming.done() and not streaming.cancelled():
        error = streaming.exception()
        if error is not None and not isinstance(error, TimeoutError | OSError):
            raise error


def address_of(scope: Message, proxy: str | None) -> str | None:
    """Where a request came from, as for pages: the last that the trusted proxy says, or the peer."""
    peer = str((scope.get("client") or ("",))[0])
    if peer != proxy:
        return peer or None
    said = [v for k, v in scope["headers"] if k.lower() == b"x-forwarded-for"]
    return b",".join(said).decode("latin-1").rpartition(",")[2].strip() or None


def _headers(origin: str, kind: str = "text/event-stream") -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", kind.encode() + b"; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]


def _said(error: AccordError) -> tuple[int, str]:
    """INVARIANT: a context that is absent and one that is not open are the same bytes."""
    match error:
        case SignInNeeded():
            return 401, "Sign in first."
        case NotFound():
            return 404, "There is nothing here for you."
        case InvalidInput():
            return 400, str(error)
        case Conflict():
            return 429, str(error)
        case _:
            return 500, "Accord failed."


async def _refuse(send: Send, status: int, text: str, origin: str | None = None) -> None:
    headers = _headers(origin or "null", "text/plain")
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
