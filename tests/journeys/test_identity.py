"""Who acts: a node's first run by two administrators, and a working day with passkeys.

The authenticators are virtual ones of the browser (WebDriver's WebAuthn extension, over CDP).
"""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accord.agencies.actions import create_signin_link
from accord.kernel.clock import FixedClock, now, taken_from
from isolation.direct import administrator
from journeys.axe import violations
from journeys.test_pages import ALVAREZ, in_thread

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]
KOWALSKI = "riverbend-pd.r.kowalski"


@dataclass
class Person:
    """Somebody with a browser and a device that holds passkeys."""

    page: Page
    cdp: Any
    device: str

    def loses_device(self) -> None:
        """The device and its keys are gone."""
        self.cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.device})

    def takes_device(self) -> None:
        """A new device, without keys."""
        self.device = _authenticator(self.cdp)


def _authenticator(cdp: Any) -> str:
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return str(
        cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    )


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[[str], Person]]:
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def made(base: str) -> Person:
        context = browser.new_context(base_url=base, viewport={"width": 1280, "height": 900})
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        return Person(page, cdp, _authenticator(cdp))

    yield made
    for context in opened:
        context.close()
    assert [f for f in faults if "Failed to load resource" not in f] == []


def accessible(page: Page) -> None:
    """The page as it is drawn now, in each theme, wide and narrow."""
    page.wait_for_load_state()
    for theme, width in (("light", 1280), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert violations(page) == [], (page.url, theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, theme)
    page.set_viewport_size({"width": 1280, "height": 900})


# -- the first run ---------------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """`accord serve` in an empty folder: its address by name, and the link that it printed."""
    tmp_path.chmod(0o755)
    data_dir = tmp_path / "node"
    data_dir.mkdir(mode=0o711)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "accord.cli.main", "serve", "--port", "9884",
         "--data-dir", str(data_dir)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    said, found = "", None
    assert process.stdout
    for line in process.stdout:
        said += line
        found = re.search(r"(http://localhost:\d+)(/set-up/\S+)", said)
        if found:
            break
    try:
        assert found, said
        yield found[1], found[2]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


def test_a_node_begins_with_two_administrators_and_no_password(
    empty: tuple[str, str], person: Callable[[str], Person]
) -> None:
    base, link = empty
    first, second, stranger = person(base), person(base), person(base)

    answer = stranger.page.goto("/")
    assert answer
    assert answer.status == 503
    expect(stranger.page.locator("h1")).to_have_text("This node is being set up")
    assert stranger.page.request.get(f"{base}/api/v1/agreements").status == 503
    accessible(stranger.page)

    page = first.page
    page.goto(link)
    page.get_by_role("button", name="Name them").click()
    expect(page.locator(".error-summary")).to_contain_text("Ed25519")
    accessible(page)
    public = Ed25519PrivateKey.generate().public_key()
    key = base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    for field, value in {
        "name": "Riverbend Police Department", "id": "riverbend-pd", "ori": "ZZ0010100",
        "country": "US", "zone": "America/Chicago", "desk_name": "Watch Command",
        "desk_phone": "+1-312-555-0110", "desk_hours": "every day, 00:00-24:00",
        "desk_escalation": "Lieutenant Okafor, after 15 minutes", "public_key": key,
        "name_1": "Ines Duarte", "handle_1": "i.duarte", "nationality_1": "US",
        "name_2": "Ines Duarte", "handle_2": "i.duarte", "nationality_2": "US",
    }.items():  # fmt: skip
        page.fill(f"#f-{field}", value)
    page.select_option("#f-kind", "police")
    page.get_by_role("button", name="Name them").click()
    expect(page.locator(".error-summary")).to_contain_text("another person")
    page.fill("#f-name_2", "Samuel Brandt")
    page.fill("#f-handle_2", "s.brandt")
    page.get_by_role("button", name="Name them").click()
    expect(page.locator("h1")).to_have_text("This node is being set up")
    accessible(page)
    mine, theirs = page.locator(".cast__one a").evaluate_all("all => all.map(a => a.href)")

    taken = stranger.page.goto(link)
    assert taken
    assert taken.status == 404, "the link is spent"

    page.goto(mine)
    accessible(page)
    page.fill("#f-name", "Laptop")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.locator("h1")).to_have_text("This node is being set up")

    second.page.goto(theirs)
    second.page.fill("#f-name", "Telephone")
    second.page.get_by_role("button", name="Make a passkey").click()
    second.page.wait_for_url(f"{base}/")
    expect(second.page.locator(".who")).to_contain_text("Samuel Brandt")

    page.goto("/")
    expect(page.locator(".who")).to_contain_text("Ines Duarte")
    stranger.page.goto("/")
    expect(stranger.page.locator("h1")).to_have_text("Sign in")


