"""A ZIP that hides bytes, reads in two ways, or unpacks otherwise somewhere is refused by name."""

from __future__ import annotations

import json
import struct
import tracemalloc
import unicodedata
import zlib
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accord.evidence.bundling.domain import folders, safe_name
from accord_verify import main as program
from accord_verify.archive import BadArchive, _check_apart, _name, read_archive
from unit.verify import bundlemaking as making

Files = dict[str, bytes]
KEY = ("--key", making.NODE.public.text)
LOCAL, CENTRAL, END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), "<4s4H2LH"
DEVICES = (
    "CON",
    "con.jpg",
    "aux.txt",
    "NUL .jpg",
    "Prn.a.b",
    "COM1",
    "lpt9.pdf",
    "COM\u00b9",
    "conin$",
)


@pytest.fixture(scope="module")
def sound() -> Files:
    return making.files()


def packed(
    found: Files,
    *,
    before: bytes = b"",
    listed: bytes = b"",
    flags: int = 0x800,
    outer: int = 0,
    days: tuple[int, int] = (33, 33),
) -> bytes:
    """A ZIP written word for word, with these fields, flags and attributes for each file."""
    out, directory = b"", b""
    for name, data in found.items():
        raw, crc, size = name.encode(), zlib.crc32(data), len(data)
        same = (20, flags, 0, 0)
        directory += CENTRAL.pack(
            b"PK\x01\x02", 20, *same, days[1], crc, size, size, len(raw), len(listed), 0, 0, 0,
            outer, len(out),
        )  # fmt: skip
        directory += raw + listed
        sizes = (size, size, len(raw), len(before))
        out += LOCAL.pack(b"PK\x03\x04", *same, days[0], crc, *sizes) + raw + before + data
    end = (0, 0, len(found), len(found), len(directory), len(out), 0)
    return out + directory + struct.pack(END, b"PK\x05\x06", *end)


def checked(
    whole: bytes, folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, set[str], str]:
    file = folder / "bundle.zip"
    file.write_bytes(whole)
    code = program.main([str(file), *KEY, "--json"])
    out = capsys.readouterr().out
    steps = [step for each in json.loads(out)["files"] for step in each["steps"]]
    return code, {failure["code"] for step in steps for failure in step["failures"]}, out


HIDDEN = struct.pack("<2H", 1, 990) + b"HIDDEN TEXT" * 90
ODD = {
    "bytes in the field of sizes before a file": ({"before": HIDDEN}, "zip-hidden-bytes"),
    "bytes in the field of sizes in the directory": ({"listed": HIDDEN}, "zip-hidden-bytes"),
    "an empty field of sizes": ({"before": b"\x01\0\0\0"}, "zip-hidden-bytes"),
    "a field of another kind": ({"listed": b"UT\0\0"}, "zip-malformed"),
    "half a field": ({"listed": b"\x01\0"}, "zip-malformed"),
    "letters that do not say what they are": ({"flags": 0}, "zip-two-names"),
    "folders by the attribute of DOS": ({"outer": 0x10}, "zip-link"),
    "a label by the attribute of DOS": ({"outer": 0x08}, "zip-link"),
    "two dates": ({"days": (33, 34)}, "zip-malformed"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_two_programs_unpack_in_two_ways_is_refused(
    name: str, sound: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert any(not path.isascii() for path in sound)
    assert checked(packed(sound), tmp_path, capsys)[:2] == (0, set())
    odd, wanted = ODD[name]
    code, failed, said = checked(packed(sound, **odd), tmp_path, capsys)  # type: ignore[arg-type]
    assert (code, failed) == (1, {wanted}), said


@pytest.mark.parametrize("name", [*DEVICES, "folder/AUX/readme.txt"])
def test_no_file_has_the_name_of_a_device_of_windows(
    name: str, sound: Files, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, failed, _ = checked(packed(sound | {name: b"x"}), tmp_path, capsys)
    assert (code, failed) == (1, {"zip-name-unsafe"})


@pytest.mark.parametrize("name", ["console.txt", "a con", "com10", "nullen", "com", "auxiliary/x"])
def test_a_name_that_only_begins_as_a_device_is_one_of_a_file(name: str) -> None:
    assert _name(name.encode()) == name


@given(st.text(max_size=150))
@example("CON.jpg")
@example("COM\u00b2 .tar.gz")
@example("conout$")
def test_every_name_that_accord_writes_into_a_bundle_is_admitted(sent: str) -> None:
    """What is shown to be refused here must never come from Accord itself."""
    (folder,) = folders([sent])
    for path in (f"exhibits/{folder}/{safe_name(sent)}", f"custody/{folder}.json"):
        assert _name(path.encode()) == path


def test_an_exhibit_called_as_a_device_is_renamed_and_its_bundle_verifies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = list(making.FILES)
    monkeypatch.setitem(making.FILES, numbers[0], ("COM\u00b9.jpg", b"the first exhibit"))
    monkeypatch.setitem(making.FILES, numbers[1], ("CON.jpg", b"the second exhibit"))
    found = making.files()
    kept = sorted(path.rpartition("/")[2] for path in found if path.startswith("exhibits/"))
    assert kept == ["exhibit-COM\u00b9.jpg", "exhibit-CON.jpg"]
    assert folders(["Aux", "nul"]) == ("exhibit-Aux", "exhibit-nul")
    assert checked(making.streamed(found), tmp_path, capsys)[:2] == (0, set())


def test_names_of_many_folders_cost_no_more_than_others(tmp_path: Path) -> None:
    deep = {f"{n:06d}" + "/a" * 496: b"" for n in range(1_500)}
    file = tmp_path / "deep.zip"
    file.write_bytes(packed(deep))
    tracemalloc.start()
    try:
        assert len(read_archive(file).members) == len(deep)
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()


STEPS = st.sampled_from(["a", "A", "a!", "a b", "a-", "b", "\u00e9", "e\u0301", "ab"])


@given(st.lists(st.lists(STEPS, min_size=1, max_size=3).map("/".join), max_size=6))
def test_names_are_apart_where_none_is_another_or_lies_in_it(names: list[str]) -> None:
    plain = [unicodedata.normalize("NFD", name).casefold() for name in names]
    clash = any(
        one == other or other.startswith(one + "/")
        for place, one in enumerate(plain)
        for at, other in enumerate(plain)
        if at != place
    )
    refused = pytest.raises(BadArchive, match="stands in the ZIP twice")
    with refused if clash else nullcontext():
        _check_apart(names)
