"""The riverbend world, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from accord.cli.world.read import World, read_world

RIVERBEND = Path(__file__).parents[3] / "worlds" / "riverbend"


@pytest.fixture(scope="session")
def riverbend() -> World:
    return read_world(RIVERBEND)
