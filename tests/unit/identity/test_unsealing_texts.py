"""What people wrote is sealed because of whom it is about, and opens after a new proof like any part."""

from __future__ import annotations

import html
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accord.agreements.entry import unseals
from accord.cases import actions as cases
from accord.cases import queries as case_queries
from accord.records.actions.requests import ask as ask_owner
from accord.records.queries.search import search
from accord.records.queries.texts import texts
from accord.records.search_query import parse_query
from authenticator import Authenticator
from isolation.contributing import ADVOCATE, OTHER_CUSTODIAN, acting, draft, write
from isolation.test_statements import WHY, give
from unit.identity.conftest import enrolled
from unit.identity.tokening import (
    ALVAREZ,
    CASE,
    RECORDS,
    TRAFFICKING,
    ask,
    members_token,
)
from unit.identity.unsealing import (
    CLOSED,
    SEALED,
    everything_sealed,
    later,
    named,
    old_proofs,
    prove,
)

HERE = f"/w/{TRAFFICKING}/statute/{CASE}/case"
NOTE = "She said that the van came on Tuesdays."
REASON = "We need to know where she was seen, to plan the interviews."


@pytest.fixture
def client(real: Path, device: Authenticator) -> Client:
    return enrolled(device)


@pytest.fixture
def note(real: Path) -> UUID:
    """A note of the case that is sealed."""
    with everything_sealed(), acting(ALVAREZ, TRAFFICKING, CASE) as scope:
        return cases.write_note(scope, case_queries.case_of(scope), NOTE)


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.content.decode())


def record_of(note: UUID) -> UUID:
    with acting(ALVAREZ, TRAFFICKING, CASE) as scope:
        (found,) = case_queries.note_history(scope, note)
    return found.record_id


# -- notes -----------------------------------------------------------------------------------------


def test_a_text_says_whether_it_is_closed_and_is_not_noted_as_read(note: UUID) -> None:
    record = record_of(note)
    for opens in (True, False):
        with acting(ALVAREZ, TRAFFICKING, CASE) as scope:
            scope.unseals = opens
            found = texts(scope, [record])
            read = {item.part for item in scope.entry().items if item.record == str(record)}
        assert (found.get(record), found.is_closed(record)) == (
            (NOTE, False) if opens else (None, True)
        )
        assert (read != {None}) == opens


def test_a_sealed_note_closes_on_its_cases_page_and_opens_after_a_proof(
    client: Client, device: Authenticator, note: UUID
) -> None:
    record = record_of(note)
    assert NOTE in page_of(client, HERE)
    with later(11):
        page = page_of(client, HERE)
        assert named(record) == set()
        assert NOTE not in page
        assert f'id="note-{note}"' in page  # the list stays: who wrote it and when
        assert SEALED in page
        assert CLOSED in page
        answer = prove(client, device, HERE, {"accord-open": "notes", "note": ""})
        assert (answer.status_code, answer["Location"]) == (303, f"{HERE}#notes")
        page = page_of(client, HERE)
        assert NOTE in page
        assert CLOSED not in page


def test_a_note_that_was_begun_is_still_there_after_the_proof(
    client: Client, device: Authenticator, note: UUID
) -> None:
    with later(11):
        form = {"accord-open": "notes", "note": "Half a sentence about"}
        answer = prove(client, device, HERE, form)
        assert answer.status_code == 200
        page = html.unescape(answer.content.decode())
        assert NOTE in page
        assert "Half a sentence about" in page


def test_its_own_page_keeps_every_revision_closed_and_offers_no_edit(
    client: Client, device: Authenticator, note: UUID
) -> None:
    address = f"{HERE}/notes/{note}"
    assert page_of(client, address).count(NOTE) == 3  # the text, the form, the history
    with later(11):
        page = page_of(client, address)
        assert NOTE not in page
        assert "Your revision" not in page
        assert CLOSED in page
        assert prove(client, device, address, {"accord-open": ""})["Location"] == address
        assert NOTE in page_of(client, address)


def test_a_note_is_written_on_an_old_proof(client: Client, note: UUID) -> None:
    with old_proofs():
        answer = client.post(f"{HERE}/notes", {"note": "Another.", "based_on": str(note)})
    assert answer.status_code == 303


def test_a_note_that_is_not_sealed_stays_open(client: Client, real: Path) -> None:
    with acting(ALVAREZ, TRAFFICKING, CASE) as scope:
        cases.write_note(scope, case_queries.case_of(scope), "Nobody is named in this one.")
    with later(11):
        assert "Nobody is named in this one." in page_of(client, HERE)


