"""What every format gives: what was recognised, samples for a mapping, and the raw facts of records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from accord.kernel.errors import InvalidInput
from accord.records.intake.drafting import Intake
from accord.records.intake.mapping import Mapped
from accord.records.intake.rows import Drawn

SAMPLE_ROWS = 20
SAMPLE_CHARS = 200


@dataclass(frozen=True)
class Options:
    """How to read where the file does not say it itself."""

    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Sitting:
    """What the drawing of records depends on besides the file."""

    intake: Intake
    mapped: Mapped | None = None
    label: Mapping[str, object] = field(default_factory=dict)
    """What the sender states of every record of a format that has its own mapping."""


@dataclass
class Reading:
    """A file that was opened and whose form is right; `draw` may be called once."""

    said: str
    """The format in a few words, for whoever sent the file."""
    draw: Callable[[Sitting], Iterator[Drawn]]
    at: Callable[[], int]
    """How far the file was read, in bytes."""
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    left: Counter[str] = field(default_factory=Counter)
    """What has no place in Accord and was left out, by kind."""


@dataclass(frozen=True)
class Format:
    """One kind of file."""

    name: str
    title: str
    tabular: bool
    """Whether its columns need a mapping that somebody wrote."""
    open: Callable[[BinaryIO, str, Options], Reading]
    """Checks the form of the whole file; raises InvalidInput."""
    states_basis: bool = False
    """Whether the format itself says how the information was collected."""


def need_mapping(sitting: Sitting, file: str) -> Mapped:
    """The mapping of a tabular file."""
    if sitting.mapped is None:
        raise InvalidInput(file, None, "mapping", "this file needs a mapping")
    return sitting.mapped


def check_size(source: BinaryIO, file: str, most_bytes: int) -> int:
    """The size of a file that is read as one piece; raises InvalidInput when it is too large."""
    size = source.seek(0, 2)
    source.seek(0)
    if size == 0:
        raise InvalidInput(file, None, "", "the file is empty")
    if size > most_bytes:
        rule = f"a file of this kind has at most {most_bytes:,} bytes; send it in pieces"
        raise InvalidInput(file, None, "", rule)
    return size


def cut(text: str) -> str:
    """A cell as a sample shows it."""
    return text if len(text) <= SAMPLE_CHARS else text[: SAMPLE_CHARS - 1] + "…"
