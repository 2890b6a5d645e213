"""Sound in WAV files, by the standard library: facts, the picture of its wave, and stretches of it."""

from __future__ import annotations

import struct
import wave
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw

from accord.evidence.reading.inside.drawing import shown
from accord.evidence.reading.inside.job import Job, Message, Refused, fact
from accord.evidence.reading.results import SetAside, Use

COLUMNS, HEIGHT = 1_200, 240
HALF = HEIGHT // 2 - 2
"""The highest sample, in pixels above the middle."""
MOST_FRAMES_A_COLUMN = 4_096
GROUND, WAVE = 255, 60
BLOCK_FRAMES = 1 << 18


@contextmanager
def opened(path: Path) -> Iterator[wave.Wave_read]:
    """The sound; raises Refused where it is cut off, compressed or none."""
    try:
        with path.open("rb") as source, wave.open(source, "rb") as sound:
            yield sound
    except (wave.Error, EOFError, struct.error, ValueError, OverflowError, ZeroDivisionError,
            RuntimeError) as error:  # fmt: skip
        raise Refused(SetAside.MALFORMED, str(error)) from None


def read_sound(job: Job) -> Iterator[Message]:
    """A WAV file."""
    with opened(job.path) as sound:
        rate, frames = sound.getframerate(), whole_frames(sound, job.path)
        yield from fact("duration_ms", frames * 1000 // rate)
        yield from fact("sample_rate_hz", rate)
        yield from fact("channels", sound.getnchannels())
        yield from fact("bits_a_sample", sound.getsampwidth() * 8)
        yield from shown(waveform(sound, frames), job, Use.WAVEFORM, 1)


def whole_frames(sound: wave.Wave_read, path: Path) -> int:
    """How many frames there are; raises Refused where the file holds fewer than it says."""
    frames, size = sound.getnframes(), sound.getsampwidth() * sound.getnchannels()
    if sound.getframerate() < 1 or size < 1:
        raise Refused(SetAside.MALFORMED, "no samples a second")
    if frames * size > path.stat().st_size:
        raise Refused(SetAside.MALFORMED, "the file holds less sound than it says")
    return frames


def waveform(sound: wave.Wave_read, frames: int) -> Image.Image:
    """The highest and lowest sample of each stretch, of the first channel."""
    return drawn(_ranges(sound, frames))


def drawn(ranges: Iterable[tuple[int, int]]) -> Image.Image:
    """The picture of a wave: the lowest and highest of each column, in pixels above the middle."""
    picture = Image.new("L", (COLUMNS, HEIGHT), GROUND)
    pen = ImageDraw.Draw(picture)
    for column, (low, high) in enumerate(ranges):
        middle = HEIGHT // 2
        pen.line([(column, middle - high), (column, middle - low)], fill=WAVE)
    return picture


def _ranges(sound: wave.Wave_read, frames: int) -> Iterator[tuple[int, int]]:
    for column in range(COLUMNS if frames else 0):
        first, after = frames * column // COLUMNS, frames * (column + 1) // COLUMNS
        yield _range(sound, first, min(max(1, after - first), MOST_FRAMES_A_COLUMN))


def _range(sound: wave.Wave_read, first: int, frames: int) -> tuple[int, int]:
    """The lowest and highest sample, in pixels above the middle."""
    sound.setpos(first)
    data, width = sound.readframes(frames), sound.getsampwidth()
    samples = _high_bytes(data, width, sound.getnchannels())
    if not samples:
        return 0, 0
    return min(samples) * HALF // 128, max(samples) * HALF // 128


def _high_bytes(data: bytes, width: int, channels: int) -> list[int] | array[int]:
    """The most significant byte of each sample of the first channel, from -128 to 127."""
    high = data[width - 1 :: width * channels]
    if width == 1:  # unsigned, by the format's rule
        return [value - 128 for value in high]
    return array("b", high)


def clip(job: Job, start_ms: int, end_ms: int, out: Path) -> None:
    """Write a stretch of the sound, sample by sample, with nothing else of the original."""
    with opened(job.path) as sound:
        rate, frames = sound.getframerate(), whole_frames(sound, job.path)
        first, after = start_ms * rate // 1000, min(end_ms * rate // 1000, frames)
        if first >= after or (end_ms - 1) * rate // 1000 > frames:
            raise Refused(SetAside.OUTSIDE, f"the sound is {frames * 1000 // rate} ms long")
        with out.open("wb") as target, wave.open(target, "wb") as result:
            result.setnchannels(sound.getnchannels())
            result.setsampwidth(sound.getsampwidth())
            result.setframerate(rate)
            result.setnframes(after - first)
            sound.setpos(first)
            while first < after:
                step = min(BLOCK_FRAMES, after - first)
                result.writeframes(sound.readframes(step))
                first += step
