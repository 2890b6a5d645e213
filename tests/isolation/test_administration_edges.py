"""Changes of the directory at their edges: who is elsewhere, what ends later, what cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accord.agencies import queries as agencies
from accord.agencies.actions import create_api_token, put_member
from accord.agencies.directory import policy
from accord.agencies.directory.domain import Change
from isolation import administering as those
from isolation.administering import (
    ADA,
    ADA_ELSEWHERE,
    AGENCY,
    BEN,
    CORA,
    FAR,
    JOIN,
    OTHER,
    ROOKIE,
    approve,
    ask,
    later,
    proposed,
    signed_in,
    waiting,
)
from isolation.direct import administrator

COURSE = {"training": "28cfr23", "issued_on": "2026-01-01", "valid_until": "2027-01-01"}


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    yield from those.staff(world)


def join(client: Client, **said: str) -> Any:
    return client.post("/members/join", {**JOIN, **said})


def change_of(answer: Any) -> str:
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"]).rsplit("/", 1)[1]


def agent(*agencies_of: str) -> str:
    """Somebody who acts for these agencies; the first one names them."""
    since = datetime.now(UTC) - timedelta(days=10)
    put_member(
        {
            "id": f"{agencies_of[0]}.x.agent",
            "name": "Agent",
            "nationality": "US",
            "memberships": [
                {"id": f"{agency}.x.agent", "agency": agency, "roles": ["investigator"],
                 "clearance": "none", "assurance": 2, "valid_from": since, "valid_until": None}
                for agency in agencies_of
            ],
        }
    )  # fmt: skip
    return f"{agencies_of[0]}.x.agent"


# -- another agency's people -----------------------------------------------------------------------


def test_whom_another_agency_suspended_gets_no_link_here() -> None:
    person = agent(OTHER)
    assert ask(signed_in(FAR), person, "suspend").status_code == 303
    made = join(signed_in(BEN), handle="x.agent", member=person, name="Agent")
    page = signed_in(CORA).post(f"/members/changes/{change_of(made)}/approve")
    assert page.status_code == 303, "a link would open what the other agency gives back"


def test_whom_another_agency_suspended_is_not_enrolled_anew_here() -> None:
    person = agent(OTHER, AGENCY)
    assert ask(signed_in(FAR), person, "suspend").status_code == 303
    assert ask(signed_in(BEN), f"{AGENCY}.x.agent", "enrolment").status_code == 403


def test_who_approves_reads_which_person_it_is() -> None:
    change = change_of(join(signed_in(ADA), name="fAR", member=FAR))
    ben = signed_in(BEN)
    page = ben.get(f"/members/changes/{change}").content.decode()
    assert FAR in page
    assert "fAR" not in page, "the name that was typed is nobody's"
    assert "fAR" not in ben.get("/members/?view=waiting").content.decode()


def test_whom_another_agency_has_is_not_found_out_by_a_proposal() -> None:
    """A wrong name, a wrong nationality and nobody are one answer, and no page tells what is right."""
    ada, seen = signed_in(ADA), set()
    for said in (
        {"member": FAR, "name": "Guess"},
        {"member": FAR, "name": "Far", "nationality": "FR"},
        {"member": f"{OTHER}.x.who", "name": "Far"},
    ):
        answer = join(ada, handle="x.guess", **said)
        assert answer.status_code == 400
        rule = re.findall(r"must be the id of a person[^<]*", answer.content.decode())[0]
        seen.add(rule)
        assert f'value="{said["member"]}"' in answer.content.decode(), "what was typed stays"
    assert len(seen) == 1
    assert those.waiting(ada) == []


def test_a_person_has_one_name_in_an_agency() -> None:
    assert join(signed_in(ADA), handle="x.second", member=ROOKIE).status_code == 409


def test_training_that_another_agency_attests_opens_nothing_here() -> None:
    far, other = signed_in(FAR), signed_in(ADA_ELSEWHERE)
    approve(other, change_of(join(far, handle="x.guest", member=ROOKIE, name="Rookie")))
    assert ask(far, f"{OTHER}.x.guest", "training", **COURSE).status_code == 303
    assert approve(other, waiting(other)[-1]) == 303
    assert "28cfr23" not in agencies.actor(ROOKIE).training


# -- two stay, later too ---------------------------------------------------------------------------


def test_two_administrators_stay_when_another_s_end_is_set_already(world: Path) -> None:
    ada, day = signed_in(ADA), (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    with those.alone(world):
        assert ask(ada, BEN, "leave", at=day).status_code == 303
        assert ask(ada, CORA, "leave").status_code == 403
        with later(world, timedelta(days=32)):
            left = {a.membership for a in agencies.members_of((AGENCY,))}
            assert {ADA, CORA} <= left


# -- what was decided meanwhile, what is there already ---------------------------------------------


def test_a_proposal_that_is_decided_meanwhile_is_not_withdrawn(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = signed_in(ADA)
    change, check = proposed(ada), policy.check_waits

    def meanwhile(found: Change) -> None:
        check(found)
        with administrator(world) as db:
            db.execute(
                "update directory_change set state = 'withdrawn', decided_by = %s,"
                " decided_at = now() where id = %s",
                [BEN, found.id],
            )

    monkeypatch.setattr(policy, "check_waits", meanwhile)
    assert ada.post(f"/members/changes/{change}/withdraw").status_code == 409


def test_training_of_one_day_is_attested_once() -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    assert approve(ben, proposed(ada, ROOKIE, "training", **COURSE)) == 303
    again = proposed(ada, ROOKIE, "training", **COURSE | {"valid_until": "2028-01-01"})
    assert approve(ben, again) == 403


def test_every_proposal_is_in_the_queue(world: Path) -> None:
    ada = signed_in(ADA)
    with administrator(world) as db:
        for number in range(201):
            those.put(db, ADA, "role", {"add": [f"r{number}"], "remove": []})
    assert len(set(waiting(ada))) == 201


# -- what cannot be read ---------------------------------------------------------------------------


@pytest.mark.parametrize("until", ["9999-12-31", "9999-12-31T23:59:59-12:00", "0001-01-01"])
def test_a_day_at_the_end_of_the_calendar_is_refused(until: str) -> None:
    ada = signed_in(ADA)
    assert ask(ada, ROOKIE, "role", add="analyst", until=until).status_code == 400
    assert ask(ada, ROOKIE, "training", **COURSE | {"valid_until": until}).status_code == 400
    assert waiting(ada) == []


@pytest.mark.parametrize("body", [json.dumps({"schemas": 5}), "[" * 100_000], ids=["form", "deep"])
def test_scim_refuses_what_is_no_message(body: str) -> None:
    answer = Client().post(
        "/scim/v2/Users",
        data=body,
        content_type="application/scim+json",
        headers={"Authorization": f"Bearer {create_api_token(ADA)}"},
    )
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidSyntax")
