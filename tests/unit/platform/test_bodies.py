"""What a request may bring is decided from its head; slow readers leave room for everybody else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest
from django.conf import settings

from accord.evidence import tus
from accord.kernel.errors import Unavailable
from accord.platform import bodies, downloads, webserver
from accord.platform.uploads import LARGEST_UPLOAD_BYTES

COOKIE = "Cookie: accord_session=x\r\n"
TUS = "/w/a/b/c/exhibits/uploads/01"


def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Says how much came; under /file a large file through a place."""
    if environ["PATH_INFO"] == "/file":
        try:
            place = downloads.Place()
        except Unavailable:
            start("503 Service Unavailable", [])
            return [b"later"]
        start("200 OK", [])
        return place.through(bytes(1 << 20) for _ in range(256))
    came = len(environ["wsgi.input"].read())
    start("200 OK", [("Content-Type", "text/plain")])
    return [str(came).encode()]


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    listener = socket.create_server(("127.0.0.1", 0))
    found = listener.getsockname()
    server = webserver.made(application, listener)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield found
    server.close()
    server.task_dispatcher.shutdown(timeout=1)


def head(method: str, path: str, length: int, more: str = "") -> bytes:
    said = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}"
    return f"{said}Content-Length: {length}\r\n\r\n".encode()


def answered(address: tuple[str, int], sent: bytes, timeout_s: float = 10) -> bytes:
    with closing(socket.create_connection(address, timeout=timeout_s)) as client:
        client.sendall(sent)
        found = b""
        while len(found) < 4096 and (more := client.recv(4096)):
            found += more
        return found


LIMITS = [
    ("POST", "/sign-in", "", bodies.STRANGER, 401),
    ("PATCH", TUS, "", bodies.STRANGER, 401),
    ("POST", "/api/v1/intake-runs", "", bodies.STRANGER, 401),
    ("PATCH", TUS, COOKIE, bodies.PIECE, 413),
    ("PATCH", f"/api/v1{TUS}", "Authorization: Bearer x\r\n", bodies.PIECE, 413),
    ("POST", "/import/", COOKIE, bodies.FILE, 413),
    ("POST", "/custody/1/take/dispose", COOKIE, bodies.ORDER, 413),
    ("POST", TUS, COOKIE, bodies.FORM, 413),
    ("POST", "/anything", COOKIE, bodies.FORM, 413),
    ("POST", "/anything", "Cookie: other=1; accord_session=x\r\n", bodies.FORM, 413),
    ("POST", "/anything", "Cookie: not_accord_session=x\r\n", bodies.STRANGER, 401),
]


@pytest.mark.parametrize(
    ("method", "path", "more", "limit", "status"),
    LIMITS,
    ids=[f"{m} {p} {c[:14]}" for m, p, c, *_ in LIMITS],
)
def test_what_is_too_much_is_refused_before_a_byte_of_it_comes(
    address: tuple[str, int], method: str, path: str, more: str, limit: int, status: int
) -> None:
    began = time.monotonic()
    said = answered(address, head(method, path, limit, more))
    assert said.startswith(f"HTTP/1.1 {status} ".encode()), said
    assert time.monotonic() - began < 5
    assert (b"Sign in first" in said) == (status == 401)


def test_what_is_within_it_arrives(address: tuple[str, int]) -> None:
    size = bodies.STRANGER + 10
    said = answered(address, head("PATCH", TUS, size, COOKIE) + bytes(size))
    assert said.endswith(str(size).encode())


def test_a_body_in_chunks_is_counted_as_it_comes(address: tuple[str, int]) -> None:
    begun = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"40000\r\n" + bytes(0x40000) + b"\r\n"
    with closing(socket.create_connection(address, timeout=10)) as client:
        client.sendall(begun)
        try:
            for _ in range(8):
                client.sendall(chunk)
        except OSError:
            return  # it was closed on us
        assert client.recv(4096).startswith(b"HTTP/1.1 401 ")


def test_the_limits_are_those_of_what_is_behind_them() -> None:
    assert settings.SESSION_COOKIE_NAME == bodies.SESSION_COOKIE
    assert tus.LARGEST_PIECE_BYTES < bodies.PIECE
    assert LARGEST_UPLOAD_BYTES < bodies.FILE
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < bodies.FORM
    assert downloads.AT_ONCE < webserver.THREADS


def test_readers_that_stop_reading_leave_room_for_everybody_else(address: tuple[str, int]) -> None:
    """As many as there are places, and more: they are told to come again, and pages are answered."""
    asked = b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n"
    readers = [socket.create_connection(address, timeout=10) for _ in range(downloads.AT_ONCE)]
    try:
        for reader in readers:
            reader.sendall(asked)
            assert reader.recv(15) == b"HTTP/1.1 200 OK"
        time.sleep(0.5)
        began = time.monotonic()
        assert b"503" in answered(address, asked.replace(b"x\r\n", b"x\r\nConnection: close\r\n"))
        for _ in range(5):
            assert answered(address, head("GET", "/", 0)).endswith(b"0")
        assert time.monotonic() - began < 5
    finally:
        for reader in readers:
            reader.close()
    deadline = time.monotonic() + 20
    while b"200 OK" not in answered(address, asked):
        assert time.monotonic() < deadline, "the places were not given back"
        time.sleep(0.2)


def test_a_place_is_given_back_once_and_also_where_nothing_was_read() -> None:
    places = [downloads.Place() for _ in range(downloads.AT_ONCE)]
    with pytest.raises(Unavailable, match="Too many files"):
        downloads.Place()
    places[0].through([b"x"]).close()
    places[0].leave()
    again = downloads.Place()
    assert b"".join(again.through([b"x", b"y"])) == b"xy"
    for place in places[1:]:
        place.leave()
    for place in [downloads.Place() for _ in range(downloads.AT_ONCE)]:
        place.leave()


def test_a_place_is_given_back_where_its_answer_was_dropped_and_never_closed() -> None:
    """Whoever took it was refused at the very end: the answer was made, and nobody sends it."""
    for _ in range(2 * downloads.AT_ONCE):
        downloads.Place().through([b"never sent"])
    downloads.Place().leave()
