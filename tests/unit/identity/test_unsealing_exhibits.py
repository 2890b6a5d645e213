"""What is sealed of an exhibit opens after a new proof; its entries name what was shown."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accord.evidence.domain import Basis
from accord.evidence.queries import exhibits as queries
from accord.records import sealing
from accord.records.queries.records import record_views
from authenticator import Authenticator
from isolation.contributing import acting
from isolation.exhibiting import ABOUT, CASE, IN_CASE, MAIL, TRAFFICKING, acquired, photograph, read
from unit.identity.conftest import enrolled
from unit.identity.tokening import ask, members_token
from unit.identity.unsealing import CLOSED, everything_sealed, later, named, prove, told

PATH = f"/w/{TRAFFICKING}/statute/{CASE}/exhibits"
SAID = "A picture of the front desk that only few may see."
SEALED_KINDS = {"identity", "location", "narrative", "attachment"}


@pytest.fixture
def client(real: Path, device: Authenticator) -> Client:
    return enrolled(device)


@pytest.fixture
def exhibit(real: Path) -> UUID:
    """An exhibit of which everything but its core is sealed, and whose file was read."""
    return made(photograph())


def made(data: bytes) -> UUID:
    with everything_sealed():
        record, _ = acquired(data, about=replace(ABOUT, description=SAID))
    read(record)
    return record


def kinds(record: UUID) -> dict[str, str]:
    """The kind of each part of an exhibit, by its id."""
    with acting(*IN_CASE) as scope:
        return {str(p.part_id): p.kind for r in record_views(scope, [record]) for p in r.parts}


def noted(record: UUID) -> set[str]:
    """The kinds of the parts that the detective's newest entry about an exhibit names."""
    parts = named(record)  # before the detective looks again
    known = kinds(record)
    return {known[part] for part in parts}


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


# -- pages -----------------------------------------------------------------------------------------


def test_its_page_opens_what_is_sealed_while_the_proof_is_fresh(
    client: Client, exhibit: UUID
) -> None:
    page = text_of(client.get(f"{PATH}/{exhibit}"))
    assert SAID in page
    assert "/previews/0?shown=" in page
    assert CLOSED not in page
    assert noted(exhibit) > SEALED_KINDS


