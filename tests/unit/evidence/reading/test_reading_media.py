"""Sound and film: facts, pictures and the wave, by the library in the confined process."""

from __future__ import annotations

import io
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from accord.cli import deploychecks
from accord.evidence.reading import tools
from accord.evidence.reading.inside import sound
from accord.evidence.reading.inside.job import Job, Refused
from accord.evidence.reading.inside.media import Envelope
from accord.evidence.reading.inside.opening import damage_is_told, opened
from accord.evidence.reading.kinds import KINDS
from accord.evidence.reading.results import (
    Lack,
    Limits,
    Note,
    Preview,
    Reading,
    SetAside,
    Tool,
    Use,
)
from unit.evidence.reading import filmed

Read = Callable[..., Reading]
KIND_OF = {"law": "wav", "wma": "asf", "mkv": "matroska", "webm": "matroska", "ts": "mpegts",
           "mpg": "mpeg", "wmv": "asf"}  # fmt: skip


def told(reading: Reading) -> dict[str, str]:
    assert reading.quarantine is None, reading.quarantine
    return {fact.name: fact.value for fact in reading.facts}


def pixels(preview: Preview) -> Image.Image:
    with Image.open(io.BytesIO(preview.path.read_bytes())) as picture:
        assert picture.format == "WEBP"
        return picture.convert("RGB")


def drawn(reading: Reading) -> list[Preview]:
    """All but what is played, which has tests of its own."""
    return [p for p in reading.previews if p.use is not Use.PLAYED]


def frames(reading: Reading) -> list[Preview]:
    return [p for p in reading.previews if p.use is Use.FRAME]


@pytest.mark.parametrize("ending", filmed.FILMS)
def test_a_film_gives_facts_pictures_and_the_wave_of_its_sound(read: Read, ending: str) -> None:
    reading = read(filmed.media(ending), f"lobby.{ending}", limits=Limits(frames=2))
    facts = told(reading)
    assert (reading.kind.name, reading.mismatch) == (KIND_OF.get(ending, ending), None)
    assert (facts["video_width_px"], facts["video_height_px"]) == ("160", "120")
    assert abs(float(facts["duration_s"]) - 3) < 0.25
    assert [(p.use, p.number) for p in drawn(reading)] == [
        (Use.FRAME, 1),
        (Use.THUMBNAIL, 1),
        (Use.FRAME, 2),
        (Use.WAVEFORM, 1),
    ]
    first, second = map(pixels, frames(reading))
    assert first.tobytes() != second.tobytes()
    assert not reading.notes


def test_what_a_film_says_of_itself_is_told(read: Read) -> None:
    facts = told(read(filmed.media("mp4")))
    assert facts["video_codec"] == "h264"
    assert facts["video_frame_rate"] == "10"
    assert facts["audio_codec"] == "aac"
    assert facts["audio_sample_rate_hz"] == "48000"
    assert facts["audio_channels"] == "1"
    assert facts["title"] == filmed.TITLE


@pytest.mark.parametrize("ending", filmed.SOUNDS)
def test_a_sound_gives_its_length_and_wave(read: Read, ending: str) -> None:
    reading = read(filmed.media(ending), "call")
    assert abs(float(told(reading)["duration_s"]) - 3) < 0.1
    assert reading.kind.name == KIND_OF.get(ending, ending)
    assert {p.use for p in drawn(reading)} == {Use.WAVEFORM, Use.THUMBNAIL}
    wave = pixels(reading.previews[0]).convert("L")
    loud, quiet = (wave.crop((at, 0, at + 20, 95)).getextrema()[0] for at in (380, 410))
    assert loud < 128 < quiet  # the tone swells, and begins anew each second


def test_pictures_are_those_of_their_moments(read: Read) -> None:
    """The white bar stands where it is at an eighth, three eighths and so on of the film."""
    found = []
    for shown in map(pixels, frames(read(filmed.media("mp4")))):
        row = [shown.getpixel((x, 20)) for x in range(160)]
        found.append(next(x for x, (r, g, b) in enumerate(row) if min(r, g, b) > 200))
    wanted = [n * 7 % 160 for n in (4, 12, 19, 27)]
    assert all(abs(a - b) <= 3 for a, b in zip(found, wanted, strict=True)), (found, wanted)


def test_a_film_of_a_telephone_held_upright_stands_upright(read: Read) -> None:
    preview = frames(read(filmed.media("mp4", turned=-90)))[0]
    picture = pixels(preview)
    assert picture.size == (120, 160)
    above, below = picture.getpixel((10, 40)), picture.getpixel((10, 120))
    assert above[0] > 150 > below[0]  # type: ignore[index]  # what was left is above


