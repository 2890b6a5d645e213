"""A page whose database goes away while it is drawn says so, as the API does."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from accord.desk.middleware import Errors


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (OperationalError("connection to 10.0.0.1 refused"), 503, "Accord is not ready"),
        (RuntimeError("secret detail"), 500, "Accord failed"),
    ],
)
def test_a_page_tells_an_absent_database_from_a_fault(
    error: Exception, status: int, says: str
) -> None:
    errors = Errors(lambda _: HttpResponse())
    answer = errors.process_exception(RequestFactory().get("/ledger/"), error)
    assert answer is not None
    assert answer.status_code == status
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert says in page
    assert str(error) not in page
    assert "Nothing was lost" not in page, "what was being written is rolled back"
