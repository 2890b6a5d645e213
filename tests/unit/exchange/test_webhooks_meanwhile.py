"""What happens to a webhook between a change and its message: standing lost, a pause, a day without."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hooking import DESK, RASMUSSEN, Receiver, messages_of

from accord.agencies import queries as agencies
from accord.exchange.webhooks import actions, jobs, queries
from accord.exchange.webhooks.domain import (
    RETRY_AFTER,
    TRIED_FOR,
    DeliveryState,
    Endpoint,
    EndpointState,
    Outcome,
    next_judged,
)
from accord.exchange.webhooks.signing import secret_of, signature
from accord.kernel import clock
from accord.kernel.clock import now
from accord.platform import outbox
from accord.platform.outbox import Change
from isolation.contributing import acting
from isolation.contributing import send as send_file

AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def _run_of_rasmussen() -> UUID:
    return send_file("no,name,dob\nW-1,Some Body,1980-01-02\n", by=RASMUSSEN)


def _put(hook: Endpoint, *subjects: UUID) -> list[UUID]:
    with acting(RASMUSSEN, DESK):
        return actions._enqueue(hook, [Change("run", subject) for subject in subjects])


def test_what_its_member_may_not_fetch_waits_unsent_and_goes_once_it_may_again(
    hook: Endpoint, receiver: Receiver, owner: psycopg.Connection[Any]
) -> None:
    run = _run_of_rasmussen()
    while jobs.work():
        pass
    (made,) = _put(hook, run)
    before = len(receiver.got)
    moves = "update intake_run set owner_id = %s where id = %s"
    owner.execute(moves, ["riverbend-pd", run])
    try:
        jobs.work()
    finally:
        owner.execute(moves, ["harlan-so", run])
    (message,) = [m for m in messages_of(hook) if m.id == made]
    assert (message.state, message.fault) == (DeliveryState.WAITING, "withheld")
    assert (message.attempts, message.done_at) == (0, None)
    assert message.next_at > message.made_at
    assert len(receiver.got) == before, "nothing leaves while it is withheld"
    owner.execute("update webhook_delivery set next_at = now() where id = %s", [made])
    jobs.work()
    (message,) = [m for m in messages_of(hook) if m.id == made]
    assert (message.state, message.attempts) == (DeliveryState.DELIVERED, 1)


def test_what_stays_withheld_is_given_up_when_no_message_would_be_tried_any_longer(
    hook: Endpoint, receiver: Receiver, owner: psycopg.Connection[Any]
) -> None:
    young, old = _put(hook, uuid4(), uuid4())
    aged = "update webhook_delivery set made_at = now() - %s where id = %s"
    owner.execute(aged, [TRIED_FOR - timedelta(hours=1), young])
    owner.execute(aged, [TRIED_FOR + timedelta(seconds=1), old])
    jobs.work()
    found = {m.id: m for m in messages_of(hook)}
    assert found[young].state is DeliveryState.WAITING
    assert found[young].next_at <= found[young].made_at + TRIED_FOR
    assert (found[old].state, found[old].fault) == (DeliveryState.DEAD, "withheld")
    assert receiver.got == []


def test_a_withheld_message_is_judged_within_hours_at_first_and_never_past_its_end() -> None:
    at, asked = AT, 0
    while (again := next_judged(AT, at)) is not None:
        assert at < again <= AT + TRIED_FOR
        at, asked = again, asked + 1
    assert at == AT + TRIED_FOR
    assert asked >= len(RETRY_AFTER)
    hour = AT + timedelta(hours=1)
    assert next_judged(AT, hour) == hour + timedelta(hours=2)


class Interrupting:
    """Sends as it is told, and once, in the first group, lets something happen."""

    def __init__(self, happens: Callable[[], object], status: int = 204) -> None:
        self.sent: list[dict[str, str]] = []
        self._happens, self._status, self._lock = happens, status, threading.Lock()

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        with self._lock:
            if not self.sent:
                self._happens()
            self.sent.append({"body": body.decode(), **headers})
        return Outcome(self._status)


@pytest.mark.parametrize("to", ["paused", "removed"])
def test_an_endpoint_that_is_paused_or_removed_within_a_batch_gets_no_more_and_loses_nothing(
    hook: Endpoint, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    while jobs.work():
        pass
    run = _run_of_rasmussen()
    made = _put(hook, *[run] * 10)
    turn = "update webhook_endpoint set state = %s where id = %s"
    sending = Interrupting(lambda: owner.execute(turn, [to, hook.id]))
    monkeypatch.setattr(jobs, "send", sending)
    jobs.work()
    assert len(sending.sent) == jobs.AT_ONCE
    left = [m for m in messages_of(hook) if m.id in made and m.state is DeliveryState.WAITING]
    assert len(left) >= len(made) - jobs.AT_ONCE
    assert all(m.attempts == 0 for m in left)


@pytest.mark.parametrize("to", ["paused", "removed"])
def test_a_receiver_that_is_gone_brings_back_no_endpoint_that_was_removed_meanwhile(
    hook: Endpoint, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    while jobs.work():
        pass
    with acting(RASMUSSEN, DESK) as scope:
        actions.send_test(scope, hook)
    turn = "update webhook_endpoint set state = %s where id = %s"
    gone = Interrupting(lambda: owner.execute(turn, [to, hook.id]), status=410)
    monkeypatch.setattr(jobs, "send", gone)
    jobs.work()
    assert len(gone.sent) == 1
    stands = "select state, why from webhook_endpoint where id = %s"
    assert owner.execute(stands, [hook.id]).fetchone() == (to, None)


def test_an_endpoint_paused_since_it_was_found_to_have_something_is_not_told(
    hook: Endpoint,
) -> None:
    while jobs.work():
        pass
    before = messages_of(hook)
    _run_of_rasmussen()
    with acting(RASMUSSEN, DESK) as scope:
        actions.set_state(scope, hook, EndpointState.PAUSED)
    assert jobs._serve(hook.id, agencies.actor(RASMUSSEN)) == 0
    assert messages_of(hook) == before


def test_a_new_secret_signs_the_rest_of_a_batch(
    hook: Endpoint, world: Path, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    while jobs.work():
        pass
    run = _run_of_rasmussen()
    _put(hook, *[run] * 6)
    renew = "update webhook_endpoint set generation = 2 where id = %s"
    sending = Interrupting(lambda: owner.execute(renew, [hook.id]))
    monkeypatch.setattr(jobs, "send", sending)
    jobs.work()
    signed = [_generation(world, hook, message) for message in sending.sent]
    assert signed[: jobs.AT_ONCE] == [1] * jobs.AT_ONCE
    assert set(signed[jobs.AT_ONCE :]) == {2}


def _generation(world: Path, hook: Endpoint, sent: dict[str, str]) -> int:
    said = sent["webhook-id"], sent["webhook-timestamp"], sent["body"].encode()
    return next(
        generation
        for generation in (1, 2)
        if f"v1,{signature(secret_of(world, hook.id, generation), *said)}"
        == sent["webhook-signature"]
    )


def test_what_stops_being_visible_within_a_batch_is_not_sent_any_more(
    hook: Endpoint, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    while jobs.work():
        pass
    run = _run_of_rasmussen()
    _put(hook, *[run] * 10)
    moves = "update intake_run set owner_id = %s where id = %s"
    sending = Interrupting(lambda: owner.execute(moves, ["riverbend-pd", run]))
    monkeypatch.setattr(jobs, "send", sending)
    try:
        jobs.work()
    finally:
        owner.execute(moves, ["harlan-so", run])
    assert len(sending.sent) == jobs.AT_ONCE
    assert {m.fault for m in messages_of(hook) if m.attempts == 0} == {"withheld"}


def test_what_waits_behind_a_pause_by_hand_is_given_up_when_its_member_leaves(
    hook: Endpoint, receiver: Receiver, owner: psycopg.Connection[Any]
) -> None:
    with acting(RASMUSSEN, DESK) as scope:
        made = actions.send_test(scope, hook)
        actions.set_state(scope, hook, EndpointState.PAUSED)
    ended = "update membership set valid_until = %s where id = %s"
    owner.execute(ended, [datetime(2020, 1, 1, tzinfo=UTC), RASMUSSEN])
    try:
        jobs.work()
        assert actions.stop_those_who_left(now()) == 0, "each is stopped once"
    finally:
        owner.execute(ended, [None, RASMUSSEN])
    with acting(RASMUSSEN, DESK):
        stopped, message = queries.endpoint(hook.id), queries.delivery(hook.id, made)
    assert (message.state, message.fault) == (DeliveryState.DEAD, "withheld")
    assert (stopped.state, stopped.why) == (EndpointState.PAUSED, "member")
    assert receiver.got == []
    owner.execute("update webhook_endpoint set state = 'active', why = null where why = 'member'")


def test_the_ledger_says_that_the_node_paused_a_webhook_whose_receiver_is_gone(
    hook: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    real = actions.record

    def record(scope: Any, *more: Any) -> None:
        real(scope, *more)
        said.append({"kind": scope.entry().kind, **scope.entry().detail})

    monkeypatch.setattr(actions, "record", record)
    receiver.status = 410
    with acting(RASMUSSEN, DESK) as scope:
        actions.send_test(scope, hook)
    jobs.work()
    (entry,) = [s for s in said if s["webhook"] == str(hook.id)]
    assert (entry["kind"], entry["step"]) == ("disclosure", "became paused")
    assert "410" in entry["because"]


def test_an_endpoint_not_read_for_a_day_is_told_that_it_may_have_missed_something(
    hook: Endpoint, receiver: Receiver, owner: psycopg.Connection[Any]
) -> None:
    while jobs.work():
        pass
    owner.execute(
        "update webhook_endpoint set seen_at = seen_at - interval '24 hours' where id = %s",
        [hook.id],
    )
    jobs.work()
    told = [json.loads(body) for _, body in receiver.got]
    assert [t for t in told if t["type"] == "missed"] == [
        {"type": "missed", "timestamp": told[-1]["timestamp"], "data": {"id": str(hook.id)}}
    ]
    jobs.work()
    assert len(receiver.got) == len(told), "once"


def test_an_endpoint_is_read_for_hourly_though_nothing_happens(
    hook: Endpoint, receiver: Receiver, owner: psycopg.Connection[Any]
) -> None:
    """Else a quiet day would look like a missed one, and what others do would tell them apart."""
    while jobs.work():
        pass
    back = "update webhook_endpoint set seen_at = now() - %s where id = %s"
    for age, named in ((timedelta(minutes=59), False), (timedelta(minutes=61), True)):
        owner.execute(back, [age, hook.id])
        assert (hook.id in {found for found, _ in queries.waiting(now())}) is named
    jobs.work()
    with acting(RASMUSSEN, DESK):
        assert now() - queries.endpoint(hook.id).seen_at < timedelta(hours=1)
    assert receiver.got == []


def test_when_an_endpoint_was_last_read_for_says_nothing_of_what_happened_within_the_hour(
    hook: Endpoint,
) -> None:
    """What nobody may know of has it read for too: else a node that stood still for just as long as
    changes are kept would tell `missed` where nothing happened, and not where something hidden did.
    """
    read = set()
    for minutes in (0, 1, 59):
        at = clock.FixedClock(AT + timedelta(minutes=minutes))
        with clock.taken_from(at), acting(RASMUSSEN, DESK):
            actions.read_up_to(hook, hook.seen)
            read.add(queries.endpoint(hook.id).seen_at)
    assert read == {AT}


def test_whom_nobody_read_for_longest_comes_first(
    hook: Endpoint, receiver: Receiver, owner: psycopg.Connection[Any]
) -> None:
    """The time is that of the hour; by their numbers alone the first would always be served first."""
    with acting(RASMUSSEN, DESK) as scope:
        later = actions.create(scope, url=receiver.url, topics=["run"], membership=RASMUSSEN)
    try:
        for hooks in ([hook, later], [later, hook]):
            for each in hooks:
                with acting(RASMUSSEN, DESK):  # a transaction each, so a state each
                    actions.read_up_to(each, outbox.state())
            owner.execute("update webhook_endpoint set seen_at = seen_at - interval '2 hours'")
            ours = [found for found, _ in queries.waiting(now()) if found in {hook.id, later.id}]
            assert ours == [each.id for each in hooks]
    finally:
        with acting(RASMUSSEN, DESK) as scope:
            actions.set_state(scope, later, EndpointState.REMOVED)
