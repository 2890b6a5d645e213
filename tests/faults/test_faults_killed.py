"""Web, worker and sequencer are killed at random moments under load, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parents[1]


def killed(kills: int, seed: int, records: int) -> dict[str, Any]:
    """A run in a process of its own, with a node of its own; its table is shown by pytest -s or -rA."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    done = subprocess.run(
        [sys.executable, "-m", "faults.run", "--kills", str(kills), "--seed", str(seed),
         "--records", str(records)],
        env=environment | {"PYTHONPATH": str(HERE)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    sys.stdout.write(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.xdist_group("faults")
def test_a_few_kills_lose_nothing() -> None:
    said = killed(kills=6, seed=1, records=60)
    assert said["losses"] == 0
    assert sum(said["kills"].values()) >= 6
    assert set(said["kills"]) >= {"web", "worker", "sequencer"}


@pytest.mark.slow
@pytest.mark.xdist_group("faults")
def test_two_hundred_kills_lose_nothing(request: pytest.FixtureRequest) -> None:
    kills: int = request.config.getoption("kills", 200)
    seed: int = request.config.getoption("seed", 1)
    said = killed(kills=kills, seed=seed, records=300)
    assert said["losses"] == 0
    assert sum(said["kills"].values()) >= kills
