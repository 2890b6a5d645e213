"""Through the browser: kept or purged by two people, recalled and answered, subscribed and told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accord.cases import actions as cases
from accord.cases.queries import case as find_case
from accord.kernel.clock import now
from accord.records import jobs
from accord.records.queries.records import record_view
from isolation.contributing import acting, draft, write
from isolation.direct import administrator
from isolation.naive import HT, TRAFFICKING
from journeys.test_pages import ALVAREZ, OKAFOR, RASMUSSEN, Site, checked, in_thread
from journeys.test_statement_pages import member, shots

pytestmark = pytest.mark.journey
FERRIS, BOONE = "harlan-so.s.ferris", "harlan-so.c.boone"
CASE = f"/w/{TRAFFICKING}/statute/{HT}"
OFFICE = "/w/records-administration/statute/-"
WHY = "Nobody evaluated it, and nothing in the unit's cases rests on it."


def ended_report(name: str) -> str:
    """A report of Harlan whose last day was yesterday."""
    yesterday = (now() - timedelta(days=1)).date().isoformat()
    made = write(draft(agency="harlan-so", name=name, retain_until=yesterday), by=RASMUSSEN)
    return str(made.record_ids[0])


def test_a_record_is_purged_by_two_people_who_see_what_goes(site: Site) -> None:
    record = in_thread(lambda: ended_report("Purged Bysight"))
    kept = in_thread(lambda: ended_report("Kept Bysight"))
    first, second = site.member(RASMUSSEN), member(site, FERRIS)
    for view in ("", "?view=proposed", "?view=gone", "?view=classes"):
        checked(first, f"/retention/{view}")
    first.goto("/retention/")
    expect(first.locator("main .table")).to_contain_text("Purged Bysight")
    shots(first, "retention")
    checked(first, f"/retention/records/{record}")
    shots(first, "retention-record")
    first.get_by_role("button", name="Propose to purge").click()
    expect(first.locator(".error-summary")).to_contain_text("Reason")
    first.fill("#f-purge-reason", WHY)
    first.get_by_role("button", name="Propose to purge").click()
    expect(first.locator("#goes")).to_contain_text("Identity")
    expect(first.locator("main")).to_contain_text("cannot approve it as well")
    proposal = first.url
    second.goto("/retention/?view=proposed")
    checked(second, proposal)
    shots(second, "retention-purge")
    expect(second.locator("#reason")).to_contain_text("Nobody evaluated it")
    second.get_by_role("button", name="Purge it for good").click()
    expect(second.locator("main .table")).to_contain_text("The erasure")
    checked(second, "/retention/?view=gone")
    answer = first.goto(f"{OFFICE}/records/{record}")
    assert answer is not None
    assert answer.status == 404
    assert "Purged Bysight" not in first.content()

    first.goto(f"/retention/records/{kept}")
    first.fill("#f-review_on", "2029-06-01")
    first.fill("#f-retain_until", "2028-06-01")
    first.fill("#f-reason", "The inquiry that it serves is still open.")
    first.get_by_role("button", name="Keep it").click()
    expect(first.locator(".error-summary")).to_contain_text("cannot lie after the last day")
    first.fill("#f-review_on", "2028-01-01")
    first.get_by_role("button", name="Keep it").click()
    expect(first.locator("#days")).to_contain_text("1 Jan 2028")


def shared_record() -> str:
    """A record of Harlan that Riverbend read in the joint case."""
    record = write(draft(agency="harlan-so", name="Recalled Bysight"), by=RASMUSSEN).record_ids[0]
    with acting(BOONE, TRAFFICKING, HT) as scope:
        cases.place_record(scope, find_case(HT), record)
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        record_view(scope, record)
    return str(record)


def test_a_recall_is_answered_held_and_closed(site: Site) -> None:
    record = in_thread(shared_record)
    owner, recipient = site.member(RASMUSSEN), site.member(OKAFOR)
    for view in ("", "?side=from-us"):
        checked(recipient, f"/recalls/{view}")
    checked(owner, f"{OFFICE}/records/{record}/recall")
    shots(owner, "recall-form")
    owner.get_by_role("button", name="Recall it").click()
    expect(owner.locator(".error-summary")).to_contain_text("Why")
    owner.get_by_label("It is not accurate").check()
    owner.get_by_role("button", name="Recall it").click()
    checked(owner, "/recalls/")
    recipient.goto("/recalls/?side=from-us")
    shots(recipient, "recalls")
    recipient.get_by_role("link", name="Everything that was given of the record").first.click()
    notice = recipient.url
    checked(recipient, notice)
    shots(recipient, "recall")
    expect(recipient.locator("#notice")).to_contain_text("the signature verifies")
    recipient.fill("#f-reason", "They are exhibits in State v. Doe, before the county court.")
    recipient.get_by_role("button", name="Say that they are held").click()
    owner.goto(notice)
    expect(owner.locator("#said")).to_contain_text("exhibits in State v. Doe")
    recipient.get_by_label("No copy was taken, and nothing is held").check()
    recipient.get_by_role("button", name="Send the receipt").click()
    expect(recipient.locator("#notice")).to_contain_text("Answered")
    owner.goto(notice)
    checked(owner, notice)
    owner.get_by_role("button", name="Take note of the receipt").click()
    expect(owner.locator("#notice")).to_contain_text("Closed")


def test_a_label_is_made_stricter_on_its_page(site: Site) -> None:
    record = in_thread(shared_record)
    owner = site.member(RASMUSSEN)
    owner.goto(f"{OFFICE}/records/{record}")
    owner.get_by_role("link", name="Label of identity").click()
    checked(owner, owner.url)
    shots(owner, "label")
    owner.select_option("#f-sensitivity", "sensitive")
    owner.get_by_role("button", name="Change the label").click()
    expect(owner.locator("main")).to_contain_text("Sensitive")
    owner.goto("/recalls/")
    expect(owner.locator("main .table")).to_contain_text("What is labelled more strictly now")


def later_arrival(world: Path, name: str) -> None:
    write(draft(agency="harlan-so", name=name), by=RASMUSSEN)
    with administrator(world) as admin:
        admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
    jobs.ask_subscriptions()


def test_a_subscription_tells_of_a_later_arrival(site: Site, world: Path) -> None:
    reader: Page = site.member(ALVAREZ)
    page = f"{CASE}/subscriptions"
    checked(reader, page)
    checked(reader, "/subscriptions/")
    reader.goto(page)
    reader.get_by_label("Name", exact=True).check()
    reader.fill("#f-value", "Smith")
    reader.fill("#f-reason", "He was named by two of those who were carried in the van.")
    reader.get_by_role("button", name="Subscribe").click()
    expect(reader.locator("main")).to_contain_text("asks other agencies for too much")
    reader.fill("#f-value", "Wolfram Bysighter")
    reader.get_by_role("button", name="Subscribe").click()
    expect(reader.locator("#mine")).to_contain_text("Wolfram Bysighter")
    expect(reader.locator("#notices")).to_contain_text("No notice")
    in_thread(lambda: later_arrival(world, "Wolfram Bysighter"))
    checked(reader, page)
    shots(reader, "subscriptions")
    expect(reader.locator("#notices")).to_contain_text("A record that you may ask for")
    reader.get_by_role("button", name="Mark all as read").click()
    expect(reader.locator("#notices")).to_contain_text("Hit")
    checked(reader, "/subscriptions/")
    reader.goto(page)
    reader.get_by_role("button", name="Pause").click()
    expect(reader.locator("#mine")).to_contain_text("Paused")
    reader.get_by_role("button", name="End").click()
    expect(reader.locator("#mine")).to_contain_text("You ended it")
