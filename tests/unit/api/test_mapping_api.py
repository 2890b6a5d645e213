"""The mapping of a file over the API: guessed, tried, saved, used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accord.agencies.actions import create_api_token
from accord.exchange.jobs import work_on

CUSTODIAN, ABROAD = "riverbend-pd.j.whitfield", "mx-fgr-norte.r.zamora"
OFFICE = "records-administration"
MAPPING = """\
schema: Person
source_system: api-mapped
source_ref: [api_no]
label: {subjects: [suspect], basis: statute}
columns: {name: name, dob: {to: birthDate, date: "%m/%d/%Y"}}
"""
ROWS = "api_no,name,dob\nM-1,Ann Mapped,01/22/1980\nM-2,Bo Mapped,12/31/1990\n"

pytestmark = pytest.mark.usefixtures("world")


def send(text: str, **form: Any) -> Any:
    headers = {"Authorization": f"Bearer {create_api_token(CUSTODIAN)}", "Accord-Purpose": OFFICE}
    sent = {"file": SimpleUploadedFile("table.bin", text.encode()), **form}
    return Client().post("/api/v1/intake-runs", sent, headers=headers)


def test_a_file_waits_is_looked_at_tried_and_mapped(ask: Any) -> None:
    sent = send(ROWS, wait="true")
    assert (sent.status_code, sent.json()["state"]) == (202, "unmapped")
    path = f"/intake-runs/{sent.json()['id']}"
    seen = ask(CUSTODIAN, "get", f"{path}/columns", purpose=OFFICE).json()
    assert seen["schema_name"] == "Person"
    dob = next(c for c in seen["columns"] if c["name"] == "dob")
    assert (dob["to"], dob["date"]) == ("birthDate", "%m/%d/%Y")
    wrong = MAPPING.replace("%m/%d/%Y", "%d/%m/%Y")
    tried = ask(CUSTODIAN, "post", f"{path}/previews", purpose=OFFICE, body={"mapping": wrong})
    rows = tried.json()["rows"]
    assert [row["comes_in"] for row in rows] == [False, False]
    assert rows[0]["problems"][0]["rule"] == "date-format"
    used = {"mapping": MAPPING, "name": "api-mapped"}
    assert ask(CUSTODIAN, "post", f"{path}/mapping", purpose=OFFICE, body=used).status_code == 204
    assert work_on(UUID(sent.json()["id"]), CUSTODIAN, OFFICE)
    done = ask(CUSTODIAN, "get", path, purpose=OFFICE).json()
    assert (done["state"], done["loaded"], done["mapping_name"]) == ("done", 2, "api-mapped")
    again = send("api_no,name,dob\nM-3,Cy Mapped,01/02/1985\n").json()
    assert (again["state"], again["mapping_name"]) == ("queued", "api-mapped")


def test_a_mapping_is_saved_in_versions_and_an_edit_is_not_lost(ask: Any) -> None:
    def save(text: str, based_on: int | None = None) -> Any:
        body = {"name": "api-saved", "text": text, "based_on": based_on}
        return ask(CUSTODIAN, "post", "/intake-mappings", purpose=OFFICE, body=body)

    assert save(MAPPING, 0).json()["version"] == 1
    assert save(MAPPING.replace("suspect", "victim"), 1).json()["version"] == 2
    assert save(MAPPING.replace("suspect", "witness"), 1).status_code == 409
    first = ask(CUSTODIAN, "get", "/intake-mappings/api-saved?version=1", purpose=OFFICE).json()
    assert "suspect" in first["text"]
    listed = ask(CUSTODIAN, "get", "/intake-mappings", purpose=OFFICE).json()["items"]
    assert [m["version"] for m in listed if m["name"] == "api-saved"] == [2]
    bad = save(MAPPING.replace("birthDate", "birthday"))
    assert bad.status_code == 400
    assert bad.json()["errors"][0]["line"] == 5


def test_another_agency_has_neither(ask: Any) -> None:
    sent = send(ROWS.replace("api_no", "other_no"), wait="true").json()
    for path in (f"/intake-runs/{sent['id']}/columns", "/intake-mappings/api-saved"):
        assert ask(ABROAD, "get", path, purpose=OFFICE).status_code == 404


def test_a_format_that_says_no_basis_is_refused_until_it_is_stated() -> None:
    entity = '{"id": "e-1", "schema": "Person", "properties": {"name": ["Ann Entity"]}}\n'
    refused = send(entity)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "basis"
    taken = send(entity, basis="open-source")
    assert (taken.status_code, taken.json()["format"]) == (202, "ftm")
