"""Sound and film: what they say of themselves, pictures of a film, and the wave of the sound."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from av import AudioFrame, VideoFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream
from PIL import Image

from accord.evidence.reading.inside import sound
from accord.evidence.reading.inside.drawing import shown
from accord.evidence.reading.inside.job import Job, Message, Refused, fact, note
from accord.evidence.reading.inside.opening import (
    BROKEN,
    MICRO,
    Damage,
    Sound,
    at_us,
    damage_is_told,
    decoded,
    film_of,
    frame_at,
    length_us,
    opened,
    sound_of,
)
from accord.evidence.reading.results import Lack, SetAside, Use

HEARD_S = 2 * 3600
"""The wave is drawn of the first two hours."""
RATE_HZ = 8_000
MOST_RANGES = 8 * sound.COLUMNS
TAGS = {
    "creation_time": "created_at", "com.apple.quicktime.make": "camera_make",
    "com.apple.quicktime.model": "camera_model", "location": "position", "encoder": "program",
    "com.apple.quicktime.location.iso6709": "position", "title": "title", "artist": "artist",
}  # fmt: skip


def read_media(job: Job) -> Iterator[Message]:
    """Facts and previews. Raises Refused where nothing in it can be decoded."""
    damage, seen = Damage(), 0
    with opened(job) as container:
        film, heard = film_of(container, job), sound_of(container)
        yield from _facts(container, film, heard)
        if film is not None:
            for picture in _stills(container, film, job, damage):
                seen += 1
                yield from shown(picture, job, Use.FRAME, seen)
    if heard is not None:
        drawn = _wave(job, damage)
        if drawn is not None:  # a film has its thumbnail from its first picture
            yield from list(shown(drawn, job, Use.WAVEFORM, 1))[: 1 if seen else 2]
            seen += 1
    if damage.packets and not seen:
        raise Refused(SetAside.MALFORMED, "nothing in it can be decoded")
    if damage.packets:
        yield note(Lack.PART_DAMAGED, f"{damage.packets:,} packets")
    if not seen:
        yield note(Lack.NO_PREVIEW)
    if job.is_late():
        yield note(Lack.TIME_CUT)


# -- facts -----------------------------------------------------------------------------------------


def _facts(
    container: InputContainer, film: VideoStream | None, heard: AudioStream | None
) -> Iterator[Message]:
    with damage_is_told():
        said = [*_measures(container, film, heard), *_tags(container.metadata)]
    for name, value in said:
        yield from fact(name, value)


def _measures(
    container: InputContainer, film: VideoStream | None, heard: AudioStream | None
) -> Iterator[tuple[str, Any]]:
    if length := length_us(container):
        yield "duration_s", f"{length / MICRO:.3f}".rstrip("0").rstrip(".")
    if container.bit_rate > 0:
        yield "bits_a_second", container.bit_rate
    if film is not None:
        yield "video_codec", film.codec_context.codec.canonical_name
        yield "video_width_px", film.width
        yield "video_height_px", film.height
        if film.average_rate:
            yield (
                "video_frame_rate",
                f"{float(film.average_rate):.3f}".rstrip("0").rstrip("."),
            )
    if heard is not None:
        yield "audio_codec", heard.codec_context.codec.canonical_name
        yield "audio_sample_rate_hz", heard.codec_context.sample_rate
        yield "audio_channels", heard.codec_context.channels


def _tags(said: dict[str, str]) -> Iterator[tuple[str, str]]:
    named: dict[str, str] = {}
    for key, value in said.items():
        if (name := TAGS.get(key.lower())) is not None:
            named.setdefault(name, value)
    yield from named.items()


# -- pictures --------------------------------------------------------------------------------------


def _stills(
    container: InputContainer, film: VideoStream, job: Job, damage: Damage
) -> Iterator[Image.Image]:
    """Pictures at moments spread over the length; one where it does not say how long it is."""
    length, most = length_us(container), job.limits.frames
    moments = [length * (2 * n - 1) // (2 * most) for n in range(1, most + 1)] if length else [0]
    last: int | None = -1
    for moment in moments:
        frame = frame_at(container, film, moment, job, damage)
        if frame is None or (at := at_us(frame, container)) == last:
            continue  # a length that it does not have leads to the same end each time
        last = at
        with damage_is_told():
            picture = _drawn(frame, job)
        yield picture
        if job.is_late():
            return


def _drawn(frame: VideoFrame, job: Job) -> Image.Image:
    """The picture, upright, no larger than a preview."""
    scale = min(1.0, job.limits.preview_px / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    picture: Image.Image = frame.to_image(width=width, height=height, threads=1)  # type: ignore[no-untyped-call]  # untyped there
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


# -- the wave --------------------------------------------------------------------------------------


class Envelope:
    """The lowest and highest of each stretch of samples: stretches grow, so their number does not."""

    def __init__(self) -> None:
        self.low: list[int] = []
        self.high: list[int] = []
        self.samples = 0
        self._step = 8
        self._rest = array("h")

    def add(self, samples: array[int]) -> None:
        """Take up the next samples, 16 bit each."""
        self.samples += len(samples)
        self._rest.extend(samples)
        at = 0
        while len(self._rest) - at >= self._step:
            stretch = self._rest[at : at + self._step]
            at += self._step
            self.low.append(min(stretch))
            self.high.append(max(stretch))
            if len(self.low) >= MOST_RANGES:
                self.low = list(map(min, self.low[::2], self.low[1::2]))
                self.high = list(map(max, self.high[::2], self.high[1::2]))
                self._step *= 2
        del self._rest[:at]

    def columns(self) -> Iterator[tuple[int, int]]:
        """The range of each column of the picture, in pixels above the middle."""
        count = len(self.low)
        for column in range(sound.COLUMNS if count else 0):
            first = count * column // sound.COLUMNS
            after = max(first + 1, count * (column + 1) // sound.COLUMNS)
            low, high = min(self.low[first:after]), max(self.high[first:after])
            yield low * sound.HALF // 32_768, high * sound.HALF // 32_768


def _wave(job: Job, damage: Damage) -> Image.Image | None:
    """The picture of the wave of the first two hours; None where nothing can be heard."""
    envelope, into = Envelope(), Sound("s16", "mono", RATE_HZ)
    with opened(job) as container:
        stream = sound_of(container)
        if stream is None:
            return None
        try:
            for frame in decoded(container, (stream,), damage):
                assert isinstance(frame, AudioFrame)
                for turned in into.take(frame):
                    envelope.add(samples_of(turned))
                if envelope.samples >= HEARD_S * RATE_HZ or job.is_late():
                    break
            for turned in into.end():
                envelope.add(samples_of(turned))
        except MemoryError:
            raise
        except BROKEN:  # channels that cannot be mixed, a form that changes midway
            damage.packets += 1
    return sound.drawn(envelope.columns()) if envelope.samples else None


def samples_of(frame: AudioFrame) -> array[int]:
    """The samples of a frame of one channel, 16 bit each as this machine writes them."""
    return array("h", bytes(frame.planes[0])[: frame.samples * 2])
