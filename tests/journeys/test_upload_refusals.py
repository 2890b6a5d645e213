"""Files that are refused on their way in: the page says why, at once, and asks no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, Request, expect

from journeys.test_exhibit_pages import fill_in, send
from journeys.test_pages import ALVAREZ, CASE, Site

pytestmark = pytest.mark.journey
LIST = "[data-upload-list]"
TURNED = "\u202egnp.exe photo.txt"


def began(page: Page) -> list[Request]:
    """The requests with which the page begins uploads, from now on."""
    found: list[Request] = []
    page.on(
        "request",
        lambda r: (
            found.append(r) if r.method == "POST" and r.url.endswith("/exhibits/uploads") else None
        ),
    )
    return found


def test_an_upload_beyond_the_limit_is_told_and_not_tried_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ACCORD_UPLOADS_AT_ONCE", 0)
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/exhibits/new")
    asked = began(page)
    path = tmp_path / "one-more.txt"
    path.write_text("one more")
    page.set_input_files("#f-files", str(path))
    line = page.locator(f"{LIST} li").first
    expect(line).to_contain_text("uploads that are not yet exhibits, which is the limit.")
    page.wait_for_timeout(1500)
    assert len(asked) == 1
    line.get_by_role("button", name="Discard").click()
    expect(line).to_contain_text("Discarded")


def test_what_cannot_be_sent_is_said_in_plain_words(site: Site, tmp_path: Path) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/exhibits/new")
    empty, long = tmp_path / "empty.txt", tmp_path / ("x" * 210 + ".txt")
    empty.write_bytes(b"")
    long.write_text("long")
    page.set_input_files("#f-files", [str(empty), str(long)])
    shown = page.locator(LIST)
    expect(shown).to_contain_text("Not sent: An empty file is no exhibit")
    expect(shown).to_contain_text("Not sent: The name of a file has from 1 to 200 characters")


def test_a_folder_that_was_dropped_is_said_to_be_none(site: Site) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/exhibits/new")
    page.evaluate(
        """() => {
          const file = new File(["x"], "seized");
          file.arrayBuffer = () => Promise.reject(new DOMException("", "NotFoundError"));
          const event = new Event("drop");
          Object.defineProperty(event, "dataTransfer", { value: { files: [file] } });
          document.querySelector("[data-uploads]").dispatchEvent(event);
        }"""
    )
    expect(page.locator(LIST)).to_contain_text("it cannot be read; choose the files of a folder")


def test_a_file_that_arrived_otherwise_is_no_exhibit_and_can_be_discarded(
    site: Site, tmp_path: Path
) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/exhibits/new")
    page.evaluate("crypto.subtle.digest = () => Promise.resolve(new Uint8Array(32).buffer)")
    path = tmp_path / "otherwise.txt"
    path.write_text("not what its hash says")
    page.set_input_files("#f-files", str(path))
    line = page.locator(f"{LIST} li").first
    expect(line).to_contain_text("What arrived is not what was sent", timeout=20_000)
    expect(line.get_by_role("link")).to_have_count(0)
    page.reload()
    upload = page.locator(f"{LIST} li").first.get_attribute("data-upload")
    page.goto(f"{CASE}/exhibits/uploads/{upload}/acquire")
    expect(page.locator(".notice")).to_contain_text("This file becomes no exhibit")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator(LIST)).not_to_contain_text("otherwise.txt")


def test_a_name_that_turns_its_direction_turns_nothing_beside_it(
    site: Site, tmp_path: Path
) -> None:
    page = site.member(ALVAREZ)
    page.goto(f"{CASE}/exhibits/new")
    path = tmp_path / TURNED
    path.write_text("turned")
    page.set_input_files("#f-files", str(path))
    name = page.locator(f"{LIST} li").first.locator(".upload__name")
    expect(name.locator("bdi")).to_have_text(TURNED)
    page.get_by_text("Here whole").first.click()
    expect(page.locator("h1 bdi")).to_have_text(TURNED)
    page.goto(f"{CASE}/exhibits/new")
    expect(name.locator("bdi")).to_have_text(TURNED)
    page.locator(f"{LIST} li").first.get_by_role("button", name="Discard").click()
    expect(page.locator(LIST)).not_to_contain_text("photo.txt")


def test_the_second_file_of_a_search_is_filled_in_as_the_first(site: Site, tmp_path: Path) -> None:
    page = site.member(ALVAREZ)
    for name in ("first.txt", "second.txt"):
        path = tmp_path / name
        path.write_text(name)
        send(page, path)
        page.get_by_text("Here whole. Say what it is").first.click()
        page.wait_for_url("**/acquire")
        if name == "first.txt":
            fill_in(page, "Warrant", reference="2026-SW-0311", authority="Riverbend Circuit Court")
            page.get_by_role("button", name="Acquire the exhibit").click()
            page.wait_for_url(lambda url: "uploads" not in url)
    page.get_by_role("link", name="Fill in as for").click()
    expect(page.locator("#f-collected_at")).to_have_value("2026-09-20 15:04")
    expect(page.locator("#f-zone")).to_have_value("America/Chicago")
    expect(page.locator("#f-place")).to_have_value("Lockside Inn, front desk")
    expect(page.locator("#f-description")).to_have_value("")
    page.fill("#f-description", "The second of the same drawer.")
    page.get_by_role("button", name="Acquire the exhibit").click()
    page.wait_for_url(lambda url: "uploads" not in url)
    expect(page.locator("main")).to_contain_text("2026-SW-0311")
    expect(page.locator(".lede")).to_contain_text("Video: The second of the same drawer.")
