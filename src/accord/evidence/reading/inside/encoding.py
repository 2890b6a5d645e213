"""Writes sound and film anew: pictures and samples of one file on their way into another.

What is written holds no tag, chapter, date or name of a program, and is the same bytes each time:
one thread, and whatever the libraries would say of themselves is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

import av
from av import AudioFrame, VideoFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from accord.evidence.reading.inside.job import Job
from accord.evidence.reading.inside.opening import (
    MICRO,
    Damage,
    Film,
    Sound,
    at_us,
    check_pixels,
    decoded,
    go_to,
)

TICKS = 90_000
"""A second of film, as its pictures are timed."""
ROUNDED = 20
"""Moments that are off by less than this part of a second were rounded: sound goes on."""
USUAL_RATE = Fraction(25)


@dataclass(frozen=True)
class Look:
    """How pictures are written."""

    codec: str
    size: tuple[int, int]
    """Width and height, upright, in pixels."""
    options: dict[str, str]
    step_us: int = 0
    """The least time between two pictures; those between are left out."""
    bit_rate: int = 0
    apart: int = 0
    """The most pictures from one that can be jumped to, to the next; 0 leaves it to the codec."""


@dataclass(frozen=True)
class Tone:
    """How samples are written."""

    codec: str
    form: str
    layout: str
    rate_hz: int
    bit_rate: int = 0
    options: dict[str, str] = field(default_factory=dict)


def written(job: Job, name: str, form: str, **options: str) -> OutputContainer:
    """A file of results to be written, that says nothing of who wrote it and when."""
    said = {"fflags": "+bitexact", **options}
    return av.open(f"file:{job.out / name}", "w", format=form, options=said)


def encode(
    source: InputContainer,
    tracks: tuple[Pictures | None, Samples | None],
    begin_us: int,
    late: Callable[[], bool],
) -> bool:
    """Write what is shown and heard; False where it became late before all of it was written."""
    pictures, samples = tracks
    streams = [track.source for track in tracks if track]
    ends = [track.stretch.stop for track in tracks if track]
    over: set[bool] = set()
    whole = True
    go_to(source, begin_us)
    for frame in decoded(source, streams, Damage()):
        at = at_us(frame, source)
        if at is None:
            continue
        if at >= max(ends):
            over.add(isinstance(frame, VideoFrame))
        elif isinstance(frame, VideoFrame) and pictures:
            pictures.take(frame, at)
        elif isinstance(frame, AudioFrame) and samples:
            samples.take(frame, at)
        if len(over) == len(streams):
            break
        if late():
            whole = False
            break
    for track in tracks:
        if track is not None:
            track.end()
    return whole


class Pictures:
    """The pictures of a film on their way into a new one."""

    def __init__(
        self, result: OutputContainer, source: VideoStream, look: Look, stretch: range, job: Job
    ) -> None:
        self.source, self.stretch, self.count, self.end_us = source, stretch, 0, 0
        self.size = look.size
        self._result, self._look, self._job = result, look, job
        self._film, self._last, self._due_us = Film(*look.size), -1, 0
        rate = source.average_rate or source.guessed_rate or USUAL_RATE
        self._long_us = max(int(MICRO / rate), look.step_us)
        stream = result.add_stream(
            look.codec, rate=Fraction(MICRO, self._long_us), options=look.options
        )
        self._stream = cast(VideoStream, stream)
        context = self._stream.codec_context
        context.width, context.height = look.size
        context.pix_fmt, context.time_base = "yuv420p", Fraction(1, TICKS)
        context.thread_count = 1
        context.flags |= Flags.bitexact
        if look.bit_rate:
            context.bit_rate = look.bit_rate
        if look.apart:
            context.gop_size = look.apart

    def take(self, frame: VideoFrame, at_us: int) -> None:
        """The next frame, shown at this moment of its source; before the stretch it is left out."""
        shown_us = at_us - self.stretch.start
        pts = shown_us * TICKS // MICRO
        if pts <= self._last or shown_us < self._due_us:
            return
        check_pixels(frame.width, frame.height, self._job)
        turned = self._film.take(frame)
        turned.pts, turned.time_base = pts, Fraction(1, TICKS)
        step = self._look.step_us
        self._due_us = shown_us // step * step + step if step else 0
        self._last, self.count = pts, self.count + 1
        self.end_us = shown_us + self._long_us
        self._result.mux(self._stream.encode(turned))

    def end(self) -> None:
        """What the encoder has kept back."""
        self._result.mux(self._stream.encode(None))


class Samples:
    """The sound on its way into a new file, cut at the very sample."""

    def __init__(
        self, result: OutputContainer, source: AudioStream, tone: Tone, stretch: range
    ) -> None:
        self.source, self.stretch, self.count, self.end_us = source, stretch, 0, 0
        self._result, self._tone, self._next = result, tone, 0
        self._sound = Sound(tone.form, tone.layout, tone.rate_hz)
        self._pts: int | None = None
        stream = result.add_stream(
            tone.codec, rate=tone.rate_hz, layout=tone.layout, options=tone.options
        )
        self._stream = cast(AudioStream, stream)
        self._stream.codec_context.format = tone.form
        self._stream.codec_context.flags |= Flags.bitexact
        if tone.bit_rate:
            self._stream.codec_context.bit_rate = tone.bit_rate

    def take(self, frame: AudioFrame, at_us: int) -> None:
        """The next frame, heard from this moment of its source on; what is outside is cut off."""
        rate = frame.sample_rate
        first = round(at_us * rate / MICRO)
        if abs(first - self._next) < rate // ROUNDED:
            first = self._next
        self._next = first + frame.samples
        start, stop = (side * rate // MICRO for side in (self.stretch.start, self.stretch.stop))
        kept = range(max(first, start), min(first + frame.samples, stop))
        if not kept:
            return
        if self._pts is None:  # the sound of a film may begin after its pictures
            late = (kept.start - start) * self._tone.rate_hz // rate
            self._pts = 0 if self._tone.codec == "flac" else late
        whole = len(kept) == frame.samples
        cut = frame if whole else stretch_of(frame, kept.start - first, len(kept))
        self._encode(self._sound.take(cut))
        self.count += len(kept)
        self.end_us = (kept.stop - start) * MICRO // rate

    def end(self) -> None:
        """What the encoder has kept back."""
        self._encode(self._sound.end())
        self._result.mux(self._stream.encode(None))

    def _encode(self, frames: Iterator[AudioFrame]) -> None:
        for frame in frames:
            frame.pts, frame.time_base = self._pts, Fraction(1, self._tone.rate_hz)
            self._pts = (self._pts or 0) + frame.samples
            self._result.mux(self._stream.encode(frame))


def stretch_of(frame: AudioFrame, skip: int, keep: int) -> AudioFrame:
    """Some of the samples of a frame."""
    width = frame.format.bytes
    width *= 1 if frame.format.is_planar else frame.layout.nb_channels
    cut = AudioFrame(frame.format.name, frame.layout, keep)
    cut.sample_rate, cut.time_base = frame.sample_rate, frame.time_base
    for source, target in zip(frame.planes, cut.planes, strict=True):
        target.update(bytes(source)[skip * width : (skip + keep) * width])
    return cut


def even(width: float, height: float) -> tuple[int, int]:
    """A size that can be written with colours of half the size."""
    return max(2, int(width) // 2 * 2), max(2, int(height) // 2 * 2)
