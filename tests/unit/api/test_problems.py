"""Whatever goes wrong is a problem that an officer can read out, and says nothing more."""

from __future__ import annotations

import json
import logging

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.test import RequestFactory

from accord.api.problems import PROBLEM
from accord.api.root import api
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound
from accord.platform.logs import JsonLines

CASES = [
    (NotFound("HT-2026-014 is there"), 404),
    (NotAllowed("Only a supervisor opens a case.", who_can_change="a supervisor"), 403),
    (Conflict("Somebody was first."), 409),
    (InvalidInput("a.yaml", 3, "clauses.4", "must not be empty"), 400),
    (RequestDataTooBig("8 MB"), 413),
    (OperationalError("connection to 10.0.0.1 refused"), 503),
    (AccordError("the part came back that no clause opens"), 500),
    (RuntimeError("secret detail"), 500),
]


@pytest.mark.parametrize(("error", "status"), CASES)
def test_every_exception_has_its_status(error: Exception, status: int) -> None:
    answer = api.on_exception(RequestFactory().get("/api/v1/me"), error)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert json.loads(answer.content)["status"] == status


@pytest.mark.parametrize(
    "error", [RuntimeError("secret detail"), OperationalError("10.0.0.1"), AccordError("a part")]
)
def test_what_nobody_foresaw_is_logged_under_its_reference(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "accord.errors"):
        answer = api.on_exception(RequestFactory().get("/api/v1/me"), error)
    said = json.loads(answer.content)
    assert str(error) not in answer.content.decode()
    written = "".join(JsonLines().format(record) for record in caplog.records)
    assert said["reference"] in written
    assert str(error) not in written


def test_a_miss_does_not_say_what_is_missing() -> None:
    first = api.on_exception(RequestFactory().get("/"), NotFound("no such case"))
    second = api.on_exception(RequestFactory().get("/"), NotFound("case closed to you"))
    assert first.content == second.content
    assert b"case" not in first.content


def test_every_fault_is_listed() -> None:
    others = [InvalidInput("a.yaml", 9, "parties", "must be known")]
    error = InvalidInput("a.yaml", 3, "kind", "must be one of five", others=others)
    said = json.loads(api.on_exception(RequestFactory().get("/"), error).content)
    assert [(f["line"], f["field"]) for f in said["errors"]] == [(3, "kind"), (9, "parties")]
