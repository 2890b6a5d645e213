"""The demo world is filled behind its pages: from where it stood, and over nothing people did."""

from __future__ import annotations

from pathlib import Path

import pytest
from contributing import superuser

from accord.cli.world import filling

RIVERBEND = Path(__file__).parents[2] / "worlds" / "riverbend"


def _generated(world: Path) -> int:
    with superuser(world) as db:
        row = db.execute("select count(*) from record where source_system <> 'accord'").fetchone()
        assert row
        return int(row[0])


def test_filling_goes_on_where_it_stopped(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(filling, "STRETCH", 30)
    before = _generated(world)
    assert filling.fill(world, RIVERBEND, 5_060, lambda there, _: told.append(there)) == 60
    assert told == [5_030, 5_060]
    assert filling.filled(world) == 5_060
    assert filling.fill(world, RIVERBEND, 5_060, lambda *_: None) == 0
    assert filling.fill(world, RIVERBEND, 5_070, lambda *_: None) == 10
    assert _generated(world) == before + 70
    (world / filling.MARK).unlink()
