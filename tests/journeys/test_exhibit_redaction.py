"""A picture is redacted in the browser: boxes by mouse and keyboard, a review, a new exhibit."""

from __future__ import annotations

import hashlib
import io
from uuid import UUID

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from accord.evidence.queries import exhibits
from isolation.contributing import acting
from isolation.exhibiting import IN_CASE, MAIL, acquired, make, read
from journeys.keys import press_key
from journeys.pictures import shots
from journeys.test_pages import ALVAREZ, CASE, Site, checked, in_thread

pytestmark = pytest.mark.journey


def desk() -> bytes:
    """A room with a face and a plate, to be blackened."""
    image = Image.new("RGB", (1000, 600), "#c9d6de")
    draw = ImageDraw.Draw(image)
    draw.ellipse((120, 90, 280, 290), fill="#d9a06b")
    draw.rectangle((600, 420, 820, 500), fill="white", outline="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def pdf() -> bytes:
    pages = [Image.new("RGB", (600, 800), colour) for colour in ("white", "#eef", "#fee")]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:])
    return out.getvalue()


def held(data: bytes) -> str:
    """A new exhibit whose file was read; the address of its page."""

    def made() -> UUID:
        record, _ = acquired(data)
        read(record)
        return record

    return f"{CASE}/exhibits/{in_thread(made)}"


def content(record: UUID) -> bytes:
    with acting(*IN_CASE) as scope:
        seen = exhibits.exhibit(scope, record)
        assert seen.original is not None
        return exhibits.reader(seen.original.id).read(0, seen.original.size_bytes)


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place to another, each in shares of the picture's width and height."""
    sheet = page.locator("[data-draw-on]:visible")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (begin, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def sides(page: Page, number: int = 0) -> list[int]:
    return [
        int(n) for n in page.locator("[data-draw-list] input").nth(number).input_value().split()
    ]


def near(found: list[int], wanted: list[int]) -> bool:
    return all(abs(a - b) <= 40 for a, b in zip(found, wanted, strict=True))


def test_a_box_drawn_with_the_mouse_becomes_a_redacted_exhibit(site: Site) -> None:
    data = desk()
    address = held(data)
    page = site.member(ALVAREZ)
    page.goto(address)
    expect(page.locator("#looks img").first).to_be_visible()
    assert page.locator("#looks img").first.evaluate("i => i.complete && i.naturalWidth") == 1000
    expect(page.locator("#reading")).to_contain_text("It was read")
    shots(page, "exhibit")
    page.locator("#derive").get_by_role("link", name="Redaction").click()
    drag(page, (0.1, 0.1), (0.3, 0.5))
    assert near(sides(page), [1, 1000, 1000, 2000, 4000])
    drag(page, (0.2, 0.3), (0.25, 0.35))  # moved
    assert near(sides(page), [1, 1500, 1500, 2000, 4000])
    drag(page, (0.35, 0.55), (0.45, 0.65))  # by its corner
    assert near(sides(page), [1, 1500, 1500, 3000, 5000])
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert near(sides(page), [1, 1000, 1000, 2000, 4000])
    page.get_by_role("button", name="Add an area").click()
    assert sides(page, 1) == [1, 4000, 4000, 2000, 1000]
    press_key(page, "ArrowRight")
    press_key(page, "ArrowDown")
    press_key(page, "Shift+ArrowRight")
    assert sides(page, 1) == [1, 4100, 4100, 2100, 1000]
    shots(page, "redact")
    press_key(page, "Delete")
    expect(page.locator("[data-draw-list] input")).to_have_count(1)
    press_key(page, "Control+z")  # the focus is not lost with the area
    expect(page.locator("[data-draw-list] input")).to_have_count(2)
    page.locator(".area").nth(1).focus()
    press_key(page, "Delete")
    expect(page.locator("[data-draw-list] input")).to_have_count(1)
    page.select_option("#f-sensitivity", "open")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("#review")).to_contain_text("from Official to Open")
    expect(page.locator("#review svg rect")).to_have_count(1)
    shots(page, "review")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/derivations/*")
    expect(page.get_by_text("It waits for its turn.")).to_be_visible()
    shots(page, "waiting")
    asked = UUID(page.url.rsplit("/", 1)[-1])
    in_thread(lambda: make(asked))
    page.reload()
    shots(page, "made")
    page.get_by_role("link", name="Open the new exhibit").click()
    expect(page.locator("#made")).to_contain_text("Redaction 1 area blackened")
    new = UUID(page.url.rsplit("/", 1)[-1])
    in_thread(lambda: read(new))
    page.reload()
    shots(page, "derived")
    old = UUID(address.rsplit("/", 1)[-1])
    assert in_thread(lambda: content(old)) == data
    redacted = Image.open(io.BytesIO(in_thread(lambda: content(new)))).convert("RGB")
    assert redacted.getpixel((200, 180)) == (0, 0, 0)
    assert redacted.getpixel((700, 460)) == (255, 255, 255)
    checked(page, page.url)
    page.goto(address)
    expect(page.locator("#made-of-it")).to_contain_text("Redaction")
    expect(page.locator("main")).to_contain_text(hashlib.sha256(data).hexdigest())
    checked(page, address)
    page.goto(f"{CASE}/exhibits")
    assert page.locator("img.thumb").count() > 0
    shots(page, "list")


def tabs_to(page: Page, words: str, key: str = "Tab") -> None:
    """By the keyboard alone to the control of that name, which shows that it has the focus."""
    for _ in range(150):
        press_key(page, key)
        said = page.evaluate(
            "(document.activeElement.ariaLabel ?? document.activeElement.innerText ?? '').trim()"
        )
        if said == words:
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(words)


def test_an_exhibit_is_redacted_by_the_keyboard_alone(site: Site) -> None:
    address = held(desk())
    page = site.member(ALVAREZ)
    page.goto(address)
    press_key(page, "Control+k")
    expect(page.locator("dialog[open]")).to_have_count(1)
    press_key(page, "Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    tabs_to(page, "Redaction")
    press_key(page, "Enter")
    page.wait_for_url("**/derive/redaction")
    tabs_to(page, "Add an area")
    press_key(page, "Space")
    press_key(page, "ArrowLeft")
    assert sides(page) == [1, 3900, 4000, 2000, 1000]
    press_key(page, "Delete")
    expect(page.locator("[data-draw-list] input")).to_have_count(0)
    press_key(page, "Control+z")
    assert sides(page) == [1, 3900, 4000, 2000, 1000]
    tabs_to(page, "Look at it first")
    press_key(page, "Enter")
    expect(page.locator("#review svg rect")).to_have_count(1)
    tabs_to(page, "Make it")
    press_key(page, "Enter")
    page.wait_for_url("**/derivations/*")
    tabs_to(page, "Cancel it")
    press_key(page, "Enter")
    expect(page.locator("main")).to_contain_text("It was cancelled")


