"""Intake over the API: one record, and a file with its mapping."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accord.agencies.actions import create_api_token
from accord.exchange.jobs import work_on

CUSTODIAN, ABROAD = "riverbend-pd.j.whitfield", "mx-fgr-norte.r.zamora"
OFFICE = "records-administration"
MAPPING = """\
schema: Person
source_system: api-csv
source_ref: [no]
label: {subjects: [suspect], basis: statute}
columns: {name: name, dob: birthDate}
"""

pytestmark = pytest.mark.usefixtures("world")


def record(**changes: Any) -> dict[str, Any]:
    return {
        "source_system": "api",
        "source_ref": f"A-{uuid4()}",
        "schema": "Person",
        "label": {"subjects": ["suspect"], "basis": "statute"},
        "parts": {"core": {"status": ["open"]}, "identity": {"name": ["Viktor Example"]}},
        **changes,
    }


def send(member: str, text: str, mapping: str | None = MAPPING) -> Any:
    token = create_api_token(member)
    form: dict[str, Any] = {"file": SimpleUploadedFile("people.csv", text.encode())}
    if mapping is not None:
        form["mapping"] = mapping
    headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": OFFICE}
    return Client(enforce_csrf_checks=True).post("/api/v1/intake-runs", form, headers=headers)


def test_a_record_is_loaded_then_unchanged_then_revised(ask: Any) -> None:
    sent = record()
    first = ask(CUSTODIAN, "post", "/records", purpose=OFFICE, body=sent)
    assert (first.status_code, first.json()["outcome"]) == (201, "loaded")
    again = ask(CUSTODIAN, "post", "/records", purpose=OFFICE, body=sent)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    sent["parts"]["identity"]["name"] = ["Viktor Other"]
    revised = ask(CUSTODIAN, "post", "/records", purpose=OFFICE, body=sent)
    assert revised.json() == {"id": first.json()["id"], "outcome": "revised"}
    seen = ask(CUSTODIAN, "get", f"/records/{first.json()['id']}", purpose=OFFICE).json()
    assert seen["revision"] == 2


def test_everything_wrong_with_a_record_is_said(ask: Any) -> None:
    wrong = record(
        parts={"identity": {"name": ["Viktor"], "birthDate": ["yesterday"]}},
        label={"subjects": ["nobody"], "basis": "statute"},
    )
    answer = ask(CUSTODIAN, "post", "/records", purpose=OFFICE, body=wrong)
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 2


def test_a_file_is_taken_brought_in_and_reported() -> None:
    answer = send(CUSTODIAN, "no,name,dob\n1,Ana Example,1990-02-01\n2,Bo Example,never\n")
    assert answer.status_code == 202, answer.content
    assert answer.json()["state"] == "queued"
    run_id = answer.json()["id"]
    assert work_on(UUID(run_id), CUSTODIAN, OFFICE)
    path = f"/intake-runs/{run_id}"
    assert _get(CUSTODIAN, path)["loaded"] == 1
    (row,) = _get(CUSTODIAN, f"{path}/quarantine")["items"]
    assert (row["line"], row["field"], row["rule"]) == (3, "dob", "date")
    assert _status(ABROAD, path) == _status(ABROAD, f"/intake-runs/{uuid4()}") == 404


def test_a_file_without_a_mapping_is_refused_with_the_reason() -> None:
    answer = send(CUSTODIAN, "no,name,dob\n", mapping=None)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "mapping"


def _ask(member: str, path: str) -> Any:
    headers = {"Authorization": f"Bearer {create_api_token(member)}", "Accord-Purpose": OFFICE}
    return Client().get(f"/api/v1{path}", headers=headers)


def _get(member: str, path: str) -> Any:
    return _ask(member, path).json()


def _status(member: str, path: str) -> int:
    return int(_ask(member, path).status_code)
