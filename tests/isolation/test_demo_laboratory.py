"""What the demo world has for a laboratory: an exhibit that is handed over, examined and redacted."""

from __future__ import annotations

from uuid import UUID

import pytest

from accord.agencies import queries as agencies
from accord.agreements.context import resolve
from accord.agreements.scope import receiving
from accord.cases.actions import place_records
from accord.cases.queries import case as find_case
from accord.evidence import jobs
from accord.evidence.actions import derivations, uploads
from accord.evidence.actions import exhibits as actions
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.queries import exhibits
from accord.evidence.reading.results import Area, Redaction
from isolation.contributing import acting
from isolation.custodying import ALVAREZ, PETROV, take
from isolation.exhibiting import ABOUT, COLLECTED, make, photograph

pytestmark = pytest.mark.usefixtures("world")
EXAMINES, CASE = "forensic-examination", "HT-2025-108"
TRAFFICKING = "human-trafficking-investigation"


def numbers(purpose: str) -> list[str]:
    """The exhibits of the case that the examiner sees."""
    with acting(PETROV, purpose, CASE) as scope:
        listed = exhibits.exhibits_of_case(scope, find_case(CASE).id)
        return [each.exhibit.number for each in listed]


def handed_in() -> UUID:
    """Another one like that of the world, whose file no other test has closed or damaged."""
    data, actor = photograph(), agencies.actor(ALVAREZ)
    with acting(ALVAREZ, TRAFFICKING, CASE) as scope:
        upload = uploads.create(
            scope, file_name="coach.png", media_type="image/png", size_bytes=len(data)
        ).id
    with receiving(actor, resolve(actor, TRAFFICKING, "statute", CASE)):
        uploads.append(upload, 0, data)
    with acting(ALVAREZ, TRAFFICKING, CASE) as scope:
        exhibit, _ = actions.acquire(scope, upload, ABOUT, COLLECTED)
    with acting(ALVAREZ, TRAFFICKING, CASE) as scope:
        assert place_records(scope, find_case(CASE), [exhibit]).placed
    return exhibit


def test_the_laboratory_takes_an_exhibit_over_redacts_it_and_gives_it_back() -> None:
    assert f"{CASE}/riverbend-pd/1" in numbers(EXAMINES)
    exhibit = handed_in()
    jobs.read_one(exhibit, ALVAREZ, TRAFFICKING, "statute", CASE)
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    take(PETROV, exhibit, Act.ACCEPT)
    with acting(PETROV, EXAMINES, CASE) as scope:
        about = derivations.about_of(exhibits.exhibit(scope, exhibit), "Without the telephone.")
        asked = derivations.ask(scope, exhibit, Redaction((Area(0, 0, 5_000, 1_000),)), about)
    make(asked, (PETROV, EXAMINES, CASE))
    assert f"{CASE}/state-bi/1" in numbers(EXAMINES)
    take(PETROV, exhibit, Act.RETURN)
    take(ALVAREZ, exhibit, Act.ACCEPT)
