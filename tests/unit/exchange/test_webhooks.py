"""Webhooks: signed, without content, only what their member may fetch, nowhere they must not go."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hooking import DESK, RASMUSSEN, Receiver, messages_of

from accord.exchange.webhooks import actions, jobs, queries
from accord.exchange.webhooks.domain import (
    RETRY_AFTER,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
    Outcome,
    next_try,
)
from accord.exchange.webhooks.policy import check_address, check_url
from accord.exchange.webhooks.sending import send
from accord.exchange.webhooks.signing import body_of, headers_of, secret_of, signature
from accord.kernel.errors import AccordError, InvalidInput, NotAllowed
from accord.platform.outbox import Change
from isolation.contributing import acting

BOONE = "harlan-so.c.boone"
AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def _delivery(**more: Any) -> Delivery:
    facts: dict[str, Any] = {
        "id": UUID(int=1), "endpoint": UUID(int=2), "topic": "request", "subject": UUID(int=3),
        "record": None, "made_at": AT, "attempts": 0, "next_at": AT,
        "state": DeliveryState.WAITING, "status": None, "fault": None, "done_at": None,
    }  # fmt: skip
    return Delivery(**(facts | more))


def test_a_message_is_kind_time_and_ids() -> None:
    body = json.loads(body_of(_delivery(record=UUID(int=4))))
    assert body == {
        "type": "request.changed",
        "timestamp": AT.isoformat(),
        "data": {"id": str(UUID(int=3)), "record": str(UUID(int=4))},
    }


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The vector of the specification's reference libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body)
    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_endpoint_and_generation_has_a_secret_of_its_own(tmp_path: Path) -> None:
    one, other = uuid4(), uuid4()
    made = {secret_of(tmp_path, e, g) for e in (one, other) for g in (1, 2)}
    assert len(made) == 4
    assert secret_of(tmp_path, one, 1) in made
    assert all(len(base64.b64decode(s.removeprefix("whsec_"))) == 32 for s in made)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://example.org", "https://", "https://a:b@example.org/", "x",
     "https://example.org/#part", "https://10.0.0.1/", "https://[::1]/", "https://127.0.0.1/",
     "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
     "https://[fe80::1]/", "https://224.0.0.1/", "https://100.64.0.1/", "http://localhost.x/",
     "https://exa mple.org/", "https://example.org:0/", "https://[::1"],
)  # fmt: skip
def test_an_address_that_is_not_for_webhooks_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_url(url, ())


def test_a_private_network_is_open_only_where_the_operator_says_so() -> None:
    check_url("https://10.1.2.3/x", (ip_network("10.1.0.0/16"),))
    with pytest.raises(InvalidInput):
        check_url("https://10.2.2.3/x", (ip_network("10.1.0.0/16"),))
    assert check_url("https://example.org/x?y=1", ()) == "https://example.org/x?y=1"


def test_a_name_that_resolves_into_a_private_network_is_refused_when_it_is_sent_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCORD_DEMO", "0")
    assert send("https://localhost:1/x", b"{}", {}) == Outcome(None, "refused")
    with pytest.raises(InvalidInput):
        check_address(__import__("ipaddress").ip_address("::ffff:192.168.0.1"), ())


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.status = 302
    assert send(receiver.url, b"{}", {}) == Outcome(302)
    assert len(receiver.got) == 1


def test_tries_go_on_with_growing_pauses_and_then_end() -> None:
    pauses = [next_try(n, AT) for n in range(1, len(RETRY_AFTER) + 2)]
    assert pauses[-1] is None
    times = [p for p in pauses if p is not None]
    assert times == sorted(times)
    assert times[0] == AT + timedelta(seconds=5)


def test_a_test_message_arrives_signed(hook: Endpoint, receiver: Receiver, world: Path) -> None:
    with acting(RASMUSSEN, DESK) as scope:
        made = actions.send_test(scope, hook)
    jobs.work()
    headers, body = receiver.got[-1]
    assert json.loads(body)["type"] == "test"
    key = base64.b64decode(secret_of(world, hook.id, 1).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert headers["webhook-id"] == f"msg_{made}"
    assert messages_of(hook)[0].state is DeliveryState.DELIVERED
    again = headers_of(secret_of(world, hook.id, 2), made, AT, body)
    assert again["webhook-signature"] != headers["webhook-signature"]


def test_only_what_its_member_may_fetch_is_told(hook: Endpoint, receiver: Receiver) -> None:
    from isolation.contributing import send as send_file

    jobs.work()
    before = len(receiver.got)
    send_file("no,name,dob\nR-1,Some Body,1980-01-02\n", by="riverbend-pd.j.whitfield")
    jobs.work()
    assert len(receiver.got) == before
    own = send_file("no,name,dob\nH-1,Some Body,1980-01-02\n", by=RASMUSSEN)
    jobs.work()
    told = [json.loads(body) for _, body in receiver.got[before:]]
    assert {(t["type"], t["data"]["id"]) for t in told} == {("run.changed", str(own))}


def test_a_message_that_fails_is_tried_again_and_one_given_up_can_be(
    hook: Endpoint, receiver: Receiver
) -> None:
    receiver.status = 500
    with acting(RASMUSSEN, DESK) as scope:
        actions.send_test(scope, hook)
    jobs.work()
    (failed,) = messages_of(hook)
    assert (failed.state, failed.attempts, failed.status) == (DeliveryState.WAITING, 1, 500)
    assert failed.next_at > failed.made_at
    with acting(RASMUSSEN, DESK) as scope:
        last = _delivery(id=failed.id, attempts=len(RETRY_AFTER))
        actions.record(scope, hook, [(last, Outcome(None, "timeout"))])
    (dead,) = messages_of(hook)
    assert (dead.state, dead.fault) == (DeliveryState.DEAD, "timeout")
    with acting(RASMUSSEN, DESK) as scope:
        actions.retry(scope, dead)
    receiver.status = 200
    jobs.work()
    assert messages_of(hook)[0].state is DeliveryState.DELIVERED


def test_a_receiver_that_is_gone_pauses_its_webhook(hook: Endpoint, receiver: Receiver) -> None:
    receiver.status = 410
    with acting(RASMUSSEN, DESK) as scope:
        actions.send_test(scope, hook)
    jobs.work()
    assert messages_of(hook)[0].state is DeliveryState.DEAD
    with acting(RASMUSSEN, DESK):
        assert queries.endpoint(hook.id).state is EndpointState.PAUSED


def test_only_a_supervisor_sets_one_up_and_only_for_its_own_agency(world: Path) -> None:
    url = "https://93.184.215.14/"
    with pytest.raises(NotAllowed), acting(BOONE, DESK) as scope:
        actions.create(scope, url=url, topics=["run"], membership=BOONE)
    with pytest.raises(InvalidInput), acting(RASMUSSEN, DESK) as scope:
        actions.create(scope, url=url, topics=["run"], membership="riverbend-pd.m.alvarez")
    with pytest.raises(InvalidInput), acting(RASMUSSEN, DESK) as scope:
        actions.create(scope, url=url, topics=["names"], membership=RASMUSSEN)
    with pytest.raises(NotAllowed, match="nobody else"), acting(RASMUSSEN, DESK) as scope:
        actions.create(scope, url=url, topics=["run"], membership=BOONE)


@pytest.mark.parametrize(
    "url",
    ["https://hooks..example/x", "https://" + "a" * 64 + ".example/", "https://[64:ff9b::a00:1]/",
     "https://[2002:7f00:1::]/", "https://[::127.0.0.1]/"],
)  # fmt: skip
def test_an_address_that_is_no_name_or_carries_another_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        check_url(url, ())


def test_another_agency_sees_nothing_of_it(hook: Endpoint) -> None:
    with pytest.raises(AccordError), acting("riverbend-pd.d.okafor", DESK):
        queries.endpoint(hook.id)


def _runs(receiver: Receiver) -> list[str]:
    told = [json.loads(body) for _, body in receiver.got]
    return [t["data"]["id"] for t in told if t["type"] == "run.changed"]


def test_no_change_is_lost_where_there_are_more_than_fit_at_once(
    hook: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from isolation.contributing import send as send_file

    monkeypatch.setattr(jobs, "MOST_CHANGES", 1)
    jobs.work()
    before = len(_runs(receiver))
    sent = {
        str(send_file(f"no,name,dob\nM-{n},Some Body,1980-01-02\n", by=RASMUSSEN)) for n in range(3)
    }
    while jobs.work():
        pass
    assert sent <= set(_runs(receiver)[before:])
    assert len(_runs(receiver)[before:]) == len(set(_runs(receiver)[before:]))


def test_a_webhook_whose_member_left_is_paused_and_says_why(
    hook: Endpoint, receiver: Receiver, owner: psycopg.Connection[Any]
) -> None:
    with acting(RASMUSSEN, DESK) as scope:
        made = actions.send_test(scope, hook)
    ended = "update membership set valid_until = %s where id = %s"
    owner.execute(ended, [datetime(2020, 1, 1, tzinfo=UTC), RASMUSSEN])
    try:
        jobs.work()
    finally:
        owner.execute(ended, [None, RASMUSSEN])
    jobs.work()
    assert receiver.got == []
    with acting(RASMUSSEN, DESK):
        stopped, message = queries.endpoint(hook.id), queries.delivery(hook.id, made)
    assert stopped.state is EndpointState.PAUSED
    assert "not in force" in (stopped.reason or "")
    assert (message.state, message.fault) == (DeliveryState.DEAD, "withheld")
    with acting(RASMUSSEN, DESK) as scope:
        actions.set_state(scope, stopped, EndpointState.ACTIVE)
        assert queries.endpoint(hook.id).reason is None
    owner.execute("update webhook_endpoint set state = 'active', why = null where why = 'member'")


def test_messages_that_ended_long_ago_are_removed_in_batches(
    hook: Endpoint, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "SWEEP_BATCH", 1)
    with acting(RASMUSSEN, DESK):
        old, older, kept, waiting = actions._enqueue(
            hook, [Change("run", uuid4()) for _ in range(4)]
        )
    end = "update webhook_delivery set state = %s, done_at = now() - %s where id = %s"
    owner.execute(end, ["dead", timedelta(days=31), old])
    owner.execute(end, ["delivered", timedelta(days=31), older])
    owner.execute(end, ["dead", timedelta(days=29), kept])
    owner.execute(
        "update webhook_delivery set made_at = now() - interval '40 days' where id = %s", [waiting]
    )
    monkeypatch.setattr(jobs, "SWEEP_BATCHES", 1)
    jobs.sweep()
    assert len({old, older} & {m.id for m in messages_of(hook)}) == 1
    monkeypatch.setattr(jobs, "SWEEP_BATCHES", 5)
    jobs.sweep()
    assert {m.id for m in messages_of(hook)} == {kept, waiting}
