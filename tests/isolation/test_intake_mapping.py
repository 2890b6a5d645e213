"""A mapping made on screen: guessed, tried, saved in versions, and what a run began with stays."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from contributing import CUSTODIAN, OFFICE, OTHER_CUSTODIAN, acting, run_of
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accord.agencies.actions import create_signin_link
from accord.exchange import jobs, queries
from accord.exchange.actions.mapping_runs import import_mapped
from accord.exchange.actions.mappings import save_mapping
from accord.exchange.actions.taking import take_file
from accord.exchange.domain import Stated
from accord.exchange.preview import preview
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.records.actions import intake
from accord.records.queries import intake as runs

pytestmark = pytest.mark.usefixtures("world")

TEXT = """\
schema: Person
source_system: mapped
source_ref: [{ref}]
label: {{subjects: [suspect], basis: statute}}
columns: {{name: name, dob: {{to: birthDate, date: "%m/%d/%Y"}}}}
"""
ROWS = """\
{ref},name,dob
{p}-1,Ann Mapped,01/02/1980
{p}-2,Bo Mapped,31/31/1990
{p}-3,Cy Mapped,05/06/2015
"""


def wait(prefix: str, ref: str = "no", by: str = CUSTODIAN) -> Any:
    with acting(by) as scope:
        return take_file(
            scope,
            file_name=f"{prefix}.csv",
            source=io.BytesIO(ROWS.format(ref=ref, p=prefix).encode()),
            may_wait=True,
        )


def work(run_id: UUID, until: Callable[[], bool] = lambda: False) -> bool:
    """Bring in this run and no other: in the world of a worker others may wait."""
    return jobs.work_on(run_id, CUSTODIAN, OFFICE, until)


def test_a_table_without_a_mapping_waits_and_nothing_of_it_comes_in() -> None:
    run_id = wait("waits")
    assert run_id not in {waiting for waiting, *_ in jobs._waiting()}
    assert not work(run_id)
    assert (run_of(run_id).state, run_of(run_id).rows) == ("unmapped", 0)


def test_a_mapping_is_tried_on_the_first_rows_and_writes_nothing() -> None:
    run_id = wait("tries")
    with acting() as scope:
        first, second, third = preview(scope, run_id, TEXT.format(ref="no"))
    assert (first.line, first.reference, first.comes_in) == (2, "tries-1", True)
    assert second.problems[0][:2] == ("dob", "date-format")
    assert all(part.minor and part.sealed for part in third.parts if part.kind == "identity")
    assert run_of(run_id).loaded == 0


def test_only_who_sent_a_file_sees_its_unlabelled_rows() -> None:
    run_id = wait("own")
    with pytest.raises(NotFound), acting(OTHER_CUSTODIAN) as scope:
        preview(scope, run_id, TEXT.format(ref="no"))
    with pytest.raises(NotAllowed), acting("riverbend-pd.m.alvarez") as scope:
        preview(scope, run_id, TEXT.format(ref="no"))


def test_a_mapping_changed_half_way_does_not_touch_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH_ROWS", 1)
    run_id, text = wait("half", "half_no"), TEXT.format(ref="half_no")
    with acting() as scope:
        import_mapped(scope, run_id, text=text, name="half-way")
    assert work(run_id, until=lambda: True)
    assert run_of(run_id).rows == 1
    with acting() as scope:
        save_mapping(scope, name="half-way", text=text.replace("suspect", "victim"))
    assert work(run_id)
    found = run_of(run_id)
    assert (found.state, found.loaded, found.quarantined) == ("done", 2, 1)
    assert (found.mapping_name, found.mapping_version) == ("half-way", 1)
    with acting() as scope:
        assert runs.meaning_of(scope, run_id) == text
        assert queries.mapping(scope, "half-way").version == 2
    with pytest.raises(Conflict), acting() as scope:
        intake.give_meaning(scope, run_id, intake.Meaning(text))


def test_the_next_file_of_that_shape_finds_its_mapping() -> None:
    with acting() as scope:
        save_mapping(scope, name="shape", text=TEXT.format(ref="shape_no"))
        run_id = take_file(
            scope,
            file_name="next.csv",
            source=io.BytesIO(ROWS.format(ref="shape_no", p="shape").encode()),
        )
    assert run_of(run_id).mapping_name == "shape"
    with pytest.raises(InvalidInput, match="no saved one fits"), acting() as scope:
        take_file(scope, file_name="x.csv", source=io.BytesIO(b"other,columns\n1,2\n"))
    with acting(OTHER_CUSTODIAN) as scope:
        assert queries.fitting(scope, ("shape_no", "name", "dob")) is None


def test_two_people_saving_one_mapping_do_not_lose_an_edit() -> None:
    with acting() as scope:
        assert save_mapping(scope, name="both", text=TEXT.format(ref="b"), based_on=0).version == 1
        again = save_mapping(scope, name="both", text=TEXT.format(ref="b"), based_on=0)
    assert again.version == 1, "the same text makes no version"
    with pytest.raises(Conflict), acting() as scope:
        save_mapping(scope, name="both", text=TEXT.format(ref="b2"), based_on=0)


def test_a_name_is_needed_to_be_known_and_well_formed() -> None:
    with pytest.raises(NotFound), acting() as scope:
        take_file(
            scope,
            file_name="x.csv",
            source=io.BytesIO(b"no,name\n1,A\n"),
            stated=Stated(mapping_name="nowhere"),
        )
    with pytest.raises(InvalidInput), acting() as scope:
        save_mapping(scope, name="Not Well", text=TEXT.format(ref="no"))


def test_a_file_that_nobody_maps_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = wait("stale")
    monkeypatch.setattr(jobs, "UNMAPPED_FOR", jobs.UNMAPPED_FOR * 0)
    jobs.drop_unmapped()
    assert run_of(run_id).state == "cancelled"
    assert not intake.stored_path(intake.stored_name(run_id)).exists()


# -- the page --------------------------------------------------------------------------------------


def signed_in(member: str = CUSTODIAN) -> Client:
    client, link = Client(), create_signin_link(member)
    client.get(link)
    assert client.post(link).status_code == 303
    return client


def upload(client: Client, text: str, name: str = "walk-in.csv") -> str:
    sent = client.post("/import/", {"file": SimpleUploadedFile(name, text.encode())})
    assert sent.status_code == 303, sent.content.decode()[-3000:]
    return str(sent.headers["Location"])


def test_a_mapping_is_made_on_the_page_from_guesses_to_records() -> None:
    client = signed_in()
    page = upload(
        client,
        "booking_no,first,last,dob,phone,plate\n"
        "PG-1,Ann,Paged,01/22/1980,312-555-0142,ABC 123\n"
        "PG-2,Bo,Paged,13/13/1980,312-555-0143,ABC 124\n",
    )
    shown = client.get(page).content.decode()
    assert re.search(r'name="c3-date" value="%m/%d/%Y"', shown) is None, "13/13 is no such date"
    form: dict[str, Any] = {
        "schema": "Person", "source_system": "paged", "subjects": ["suspect"], "basis": "statute",
        "c0-to": "bookingNumber", "c0-reference": "on", "c1-to": "name", "c1-joined": "on",
        "c2-to": "name", "c2-joined": "on", "c3-to": "birthDate", "c3-date": "%m/%d/%Y",
        "c4-to": "phone", "c4-region": "US", "name": "paged-roster",
    }  # fmt: skip
    tried = client.post(page, {**form, "do": "show"}).content.decode()
    assert "1 row of 2 would be set aside" in tried
    assert "Ann Paged" in tried
    assert "ignore:\n- plate" in tried
    wrong = client.post(page, {**form, "do": "import", "basis": ""})
    assert wrong.status_code == 400
    assert "choose how the information was collected" in wrong.content.decode()
    nameless = {key: value for key, value in form.items() if key != "c0-reference"}
    assert client.post(page, {**nameless, "do": "import"}).status_code == 400
    assert client.post(page, {**form, "do": "import"}).status_code == 303
    run_id = UUID(page.split("/")[2])
    assert work(run_id)
    found = run_of(run_id)
    assert (found.state, found.loaded, found.quarantined) == ("done", 1, 1)
    again = upload(client, "booking_no,first,last,dob,phone,plate\nPG-9,Di,Paged,01/02/1981,,\n")
    assert "paged-roster" in client.get(again).content.decode()
    assert client.get(page).status_code == 404, "the file is mapped once"


def test_another_agency_finds_neither_file_nor_mapping() -> None:
    page = upload(signed_in(), "case_no,name\nX-1,Ann\n")
    other = signed_in(OTHER_CUSTODIAN)
    assert other.get(page).status_code == 404
    assert other.get("/import/mappings/paged-roster").status_code == 404
