"""A standing question is asked under its member's own standing, and what is hidden leaves no trace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from accord.agreements import standing as standings
from accord.kernel import clock
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.ledger.queries import Filter, owner_entries
from accord.platform import outbox
from accord.records import jobs
from accord.records.actions import subscriptions as actions
from accord.records.queries import subscriptions as queries
from accord.records.queries.spending import spent
from accord.records.queries.subscriptions import Notice
from accord.records.subscriptions import MOST, Move, SubscriptionState
from isolation.contributing import acting, draft, told_of, write
from isolation.direct import administrator
from isolation.naive import HT, TRAFFICKING

ALVAREZ = ("riverbend-pd.m.alvarez", TRAFFICKING, HT)
OWNER = "harlan-so.e.rasmussen"
WHY = "The van was seen at three of the addresses where they were held."


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        clear(db)
        yield db
        clear(db)


def clear(db: Any) -> None:
    db.execute("delete from subscription_match")
    db.execute("delete from subscription")


def watch(kind: str = "name", value: str = "", by: tuple[str, ...] = ALVAREZ) -> UUID:
    with acting(*by) as scope:
        until = now() + timedelta(days=30)
        return actions.subscribe(scope, kind=kind, value=value, until=until, reason=WHY)


def fresh_name() -> str:
    """A name that nobody in the world has, in letters alone."""
    letters = "".join(chr(ord("a") + int(c, 16)) for c in uuid4().hex[:12])
    return f"Wat{letters[:6]} Qor{letters[6:]}"


def arrive(name: str, **more: Any) -> UUID:
    record = draft(agency="harlan-so", name=name, **more)
    return write(record, by=OWNER).record_ids[0]


def tick(admin: Any) -> int:
    """Let the fixed time pass and the job ask."""
    admin.execute("update subscription set asked_at = asked_at - interval '16 minutes'")
    return jobs.ask_subscriptions()


def notices(by: tuple[str, ...] = ALVAREZ) -> tuple[Notice, ...]:
    with acting(*by) as scope:
        return queries.notices(scope, [s.id for s in queries.here(scope)])


def the_state(by: tuple[str, ...] = ALVAREZ) -> tuple[SubscriptionState, str | None]:
    with acting(*by):
        (found,) = queries.everywhere()
    return found.state, found.ended_why


# -- what arrives later ----------------------------------------------------------------------------


def test_a_later_arrival_that_may_be_asked_for_brings_a_hit(admin: Any) -> None:
    name = fresh_name()
    watch(value=name)
    assert tick(admin) == 0
    record = arrive(name)
    assert tick(admin) == 1
    (notice,) = notices()
    assert notice.hit is not None
    assert (notice.record, notice.hit.record_id, notice.hit.owner) == (None, record, "harlan-so")
    assert tick(admin) == 0


def test_a_page_is_told_of_what_met_its_member_s_subscription_and_no_other_page(admin: Any) -> None:
    name = fresh_name()
    mine = watch(value=name)
    before = outbox.state()
    tick(admin)
    assert not told_of("subscription", before, *ALVAREZ), "that it was asked is nobody's news"
    arrive(name)
    tick(admin)
    assert told_of("subscription", before, *ALVAREZ) == {mine}
    assert not told_of("subscription", before, "riverbend-pd.d.okafor", TRAFFICKING, HT)


def test_a_later_arrival_of_one_s_own_agency_is_shown(admin: Any) -> None:
    name = fresh_name()
    watch(value=name)
    record = write(draft(name=name)).record_ids[0]
    assert tick(admin) == 1
    (notice,) = notices()
    assert notice.record is not None
    assert notice.record.record_id == record


def test_a_plate_and_a_telephone_can_be_subscribed_to(admin: Any) -> None:
    plate = "ZZQ" + str(uuid4().int)[:4]
    watch("plate", plate)
    watch("phone", "+1 312 555 0177")
    vehicle = {"core": {"status": ["open"]}, "identity": {"plate": [plate]}}
    arrive("", schema="Vehicle", subjects=("none",), parts=vehicle)
    parts = {"core": {"status": ["open"]}, "identity": {"name": [fresh_name()]}}
    parts["contact"] = {"phone": ["+13125550177"]}
    write(draft(parts=parts))
    assert tick(admin) == 2


def test_what_was_there_already_brings_no_notice(admin: Any) -> None:
    name = fresh_name()
    arrive(name)
    watch(value=name)
    assert tick(admin) == 0


def test_a_hit_that_opens_brings_a_second_notice(admin: Any) -> None:
    from accord.cases import actions as cases
    from accord.cases.queries import case as find_case

    name = fresh_name()
    watch(value=name)
    record = arrive(name)
    tick(admin)
    with acting("harlan-so.c.boone", TRAFFICKING, HT) as scope:
        cases.place_record(scope, find_case(HT), record)
    assert tick(admin) == 1
    (notice,) = notices()
    assert notice.record is not None


def test_a_changed_record_that_still_answers_brings_a_notice(admin: Any) -> None:
    name = fresh_name()
    watch(value=name)
    write(draft(name=name, ref="WATCHED"))
    assert tick(admin) == 1
    write(draft(name=f"{name} Jr", ref="WATCHED"))
    assert tick(admin) == 1
    assert tick(admin) == 0


# -- the ledger and the quota ----------------------------------------------------------------------


def test_the_owner_reads_the_disclosure_in_its_ledger_like_a_search_hit(admin: Any) -> None:
    name = fresh_name()
    watch(value=name)
    record = arrive(name)
    with acting(OWNER):
        before = len(owner_entries(Filter(record=str(record), agency="riverbend-pd")))
    tick(admin)
    with acting(OWNER):
        entry, *_ = owner_entries(Filter(record=str(record), agency="riverbend-pd"))
    assert (entry.kind, entry.actor, before) == ("disclosure", ALVAREZ[0], 0)


def test_a_new_hit_counts_against_the_quota_and_asking_again_does_not(admin: Any) -> None:
    name = fresh_name()
    watch(value=name)
    with acting(*ALVAREZ) as scope:
        before = spent(scope)
    tick(admin)
    arrive(name)
    tick(admin)
    with acting(*ALVAREZ) as scope:
        after = spent(scope)
    assert before.queries_left == after.queries_left
    assert before.hits_left - after.hits_left == 1


def test_beyond_the_quota_a_hit_waits(admin: Any) -> None:
    name = fresh_name()
    watch(value=name)
    arrive(name)
    kept = admin.execute("select id, hits from hit_spending").fetchall()
    admin.execute("update hit_spending set hits = 200 where membership_id = %s", [ALVAREZ[0]])
    assert tick(admin) == 0
    for row in kept:
        admin.execute("update hit_spending set hits = %s where id = %s", [row["hits"], row["id"]])
    assert tick(admin) == 1


# -- non-interference ------------------------------------------------------------------------------


def seen_by_postgresql(admin: Any) -> list[Any]:
    """Everything that a run could leave behind for its member, ids and moments aside."""
    rows = admin.execute(
        "select 'match' as what, subscription_id::text as a, level as b from subscription_match"
        " union all select 'spent', membership_id, (queries || '/' || hits) from hit_spending"
        " union all select 'sub', id::text, state || coalesce(ended_why, '') from subscription"
        " order by 1, 2, 3"
    )
    return [tuple(r.values()) for r in rows.fetchall()]


def run_counted(admin: Any) -> tuple[int, int, Any]:
    """One asking: its notices, its statements, and its ledger entry's kind."""
    statements: list[str] = []

    def count(execute: Any, query: Any, params: Any, many: Any, context: Any) -> Any:
        statements.append(str(query))
        return execute(query, params, many, context)

    with connection.execute_wrapper(count):
        made = tick(admin)
    entry = admin.execute(
        "select kind from ledger_entry where actor_id = %s order by id desc limit 1", [ALVAREZ[0]]
    ).fetchone()
    return made, len(statements), entry["kind"]


