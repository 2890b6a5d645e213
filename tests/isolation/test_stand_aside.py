"""Work that fails stands aside: it undoes no other, fills no line and ends no round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from accord.agreements.duties import jobs as discharging
from accord.cli import worker
from accord.evidence import jobs as evidence
from accord.exchange import jobs as imports
from accord.exchange.webhooks import jobs as webhooks
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import AccordError
from accord.ledger import actions as ledger
from accord.ledger.queries import Filter, owner_entries
from accord.platform.aside import Aside
from accord.records import jobs as asking
from accord.records.actions import subscriptions as actions
from accord.records.queries import subscriptions
from isolation.contributing import acting
from isolation.direct import administrator
from isolation.test_retention import later
from isolation.test_subscriptions import (
    ALVAREZ,
    OWNER,
    arrive,
    clear,
    fresh_name,
    notices,
    tick,
    watch,
)


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        clear(db)
        yield db
        clear(db)
        db.execute("delete from accord.clock_shift")


@pytest.mark.usefixtures("world")
def test_a_store_that_cannot_be_swept_keeps_no_message_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = list[str]()

    def fails() -> int:
        rounds.append("sweep")
        if len(rounds) > 2:
            worker._leaving.set()
        raise OSError("the store cannot be written to")

    def work() -> bool:
        rounds.append("work")
        worker._leaving.set()
        return True

    monkeypatch.setattr(evidence, "sweep", fails)
    monkeypatch.setattr(webhooks, "work", work)
    monkeypatch.setattr(worker, "LONGEST_PAUSE_S", 0.0)
    try:
        worker._tell_others()
    finally:
        worker._leaving.clear()
    assert rounds == ["sweep", "work"]


def test_whoever_stands_aside_does_so_for_a_while() -> None:
    aside, at = Aside(timedelta(minutes=5)), now()
    with taken_from(FixedClock(at)):
        aside.put("b")
        aside.put("a")
        assert aside.names() == ["a", "b"]
    with taken_from(FixedClock(at + timedelta(minutes=4))):
        aside.put("a")
    with taken_from(FixedClock(at + timedelta(minutes=5))):
        assert aside.names() == ["a"]


# -- subscriptions ---------------------------------------------------------------------------------


def owners_entries(record: UUID) -> int:
    """How often the owner reads in the ledger that somebody learnt of its record."""
    with acting(OWNER):
        return len(owner_entries(Filter(record=str(record), agency="riverbend-pd")))


def _raises() -> None:
    raise RuntimeError("no")


def _refused() -> None:
    raise AccordError("no")


def _breaks_the_transaction() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1 / 0")


@pytest.mark.parametrize("fault", [_raises, _refused, _breaks_the_transaction])
def test_one_subscription_that_fails_undoes_no_other_of_its_member_and_case(
    admin: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Any
) -> None:
    names = [fresh_name() for _ in range(3)]
    made = [watch(value=name) for name in names]
    records = [arrive(name) for name in names]
    true = actions._tell

    def tells(scope: Any, subscription_id: UUID, found: Any) -> int:
        told = true(scope, subscription_id, found)
        if subscription_id == made[1]:
            fault()
        return told

    monkeypatch.setattr(actions, "_tell", tells)
    with caplog.at_level("ERROR", logger="accord.subscriptions"):
        assert tick(admin) == 2
    assert [owners_entries(record) for record in records] == [1, 0, 1], (
        "what failed discloses nothing"
    )
    assert {n.subscription for n in notices()} == {made[0], made[2]}
    left = admin.execute(
        "select 1 from subscription_match where subscription_id = %s and noticed_at is not null",
        [made[1]],
    )
    assert left.fetchall() == [], "nothing of what failed stays"
    (said,) = caplog.records
    assert said.facts["subscription"] == made[1]  # type: ignore[attr-defined]
    assert said.exc_info, "it is logged whole"
    assert ALVAREZ[0] not in {row[0] for row in subscriptions.to_ask()}, "and waits its time"
    monkeypatch.undo()
    assert tick(admin) == 1, "then it is told"
    assert owners_entries(records[1]) == 1


def test_members_without_any_scope_leave_a_turn_to_others(
    admin: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, other = ALVAREZ[0], "riverbend-pd.d.okafor"
    one = watch(value=fresh_name())
    watch(value=fresh_name(), by=(other, *ALVAREZ[1:]))
    admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
    columns = (
        "membership_id, agency_id, purpose, legal_basis, kind, question, reason_record, state,"
        " made_at, ends_at"
    )
    admin.execute(
        f"insert into subscription (id, case_number, asked_at, {columns}) select gen_random_uuid(),"
        f" 'X-' || n, asked_at - interval '1 hour', {columns}"
        " from subscription, generate_series(1, 100) n where id = %s",
        [one],
    )
    true = asking.open_scope

    def closed(actor: Any, *given: Any) -> Any:
        if actor.membership == stuck:
            raise RuntimeError("no standing can be made")
        return true(actor, *given)

    monkeypatch.setattr(asking, "_aside", Aside(asking.TICK))
    monkeypatch.setattr(asking, "open_scope", closed)
    with caplog.at_level("ERROR", logger="accord.subscriptions"):
        asking.ask_subscriptions()
        assert other in {row[0] for row in subscriptions.to_ask([stuck])}, "the line was full"
        asking.ask_subscriptions()
    assert other not in {row[0] for row in subscriptions.to_ask([stuck])}
    assert stuck in {row[0] for row in subscriptions.to_ask()}
    assert {r.getMessage() for r in caplog.records} == {
        "subscriptions could not be asked", "subscriptions could not be put off",
    }  # fmt: skip


# -- duties ----------------------------------------------------------------------------------------


def test_a_thousand_duties_that_are_always_refused_leave_a_turn_to_others(
    admin: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refused, other = ALVAREZ[0], "state-bi.a.desai"  # the first by name fills the line
    columns = (
        "id, entry_id, agency, owner_id, record_id, parts, agreement, agreement_hash, clause, kind,"
        " made_at, due_at, by_member, held, closed, waits_for"
    )
    said = (
        f"insert into duty ({columns}) select gen_random_uuid(), gen_random_uuid(), %s, 'harlan-so',"
        " gen_random_uuid(), '{{}}', 'filling', 'h', '1', 'end-access', now(),"
        " now() - interval '1 day', %s, false, false, '{{}}' from generate_series(1, %s)"
    ).replace("{{}}", "{}")
    admin.execute(said, ["riverbend-pd", refused, 1001])
    admin.execute(said, ["state-bi", other, 1])
    true = discharging.actions.discharge_due

    def refuses(scope: Any, duties: list[UUID]) -> int:
        if scope.actor.membership == refused:
            raise RuntimeError("no")
        return true(scope, duties)

    monkeypatch.setattr(discharging, "_aside", Aside(discharging.AGAIN_AFTER))
    monkeypatch.setattr(discharging.actions, "discharge_due", refuses)
    left = "select count(*) as n from duty where by_member = %s and discharged_at is null"
    with caplog.at_level("ERROR", logger="accord.duties"):
        discharging.discharge_what_is_due()
        assert discharging.discharge_what_is_due() == 1
        assert discharging.discharge_what_is_due() == 0
    assert admin.execute(left, [other]).fetchone()["n"] == 0
    assert len([r for r in caplog.records if r.exc_info]) == 1, "and is not tried all the time"
    monkeypatch.setattr(discharging.actions, "discharge_due", true)
    with later(admin, discharging.AGAIN_AFTER):
        assert discharging.discharge_what_is_due() >= 1000
    admin.execute("delete from duty where agreement = 'filling'")


def test_what_fails_because_the_database_does_not_answer_is_nobody_s_fault(
    admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = Aside(discharging.AGAIN_AFTER)

    def fails(*_: Any) -> None:
        raise OperationalError("the server went away")

    watch(value=fresh_name())
    admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
    for job in (discharging, asking):
        monkeypatch.setattr(job, "_aside", aside)
        monkeypatch.setattr(job, "is_answering", lambda: False)
        monkeypatch.setattr(job, "open_scope", fails)
    waiting = [(uuid4(), "riverbend-pd", ALVAREZ[0])]
    monkeypatch.setattr(discharging.queries, "come_due", lambda _: waiting)
    for run in (discharging.discharge_what_is_due, asking.ask_subscriptions):
        with pytest.raises(OperationalError):
            run()
    assert aside.names() == []


# -- the round of the worker -----------------------------------------------------------------------


def test_a_job_that_fails_ends_no_other_and_is_logged(
    world: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("duties")
        raise RuntimeError("no")

    monkeypatch.setattr(discharging, "discharge_what_is_due", fails)
    monkeypatch.setattr(asking, "ask_subscriptions", lambda: done.append("subscriptions"))
    monkeypatch.setattr(ledger, "sequence_all", lambda: done.append("entries") or 0)
    monkeypatch.setattr(imports, "drop_unmapped", lambda: done.append("files"))
    monkeypatch.setattr(imports, "is_waiting", lambda: False)
    with caplog.at_level("ERROR", logger="accord.worker"):
        assert not worker._round(world), "a longer pause is due"
        monkeypatch.setattr(discharging, "discharge_what_is_due", lambda: 0)
        assert worker._round(world)
    assert done[:4] == ["duties", "subscriptions", "entries", "files"]
    assert len(caplog.records) == 1