def test_pages_are_turned_and_redacted_one_by_one(site: Site) -> None:
    address = held(pdf())
    page = site.member(ALVAREZ)
    page.goto(address)
    expect(page.locator("#looks .reel li")).to_have_count(3)
    page.locator("#looks .reel a").nth(1).click()
    expect(page.locator("main")).to_contain_text("2 of 3")
    press_key(page, "ArrowRight")
    expect(page.locator("main")).to_contain_text("3 of 3")
    shots(page, "page")
    checked(page, f"{address}/pages/1")
    page.goto(f"{address}/derive/redaction")
    page.locator("[data-draw-page='2']").click()
    drag(page, (0.2, 0.2), (0.6, 0.4))
    assert sides(page)[0] == 2
    expect(page.get_by_role("button", name="2 (areas: 1)")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator("#f-handling option").first).to_have_text("None")
    shots(page, "redact-pdf")
    checked(page, f"{address}/derive/redaction")
    checked(page, f"{address}/derive/copy")


def test_without_a_script_the_areas_are_written_in_numbers(site: Site) -> None:
    address = held(desk())
    page = site.member(ALVAREZ)
    page.route("**/areas*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{address}/derive/redaction")
    first = page.locator("[data-draw-list] input").first
    first.fill("1 0 0 11000 5")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator(".error-summary")).to_contain_text(
        "area 1 is a page and four whole numbers"
    )
    shots(page, "fault")
    first.fill("1 0 0 5000 5000")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator("#review svg rect")).to_have_count(1)
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("[data-draw-list] input").first).to_have_value("1 0 0 5000 5000")


def test_a_file_inside_a_message_is_found_and_taken_out(site: Site) -> None:
    address = held(MAIL)
    page = site.member(ALVAREZ)
    page.goto(address)
    shots(page, "mail")
    page.fill("#f-find", "ROOM NINE")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("#found mark")).to_have_text("Room nine")
    shots(page, "text")
    checked(page, page.url)
    page.goto(address)
    page.get_by_role("link", name="Take it out rooms.txt").click()
    page.get_by_role("button", name="Look at it first").click()
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/derivations/*")
    checked(page, page.url)
    page.get_by_role("button", name="Cancel it").click()
    expect(page.locator("main")).to_contain_text("It was cancelled")


def test_a_damaged_file_says_why_and_what_to_do(site: Site) -> None:
    page = site.member(ALVAREZ)
    address = held(b"%PDF-1.7\n" + b"nothing of a document" * 40)
    page.goto(address)
    expect(page.locator("#reading")).to_contain_text("cut off or damaged")
    expect(page.locator("#reading")).to_contain_text("an examiner can take a copy")
    shots(page, "apart")
    checked(page, address)
