"""The published log in an S3-compatible store, over the protocol that such stores speak."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from accord.kernel.errors import Conflict
from accord.kernel.tlog import Tile
from accord.ledger.publishing import publish
from accord.ledger.store import PublishedLog, StoreFailed
from isolation.test_tlog import check_whole, grow_to

BUCKET = "/evidence-ledger/"


class Store:
    """What a bucket holds, and the types that came with it; `failing` answers 503 to all writes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, tuple[str, str]] = {}
        self.failing = False


def handler(store: Store) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - one protocol
    class Bucket(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _say(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT")
            self.end_headers()
            self.wfile.write(body)

        def _key(self) -> str:
            return unquote(urlsplit(self.path).path).removeprefix(BUCKET)

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if store.failing:
                return self._say(403)
            if self.headers.get("If-None-Match") == "*" and self._key() in store.objects:
                return self._say(412)
            store.objects[self._key()] = body
            store.types[self._key()] = self.headers["Content-Type"], self.headers["Cache-Control"]
            return self._say(200)

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            if "list-type" in asked:
                return self._say(200, _listed(store, asked["prefix"][0]))
            content = store.objects.get(self._key())
            return self._say(404) if content is None else self._say(200, content)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            keys = re.findall("<Key>(.*?)</Key>", raw)
            for key in keys:
                store.objects.pop(key)
            done = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            self._say(200, f"<DeleteResult>{done}</DeleteResult>".encode())

        def log_message(self, *_: object) -> None:
            pass

    return Bucket


def _listed(store: Store, prefix: str) -> bytes:
    found = "".join(
        f"<Contents><Key>{key}</Key><Size>{len(content)}</Size><ETag>1</ETag>"
        "<LastModified>2026-03-01T00:00:00Z</LastModified></Contents>"
        for key, content in store.objects.items()
        if key.startswith(prefix)
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    made = Store()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(made))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ACCORD_TLOG_STORE", f"s3:/{BUCKET}riverbend")
    for name, value in {
        "AWS_ENDPOINT": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    yield made
    server.shutdown()
    server.server_close()


def test_a_bucket_holds_what_a_folder_would(node: Path, store: Store, tmp_path: Path) -> None:
    for remainder in (250, 3):
        size = grow_to(remainder)
        assert publish(node).size == size
    for key, content in store.objects.items():
        place = tmp_path / key
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    assert check_whole(tmp_path / "riverbend", node).size == size
    assert store.types["riverbend/checkpoint"] == ("text/plain; charset=utf-8", "public, max-age=1")
    tile = f"riverbend/{Tile(0, 0).path}"
    assert store.types[tile] == ("application/octet-stream", "public, max-age=31536000, immutable")
    assert not [key for key in store.objects if f"{tile}.p/" in key]

    store.objects[tile] = bytes(8192)
    log = PublishedLog(node)
    with pytest.raises(Conflict, match="something else"):
        log.create(Tile(0, 0).path, b"x" * 8192)
    store.failing = True
    grow_to(9)
    with pytest.raises(StoreFailed, match="Nothing is lost"):
        publish(node)
    store.failing = False
    assert publish(node).behind == 0
