"""Reads the file of an exhibit: what kind it is, what it says, what it looks like.

1. The file is hashed, here, as bytes.
2. A confined process tells its kind by content, reads facts and text, and draws previews.
3. Of sound and film another one encodes a preview to play. Pages without text go to tesseract,
   confined too, where it is installed.
4. Whatever goes wrong ends in a quarantine with a reason. The file itself is never written to.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

from accord.evidence.reading import tools
from accord.evidence.reading.hearing import Heard, digest_of, hear
from accord.evidence.reading.kinds import UNKNOWN, mismatch
from accord.evidence.reading.results import (
    PASSING,
    Digest,
    Lack,
    Limits,
    Note,
    Passage,
    Reading,
    Refusal,
    SetAside,
    Tool,
    reason_of,
)

DEFAULT = Limits()
OCR_LANGUAGES = 4
LEAST_CHARS = 3
"""What tesseract makes of specks in a photograph is shorter than a word."""


def read_exhibit(
    source: Path, *, name: str, out: Path, limits: Limits = DEFAULT, digest: Digest | None = None
) -> Reading:
    """All that can be learned of one file; previews are written into `out`, an empty private folder.

    `name` is what the file was called where it was found. `digest` spares hashing where the caller
    has just done it. Raises ValueError where `out` is not an empty folder, and nothing of the file.
    """
    check_folder(out)
    try:
        before = state_of(source)
        digest = digest or digest_of(source)
        heard = hear(source, out, limits, do="read", ocr=tools.find("tesseract") is not None)
        _play(heard, source, out, limits)
        used = _ocr(heard, out, limits) if heard.scans and heard.refusal is None else ()
        if state_of(source) != before:
            heard.refusal = Refusal(SetAside.CHANGED)
    except OSError as error:
        sweep(out, ())
        refusal = Refusal(reason_of(error), error.strerror or "")
        return Reading(digest, UNKNOWN, None, refusal)
    return _reading(heard, digest, name, out, used)


def check_folder(out: Path) -> None:
    """Raises ValueError where results would lie among other files."""
    if not out.is_dir() or any(out.iterdir()):
        raise ValueError(f"{out} is not an empty folder")


def sweep(out: Path, kept: tuple[Path, ...]) -> None:
    """Remove what a process left in its folder and nobody asked for."""
    for path in out.iterdir():
        if path in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def state_of(source: Path) -> tuple[int, int, int]:
    """What differs once a file was written to or replaced. Raises OSError."""
    facts = os.stat(source)
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is no plain file")
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _play(heard: Heard, source: Path, out: Path, limits: Limits) -> None:
    """Let another confined process make the preview that is played; without one the rest stands."""
    if heard.refusal is not None or not heard.kind.demuxer:
        return
    made = hear(source, out, replace(limits, result_bytes=limits.played_bytes), do="play")
    if made.refusal is None:
        heard.previews += made.previews
        heard.notes += made.notes
    elif made.refusal.reason in (SetAside.ANSWER, *PASSING):
        heard.refusal = made.refusal
    else:
        heard.notes.append(Note(Lack.NOT_PLAYED, made.refusal.reason.value))


def _ocr(heard: Heard, out: Path, limits: Limits) -> tuple[Tool, ...]:
    program = tools.find("tesseract")
    if program is None:
        return ()
    languages = tools.ocr_languages()[:OCR_LANGUAGES]
    for number, page in heard.scans:
        asked = [page.name, "stdout", "-l", "+".join(languages)]
        try:
            said = tools.run(program, asked, out=out, limits=limits)
        except tools.Failed as failed:
            heard.notes.append(Note(Lack.OCR_FAILED, f"page {number}: {failed}"))
            continue
        text = said.decode("utf-8", "replace").replace("\0", "").strip()[: limits.text_chars]
        if len(text) >= LEAST_CHARS:
            heard.passages.append(Passage(f"page {number}, as a picture", text))
    return (replace(program.tool, version=f"{program.tool.version} ({', '.join(languages)})"),)


def _reading(heard: Heard, digest: Digest, name: str, out: Path, used: tuple[Tool, ...]) -> Reading:
    misleads = mismatch(name, heard.kind)
    if heard.refusal is not None:
        sweep(out, ())
        return Reading(digest, heard.kind, misleads, heard.refusal)
    sweep(out, tuple(preview.path for preview in heard.previews))
    return Reading(
        digest=digest,
        kind=heard.kind,
        mismatch=misleads,
        facts=tuple(heard.facts),
        passages=tuple(heard.passages),
        attachments=tuple(heard.attachments),
        previews=tuple(heard.previews),
        notes=tuple(heard.notes),
        tools=(*tools.own(heard.kind), *used),
    )
