"""Exhibits over the API, as a program does it: tus, acquire, list, read, record, take."""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from exhibiting import CASE, DETECTIVE, MAIL, TRAFFICKING, acquired, make, photograph, read

from accord.agencies.actions import create_api_token
from isolation.bundling import manifest, opened
from paging import every_page
from unit.evidence.reading import filmed

pytestmark = pytest.mark.usefixtures("world")
DATA = os.urandom(150_000)
SAID = {
    "kind": "image", "description": "The front desk.", "subject": ["suspect"],
    "collected_at": "2026-09-20 15:04", "zone": "America/Chicago",
    "collected_by": "Marisol Alvarez", "basis": "unrecorded",
}  # fmt: skip


class Program:
    def __init__(self) -> None:
        self.client = Client()
        self.headers = {
            "Authorization": f"Bearer {create_api_token(DETECTIVE)}",
            "Accord-Purpose": TRAFFICKING,
            "Accord-Case": CASE,
        }

    def ask(self, method: str, path: str, json: Any = None, **headers: str) -> Any:
        sent = {} if json is None else {"data": json, "content_type": "application/json"}
        named = {n.replace("_", "-"): v for n, v in headers.items()}
        call = getattr(self.client, method)
        return call(f"/api/v1{path}", headers=self.headers | named, **sent)

    def begin(self, size: int) -> str:
        name = base64.b64encode(b"desk.jpg").decode()
        begun = self.ask(
            "post", "/exhibits/uploads", Tus_Resumable="1.0.0", Upload_Length=str(size),
            Upload_Metadata=f"filename {name}",
        )  # fmt: skip
        assert begun.status_code == 201, begun.content
        return str(begun.headers["Location"]).removeprefix("/api/v1")

    def send(self, where: str, at: int, data: bytes, **more: str) -> Any:
        return self.client.generic(
            "PATCH",
            f"/api/v1{where}",
            data,
            content_type="application/offset+octet-stream",
            headers=self.headers
            | {"Tus-Resumable": "1.0.0", "Upload-Offset": str(at)}
            | {n.replace("_", "-"): v for n, v in more.items()},
        )


@pytest.fixture
def program() -> Program:
    return Program()


def test_a_program_sends_a_file_acquires_it_and_takes_it_out(program: Program) -> None:
    where = program.begin(len(DATA))
    wrong = program.send(where, 0, DATA[:100_000], Upload_Checksum="sha1 AAAA")
    assert wrong.status_code == 460
    digest = base64.b64encode(hashlib.sha1(DATA[:100_000]).digest()).decode()
    assert (
        program.send(where, 0, DATA[:100_000], Upload_Checksum=f"sha1 {digest}").status_code == 204
    )
    assert program.send(where, 5, DATA[:100]).status_code == 409
    asked = program.ask("head", where)
    assert (asked.headers["Upload-Offset"], asked.headers["Tus-Resumable"]) == ("100000", "1.0.0")
    assert program.send(where, 100_000, DATA[100_000:]).headers["Upload-Offset"] == "150000"
    one = program.ask("get", where).json()
    assert (one["state"], one["sha256"]) == ("complete", hashlib.sha256(DATA).hexdigest())
    assert one in program.ask("get", "/exhibits/uploads").json()["items"]
    made = program.ask("post", "/exhibits", SAID | {"upload": one["id"]})
    assert made.status_code == 201, made.content
    record = made.json()["record"]
    basis = {"basis": "consent", "reference": "Form 12"}
    said = program.ask("post", f"/exhibits/{record}/basis", basis)
    assert said.json()["basis"] == "consent"
    assert program.ask("get", f"/exhibits/{record}").json()["sha256"] == one["sha256"]
    listed = every_page(lambda path: program.ask("get", path).json(), "/exhibits")
    assert record in {e["record"] for e in listed}
    taken = program.ask("post", f"/exhibits/{record}/file", {"format": "file"})
    assert taken.getvalue() == DATA
    assert taken.headers["Accord-Ledger-Entry"]
    planned = program.ask("get", "/exhibits/bundle").json()
    assert record in {each["record"] for each in planned["exhibits"]}
    bundle = program.ask("post", "/exhibits/bundle", {"exhibits": [record]})
    files = opened(bundle.getvalue())
    assert manifest(files)["ledger"]["entry"] == bundle.headers["Accord-Ledger-Entry"]
    assert DATA in files.values()
    assert program.ask("post", "/exhibits/bundle", {"exhibits": []}).status_code == 400


def test_a_program_reads_what_was_read_and_derives(program: Program) -> None:
    source, _ = acquired(photograph())
    at = f"/exhibits/{source}"
    assert program.ask("get", f"{at}/reading").json()["state"] == "waiting"
    read(source)
    said = program.ask("get", f"{at}/reading").json()
    assert (said["state"], said["kind"], said["previews"][0]["use"]) == ("read", "png", "page")
    shown = program.ask("get", f"{at}/previews/0")
    assert shown.headers["Content-Type"] == "image/webp"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.content[8:12] == b"WEBP"
    assert program.ask("get", f"{at}/previews/9").status_code == 404
    wish = {"way": "redaction", "description": "Blackened.", "subject": ["none"]}
    assert program.ask("post", f"{at}/derivations", wish).status_code == 400
    area = {"left": 0, "top": 0, "width": 5000, "height": 5000}
    asked = program.ask("post", f"{at}/derivations", wish | {"areas": [area]})
    assert asked.status_code == 202, asked.content
    one = f"/exhibits/derivations/{asked.json()['id']}"
    assert program.ask("get", one).json()["state"] == "queued"
    make(UUID(asked.json()["id"]))
    done = program.ask("get", one).json()
    assert done["state"] == "done"
    made = program.ask("get", f"{at}/derivations").json()["items"]
    assert [item["record"] for item in made] == [done["result"]]
    assert program.ask("post", f"{one}/cancel").status_code == 409
    assert program.ask("post", f"{at}/reading").status_code == 202


def test_a_program_finds_text_in_a_message(program: Program) -> None:
    source, _ = acquired(MAIL)
    read(source)
    found = program.ask("get", f"/exhibits/{source}/text?find_text=room+NINE").json()["items"]
    assert len(found) == 1
    assert "Room nine is paid" in found[0]["text"]
    whole = program.ask("get", f"/exhibits/{source}/text").json()["items"]
    assert "until Friday" in whole[0]["text"]


def test_what_is_discarded_is_gone_and_other_versions_are_refused(program: Program) -> None:
    where = program.begin(10)
    assert program.send(where, 0, b"x", Tus_Resumable="0.2.2").status_code == 412
    assert program.ask("delete", where, Tus_Resumable="1.0.0").status_code == 204
    assert program.ask("head", where).status_code == 404


def test_a_program_plays_what_is_played_by_ranges(program: Program) -> None:
    source, _ = acquired(filmed.media("mp3"))
    at = f"/exhibits/{source}"
    read(source)
    said = program.ask("get", f"{at}/reading").json()["previews"]
    assert [(p["use"], p["media_type"]) for p in said] == [
        ("waveform", "image/webp"),
        ("played", "audio/ogg"),
    ]
    assert (said[0]["length_ms"], said[1]["length_ms"]) == (None, 3_000)
    where = f"{at}/previews/{said[1]['number']}"
    whole = program.ask("get", where)
    assert (whole.status_code, whole.headers["Content-Type"]) == (200, "audio/ogg")
    part = program.ask("get", where, Range="bytes=-100")
    assert (part.status_code, part.content) == (206, whole.content[-100:])
    assert program.ask("get", where, Range="bytes=9999999-").status_code == 416
