"""Two at once: a disposal and a legal hold, two uploads and one quota. One of them waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from accord.evidence.actions import uploads
from accord.evidence.actions.grounds import record_basis
from accord.evidence.custody import actions, queries
from accord.evidence.custody.actions import Said
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.domain import Order
from accord.evidence.domain import Basis, Refused
from accord.evidence.policy import GIGABYTE
from accord.evidence.queries import derivations
from accord.evidence.queries.uploads import room
from accord.kernel.errors import AccordError
from accord.records.actions.keeping import set_legal_hold
from isolation import exhibiting
from isolation.contributing import acting
from isolation.custodying import DESK, OKAFOR, WHITFIELD, acquired, take
from isolation.exhibiting import CASE, DETECTIVE, IN_CASE, TRAFFICKING

pytestmark = pytest.mark.usefixtures("world")
ORDER = Order("District Court", "2026-CR-118", "0f" * 32)
PROCEEDING = "Asked for by the court in State v. Doe."
WAITS_S = 1.5


class Beside:
    """Something done on a connection of its own; what it came to."""

    def __init__(self, what: Callable[[], Any]) -> None:
        self.came_to: str | None = None
        self._thread = threading.Thread(target=self._run, args=[what])
        self._thread.start()

    def _run(self, what: Callable[[], Any]) -> None:
        try:
            what()
            self.came_to = "done"
        except AccordError as error:
            self.came_to = str(error)
        finally:
            connections.close_all()

    def waits(self) -> bool:
        """Whether it is still at it after a while."""
        self._thread.join(WAITS_S)
        return self._thread.is_alive()

    def end(self) -> str | None:
        self._thread.join(30)
        return self.came_to


def hold(exhibit: Any) -> None:
    with acting(OKAFOR, DESK) as scope:
        set_legal_hold(scope, exhibit, True, PROCEEDING)


def test_a_disposal_waits_for_a_hold_that_is_being_placed_and_is_refused() -> None:
    exhibit = acquired()
    take(WHITFIELD, exhibit, Act.ORDER, order=ORDER)
    with acting(OKAFOR, DESK) as scope:
        set_legal_hold(scope, exhibit, True, PROCEEDING)
        disposal = Beside(lambda: take(OKAFOR, exhibit, Act.DISPOSE))
        assert disposal.waits()
    assert "legal hold" in str(disposal.end())
    with acting(OKAFOR, DESK):
        assert queries.chain(exhibit).chain.position.state == "disposal-ordered"


def test_a_hold_waits_for_a_disposal_that_is_being_carried_out() -> None:
    exhibit = acquired()
    take(WHITFIELD, exhibit, Act.ORDER, order=ORDER)
    with acting(OKAFOR, DESK) as scope:
        actions.take(scope, exhibit, Act.DISPOSE, Said("Property room 2", "as ordered"))
        placing = Beside(lambda: hold(exhibit))
        assert placing.waits()
    assert placing.end() == "done"


def test_an_order_waits_for_a_hold_too() -> None:
    exhibit = acquired()
    with acting(OKAFOR, DESK) as scope:
        set_legal_hold(scope, exhibit, True, PROCEEDING)
        order = Beside(lambda: take(WHITFIELD, exhibit, Act.ORDER, order=ORDER))
        assert order.waits()
    assert "legal hold" in str(order.end())


def test_what_is_made_of_an_exhibit_waits_for_a_ground_that_falls_away() -> None:
    """Else it would be given the ground that its source has just lost, and be shared on it."""
    exhibit = acquired()
    derivation = exhibiting.asked(exhibit, DETECTIVE)
    with acting(*IN_CASE) as scope:
        record_basis(scope, exhibit, basis=Basis.UNRECORDED, reference=None)
        making = Beside(lambda: exhibiting.make(derivation))
        assert making.waits()
    assert making.end() == "done"
    with acting(*IN_CASE):
        found = derivations.derivation(derivation)
    assert (found.reason, found.result) == (Refused.CLOSED, None)


def begin(size: int) -> None:
    with acting(DETECTIVE, TRAFFICKING, CASE) as scope:
        _create(scope, size)


def _create(scope: Any, size: int) -> None:
    uploads.create(scope, file_name="a.bin", media_type="image/jpeg", size_bytes=size)


def test_two_uploads_at_once_do_not_exceed_the_quota_that_one_fills(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with acting(DETECTIVE, TRAFFICKING, CASE):
        unfinished, _, kept = room()
    monkeypatch.setattr(settings, "ACCORD_EVIDENCE_QUOTA_GB", (kept + 1500) / GIGABYTE)
    monkeypatch.setattr(settings, "ACCORD_UPLOADS_AT_ONCE", unfinished + 5)
    with acting(DETECTIVE, TRAFFICKING, CASE) as scope:
        _create(scope, 1000)
        second = Beside(lambda: begin(1000))
        assert second.waits()
    assert second.end() not in (None, "done")


def test_nor_does_a_member_begin_more_at_once_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with acting(DETECTIVE, TRAFFICKING, CASE):
        unfinished, _, _ = room()
    monkeypatch.setattr(settings, "ACCORD_UPLOADS_AT_ONCE", unfinished + 1)
    with acting(DETECTIVE, TRAFFICKING, CASE) as scope:
        _create(scope, 10)
        second = Beside(lambda: begin(10))
        assert second.waits()
    assert second.end() not in (None, "done")
