"""A consent and an emergency through the browser: given, confirmed, reviewed, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accord.agencies import actions as agencies
from accord.agreements.statements.domain import CONSENT
from accord.kernel import ids
from accord.kernel.clock import now
from accord.records.actions.statements import Draft, give
from isolation.agencykeeping import kept_keys
from isolation.contributing import acting
from isolation.direct import administrator
from journeys.keys import press_key
from journeys.pictures import shots
from journeys.test_pages import ALVAREZ, OKAFOR, Site, checked, in_thread

pytestmark = pytest.mark.journey
HELP = "/w/victim-protection/statute/HT-2026-014"
CASE = "/w/human-trafficking-investigation/statute/HT-2026-014"
HART, CASTILLO = "riverbend-pd.l.hart", "tri-county-da.f.castillo"
SANDOVAL, MERCER = "riverbend-pd.p.sandoval", "state-bi.h.mercer"
ITZEL = ids.world_uuid("20260714", "riverbend-pd", "RP-26-0902")
SIGNED = "She signed the form with the interpreter and her advocate present; it is in the file."
DANGER = "A message read this morning names the house and says tonight; two people are inside."


def member(site: Site, membership: str) -> Page:
    """A browser signed in by a one-time link, also as somebody whom the demo does not offer."""
    page = site.visitor()
    page.goto(in_thread(lambda: agencies.create_signin_link(membership)))
    page.locator("main form button").first.click()
    page.wait_for_url("**/")
    return page


def status(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer is not None
    return answer.status


def test_a_consent_opens_what_it_names_until_it_is_withdrawn(site: Site) -> None:
    hart, castillo = member(site, HART), member(site, CASTILLO)
    record = f"{HELP}/records/{ITZEL}"
    assert status(castillo, record) == 404
    assert status(hart, record) == 200
    hart.get_by_role("link", name="Record a consent").click()
    hart.get_by_role("button", name="Record the consent").click()
    expect(hart.locator(".error-summary")).to_contain_text("Reason")
    hart.select_option("#f-recipient", "tri-county-da")
    hart.select_option("#f-purpose", "victim-protection")
    hart.get_by_label("Core").check()
    hart.get_by_label("Contact").check()
    hart.fill("#f-reason", SIGNED)
    form = hart.url
    hart.get_by_role("button", name="Record the consent").click()
    hart.wait_for_url("**/statements/*")
    expect(hart.locator("#facts")).to_contain_text("Signatures checked")
    expect(hart.locator("#opens")).to_contain_text("clause 1.5")
    expect(hart.locator("#reason")).to_contain_text("interpreter")
    statement = hart.url

    assert status(castillo, record) == 200
    assert castillo.locator(".part__title").all_inner_texts() == ["Core", "Contact"]
    press_key(castillo, "w")
    expect(castillo.locator("#part-contact .why")).to_contain_text("consented to it")
    castillo.goto("/statements/?view=towards")
    expect(castillo.locator("main table")).to_contain_text("Riverbend Police Department")
    assert str(ITZEL) not in castillo.content()
    assert status(castillo, statement) == 404

    shots(hart, "statement")
    checked(hart, statement)
    checked(hart, form)
    hart.goto(form)
    shots(hart, "consent-form")
    checked(hart, f"{record}/determination")
    hart.goto(statement)
    hart.get_by_label("The person it is about withdrew it").check()
    hart.get_by_role("button", name="Take it back").click()
    expect(hart.locator("#history")).to_contain_text("withdrew it")
    assert status(castillo, record) == 404
    for view in ("", "?view=towards", "?view=waiting", "?view=ended"):
        checked(hart, f"/statements/{view}")


def test_an_emergency_takes_two_people_and_a_third_reviews_it(site: Site) -> None:
    alvarez, okafor, sandoval = (member(site, m) for m in (ALVAREZ, OKAFOR, SANDOVAL))
    alvarez.goto(f"{CASE}/case")
    alvarez.get_by_role("link", name="Declare an emergency").click()
    shots(alvarez, "emergency-form")
    checked(alvarez, alvarez.url)
    alvarez.fill("#f-reason", DANGER)
    alvarez.get_by_role("button", name="Declare the emergency").click()
    alvarez.wait_for_url("**/statements/*")
    expect(alvarez.locator("#confirm")).to_contain_text("supervisor")
    expect(alvarez.locator("#confirm button")).to_have_attribute("aria-disabled", "true")
    checked(alvarez, alvarez.url)
    statement = alvarez.url

    okafor.goto("/statements/?view=waiting")
    shots(okafor, "waiting")
    okafor.locator(f'a[href="{statement[statement.index("/statements") :]}"]').click()
    expect(okafor.locator("#reason")).to_contain_text("names the house")
    shots(okafor, "to-confirm")
    okafor.get_by_role("button", name="Confirm the emergency").click()
    expect(okafor.locator("#facts")).to_contain_text("Signatures checked")
    expect(okafor.locator("#opens")).to_contain_text("clause 1.3")
    expect(okafor.locator("#review button")).to_have_attribute("aria-disabled", "true")

    sandoval.goto(statement)
    checked(sandoval, statement)
    sandoval.get_by_label("It was justified", exact=True).check()
    sandoval.get_by_role("button", name="Record the review").click()
    expect(sandoval.locator("#history")).to_contain_text("It was justified.")

    mercer = member(site, MERCER)
    mercer.goto("/statements/?view=towards")
    expect(mercer.locator("main table")).to_contain_text("Emergency")
    assert "HT-2026-014" not in mercer.locator("main").inner_text()

    okafor.goto(statement)
    okafor.get_by_label("It is no longer needed").check()
    okafor.get_by_role("button", name="Take it back").click()
    expect(okafor.locator("#facts")).to_contain_text("Taken back")
    okafor.goto("/statements/")
    shots(okafor, "given")


@pytest.fixture
def void(world: Path, url: str) -> Iterator[str]:
    """A consent that was signed since others had the key, which was revoked afterwards."""
    kept = kept_keys(world)
    in_thread(lambda: next(kept))
    since = now()

    def made() -> str:
        with acting(HART, "victim-protection") as scope:
            said = Draft(
                kind=CONSENT, recipient="safe-harbor", purpose="victim-protection", record=ITZEL,
                parts=("core",), until=now() + timedelta(days=30), reason=SIGNED,
            )  # fmt: skip
            found = give(scope, said)
        with administrator(world) as db:
            db.execute(
                "update agency_key set revoked_at = now(), revoked_from = %s, reason = %s,"
                " sayings = jsonb_build_array(jsonb_build_array(now(), %s::timestamptz))"
                " where agency_id = 'riverbend-pd'",
                [since, "An officer’s laptop is gone", since],
            )
        return str(found)

    yield in_thread(made)
    in_thread(lambda: next(kept, None))


def test_a_void_statement_says_which_key_it_was(site: Site, void: str) -> None:
    hart = member(site, HART)
    checked(hart, f"/statements/{void}")
    expect(hart.locator(".notice--bad")).to_contain_text("An officer’s laptop is gone")
    expect(hart.locator("#facts")).to_contain_text("Void")
    expect(hart.locator("#facts")).not_to_contain_text("A signature does not match")
    expect(hart.locator("#history")).to_contain_text("the key that signed it was revoked")
    shots(hart, "void")
    checked(hart, "/statements/?view=ended")
    expect(hart.locator("main .table")).to_contain_text("Void")
