"""Opens sound and film with FFmpeg's libraries (PyAV), loaded into a process that is confined already.

1. The demuxer is that of the kind that was found: no playlist or list of files passes as a film.
2. It may open files and no address, and the kernel shows it the one file.
3. Nothing starts a thread. A damaged packet is left out and counted; what decodes is used.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import av
from av import VideoFrame
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.filter import Graph
from av.stream import Disposition
from av.video.stream import VideoStream

from accord.evidence.reading.inside.job import Job, Refused
from accord.evidence.reading.kinds import Family
from accord.evidence.reading.results import SetAside

MICRO = 1_000_000
"""FFmpeg's clock for whole files ticks so often a second."""
BACK_US = 12 * MICRO
"""Where no picture decodes from a place, so much before it is tried: they refer to earlier ones."""
MOST_DAMAGED = 1_000
"""Packets that do not decode; a file with more is not followed further."""
LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""What so many channels are taken for where the file does not say."""
BROKEN = (FFmpegError, ValueError, ArithmeticError, LookupError, RuntimeError, TypeError)
"""What the libraries raise of damaged sound and film."""
FULL = (errno.EFBIG, errno.ENOSPC, errno.EDQUOT)

av.logging.set_level(None)


@dataclass
class Damage:
    """How much of a file did not decode."""

    packets: int = 0


@contextmanager
def damage_is_told() -> Iterator[None]:
    """Whatever the libraries raise of a damaged file becomes a refusal.

    Too little memory and a disk or result that is full are no damage: MemoryError, OSError.
    """
    try:
        yield
    except MemoryError:
        raise
    except BROKEN as error:
        if isinstance(error, FFmpegError) and error.errno in FULL:
            raise OSError(error.errno, error.strerror) from None
        said = f"there is no whole sound or film in it: {type(error).__name__}"
        raise Refused(SetAside.MALFORMED, said) from None


@contextmanager
def opened(job: Job) -> Iterator[InputContainer]:
    """The file by the demuxer of its kind; raises Refused where it finds no sound or film."""
    with damage_is_told():
        container = av.open(
            f"file:{job.path}",
            "r",
            format=job.kind.demuxer,
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    with container:
        if not (film_of(container, job) or sound_of(container)):
            raise Refused(SetAside.MALFORMED, "there is neither sound nor film in it")
        yield container


def film_of(container: InputContainer, job: Job) -> VideoStream | None:
    """The first moving picture of a film, where it can be decoded; the cover of a song is none.

    Raises Refused where it says that it has more pixels than are allowed.
    """
    if job.kind.family is not Family.FILM:
        return None
    for stream in container.streams.video:
        if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic:
            check_pixels(stream.width, stream.height, job)
            stream.codec_context.thread_count = 1
            return stream
    return None


def sound_of(container: InputContainer) -> AudioStream | None:
    """The first sound that can be decoded."""
    for stream in container.streams.audio:
        if stream.codec_context is not None:
            stream.codec_context.thread_count = 1
            channels = stream.codec_context.channels
            if stream.codec_context.layout.name.endswith("channels") and channels in LAYOUTS:
                stream.codec_context.layout = LAYOUTS[channels]
            return stream
    return None


def check_pixels(width: int, height: int, job: Job) -> None:
    """Raises Refused for pictures that would fill the memory."""
    if width * height > job.limits.pixels:
        said = f"{width * height:,} pixels; at most {job.limits.pixels:,}"
        raise Refused(SetAside.BOMB, said)


def length_us(container: InputContainer) -> int:
    """How long it says it lasts, in microseconds; 0 where it does not say."""
    return max(0, container.duration or 0)


def decoded(
    container: InputContainer, streams: Iterable[AudioStream | VideoStream], damage: Damage
) -> Iterator[AudioFrame | VideoFrame]:
    """The frames of these streams, in the order of the file, as far as they decode."""
    try:
        for packet in container.demux(*streams):
            try:
                yield from packet.decode()  # type: ignore[misc]  # of sound and film alone
            except MemoryError:
                raise
            except FFmpegError:
                damage.packets += 1
                if damage.packets > MOST_DAMAGED:
                    return
    except MemoryError:
        raise
    except FFmpegError:  # the container itself ends in the middle
        damage.packets += 1


def at_us(frame: AudioFrame | VideoFrame, container: InputContainer) -> int | None:
    """When a frame is shown or heard, from the beginning of the file; None where that is not said."""
    if frame.pts is None or frame.time_base is None:
        return None
    start = container.start_time or 0
    return int(frame.pts * Fraction(frame.time_base) * MICRO) - start


def frame_at(
    container: InputContainer, film: VideoStream, moment_us: int, job: Job, damage: Damage
) -> VideoFrame | None:
    """The picture shown at a moment, else the last before it, else the first there is."""
    before: VideoFrame | None = None
    for begin_us, target_us in (
        (moment_us, moment_us), (moment_us - BACK_US, moment_us), (0, 0)
    ):  # fmt: skip
        go_to(container, begin_us)
        for frame in decoded(container, (film,), damage):
            assert isinstance(frame, VideoFrame)
            check_pixels(frame.width, frame.height, job)
            before, at = frame, at_us(frame, container)
            if at is None or at >= target_us or job.is_late():
                return frame
        if before is not None:
            break
    return before


def go_to(container: InputContainer, moment_us: int) -> None:
    """Move to where what is shown at a moment can be decoded from; stays where that is not known."""
    try:
        container.seek(moment_us + (container.start_time or 0) if moment_us > 0 else 0)
    except MemoryError:
        raise
    except FFmpegError:
        return


class Sound:
    """Frames of sound turned into one form: rate, channels and the way samples are written."""

    def __init__(self, form: str, layout: str, rate_hz: int) -> None:
        self._wanted = (form, layout, rate_hz)
        self._graph: Graph | None = None
        self._came: tuple[str, int, int] | None = None

    def take(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """What comes out for one frame; raises FFmpegError where it cannot be turned."""
        came = (frame.format.name, frame.layout.nb_channels, frame.sample_rate)
        if came != self._came:
            yield from self.end()
            self._graph, self._came = self._built(frame), came
        assert self._graph is not None
        self._graph.push(frame)
        yield from _pulled(self._graph)

    def end(self) -> Iterator[AudioFrame]:
        """What is left in between."""
        if self._graph is not None:
            self._graph.push(None)
            yield from _pulled(self._graph)
            self._graph = None

    def _built(self, frame: AudioFrame) -> Graph:
        form, layout, rate_hz = self._wanted
        graph = Graph()
        graph.threads = 1
        base = frame.time_base or Fraction(1, frame.sample_rate)
        source = graph.add(
            "abuffer",
            sample_rate=str(frame.sample_rate),
            sample_fmt=frame.format.name,
            channel_layout=frame.layout.name,
            time_base=f"{base.numerator}/{base.denominator}",
        )
        into = graph.add(
            "aformat", sample_fmts=form, channel_layouts=layout, sample_rates=str(rate_hz)
        )
        graph.link_nodes(source, into, graph.add("abuffersink")).configure()
        return graph


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame


class Film:
    """Frames of a film turned into one form: size, upright, and the way pixels are written."""

    def __init__(self, width: int, height: int) -> None:
        self._wanted = (width, height)
        self._graph: Graph | None = None
        self._came: tuple[str, int, int] | None = None

    def take(self, frame: VideoFrame) -> VideoFrame:
        """The frame as YUV of 4:2:0, 8 bit; raises FFmpegError where it cannot be turned."""
        came = (frame.format.name, frame.width, frame.height)
        if self._graph is None or came != self._came:
            self._graph, self._came = self._built(frame), came
        self._graph.push(frame)
        turned = self._graph.pull()
        assert isinstance(turned, VideoFrame)
        return turned

    def _built(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        graph.threads = 1
        base = frame.time_base or Fraction(1, MICRO)
        nodes = [
            graph.add(
                "buffer",
                video_size=f"{frame.width}x{frame.height}",
                pix_fmt=frame.format.name,
                time_base=f"{base.numerator}/{base.denominator}",
            )
        ]
        for name, args in TURNS.get(quarter_turns(frame), ()):
            nodes.append(graph.add(name, args))
        width, height = self._wanted
        nodes.append(graph.add("scale", f"{width}:{height}:flags=bicubic+bitexact+accurate_rnd"))
        nodes += [graph.add("format", "yuv420p"), graph.add("buffersink")]
        graph.link_nodes(*nodes).configure()
        return graph


TURNS = {1: (("transpose", "cclock"),), 2: (("hflip", None), ("vflip", None)),
         3: (("transpose", "clock"),)}  # fmt: skip


def quarter_turns(frame: VideoFrame) -> int:
    """How often a picture is turned by 90 degrees, against the clock, to stand upright."""
    return round(frame.rotation / 90) % 4


def upright(frame: VideoFrame) -> tuple[int, int]:
    """The width and height of a picture as it is seen."""
    size = frame.width, frame.height
    return size[::-1] if quarter_turns(frame) % 2 else size
