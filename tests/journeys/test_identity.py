"""Who acts: a node's first run by two administrators, and a working day with passkeys."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import expect

from accord.kernel.clock import FixedClock, now, taken_from
from isolation.direct import administrator
from journeys.people import Person, accessible, enrol, signed_in
from journeys.test_pages import ALVAREZ

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]
KOWALSKI = "riverbend-pd.r.kowalski"


# -- the first run ---------------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """`accord serve` in an empty folder: its address by name, the link that it printed, the folder."""
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
        yield found[1], found[2], data_dir
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()


def _new_key() -> str:
    public = Ed25519PrivateKey.generate().public_key()
    return base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _invited(data_dir: Path, *words: str) -> str:
    """What `accord agency-invite` prints beside a node that runs."""
    command = [sys.executable, "-m", "accord.cli.main", "agency-invite", *words]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    done = subprocess.run(
        [*command, "--data-dir", str(data_dir)],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def _light_agency_joins(base: str, data_dir: Path, person: Callable[[str], Person]) -> None:
    first, second = person(base), person(base)
    link = _invited(data_dir, "lakeside-shelter", "--light")
    assert link.startswith(f"{base}/join/")
    page = first.page
    page.goto(link)
    expect(page.locator("main")).to_contain_text("light member")
    page.get_by_role("button", name="Name them").click()
    expect(page.locator(".error-summary")).to_contain_text("Ed25519")
    accessible(page)
    for field, value in {
        "name": "Lakeside Shelter", "ori": "ZZ0099VS7", "country": "US", "zone": "America/Chicago",
        "desk_name": "Night desk", "desk_phone": "+1-312-555-0177", "desk_hours": "every day",
        "desk_escalation": "The director, after an hour", "public_key": _new_key(),
        "name_1": "Amina Yusuf", "handle_1": "a.yusuf", "nationality_1": "US",
        "name_2": "Ruth Weiss", "handle_2": "r.weiss", "nationality_2": "US",
    }.items():  # fmt: skip
        page.fill(f"#f-{field}", value)
    page.select_option("#f-kind", "victim-service")
    page.get_by_role("button", name="Name them").click()
    expect(page.locator("h1")).to_have_text("Your agency has joined")
    accessible(page)
    mine, theirs = page.locator(".cast__one a").evaluate_all("all => all.map(a => a.href)")
    page.goto(mine)
    page.fill("#f-name", "Laptop")
    page.get_by_role("button", name="Make a passkey").click()
    left = page.locator(".cast__one a")
    expect(left).to_have_count(1)
    assert left.get_attribute("href") == theirs.removeprefix(base)
    accessible(page)
    page.get_by_role("link", name="Go on").click()
    expect(page.locator(".who")).to_contain_text("Amina Yusuf")
    second.page.goto(theirs)
    second.page.fill("#f-name", "Key ring")
    second.page.get_by_role("button", name="Make a passkey").click()
    expect(second.page.locator(".who")).to_contain_text("Ruth Weiss")
    assert "joined" in _invited(data_dir)


def test_a_node_begins_with_two_administrators_and_no_password(
    empty: tuple[str, str, Path], person: Callable[[str], Person]
) -> None:
    base, link, data_dir = empty
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
    for field, value in {
        "name": "Riverbend Police Department", "id": "riverbend-pd", "ori": "ZZ0010100",
        "country": "US", "zone": "America/Chicago", "desk_name": "Watch Command",
        "desk_phone": "+1-312-555-0110", "desk_hours": "every day, 00:00-24:00",
        "desk_escalation": "Lieutenant Okafor, after 15 minutes", "public_key": _new_key(),
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
    left = page.locator(".cast__one a").evaluate_all("all => all.map(a => a.href)")
    assert left == [theirs], "who named the two can still hand the other link over"

    second.page.goto(theirs)
    second.page.fill("#f-name", "Telephone")
    second.page.get_by_role("button", name="Make a passkey").click()
    second.page.wait_for_url(f"{base}/")
    expect(second.page.locator(".who")).to_contain_text("Samuel Brandt")

    page.goto("/")
    expect(page.locator(".who")).to_contain_text("Ines Duarte")
    stranger.page.goto("/")
    expect(stranger.page.locator("h1")).to_have_text("Sign in")

    _light_agency_joins(base, data_dir, person)
    page.goto("/agencies/")
    expect(page.locator("main")).to_contain_text("Lakeside Shelter")


# -- a working day ---------------------------------------------------------------------------------


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
    expect(kept.page.get_by_role("region", name="Passkeys")).not_to_contain_text("Telephone")
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
        expect(page.get_by_role("region", name="Passkeys")).not_to_contain_text("Telephone")


def test_what_is_sealed_opens_after_a_new_proof(
    real: str, person: Callable[[str], Person], world: Path
) -> None:
    with administrator(world) as db:
        found = db.execute("select id from record where source_ref = 'RP-26-0902'").fetchone()
    someone = person(real)
    enrol(someone, ALVAREZ)
    page = someone.page
    address = f"/w/human-trafficking-investigation/agreement/HT-2026-014/records/{found['id']}"
    page.goto(address)
    expect(page.locator("#part-identity")).to_contain_text("Itzel Montalvo")
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        page.goto(address)
        expect(page.locator("main")).to_contain_text("Sealed parts are closed")
        expect(page.locator("#part-identity")).not_to_contain_text("Itzel")
        accessible(page)
        page.get_by_role("button", name="Prove it and open them").click()
        page.get_by_role("button", name="Go on with a passkey").click()
        expect(page.locator("#part-identity")).to_contain_text("Itzel Montalvo")
        expect(page.locator("main")).not_to_contain_text("Sealed parts are closed")
