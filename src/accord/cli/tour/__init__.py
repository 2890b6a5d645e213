"""`accord demo --tour`: the main job, played by its members through the public API alone.

The tour changes the demo as people would, and puts it back as people would: what it placed is
withdrawn, what was granted is revoked, and a further amendment with the original clauses replaces
the one that narrowed the agreement. Nothing is copied or reset, because nothing in Accord can be:
the ledger keeps all of it, and the tour may be played again on the same data directory.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from accord.cli.tour.stage import Narrator, Stage
from accord.cli.tour.story import PUT_BACK, STEPS

__all__ = ["play"]


def play(data_dir: Path, url: str, world: Path, *, as_json: bool = False) -> bool:
    """Play every step on the node at `url`; say each, and whether all came as expected."""
    narrator = Narrator(colour=sys.stdout.isatty() and not as_json, silent=as_json)
    stage = Stage(data_dir, url, world, narrator)
    try:
        for step in STEPS:
            narrator.play(step, stage)
            if narrator.stopped:
                narrator.play(PUT_BACK, stage)
                break
    finally:
        stage.close()
    if as_json:
        report = {"passed": narrator.passed, "url": url, "steps": narrator.facts()}
        sys.stdout.write(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    else:
        narrator.end()
    return narrator.passed
