"""A role that is over gives nothing anywhere, from its moment on and without anybody acting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection
from psycopg.types.json import Jsonb

from accord.agencies.models import Membership
from accord.agencies.queries import held_at, in_force_at
from accord.agreements.duties import jobs as discharging
from accord.exchange import jobs as imports
from accord.exchange.webhooks import actions as hooks
from accord.exchange.webhooks import queries as hooked
from accord.exchange.webhooks.domain import EndpointState
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, NotAllowed
from accord.platform.aside import Aside
from accord.records import jobs as asking
from accord.records.actions import intake
from accord.records.actions import retention as actions
from accord.records.actions.subscriptions import Asked
from accord.records.queries import intake as runs
from accord.records.queries import retention as queries
from accord.records.queries import subscriptions
from architecture.test_membership_sql import EXCEPTED, SAYS_IT, raw_questions
from isolation import offering
from isolation.contributing import acting, run_of, send
from isolation.direct import administrator
from isolation.test_retention import SECOND, approve, call, days, later, propose, report
from isolation.test_subscriptions import ALVAREZ, clear, fresh_name, watch

FERRIS, RASMUSSEN = "harlan-so.s.ferris", "harlan-so.e.rasmussen"
OFFICE = "records-administration"
ROWS = "no,name,dob\n1,Person Number A,1980-01-01\n"


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        yield db
        db.execute("delete from accord.clock_shift")


@contextmanager
def over(admin: Any, membership: str, *roles: str) -> Iterator[None]:
    """The end of these roles of a membership has come, or of all it has."""
    row = admin.execute("select roles, ends from membership where id = %s", [membership]).fetchone()
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    ends = {"role": dict.fromkeys(roles or row["roles"], past)}
    said = "update membership set ends = %s where id = %s"
    admin.execute(said, [Jsonb(ends), membership])
    try:
        yield
    finally:
        admin.execute(said, [Jsonb(row["ends"]), membership])


def drain() -> None:
    while imports.run_next():
        pass


# -- the two that say it: the application and the database -----------------------------------------


def test_the_application_and_the_database_say_alike_who_is_in_force(admin: Any) -> None:
    offering.alone()
    at = now()
    past, to_come = at - timedelta(days=1), at + timedelta(days=1)
    ends = [{}, {"role": {}}, *({"role": {r: e.isoformat() for r, e in held}} for held in (
        [("supervisor", past)], [("investigator", past)], [("investigator", at)],
        [("supervisor", past), ("investigator", past)],
        [("supervisor", past), ("investigator", to_come)], [("other", past)],
    ))]  # fmt: skip
    asked = (
        "select accord.in_force(m, %s) as yes, accord.held_roles(m, %s) as roles"
        " from membership m where id = %s"
    )
    disagreed = []
    with admin.transaction(force_rollback=True):
        for said, since, until, gone, roles in product(
            ends, (past, to_come), (None, past, at, to_come), (None, past, to_come),
            (["supervisor", "investigator"], ["investigator"], []),
        ):  # fmt: skip
            admin.execute(
                "update membership set ends = %s, valid_from = %s, valid_until = %s, roles = %s"
                " where id = %s",
                [Jsonb(said), since, until, roles, offering.LONER],
            )
            admin.execute("update agency set suspended_at = %s where id = %s", [gone, "lone-pd"])
            row = admin.execute(asked, [at, at, offering.LONER]).fetchone()
            held = Membership(
                id=offering.LONER, roles=roles, ends=said, valid_from=since, valid_until=until,
                clearance="none", assurance=1,
            )  # fmt: skip
            held.agency = held._meta.get_field("agency").related_model(suspended_at=gone)
            held.member = held._meta.get_field("member").related_model(nationality="US")
            here = in_force_at(held, at), sorted(held_at(held, at).roles)
            if here != (row["yes"], sorted(row["roles"])):
                disagreed.append((said, since, until, gone, roles, here, row))
    assert disagreed == []


# -- the lines in which work waits -----------------------------------------------------------------


def test_runs_of_whose_roles_are_over_stand_aside_with_a_reason(admin: Any) -> None:
    drain()
    left = [send(ROWS, by=FERRIS) for _ in range(20)]  # as many as a worker looks at
    with over(admin, FERRIS):
        run_id = send(ROWS)
        assert imports.run_next()
        assert run_of(run_id).state == "done"
        assert not imports.is_waiting(), "nothing is left that anybody could do"
        with acting(RASMUSSEN, OFFICE) as scope:
            found = [runs.run(scope, waiting) for waiting in left]
    assert {(run.state, run.sender_away) for run in found} == {("queued", True)}
    for waiting in left[1:]:
        with acting(FERRIS, OFFICE) as scope:
            intake.cancel(scope, waiting)
    assert imports.run_next(), "it goes on once who sent it acts for the agency again"
    with acting(FERRIS, OFFICE) as scope:
        assert runs.run(scope, left[0]).state == "done"
        assert not runs.run(scope, left[0]).sender_away


def test_a_colleague_cancels_what_stands_aside(admin: Any) -> None:
    waiting = send(ROWS, by=FERRIS)
    with over(admin, FERRIS), acting(RASMUSSEN, OFFICE) as scope:
        intake.cancel(scope, waiting)
        assert not runs.run(scope, waiting).sender_away


def test_files_that_nobody_will_map_do_not_hold_up_the_others(admin: Any) -> None:
    def wait(by: str) -> UUID:
        made = send(ROWS, by=by)
        admin.execute(
            "update intake_run set state = 'unmapped', updated_at = now() - interval '2 days'"
            " where id = %s",
            [made],
        )
        return made

    gone = [wait(FERRIS) for _ in range(3)]
    other = wait("riverbend-pd.j.whitfield")
    with over(admin, FERRIS):
        imports.drop_unmapped()
        assert run_of(other).state == "cancelled"
        with acting(RASMUSSEN, OFFICE) as scope:
            found = [runs.run(scope, run) for run in gone]
        assert {run.state for run in found} == {"failed"}
        assert all("no longer acts" in (run.failure or "") for run in found)
        assert not any(intake.stored_path(intake.stored_name(run)).exists() for run in gone)
        asked = admin.execute("select run_id from accord.unmapped_runs(now())").fetchall()
        assert not {row["run_id"] for row in asked} & {*gone, other}, "none is looked at again"


def unmapped(admin: Any, age: str) -> UUID:
    """A file of Ferris that nobody has mapped for so long."""
    made = send(ROWS, by=FERRIS)
    said = (
        "update intake_run set state = 'unmapped', updated_at = now() - %s::interval where id = %s"
    )
    admin.execute(said, [age, made])
    return made


def test_a_file_whose_end_is_cut_off_is_removed_the_next_time(
    admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = unmapped(admin, "2 days")
    kept = intake.stored_path(intake.stored_name(run_id))

    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with over(admin, FERRIS):
        monkeypatch.setattr(Path, "unlink", dies)
        with pytest.raises(KeyboardInterrupt):
            imports.drop_unmapped()
        monkeypatch.undo()
        assert kept.exists()
        imports.drop_unmapped()
    assert not kept.exists()
    with acting(RASMUSSEN, OFFICE) as scope:
        assert runs.run(scope, run_id).state == "failed"


def test_no_file_is_ended_before_its_day_whatever_moment_is_given(admin: Any) -> None:
    run_id = unmapped(admin, "23 hours")
    with over(admin, FERRIS):
        assert run_id not in intake.end_unmapped(now() + timedelta(days=1))
    with acting(FERRIS, OFFICE) as scope:
        assert runs.run(scope, run_id).state == "unmapped"
        intake.cancel(scope, run_id)


def test_subscriptions_of_whose_roles_are_over_wait_outside_the_line(admin: Any) -> None:
    clear(admin)
    watch(value=fresh_name())
    admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
    assert ALVAREZ[0] in {row[0] for row in subscriptions.to_ask()}
    with over(admin, ALVAREZ[0]):
        assert ALVAREZ[0] not in {row[0] for row in subscriptions.to_ask()}
    assert ALVAREZ[0] in {row[0] for row in subscriptions.to_ask()}
    clear(admin)


@pytest.mark.parametrize("fault", [AccordError("no"), RuntimeError("no")], ids=repr)
def test_one_subscription_that_fails_holds_up_no_other(
    admin: Any, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    clear(admin)
    watch(value=fresh_name())
    watch(value=fresh_name(), by=("riverbend-pd.d.okafor", *ALVAREZ[1:]))
    admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
    asked = []

    def fails_first(scope: Any) -> Asked:
        asked.append(scope.actor.membership)
        if len(asked) == 1:
            raise fault
        return Asked(0, ())

    monkeypatch.setattr(asking.subscriptions, "ask_again", fails_first)
    asking.ask_subscriptions()
    assert len(set(asked)) == 2
    clear(admin)


def test_a_subscription_that_goes_on_failing_waits_its_time_and_is_named(
    admin: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clear(admin)
    made = watch(value=fresh_name())
    admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")

    def fails(scope: Any) -> int:
        raise AccordError("no")

    monkeypatch.setattr(asking.subscriptions, "ask_again", fails)
    with caplog.at_level("ERROR", logger="accord.subscriptions"):
        asking.ask_subscriptions()
    assert ALVAREZ[0] not in {row[0] for row in subscriptions.to_ask()}, "others have their turn"
    assert [getattr(r, "facts", {}).get("subscription") for r in caplog.records] == [made]
    admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
    assert ALVAREZ[0] in {row[0] for row in subscriptions.to_ask()}, "it is asked again"
    clear(admin)


def test_webhooks_of_whose_roles_are_over_are_paused(admin: Any) -> None:
    with acting(RASMUSSEN, OFFICE) as scope:
        made = hooks.create(
            scope, url="https://hooks.example.org/told", topics=["run"], membership=RASMUSSEN
        )
    admin.execute("update webhook_endpoint set seen_at = now() - interval '2 hours'")
    assert made.id in {endpoint for endpoint, _ in hooked.waiting(now())}
    with over(admin, RASMUSSEN):
        assert made.id not in {endpoint for endpoint, _ in hooked.waiting(now())}
        assert hooks.stop_those_who_left(now()) == 1
    with acting(RASMUSSEN, OFFICE) as scope:
        found = hooked.endpoint(made.id)
        assert (found.state, found.why) == (EndpointState.PAUSED, "member")
        hooks.set_state(scope, found, EndpointState.REMOVED)


def test_duties_that_nobody_can_discharge_come_after_those_that_somebody_can(admin: Any) -> None:
    offering.alone()  # an agency without an oversight officer, first by name
    with admin.transaction(force_rollback=True):
        columns = (
            "id, entry_id, agency, owner_id, record_id, parts, agreement, agreement_hash, clause,"
            " kind, made_at, due_at, by_member, held, closed, waits_for"
        )
        said = f"insert into duty ({columns}) select %s, %s, %s, 'harlan-so', %s, '{{}}', 'a', 'h', '1',"
        said += " 'end-access', now(), now() - interval '1 day', %s, false, false, '{}'"
        made = {}
        for agency, member in (
            ("lone-pd", offering.LONER), ("riverbend-pd", ALVAREZ[0]), ("riverbend-pd", "gone"),
        ):  # fmt: skip
            made[member] = uuid4()
            admin.execute(said, [made[member], uuid4(), agency, uuid4(), member])
        ends = Jsonb({"role": {"supervisor": "2020-01-01T00:00:00Z",
                               "investigator": "2020-01-01T00:00:00Z"}})  # fmt: skip
        admin.execute("update membership set ends = %s where id = %s", [ends, offering.LONER])
        rows = admin.execute("select duty_id from accord.duties_come_due(now())").fetchall()
    order = [row["duty_id"] for row in rows]
    last = order.index(made[offering.LONER])
    assert order.index(made[ALVAREZ[0]]) < last
    assert order.index(made["gone"]) < last, "an overseer of the agency can"


@pytest.mark.parametrize("fault", [AccordError("no"), RuntimeError("no")], ids=repr)
def test_one_member_whose_duties_are_refused_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    two = (ALVAREZ[0], "riverbend-pd.d.okafor")
    waiting = [(uuid4(), "riverbend-pd", member) for member in two]
    asked = []

    def fails_first(scope: Any, duties: list[UUID]) -> int:
        asked.append(scope.actor.membership)
        if len(asked) == 1:
            raise fault
        scope.did("alteration", step="duties discharged by time")
        return len(duties)

    aside = Aside(discharging.AGAIN_AFTER)
    monkeypatch.setattr(discharging, "_aside", aside)
    monkeypatch.setattr(discharging.queries, "come_due", lambda _: waiting)
    monkeypatch.setattr(discharging.actions, "discharge_due", fails_first)
    assert discharging.discharge_what_is_due() == 1
    assert asked == list(two)
    assert aside.names() == [two[0]]


# -- what a role gives in the database -------------------------------------------------------------


def test_a_purge_proposed_by_whose_role_is_over_is_proposed_anew(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        review = propose(record, ("harlan-so.s.ferris", OFFICE))
        second = (RASMUSSEN, OFFICE)
        with over(admin, FERRIS):
            with pytest.raises(DatabaseError, match="two people"), acting(*second) as scope:
                call(scope.entry_id, review)
            with pytest.raises(NotAllowed, match="no longer keeps records") as refused:
                approve(review, second)
            assert "records custodian or supervisor" in str(refused.value.who_can_change)
            with acting(*second) as scope:
                actions.withdraw(scope, review)
                assert queries.review(review).state == "withdrawn"


def test_a_purge_proposed_in_another_role_that_goes_on_is_approved(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        review = propose(record)
        assert approve(review, SECOND) > 0


def test_expertise_of_whose_roles_are_over_is_not_listed(admin: Any) -> None:
    with offering.put_back(admin):
        made = offering.offer(offering.PETROV, "video-analysis", attested=offering.MERCER)
        asked = "select %s = any (accord.listed_expertise()) as yes"

        def listed() -> bool:
            with acting(offering.ALVAREZ, offering.DESK), connection.cursor() as cursor:
                cursor.execute(asked, [made])
                return bool(cursor.fetchone()[0])

        assert listed()
        with over(admin, offering.PETROV):
            assert not listed()
        assert listed()


def test_no_function_and_no_policy_of_the_database_asks_a_membership_itself(admin: Any) -> None:
    """Of the database as the migrations leave it, whichever file made what."""
    said = admin.execute(
        "select p.proname as name, pg_get_functiondef(p.oid) as text from pg_proc p"
        " where p.pronamespace = 'accord'::regnamespace and p.prokind = 'f'"
        " union all select tablename || ' ' || policyname, coalesce(qual, '') || ' ' ||"
        " coalesce(with_check, '') from pg_policies"
    ).fetchall()
    assert {"in_force", "waiting_runs", "webhooks_waiting"} <= {row["name"] for row in said}
    asked = {row["name"]: found for row in said if (found := raw_questions(row["text"]))}
    assert set(asked) == {*SAYS_IT, *EXCEPTED} & set(asked), asked
