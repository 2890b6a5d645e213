"""A watched folder: what counts as a complete file, and where it goes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from accord.exchange.watching import Folder, open_plain
from accord.kernel.errors import InvalidInput


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def folder(path: Path, settle_s: float = 5.0) -> tuple[Folder, Clock]:
    clock = Clock()
    return Folder(path, settle_s, clock), clock


def names(watched: Folder) -> list[str]:
    return [path.name for path in watched.complete()]


def test_a_file_is_taken_once_it_has_not_changed_for_a_while(tmp_path: Path) -> None:
    watched, clock = folder(tmp_path)
    file = tmp_path / "a.csv"
    file.write_text("begin")
    assert names(watched) == []
    clock.now = 4
    file.write_text("begin and go on")
    assert names(watched) == []
    clock.now = 8
    assert names(watched) == []
    clock.now = 9.5
    assert names(watched) == ["a.csv"]


def test_copies_under_way_links_and_folders_are_left_alone(tmp_path: Path) -> None:
    watched, clock = folder(tmp_path)
    for name in (".hidden", "~lock", "b.csv.part", "c.tmp", "d.csv.report.txt"):
        (tmp_path / name).write_text("x")
    os.symlink("/etc/passwd", tmp_path / "link.csv")
    (tmp_path / "folder.csv").mkdir()
    names(watched)
    clock.now = 60
    assert names(watched) == []
    assert not watched.waits


def test_a_file_is_put_away_with_its_report_and_never_over_another(tmp_path: Path) -> None:
    watched, _ = folder(tmp_path)
    for text in ("one", "two"):
        (tmp_path / "a.csv").write_text(text)
        watched.put_away(tmp_path / "a.csv", "done", f"report of {text}")
    assert (tmp_path / "done" / "a.csv").read_text() == "one"
    assert (tmp_path / "done" / "a-2.csv").read_text() == "two"
    report = tmp_path / "done" / "a-2.csv.report.txt"
    assert report.read_text() == "report of two"
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no such folder"):
        Folder(tmp_path / "nowhere", 1)


def test_a_link_or_pipe_put_in_a_file_s_place_is_not_followed(tmp_path: Path) -> None:
    secret, link, pipe = tmp_path / "secret.csv", tmp_path / "x.csv", tmp_path / "p.csv"
    secret.write_text("theirs")
    link.symlink_to(secret)
    os.mkfifo(pipe)
    for trap in (link, pipe):
        with pytest.raises(InvalidInput):
            open_plain(trap)
    with open_plain(secret) as stream:
        assert stream.read() == b"theirs"


def test_a_folder_for_what_is_done_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "done").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInput, match="link"):
        Folder(tmp_path, 1.0)


@pytest.mark.parametrize("name", [b"n" * 246 + b".csv", b"caf\xe9.csv"])
def test_an_odd_name_is_put_away_all_the_same(tmp_path: Path, name: bytes) -> None:
    watched, _ = folder(tmp_path)
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    file.write_text("rows")
    target = watched.put_away(file, "refused", f"Refused: {file.name}")
    assert target.read_text() == "rows"
    assert not file.exists()
