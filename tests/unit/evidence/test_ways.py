"""Ways of deriving as plain data: what is read, what is refused, how strict labels are."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from accord.evidence import derivationforms, policy, readingscreen, ways
from accord.evidence.domain import About
from accord.evidence.forms import Listed
from accord.evidence.reading.deriving import name_of
from accord.evidence.reading.kinds import KINDS
from accord.evidence.reading.results import (
    Area,
    Attachment,
    Clip,
    Copy,
    Extraction,
    Fact,
    Lack,
    Note,
    Passage,
    Reading,
    Redaction,
    Way,
)
from accord.evidence.readingfile import Kept, from_bytes, kept_of, to_bytes
from accord.kernel.errors import InvalidInput
from accord.kernel.labels import Label

AREA = {"page": 1, "left": 0, "top": 10, "width": 100, "height": 200}
WAYS = (
    Redaction((Area(0, 0, 10_000, 1), Area(5, 6, 7, 8, page=3))),
    Clip(250, 67_000),
    Extraction(4),
    Copy(),
)
ABOUT = About("image", "A room.", frozenset({"suspect"}), sensitivity="sensitive", handling="H2")
LABEL = Label(
    "riverbend-pd", "Exhibit", "attachment", frozenset({"suspect"}), "sensitive", "H2", "warrant",
    "none", minor=False, sealed=False, intelligence=False,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=name_of)
def test_a_way_is_read_back_from_what_is_kept_and_from_its_form(way: Way) -> None:
    assert ways.way_of({"way": name_of(way), **_plain(way)}) == way
    fields = derivationforms.fields(way, ABOUT)
    listed: dict[str, Any] = {}
    for name, value in fields:
        listed.setdefault(name, []).append(value)
    said = Listed({n: v if n in ("area", "subject", "flag") else v[-1] for n, v in listed.items()})
    assert derivationforms.way(name_of(way), said) == way
    assert derivationforms.about(said) == ABOUT


def _plain(way: Way) -> dict[str, Any]:
    return {n: list(v) if isinstance(v, tuple) else v for n, v in asdict(way).items()}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "way"),
        ({"way": "burn"}, "way"),
        ({"way": "redaction"}, "areas"),
        ({"way": "redaction", "areas": []}, "areas"),
        ({"way": "redaction", "areas": [AREA] * 501}, "areas"),
        ({"way": "redaction", "areas": [AREA | {"width": 10_001}]}, "areas"),
        ({"way": "redaction", "areas": [AREA | {"left": -1}]}, "areas"),
        ({"way": "redaction", "areas": [AREA | {"page": 0}]}, "areas"),
        ({"way": "redaction", "areas": [AREA | {"top": 1.5}]}, "areas"),
        ({"way": "redaction", "areas": [AREA | {"top": True}]}, "areas"),
        ({"way": "redaction", "areas": ["1 2 3 4 5"]}, "areas"),
        ({"way": "redaction", "areas": [AREA], "dpi": 9_000}, "dpi"),
        ({"way": "clip", "start_ms": 5}, "end_ms"),
        ({"way": "clip", "start_ms": 5, "end_ms": 5}, "end_ms"),
        ({"way": "extraction"}, "attachment"),
        ({"way": "extraction", "attachment": -1}, "attachment"),
    ],
)
def test_what_names_nothing_is_refused_with_its_field(said: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        ways.way_of(said)
    assert fault.value.field == field


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("67", 67_000), ("1:07", 67_000), ("0:01:07.25", 67_250), ("0", 0), ("1.5", 1_500),
        ("", None), ("1:2:3:4", None), ("-1", None), ("1,5", None), ("1.2345", None), ("x", None),
        ("²", None), ("0:99", None), ("1:60:00", None), ("59:59", 3_599_000),
    ],
)  # fmt: skip
def test_a_moment_of_a_recording_is_read_as_people_write_it(text: str, ms: int | None) -> None:
    assert ways.moment_ms(text) == ms
    if ms is not None:
        assert ways.moment_ms(ways.clock(ms)) == ms


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, set()),
        ({"sensitivity": "secret"}, set()),
        ({"subjects": frozenset({"suspect", "victim"})}, set()),
        ({"minor": True}, set()),
        ({"sensitivity": "official"}, {"sensitivity"}),
        ({"subjects": frozenset({"none"})}, {"subjects"}),
        ({"handling": "none"}, {"handling"}),
        ({"handling": "H3"}, {"handling"}),
        ({"offence": "drugs"}, {"offence"}),
    ],
)
def test_labels_of_what_another_agency_owns_are_kept_or_raised(
    changed: dict[str, Any], fields: set[str]
) -> None:
    found: set[str] = set()
    try:
        policy.check_as_strict(LABEL, replace(ABOUT, **changed))
    except InvalidInput as fault:
        found = {one.field for one in fault.faults}
    assert found == fields


@pytest.mark.parametrize("flag", ["minor", "sealed"])
def test_a_flag_of_the_source_is_not_taken_away(flag: str) -> None:
    with pytest.raises(InvalidInput) as fault:
        policy.check_as_strict(replace(LABEL, **{flag: True}), ABOUT)
    assert fault.value.field == "flag"


def test_a_thing_that_stood_for_nobody_may_come_to_concern_somebody() -> None:
    policy.check_as_strict(replace(LABEL, subjects=frozenset({"none"})), ABOUT)


@pytest.mark.parametrize(
    ("kind", "offered"),
    [
        ("png", ("redaction", "copy")),
        ("pdf", ("redaction", "extraction", "copy")),
        ("wav", ("clip", "copy")),
        ("eml", ("extraction", "copy")),
        ("unknown", ("copy",)),
        (None, ("copy",)),
    ],
)
def test_what_is_offered_depends_on_the_kind(kind: str | None, offered: tuple[str, ...]) -> None:
    assert ways.fits(KINDS[kind] if kind else None) == offered


@pytest.mark.parametrize(
    ("way", "inside", "kind", "name"),
    [
        (WAYS[0], None, "png", "C-1-pd-7-redacted.png"),
        (WAYS[0], None, "pdf", "C-1-pd-7-redacted.pdf"),
        (WAYS[1], None, "flac", "room.2-clip.flac"),
        (WAYS[2], "rooms.csv", "text", "rooms.csv"),
        (Extraction(0), None, "text", "room.2-text.txt"),
        (WAYS[3], None, "jpeg", "room.2.jpg"),
    ],
)
def test_what_is_made_is_called_after_its_source(
    way: Way, inside: str | None, kind: str, name: str
) -> None:
    made = ways.result_of(
        way, "C-1/pd/7", "C:\\x\\..\\room.2.jpg", inside, KINDS[kind], is_laxer=False
    )
    assert (made.file_name, made.media_type) == (name, KINDS[kind].media_type)


@pytest.mark.parametrize(
    ("way", "inside", "kind", "name"),
    [
        (WAYS[0], None, "png", "C-1-pd-7-redacted.png"),
        (WAYS[1], None, "flac", "C-1-pd-7-clip.flac"),
        (WAYS[2], "Jane Doe.csv", "text", "C-1-pd-7-part-4.txt"),
        (Extraction(0), None, "text", "C-1-pd-7-text.txt"),
        (WAYS[3], None, "jpeg", "C-1-pd-7-copy.jpg"),
        (WAYS[3], None, "unknown", "C-1-pd-7-copy"),
    ],
)
def test_what_is_labelled_less_strictly_tells_nothing_by_its_name(
    way: Way, inside: str | None, kind: str, name: str
) -> None:
    """Nor by the ending of the source's name: what stands behind a full stop may be a name too."""
    made = ways.result_of(way, "C-1/pd/7", "jane.doe", inside, KINDS[kind], is_laxer=True)
    assert made.file_name == name


