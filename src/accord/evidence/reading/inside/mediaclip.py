"""A stretch of sound or film, encoded anew: without loss (FLAC), or nearly (H.264 at CRF 18, AAC)."""

from __future__ import annotations

import av
from av.audio.stream import AudioStream

from accord.evidence.reading.inside.encoding import (
    Look,
    Pictures,
    Samples,
    Tone,
    encode,
    even,
    written,
)
from accord.evidence.reading.inside.job import Job, Refused
from accord.evidence.reading.inside.opening import (
    BACK_US,
    LAYOUTS,
    Damage,
    damage_is_told,
    film_of,
    frame_at,
    length_us,
    opened,
    sound_of,
    upright,
)
from accord.evidence.reading.results import SetAside

EXACT = frozenset({"u8", "u8p", "s16", "s16p"})
"""How samples are written that 16 bits hold."""
ROUNDED_MS = 1000
"""By how much a file may be longer than it says of itself. What lies beyond is no part of it, and a
derivation would say that it holds it."""
UNINDEXED = frozenset({"mpeg", "mpegts"})
"""Kinds that do not say from where their pictures can be decoded."""
AAC_CHANNELS = (1, 2, 6)
AAC_BITS = 192_000
X264 = {"preset": "medium", "crf": "18", "threads": "1"}


def clip(job: Job, start_ms: int, end_ms: int) -> str:
    """Write a stretch; returns the name of the file. Raises Refused where there is none."""
    stretch = range(start_ms * 1000, end_ms * 1000)
    with opened(job) as container:
        length_ms = length_us(container) // 1000
        if length_ms and (start_ms >= length_ms or end_ms > length_ms + ROUNDED_MS):
            raise Refused(SetAside.OUTSIDE, f"it is {length_ms} ms long")
        film, heard = film_of(container, job), sound_of(container)
        with damage_is_told():
            first = film and frame_at(container, film, stretch.start, job, Damage())
        if first is None and heard is None:
            raise Refused(SetAside.MALFORMED, "nothing in it can be decoded")
        name, form = ("clip-1.flac", "flac") if first is None else ("clip-1.mp4", "mp4")
        with damage_is_told(), written(job, name, form) as result:
            pictures = samples = None
            if film and first:
                look = Look("libx264", even(*upright(first)), X264)
                pictures = Pictures(result, film, look, stretch, job)
            if heard:
                tone = _exact(heard) if pictures is None else _near(heard)
                samples = Samples(result, heard, tone, stretch)
            begin = stretch.start - (BACK_US if job.kind.name in UNINDEXED else 0)
            if not encode(container, (pictures, samples), begin, job.is_late):
                raise Refused(SetAside.TOO_SLOW, "encoding it takes longer than is allowed")
            taken = sum(track.count for track in (pictures, samples) if track)
    if not taken:
        raise Refused(SetAside.OUTSIDE, "there is nothing in it at that time")
    return name


def _exact(heard: AudioStream) -> Tone:
    """FLAC that holds every sample as it was."""
    came = heard.codec_context
    layout = came.layout.name if came.channels <= max(LAYOUTS) else "stereo"
    return Tone("flac", "s16" if came.format.name in EXACT else "s32", layout, came.sample_rate)


def _near(heard: AudioStream) -> Tone:
    """AAC at the nearest rate that it has."""
    came = heard.codec_context
    layout = came.layout.name if came.channels in AAC_CHANNELS else "stereo"
    rates = av.Codec("aac", "w").audio_rates or [came.sample_rate]
    rate_hz = min(rates, key=lambda rate: (abs(rate - came.sample_rate), rate))
    return Tone("aac", "fltp", layout, rate_hz, AAC_BITS)
