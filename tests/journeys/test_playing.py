"""Sound and film are played on the exhibit's page by a real browser, and moved about in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accord.evidence import readingscreen
from journeys.keys import press_key
from journeys.pictures import shots
from journeys.test_exhibit_redaction import held
from journeys.test_pages import ALVAREZ, Site, checked
from unit.evidence.reading import filmed, samples

pytestmark = pytest.mark.journey
TO_THE_MIDDLE = """media => new Promise((done, failed) => {
    media.onerror = () => failed(new Error(media.error.message));
    media.onseeked = () => done([media.readyState, media.duration, media.currentTime]);
    media.onloadedmetadata = () => { media.currentTime = 6; };
    media.muted = true; media.preload = "auto"; media.load();
})"""

ON = """media => new Promise((done, failed) => {
    media.ontimeupdate = () => { if (media.currentTime > 6.3) done(media.currentTime); };
    media.play().catch(failed);
})"""


def opened(site: Site, data: bytes) -> tuple[Page, str, list[str]]:
    """An exhibit's page, its address, and what the browser fetches to play."""
    address = held(data)
    page = site.member(ALVAREZ)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.resource_type == "media" else None)
    page.goto(address)
    expect(page.locator("#plays")).to_contain_text("The exhibit itself is whole.")
    return page, address, asked


def plays(page: Page, what: str) -> None:
    """It loads when it is asked for, knows how long it is, can be moved about in, and goes on."""
    player = page.locator(f"#plays {what}")
    expect(player).to_have_js_property("paused", True)
    expect(player).to_have_js_property("readyState", 0)
    ready, duration, at = player.evaluate(TO_THE_MIDDLE)
    assert ready >= 2
    assert abs(duration - 10) < 0.3
    assert abs(at - 6) < 0.1
    assert player.evaluate(ON) > 6.3
    player.evaluate("media => media.pause()")


def test_a_recording_of_sound_is_played(site: Site) -> None:
    page, address, _ = opened(site, samples.tone(10.0))
    shots(page, "sound")
    checked(page, address)
    plays(page, "audio")


def test_a_film_is_played(site: Site) -> None:
    page, address, asked = opened(site, filmed.media("mp4", seconds=10, size=(640, 360)))
    player = page.locator("#plays video")
    shots(page, "film")
    checked(page, address)
    assert not asked
    plays(page, "video")
    assert asked
    assert player.evaluate("v => [v.videoWidth, v.videoHeight]") == [480, 270]
    shots(page, "film-playing")
    player.focus()
    press_key(page, "Space")
    expect(player).to_have_js_property("paused", False)


def test_a_veiled_film_is_not_fetched_before_it_is_played(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readingscreen, "is_veiled", lambda part: True)
    page, address, asked = opened(site, filmed.media("mp4", seconds=10))
    expect(page.locator("#plays video")).not_to_be_visible()
    shots(page, "veiled")
    page.locator("#plays summary").click()
    expect(page.locator("#plays video")).to_be_visible()
    shots(page, "unveiled")
    assert not asked
    plays(page, "video")
    assert asked
    checked(page, address)
