"""Two people at one disclosure request: the first decides, the second is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from contributing import CUSTODIAN, LIEUTENANT, OFFICE, acting, draft, superuser, write
from django.db import connections

from accord.kernel.errors import AccordError
from accord.records.actions import requests
from accord.records.queries.search import search
from accord.records.requests import RequestState
from accord.records.search_query import parse_query

ASKER = "harlan-so.c.boone"
CASE, PURPOSE = "HT-2026-014", "human-trafficking-investigation"
WHY = "The joint case cannot go on without this."

pytestmark = pytest.mark.usefixtures("world")


def hit(name: str) -> tuple[UUID, str]:
    record = write(draft(name=name)).record_ids[0]
    with acting(ASKER, PURPOSE, CASE) as scope:
        return record, search(scope, parse_query(name)).hits[0].handle


def asked(name: str) -> tuple[UUID, UUID]:
    record, handle = hit(name)
    with acting(ASKER, PURPOSE, CASE) as scope:
        return record, requests.ask(scope, handle, WHY)


def together(*steps: Callable[[Callable[[], Any]], Any]) -> list[Any]:
    """What each step came to; each calls what it is given once it has read, and waits there."""
    gate, results = threading.Barrier(len(steps)), []

    def meet() -> None:
        gate.wait(20)

    def run(step: Callable[[Callable[[], Any]], Any]) -> None:
        try:
            results.append(step(meet))
        except AccordError as error:
            results.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def answering(
    request: UUID, by: str, granted: list[str]
) -> Callable[[Callable[[], Any]], RequestState]:
    def step(meet: Callable[[], Any]) -> RequestState:
        with acting(by, OFFICE) as scope:
            meet()
            return requests.answer(scope, request, granted=granted, until=None, text=WHY)

    return step


@pytest.mark.parametrize(
    "name", ["Zebulon Quartermain", "Oswald Featherstone", "Ivo Macgillycuddy"]
)
def test_a_request_is_answered_once(world: Any, name: str) -> None:
    record, request = asked(name)
    results = together(
        answering(request, CUSTODIAN, ["core", "identity"]), answering(request, LIEUTENANT, [])
    )
    assert sorted(results, key=str) in (
        ["NotAllowed", RequestState.PARTLY_GRANTED],
        ["NotAllowed", RequestState.REFUSED],
    )
    with superuser(world) as db:
        row = db.execute(
            "select count(*) from part_key k join part p on p.id = k.part_id"
            " where p.record_id = %s and k.kind = 1",
            [record],
        ).fetchone()
    assert row == ((2,) if RequestState.PARTLY_GRANTED in results else (0,))


def test_what_was_granted_is_not_withdrawn_as_if_it_were_open(world: Any) -> None:
    _, request = asked("Bartholomew Ixtlaqua")
    answered = threading.Event()

    def withdraw(meet: Callable[[], Any]) -> str:
        with acting(ASKER, PURPOSE, CASE) as scope:
            meet()
            answered.wait(20)
            requests.withdraw(scope, request)
            return "withdrawn"

    def grant(meet: Callable[[], Any]) -> RequestState:
        try:
            return answering(request, CUSTODIAN, ["core"])(meet)
        finally:
            answered.set()

    assert set(together(withdraw, grant)) == {"NotAllowed", RequestState.PARTLY_GRANTED}


def test_the_same_question_is_asked_once() -> None:
    _, handle = hit("Thelonious Vanderquist")

    def ask(meet: Callable[[], Any]) -> str:
        with acting(ASKER, PURPOSE, CASE) as scope:
            meet()
            requests.ask(scope, handle, WHY)
            return "asked"

    assert sorted(together(ask, ask)) == ["Conflict", "asked"]
