"""A records-management system pushes records: one answer a row, safe to repeat, bound to its token."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

CUSTODIAN = "riverbend-pd.j.whitfield"
OFFICE = "records-administration"

pytestmark = pytest.mark.usefixtures("world")


def record(ref: str, name: str = "Pushed Person", **changes: Any) -> dict[str, Any]:
    return {
        "source_system": "rms-push",
        "source_ref": ref,
        "schema": "Person",
        "label": {"subjects": ["suspect"], "basis": "statute"},
        "parts": {"identity": {"name": [name]}},
        **changes,
    }


def push(ask: Any, *records: Any, by: str = CUSTODIAN) -> Any:
    body = {"records": list(records)}
    return ask(by, "post", "/records/batches", purpose=OFFICE, body=body)


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["outcome"] for row in answer.json()["rows"]]


def test_a_batch_is_answered_row_by_row_and_may_be_sent_again(ask: Any) -> None:
    one, two, three = (f"P-{uuid4()}" for _ in range(3))
    bad = record(two, parts={"identity": {"name": ["1"], "birthDate": ["yesterday"]}})
    sent = (record(one), bad, record(three))
    first = push(ask, *sent)
    assert outcomes(first) == ["loaded", "refused", "loaded"]
    problems = first.json()["rows"][1]["problems"]
    assert {p["field"] for p in problems} == {"parts.identity.name", "parts.identity.birthDate"}
    again = push(ask, *sent)
    assert outcomes(again) == ["unchanged", "refused", "unchanged"]
    assert again.json()["rows"][0]["id"] == first.json()["rows"][0]["id"]
    assert outcomes(push(ask, record(one, "Another Name"))) == ["revised"]


def test_the_same_reference_twice_in_a_batch(ask: Any) -> None:
    ref = f"P-{uuid4()}"
    answer = push(ask, record(ref), record(ref), record(ref, "Somebody Else"))
    assert outcomes(answer) == ["loaded", "unchanged", "refused"]
    assert answer.json()["rows"][2]["problems"][0]["rule"] == "conflicting-reference"


def test_a_token_writes_records_of_its_own_agency_only(ask: Any) -> None:
    answer = push(ask, record(f"P-{uuid4()}", agency="harlan-so"))
    assert outcomes(answer) == ["refused"]
    assert answer.json()["rows"][0]["problems"][0]["rule"] == "owner"


def test_what_its_member_may_not_do_is_refused_alone(ask: Any) -> None:
    """A label that becomes less strict needs the right to release, which a push does not have."""
    ref, both = f"P-{uuid4()}", {"subjects": ["suspect", "victim"], "basis": "statute"}
    assert outcomes(push(ask, record(ref, label=both))) == ["loaded"]
    answer = push(ask, record(ref), record(f"P-{uuid4()}"))
    assert outcomes(answer) == ["refused", "loaded"]
    assert answer.json()["rows"][0]["problems"][0]["rule"] == "not-allowed"


def test_a_row_of_no_form_is_refused_and_the_rest_comes_in(ask: Any) -> None:
    answer = push(ask, {"schema": "Nothing"}, record(f"P-{uuid4()}"), {"parts": 7})
    assert outcomes(answer) == ["refused", "loaded", "refused"]


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_a_size(ask: Any, count: int) -> None:
    answer = push(ask, *[record("x")] * count)
    assert answer.status_code == 400
    assert "1 to 500" in answer.content.decode()
