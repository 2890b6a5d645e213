"""The three questions about access over the API: the same answers as the pages, the same walls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accord.agencies import actions as agency_actions
from accord.agreements import queries
from isolation.contributing import acting
from isolation.riverbend import amendment
from isolation.test_impact import CUSTODIANS, drafted
from isolation.test_simulator import ALVAREZ, HT, TRAFFICKING
from isolation.test_who_can_see import owned

PERSON = {"agency": "harlan-so", "roles": ["investigator"], "training": ["cjis-security"]}
PART = {"owner": "riverbend-pd", "part": "identity", "subjects": ["suspect"]}


class Program:
    """A client with a token and a working context."""

    def __init__(self, membership: str, case: str | None = HT) -> None:
        self.token = agency_actions.create_api_token(membership)
        self.context = {"Accord-Purpose": TRAFFICKING} | ({"Accord-Case": case} if case else {})

    def call(self, method: str, path: str, sent: Any = None) -> tuple[int, Any]:
        headers = self.context | {"Authorization": f"Bearer {self.token}"}
        body = {} if sent is None else {"data": sent, "content_type": "application/json"}
        answer = getattr(Client(), method)(f"/api/v1{path}", headers=headers, **body)
        return answer.status_code, answer.json()


@pytest.fixture(scope="module")
def alvarez(world: Path) -> Program:
    return Program(ALVAREZ)


def test_a_described_question_is_answered(alvarez: Program) -> None:
    sent = {"person": PERSON, "part": PART, "keys": ["case"]}
    status, said = alvarez.call("post", "/agreements/simulations", sent)
    assert status == 200
    (part,) = said["parts"]
    assert part["highest"] == "view"
    view = next(a for a in part["actions"] if a["action"] == "view")
    assert (view["allowed"], view["clauses"][0]["clause"]) == (True, "4.2")
    status, said = alvarez.call(
        "post", "/agreements/simulations", sent | {"version": amendment(), "keys": ["grant"]}
    )
    assert status == 200
    assert said["version"] == amendment()


def test_bad_questions_and_other_agencies_records_are_refused(alvarez: Program) -> None:
    status, said = alvarez.call(
        "post", "/agreements/simulations", {"person": PERSON | {"roles": ["wizard"]}, "part": PART}
    )
    assert (status, said["errors"][0]["field"]) == (400, "role")
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        own = str(owned(scope, 1)[0].record_id)
    assert alvarez.call("post", "/agreements/simulations", {"record": own})[0] == 200
    boone = Program("harlan-so.c.boone")
    answers = {
        str(boone.call("post", "/agreements/simulations", {"record": r}))
        for r in (own, "00000000-0000-7000-8000-00000000dead")
    }
    assert len(answers) == 1
    assert "404" in answers.pop()
    assert boone.call("get", f"/records/{own}/who-can-see")[0] == 404


def test_who_can_see_names_agencies_ways_and_people(alvarez: Program) -> None:
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        own = owned(scope, 1)[0].record_id
    status, said = alvarez.call("get", f"/records/{own}/who-can-see")
    assert status == 200
    assert {"harlan-so", "riverbend-pd"} <= {e["agency"] for e in said["exposures"]}
    assert all(e["ways"] and e["action"] for e in said["exposures"])
    assert said["unknown_cases"] == []


def test_an_impact_is_counted_for_the_custodians_own_records(world: Path) -> None:
    status, said = Program(CUSTODIANS[0], None).call("get", f"/agreements/{amendment()}/impact")
    assert status == 200
    assert said["verdict"] in ("narrower", None)
    assert said["records"] > 0
    lost = [c for c in said["changes"] if c["direction"] == "loses"]
    assert lost
    assert all(c["parts"] >= c["records"] > 0 for c in lost)
    assert Program(ALVAREZ, None).call("get", f"/agreements/{'f' * 64}/impact")[0] == 404


def test_the_impact_of_a_draft_is_told_to_its_own_agency_alone(world: Path) -> None:
    own, other = Program(CUSTODIANS[0], None), Program(CUSTODIANS[1], None)
    with acting(CUSTODIANS[0], "records-administration"):
        text = queries.version(amendment()).text
    whole = f"/agreement-drafts/{drafted(text)}/impact"
    status, said = own.call("get", whole)
    assert status == 200
    assert said["content_hash"] == amendment()
    assert (said["in_force"], said["records"] > 0) == (False, True)
    assert [c for c in said["changes"] if c["direction"] == "loses"]
    assert other.call("get", whole)[0] == 404
    status, said = own.call("get", f"/agreement-drafts/{drafted('id: ours')}/impact")
    assert status == 400
    assert "clauses" in str(said)
