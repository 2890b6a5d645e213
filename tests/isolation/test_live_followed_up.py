"""What is told of retention, recalls and subscriptions goes to those who may fetch it, and no further.

test_live puts all that was ever told in two worlds before the viewers; here it is said, act by act,
who is told what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from accord.agencies import queries as agencies
from accord.agreements import standing as standings
from accord.agreements.context import resolve
from accord.agreements.scope import glance
from accord.cases import actions as cases
from accord.cases.queries import case as find_case
from accord.kernel import clock
from accord.kernel.clock import now
from accord.platform import outbox
from accord.records import jobs
from accord.records.actions import recalling
from accord.records.actions import retention as ending
from accord.records.actions import subscriptions as subscribing
from accord.records.actions.keeping import set_legal_hold, set_retention
from accord.records.queries import retention as kept
from accord.records.queries.recalls import recalls
from accord.records.queries.records import record_view, visible_ids
from accord.records.subscriptions import Move
from isolation.contributing import acting, draft, write
from isolation.direct import administrator
from isolation.naive import HT, TRAFFICKING

OFFICE = "records-administration"
RASMUSSEN, FERRIS, OVERSIGHT = (
    "harlan-so.e.rasmussen",
    "harlan-so.s.ferris",
    "harlan-so.g.lindqvist",
)
OKAFOR, WHITFIELD, ALVAREZ = (
    f"riverbend-pd.{name}" for name in ("d.okafor", "j.whitfield", "m.alvarez")
)
BOONE, MERCER = "harlan-so.c.boone", "state-bi.h.mercer"
IN_THE_CASE = (ALVAREZ, BOONE)
EVERYBODY = frozenset(
    {RASMUSSEN, FERRIS, OVERSIGHT, OKAFOR, WHITFIELD, ALVAREZ, BOONE, MERCER,
     "riverbend-pd.p.sandoval", "safe-harbor.c.adeyemi", "tri-county-da.b.ngata"}
)  # fmt: skip
WHY = "Nobody evaluated it, and nothing in the unit's cases rests on it."


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        yield db
        for table in ("recall_act", "recall_notice", "subscription_match", "subscription"):
            db.execute(f"delete from {table}")
        db.execute("delete from accord.clock_shift")
    standings.forget_cached()


def told(topic: str, act: Callable[[], Any]) -> dict[UUID, set[str]]:
    """Who, of everybody and in their own places of work, is told of which thing while `act` is done."""
    before = outbox.state()
    act()
    until = outbox.state()
    found: dict[UUID, set[str]] = {}
    for member in EVERYBODY:
        actor = agencies.actor(member)
        places = [(OFFICE, None), *([(TRAFFICKING, HT)] if member in IN_THE_CASE else [])]
        for purpose, case in places:
            with glance(actor, resolve(actor, purpose, "statute", case)):
                for change in outbox.between(before, until):
                    if change.topic == topic:
                        assert change.record is None
                        found.setdefault(change.subject, set()).add(member)
    return found


def written(admin: Any, topic: str) -> int:
    """How often the outbox was told of it at all, whoever may know."""
    row = admin.execute("select count(*) as n from outbox where topic = %s", [topic]).fetchone()
    return int(row["n"])


def placed() -> UUID:
    """A record of Harlan in the joint case, read there by Riverbend."""
    record = write(draft(agency="harlan-so", name="Told Of"), by=RASMUSSEN).record_ids[0]
    with acting(BOONE, TRAFFICKING, HT) as scope:
        cases.place_record(scope, find_case(HT), record)
    with acting(ALVAREZ, TRAFFICKING, HT) as scope:
        assert record_view(scope, record).part("identity")
    return record


def test_a_recall_and_each_answer_is_told_to_those_who_follow_it_up_on_both_sides(
    admin: Any,
) -> None:
    record = placed()

    def recall() -> None:
        with acting(RASMUSSEN) as scope:
            assert recalling.recall_record(scope, record, "inaccurate") == ("riverbend-pd",)

    first = told("recall", recall)
    with acting(RASMUSSEN):
        notice = next(r.notice.id for r in recalls() if r.notice.record == record)
    both_sides = {RASMUSSEN, FERRIS, OVERSIGHT, OKAFOR, WHITFIELD, "riverbend-pd.p.sandoval"}
    assert first == {notice: both_sides}

    def step(member: str, name: str, *said: str) -> Callable[[], None]:
        def act() -> None:
            with acting(member) as scope:
                getattr(recalling, name)(scope, notice, *said)

        return act

    assert told("recall", step(OKAFOR, "answer", "nothing-held")) == {notice: both_sides}
    assert told("recall", step(RASMUSSEN, "note")) == {notice: both_sides}


def _later(admin: Any, days: int) -> None:
    admin.execute(
        "insert into accord.clock_shift values (1, %s)"
        " on conflict (id) do update set ahead = excluded.ahead",
        [timedelta(days=days)],
    )
    standings.forget_cached()


def test_a_proposal_to_purge_is_told_to_the_agency_s_keepers_and_its_oversight(admin: Any) -> None:
    day = (datetime.now(UTC).date() + timedelta(days=90)).isoformat()
    record = write(
        draft(agency="harlan-so", name="Short Lived", retain_until=day), by=RASMUSSEN
    ).record_ids[0]
    keepers, made = {RASMUSSEN, FERRIS, OVERSIGHT}, []
    _later(admin, 91)
    with clock.taken_from(clock.FixedClock(datetime.now(UTC) + timedelta(days=91))):

        def propose() -> None:
            with acting(RASMUSSEN) as scope:
                parts = [p.part_id for p in kept.manifest(record)]
                made.append(ending.propose_purge(scope, record, WHY, seen=parts))

        def withdraw() -> None:
            with acting(RASMUSSEN) as scope:
                ending.withdraw(scope, made[0])

        def approve() -> None:
            with acting(FERRIS) as scope:
                parts = [p.part_id for p in kept.manifest(record)]
                ending.approve(scope, made[1], seen=parts)

        told_of = [told("review", act) for act in (propose, withdraw, propose, approve)]
    assert told_of == [{made[0]: keepers}] * 2 + [{made[1]: keepers}] * 2


def test_how_a_record_is_kept_is_told_to_its_keepers_though_they_may_not_read_it(
    admin: Any,
) -> None:
    record = placed()
    later = datetime.now(UTC).date() + timedelta(days=400)

    def last_day() -> None:
        with acting(RASMUSSEN) as scope:
            set_retention(scope, record, later)

    def hold() -> None:
        with acting(RASMUSSEN) as scope:
            set_legal_hold(scope, record, True, "Asked for by the court in State v. Doe.")

    def validate() -> None:
        with acting(RASMUSSEN) as scope:
            ending.revalidate(
                scope, record, review_on=later, retain_until=later + timedelta(days=9), reason=WHY
            )

    with acting(ALVAREZ, TRAFFICKING, HT):
        assert visible_ids([record]), "who reads it, and is not told"
    for act in (last_day, hold, validate):
        assert told("retention", act) == {record: {RASMUSSEN, FERRIS}}
    admin.execute(
        "update part set newest_label_id = ("
        " select l.id from label l where not exists (select 1 from accord.standing s"
        " where s.member_id = %s and get_byte(s.view_bits, l.id) <> 0) limit 1)"
        " where record_id = %s",
        [RASMUSSEN, record],
    )
    with acting(RASMUSSEN):
        assert not visible_ids([record])
    found = told(
        "retention",
        lambda: admin.execute(
            "update record set retain_until = retain_until - 1 where id = %s", [record]
        ),
    )
    assert found == {record: {RASMUSSEN, FERRIS}}


def test_a_load_that_revises_records_says_nothing_of_how_they_are_kept(admin: Any) -> None:
    ref, before = f"T-{uuid4()}", written(admin, "retention")
    for name in ("First", "Second"):
        write(draft(agency="harlan-so", name=name, ref=ref), by=RASMUSSEN)
    assert written(admin, "retention") == before


def test_a_subscription_is_told_to_its_member_alone_and_only_when_it_brings_something(
    admin: Any,
) -> None:
    name = "Wat" + "".join(chr(ord("a") + int(c, 16)) for c in uuid4().hex[:12]) + " Qor"
    made: list[UUID] = []
    known = write(draft(name=name))
    assert known.record_ids

    def subscribe() -> None:
        with acting(ALVAREZ, TRAFFICKING, HT) as scope:
            until = now() + timedelta(days=30)
            made.append(
                subscribing.subscribe(scope, kind="name", value=name, until=until, reason=WHY)
            )

    def ask() -> int:
        admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
        return jobs.ask_subscriptions()

    def pause() -> None:
        with acting(ALVAREZ, TRAFFICKING, HT) as scope:
            subscribing.take_step(scope, made[0], Move.PAUSE)

    def see() -> None:
        with acting(ALVAREZ, TRAFFICKING, HT) as scope:
            subscribing.mark_seen(scope)

    before = written(admin, "subscription")
    own = told("subscription", subscribe)
    assert own == {made[0]: {ALVAREZ}}
    assert written(admin, "subscription") == before + 1, "what was known already is no notice"
    assert told("subscription", ask) == {}, "that it was asked is not news"
    write(draft(agency="harlan-so", name=name), by=RASMUSSEN)
    assert told("subscription", ask) == own
    assert told("subscription", see) == own
    assert told("subscription", pause) == own