@pytest.mark.parametrize(
    "secret",
    [
        {"subjects": ("victim",)},
        {"label": {"sealed": True}},
        {"subjects": ("victim",), "label": {"minor": True}},
        {"subjects": ("witness",), "label": {"sensitivity": "secret"}},
    ],
    ids=["victim", "sealed", "minor", "witness"],
)
def test_what_the_subscriber_may_not_see_leaves_no_trace(admin: Any, secret: Any) -> None:
    name = fresh_name()
    watch(value=name)
    write(draft(agency="harlan-so", name=fresh_name(), **secret), by=OWNER)  # numbers its labels
    tick(admin)  # once, so that the standing is taken in neither of the two that are compared
    quiet, before = run_counted(admin), seen_by_postgresql(admin)
    record = arrive(name, **secret)
    assert (run_counted(admin), seen_by_postgresql(admin)) == (quiet, before)
    assert quiet[0] == 0
    with acting(OWNER):
        assert owner_entries(Filter(record=str(record), agency="riverbend-pd")) == []


def test_nothing_says_when_a_question_was_asked_last() -> None:
    said = set(queries.Running.__dataclass_fields__) | set(Notice.__dataclass_fields__)
    assert not said & {"asked_at", "last_run", "next_run", "count"}


def test_a_notice_whose_record_closed_is_left_out(admin: Any) -> None:
    from accord.records.actions.labels import relabel
    from accord.records.queries.records import record_view

    name = fresh_name()
    watch(value=name)
    record = arrive(name)
    tick(admin)
    with acting(OWNER) as scope:
        for part in record_view(scope, record).parts:
            facts = part.label.facts() | {"subjects": ["suspect", "victim"]}
            relabel(scope, part.part_id, type(part.label).from_facts(facts))
    assert notices() == ()


