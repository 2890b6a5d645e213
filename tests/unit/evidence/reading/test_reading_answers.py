"""What a reader that its file took over could say, and what of it is believed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accord.evidence.reading import deriving, hearing, reader
from accord.evidence.reading.deriving import derive
from accord.evidence.reading.reader import read_exhibit
from accord.evidence.reading.results import Copy, Limits, Reading, Refusal, SetAside
from accord.platform.confined.child import Child

WEBP = b"RIFF\x00\x00\x00\x00WEBP"


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reading]:
    """Read a file with a reader that says these things, and leaves these files."""

    def answers(*said: Any, files: dict[str, bytes] | None = None) -> Reading:
        (tmp_path / "file").write_bytes(b"content")
        (out := tmp_path / "out").mkdir(exist_ok=True)
        waiting = [list(each) for each in said]
        monkeypatch.setattr(Child, "__init__", lambda self, *_, **__: None)
        monkeypatch.setattr(Child, "close", lambda self: None)

        def message(self: Child) -> list[Any]:
            for name, data in (files or {}).items():
                (out / name).write_bytes(data)
            return waiting.pop(0)

        monkeypatch.setattr(Child, "message", message)
        return read_exhibit(tmp_path / "file", name="file", out=out)

    return answers


def reason(reading: Reading) -> SetAside | None:
    return reading.quarantine.reason if reading.quarantine else None


def test_an_answer_in_form_is_taken(answer: Callable[..., Reading]) -> None:
    reading = answer(
        ["kind", "jpeg"],
        ["fact", "width_px", "1"],
        ["preview", "page", 1, "page-1.webp", 1, 1],
        ["end"],
        files={"page-1.webp": WEBP, "page-2.webp": WEBP},
    )
    assert reason(reading) is None
    (shown,) = reading.previews
    assert shown.path.is_file()
    assert [path.name for path in shown.path.parent.iterdir()] == ["page-1.webp"]


@pytest.mark.parametrize(
    "said",
    [
        ["kind", "script"],
        ["kind", 7],
        ["fact", "a" * 61, "b"],
        ["fact", "a", "b" * 501],
        ["fact", "a", {"b": 1}],
        ["fact", "<b>", "c"],
        ["fact", "a", "half \ud800"],
        ["passage", "", "nothing \x00"],
        ["passage", "", "a" * 4_000_001],
        ["attachment", 1, "a", "jpeg", -1, "0" * 64],
        ["attachment", 1, "a", "jpeg", 1, "<script>"],
        ["attachment", 1, "a", "jpeg", True, "0" * 64],
        ["preview", "page", 1, "../file", 1, 1],
        ["preview", "page", 1, "page-1.html", 1, 1],
        ["preview", "page", 1, "page-9.webp", 1, 1],
        ["preview", "page", 1, "page-2.webp", 1, 1],
        ["preview", "poster", 1, "page-1.webp", 1, 1],
        ["played", "played", "page-1.webp", 0, 0, 1_000],
        ["played", "page", "played-1.ogg", 0, 0, 1_000],
        ["played", "played", "played-2.ogg", 0, 0, 1_000],
        ["played", "played", "played-1.ogg", 0, 0, -1],
        ["preview", "page", 1, "played-1.ogg", 1, 1],
        ["preview", "played", 1, "page-1.webp", 1, 1],
        ["note", "whatever", ""],
        ["refused", "whatever", ""],
        ["refused", "given-up", ""],
        ["unheard of"],
        [["nested"]],
        [None],
    ],
)
def test_an_answer_that_breaks_the_rules_is_refused_whole(
    answer: Callable[..., Reading], said: list[Any]
) -> None:
    files = {"page-1.webp": WEBP, "page-2.webp": b"<html>"}
    files |= {"played-1.ogg": b"OggS", "played-2.ogg": b"<html>"}
    reading = answer(["kind", "jpeg"], ["passage", "", "a"], said, ["end"], files=files)
    assert reason(reading) is SetAside.ANSWER
    assert not reading.passages


def test_what_is_quoted_of_a_reader_stays_one_line_and_turns_nothing(
    answer: Callable[..., Reading],
) -> None:
    reading = answer(["refused", "malformed", "first\nsecond \u202eknil\x07"])
    assert reading.quarantine is not None
    assert reading.quarantine.detail == "first second knil"


def test_whatever_else_was_left_among_the_results_goes(
    answer: Callable[..., Reading], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    real = hearing.hear

    def hears(*given: Any, **asked: Any) -> Any:
        (tmp_path / "out" / "folder").mkdir()
        (tmp_path / "out" / "folder" / "file").write_bytes(b"x")
        os.symlink("/etc/passwd", tmp_path / "out" / "link")
        return real(*given, **asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "hear", hears)
        assert reason(answer(["kind", "jpeg"], ["end"])) is None
    assert not any((tmp_path / "out").iterdir())
    assert Path("/etc/passwd").exists()


def test_a_full_disk_is_no_fault_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "file").write_bytes(b"words")
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(deriving.shutil, "copyfile", full)
    refused = derive(tmp_path / "file", Copy(), out=tmp_path / "out")
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.may_pass) == (SetAside.NO_ROOM, True)
    assert not Refusal(SetAside.MALFORMED).may_pass


@pytest.mark.parametrize("how", [os.symlink, os.link])
def test_a_link_is_no_result(tmp_path: Path, how: Callable[[Path, Path], None]) -> None:
    (tmp_path / "keys").write_bytes(WEBP)
    how(tmp_path / "keys", tmp_path / "page-1.webp")
    with pytest.raises(hearing.Broken):
        hearing.result_file(tmp_path, "page-1.webp", Limits())


def test_more_answers_than_are_allowed_end_it(
    answer: Callable[..., Reading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "MOST_MESSAGES", 3)
    assert reason(answer(*[["fact", "a", "b"]] * 5)) is SetAside.ANSWER


def test_a_file_that_changes_meanwhile_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source := tmp_path / "file").write_bytes(b"some words")
    (out := tmp_path / "out").mkdir()
    real = Child.message

    def message(self: Child) -> list[Any]:
        with source.open("ab") as more:
            more.write(b" more")
        return real(self)

    monkeypatch.setattr(Child, "message", message)
    reading = read_exhibit(source, name="file", out=out)
    assert reason(reading) is SetAside.CHANGED
    assert not reading.passages
    made = derive(source, Copy(), out=out)
    assert isinstance(made, Refusal)
    assert made.reason is SetAside.CHANGED
    assert not any(out.iterdir())


def test_the_reader_is_given_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    from accord.platform.confined import child

    monkeypatch.setenv("ACCORD_DATABASE_URL", "postgresql://secret")
    seen: dict[str, Any] = {}
    real = subprocess.Popen

    def notes(command: list[str], **options: Any) -> Any:
        seen.update(options["env"])
        return real(command, **options)

    monkeypatch.setattr(child.subprocess, "Popen", notes)
    (tmp_path / "file").write_bytes(b"words")
    (tmp_path / "out").mkdir()
    assert read_exhibit(tmp_path / "file", name="file", out=tmp_path / "out").text == "words"
    assert set(seen) == {"PATH", "LANG"}
