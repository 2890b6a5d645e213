"""The answer key's "who may see what", written by hand, equals what the agreements decide."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Context, Decision, Requester
from accord.agreements.reference import decide
from accord.agreements.terms import in_force
from accord.cli.world.read import Membership, World
from accord.kernel.labels import Label

RIVERBEND = Path(__file__).parents[3] / "worlds" / "riverbend"
KEY = json.loads((RIVERBEND / "answer_key.json").read_text("utf-8"))
SAMPLES: list[dict[str, Any]] = KEY["access"]


def asker(world: World, member: Membership) -> Requester:
    agency = next(a for a in world.agencies if a.id == member.agency)
    today: date = world.as_of.date()
    valid = frozenset(c.course for c in member.training if c.issued <= today <= c.until)
    return Requester(
        agency=member.agency,
        kind=agency.kind,
        country=agency.country,
        roles=frozenset(member.roles),
        clearance=member.clearance,
        nationality=member.nationality,
        training=valid,
        assurance=member.assurance,
    )


def label_of(record: dict[str, Any], part: str) -> Label:
    facts = {**record["label"], **record.get("part_labels", {}).get(part, {})}
    return Label.from_facts(
        {**facts, "owner": record["agency"], "schema": record["schema"], "part": part}
    )


def decision(world: World, sample: dict[str, Any]) -> Decision:
    records = {(r.data["agency"], r.data["source_ref"]): r.data for r in world.written_records()}
    record = records[tuple(sample["record"])]
    files = [*world.agreements, *(world.amendments if sample.get("under_amendment") else ())]
    return decide(
        in_force([f.agreement for f in files], world.as_of),
        asker(world, world.membership[sample["member"]]),
        Context(sample["purpose"], sample["case"], sample["legal_basis"], world.as_of),
        sample["action"],
        label_of(record, sample["part"]),
        frozenset(sample["keys"]),
    )


def name(sample: dict[str, Any]) -> str:
    return f"{sample['why']} ({sample['member']}, {sample['action']} {sample['part']})"


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_the_agreements_answer_as_the_key_says(riverbend: World, sample: dict[str, Any]) -> None:
    given = decision(riverbend, sample)
    assert given.allowed == (sample["answer"] == "allowed")
    if sample["clause"] is not None:
        assert [given.agreement_id, given.clause_id] == sample["clause"]
    else:
        assert not given.allowed, "an allowed sample names its clause"


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_a_sample_holds_only_keys_that_its_case_and_record_give(
    riverbend: World, sample: dict[str, Any]
) -> None:
    records = {r.data["source_ref"]: r.data for r in riverbend.written_records()}
    record = records[sample["record"][1]]
    case = next((c for c in riverbend.cases if c.number == sample["case"]), None)
    if case is not None:
        assert sample["member"] in case.members
        assert sample["purpose"] in case.purposes
    if "case" in sample["keys"]:
        placed = sample["case"] in record.get("cases", [])
        # What is about to be placed on consent or by its owner later says so in its keys.
        assert placed or record["agency"] == "safe-harbor"


def test_every_record_in_the_key_exists(riverbend: World) -> None:
    refs = {(r.data["agency"], r.data["source_ref"]) for r in riverbend.written_records()}
    named = [tuple(r) for rs in KEY["same_person"].values() for r in rs]
    named += [tuple(sample["record"]) for sample in SAMPLES]
    assert set(named) <= refs


def test_the_compiled_policy_answers_as_the_key_says_too(riverbend: World) -> None:
    agreements = in_force([f.agreement for f in riverbend.agreements], riverbend.as_of)
    policy = compile_policy(agreements)
    records = {
        (r.data["agency"], r.data["source_ref"]): r.data for r in riverbend.written_records()
    }
    for sample in SAMPLES:
        if sample.get("under_amendment"):
            continue
        given = policy.decide(
            asker(riverbend, riverbend.membership[sample["member"]]),
            Context(sample["purpose"], sample["case"], sample["legal_basis"], riverbend.as_of),
            sample["action"],
            label_of(records[tuple(sample["record"])], sample["part"]),
            frozenset(sample["keys"]),
        )
        assert given.allowed == (sample["answer"] == "allowed"), name(sample)


@pytest.mark.parametrize("action", ["hit", "view", "contribute", "release"])
def test_nobody_needs_more_alternatives_than_a_standing_holds(
    riverbend: World, action: str
) -> None:
    policy = compile_policy(in_force([f.agreement for f in riverbend.agreements], riverbend.as_of))
    labels = sorted(
        {label_of(r.data, part) for r in riverbend.written_records() for part in r.data["parts"]},
        key=lambda label: label.hash,
    )
    for case in riverbend.cases:
        for member in case.members:
            for purpose in case.purposes:
                context = Context(purpose, case.number, "agreement", riverbend.as_of)
                who = asker(riverbend, riverbend.membership[member])
                assert len(policy.alternatives(who, context, action, labels).key_sets) <= 8
