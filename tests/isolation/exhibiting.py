"""Exhibits for tests, acquired by the people of the riverbend world."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from PIL import Image, ImageDraw

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import receiving
from accord.evidence import jobs
from accord.evidence.actions import derivations, exhibits, uploads
from accord.evidence.domain import About, Basis, Collection, Upload
from accord.evidence.queries import exhibits as exhibit_queries
from accord.evidence.reading.results import Copy
from isolation.contributing import acting

DETECTIVE, PROSECUTOR, PARTNER = (
    "riverbend-pd.m.alvarez",
    "tri-county-da.s.whitaker",
    "harlan-so.c.boone",
)
TRAFFICKING, CASE = "human-trafficking-investigation", "HT-2026-014"
IN_CASE = (DETECTIVE, TRAFFICKING, CASE)
ABOUT = About("image", "A picture of the front desk.", frozenset({"suspect"}))
COLLECTED = Collection(
    collected_at=datetime(2026, 9, 20, 15, 4, tzinfo=UTC),
    zone="America/Chicago",
    collected_by="Marisol Alvarez",
    basis=Basis.WARRANT,
    reference="2026-SW-0311",
    authority="Riverbend Circuit Court",
    place="Lockside Inn, front desk",
    tool="Camera",
    tool_version="2.1",
)
UNRECORDED = replace(COLLECTED, basis=Basis.UNRECORDED, reference=None, authority=None)

MAIL = (
    b"From: clerk@lockside.example\r\nTo: owner@lockside.example\r\nSubject: Rooms\r\n"
    b"Date: Sun, 20 Sep 2026 15:04:00 +0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain\r\n\r\nRoom nine is paid until Friday.\r\n"
    b'--b\r\nContent-Type: text/plain; name="rooms.txt"\r\n'
    b'Content-Disposition: attachment; filename="rooms.txt"\r\n\r\nnine, eleven\r\n--b--\r\n'
)


def photograph() -> bytes:
    image = Image.new("RGB", (640, 480), "white")
    ImageDraw.Draw(image).rectangle((100, 100, 300, 200), fill="red")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def begin(
    size: int, name: str = "desk.jpg", sha256: str | None = None, by: str = DETECTIVE
) -> UUID:
    with acting(by, TRAFFICKING, CASE) as scope:
        return uploads.create(
            scope, file_name=name, media_type="image/jpeg", size_bytes=size, sha256=sha256
        ).id


def send(upload: UUID, offset: int, data: bytes, by: str = DETECTIVE) -> Upload:
    actor = agencies.actor(by)
    with receiving(actor, resolve(actor, TRAFFICKING, "statute", CASE)):
        return uploads.append(upload, offset, data)


def uploaded(data: bytes, name: str = "desk.jpg", by: str = DETECTIVE) -> UUID:
    upload = begin(len(data), name, by=by)
    send(upload, 0, data, by)
    return upload


def acquired(
    data: bytes | None = None, collection: Collection = COLLECTED, about: About = ABOUT
) -> tuple[UUID, str]:
    """A new exhibit of the detective's: its record and its number."""
    upload = uploaded(os.urandom(2000) if data is None else data)
    with acting(*IN_CASE) as scope:
        return exhibits.acquire(scope, upload, about, collection)


def read(record: UUID, by: str = DETECTIVE) -> None:
    """Have the file of this exhibit read, as the worker does, and of no other."""
    assert jobs.read_one(record, by, TRAFFICKING, "statute", CASE) == 1


def asked(record: UUID, by: str) -> UUID:
    """A derivation of an exhibit, a copy, that a member asked for and that waits."""
    with acting(by, TRAFFICKING, CASE) as scope:
        about = derivations.about_of(exhibit_queries.exhibit(scope, record), "A copy.")
        return derivations.ask(scope, record, Copy(), about)


def make(derivation: UUID, who: tuple[str, str, str] = IN_CASE) -> None:
    """Have this derivation made, as the worker does, and no other."""
    member, purpose, case = who
    jobs.make_derivation(derivation, (member, purpose, "statute", case))