def test_its_page_names_no_closed_part_in_the_ledger_and_uses_no_key(
    client: Client, exhibit: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[UUID] = []
    unseal = sealing.unseal

    def counted(*args: Any, **said: Any) -> Any:
        used.append(said["part_id"])
        return unseal(*args, **said)

    monkeypatch.setattr(sealing, "unseal", counted)
    sha256 = hashlib.sha256(photograph()).hexdigest()
    assert sha256 in text_of(client.get(f"{PATH}/{exhibit}"))
    used.clear()
    with later(11):
        page = text_of(client.get(f"{PATH}/{exhibit}"))
    assert used == []
    assert noted(exhibit) == {"core"}
    assert CLOSED in page
    assert SAID not in page
    assert "desk.jpg" not in page
    assert sha256 not in page
    assert "previews/" not in page


def test_a_closed_exhibit_still_tells_its_custody_and_lets_its_file_be_asked_for(
    client: Client, exhibit: UUID
) -> None:
    with later(11):
        page = text_of(client.get(f"{PATH}/{exhibit}"))
        assert 'id="custody"' in page
        assert f"{PATH}/{exhibit}/custody" in page
        assert "Take it with its sheet" in page
        asked = client.post(f"{PATH}/{exhibit}/file", {"format": "file"})
    assert asked.status_code == 401


def test_one_proof_opens_it_where_it_was_asked_for(
    client: Client, device: Authenticator, exhibit: UUID
) -> None:
    with later(11):
        answer = prove(client, device, f"{PATH}/{exhibit}", {"accord-open": "file"})
        assert (answer.status_code, answer["Location"]) == (303, f"{PATH}/{exhibit}#file")
        assert SAID in text_of(client.get(f"{PATH}/{exhibit}"))


def test_what_was_typed_is_there_after_the_proof(
    client: Client, device: Authenticator, exhibit: UUID
) -> None:
    form = {"accord-open": "", "basis": "consent", "reference": "Form 12 of the clerk"}
    with later(11):
        page = text_of(prove(client, device, f"{PATH}/{exhibit}", form))
    assert SAID in page
    assert "Form 12 of the clerk" in page


@pytest.mark.parametrize("end", ["text", "text?find=nine", "pages/0", "derive/copy", "previews/0"])
def test_pages_below_it_ask_for_the_proof_and_come_back(
    client: Client, device: Authenticator, real: Path, end: str
) -> None:
    record = made(MAIL if end.startswith("text") else photograph())
    address = f"{PATH}/{record}/{end}"
    assert client.get(address).status_code == 200
    before = told(record)
    with later(11):
        asked = client.get(address)
        assert asked.status_code == 401
        assert b'name="accord-open"' in asked.content
        assert told(record) == before  # what is in the ledger is a refusal, and names no record
        back = prove(client, device, address, {"accord-open": ""})
        assert (back.status_code, back["Location"]) == (303, address)
        assert client.get(address).status_code == 200


def test_what_is_drawn_for_a_derivation_is_kept_while_it_is_proven(
    client: Client, device: Authenticator, exhibit: UUID
) -> None:
    form = {"do": "review", "area": "1 1000 1000 2000 2000", "description": "Faces blackened."}
    form |= {"kind": "image", "subject": "suspect", "sensitivity": "official", "handling": "none"}
    with later(11):
        answer = prove(client, device, f"{PATH}/{exhibit}/derive/redaction", form)
        assert "This is what will be made" in text_of(answer)
        assert "Faces blackened." in text_of(answer)


def test_pictures_of_a_page_that_was_open_come_until_its_marks_end(
    client: Client, exhibit: UUID
) -> None:
    page = text_of(client.get(f"{PATH}/{exhibit}"))
    found = re.search(r'src="([^"]+/previews/0\?shown=[^"]+)"', page)
    assert found is not None
    with later(11):
        assert client.get(found[1]).status_code == 200
    with later(25):
        assert client.get(found[1]).status_code == 401


def test_a_list_and_a_bundle_tell_no_size_of_a_sealed_file(client: Client, real: Path) -> None:
    data = photograph() + b" " * 7_654_321
    record = made(data)
    with acting(*IN_CASE) as scope:
        before, _ = queries.exhibits_page(
            scope, queries.exhibit(scope, record).exhibit.case_id, after=None, limit=100_000
        )
    last = [s.exhibit.record_id for s in before if s.exhibit.record_id != record][-1]
    for address in (f"{PATH}?after={last}", f"{PATH}/bundle?exhibit={record}"):
        page = text_of(client.get(address))
        assert str(record) in page, address
        assert "7.7 MB" not in page, address


# -- what the node does with it ---------------------------------------------------------------------


def test_recording_a_basis_on_an_old_proof_keeps_what_is_sealed_and_reads_none_of_it(
    client: Client, exhibit: UUID
) -> None:
    form = {"basis": "consent", "reference": "Form 12"}
    with later(11), everything_sealed():
        assert client.post(f"{PATH}/{exhibit}/basis", form).status_code == 303
    with acting(*IN_CASE) as scope:
        seen = queries.exhibit(scope, exhibit).exhibit
    assert (seen.basis, seen.description, seen.file_name) == (Basis.CONSENT, SAID, "desk.jpg")
    assert seen.hashes is not None


def test_having_it_read_names_no_part_as_read(client: Client, exhibit: UUID) -> None:
    assert noted(exhibit) == set()  # the worker kept what it read, under an entry of this member
    with later(11):
        assert client.post(f"{PATH}/{exhibit}/reading").status_code == 303
    assert noted(exhibit) == set()


# -- the API ---------------------------------------------------------------------------------------


def get(token: str, path: str) -> Any:
    return ask(token, "get", f"/exhibits/{path}", purpose=TRAFFICKING, case=CASE)


def test_a_token_whose_proof_is_old_sees_that_it_is_closed(real: Path, exhibit: UUID) -> None:
    token = members_token()
    said = get(token, str(exhibit)).json()
    assert (said["description"], said["closed"]) == (SAID, False)
    assert said["sha256"]
    with later(11):
        said = get(token, str(exhibit)).json()
        assert noted(exhibit) == {"core"}
    assert said["closed"] is True
    assert said["number"]
    assert {said[name] for name in ("description", "file_name", "size", "sha256", "place")} == {
        None
    }


@pytest.mark.parametrize("end", ["reading", "text", "previews/0"])
def test_what_was_read_of_a_sealed_file_asks_a_token_for_a_newer_proof(
    real: Path, exhibit: UUID, end: str
) -> None:
    token = members_token()
    assert get(token, f"{exhibit}/{end}").status_code == 200
    with later(11):
        refused = get(token, f"{exhibit}/{end}")
    assert refused.status_code == 401
    assert "insufficient_user_authentication" in refused["WWW-Authenticate"]


def test_having_a_sealed_file_read_again_tells_nothing_of_it(real: Path) -> None:
    record = made(MAIL)
    token = members_token(actions=("view", "contribute"))
    assert get(token, f"{record}/reading").json()["inside"]
    with later(11):
        path = f"/exhibits/{record}/reading"
        answer = ask(token, "post", path, purpose=TRAFFICKING, case=CASE)
    assert answer.status_code == 202
    assert (answer.json()["facts"], answer.json()["inside"]) == ([], [])


def test_what_was_made_of_a_sealed_exhibit_is_listed_on_an_old_proof(
    real: Path, exhibit: UUID
) -> None:
    token = members_token()
    with later(11):
        assert get(token, f"{exhibit}/derivations").json() == {"items": [], "next": None}
