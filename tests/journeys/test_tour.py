"""The tour is played for real: `accord demo --tour`, twice on the same data, and where it must fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

RIVERBEND = Path(__file__).parents[2] / "worlds" / "riverbend"
ACCORD = Path(sys.executable).with_name("accord")
PORT = "18470"

pytestmark = pytest.mark.xdist_group("tour")  # one after the other, on one node


def _accord(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ACCORD_", "DJANGO_"))}
    return subprocess.run(
        [str(ACCORD), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def demo() -> Iterator[Path]:
    """A data directory with the demo world, smaller than the demo's, and no node running."""
    from accord.platform.db import launcher

    folder = Path(tempfile.mkdtemp(prefix="accord-tour-test-"))
    folder.chmod(0o711)
    loaded = _accord("load", str(RIVERBEND), "--size", "50", "--data-dir", str(folder))
    assert loaded.returncode == 0, loaded.stderr
    (folder / "demo-world").write_text("riverbend", "utf-8")
    yield folder
    launcher.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _tour(demo: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return _accord("demo", "--tour", "--data-dir", str(demo), "--port", PORT, *more)


def test_tour_passes_and_cites_the_clauses_that_decided(demo: Path) -> None:
    told = _tour(demo)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "The tour passed: 12 steps" in told.stdout
    assert "✗" not in told.stdout
    assert "\x1b" not in told.stdout, "colours are for terminals"
    for clause in ("4.1", "4.2", "4.3", "4.4"):
        assert f"mou-2026-007, clause {clause}" in told.stdout


def test_tour_passes_again_on_the_same_data(demo: Path) -> None:
    told = _tour(demo, "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    report = json.loads(told.stdout)
    assert report["passed"] is True
    assert len(report["steps"]) == 12
    checks = [line for step in report["steps"] for line in step["lines"] if "held" in line]
    assert len(checks) > 40
    assert all(line["held"] for line in checks)


def test_tour_that_differs_says_where_and_exits_1(demo: Path) -> None:
    key = demo / "secrets" / "agency-signing" / "state-bi.key"
    away = key.with_suffix(".away")
    key.rename(away)
    try:
        told = _tour(demo)
    finally:
        away.rename(key)
    assert told.returncode == 1
    assert "✗ the signing key of state-bi is not at" in told.stdout
    assert "THE TOUR DID NOT PASS: The stage is as the world describes it" in told.stdout


def test_a_check_that_differs_is_marked_with_what_was_expected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from accord.cli.tour.stage import Narrator, Stage, Step

    def play(_: Stage) -> None:
        narrator.expect("she sees two parts", ["core"], ["core", "identity"], "mou, clause 4.4")

    narrator = Narrator(colour=False, silent=False)
    narrator.play(Step("She reads", play), None)  # type: ignore[arg-type]  # this step asks nobody
    narrator.end()
    said = capsys.readouterr().out
    assert not narrator.passed
    assert "✗ she sees two parts   [mou, clause 4.4]" in said
    assert "expected: ['core', 'identity']" in said
    assert "found:    ['core']" in said
    assert "THE TOUR DID NOT PASS: She reads." in said
