"""What the store of evidence says of itself, and what it removes of killed processes."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from obstore.store import LocalStore

from accord.evidence import store as module
from accord.evidence.store import ObjectStore

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> ObjectStore:
    return ObjectStore(LocalStore(str(tmp_path)), tmp_path)


def test_what_was_half_written_a_day_ago_goes_and_nothing_else(
    kept: ObjectStore, tmp_path: Path
) -> None:
    whole = kept.put(b"whole")
    half, new = (tmp_path / whole[:2] / f"{'0f' * 32}#{n}" for n in (1, 2))
    for path, days in ((half, 2), (new, 0), (tmp_path / whole[:2] / whole, 2)):
        path.touch()
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (at, at))
    assert kept.remove_unfinished(NOW - timedelta(days=1)) == 1
    assert not half.exists()
    assert new.exists()
    assert kept.get(whole) == b"whole"


def test_a_store_says_that_it_is_full_or_closed_before_anybody_sends(
    kept: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept.trouble() is None
    monkeypatch.setattr(module.os, "access", lambda *_: False)
    assert "cannot be written to" in str(kept.trouble())
    monkeypatch.undo()
    room = module.shutil.disk_usage("/")._replace(free=1_000)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: room)
    assert "full" in str(kept.trouble())
