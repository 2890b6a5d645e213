"""Two administrators, each in their own browser, name another person who answers for a system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect

from accord.identity.tokens.actions import systems
from isolation import administering as those
from isolation.administering import ADA, BEN, OFFICE, ROOKIE
from isolation.contributing import acting
from isolation.direct import administrator
from journeys.people import Person, accessible, enrol
from journeys.test_pages import OKAFOR, in_thread

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]


@pytest.fixture
def system(world: Path, url: str) -> Iterator[UUID]:
    """A system at work, whose owner has left since."""
    made = those.staff(world)
    in_thread(lambda: next(made))
    yield in_thread(lambda: _left_alone(world))
    in_thread(lambda: _gone(world))
    in_thread(lambda: next(made, None))


def _left_alone(world: Path) -> UUID:
    with acting(ADA, OFFICE) as scope:
        found = systems.propose(
            scope.actor, handle="journey-gateway", name="Records gateway", owner=ROOKIE,
            roles=["records-custodian"], clearance="none", days=30,
        )  # fmt: skip
    with acting(BEN, OFFICE) as scope:
        systems.approve(scope.actor, found)
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [ROOKIE])
    return found


def _gone(world: Path) -> None:
    with administrator(world) as db:
        db.execute("delete from service_member where name = 'Records gateway'")
        db.execute("delete from membership where id like '%.journey-gateway'")
        db.execute("delete from member where id like '%.journey-gateway'")


def test_two_administrators_name_another_owner(
    real: str, person: Callable[[str], Person], system: UUID
) -> None:
    first, second = person(real), person(real)
    enrol(first, ADA)
    enrol(second, BEN)

    page = first.page
    page.goto("/clients/")
    expect(page.locator("main")).to_contain_text("Nobody answers for it")
    page.get_by_role("link", name="Records gateway").first.click()
    expect(page.locator("#owner")).to_contain_text("Nobody answers for it")
    accessible(page)
    page.select_option("#f-owner", OKAFOR)
    page.get_by_role("button", name="Name them").click()
    expect(page.locator("#approve-owner-reason")).to_contain_text("You named them")
    accessible(page)

    other = second.page
    other.goto(f"/clients/systems/{system}")
    expect(other.locator("#owner")).to_contain_text("Daniel Okafor")
    accessible(other)
    other.locator("#approve-owner").click()
    expect(other.locator("#facts")).to_contain_text("Okafor")
    expect(other.locator("main")).not_to_contain_text("Nobody answers for it")
    accessible(other)
