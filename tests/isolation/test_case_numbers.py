"""Two agencies may give their cases one number; neither takes the other's place."""

from __future__ import annotations

import pytest
from contributing import acting

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.cases import actions, queries
from accord.kernel.errors import Conflict, NotFound

OURS, THEIRS = "riverbend-pd.d.okafor", "harlan-so.e.rasmussen"
NUMBER, PURPOSE = "TW-2026-001", "human-trafficking-investigation"
MEMBER = "riverbend-pd.m.alvarez"
GUEST = "state-bi.a.desai"

pytestmark = pytest.mark.usefixtures("twins")


@pytest.fixture(scope="module")
def twins(world: object) -> None:
    """Harlan opens its case first; Riverbend another by the same number; two work on both."""
    del world  # what they stand in
    for supervisor in (THEIRS, OURS):
        with acting(supervisor, "case-administration") as scope:
            actions.open_case(
                scope,
                number=NUMBER,
                title="One of two",
                purposes=[PURPOSE],
                members=[MEMBER, GUEST],
            )


def leads(membership: str, case: str) -> str:
    with acting(membership, PURPOSE, case) as scope:
        found = queries.case_of(scope)
        assert found.id == scope.context.case_id
        return found.lead_agency


def test_a_bare_number_means_the_own_agencys_case() -> None:
    assert leads(MEMBER, NUMBER) == "riverbend-pd"


def test_a_later_case_of_the_same_number_takes_nobodys_place() -> None:
    assert leads(GUEST, NUMBER) == "harlan-so"


@pytest.mark.parametrize("lead", ["riverbend-pd", "harlan-so"])
def test_each_is_reached_by_its_lead(lead: str) -> None:
    assert leads(GUEST, f"{NUMBER}~{lead}") == lead


def test_a_lead_that_has_no_such_case_is_absent() -> None:
    with pytest.raises(NotFound):
        resolve(agencies.actor(GUEST), PURPOSE, "statute", f"{NUMBER}~state-bi")


def test_a_list_names_each_so_that_its_address_leads_to_it() -> None:
    with acting(GUEST, "case-administration"):
        found = [c for c in queries.cases() if c.number == NUMBER]
        with pytest.raises(Conflict, match=f"{NUMBER}~harlan-so or {NUMBER}~riverbend-pd"):
            queries.case(NUMBER)
        assert queries.case(found[0].address) == found[0]
    assert {c.address for c in found} == {f"{NUMBER}~harlan-so", f"{NUMBER}~riverbend-pd"}
    assert [leads(GUEST, c.address) for c in found] == [c.lead_agency for c in found]


def test_who_sees_one_of_them_is_not_told_of_the_other() -> None:
    with acting(THEIRS, "case-administration"):
        assert queries.case(NUMBER).address == NUMBER
