"""The Python client: made from the document as it stands, and it speaks to the API."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from accord.api.document import document
from accord_client import ApiError, Client

ROOT = Path(__file__).parents[3]
ALVAREZ = "riverbend-pd.m.alvarez"
PURPOSE, CASE = "human-trafficking-investigation", "HT-2026-014"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generate", ROOT / "dev" / "client" / "generate.py"
    )
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_committed_client_is_what_the_document_gives() -> None:
    generator = _generator()
    for name, text in generator.files(json.loads(json.dumps(document()))).items():
        assert (generator.TARGET / name).read_text("utf-8") == text, (
            f"{name} is old: run dev/client/generate.py"
        )


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [o["operationId"] for ms in document()["paths"].values() for o in ms.values()]
    assert len(names) == len(set(names))


@pytest.fixture
def client(world: Path) -> Iterator[Client]:
    from django.core.wsgi import get_wsgi_application

    from accord.agencies.actions import create_api_token

    http = httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application()))
    with Client("http://127.0.0.1", create_api_token(ALVAREZ), http=http) as made:
        yield made


def test_a_member_reads_cases_and_writes_a_note(client: Client) -> None:
    inside = client.within(PURPOSE, case=CASE)
    assert CASE in {line["number"] for line in inside.cases.list_cases(limit=200)["items"]}
    written = inside.cases.write_note(CASE, {"text": "Written by the client."})
    notes = inside.cases.notes(CASE, limit=50)["items"]
    assert written["revision_id"] in {n["revision_id"] for n in notes}


def test_a_problem_is_an_exception_with_what_the_api_said(client: Client) -> None:
    inside = client.within(PURPOSE, case=CASE)
    with pytest.raises(ApiError) as refused:
        inside.records.one_record("00000000-0000-7000-8000-00000000dead")
    assert refused.value.status == 404
    assert refused.value.problem["title"] == "There is nothing here for you"
    with pytest.raises(ApiError) as unstated:
        client.cases.list_cases()
    assert unstated.value.status == 400


def test_a_step_of_an_address_cannot_leave_it(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        client.within(PURPOSE).records.one_record("../me")
    assert refused.value.status == 404