# -- whose, and how long ---------------------------------------------------------------------------


def test_nobody_else_sees_a_subscription_or_its_notices(admin: Any) -> None:
    name = fresh_name()
    made = watch(value=name)
    arrive(name)
    tick(admin)
    for other in (
        ("riverbend-pd.t.nguyen", TRAFFICKING, HT),
        ("harlan-so.c.boone", TRAFFICKING, HT),
    ):
        with acting(*other) as scope:
            assert queries.everywhere() == ()
            with pytest.raises(NotFound):
                queries.subscription(scope, made)
        assert notices(other) == ()
    row = admin.execute("select to_jsonb(s)::text as row from subscription s").fetchone()
    assert name.split()[0] not in row["row"]


def test_pausing_asks_nothing_and_resuming_tells_what_came_meanwhile(admin: Any) -> None:
    name = fresh_name()
    made = watch(value=name)
    take(made, Move.PAUSE)
    arrive(name)
    assert tick(admin) == 0
    take(made, Move.RESUME)
    assert tick(admin) == 1
    take(made, Move.END)
    assert the_state() == (SubscriptionState.ENDED, "by-hand")
    with pytest.raises(NotAllowed, match="ended"):
        take(made, Move.RESUME)


def take(made: UUID, wanted: Move) -> None:
    with acting(*ALVAREZ) as scope:
        actions.take_step(scope, made, wanted)


def test_it_ends_with_the_work_on_its_case(admin: Any) -> None:
    case = admin.execute("select id from joint_case where number = %s", [HT]).fetchone()["id"]
    name = fresh_name()
    watch(value=name)
    held = admin.execute(
        "update case_key_holder set valid_until = now() where case_id = %s and membership_id = %s"
        " returning id",
        [case, ALVAREZ[0]],
    ).fetchall()
    arrive(name)
    assert tick(admin) == 0
    assert the_state(("riverbend-pd.m.alvarez", "case-administration")) == (
        SubscriptionState.ENDED,
        "case",
    )
    for row in held:
        admin.execute("update case_key_holder set valid_until = null where id = %s", [row["id"]])


def test_it_ends_after_its_time(admin: Any) -> None:
    name = fresh_name()
    watch(value=name)
    arrive(name)
    standings.forget_cached()
    later = clock.FixedClock(datetime.now(UTC) + timedelta(days=31))
    with clock.taken_from(later):
        assert jobs.ask_subscriptions() == 0
        assert the_state() == (SubscriptionState.ENDED, "time")
    standings.forget_cached()


def test_a_question_that_fishes_is_refused(admin: Any) -> None:
    with pytest.raises(NotAllowed, match="too much"):
        watch(value="Smith")
    with pytest.raises(InvalidInput, match="kind"):
        watch("text", "anything")
    with pytest.raises(NotAllowed, match="case"):
        watch(value="Ann Example", by=("riverbend-pd.m.alvarez", "general-policing"))
    with acting(*ALVAREZ) as scope, pytest.raises(InvalidInput, match="90 days"):
        actions.subscribe(
            scope,
            kind="name",
            value="Ann Example",
            until=now() + timedelta(days=91),
            reason=WHY,
        )


def test_a_member_has_only_so_many(admin: Any) -> None:
    watch(value=fresh_name())
    admin.execute(
        "insert into subscription select gen_random_uuid(), membership_id, agency_id, purpose,"
        " legal_basis, case_number, kind, question, reason_record, state, ended_why, made_at,"
        " ends_at, asked_at from subscription, generate_series(1, %s)",
        [MOST - 1],
    )
    with pytest.raises(NotAllowed, match="end one"):
        watch(value=fresh_name())
