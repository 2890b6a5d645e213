"""People in journeys: each with a browser and a device that holds passkeys.

The authenticators are virtual ones of the browser (WebDriver's WebAuthn extension, over CDP).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from accord.agencies.actions import create_signin_link
from journeys.axe import violations_in
from journeys.test_pages import in_thread


@dataclass
class Person:
    """Somebody with a browser and a device that holds passkeys."""

    page: Page
    cdp: Any
    device: str

    @classmethod
    def in_browser(cls, context: BrowserContext, page: Page) -> Person:
        """Somebody who sits at this page, with a new device."""
        cdp = context.new_cdp_session(page)
        cdp.send("WebAuthn.enable")
        return cls(page, cdp, _authenticator(cdp))

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


def accessible(page: Page) -> None:
    """The page as it is drawn now, in each theme, wide and narrow."""
    page.wait_for_load_state()
    for theme, width in (("light", 1280), ("dark", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert violations_in(page, theme) == [], (page.url, theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, theme)
    page.set_viewport_size({"width": 1280, "height": 900})


def enrol(someone: Person, membership: str, name: str = "Laptop") -> None:
    someone.page.goto(in_thread(lambda: create_signin_link(membership)))
    someone.page.fill("#f-name", name)
    someone.page.get_by_role("button", name="Make a passkey").click()
    expect(someone.page.locator(".who")).to_be_visible()


def signed_in(someone: Person) -> None:
    someone.page.goto("/sign-in/")
    someone.page.get_by_role("button", name="Sign in with a passkey").click()
    expect(someone.page.locator(".who")).to_be_visible()
