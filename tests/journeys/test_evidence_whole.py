"""From the warrant to the defence: acquired, handed over, redacted, taken out, checked by a stranger."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connections
from PIL import Image
from playwright.sync_api import expect

from accord.cases.actions import open_case, place_records
from accord.cases.queries import case as find_case
from accord.evidence.bundling import actions as bundling
from accord.evidence.jobs import read_one
from accord.ledger.actions import sequence_all
from accord.ledger.keys import public_key
from isolation.contributing import LIEUTENANT, acting
from isolation.custodying import ALVAREZ, PETROV
from isolation.exhibiting import PROSECUTOR, TRAFFICKING, make
from journeys.outside import verified_by_a_stranger
from journeys.people import Person
from journeys.pictures import shots
from journeys.test_custody_journey import comes, writes_and_signs
from journeys.test_exhibit_pages import fill_in
from journeys.test_exhibit_redaction import desk
from journeys.test_pages import in_thread

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("identity")]
CASE = "HT-2026-771"
EXAMINES = "forensic-examination"
DETECTIVES = f"/w/{TRAFFICKING}/statute/{CASE}"
LABORATORYS = f"/w/{EXAMINES}/statute/{CASE}"


@pytest.fixture
def case(world: Path) -> None:
    """A case in which the state laboratory examines what the police acquires."""

    def opened() -> None:
        with acting(LIEUTENANT, "case-administration") as scope:
            open_case(
                scope,
                number=CASE,
                title="Rooms above the laundry",
                purposes=[TRAFFICKING, EXAMINES, "prosecution"],
                members=[ALVAREZ, LIEUTENANT, PETROV, PROSECUTOR],
            )

    in_thread(opened)


def placed(record: UUID) -> None:
    with acting(LIEUTENANT, TRAFFICKING, CASE) as scope:
        assert place_records(scope, find_case(CASE), [record]).placed


@contextmanager
def sequencer() -> Iterator[None]:
    """Gives entries their places while a page waits for a receipt, as the worker does."""
    over = threading.Event()

    def places() -> None:
        while not over.wait(0.3):
            sequence_all()
        connections.close_all()

    thread = threading.Thread(target=places)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.mark.usefixtures("case")
def test_an_exhibit_goes_from_a_warrant_to_a_bundle_that_a_stranger_verifies(
    real: str,
    world: Path,
    person: Callable[[str], Person],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = desk()
    file = tmp_path / "front desk.png"
    file.write_bytes(data)

    # The police acquires it under a warrant, and offers it to the laboratory.
    police = comes(person(real), ALVAREZ)
    police.goto(f"{DETECTIVES}/exhibits/new")
    police.set_input_files("#f-files", str(file))
    police.get_by_text("Here whole. Say what it is").click()
    police.wait_for_url("**/acquire")
    fill_in(police, "Warrant", reference="2026-SW-0977", authority="Riverbend Circuit Court")
    police.select_option("#f-kind", "image")
    police.get_by_role("button", name="Acquire the exhibit").click()
    police.wait_for_url(lambda url: "/exhibits/" in url and "uploads" not in url)
    source = UUID(police.url.rsplit("/", 1)[-1])
    expect(police.locator("#file")).to_contain_text(hashlib.sha256(data).hexdigest())
    in_thread(lambda: (placed(source), read_one(source, ALVAREZ, TRAFFICKING, "statute", CASE)))
    police.goto(f"/custody/{source}")
    police.locator("#take-offer").click()
    police.select_option("#f-to", "state-bi")
    writes_and_signs(police, "Offer to another agency")

    # The laboratory accepts with a passkey of its own, and makes a redacted copy.
    examiner = comes(person(real), PETROV)
    examiner.goto(f"/custody/{source}")
    examiner.locator("#take-accept").click()
    writes_and_signs(examiner, "Accept into custody")
    examiner.goto(f"{LABORATORYS}/exhibits/{source}")
    examiner.locator("#derive").get_by_role("link", name="Redaction").click()
    examiner.get_by_role("button", name="Add an area").click()
    examiner.get_by_role("button", name="Look at it first").click()
    examiner.get_by_role("button", name="Make it").click()
    examiner.wait_for_url("**/derivations/*")
    asked = UUID(examiner.url.rsplit("/", 1)[-1])
    in_thread(lambda: make(asked, (PETROV, EXAMINES, CASE)))
    examiner.reload()
    examiner.get_by_role("link", name="Open the new exhibit").click()
    expect(examiner.locator("#made")).to_contain_text("Redaction 1 area blackened")
    redacted = UUID(examiner.url.rsplit("/", 1)[-1])

    # It takes both out, with everything that proves them.
    in_thread(sequence_all)
    examiner.goto(f"{LABORATORYS}/exhibits")
    examiner.get_by_role("link", name="Export a bundle").click()
    expect(examiner.locator("[name=exhibits]:checked")).to_have_count(2)
    shots(examiner, "whole-bundle")
    examiner.get_by_role("button", name="Choose none").click()
    expect(examiner.locator("#choose [role=status]")).to_have_text("0 of 2 chosen")
    examiner.get_by_role("button", name="Choose all").click()
    expect(examiner.locator("[name=exhibits]:checked")).to_have_count(2)
    monkeypatch.setattr(bundling, "RECEIPT_WAIT_S", 30)
    with sequencer():
        with examiner.expect_download() as download:
            examiner.get_by_role("button", name="Take the bundle").click()
        bundle = tmp_path / download.value.suggested_filename
        download.value.save_as(bundle)
    with zipfile.ZipFile(bundle) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    held = {each["record"] for each in json.loads(inside["manifest.json"])["exhibits"]}
    assert held == {str(source), str(redacted)}
    assert data in inside.values()
    pictures = [d for n, d in inside.items() if n.startswith("exhibits/") and d != data]
    assert Image.open(io.BytesIO(pictures[0])).convert("RGB").getpixel((500, 270)) == (0, 0, 0)

    # Somebody who has neither Accord nor its environment checks it.
    key = public_key(world).text
    ran = verified_by_a_stranger(tmp_path / "elsewhere", bundle, "--key", key, "--origin", real)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "last in the custody of state-bi" in ran.stdout
    altered = tmp_path / "altered.zip"
    with zipfile.ZipFile(altered, "w") as archive:
        for name, content in inside.items():
            archive.writestr(name, pictures[0] if content == data else content)
    ran = verified_by_a_stranger(tmp_path / "elsewhere", altered, "--key", key, "--origin", real)
    assert ran.returncode == 1
    assert "exhibit-replaced" in ran.stdout
