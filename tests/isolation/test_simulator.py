"""The simulator answers as the specification does, and gives nobody what is not theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accord.agencies import actions as agency_actions
from accord.agreements.domain import READ_ACTIONS, Context
from accord.agreements.reference import decide
from accord.agreements.scope import Scope
from accord.desk.simulating import Asked, answer
from accord.kernel.errors import InvalidInput, NotFound
from accord.records.queries.records import RecordView
from isolation.contributing import acting, all_latest
from isolation.direct import administrator
from isolation.riverbend import amendment

CASE = "/w/human-trafficking-investigation/statute/HT-2026-014"
BOONE, ALVAREZ = "harlan-so.c.boone", "riverbend-pd.m.alvarez"
HT, TRAFFICKING = "HT-2026-014", "human-trafficking-investigation"
SUSPECT = {
    "who": "described",
    "agency": "harlan-so",
    "role": "investigator",
    "training": "cjis-security",
    "assurance": "2",
    "purpose": TRAFFICKING,
    "owner": "riverbend-pd",
    "part": "identity",
    "subject": "suspect",
}


def asked(**fields: str | tuple[str, ...]) -> Asked:
    chosen = {**SUSPECT, **fields}
    return Asked({k: (v,) if isinstance(v, str) else v for k, v in chosen.items()})


def member(membership: str) -> Client:
    link = agency_actions.create_signin_link(membership)
    client = Client()
    client.get(link)
    assert client.post(link).status_code == 303
    return client


def test_an_answer_cites_the_clause_its_price_and_what_is_missing(world: Path) -> None:
    with acting(ALVAREZ, "case-administration") as scope:
        found = answer(scope, asked(key="case")).things[0]
        by_action = {t.action: t for t in found.trials}
        assert found.highest == "view"
        assert [c.clause.id for c in by_action["view"].cited] == ["4.2"]
        assert "no-onward" in map(str, by_action["view"].decision.obligations)
        closed = answer(scope, asked()).things[0]
        assert closed.highest == "hit"
        view = next(t for t in closed.trials if t.action == "view")
        assert view.decision.missing == ("key: case",)
        untrained = answer(scope, asked(training="evidence-handling")).things[0]
        assert untrained.highest is None
        assert "training: cjis-security" in untrained.trials[1].decision.missing


def test_what_would_be_if_an_amendment_were_in_force(world: Path) -> None:
    with acting(ALVAREZ, "case-administration") as scope:
        contact = asked(subject="contact")
        assert answer(scope, contact).things[0].highest == "hit"
        what_if = answer(scope, asked(subject="contact", version=amendment()))
        assert what_if.things[0].highest is None
        assert what_if.version is not None


def test_a_record_is_asked_about_with_the_keys_it_carries(world: Path) -> None:
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        record = _own_in_case(scope)
        found = answer(scope, asked(record=str(record.record_id), case=HT))
        assert found.carried
        assert {t.thing.name for t in found.things} == {p.kind.capitalize() for p in record.parts}
        without = answer(scope, asked(record=str(record.record_id)))
        assert all(t.thing.keys == frozenset() for t in without.things)
        assert any("case" in t.thing.keys for t in found.things)
        named = answer(scope, asked(record=record.source_ref))
        assert named.record is not None
        assert named.record.record_id == record.record_id


def _own_in_case(scope: Scope) -> RecordView:
    """One that no consent, statement or grant opens besides, to anybody."""
    with administrator(Path(settings.ACCORD_DATA_DIR)) as db:
        found = db.execute(
            "select p.record_id from part p join part_key k on k.part_id = p.id"
            " group by 1 having count(distinct k.kind) > 1"
        ).fetchall()
    opened = {row["record_id"] for row in found}
    return next(
        record
        for record in all_latest(scope)
        if record.owner == scope.actor.agency
        and all(p.kinds == {"case"} for p in record.parts)
        and record.record_id not in opened
    )


def test_another_agencys_record_is_as_absent_as_no_record(world: Path) -> None:
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        record = str(_own_in_case(scope).record_id)
    said = set()
    for named in (record, "00000000-0000-7000-8000-00000000dead", "no-such-reference"):
        with pytest.raises(NotFound) as refused, acting(BOONE, TRAFFICKING, HT) as scope:
            answer(scope, asked(record=named))
        said.add(str(refused.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "curiosity"),
        ("agency", "nobody"),
        ("role", "wizard"),
        ("subject", ("none", "victim")),
        ("nationality", "Texas"),
        ("case", "HX-0000-000"),
        ("key", "case-of-beer"),
        ("flag", "interesting"),
        ("who", "harlan-so.c.boone"),
        ("version", "f" * 64),
        ("part", "soul"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(
    world: Path, field: str, value: str | tuple[str, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused, acting(ALVAREZ, "case-administration") as scope:
        answer(scope, asked(**{field: value}))
    assert refused.value.field == field


def test_the_pages_answer_without_a_word_of_the_question_in_the_address(world: Path) -> None:
    client = member(ALVAREZ)
    assert client.get("/agreements/simulator").status_code == 200
    form = {**SUSPECT, "key": ["case"]}
    sent = client.post("/agreements/simulator", form)
    assert sent.status_code == 303
    assert "harlan" not in sent["Location"]
    shown = client.get(sent["Location"])
    assert shown.status_code == 200
    assert b"clause 4.2" in shown.content
    assert b"could read it" in shown.content
    other = member("riverbend-pd.d.okafor")
    assert other.get(sent["Location"]).status_code == 404
    wrong = client.post("/agreements/simulator", form | {"role": ["wizard"]})
    assert wrong.status_code == 400
    assert b"There is a problem" in wrong.content
    inside = client.get(f"{CASE}/simulator?record=abc")
    assert inside.status_code == 200
    assert b'value="abc"' in inside.content


def test_the_answers_are_those_of_the_specification(world: Path) -> None:
    with acting(ALVAREZ, "case-administration") as scope:
        for keys in ((), ("case",), ("case", "grant")):
            for role in ("investigator", "victim-advocate", "prosecutor"):
                for subject in ("suspect", "victim", "source"):
                    found = answer(scope, asked(key=keys, role=role, subject=subject))
                    thing = found.things[0]
                    context = Context(TRAFFICKING, None, "statute", found.context.at)
                    for trial in thing.trials:
                        expected = decide(
                            scope.standing.policy.agreements,
                            found.requester,
                            context,
                            trial.action,
                            thing.thing.label,
                            thing.thing.keys,
                        )
                        assert trial.decision.allowed == expected.allowed
                        assert trial.decision.citations == expected.citations
                    assert [t.action for t in thing.trials] == list(READ_ACTIONS)