# -- a working day ---------------------------------------------------------------------------------


@pytest.fixture
def real(world: Path, url: str) -> Iterator[str]:
    """The world on a node that is no demonstration, by its name."""
    settings.ACCORD_DEMO = False
    yield url.replace("127.0.0.1", "localhost")
    settings.ACCORD_DEMO = True

    def forget() -> None:
        with administrator(world) as db:
            db.execute("delete from passkey")
            db.execute("delete from signin where method <> 'demo'")

    in_thread(forget)


def enrol(someone: Person, membership: str, name: str = "Laptop") -> None:
    someone.page.goto(in_thread(lambda: create_signin_link(membership)))
    someone.page.fill("#f-name", name)
    someone.page.get_by_role("button", name="Make a passkey").click()
    expect(someone.page.locator(".who")).to_be_visible()


def signed_in(someone: Person) -> None:
    someone.page.goto("/sign-in/")
    someone.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(someone.page.locator(".who")).to_be_visible()


def test_a_lost_device_is_revoked_from_a_second_one(
    real: str, person: Callable[[str], Person]
) -> None:
    lost, kept = person(real), person(real)
    enrol(lost, ALVAREZ, "Telephone")
    expect(lost.page.locator("h1")).to_be_visible()
    lost.page.goto("/account/")
    expect(lost.page.locator("main")).to_contain_text("You have one passkey")
    accessible(lost.page)
    enrol(kept, ALVAREZ, "Laptop")
    kept.page.goto("/account/")
    expect(kept.page.locator("main")).not_to_contain_text("You have one passkey")
    accessible(kept.page)
    kept.page.get_by_role("button", name="Revoke Telephone").click()
    expect(kept.page.locator("main")).not_to_contain_text("Telephone")
    lost.page.goto("/")
    expect(lost.page.locator("h1")).to_have_text("Sign in")
    lost.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(lost.page.locator(".notice")).to_contain_text("did not prove")
    accessible(lost.page)
    lost.loses_device()
    lost.takes_device()
    kept.page.locator('form[action="/sign-out"] button').evaluate("b => b.click()")
    expect(kept.page.locator("h1")).to_have_text("Sign in")
    signed_in(kept)


def test_who_has_two_hats_takes_up_the_second_membership(
    real: str, person: Callable[[str], Person]
) -> None:
    someone = person(real)
    enrol(someone, KOWALSKI)
    page = someone.page
    page.locator('form[action="/sign-out"] button').evaluate("b => b.click()")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("h1")).to_have_text("For which agency?")
    accessible(page)
    page.get_by_role("button", name="State Bureau").click()
    expect(page.locator(".who")).to_contain_text("State Bureau")


def test_a_step_asks_for_a_new_proof_and_keeps_what_was_typed(
    real: str, person: Callable[[str], Person]
) -> None:
    someone = person(real)
    enrol(someone, ALVAREZ, "Telephone")
    second = person(real)
    enrol(second, ALVAREZ, "Laptop")
    page = second.page
    page.goto("/account/")
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        page.get_by_role("button", name="Revoke Telephone").click()
        expect(page.locator("h1")).to_have_text("Prove again that it is you")
        accessible(page)
        page.get_by_role("button", name="Go on with a passkey").click()
        expect(page.locator("h1")).to_have_text("Your sign-in")
        expect(page.locator("main")).not_to_contain_text("Telephone")
