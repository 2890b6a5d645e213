"""Small files are whole and private; locks end with their holder."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.platform import files


def test_a_private_file_is_private_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    for text in ("one", "two"):
        files.write_private(path, text)
        assert path.read_text() == text
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_held_lock_names_its_holder_and_is_free_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with (
        files.lock(path, note="the first"),
        pytest.raises(files.Locked, match="the first"),
        files.lock(path),
    ):
        pytest.fail("two holders")
    with files.lock(path):
        pass


def test_a_large_log_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_LOG_BYTES", 3)
    path = tmp_path / "web.log"
    for text in (b"old words", b"new"):
        with files.open_log(path) as stream:
            stream.write(text)
    assert path.read_bytes() == b"new"
    assert (tmp_path / "web.log.1").read_bytes() == b"old words"
    assert path.stat().st_mode & 0o777 == 0o600
