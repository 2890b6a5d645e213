"""The generator: same seed, same bytes; lawful labels; close to the counts it is drawn from."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import islice
from typing import Any

import pytest

from accord.cli.world.answer_key import AnswerKey
from accord.cli.world.calibration import read_calibration
from accord.cli.world.dice import Dice
from accord.cli.world.generate import as_bytes, write_world
from accord.cli.world.lines import record_faults
from accord.cli.world.moments import at_local, draw_moment
from accord.cli.world.people import mistype, mistyped_birth, plain
from accord.cli.world.read import World
from accord.cli.world.rings import draw_degree
from accord.cli.world.trafficking import draw_form, draw_means, survivor
from accord.kernel.vocabulary import Vocabulary
from accord.records.intake.drafting import Intake, draft_record
from accord.records.intake.worldline import raw_from_line
from accord.records.ontology import common_ontology

# The bytes of riverbend's own 5,000 records. A change here is a change of the world: say so.
RIVERBEND_SHA256 = "8e38865bd726cba12b8069d010b624f4cb6849164ab793c4151260fb389f1646"
MAIN_SCHEMATA = {
    "Person", "Vehicle", "Phone", "Address", "Organization", "Incident", "Arrest", "Charge",
    "Warrant", "Firearm", "LabReport", "Footage", "Document", "Item", "Account", "Operation",
    "Intelligence",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(riverbend: World) -> tuple[list[dict[str, Any]], AnswerKey]:
    generation = riverbend.generation()
    return list(generation.lines), generation.key


def digest(lines: list[dict[str, Any]]) -> str:
    return hashlib.sha256(b"".join(map(as_bytes, lines))).hexdigest()


def test_the_same_seed_gives_the_same_bytes(made: tuple[list[dict[str, Any]], AnswerKey]) -> None:
    assert digest(made[0]) == RIVERBEND_SHA256


def test_another_seed_gives_other_bytes(riverbend: World) -> None:
    one, other = (list(riverbend.generation(size=200, seed=s).lines) for s in ("1", "2"))
    assert digest(one) != digest(other)


def test_hash_randomisation_and_locale_change_nothing(riverbend: World) -> None:
    code = (
        "import hashlib, sys; from accord.cli.world.read import read_world;"
        "from accord.cli.world.generate import as_bytes;"
        "lines = read_world(sys.argv[1]).generation(size=400).lines;"
        "print(hashlib.sha256(b''.join(map(as_bytes, lines))).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, str(riverbend.folder)],
            env={"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, locale, zone in (("1", "C", "UTC"), ("77", "tr_TR.UTF-8", "Asia/Tokyo"))
    }
    assert len(seen) == 1


def test_a_larger_world_begins_with_the_smaller_one(riverbend: World) -> None:
    small = list(riverbend.generation(size=700).lines)
    large = list(islice(riverbend.generation(size=60_000).lines, 700))
    assert digest(small) == digest(large)


@pytest.mark.parametrize("size", [1, 37, 450, 5000])
def test_the_size_is_exact_and_the_key_names_only_what_was_made(
    riverbend: World, size: int
) -> None:
    generation = riverbend.generation(size=size)
    refs = {(line["agency"], line["source_ref"]) for line in generation.lines}
    assert len(refs) == size
    named = {tuple(r) for records in generation.key.persons.values() for r in records}
    named |= {tuple(r) for ring in generation.key.rings.values() for r in ring["records"]}
    assert named <= refs


def test_files_are_written_by_agency_with_their_key(riverbend: World, tmp_path: Any) -> None:
    written = write_world(riverbend.generation(size=600), tmp_path)
    lines = {p.stem: p.read_bytes().splitlines() for p in (tmp_path / "records").glob("*.jsonl")}
    assert {agency: len(rows) for agency, rows in lines.items()} == written
    assert sum(written.values()) == 600
    assert set(json.loads((tmp_path / "answer_key.json").read_bytes())["rings"]) == {
        "ring-1",
        "ring-2",
        "ring-3",
    }


def test_every_schema_is_used_and_every_agency_has_records(
    riverbend: World, made: tuple[list[dict[str, Any]], AnswerKey]
) -> None:
    assert {line["schema"] for line in made[0]} == MAIN_SCHEMATA
    assert {line["agency"] for line in made[0]} == {a.id for a in riverbend.agencies}


def test_every_record_passes_the_rules_of_a_world(
    riverbend: World, made: tuple[list[dict[str, Any]], AnswerKey]
) -> None:
    agencies = frozenset(a.id for a in riverbend.agencies)
    cases = frozenset(c.number for c in riverbend.cases)
    for line in made[0][::3]:
        assert list(record_faults(line, 1, agencies, cases)) == []


def test_intake_accepts_every_record(
    riverbend: World, made: tuple[list[dict[str, Any]], AnswerKey]
) -> None:
    words, ontology = Vocabulary.load(1), common_ontology()
    intakes = {
        a.id: Intake(a.id, ontology, words, riverbend.as_of.date()) for a in riverbend.agencies
    }
    for line in [*(r.data for r in riverbend.written_records()), *made[0]]:
        intake = intakes[line["agency"]]
        draft_record(raw_from_line(line, intake), intake)


def test_victims_and_children_are_labelled_as_such(
    riverbend: World, made: tuple[list[dict[str, Any]], AnswerKey]
) -> None:
    for line in made[0]:
        if line["schema"] != "Person":
            continue
        category, label = line["parts"]["core"]["category"][0], line["label"]
        if category in ("victim", "potential-victim"):
            assert label["subjects"] == ["victim"]
            assert label["sensitivity"] == "sensitive"
        born = line["parts"]["identity"].get("birthDate", ["1980"])[0]
        # No slip moves a birth year later, so whoever looks 16 or younger is a child.
        if int(born[:4]) >= riverbend.as_of.year - 16:
            assert label["minor"] is True


def test_every_telephone_is_in_the_range_reserved_for_fiction(
    made: tuple[list[dict[str, Any]], AnswerKey],
) -> None:
    for line in made[0]:
        for values in line["parts"].values():
            for number in values.get("phone", []):
                assert len(number) == 12
                assert number[5:10] == "55501"


def test_intelligence_states_its_basis_and_its_end(
    made: tuple[list[dict[str, Any]], AnswerKey],
) -> None:
    reports = [line for line in made[0] if line["label"]["intelligence"]]
    assert len(reports) > 50
    for line in reports:
        assert line["basis_of_suspicion"]
        days = date.fromisoformat(line["retain_until"]) - date.fromisoformat(
            line["occurred_at"][:10]
        )
        assert 0 < days.days <= 5 * 365 + 1


def test_many_people_are_known_to_several_agencies_under_other_spellings(
    made: tuple[list[dict[str, Any]], AnswerKey],
) -> None:
    names = {
        (line["agency"], line["source_ref"]): line["parts"]["identity"]["name"][0]
        for line in made[0]
        if line["schema"] == "Person"
    }
    spread = [
        {a for a, _ in records}
        for records in made[1].persons.values()
        if len({a for a, _ in records}) > 1
    ]
    assert len(spread) > 100
    assert max(len(agencies) for agencies in spread) >= 3
    differ = sum(
        1
        for records in made[1].persons.values()
        if len({names[r] for r in records if r in names}) > 1
    )
    assert differ > 100
    assert any(ord(c) > 0x400 for name in names.values() for c in name) or any(
        ord(c) > 0x400
        for line in made[0]
        for name in line["parts"].get("identity", {}).get("name", [])
        for c in name
    )


def test_rings_and_decoys_are_planted_apart(made: tuple[list[dict[str, Any]], AnswerKey]) -> None:
    key = made[1]
    in_rings = {p for r in key.rings.values() for ps in r["members"].values() for p in ps}
    decoys = {p for d in key.decoys.values() for p in d["persons"]}
    assert len(key.rings) == 3
    assert set(key.decoys) == {"family", "staffing-agency", "namesakes"}
    assert not in_rings & decoys
    for ring in key.rings.values():
        assert {"controller", "recruiter", "driver", "victim"} <= set(ring["members"])
        assert all("victim" in name for name in ring["members"]["victim"])


# --- calibration: the draws follow the published counts -------------------------------------


def far_off(drawn: Counter[Any], counts: dict[Any, float], total: int) -> float:
    """The largest difference of shares."""
    whole = sum(counts.values())
    return max(abs(drawn[word] / total - n / whole) for word, n in counts.items())


def test_hours_and_weekdays_follow_the_counts_of_thefts(riverbend: World) -> None:
    thefts = read_calibration(riverbend.folder).thefts
    dice = Dice("hours")
    moments = [draw_moment(dice, thefts, date(2023, 1, 1), date(2025, 12, 31)) for _ in range(6000)]
    hours = Counter(int(m[11:13]) for m in moments)
    days = Counter(date.fromisoformat(m[:10]).weekday() for m in moments)
    assert far_off(hours, dict(enumerate(thefts["hour"])), 6000) < 0.02
    assert far_off(days, dict(enumerate(thefts["weekday"])), 6000) < 0.025


def test_places_in_the_world_follow_the_counts_of_thefts(
    riverbend: World, made: tuple[list[dict[str, Any]], AnswerKey]
) -> None:
    counts = read_calibration(riverbend.folder).thefts["place"]
    drawn = Counter(
        line["parts"]["core"]["premisesType"][0]
        for line in made[0]
        if line["schema"] == "Incident" and line["parts"]["core"]["category"] == ["vehicle-theft"]
    )
    named = {word.replace(" ", "-"): n for word, n in counts.items()}
    assert far_off(drawn, named, sum(drawn.values())) < 0.06


def test_forms_and_means_of_control_follow_the_ctdc_counts(riverbend: World) -> None:
    counts = read_calibration(riverbend.folder).trafficking
    dice = Dice("forms")
    forms = Counter(draw_form(dice, counts) for _ in range(4000))
    assert far_off(forms, {f: counts[f]["rows"] for f in counts}, 4000) < 0.025
    labour = counts["labour"]
    means = Counter(word for _ in range(4000) for word in draw_means(dice, labour))
    for word, n in labour["means_of_control"].items():
        assert abs(means[word] / 4000 - n / labour["rows"]) < 0.03


def test_children_among_survivors_follow_the_ctdc_counts(riverbend: World) -> None:
    from accord.cli.world.scribe import Scribe
    from accord.cli.world.stage import Stage

    calibration = read_calibration(riverbend.folder)
    scribe = Scribe({a.id: a.kind for a in riverbend.agencies}, AnswerKey())
    agencies = [{"id": a.id, "kind": a.kind} for a in riverbend.agencies]
    stage = Stage(calibration, scribe, agencies, riverbend.as_of.date(), "s")
    bands = calibration.trafficking["sexual"]["age_band"]
    expected = (bands["0-8"] + bands["9-17"]) / sum(bands.values())
    dice = Dice("children")
    children = sum(survivor(stage, dice, "sexual", "Harlan")[1] for _ in range(3000))
    assert abs(children / 3000 - expected) < 0.025


def test_numbers_of_contacts_follow_the_published_networks(riverbend: World) -> None:
    networks = read_calibration(riverbend.folder).networks
    spread: Counter[int] = Counter()
    for network in networks.values():
        for degree, n in network["degree"].items():
            spread[min(int(degree), 12)] += n
    dice = Dice("degrees")
    drawn = Counter(draw_degree(dice, networks) for _ in range(4000))
    assert far_off(drawn, dict(spread), 4000) < 0.025


# --- small parts ----------------------------------------------------------------------------


def test_local_times_know_daylight_saving() -> None:
    assert at_local(date(2026, 3, 7), 12, 0).endswith("-06:00")
    assert at_local(date(2026, 3, 8), 12, 0).endswith("-05:00")
    assert at_local(date(2026, 10, 31), 12, 0).endswith("-05:00")
    assert at_local(date(2026, 11, 1), 12, 0).endswith("-06:00")


def test_slips_change_a_name_a_little() -> None:
    dice = Dice("slips")
    for _ in range(200):
        slipped = mistype(dice, "Danylchuk")
        assert abs(len(slipped) - len("Danylchuk")) <= 1
    assert plain("Đặng Thị Hạnh") == "Dang Thi Hanh"


def test_a_birth_date_written_wrong_is_still_a_date_or_nothing() -> None:
    dice = Dice("births")
    for day in (date(1981, 4, 17), date(1990, 12, 31), date(2000, 2, 29), date(1999, 3, 5)):
        for _ in range(50):
            wrong = mistyped_birth(dice, day)
            assert wrong is None or len(wrong) == 4 or date.fromisoformat(wrong)
