"""A working day that begins at an agency's own provider, in a browser that keeps its own rules.

The providers answer on 127.0.0.1 and the node as localhost: two sites, so that what a browser sends
across sites (no cookie with a posted form) is what it sends here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

import oidc_provider
import saml_provider
from accord.identity.actions import providers
from accord.identity.federation import file as files
from isolation.direct import administrator
from journeys.people import Person, accessible
from journeys.test_pages import ALVAREZ, in_thread
from oidc_provider import SECRET

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]


def put(folder: Path, said: str) -> None:
    """The operator puts a provider in."""
    path = folder / "provider.yaml"
    path.write_text(
        "name: riverbend\nagency: riverbend-pd\n"
        f'members: {{"4711": "{ALVAREZ}"}}\n{said}'
    )  # fmt: skip
    in_thread(lambda: providers.put("provider.yaml", files.read(path)))


@pytest.fixture
def clean(world: Path) -> Iterator[None]:
    yield

    def forget() -> None:
        with administrator(world) as db:
            db.execute("delete from provider_link")
            db.execute("delete from identity_provider")

    in_thread(forget)


def test_a_day_begins_at_an_openid_provider_and_a_step_asks_it_anew(
    real: str, person: Callable[[str], Person], tmp_path: Path, clean: None
) -> None:
    with oidc_provider.running() as provider:
        provider.redirect_uris.add(f"{real}/sign-in/with/riverbend/callback")
        (tmp_path / "secret").write_text(SECRET)
        put(
            tmp_path,
            f"kind: oidc\nissuer: {provider.issuer}\nclient_id: accord\n"
            'client_secret_file: secret\nassurance: {"urn:example:aal2": 2}\n',
        )
        page = person(real).page
        page.goto("/sign-in/")
        accessible(page)
        provider.subject = "somebody-else"
        page.get_by_role("link", name="Sign in there (Riverbend Police Department)").click()
        expect(page.locator(".notice").first).to_contain_text("did not let you in here")
        accessible(page)
        provider.subject, provider.age_s = "4711", 3600
        page.get_by_role("link", name="Sign in there").click()
        expect(page.locator(".who")).to_contain_text("Alvarez")
        page.goto("/account/")
        expect(page.locator("main")).to_contain_text("Your agency's sign-in")
        page.fill("#f-name", "Laptop")
        page.get_by_role("button", name="Make a passkey").click()
        expect(page.locator("h1")).to_have_text("Prove again that it is you")
        accessible(page)
        provider.age_s = 0
        with page.expect_popup() as opened:
            page.get_by_role("link", name="Prove it there").click()
        beside = opened.value
        expect(beside.locator("h1")).to_have_text("You have proven again that it is you")
        accessible(beside)
        beside.close()
        page.get_by_role("button", name="Go on", exact=True).click()
        expect(page.locator("main")).to_contain_text("Laptop")


def test_a_day_begins_at_a_saml_provider_from_which_the_browser_brings_no_cookie(
    real: str, person: Callable[[str], Person], tmp_path: Path, clean: None
) -> None:
    with saml_provider.running() as provider:
        provider.subject = "4711"
        (tmp_path / "metadata.xml").write_text(provider.metadata())
        put(
            tmp_path,
            f'kind: saml\nmetadata: metadata.xml\nassurance: {{"{saml_provider.AAL2}": 2}}\n',
        )
        page = person(real).page
        page.goto("/sign-in/")
        page.get_by_role("link", name="Sign in there").click()
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".who")).to_contain_text("Alvarez")
        page.context.clear_cookies()
        page.route("**/goes-on.js", lambda route: route.abort())  # and without its script
        page.goto("/sign-in/")
        page.get_by_role("link", name="Sign in there").click()
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("h1")).to_have_text("Going on with your sign-in")
        accessible(page)
        page.get_by_role("button", name="Go on").click()
        expect(page.locator(".who")).to_contain_text("Alvarez")
