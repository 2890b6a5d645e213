"""Makes the records of a world from a seed: same seed, same bytes; only the answer key grows.

Rings and decoys come first, then episodes, each drawn from a stream of its own, until the size is
reached. A larger world therefore begins with the records of the smaller one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from accord.cli.world import episodes, trafficking
from accord.cli.world.answer_key import AnswerKey
from accord.cli.world.calibration import Calibration
from accord.cli.world.dice import Dice
from accord.cli.world.episodes import Episode
from accord.cli.world.rings import plant_decoys, plant_rings
from accord.cli.world.scribe import Scribe
from accord.cli.world.stage import Stage

REPERTOIRE: tuple[tuple[Episode, float], ...] = (
    (episodes.theft, 22),
    (episodes.property_crime, 16),
    (episodes.violence, 11),
    (episodes.drugs, 10),
    (episodes.weapons, 6),
    (episodes.fraud, 5),
    (episodes.operation, 3),
    (episodes.address_check, 4),
    (trafficking.trafficking, 10),
    (trafficking.help_given, 3),
    (trafficking.intelligence, 6),
    (trafficking.abroad, 4),
)

CROWDED = 3_000
"""From this episode on many people have a second given name: a small region's names would repeat."""

Line = dict[str, Any]


@dataclass
class Generation:
    """A world being made; `key` is whole once `lines` is exhausted."""

    lines: Iterator[Line]
    key: AnswerKey


def generate(
    calibration: Calibration,
    agencies: Sequence[Mapping[str, Any]],
    cases: Sequence[dict[str, Any]],
    as_of: date,
    *,
    size: int,
    seed: int | str,
) -> Generation:
    """Exactly `size` record lines, one at a time."""
    key = AnswerKey()
    scribe = Scribe({a["id"]: a["kind"] for a in agencies}, key)
    stage = Stage(calibration, scribe, agencies, as_of, str(seed))
    return Generation(_lines(stage, cases, size), key)


def _lines(stage: Stage, cases: Sequence[dict[str, Any]], size: int) -> Iterator[Line]:
    """The first `size` lines; what the last scene wrote beyond them leaves the key again."""
    left = size
    for scene in _scenes(stage, cases):
        yield from scene[:left]
        for line in scene[left:]:
            stage.scribe.key.forget((line["agency"], line["source_ref"]))
        left -= len(scene)
        if left <= 0:
            return


def _scenes(stage: Stage, cases: Sequence[dict[str, Any]]) -> Iterator[list[Line]]:
    plant_rings(stage, Dice(f"{stage.seed}/rings"), cases)
    plant_decoys(stage, Dice(f"{stage.seed}/decoys"))
    yield stage.scribe.take()
    plays, weights = zip(*REPERTOIRE, strict=True)
    for number in count():
        dice = Dice(f"{stage.seed}/episode/{number}")
        stage.crowded = number >= CROWDED
        dice.weighted(plays, weights)(stage, dice)
        yield stage.scribe.take()


def as_bytes(line: Mapping[str, Any]) -> bytes:
    """One JSON line in UTF-8, fields in the order of the format."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def write_world(generation: Generation, out: Path) -> dict[str, int]:
    """Writes records/<agency>.jsonl and answer_key.json; answers how many by agency."""
    folder = out / "records"
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, int] = {}
    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        for line in generation.lines:
            agency = line["agency"]
            if agency not in files:
                files[agency] = stack.enter_context((folder / f"{agency}.jsonl").open("wb"))
            files[agency].write(as_bytes(line))
            written[agency] = written.get(agency, 0) + 1
    key = json.dumps(generation.key.as_data(), ensure_ascii=False, indent=1) + "\n"
    (out / "answer_key.json").write_bytes(key.encode())
    return written
