"""Ten minutes later what is sealed is closed; one proof opens it, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from playwright.sync_api import expect

from accord.cases import actions as cases
from accord.cases import queries as case_queries
from accord.identity.domain import Proof
from accord.kernel.clock import now
from accord.records.actions.requests import ask
from accord.records.queries.search import search
from accord.records.search_query import parse_query
from isolation.contributing import OTHER_CUSTODIAN, acting, draft, write
from isolation.exhibiting import CASE, DETECTIVE, TRAFFICKING, acquired, photograph, read
from journeys.people import Person, accessible, enrol
from journeys.pictures import shots
from journeys.test_pages import in_thread
from unit.identity.unsealing import everything_sealed

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]

HERE = f"/w/{TRAFFICKING}/statute/{CASE}"
NOTE = "She said that the van came on Tuesdays, and that the driver had a key to the side door."
REASON = "We need to know where she was seen, to plan the interviews."
NAME = "Theodora Quillfeather"


@pytest.fixture
def ten_minutes_go_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Every proof that was made until it is called is an old one from then on."""
    oldest: list[datetime] = []

    def is_fresh(proof: Proof, at: datetime) -> bool:
        return all(proof.proven_at > one for one in oldest)

    monkeypatch.setattr(Proof, "is_fresh", is_fresh)
    return lambda: oldest.append(now())


def exhibit() -> UUID:
    with everything_sealed():
        record, _ = acquired(photograph())
    read(record)
    return record


def notes() -> UUID:
    with acting(DETECTIVE, TRAFFICKING, CASE) as scope:
        case = case_queries.case_of(scope)
        cases.write_note(scope, case, "The registration cards are with the laboratory.")
        with everything_sealed():
            return cases.write_note(scope, case, NOTE)


def request() -> UUID:
    with everything_sealed({"contact"}):
        write(draft(agency="harlan-so", name=NAME), by=OTHER_CUSTODIAN)
    with everything_sealed(), acting(DETECTIVE, TRAFFICKING, CASE) as scope:
        return ask(scope, search(scope, parse_query(NAME)).hits[0].handle, REASON)


def test_a_sealed_note_opens_where_it_stands_and_the_begun_one_stays(
    real: str, person: Callable[[str], Person], ten_minutes_go_by: Callable[[], None]
) -> None:
    note = in_thread(notes)
    me = person(real)
    enrol(me, DETECTIVE)
    page = me.page
    page.goto(f"{HERE}/case")
    expect(page.locator(f"#note-{note}")).to_contain_text(NOTE)
    ten_minutes_go_by()
    page.reload()
    expect(page.locator(f"#note-{note}")).to_contain_text("Sealed. It opens once you have proven")
    expect(page.locator("#notes")).to_contain_text("The registration cards are with")
    accessible(page)
    shots(page, "closed-case")
    page.fill("#f-note", "Half a sentence about")
    page.get_by_role("button", name="Prove it and open them").click()
    page.get_by_role("button", name="Go on with a passkey").click()
    expect(page.locator(f"#note-{note}")).to_contain_text(NOTE)
    expect(page.locator("#f-note")).to_have_value("Half a sentence about")
    page.goto(f"{HERE}/case/notes/{note}")
    expect(page.locator("#history")).to_contain_text(NOTE)  # proven once, for all pages
    ten_minutes_go_by()
    page.reload()
    expect(page.locator("main")).not_to_contain_text(NOTE)
    accessible(page)
    shots(page, "closed-note")
    page.get_by_role("button", name="Prove it and open them").click()
    page.get_by_role("button", name="Go on with a passkey").click()
    expect(page.locator("#history")).to_contain_text(NOTE)
    assert page.url.endswith(f"/case/notes/{note}")


def test_a_sealed_exhibit_and_the_pages_below_it(
    real: str, person: Callable[[str], Person], ten_minutes_go_by: Callable[[], None]
) -> None:
    made = in_thread(exhibit)
    me = person(real)
    enrol(me, DETECTIVE)
    page = me.page
    page.goto(f"{HERE}/exhibits/{made}")
    expect(page.locator("#looks")).to_be_visible()
    ten_minutes_go_by()
    page.reload()
    expect(page.locator("#looks")).to_have_count(0)
    expect(page.locator("#file")).to_contain_text("Sealed. It opens once you have proven")
    expect(page.locator("#custody")).to_be_visible()
    accessible(page)
    shots(page, "closed-exhibit")
    page.goto(f"{HERE}/exhibits/{made}/pages/0")
    expect(page.locator("h1")).to_contain_text("Prove again that it is you")
    page.get_by_role("button", name="Go on with a passkey").click()
    expect(page.locator(".stage__image")).to_be_attached()
    assert page.url.endswith("/pages/0")
    page.goto(f"{HERE}/exhibits/{made}")
    expect(page.locator("#looks")).to_be_visible()


def test_an_owner_answers_what_is_closed_and_what_they_open(
    real: str, person: Callable[[str], Person], ten_minutes_go_by: Callable[[], None]
) -> None:
    asked = in_thread(request)
    them = person(real)
    enrol(them, OTHER_CUSTODIAN)
    page = them.page
    ten_minutes_go_by()
    page.goto(f"/requests/{asked}")
    expect(page.locator("main")).not_to_contain_text(REASON)
    expect(page.locator("#part-contact")).to_contain_text("Sealed. It opens once you have proven")
    accessible(page)
    shots(page, "closed-request")
    page.fill("#f-reason", "Granted for the interviews")
    page.check("#f-part-contact")
    page.get_by_role("button", name="Prove it and open them").click()
    page.get_by_role("button", name="Go on with a passkey").click()
    expect(page.locator("#question")).to_contain_text(REASON)
    expect(page.locator("#f-reason")).to_have_value("Granted for the interviews")
    expect(page.locator("#f-part-contact")).to_be_checked()
    accessible(page)
    shots(page, "opened-request")
