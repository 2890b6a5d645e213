"""A served node behind a real TLS terminator, and the operator's port beside it."""

from __future__ import annotations

import datetime
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from accord.platform import metrics

HOST = "accord.example.org"
pytestmark = pytest.mark.xdist_group("served")


@dataclass
class Served:
    process: subprocess.Popen[str]
    data_dir: Path
    port: int
    ops: int
    tls: int
    authority: Path


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    at = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - datetime.timedelta(days=1))
        .not_valid_after(at + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def _terminator(cert: Path, key: Path, port: int) -> socket.socket:
    """Ends TLS and passes requests on with the two headers of the documented proxy."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    listener = socket.create_server(("127.0.0.1", 0))

    def one(raw: socket.socket) -> None:
        try:
            with context.wrap_socket(raw, server_side=True) as client:
                head, _, body = client.recv(65_536).partition(b"\r\n\r\n")
                kept = [
                    line
                    for line in head.split(b"\r\n")
                    if not re.match(rb"(?i)(x-forwarded-\w+|connection):", line)
                ]
                kept += [b"X-Forwarded-Proto: https", b"X-Forwarded-For: 192.0.2.7"]
                with socket.create_connection(("127.0.0.1", port)) as node:
                    node.sendall(b"\r\n".join([*kept, b"Connection: close", b"", b""]) + body)
                    while more := node.recv(65_536):
                        client.sendall(more)
        except (OSError, ssl.SSLError):
            return

    def serve() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(raw,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    folder.chmod(0o755)
    data_dir = folder / "node"
    data_dir.mkdir(mode=0o711)
    (data_dir / "accord.toml").write_text(
        f'public_url = "https://{HOST}"\nops_port = 9874\nleast_free_mb = 1\nweb_processes = 2\n'
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    command = [sys.executable, "-m", "accord.cli.main", "serve"]
    process = subprocess.Popen(
        [*command, "--port", "9872", "--data-dir", str(data_dir)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if "Accord is ready at" in line:
            break
    port = re.search(r"ready at http://127\.0\.0\.1:(\d+)", said)
    ops = re.search(r"metrics: http://127\.0\.0\.1:(\d+)", said)
    assert port, said
    assert ops, said
    cert, key = _certificate(folder)
    listener = _terminator(cert, key, int(port[1]))
    try:
        yield Served(process, data_dir, int(port[1]), int(ops[1]), listener.getsockname()[1], cert)
    finally:
        listener.close()
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


def _get(
    connection: http.client.HTTPConnection, path: str, **headers: str
) -> tuple[int, dict[str, str], str]:
    connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read().decode()
    connection.close()
    return found


def _plain(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=20)


class _Tls(http.client.HTTPSConnection):
    """Connects to the terminator on this machine under the name that its certificate has."""

    def __init__(self, served: Served) -> None:
        context = ssl.create_default_context(cafile=str(served.authority))
        super().__init__(HOST, served.tls, timeout=20, context=context)
        self._served, self._tls = served, context

    def connect(self) -> None:
        raw = socket.create_connection(("127.0.0.1", self._served.tls), timeout=20)
        self.sock = self._tls.wrap_socket(raw, server_hostname=HOST)


def test_behind_tls_browsers_are_told_to_use_nothing_else(served: Served) -> None:
    status, headers, _ = _get(_Tls(served), "/sign-in/", Host=HOST)
    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(("url", "secure"), [(f"https://{HOST}", "True True"), ("", "False False")])
def test_cookies_are_secure_behind_tls(tmp_path: Path, url: str, secure: str) -> None:
    ask = "from accord.platform import settings as s;"
    ask += "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    environment = os.environ | {"ACCORD_DATA_DIR": str(tmp_path), "ACCORD_PUBLIC_URL": url}
    said = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == secure


def test_plain_http_is_refused_and_sets_nothing(served: Served) -> None:
    status, headers, body = _get(_plain(served.port), "/sign-in/", Host=HOST)
    assert (status, body) == (403, "This node is reached by https alone.")
    assert "Set-Cookie" not in headers
    assert _get(_plain(served.port), "/sign-in/", Host=HOST, X_Forwarded_Proto="http")[0] == 403


def test_another_host_name_is_refused(served: Served) -> None:
    assert _get(_Tls(served), "/sign-in/", Host="evil.example.net")[0] == 400


def test_liveness_says_one_word(served: Served) -> None:
    status, _, body = _get(_plain(served.port), "/health/live")
    assert (status, body) == (200, "alive")


def _ready(served: Served) -> tuple[int, dict[str, Any]]:
    status, _, body = _get(_plain(served.ops), "/ready")
    return status, json.loads(body)


def _until(served: Served, wanted: int) -> dict[str, Any]:
    deadline_s = time.monotonic() + 60
    while True:
        status, said = _ready(served)
        if status == wanted:
            return said
        assert time.monotonic() < deadline_s, said
        time.sleep(0.5)


def test_the_node_is_ready_and_says_why(served: Served) -> None:
    said = _until(served, 200)
    assert said["ready"] is True
    assert set(said["checks"]) == {
        "database",
        "migrations",
        "worker",
        "ledger",
        "cosigned",
        "published",
        "evidence",
        "disk",
    }


def test_readiness_and_metrics_are_not_among_the_pages(served: Served) -> None:
    nowhere = _get(_Tls(served), "/no-such-page", Host=HOST)[0]
    assert nowhere == 503, "the node is not set up, so nothing answers"
    for path in ("/ready", "/metrics", "/health/ready"):
        assert _get(_Tls(served), path, Host=HOST)[0] == nowhere


def test_the_operators_port_answers_loopback_names_alone(served: Served) -> None:
    assert _get(_plain(served.ops), "/metrics", Host="evil.example.net:9874")[0] == 403


def test_metrics_count_requests_and_name_nobody(served: Served) -> None:
    _get(_Tls(served), "/w/some-purpose/statute/SECRET-CASE-1/records/", Host=HOST)
    _, _, text = _get(_plain(served.ops), "/metrics")
    asked = r'accord_requests_total\{method="GET",route="sign-in/",status="200"\} [1-9]'
    assert re.search(asked, text), text[:3000]
    assert "accord_request_seconds_bucket" in text
    assert 'accord_ready{state="database"} 1.0' in text
    assert "accord_database_connections" in text
    assert "accord_worker_rounds_total" in text
    assert "SECRET" not in text
    labels = set(re.findall(r'[{,](\w+)="', text))
    assert labels <= metrics.ALLOWED_LABELS


def test_a_node_whose_worker_is_gone_is_not_ready(served: Served) -> None:
    beat = served.data_dir / "worker.beat"
    (group,) = _pids_of("accord.cli.worker", served.data_dir)
    os.kill(group, signal.SIGSTOP)
    try:
        os.utime(beat, (1, 1))
        said = _until(served, 503)
        assert said["failing"] == ["worker"]
    finally:
        os.kill(group, signal.SIGCONT)
    _until(served, 200)


def _pids_of(module: str, data_dir: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
            here = f"ACCORD_DATA_DIR={data_dir}".encode() in (entry / "environ").read_bytes()
        except OSError:
            continue
        if module.encode() in line and here:
            found.append(int(entry.name))
    return found


def test_while_one_web_process_is_gone_the_other_answers(served: Served) -> None:
    web = "accord.platform.webserver"
    before = _pids_of(web, served.data_dir)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    for _ in range(20):
        assert _get(_plain(served.port), "/health/live")[0] == 200
    deadline_s = time.monotonic() + 60
    while len(now := _pids_of(web, served.data_dir)) < 2 or before[0] in now:
        assert time.monotonic() < deadline_s, now
        time.sleep(0.2)
    assert before[1] in now, "the other went on"


def test_every_line_of_the_web_log_is_json_with_a_route(served: Served) -> None:
    logs = [served.data_dir / "logs" / f"{name}.log" for name in ("web", "web-2")]
    lines = [line for log in logs for line in log.read_text("utf-8").splitlines()]
    answered = [json.loads(line) for line in lines]
    assert any(line.get("route") == "sign-in/" for line in answered)
    assert "SECRET" not in "".join(lines)
