"""A saved search is no way to check quickly without a reason."""

from __future__ import annotations

from typing import Any

from accord.records.queries.quick_checks import own_checks
from isolation.contributing import acting

ALVAREZ, CHECK = "riverbend-pd.m.alvarez", "general-policing"


def made() -> int:
    with acting(ALVAREZ, "oversight") as scope:
        return len(own_checks(scope))


def test_it_is_kept_with_a_reason_and_each_answer_is_a_check(ask: Any) -> None:
    question = {"q": "plate:ZZ 4711", "name": "The van"}
    refused = ask(ALVAREZ, "post", "/searches", purpose=CHECK, body=question)
    assert refused.status_code == 400
    assert "reason" in refused.json()["detail"]
    kept = ask(ALVAREZ, "post", "/searches", purpose=CHECK, body=question | {"reason": "stop"})
    assert kept.status_code == 200, kept.json()
    before = made()
    for count in (1, 2):
        path = f"/searches/{kept.json()['id']}/answer"
        assert ask(ALVAREZ, "get", path, purpose=CHECK).status_code == 200
        assert made() == before + count
