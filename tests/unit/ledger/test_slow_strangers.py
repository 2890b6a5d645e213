"""A store or an authority that does not answer is left, and nothing waits for it for minutes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from accord.ledger import jobs, store

SILENT = b""
DRIPS = b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n"


@contextmanager
def answering(first: bytes) -> Iterator[int]:
    """A port that says this and then a byte now and again, or nothing at all."""
    left = threading.Event()

    def drip(one: socket.socket) -> None:
        with one, suppress(OSError):
            one.recv(65536)
            one.sendall(first)
            for _ in range(100):
                if left.wait(0.05):
                    return
                if first:
                    one.sendall(b"x")

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            left.set()
            listener.shutdown(socket.SHUT_RDWR)


def test_an_authority_that_drips_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "WITHIN_S", 0.3)
    with answering(DRIPS) as port, pytest.raises(jobs.NotStamped, match="takes too long"):
        jobs.ask(f"http://127.0.0.1:{port}/", b"a head")


def test_a_store_that_is_silent_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "ANSWER_WITHIN", timedelta(seconds=0.3))
    with answering(SILENT) as port:
        environment = {
            "AWS_ENDPOINT": f"http://127.0.0.1:{port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        log = store.PublishedLog(tmp_path, {store.SETTING: "s3://bucket/log", **environment})
        with pytest.raises(store.StoreFailed, match="Nothing is lost"):
            log.read("checkpoint")
