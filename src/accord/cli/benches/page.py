"""The page of figures: each table with its machine and its command, in the place of its last."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

PAGE = Path("docs/benchmarks.md")


@dataclass(frozen=True)
class Compared:
    """One figure beside its reference of the same run, and the goal it is held to."""

    what: str
    figure: str
    reference: str
    ratio: str
    goal: str = ""

    def row(self) -> str:
        return f"| {self.what} | {self.figure} | {self.reference} | {self.ratio} | {self.goal} |"


def table(figures: Sequence[Compared]) -> list[str]:
    """The lines of a table of figures beside their references."""
    head = ["| what | figure | reference in the same run | ratio | goal |"]
    return [*head, "| --- | ---: | ---: | ---: | --- |", *[f.row() for f in figures]]


def report(title: str, lines: Sequence[str], append: bool) -> None:
    """Print a section with machine and command, and put it on the page of figures."""
    where = f"{datetime.now(UTC):%Y-%m-%d}, {machine()}; `accord {' '.join(sys.argv[1:])}`"
    text = "\n".join([f"## {title}", "", where, "", *lines, ""])
    click.echo(text)
    if append and PAGE.parent.is_dir():
        PAGE.write_text(with_section(PAGE.read_text("utf-8"), title, text), "utf-8")


def with_section(page: str, title: str, text: str) -> str:
    """The page with this table in the place of the last one that measured the same."""
    subject = re.split("[:,]", title)[0]
    kept = [s for s in re.split(r"(?m)^(?=## )", page) if not s.startswith(f"## {subject}")]
    return "\n\n".join(part.strip("\n") for part in [*kept, text]) + "\n"


def machine() -> str:
    """What a figure was measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [x for x in info.read_text("utf-8").splitlines() if x.startswith("model name")]
        model = named[0].partition(":")[2].strip() if named else model
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"
