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
    monkeypatch.setattr(filling, "STRETCH", 3)
    before = _generated(world)
    assert filling.fill(world, RIVERBEND, 5_006, lambda there, _: told.append(there)) == 6
    assert told == [5_003, 5_006]
    assert filling.filled(world) == 5_006
    assert filling.fill(world, RIVERBEND, 5_006, lambda *_: None) == 0
    assert filling.fill(world, RIVERBEND, 5_008, lambda *_: None) == 2
    assert _generated(world) == before + 8
    (world / filling.MARK).unlink()
