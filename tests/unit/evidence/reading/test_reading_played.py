"""What is played as a preview: the beginning, encoded anew, small, and no byte of the original."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import av
import pytest

from accord.evidence.reading import reader
from accord.evidence.reading.hearing import Heard
from accord.evidence.reading.results import (
    Lack,
    Limits,
    Note,
    Preview,
    Reading,
    Refusal,
    SetAside,
    Use,
)
from unit.evidence.reading import filmed, samples

Read = Callable[..., Reading]


def played(reading: Reading) -> Preview:
    assert reading.quarantine is None, reading.quarantine
    (found,) = (p for p in reading.previews if p.use is Use.PLAYED)
    assert reading.previews[-1] is found  # numbers of pictures stay what they are
    return found


def streams(preview: Preview) -> dict[str, Any]:
    """Codec, channels or size, and how many samples or frames decode, by kind of stream."""
    found = {}
    data = preview.path.read_bytes()
    with av.open(io.BytesIO(data)) as container:
        for stream in container.streams:
            container.seek(0)
            frames = list(container.decode(stream))
            if stream.type == "audio":
                about = (stream.codec_context.name, stream.codec_context.channels)
                found["audio"] = (*about, sum(frame.samples for frame in frames))
            else:
                about = (stream.codec_context.name, frames[0].width, frames[0].height)
                found["video"] = (*about, len(frames))
    return found


@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg", "m4a", "law"])
def test_sound_is_played_as_opus(read: Read, ending: str) -> None:
    preview = played(read(filmed.media(ending)))
    assert (preview.media_type, preview.width_px) == ("audio/ogg", 0)
    assert abs(preview.length_ms - 3_000) < 60
    codec, channels, count = streams(preview)["audio"]
    assert (codec, channels) == ("opus", 1)
    assert abs(count - 3 * 48_000) < 4_800


def test_plain_sound_is_played_too(read: Read) -> None:
    preview = played(read(samples.tone(2.0, channels=2)))
    assert (preview.media_type, preview.length_ms) == ("audio/ogg", 2_000)


@pytest.mark.parametrize("ending", ["mp4", "mov", "webm", "avi", "mkv", "ts", "mpg"])
def test_a_film_is_played_as_webm(read: Read, ending: str) -> None:
    preview = played(read(filmed.media(ending)))
    assert (preview.media_type, preview.width_px, preview.height_px) == ("video/webm", 160, 120)
    assert abs(preview.length_ms - 3_000) < 150
    found = streams(preview)
    assert found["video"][:3] == ("vp8", 160, 120)
    assert 29 <= found["video"][3] <= 37  # 10 or 12 a second
    assert found["audio"][:2] == ("opus", 1)


def test_a_large_fast_film_becomes_small_and_slow(read: Read) -> None:
    preview = played(read(filmed.media("mp4", size=(960, 540), rate=30)))
    assert (preview.width_px, preview.height_px) == (480, 270)
    assert streams(preview)["video"][3] <= 37


def test_an_upright_film_is_played_upright(read: Read) -> None:
    preview = played(read(filmed.media("mp4", turned=-90)))
    assert (preview.width_px, preview.height_px) == (120, 160)


def test_what_is_played_says_nothing_of_its_source_and_is_the_same_again(read: Read) -> None:
    for ending in ("mp4", "mp3"):
        first, again = (played(read(filmed.media(ending))).path.read_bytes() for _ in range(2))
        assert first == again
        assert filmed.TITLE.encode() not in first


def test_only_the_beginning_is_played(read: Read) -> None:
    limits = Limits(played_film_s=1, played_sound_s=2)
    film, sound = (read(filmed.media(ending), limits=limits) for ending in ("mp4", "flac"))
    assert (played(film).length_ms, played(sound).length_ms) == (1_000, 2_000)
    assert not [*film.notes, *sound.notes]  # it is what was meant, and the page says how much


def test_what_takes_too_long_to_encode_is_cut_short_and_says_so(read: Read) -> None:
    reading = read(filmed.media("mp4", seconds=20, size=(960, 720)), limits=Limits(played_cpu_s=0))
    assert 0 < played(reading).length_ms < 20_000
    assert Lack.PLAYED_CUT in {note.lack for note in reading.notes}


def test_without_a_preview_to_play_the_reading_stands(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = read(filmed.media("mp4"), limits=Limits(played_bytes=1_000))
    assert reading.quarantine is None
    assert {p.use for p in reading.previews} == {Use.FRAME, Use.THUMBNAIL, Use.WAVEFORM}
    assert Note(Lack.NOT_PLAYED, "too-large") in reading.notes
    assert all(p.path.is_file() for p in reading.previews)


@pytest.mark.parametrize("reason", [SetAside.ANSWER, SetAside.NO_ROOM])
def test_an_answer_that_breaks_the_rules_drops_all_of_it(
    read: Read, monkeypatch: pytest.MonkeyPatch, reason: SetAside
) -> None:
    real = reader.hear

    def hears(*given: Any, **asked: Any) -> Heard:
        return Heard(refusal=Refusal(reason)) if asked["do"] == "play" else real(*given, **asked)

    monkeypatch.setattr(reader, "hear", hears)
    reading = read(filmed.media("mp3"))
    assert reading.quarantine is not None
    assert reading.quarantine.reason is reason
    assert not reading.previews


def test_nothing_is_played_of_other_files(read: Read) -> None:
    for data in (samples.photo(), samples.report_pdf(), b"words"):
        assert Use.PLAYED not in {p.use for p in read(data).previews}