def test_the_cover_of_a_song_is_no_film(read: Read) -> None:
    cover = (
        b"APIC" + (len(body := b"\0image/png\0\3\0" + _png())).to_bytes(4, "big") + b"\0\0" + body
    )
    size = len(cover)
    head = b"ID3\3\0\0" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0))
    reading = read(head + cover + filmed.media("mp3"))
    assert "video_codec" not in told(reading)
    assert {p.use for p in drawn(reading)} == {Use.WAVEFORM, Use.THUMBNAIL}


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


# -- what is damaged, or means harm ----------------------------------------------------------------

MATROSKA = filmed.media("mkv")
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n%s\n#EXT-X-ENDLIST\n"
SPENT = {SetAside.MALFORMED, SetAside.BOMB, SetAside.MEMORY, SetAside.TOO_SLOW, SetAside.CRASHED}
FTYP = b"\0\0\0\x14ftypmp42\0\0\0\0mp42"
HARM: dict[str, tuple[Callable[[], bytes], set[SetAside]]] = {
    "cut off": (lambda: filmed.media("mp4")[:3_000], {SetAside.MALFORMED}),
    "nothing behind the head": (lambda: b"fLaC" + bytes(500), {SetAside.MALFORMED}),
    "a film's name, noise": (lambda: FTYP + bytes(range(256)) * 40, {SetAside.MALFORMED}),
    "vast": (lambda: filmed.vast(100_000), SPENT),
    "more pixels than are allowed": (lambda: filmed.vast(12_000), {SetAside.BOMB}),
    "ten thousand channels": (lambda: filmed.wav_of(10_000), {SetAside.MALFORMED}),
    "a thousand tracks": (filmed.many_streams, SPENT),
}


@pytest.mark.parametrize("name", HARM)
def test_a_film_that_means_harm_is_set_apart(read: Read, name: str) -> None:
    made, reasons = HARM[name]
    quarantine = read(made(), limits=Limits(cpu_s=20)).quarantine
    assert quarantine is not None
    assert quarantine.reason in reasons, quarantine


@pytest.mark.parametrize("length_ms", [9e12, 1e300, 0.0, -5.0, float("nan")])
def test_a_length_that_is_a_lie_costs_pictures_and_no_time(read: Read, length_ms: float) -> None:
    reading = read(filmed.lasting(MATROSKA, length_ms), limits=Limits(cpu_s=20))
    assert reading.quarantine is None
    assert [p.use for p in drawn(reading)] == [Use.FRAME, Use.THUMBNAIL, Use.WAVEFORM]


def test_a_film_that_is_damaged_midway_is_shown_as_far_as_it_goes(read: Read) -> None:
    data = bytearray(MATROSKA)
    data[8_000:9_000] = bytes(1_000)
    reading = read(bytes(data))
    assert reading.quarantine is None
    assert frames(reading)


def test_sound_of_ten_thousand_plain_channels_is_read_and_no_more(read: Read) -> None:
    assert told(read(filmed.wav_of(10_000, form=1)))["channels"] == "10000"


@pytest.mark.parametrize("head", [b"", FTYP])
@pytest.mark.parametrize("text", [
    b"ffconcat version 1.0\nfile %s\n", PLAYLIST, b"<smil><body><video src='%s'/></body></smil>",
])  # fmt: skip
@pytest.mark.parametrize("kind", ["mp4", "mpegts", "matroska", "mp3"])
def test_a_list_of_files_is_not_played_as_a_film(
    tmp_path: Path, kind: str, text: bytes, head: bytes
) -> None:
    """Even where the kind was mistaken, the one file is opened with the one demuxer."""
    (tmp_path / "other.mp4").write_bytes(filmed.media("mp4"))
    (listed := tmp_path / "film").write_bytes(head + text % str(tmp_path / "other.mp4").encode())
    job = Job(listed, KINDS[kind], Limits(), tmp_path)
    with pytest.raises(Refused) as refused, opened(job):
        pass
    assert refused.value.reason is SetAside.MALFORMED


def test_the_library_sees_the_one_file_once_it_is_confined(tmp_path: Path) -> None:
    """Where the kernel has Landlock, whatever takes it over opens no other file."""
    if not deploychecks.landlock.known_version():
        pytest.skip("no Landlock in this kernel")
    (tmp_path / "other.mp3").write_bytes(filmed.media("mp3"))
    (out := tmp_path / "out").mkdir()
    opens = (
        "import av\n"
        "def opens(path):\n"
        "    try: av.open(path).close(); return True\n"
        "    except PermissionError: return False\n"
    )
    assert _confined(opens, tmp_path / "other.mp3", out, reads=()) == "False"
    assert _confined(opens, tmp_path / "other.mp3", out, reads=(tmp_path / "other.mp3",)) == "True"


