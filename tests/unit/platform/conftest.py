"""PostgreSQL's programs, unpacked once, and a data directory whose server is stopped at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from accord.platform.db import binaries, launcher
from accord.platform.db.privileges import give, server_user


@pytest.fixture(scope="session")
def pg_bin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("programs")
    user = server_user(store / "data")
    give(store, user)
    return binaries.choose(store, user).bin_dir


@pytest.fixture
def closed_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def data_dir(closed_dir: Path, pg_bin: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.delenv("ACCORD_DATABASE_URL", raising=False)
    monkeypatch.setenv("ACCORD_PG_BIN", str(pg_bin))
    folder = closed_dir / ".accord"
    yield folder
    monkeypatch.delenv("ACCORD_DATABASE_URL", raising=False)
    launcher.stop(folder)


def is_root() -> bool:
    return os.geteuid() == 0
