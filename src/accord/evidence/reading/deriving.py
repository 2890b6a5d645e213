"""Makes one file from another: redaction, clip, extraction, copy. The source is only read.

What comes back says what was made from what, how and with what, so that somebody else can make it
again: the same source, parameters and tools give the same bytes.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import assert_never

from accord.evidence.reading import tools
from accord.evidence.reading.hearing import Heard, digest_of, hear
from accord.evidence.reading.kinds import Kind
from accord.evidence.reading.reader import DEFAULT, check_folder, state_of, sweep
from accord.evidence.reading.results import (
    Area,
    Clip,
    Copy,
    Derived,
    Extraction,
    Limits,
    Note,
    Redaction,
    Refusal,
    SetAside,
    Tool,
    Way,
    reason_of,
)
from accord.kernel.canonical import canonical

WHOLE = 10_000
MOST_AREAS = 2_000
LEAST_DPI, MOST_DPI = 72, 300
LONGEST_MS = 24 * 3600 * 1000


@dataclass(frozen=True)
class _Made:
    path: Path
    kind: Kind
    tools: tuple[Tool, ...]
    notes: tuple[Note, ...] = ()


class _NotMade(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.value)
        self.refusal = refusal


def derive(source: Path, way: Way, *, out: Path, limits: Limits = DEFAULT) -> Derived | Refusal:
    """A derivation in `out`, an empty private folder, or why there is none.

    Raises ValueError where `out` is not an empty folder, and nothing of the file or the way.
    """
    check_folder(out)
    try:
        _check(way)
        return _derived(source, way, out, limits)
    except _NotMade as error:
        sweep(out, ())
        return error.refusal
    except OSError as error:
        sweep(out, ())
        return Refusal(reason_of(error), error.strerror or "")


def name_of(way: Way) -> str:
    """What a way is called: `redaction`, `clip`, `extraction`, `copy`."""
    return type(way).__name__.lower()


def parameters_of(way: Way) -> str:
    """The parameters as canonical JSON (RFC 8785)."""
    return canonical({"way": name_of(way), **asdict(way)}).decode()


def _derived(source: Path, way: Way, out: Path, limits: Limits) -> Derived:
    before, digest = state_of(source), digest_of(source)
    made = _make(source, way, out, limits)
    if state_of(source) != before:
        raise _NotMade(Refusal(SetAside.CHANGED))
    sweep(out, (made.path,))
    return Derived(
        path=made.path,
        kind=made.kind,
        way=name_of(way),
        parameters=parameters_of(way),
        tools=made.tools,
        source=digest,
        result=digest_of(made.path),
        notes=made.notes,
    )


def _make(source: Path, way: Way, out: Path, limits: Limits) -> _Made:
    match way:
        case Redaction():
            areas = [asdict(area) for area in way.areas]
            heard = hear(source, out, limits, do="redact", areas=areas, dpi=way.dpi)
            return _from_reader(heard)
        case Clip():
            asked = {"start_ms": way.start_ms, "end_ms": way.end_ms}
            return _from_reader(hear(source, out, limits, do="clip", **asked))
        case Extraction():
            heard = hear(source, out, limits, do="extract", attachment=way.attachment)
            return _from_reader(heard)
        case Copy():
            path = out / "copy-1.bin"
            shutil.copyfile(source, path)
            heard = hear(source, out, limits, do="sniff")
            return _Made(path, heard.kind, (tools.own_alone(),))
        case _:
            assert_never(way)


def _from_reader(heard: Heard) -> _Made:
    if heard.refusal is not None:
        raise _NotMade(heard.refusal)
    if heard.result is None:
        raise _NotMade(Refusal(SetAside.ANSWER, "no result"))
    return _Made(heard.result, heard.made, tools.own(heard.kind), tuple(heard.notes))


def _check(way: Way) -> None:
    """Raises where the parameters name nothing that could be in any file."""
    match way:
        case Redaction():
            if not 1 <= len(way.areas) <= MOST_AREAS:
                raise _outside(f"from 1 to {MOST_AREAS:,} areas")
            if not LEAST_DPI <= way.dpi <= MOST_DPI:
                raise _outside(f"from {LEAST_DPI} to {MOST_DPI} dots an inch")
            for area in way.areas:
                _check_area(area)
        case Clip():
            if not 0 <= way.start_ms < way.end_ms <= LONGEST_MS:
                raise _outside("a clip begins before it ends")
        case Extraction():
            if way.attachment < 0:
                raise _outside("attachments are counted from 1")
        case Copy():
            return
        case _:
            assert_never(way)


def _check_area(area: Area) -> None:
    inside = area.left >= 0 and area.top >= 0 and area.page >= 1
    inside = inside and area.width >= 1 and area.height >= 1
    if not inside or area.left + area.width > WHOLE or area.top + area.height > WHOLE:
        raise _outside("an area lies on a page, in ten-thousandths of its width and height")


def _outside(detail: str) -> _NotMade:
    return _NotMade(Refusal(SetAside.OUTSIDE, detail))
