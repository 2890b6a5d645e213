"""A world speaks one version of the vocabulary; a node may hold worlds of several."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from accord.cli.world.read import World, read_world
from accord.kernel.errors import InvalidInput

WORLDS = Path(__file__).parents[3] / "worlds"


def refusal(folder: Path) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        list(read_world(folder).written_records())
    return caught.value


@pytest.fixture
def tips(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WORLDS / "simply-report", tmp_path / "simply-report"))


def test_a_later_word_is_refused_in_a_world_of_an_earlier_version(tips: Path) -> None:
    world = tips / "world.yaml"
    world.write_text(world.read_text("utf-8").replace("vocabulary: 2", "vocabulary: 1"), "utf-8")
    faults = [fault.message for fault in refusal(tips).faults]
    assert any("'tip-reviewer' is not a word" in fault for fault in faults)


def test_a_record_without_a_property_that_its_schema_needs_is_named(tips: Path) -> None:
    path = tips / "records" / "basin-so.jsonl"
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    at = next(n for n, line in enumerate(lines) if line["schema"] == "Warrant")
    del lines[at]["parts"]["core"]["warrantNumber"]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    error = refusal(tips)
    assert (error.line, error.field) == (at + 1, "parts.core.warrantNumber")
    assert "needs" in error.rule


def test_a_world_that_generates_nothing_needs_no_calibration(riverbend: World) -> None:
    world = read_world(WORLDS / "west-bay")
    assert world.generated is None
    assert not (world.folder / "calibration").exists()
    assert [r["source_ref"] for r in world.records()] == [
        r.data["source_ref"] for r in world.written_records()
    ]
    assert riverbend.vocabulary == 1
    assert world.vocabulary == 2
