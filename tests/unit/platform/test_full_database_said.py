"""A database whose disk is full is told as that, on pages too, and not as one that is silent."""

from __future__ import annotations

from django.db import OperationalError
from django.test import RequestFactory
from psycopg.errors import ConnectionFailure, DiskFull

from accord.desk import middleware


def page(cause: Exception) -> str:
    error = OperationalError()
    error.__cause__ = cause
    request = RequestFactory().get("/")
    answer = middleware._no_database(request, error)
    assert answer.status_code == 503
    return answer.content.decode()


def test_a_full_disk_is_named_and_nothing_is_in_doubt() -> None:
    said = page(DiskFull())
    assert "The disk of the database is full" in said
    assert "makes room" in said
    assert "may not have been saved" not in said


def test_a_silent_database_leaves_it_in_doubt() -> None:
    said = page(ConnectionFailure())
    assert "The database does not answer" in said
    assert "may not have been saved" in said
