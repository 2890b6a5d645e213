"""A timestamp authority (RFC 3161) for tests: `openssl ts` in a folder, and over HTTP on loopback."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[ req ]
distinguished_name = dn
[ dn ]
[ ca ]
basicConstraints = critical, CA:true
[ stamping ]
extendedKeyUsage = critical, timeStamping
[ signing ]
extendedKeyUsage = critical, codeSigning
[ tsa ]
default_tsa = here
[ here ]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
"""


class TimestampAuthority:
    """One authority: a root, a certificate under it, and its key."""

    def __init__(
        self, folder: Path, name: str = "stamps", use: str = "stamping", ess: str = "sha256"
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder, ess=ess), "utf-8")
        (folder / "serial").write_text("01\n", "utf-8")
        made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30")
        config = ("-config", "tsa.cnf")
        self._run(
            "req", "-x509", *made, *config, "-extensions", "ca", "-subj", f"/CN={name} root",
            "-keyout", "root.key", "-out", "root.pem",
        )  # fmt: skip
        self._run(
            "req", "-x509", *made, *config, "-extensions", use, "-subj", f"/CN={name}",
            "-CA", "root.pem", "-CAkey", "root.key", "-keyout", "tsa.key", "-out", "tsa.pem",
        )  # fmt: skip

    @property
    def certificate(self) -> Path:
        return self.folder / "tsa.pem"

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    def reply(self, request: bytes) -> bytes:
        """The answer to a request, both in DER."""
        (self.folder / "request.tsq").write_bytes(request)
        self._run(
            "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq",
            "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply.tsr",
        )  # fmt: skip
        return (self.folder / "reply.tsr").read_bytes()

    def token(self, data: bytes, *, with_certificate: bool = False) -> bytes:
        """A token over data."""
        (self.folder / "data").write_bytes(data)
        asked = ("ts", "-query", "-data", "data", "-sha256", "-out", "query.tsq")
        self._run(*asked, *(["-cert"] if with_certificate else []))
        self.reply((self.folder / "query.tsq").read_bytes())
        self._run("ts", "-reply", "-in", "reply.tsr", "-token_out", "-out", "token.der")
        return (self.folder / "token.der").read_bytes()

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


@contextmanager
def serving(answer: bytes | TimestampAuthority, status: int = 200) -> Iterator[str]:
    """An address that answers as the authority does, or with these bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            said = answer.reply(asked) if isinstance(answer, TimestampAuthority) else answer
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        server.server_close()
