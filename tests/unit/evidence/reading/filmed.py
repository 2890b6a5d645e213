"""Sound and film of three seconds, made by the library that also reads them."""

from __future__ import annotations

import math
import struct
from array import array
from functools import cache
from io import BytesIO
from typing import Any

import av
from av import AudioFrame, VideoFrame
from PIL import Image, ImageDraw

SECONDS = 3
SIZE = (160, 120)
RATE, FRAMES_A_SECOND = 48_000, 10
TITLE = "Lobby camera"
SOUNDS = {"mp3": ("mp3", "libmp3lame"), "flac": ("flac", "flac"), "ogg": ("ogg", "libopus"),
          "m4a": ("ipod", "aac"), "law": ("wav", "pcm_mulaw"), "aiff": ("aiff", "pcm_s16be"),
          "aac": ("adts", "aac"), "wma": ("asf", "wmav2")}  # fmt: skip
FILMS = {"mp4": ("mp4", "libx264", "aac"), "mov": ("mov", "libx264", "aac"),
         "mkv": ("matroska", "libx264", "aac"), "webm": ("webm", "libvpx", "libopus"),
         "avi": ("avi", "mpeg4", "libmp3lame"), "ts": ("mpegts", "libx264", "aac"),
         "mpg": ("mpeg", "mpeg2video", "mp2"), "wmv": ("asf", "wmv2", "wmav2"),
         "flv": ("flv", "libx264", "aac")}  # fmt: skip
"""Ending: form, codec of the film, codec of the sound."""


@cache
def media(
    ending: str,
    seconds: float = SECONDS,
    size: tuple[int, int] = SIZE,
    rate: int = FRAMES_A_SECOND,
    turned: int = 0,
) -> bytes:
    """A tone, and a picture that changes each time, with a title.

    `turned`: how far it is to be turned to stand upright, in degrees against the clock.
    """
    out = BytesIO()
    form, *codecs = (SOUNDS | FILMS)[ending]
    with av.open(out, "w", format=form) as container:
        container.metadata["title"] = TITLE
        tracks = [
            (container.add_stream(codecs[-1], rate=RATE, layout="mono"), _tones(seconds)),
        ]
        if len(codecs) > 1:
            film: Any = container.add_stream(codecs[0], rate=25 if ending == "mpg" else rate)
            film.width, film.height, film.pix_fmt = *size, "yuv420p"
            if turned:
                film.set_display_rotation(turned)
            tracks.insert(0, (film, _pictures(seconds, size, film.average_rate)))
        for stream, _ in tracks:
            stream.codec_context.thread_count = 1
        tracks[-1][0].codec_context.bit_rate = 64_000
        for stream, frames in tracks:
            for frame in [*frames, None]:
                container.mux(stream.encode(frame))  # type: ignore[arg-type]  # of its own kind
    return out.getvalue()


def _tones(seconds: float) -> list[AudioFrame]:
    return [_tone(at, RATE // 10) for at in range(0, int(seconds * RATE), RATE // 10)]


def _tone(first: int, count: int) -> AudioFrame:
    frame = AudioFrame("s16", "mono", count)
    wave = (
        round(9_000 * math.sin(n / 17) * (0.2 + n / RATE % 1)) for n in range(first, first + count)
    )
    frame.planes[0].update(array("h", wave).tobytes())
    frame.sample_rate, frame.pts = RATE, first
    return frame


def _pictures(seconds: float, size: tuple[int, int], rate: Any) -> list[VideoFrame]:
    return [_picture(n, size) for n in range(int(seconds * rate))]


def _picture(number: int, size: tuple[int, int]) -> VideoFrame:
    """Left of the middle it is red; a bar moves over it."""
    width, height = size
    picture = Image.new("RGB", size, (20, 40, 160))
    pen = ImageDraw.Draw(picture)
    pen.rectangle([0, 0, width // 2, height], fill=(200, 30, 30))
    at = number * 7 % width
    pen.rectangle([at, 0, at + width // 10, height // 2], fill=(240, 240, 240))
    frame = VideoFrame.from_image(picture).reformat(format="yuv420p", threads=1)
    frame.pts = number
    return frame


# -- what means harm -------------------------------------------------------------------------------


def vast(side_px: int) -> bytes:
    """A film of so many pixels each way, by its header."""
    number = side_px.to_bytes(3, "big")
    track = _element(b"\xae", _element(b"\xd7", b"\x01") + _element(b"\x73\xc5", b"\x01")
                     + _element(b"\x83", b"\x01") + _element(b"\x86", b"V_UNCOMPRESSED")
                     + _element(b"\xe0", _element(b"\xb0", number) + _element(b"\xba", number)
                                + _element(b"\x2e\xb5\x24", b"I420")))  # fmt: skip
    return _matroska(track)


def many_streams(count: int = 1_000) -> bytes:
    """A film that says it has so many tracks."""
    tracks = b"".join(
        _element(b"\xae", _element(b"\xd7", n.to_bytes(2, "big"))
                 + _element(b"\x73\xc5", n.to_bytes(2, "big")) + _element(b"\x83", b"\x02")
                 + _element(b"\x86", b"A_VORBIS"))
        for n in range(1, count + 1)
    )  # fmt: skip
    return _matroska(tracks)


def _matroska(tracks: bytes) -> bytes:
    head = _element(b"\x1a\x45\xdf\xa3", _element(b"\x42\x82", b"matroska"))
    info = _element(b"\x15\x49\xa9\x66", _element(b"\x2a\xd7\xb1", (1_000_000).to_bytes(3, "big")))
    block = _element(b"\x1f\x43\xb6\x75", _element(b"\xe7", b"\0")
                     + _element(b"\xa3", b"\x81\0\0\x80" + bytes(500)))  # fmt: skip
    body = info + _element(b"\x16\x54\xae\x6b", tracks) + block
    return head + _element(b"\x18\x53\x80\x67", body)


def _element(name: bytes, body: bytes) -> bytes:
    """An element of EBML (RFC 8794), its length in eight bytes."""
    return name + b"\x01" + len(body).to_bytes(7, "big") + body


def lasting(data: bytes, length_ms: float) -> bytes:
    """A Matroska that says it lasts so long."""
    changed = bytearray(data)
    at = changed.index(b"\x44\x89\x88") + 3
    changed[at : at + 8] = struct.pack(">d", length_ms)
    return bytes(changed)


def wav_of(channels: int, form: int = 7) -> bytes:
    """A WAV that says it has so many channels, in the form of that number (7: mu-law)."""
    fmt = struct.pack(
        "<HHIIHH", form, channels, 8_000, 8_000 * channels % 2**32, channels % 65_536, 8
    )
    body = b"WAVEfmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", 20_000)
    return b"RIFF" + struct.pack("<I", len(body) + 20_000) + body + bytes(20_000)