def test_a_token_reads_that_a_note_is_closed(note: UUID) -> None:
    token = members_token()

    def told() -> tuple[Any, Any]:
        path = f"/cases/{CASE}/notes/{note}"
        (found,) = ask(token, "get", path, purpose=TRAFFICKING, case=CASE).json()["items"]
        return found["text"], found["closed"]

    assert told() == (NOTE, False)
    with later(11):
        assert told() == (None, True)


# -- requests --------------------------------------------------------------------------------------


def surname() -> str:
    """A name that no other test asks for."""
    return "Q" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:12])


@pytest.fixture
def request_to_them(real: Path) -> UUID:
    """A question for a record of Harlan's whose contact is sealed; what was asked is sealed too."""
    name = f"Wilhelmina {surname()}"
    with everything_sealed({"contact"}):
        write(draft(agency="harlan-so", name=name), by=OTHER_CUSTODIAN)
    with everything_sealed(), acting(ALVAREZ, TRAFFICKING, CASE) as scope:
        return ask_owner(scope, search(scope, parse_query(name)).hits[0].handle, REASON)


@pytest.fixture
def owner(real: Path, device: Authenticator) -> Client:
    return enrolled(device, OTHER_CUSTODIAN)


def test_what_is_asked_and_asked_for_closes_on_the_owners_page(
    owner: Client, device: Authenticator, request_to_them: UUID
) -> None:
    address = f"/requests/{request_to_them}"
    page = page_of(owner, address)
    assert REASON in page
    assert "555" in page[page.index("part-contact") :]
    with later(11):
        page = page_of(owner, address)
        assert REASON not in page
        assert "Wilhelmina" in page
        assert page.count(SEALED) == 2
        assert CLOSED in page
        form = {"accord-open": "", "reason": "Granted for the", "part": "identity"}
        answer = prove(owner, device, address, form)
        page = html.unescape(answer.content.decode())
        assert REASON in page
        assert "Granted for the" in page


def test_the_owners_entry_names_what_was_shown(owner: Client, request_to_them: UUID) -> None:
    with acting(OTHER_CUSTODIAN, RECORDS) as scope:
        from accord.records.queries.records import record_worked_on
        from accord.records.queries.requests import request

        found = request(scope, request_to_them)
        assert found.record_id is not None
        parts = {str(p.part_id): p.kind for p in record_worked_on(scope, found.record_id).parts}

    def read() -> set[str]:
        page_of(owner, f"/requests/{request_to_them}")
        assert found.record_id is not None
        return {parts[part] for part in named(found.record_id, OTHER_CUSTODIAN)}

    assert read() == set(parts.values())
    with later(11):
        assert read() == set(parts.values()) - {"contact"}


def test_a_closed_part_is_granted_and_its_entry_names_it_alone(
    owner: Client, request_to_them: UUID
) -> None:
    form = {"part": "contact", "reason": "Granted for the interviews alone.", "decision": "grant"}
    with old_proofs():
        answer = owner.post(f"/requests/{request_to_them}/answer", form | {"until": "2027-01-31"})
    assert answer.status_code == 303


def test_the_list_of_requests_says_what_it_said(owner: Client, request_to_them: UUID) -> None:
    before = page_of(owner, "/requests/")
    with later(11):
        after = page_of(owner, "/requests/")
    for page in (before, after):
        assert f"/requests/{request_to_them}" in page
        assert CLOSED not in page


def test_a_token_reads_that_what_was_asked_is_closed(request_to_them: UUID) -> None:
    token = members_token(actions=("view", "hit"))

    def told() -> tuple[Any, Any]:
        path = f"/requests/{request_to_them}"
        found = ask(token, "get", path, purpose=TRAFFICKING, case=CASE).json()
        return found["reason"], found["reason_closed"]

    assert told() == (REASON, False)
    with later(11):
        assert told() == (None, True)


# -- statements ------------------------------------------------------------------------------------


def test_why_a_victim_consented_closes_with_the_statements_page(
    real: Path, device: Authenticator
) -> None:
    made = give(write(draft(subjects=("victim",), name="Q of the consent")).record_ids[0])
    advocate, address = enrolled(device, ADVOCATE), f"/statements/{made}"
    assert WHY in page_of(advocate, address)
    with later(11):
        page = page_of(advocate, address)
        assert WHY not in page
        assert SEALED in page
        form = {"accord-open": "", "reason": "It goes on because"}
        page = html.unescape(prove(advocate, device, address, form).content.decode())
    assert WHY in page


# -- systems ---------------------------------------------------------------------------------------


def test_a_systems_token_opens_what_is_sealed_and_a_members_only_while_its_proof_is_fresh() -> None:
    for system, fresh, opens in (
        (True, False, True),
        (False, True, True),
        (False, False, False),
    ):
        request = SimpleNamespace(token_is_system=system, token_is_fresh=fresh)
        assert unseals(request) == opens
