"""An exhibit through the browser: sent over a line that breaks and a server that restarts."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from accord.evidence.files import states
from accord.evidence.jobs import hash_uploads
from journeys.test_pages import ALVAREZ, CASE, Site, checked, in_thread, picture

pytestmark = pytest.mark.journey
PIECE = 8 * 1024 * 1024
LEAST = 5 * 1024 * 1024


def fill_in(page: Page, basis: str, **more: str) -> None:
    page.select_option("#f-kind", "video")
    page.fill("#f-description", "Camera above the front desk, one afternoon.")
    page.get_by_role("checkbox", name="Suspect").check()
    page.fill("#f-collected_at", "2026-09-20 15:04")
    page.fill("#f-place", "Lockside Inn, front desk")
    page.get_by_role("radio", name=basis, exact=True).check()
    for name, text in more.items():
        page.fill(f"#f-{name}", text)


def send(page: Page, path: Path) -> None:
    page.goto(f"{CASE}/exhibits/new")
    page.set_input_files("#f-files", str(path))


def acquire(page: Page) -> str:
    """Say what the file that is here is, under a warrant; returns the exhibit's address."""
    page.get_by_text("Here whole. Say what it is").click()
    page.wait_for_url("**/acquire")
    fill_in(page, "Warrant", reference="2026-SW-0311")
    page.get_by_role("button", name="Acquire the exhibit").click()
    expect(page.locator(".error-summary")).to_contain_text("Issued by")
    page.fill("#f-authority", "Riverbend Circuit Court")
    page.get_by_role("button", name="Acquire the exhibit").click()
    page.wait_for_url(lambda url: "/exhibits/" in url and "uploads" not in url)
    return page.url


def file_of(folder: Path, size: int) -> tuple[Path, str]:
    path, digest = folder / "front-desk.mp4", hashlib.sha256()
    with path.open("wb") as target:
        for at in range(0, size, PIECE):
            block = os.urandom(min(PIECE, size - at))
            digest.update(block)
            target.write(block)
    return path, digest.hexdigest()


def broken(times: int, then: Callable[[], None]) -> Callable[[Route], None]:
    """A line that breaks this often, after the first piece went through."""
    seen = {"patches": 0, "broken": 0}

    def handle(route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
            return
        seen["patches"] += 1
        if seen["patches"] > 1 and seen["broken"] < times:
            seen["broken"] += 1
            then()
            route.abort("connectionreset")
        else:
            route.continue_()

    return handle


def restarted() -> None:
    """What a restarted server has forgotten: the hash states of all files on their way."""
    states._kept.clear()


def test_a_file_over_a_broken_line_becomes_an_exhibit_that_can_be_taken(
    site: Site, tmp_path: Path
) -> None:
    path, sha256 = file_of(tmp_path, 2 * PIECE + LEAST)
    page = site.member(ALVAREZ)
    page.route("**/exhibits/uploads/*", broken(2, restarted))
    send(page, path)
    address = acquire(page)
    expect(page.locator("#file")).to_contain_text(sha256)
    expect(page.locator("main")).to_contain_text("2026-SW-0311")
    with page.expect_download() as download:
        page.get_by_role("button", name="Take it with its sheet").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        assert hashlib.sha256(archive.read("front-desk.mp4")).hexdigest() == sha256
        sheet = archive.read("accord-sheet.html").decode()
    assert sha256 in sheet
    assert "Marisol Alvarez" in sheet
    page.goto(f"{CASE}/exhibits")
    expect(page.locator("main table")).to_contain_text(sha256[:12])
    picture(page, "exhibits")
    checked(page, f"{CASE}/exhibits")
    checked(page, address)
    checked(page, f"{CASE}/exhibits/new")


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    path, sha256 = file_of(tmp_path, PIECE + LEAST)
    page = site.member(ALVAREZ)
    lines = {"open": True}

    def handle(route: Route) -> None:
        if route.request.method == "PATCH" and not lines["open"]:
            route.abort("connectionreset")
        else:
            if route.request.method == "PATCH":
                lines["open"] = False
            route.continue_()

    page.route("**/exhibits/uploads/*", handle)
    send(page, path)
    expect(page.locator("[data-upload-list]")).to_contain_text("trying again", timeout=20_000)
    stored = page.evaluate("JSON.stringify(localStorage)")
    assert "front-desk" not in stored
    page.unroute("**/exhibits/uploads/*")
    offsets: list[str] = []
    page.on(
        "request",
        lambda r: offsets.append(r.headers["upload-offset"]) if r.method == "PATCH" else None,
    )
    page.reload()
    expect(page.locator("[data-upload-list]")).to_contain_text("Choose the same file again")
    page.set_input_files("#f-files", str(path))
    expect(page.get_by_text("Here whole")).to_be_visible(timeout=20_000)
    assert set(offsets) == {str(PIECE)}, "nothing that was here is sent again"
    page.get_by_text("Here whole").click()
    expect(page.locator("main")).to_contain_text(sha256)
    checked(page, page.url)


def test_a_file_that_was_refused_half_way_can_be_discarded(site: Site, tmp_path: Path) -> None:
    path = file_of(tmp_path, PIECE + LEAST)[0].rename(tmp_path / "refused.mp4")
    page = site.member(ALVAREZ)
    pieces = {"seen": 0}

    def refuse(route: Route) -> None:
        pieces["seen"] += route.request.method == "PATCH"
        if route.request.method == "PATCH" and pieces["seen"] > 1:
            route.fulfill(status=403, body="The agency's quota is used up.")
        else:
            route.continue_()

    page.route("**/exhibits/uploads/*", refuse)
    send(page, path)
    line = page.locator("[data-upload-list] li").first
    expect(line).to_contain_text("Not sent: The agency's quota is used up.", timeout=20_000)
    line.get_by_role("button", name="Discard").click()
    expect(line).to_contain_text("Discarded")
    expect(line.get_by_role("progressbar")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-upload-list]")).not_to_contain_text(path.name)


@pytest.mark.slow
def test_two_gigabytes_survive_a_broken_line_and_a_restart(site: Site, tmp_path: Path) -> None:
    path, sha256 = file_of(tmp_path, 2_000_000_000)
    page = site.member(ALVAREZ)
    page.set_default_timeout(600_000)
    page.route("**/exhibits/uploads/*", broken(5, restarted))
    send(page, path)
    expect(page.get_by_text("Here whole")).to_be_visible(timeout=600_000)
    in_thread(hash_uploads)  # as the worker does: the hash state was lost on the way
    address = acquire(page)
    page.goto(address)
    expect(page.locator("#file")).to_contain_text(sha256)
