"""Confines itself, then becomes the program it is told: the limits stay with the program."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from accord.platform.confined.confine import Bounds, confine, die_with_starter


def main() -> int:
    """Read the job on standard input and become the program; returns only where that fails."""
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    die_with_starter()
    bounds = {**asked["bounds"], "reads": tuple(asked["bounds"]["reads"]), "becomes": True}
    out = os.open(asked["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(out, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(bounds["folder"])
    confine(Bounds(**bounds))
    os.execv(asked["command"][0], asked["command"])  # noqa: S606 - a fixed program, found at start
    return 1
