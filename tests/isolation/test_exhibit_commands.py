"""`accord exhibit` on a real node: add a file, list it, get it back as it was."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from exhibiting import CASE, DETECTIVE, MAIL, PROSECUTOR, photograph, read
from PIL import Image

from accord.cli.main import NO, WRONG_USE, run
from accord.evidence.files import FileReader

WHO = ("--member", DETECTIVE, "--case", CASE)
SAID = (
    "--kind", "image", "--description", "The front desk.", "--subject", "suspect",
    "--collected-at", "2026-09-20 15:04", "--zone", "America/Chicago",
    "--collected-by", "Marisol Alvarez",
)  # fmt: skip
WARRANT = ("--basis", "warrant", "--reference", "2026-SW-0311", "--authority", "Circuit Court")


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.cli.node.check_demo", lambda *_, **__: None)


def test_nobody_acts_as_a_member_on_a_node_at_work(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["exhibit", "list", *at(world)]) == NO
    assert "by a token of the API" in capsys.readouterr().err


def added(world: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    assert run(["exhibit", "add", str(file), *at(world), *SAID, *WARRANT, "--json"]) == 0
    found: dict[str, str] = json.loads(capsys.readouterr().out)
    return found


def at(world: Path, who: tuple[str, ...] = WHO) -> list[str]:
    return ["--data-dir", str(world), *who]


@pytest.mark.usefixtures("demo")
def test_what_is_added_is_listed_and_comes_back_as_it_was(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "desk.jpg"
    file.write_bytes(os.urandom(100_000))
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    made = added(world, file, capsys)
    assert made["sha256"] == sha256
    assert run(["exhibit", "list", *at(world)]) == 0
    assert made["number"] in capsys.readouterr().out
    alone, sheet = tmp_path / "out.jpg", tmp_path / "out.zip"
    assert run(["exhibit", "get", made["number"], str(alone), *at(world), "--alone"]) == 0
    assert alone.read_bytes() == file.read_bytes()
    assert run(["exhibit", "get", made["number"], str(sheet), *at(world)]) == 0
    with zipfile.ZipFile(io.BytesIO(sheet.read_bytes())) as archive:
        assert archive.read("desk.jpg") == file.read_bytes()
        assert sha256 in archive.read("accord-sheet.html").decode()
    assert run(["exhibit", "get", made["number"], str(sheet), *at(world)]) == NO


@pytest.mark.usefixtures("demo")
def test_who_has_no_standing_gets_nothing(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.bin"
    file.write_bytes(b"x" * 10)
    number = added(world, file, capsys)["number"]
    other = at(world, ("--member", PROSECUTOR, "--case", CASE, "--purpose", "prosecution"))
    assert run(["exhibit", "get", number, str(tmp_path / "no"), *other]) == NO
    assert not (tmp_path / "no").exists()


@pytest.mark.usefixtures("demo")
def test_what_is_not_stated_whole_is_refused_with_its_field_and_leaves_nothing(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "third.bin"
    file.write_bytes(b"x" * 10)
    assert run(["exhibit", "add", str(file), *at(world), *SAID, "--basis", "warrant"]) == WRONG_USE
    said = capsys.readouterr().err
    assert "reference" in said
    assert "authority" in said


@pytest.mark.usefixtures("demo")
def test_the_world_brings_exhibits_whose_files_are_those_of_its_folder(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {}
    for case in ("HT-2026-014", "HT-2025-108"):
        who = tuple(case if word == "HT-2026-014" else word for word in WHO)
        assert run(["exhibit", "list", *at(world, who), "--json"]) == 0
        found |= {e["number"]: e["sha256"] for e in json.loads(capsys.readouterr().out)}
    folder = Path(__file__).parents[2] / "worlds" / "riverbend" / "exhibits"
    kept = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    assert found["HT-2026-014/riverbend-pd/1"] == kept["warrant-2026-SW-0311.pdf"]
    assert found["HT-2026-014/harlan-so/1"] == kept["call-to-dispatch.wav"]
    assert set(kept.values()) <= set(found.values())


@pytest.mark.usefixtures("demo")
def test_what_was_read_is_shown_and_a_redaction_is_made(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data in (("desk.png", photograph()), ("rooms.eml", MAIL)):
        (tmp_path / name).write_bytes(data)
    picture = added(world, tmp_path / "desk.png", capsys)["number"]
    sent = added(world, tmp_path / "rooms.eml", capsys)
    mail = sent["number"]
    read(UUID(sent["record"]))
    assert run(["exhibit", "show", mail, *at(world), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["reading"], shown["content"]) == ("read", "eml")
    assert shown["inside"] == [{"number": 1, "name": "rooms.txt"}]
    assert run(["exhibit", "text", mail, *at(world), "--find", "ROOM"]) == 0
    assert "Room nine is paid" in capsys.readouterr().out
    wish = ["exhibit", "derive", picture, *at(world), "--way", "redaction"]
    wish += ["--description", "Blackened."]
    assert run(wish) == WRONG_USE
    assert run([*wish, "--area", "1 0 0 5000 5000", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    out = tmp_path / "out.png"
    assert run(["exhibit", "get", made["number"], str(out), *at(world), "--alone"]) == 0
    assert Image.open(out).convert("RGB").getpixel((200, 150)) == (0, 0, 0)


@pytest.mark.usefixtures("demo")
def test_a_bundle_comes_out_whole_or_not_at_all(
    world: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, to = tmp_path / "desk.jpg", tmp_path / "bundle.zip"
    file.write_bytes(os.urandom(50_000))
    number = added(world, file, capsys)["number"]
    asked = ["exhibit", "bundle", str(to), *at(world), "--exhibit", number]
    assert run([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["exhibits"], said["left_out"]) == ([number], [])
    with zipfile.ZipFile(to) as archive:
        assert hashlib.sha256(archive.read("manifest.json")).hexdigest() == said["manifest_sha256"]
        assert "receipts/disclosure.json" in archive.namelist()
    assert run(asked) == NO  # nothing is overwritten
    assert run([*asked[:2], str(tmp_path / "x"), *at(world), "--exhibit", "HT/nobody/1"]) == NO
    monkeypatch.setattr(FileReader, "chunks", lambda self: iter([b"another"]))
    broken = tmp_path / "broken.zip"
    assert run([*asked[:2], str(broken), *at(world), "--exhibit", number]) != 0
    assert not broken.exists()