def _confined(code: str, path: Path, out: Path, reads: tuple[Path, ...]) -> str:
    import subprocess
    import sys

    from accord.platform.confined.child import SOURCE

    asked = (
        f"import sys; sys.path.insert(0, {SOURCE!r})\n"
        "from accord.platform.confined.confine import Bounds, confine\n"
        f"confine(Bounds(20, 1536 << 20, {tuple(map(str, reads))!r}, {str(out)!r}, 1 << 20))\n"
        f"{code}\nprint(opens({str(path)!r}))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", asked], capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_a_film_beyond_the_time_is_shown_as_far_as_it_was_read(read: Read) -> None:
    """Ten seconds of film in large pictures, and a second to read them in."""
    long = filmed.media("mp4", seconds=20, size=(960, 720))
    reading = read(long, limits=Limits(cpu_s=1, cpu_s_per_mb=0, frames=20))
    if reading.quarantine is not None:  # the machine was so slow that nothing came of it
        assert reading.quarantine.reason is SetAside.TOO_SLOW
    else:
        assert Lack.TIME_CUT in {note.lack for note in reading.notes}


def test_a_reader_stops_by_itself_before_the_clock_ends_it(tmp_path: Path) -> None:
    job = Job(tmp_path, KINDS["mp4"], Limits(most_s=100), tmp_path, cpu_s=float("inf"))
    assert not job.is_late()
    assert replace(job, begun_s=job.begun_s - 95).is_late()
    assert replace(job, cpu_s=0.0).is_late()


def test_a_full_disk_is_no_damage() -> None:
    import errno

    import av

    with pytest.raises(OSError) as full, damage_is_told():
        raise av.error.FFmpegError(errno.EFBIG, "File too large")
    assert full.value.errno == errno.EFBIG
    with pytest.raises(MemoryError), damage_is_told():
        raise av.error.MemoryError(errno.ENOMEM, "Cannot allocate memory")


# -- the wave --------------------------------------------------------------------------------------


def test_the_wave_keeps_its_peaks_however_long_the_sound_is() -> None:
    envelope = Envelope()
    for second in range(300):
        samples = array("h", bytes(16_000))
        samples[4_000] = 32_767 if second == 150 else 100
        envelope.add(samples)
    columns = list(envelope.columns())
    assert len(columns) == sound.COLUMNS
    assert len(envelope.low) <= 8 * sound.COLUMNS
    assert envelope.samples == 300 * 8_000
    high = [high for _, high in columns]
    assert max(high) >= sound.HALF - 1
    assert abs(high.index(max(high)) - 601) <= 1


def test_of_a_short_sound_each_column_has_a_range() -> None:
    envelope = Envelope()
    envelope.add(array("h", [-32_768] * 8 + [32_767] * 8))
    assert len(set(envelope.columns())) == 2
    assert not list(Envelope().columns())


# -- programs, and what a node says it has -----------------------------------------------------------


@pytest.fixture
def cat() -> tools.Program:
    return tools.Program("/bin/cat", Tool("cat", ""))


def test_a_program_sees_no_other_file_and_writes_nowhere_else(
    tmp_path: Path, cat: tools.Program
) -> None:
    (out := tmp_path / "out").mkdir()
    (out / "page").write_text("a page")
    (tmp_path / "other").write_text("keys")
    assert tools.run(cat, ["page"], out=out, limits=Limits()) == b"a page"
    with pytest.raises(tools.Failed):
        tools.run(cat, [str(tmp_path / "other")], out=out, limits=Limits())
    copy = tools.Program("/bin/cp", Tool("cp", ""))
    with pytest.raises(tools.Failed):
        tools.run(copy, ["page", str(tmp_path / "elsewhere")], out=out, limits=Limits())
    assert not (tmp_path / "elsewhere").exists()
    assert [path.name for path in out.iterdir()] == ["page"]


def test_a_program_beyond_the_clock_is_ended(tmp_path: Path) -> None:
    sleep = tools.Program("/bin/sleep", Tool("sleep", ""))
    with pytest.raises(tools.Failed, match="time"):
        tools.run(sleep, ["30"], out=tmp_path, limits=Limits(most_s=0.5))


def test_the_check_before_production_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find", lambda name: None)
    monkeypatch.setattr(deploychecks.landlock, "known_version", lambda: 0)
    found = list(deploychecks._readers(Path()))
    assert [(f.name, f.state) for f in found] == [
        ("readers of files", "warning"),
        ("tesseract", "warning"),
    ]
    assert "no Landlock" in found[0].said


def test_readings_of_a_version_that_needed_ffmpeg_are_still_told() -> None:
    assert "have it read again" in str(Note(Lack("no-ffmpeg")).sentence)
    assert SetAside("no-tool") in {SetAside.NO_TOOL}
