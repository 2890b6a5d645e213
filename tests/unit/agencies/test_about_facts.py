"""What an agency says of itself: read, refused with its field, and kept to read the same again."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from accord.agencies.about.domain import AboutKind
from accord.agencies.about.facts import desk_of, places_of, read_about
from accord.agencies.about.lines import desk_lines, place_line, read_lines
from accord.agencies.about.queries import answering_for
from accord.agencies.places import (
    Place,
    Scheme,
    contains,
    is_known,
    path_of,
    path_typed,
    scheme_of,
    touch,
    touching,
)
from accord.kernel.errors import InvalidInput

LINES = ("territory", "weekly", "exceptions", "ladder")
DESK = {
    "name": "Watch Command",
    "phone": "+1-312-555-0110",
    "hours": "",
    "escalation": "",
    "weekly": "mon-fri 08:00-18:00\nfri 20:00-02:00",
    "exceptions": "2026-12-25 closed Christmas Day\n2026-12-24 08:00-12:00 Christmas Eve",
    "ladder": "15 +1-312-555-0111 Lieutenant Okafor\n60 +1-312-555-0112 Chief Reyes",
}
TERRITORY = (
    "us-fips 99003 Harlan County\nus-place 9901000 in 99001 City of Riverbend\n"
    "iso-3166-2 MX-NLE Nuevo León\niso-3166-1 MX Mexico"
)


def read(kind: AboutKind, said: dict[str, str]) -> dict[str, Any]:
    return read_about(kind, read_lines(said, LINES))


def fields(kind: AboutKind, said: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        read(kind, said)
    return [(fault.field, fault.rule) for fault in refused.value.faults]


def test_a_desk_reads_the_same_again() -> None:
    kept = read(AboutKind.DESK, DESK)
    desk = desk_of(kept, "America/Chicago")
    assert desk_lines(desk) == {name: DESK[name] for name in ("weekly", "exceptions", "ladder")}
    assert desk.hours == "Monday to Friday 08:00-18:00; Friday 20:00-02:00"
    assert desk.escalation.startswith("Lieutenant Okafor, +1-312-555-0111, after 15 minutes; ")


def test_a_territory_reads_the_same_again() -> None:
    kept = read(AboutKind.TERRITORY, {"territory": TERRITORY})
    assert "\n".join(place_line(p) for p in places_of(kept["places"])) == TERRITORY


def test_what_stands_in_words_still_reads() -> None:
    words = {"name": "Desk", "phone": "0110", "hours": "every day", "escalation": "nobody"}
    desk = desk_of(words, "UTC")
    assert (desk.hours, desk.escalation, desk.when, desk.ladder) == (
        "every day",
        "nobody",
        None,
        (),
    )


@pytest.mark.parametrize(
    ("said", "field", "rule"),
    [
        ({"weekly": "mon-fri 08:00-18:00\nwed 17:00-20:00"}, "weekly", "overlap"),
        ({"weekly": "someday 08:00-18:00"}, "weekly", "number 1: days are some of"),
        ({"weekly": "mon 8-18"}, "weekly", "number 1: hours are written as"),
        ({"weekly": "mon 08:00-08:00"}, "weekly", "number 1: hours are written as"),
        ({"weekly": "mon 08:00-24:30"}, "weekly", "number 1: hours are written as"),
        ({"weekly": "mon,mon 08:00-18:00"}, "weekly", "each once"),
        ({"weekly": "mon"}, "weekly", "number 1: hours are written as"),
        ({"exceptions": "25.12.2026 closed"}, "exceptions", "year-month-day"),
        ({"exceptions": "2026-02-30 closed"}, "exceptions", "year-month-day"),
        ({"exceptions": "2026-12-25"}, "exceptions", "hours are written as"),
        (
            {"exceptions": "2026-12-25 closed\n2026-12-25 08:00-12:00"},
            "exceptions",
            "2026-12-25 is said twice",
        ),
        ({"ladder": "soon +1-312-555-0111 Okafor"}, "ladder", "the minutes after which"),
        ({"ladder": "15 0111 Okafor"}, "ladder", "number 1: must be a telephone number"),
        ({"ladder": "15 +1-312-555-0111"}, "ladder", "number 1: needs the name"),
        (
            {"ladder": "15 +1-312-555-0111 A\n15 +1-312-555-0112 B"},
            "ladder",
            "later than the one before",
        ),
        ({"phone": "call us"}, "phone", "telephone number"),
        ({"name": ""}, "name", "1 to 200"),
        ({"weekly": ""}, "hours", "1 to 200"),
        ({"ladder": ""}, "escalation", "1 to 200"),
        ({"weekly": "", "hours": "daily"}, "weekly", "days that differ need"),
    ],
)
def test_a_bad_desk_names_its_field(said: dict[str, str], field: str, rule: str) -> None:
    found = fields(AboutKind.DESK, DESK | said)
    assert [f for f, r in found if f == field and rule in r], found


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("fips 99003 Harlan", "the scheme is one of"),
        ("us-fips 9903 Harlan", "looks like 17 or 17031"),
        ("us-fips 03001 Nowhere", "us-fips has no code 03001"),
        ("iso-3166-1 XQ Nowhere", "iso-3166-1 has no code XQ"),
        ("iso-3166-2 US-QQ Nowhere", "has no code US-QQ"),
        ("iso-3166-1 mx Mexico", "looks like MX"),
        ("us-fips 99003", "needs a plain name"),
        ("us-place 9901000 in 17031 Riverbend", "only a city lies in a county"),
        ("us-fips 99003 in 99001 Harlan", "only a city lies in a county"),
    ],
)
def test_a_bad_place_names_its_field_and_its_line(line: str, rule: str) -> None:
    found = fields(AboutKind.TERRITORY, {"territory": f"us-fips 17031 Cook County\n{line}"})
    assert [r for f, r in found if f == "territory" and r.startswith("number 2:") and rule in r]


def test_a_place_stands_once() -> None:
    twice = "us-fips 17031 Cook\nus-fips 17031 Cook County"
    assert fields(AboutKind.TERRITORY, {"territory": twice}) == [
        ("territory", "number 2: is there already")
    ]


@pytest.mark.parametrize(
    "said", [{"territory": "words"}, {"territory": ["words"]}, {"territory": {"scheme": "us-fips"}}]
)
def test_what_is_no_list_is_refused(said: Any) -> None:
    with pytest.raises(InvalidInput, match="must be a list"):
        read_about(AboutKind.TERRITORY, said)


def test_competence_is_of_closed_lists() -> None:
    kept = read_about(
        AboutKind.COMPETENCE, {"offences": ["drugs", "human-trafficking"], "courts": ["trial"]}
    )
    assert kept == {"offences": ["human-trafficking", "drugs"], "courts": ["trial"]}
    for field in ("offences", "courts"):
        with pytest.raises(InvalidInput) as refused:
            read_about(AboutKind.COMPETENCE, {field: ["treason"]})
        assert refused.value.field == field


def test_places_lie_in_one_another() -> None:
    state, county = path_of("us-fips", "17"), path_of("us-fips", "17031")
    city = path_of("us-place", "1714000", "17031")
    assert path_of("iso-3166-2", "US-IL") == state
    assert contains(state, county)
    assert contains(county, city)
    assert not contains(city, county)
    assert contains(path_of("iso-3166-1", "US"), city)
    assert touch(city, state)
    assert touch(state, city)
    assert not touch(county, path_of("us-fips", "17043"))
    assert not touch(path_of("iso-3166-1", "MX"), state)


def test_a_typed_code_says_its_scheme() -> None:
    assert [scheme_of(c) for c in ("MX", "US-IL", "17", "17031", "1714000", "Cook", "00")] == [
        Scheme.COUNTRY, Scheme.SUBDIVISION, Scheme.FIPS, Scheme.FIPS, Scheme.CITY, None, None,
    ]  # fmt: skip
    kept = read(AboutKind.TERRITORY, {"territory": TERRITORY})
    known = places_of(kept["places"])
    assert path_typed("9901000", known) == path_of("us-place", "9901000", "99001")
    assert path_typed("9909999", known) == ("US", "US-ZZ", "city 9909999")


def test_countries_are_those_of_iso_3166() -> None:
    assert all(is_known("iso-3166-1", code) for code in ("US", "MX", "DE", "AX", "ZW"))
    assert not any(is_known("iso-3166-1", code) for code in ("ZZ", "EU", "UN", "XA", "AA"))


# -- who answers for what is searched by a part of a name ------------------------------------------


def small_world(seed: int) -> list[tuple[str, ...]]:
    """Paths of every depth, many of them in one another."""
    chance = random.Random(seed)
    return [tuple(chance.choice("ab") for _ in range(chance.randint(0, 4))) for _ in range(6)]


def test_many_places_at_once_are_touched_by_what_touches_one_of_them() -> None:
    for seed in range(200):
        wanted, asked = small_world(seed)[:3], small_world(-seed - 1)
        there = touching(wanted)
        for place in asked:
            assert there(place) == any(touch(place, one) for one in wanted), (place, wanted)


def test_a_search_that_meets_every_place_looks_at_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred agencies of two hundred places: each pair would be four hundred million."""
    looked = 0

    def counted(scheme: str, code: str, within: str | None = None) -> tuple[str, ...]:
        nonlocal looked
        looked += 1
        return path_of(scheme, code, within)

    every = [
        SimpleNamespace(
            id=f"agency-{n}",
            territory_words="",
            territory=[Place("us-fips", "99", "Zeta")]
            + [Place("us-place", f"17{n * 200 + m:05}", f"Area {m}") for m in range(200)],
        )
        for n in range(100)
    ]
    monkeypatch.setattr("accord.agencies.places.path_of", counted)
    monkeypatch.setattr("accord.agencies.about.queries.agencies", lambda: every)
    monkeypatch.setattr("accord.agencies.about.queries.touch", no_pairs)
    assert len(answering_for("area")) == 100
    assert len(answering_for("area 199")) == 100
    assert answering_for("nowhere") == frozenset()
    assert looked < 10 * 100 * 201


def no_pairs(*_: object) -> bool:
    raise AssertionError("places are compared in pairs")