@pytest.mark.parametrize(
    ("changed", "laxer"),
    [
        ({}, False),
        ({"sensitivity": "secret"}, False),
        ({"sensitivity": "official"}, True),
        ({"subjects": frozenset({"none"})}, True),
        ({"handling": "none"}, True),
    ],
)
def test_what_is_less_strict_is_what_no_other_agency_may_make(
    changed: dict[str, Any], laxer: bool
) -> None:
    assert policy.is_laxer(LABEL, replace(ABOUT, **changed)) is laxer


def test_what_was_read_is_kept_and_found_again() -> None:
    reading = Reading(None, KINDS["text"], None, passages=(Passage("page 1", "Straße İzmir room"),))
    kept = from_bytes(to_bytes(kept_of(reading)))
    assert kept.passages == reading.passages
    (hit,) = readingscreen.find(kept, "ROOM")
    assert (hit.place, hit.found) == ("page 1", "room")
    assert readingscreen.find(kept, "izmir")[0].found == "İzmir"
    assert readingscreen.find(kept, "nothing") == []


def test_a_long_text_is_shown_in_pieces_and_found_a_limited_number_of_times() -> None:
    kept = Kept(passages=(Passage("", "ab" * 20_000), Passage("page 2", "")))
    pieces = readingscreen.blocks(kept)
    assert "".join(text for _, text in pieces) == "ab" * 20_000
    assert all(len(text) <= readingscreen.BLOCK_CHARS for _, text in pieces)
    assert len(readingscreen.find(kept, "b")) == readingscreen.MOST_HITS


def test_a_number_longer_than_any_is_refused_in_words() -> None:
    """Python takes no more than 4,300 digits, and says so by an error of its own."""
    said = Listed({"attachment": "9" * 5_000})
    with pytest.raises(InvalidInput) as refused:
        derivationforms.way("extraction", said)
    assert refused.value.field == "attachment"


def test_a_number_of_an_area_is_refused_and_never_cut() -> None:
    """Cut to nine digits it would be another number, and black would cover another place."""
    lines = ["1 0 0 100 0000000000100", "1 0 0 100 100"]
    with pytest.raises(InvalidInput) as refused:
        derivationforms.areas(lines)
    assert [(fault.field, str(fault.rule)) for fault in refused.value.faults] == [
        ("areas", "area 1 has a number of more than 9 digits")
    ]
    assert derivationforms.areas(lines[1:])[0]["height"] == 100
    with pytest.raises(InvalidInput):
        derivationforms.areas(["1 0 0 100 " + "9" * 5_000])


HALF = "a\ud800b"


def test_half_a_character_in_what_was_read_becomes_the_mark_of_a_lost_one() -> None:
    said = Kept(
        passages=(Passage(HALF, f"{HALF}\ud83d\ude00"),),
        facts=(Fact("title", HALF),),
        attachments=(Attachment(1, HALF, KINDS["text"], 1, "0" * 64),),
        notes=(Note(Lack.NO_TEXT, HALF),),
        detail=HALF,
    )
    kept = from_bytes(to_bytes(said))
    assert kept.passages == (Passage("a\ufffdb", "a\ufffdb\U0001f600"),)
    assert {kept.facts[0].value, kept.attachments[0].name, kept.notes[0].detail, kept.detail} == {
        "a\ufffdb"
    }
