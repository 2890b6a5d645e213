"""Resumable upload by tus 1.0 (https://tus.io/protocols/resumable-upload): what it asks and answers.

The core protocol and the extensions creation, expiration, checksum and termination. The same functions
serve the browser, under the session, and programs, under their token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

from accord.agreements.scope import Scope
from accord.evidence import policy
from accord.evidence.actions import uploads as actions
from accord.evidence.domain import Upload
from accord.evidence.queries import uploads as queries
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256", "sha512")
"""SHA-1 because the protocol asks for it, against slips of the line; nothing rests on it."""
PIECE_TYPE = "application/offset+octet-stream"
LARGEST_PIECE_BYTES = 48 * 1024 * 1024
"""Below what the web server takes at once. Senders use 8 MiB or so; `Accord-Largest-Piece` says it."""
CHECKSUM_MISMATCH = 460


def options() -> HttpResponse:
    """What this server can do."""
    largest = settings.ACCORD_LARGEST_FILE_GB * policy.GIGABYTE
    return _answer(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(largest),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
            "Accord-Largest-Piece": str(LARGEST_PIECE_BYTES),
        },
    )


def create(scope: Scope, request: HttpRequest, collection: str) -> HttpResponse:
    """Begin an upload; `collection` is the address below which it will be found."""
    if (refused := _other_version(request)) is not None:
        return refused
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    made = actions.create(
        scope,
        file_name=said.get("filename", ""),
        media_type=said.get("filetype", "") or "application/octet-stream",
        size_bytes=_number(request, "Upload-Length"),
        sha256=said.get("sha256") or None,
    )
    return _answer(201, {"Location": f"{collection}/{made.id}"} | _expiry(made))


def where(upload_id: UUID) -> HttpResponse:
    """How much is here; raises NotFound."""
    found = queries.upload(upload_id)
    said = {"Upload-Offset": str(found.received_bytes), "Upload-Length": str(found.size_bytes)}
    return _answer(200, said | _expiry(found) | _state(found))


def append(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Take the next piece; raises NotFound, InvalidInput, StoreRefused."""
    if (refused := _other_version(request)) is not None:
        return refused
    if request.content_type != PIECE_TYPE:
        return _answer(415, {})
    offset, data = _number(request, "Upload-Offset"), _piece(request)
    if data is None:
        return _answer(413, {"Accord-Largest-Piece": str(LARGEST_PIECE_BYTES)})
    if not _arrived_whole(request, data):
        return _answer(CHECKSUM_MISMATCH, {})
    try:
        found = actions.append(upload_id, offset, data)
    except actions.Busy:
        return _answer(423, {})
    except actions.WrongOffset:
        return _answer(409, {})
    return _answer(
        204, {"Upload-Offset": str(found.received_bytes)} | _expiry(found) | _state(found)
    )


def discard(scope: Scope, upload_id: UUID) -> HttpResponse:
    """Let an upload go; raises NotFound."""
    try:
        actions.discard(scope, upload_id)
    except actions.Busy:
        return _answer(423, {})
    return _answer(204, {})


def _answer(status: int, headers: Mapping[str, str]) -> HttpResponse:
    response = HttpResponse(status=status)
    del response.headers["Content-Type"]
    for name, value in ({"Tus-Resumable": VERSION} | dict(headers)).items():
        response.headers[name] = value
    return response


def _other_version(request: HttpRequest) -> HttpResponse | None:
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return _answer(412, {"Tus-Version": VERSION})


def _expiry(found: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(found.expires_at.timestamp())}


def _state(found: Upload) -> dict[str, str]:
    return {"Accord-Upload-State": found.state.value}


def _number(request: HttpRequest, header: str) -> int:
    said = request.headers.get(header, "")
    if not said.isascii() or not said.isdigit() or len(said) > 18:
        raise InvalidInput("request", None, header, phrase("must be a whole number of bytes"))
    return int(said)


def _piece(request: HttpRequest) -> bytes | None:
    """The body, or None where it is larger than one piece may be; it never touches the disk."""
    announced = int(request.META.get("CONTENT_LENGTH") or 0)
    if announced > LARGEST_PIECE_BYTES:
        return None
    return bytes(request.read(announced)) if announced else b""


def _arrived_whole(request: HttpRequest, data: bytes) -> bool:
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return True
    algorithm, _, digest = said.partition(" ")
    if algorithm not in ALGORITHMS:
        rule = phrase("is one of %(words)s", words=", ".join(ALGORITHMS))
        raise InvalidInput("request", None, "Upload-Checksum", rule)
    return _from_base64(digest) == hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _metadata(said: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a name and a text in base64, separated by commas."""
    found: dict[str, str] = {}
    for pair in filter(None, (p.strip() for p in said.split(","))):
        name, _, value = pair.partition(" ")
        found[name] = _text(value)
    return found


def _text(value: str) -> str:
    try:
        text = (_from_base64(value) or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise _bad_metadata() from None
    if "\0" in text:
        raise _bad_metadata()
    return text


def _from_base64(value: str) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None


def _bad_metadata() -> InvalidInput:
    rule = phrase("is pairs of a name and a UTF-8 text in base64, separated by commas")
    return InvalidInput("request", None, "Upload-Metadata", rule)


def facts(found: Upload) -> dict[str, Any]:
    """An upload as the page that sends it asks for it."""
    return {
        "id": str(found.id),
        "name": found.file_name,
        "size": found.size_bytes,
        "received": found.received_bytes,
        "state": found.state.value,
        "sha256": found.hashes.sha256 if found.hashes else None,
    }
