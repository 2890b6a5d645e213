"""The confined process: reads its job, confines itself, does what is asked of one file.

It has the path of the file, a folder for results, and no environment. It says what it finds on
standard output, one message a line. Its last word is `end`, or why the file is refused.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, assert_never

from accord.evidence.reading.inside.job import Job, Message, Refused, limited, note
from accord.evidence.reading.inside.sniffing import check_single, check_unlocked, kind_of
from accord.evidence.reading.kinds import Family, Kind
from accord.evidence.reading.oneline import one_line
from accord.evidence.reading.results import Area, Lack, Limits, SetAside, reason_of
from accord.platform.confined.confine import Bounds, confine, die_with_starter

sys.dont_write_bytecode = True


def reader_of(family: Family) -> Callable[[Job], Iterator[Message]] | None:
    """What reads files of a family. Only the libraries that it needs are loaded, and confined."""
    match family:
        case Family.PICTURE:
            from accord.evidence.reading.inside.pictures import read_picture as reader
        case Family.PDF:
            from accord.evidence.reading.inside.pdf import read_pdf as reader
        case Family.OFFICE:
            from accord.evidence.reading.inside.office import read_office as reader
        case Family.SHEET:
            from accord.evidence.reading.inside.office import read_sheet as reader
        case Family.ARCHIVE:
            from accord.evidence.reading.inside.office import read_archive as reader
        case Family.MAIL:
            from accord.evidence.reading.inside.mail import read_mail as reader
        case Family.WEB:
            from accord.evidence.reading.inside.markup import read_web as reader
        case Family.TEXT:
            from accord.evidence.reading.inside.markup import read_text as reader
        case Family.SOUND | Family.FILM | Family.OTHER:
            return None
        case _:
            assert_never(family)
    return reader


def main() -> int:
    """Do the job on standard input; returns 0 when everything was said."""
    die_with_starter()
    asked = json.loads(sys.stdin.readline())
    say = _speaker()
    path, out = Path(asked["path"]), Path(asked["out"])
    limits = Limits(**asked["limits"])
    walls = confine(
        Bounds(asked["cpu_s"], limits.memory_bytes, (str(path),), str(out), limits.result_bytes)
    )
    say("walls", walls.network, walls.files)
    try:
        for message in _done(asked, path, out, limits):
            say(*message)
        say("end")
    except Refused as refused:
        say("refused", refused.reason.value, one_line(refused.detail, 200))
    except MemoryError:
        say("refused", SetAside.MEMORY.value, "")
    except RecursionError:
        say("refused", SetAside.NESTED.value, "")
    except OSError as error:  # a result that outgrew its limit, or a file that is gone
        say("refused", reason_of(error).value, one_line(error.strerror or "", 200))
    except BaseException as error:  # a fault that no library names, Rust's panics too
        say("refused", SetAside.CRASHED.value, one_line(f"{type(error).__name__}: {error}", 200))
    return 0


def _speaker() -> Callable[..., None]:
    """Writes messages to what was standard output, which libraries can no longer write to."""
    mouth = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def say(*message: Any) -> None:
        mouth.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
        mouth.flush()

    return say


def _done(asked: dict[str, Any], path: Path, out: Path, limits: Limits) -> Iterator[Message]:
    kind = _kind(path)
    yield ("kind", kind.name)
    job = Job(path, kind, limits, out, bool(asked.get("ocr")), float(asked["cpu_s"]))
    with path.open("rb") as source:
        check_single(source, path.stat().st_size, kind)
    if asked["do"] == "read":
        yield from limited(_read(job), job)
    elif asked["do"] == "redact":
        areas = [Area(**area) for area in asked["areas"]]
        if kind.family not in (Family.PICTURE, Family.PDF):
            raise Refused(SetAside.UNFIT, f"a redaction of {kind.name}")
        from accord.evidence.reading.inside import redaction

        yield _result(job, redaction.redact(job, areas, int(asked["dpi"])))
    elif asked["do"] == "play":
        from accord.evidence.reading.inside import playing

        yield from playing.play(job)
    elif asked["do"] == "clip":
        yield from _clip(job, int(asked["start_ms"]), int(asked["end_ms"]))
    elif asked["do"] == "extract":
        yield _result(job, _extract(job, int(asked["attachment"])))


def _result(job: Job, name: str) -> Message:
    """A file that was made, with its kind by what is in it now."""
    path = job.out / name
    if name.endswith(".txt"):
        return ("result", name, "text")
    with path.open("rb") as source:
        return ("result", name, kind_of(source, path.stat().st_size).name)


def _kind(path: Path) -> Kind:
    size = path.stat().st_size
    if not size:
        raise Refused(SetAside.EMPTY)
    with path.open("rb") as source:
        return kind_of(source, size)


def _read(job: Job) -> Iterator[Message]:
    if _is_plain_sound(job):
        from accord.evidence.reading.inside.sound import read_sound

        yield from read_sound(job)
    elif job.kind.demuxer:
        from accord.evidence.reading.inside.media import read_media

        yield from read_media(job)
    elif (reader := reader_of(job.kind.family)) is not None:
        yield from reader(job)
    else:
        if job.kind.name in ("ole", "doc", "ppt"):
            check_unlocked(job.path)
        yield note(Lack.NO_TEXT)
        yield note(Lack.NO_PREVIEW)


def _is_plain_sound(job: Job) -> bool:
    """Whether the standard library reads this sound: PCM samples in a WAV file."""
    if job.kind.name != "wav":
        return False
    with job.path.open("rb") as source:
        head = source.read(4096)
    at = head.find(b"fmt ")
    return at < 0 or head[at + 8 : at + 10] == b"\x01\x00"


def _clip(job: Job, start_ms: int, end_ms: int) -> Iterator[Message]:
    if _is_plain_sound(job):
        from accord.evidence.reading.inside import sound

        sound.clip(job, start_ms, end_ms, job.out / "clip-1.wav")
        yield _result(job, "clip-1.wav")
    elif job.kind.demuxer:
        from accord.evidence.reading.inside import mediaclip

        yield _result(job, mediaclip.clip(job, start_ms, end_ms))
    else:
        raise Refused(SetAside.UNFIT, f"a clip of {job.kind.name}")


def _extract(job: Job, number: int) -> str:
    name = "extraction-1.bin" if number else "extraction-1.txt"
    with (job.out / name).open("wb") as result:
        if not number:
            unseen = replace(job, limits=replace(job.limits, preview_pages=0))
            for message in limited(_read(unseen), unseen):
                if message[0] == "passage":
                    result.write(f"{message[2]}\n".encode())
        else:
            result.writelines(_inner(job, number))
        if not result.tell():
            raise Refused(SetAside.UNFIT, "there is nothing in it to take out")
    return name


def _inner(job: Job, number: int) -> Iterator[bytes]:
    """The bytes of a file inside the file."""
    match job.kind.family:
        case Family.MAIL:
            from accord.evidence.reading.inside import mail

            yield mail.attached(job, number)
        case Family.PDF:
            from accord.evidence.reading.inside import pdf

            yield pdf.attached(job, number)
        case Family.ARCHIVE | Family.OFFICE | Family.SHEET:
            from accord.evidence.reading.inside import office

            yield from office.embedded_part(job, number)
        case _:
            raise Refused(SetAside.UNFIT, f"{job.kind.name} holds no files")
