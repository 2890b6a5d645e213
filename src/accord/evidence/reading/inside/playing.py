"""A preview that can be listened to and watched: encoded anew, small, from the beginning.

Sound becomes Ogg with Opus, film WebM with VP8 and Opus. It is evidence of nothing, and holds no
byte of the original. What would take too much time to encode is cut short, and said.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from av import VideoFrame
from av.container import OutputContainer
from av.video.stream import VideoStream

from accord.evidence.reading.inside.encoding import (
    Look,
    Pictures,
    Samples,
    Tone,
    encode,
    even,
    written,
)
from accord.evidence.reading.inside.job import Job, Message, Refused, note
from accord.evidence.reading.inside.opening import (
    MICRO,
    Damage,
    damage_is_told,
    film_of,
    frame_at,
    length_us,
    opened,
    sound_of,
    upright,
)
from accord.evidence.reading.results import Lack, SetAside, Use

FRAMES_A_SECOND = 12
FILM_BITS = 300_000
OPUS = Tone("libopus", "s16", "mono", 48_000, 32_000, {"compression_level": "5"})
VP8 = {"deadline": "realtime", "cpu-used": "8", "threads": "1"}
JUMP_S = 4
"""From one place that can be jumped to, to the next."""
LARGE_PX = 1_000_000
"""From so many pixels on, pictures to which no other refers are not decoded."""
SHORT_US = MICRO // 2
"""What ends so much before its length says is whole: lengths are rounded."""


def play(job: Job) -> Iterator[Message]:
    """The preview, if anything of it can be shown or heard."""
    begun = time.process_time()

    def late() -> bool:
        return job.is_late() or time.process_time() - begun > job.limits.played_cpu_s

    with opened(job) as container:
        film, heard = film_of(container, job), sound_of(container)
        length = length_us(container)
        with damage_is_told():
            first = film and frame_at(container, film, 0, job, Damage())
        most_s = job.limits.played_film_s if first else job.limits.played_sound_s
        stretch = range(most_s * MICRO)
        name, form = ("played-1.webm", "webm") if first else ("played-1.ogg", "ogg")
        if not (first or heard):
            raise Refused(SetAside.MALFORMED, "nothing in it can be decoded")
        with damage_is_told(), written(job, name, form) as result:
            pictures = _pictures(result, film, first, stretch, job) if film and first else None
            samples = Samples(result, heard, OPUS, stretch) if heard else None
            tracks = (pictures, samples)
            whole = encode(container, tracks, 0, late)
    end_us = max(track.end_us for track in tracks if track)
    if not end_us:
        raise Refused(SetAside.MALFORMED, "nothing in it can be decoded")
    if not whole and (not length or end_us < length - SHORT_US):
        yield note(Lack.PLAYED_CUT)
    width, height = pictures.size if pictures else (0, 0)
    yield ("played", Use.PLAYED.value, name, width, height, end_us // 1000)


def _pictures(
    result: OutputContainer, film: VideoStream, first: VideoFrame, stretch: range, job: Job
) -> Pictures:
    width, height = upright(first)
    scale = min(1.0, job.limits.played_px / max(width, height))
    look = Look(
        "libvpx",
        even(width * scale, height * scale),
        VP8,
        step_us=MICRO // FRAMES_A_SECOND,
        bit_rate=FILM_BITS,
        apart=JUMP_S * FRAMES_A_SECOND,
    )
    if width * height >= LARGE_PX and (film.average_rate or 0) >= 2 * FRAMES_A_SECOND:
        film.codec_context.skip_frame = "NONREF"
    return Pictures(result, film, look, stretch, job)
