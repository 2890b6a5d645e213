"""A record ends by its class: reviewed, kept with a reason, or purged by two people, past its day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection

from accord.agreements import standing as standings
from accord.kernel import clock
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.ledger.queries import own_entries
from accord.platform import outbox
from accord.records.actions import retention as actions
from accord.records.actions.contribute import contribute
from accord.records.actions.keeping import set_legal_hold, set_retention
from accord.records.models import Part, PartKey, Record, Tombstone
from accord.records.queries import retention as queries
from accord.records.retention import Due, ReviewState
from isolation.contributing import acting, draft, send, told_of, write
from isolation.direct import administrator

FIRST = ("harlan-so.e.rasmussen", "records-administration")
SECOND = ("harlan-so.s.ferris", "records-administration")
WHY = "Nobody evaluated it, and nothing in the unit's cases rests on it."
PROCEEDING = "Asked for by the court in State v. Doe."
ANYTHING = ("search_name", "search_exact", "search_text", "part_key")


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        yield db
        db.execute("delete from accord.clock_shift")


@contextmanager
def later(admin: Any, by: timedelta) -> Iterator[None]:
    """Move the clock of the node: the application's, and the one by which the database purges."""
    admin.execute(
        "insert into accord.clock_shift values (1, %s)"
        " on conflict (id) do update set ahead = excluded.ahead",
        [by],
    )
    standings.forget_cached()
    with clock.taken_from(clock.FixedClock(datetime.now(UTC) + by)):
        yield
    admin.execute("delete from accord.clock_shift")
    standings.forget_cached()


FACTS = "Seen twice with the driver of the van that carried them."


def on(count: int) -> str:
    return (datetime.now(UTC).date() + days(count)).isoformat()


def report(name: str = "Short Lived", **more: Any) -> UUID:
    """A report of Harlan whose source says that it is kept for 90 days."""
    record = draft(agency="harlan-so", name=name, retain_until=on(90), **more)
    return write(record, by=FIRST[0]).record_ids[0]


def intelligence(**more: Any) -> UUID:
    """Intelligence of Harlan, of the class that is reviewed after a year."""
    label = {"intelligence": True}
    made = draft(
        agency="harlan-so", label=label, basis_of_suspicion=FACTS, retain_until=on(700), **more
    )
    return write(made, by=FIRST[0]).record_ids[0]


def seen(record: UUID) -> list[UUID]:
    return [part.part_id for part in queries.manifest(record)]


def propose(record: UUID, by: tuple[str, str] = FIRST) -> UUID:
    with acting(*by) as scope:
        return actions.propose_purge(scope, record, WHY, seen=seen(record))


def approve(review: UUID, by: tuple[str, str] = SECOND) -> int:
    with acting(*by) as scope:
        return actions.approve(scope, review, seen=seen(queries.review(review).record_id))


def keep(record: UUID, review_on: date, until: date | None, by: tuple[str, str] = FIRST) -> UUID:
    with acting(*by) as scope:
        return actions.revalidate(
            scope, record, review_on=review_on, retain_until=until, reason=WHY
        )


def rows_of(admin: Any, parts: list[UUID]) -> int:
    return sum(
        admin.execute(f"select count(*) as n from {t} where part_id = any(%s)", [parts]).fetchone()[
            "n"
        ]
        for t in ANYTHING
    )


def kept(record: UUID) -> queries.Kept:
    with acting(*FIRST):
        return queries.kept(record)


def days(count: int) -> timedelta:
    return timedelta(days=count)


# -- classes at intake -----------------------------------------------------------------------------


def test_the_class_is_given_at_intake_with_its_days(admin: Any) -> None:
    found, today = kept(intelligence()), datetime.now(UTC).date()
    assert found.retention_class == "criminal-intelligence"
    assert found.review_on == today.replace(year=today.year + 1)
    found = kept(write(draft(agency="harlan-so"), by=FIRST[0]).record_ids[0])
    assert (found.retention_class, found.retain_until) == ("mopi-3", None)
    assert found.review_on == today.replace(year=today.year + 6)


def test_a_row_that_intake_refused_ends_after_a_year(admin: Any) -> None:
    from accord.exchange import jobs

    run = send("no,name,dob\nX-1,Bad Row,notadate\n", by=FIRST[0])
    jobs.work_on(run, *FIRST)
    row = admin.execute(
        "select r.retention_class as kind, r.retain_until as until from quarantine_entry q"
        " join record r on r.id = q.record_id where q.run_id = %s",
        [run],
    ).fetchone()
    today = datetime.now(UTC).date()
    assert (row["kind"], row["until"]) == ("refused-row", today.replace(year=today.year + 1))


def test_the_day_of_arrival_does_not_make_the_same_line_a_revision(admin: Any) -> None:
    line = draft(
        agency="harlan-so",
        ref="SAME-LINE",
    )
    write(line, by=FIRST[0])
    with acting(*FIRST) as scope:
        again = contribute(scope, [line], collected_at=clock.now() - days(3))
    assert again.unchanged == 1


def test_a_revision_that_names_no_day_keeps_the_day(admin: Any) -> None:
    record = report("Before", ref="REVISED-LINE")
    before = kept(record).retain_until
    write(draft(agency="harlan-so", name="After", ref="REVISED-LINE"), by=FIRST[0])
    assert kept(record).retain_until == before


# -- from intake to purge, by moving the clock -----------------------------------------------------


def test_a_record_walks_from_intake_to_its_purge(world: Path, admin: Any) -> None:
    record = intelligence(subjects=("victim",), name="Walked Victim")
    with acting(*FIRST):
        assert record not in {k.record_id for k in queries.queue(queries.day())}
        parts = seen(record)
        sealed = [p for p in queries.manifest(record) if p.sealed]
    assert sealed, "what names a victim is sealed"
    assert rows_of(admin, parts) > 0
    with later(admin, days(370)):
        with acting(*FIRST):
            (due,) = [k for k in queries.queue(queries.day()) if k.record_id == record]
            assert due.due(queries.day()) is Due.DUE
        today = clock.now().date()
        keep(record, today + days(30), today + days(40))
        assert kept(record).due(today) is Due.LATER
        assert kept(record).validated_on == today
    with later(admin, days(425)):
        with acting(*FIRST):
            (due,) = [k for k in queries.queue(queries.day()) if k.record_id == record]
            assert due.due(queries.day()) is Due.OVERDUE
        review = propose(record)
        assert approve(review) == len(parts)
        with acting(*FIRST):
            assert queries.review(review).state is ReviewState.PURGED
            (stone,) = [t for t in queries.tombstones() if t.record_id == record]
            assert (stone.proposed_by, stone.approved_by) == (FIRST[0], SECOND[0])
            assert "23.20" in stone.authority
            assert stone.at.date() == clock.now().date()
        with acting("harlan-so.g.lindqvist", "oversight"):
            (entry,) = [e for e in own_entries() if e.id == stone.entry_id]
            assert entry.kind == "erasure"
    gone = "select count(*) as n from {} where {} = any(%s)"
    assert rows_of(admin, parts) == 0
    assert admin.execute(gone.format("part", "id"), [parts]).fetchone()["n"] == 0
    assert admin.execute(gone.format("record", "id"), [[record]]).fetchone()["n"] == 0
    stone_row = admin.execute(
        "select to_jsonb(t)::text as row from tombstone t where record_id = %s", [record]
    ).fetchone()["row"]
    assert "Walked" not in stone_row
    with pytest.raises(NotFound), acting(*FIRST):
        queries.kept(record)


def test_nothing_is_purged_before_its_day(admin: Any) -> None:
    record = report()
    with later(admin, days(90)), pytest.raises(NotAllowed, match="has come"):
        propose(record)


# -- two people ------------------------------------------------------------------------------------


def test_pages_of_those_who_keep_records_are_told_of_a_proposal(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        before = outbox.state()
        review = propose(record)
        assert told_of("review", before, *SECOND) == {review}
        assert not told_of("review", before, "riverbend-pd.d.okafor", "records-administration")
        assert not told_of("review", before, "harlan-so.c.boone", "general-policing")


def test_whoever_proposed_a_purge_cannot_approve_it(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        review = propose(record)
        with pytest.raises(NotAllowed, match="cannot approve"):
            approve(review, FIRST)


def test_the_database_refuses_one_person_whatever_the_application_checks(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        review = propose(record)
        with pytest.raises(DatabaseError, match="two people"), acting(*FIRST) as scope:
            call(scope.entry_id, review)
        with pytest.raises(DatabaseError, match="standing"), acting("harlan-so.c.boone") as scope:
            call(scope.entry_id, review)
        with pytest.raises(DatabaseError, match="proposal"), acting() as scope:
            call(scope.entry_id, review)


def call(entry: UUID, review: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select accord.purge(%s, %s, 'a rule')", [review, entry])


def test_the_database_refuses_before_the_day_whatever_the_application_says(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        review = propose(record)
    with pytest.raises(DatabaseError, match="day has not come"), acting(*SECOND) as scope:
        call(scope.entry_id, review)


def test_a_record_that_changed_since_is_proposed_anew(admin: Any) -> None:
    record = report("One", ref="CHANGED-LINE")
    with later(admin, days(91)):
        review = propose(record)
        shown = queries_seen(record)
    report("Two", ref="CHANGED-LINE")
    with later(admin, days(91)):
        with pytest.raises(Conflict, match="changed"), acting(*SECOND) as scope:
            actions.approve(scope, review, seen=shown)
        with pytest.raises(Conflict, match="changed"):
            approve(review)
        with pytest.raises(DatabaseError, match="not what was"), acting(*SECOND) as scope:
            call(scope.entry_id, review)


def queries_seen(record: UUID) -> list[UUID]:
    with acting(*FIRST):
        return seen(record)


def test_a_withdrawn_proposal_purges_nothing(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        review = propose(record)
        with acting(*SECOND) as scope:
            actions.withdraw(scope, review)
        with pytest.raises(NotAllowed, match="withdrawn"):
            approve(review)
        with pytest.raises(DatabaseError, match="proposal"), acting(*SECOND) as scope:
            call(scope.entry_id, review)


# -- a legal hold ----------------------------------------------------------------------------------


def test_a_legal_hold_beats_a_proposed_purge(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        review = propose(record)
        with acting(*FIRST) as scope:
            set_legal_hold(scope, record, True, PROCEEDING)
        with pytest.raises(NotAllowed, match="legal hold"):
            approve(review)
        with pytest.raises(DatabaseError, match="legal hold"), acting(*SECOND) as scope:
            call(scope.entry_id, review)
        with acting(*FIRST) as scope:
            set_legal_hold(scope, record, False, PROCEEDING)
        assert approve(review) > 0


# -- the legal maximum -----------------------------------------------------------------------------


def test_a_validation_renews_five_years_and_not_a_day_more(admin: Any) -> None:
    record = intelligence()
    with later(admin, days(366)):
        today = clock.now().date()
        limit = today.replace(year=today.year + 5)
        for until in (limit + days(1), None):
            with pytest.raises(InvalidInput, match=r"23\.20|maximum"):
                keep(record, today + days(30), until)
        keep(record, today + days(30), limit)
        assert kept(record).retain_until == limit
    with pytest.raises(psycopg.errors.CheckViolation):
        admin.execute(
            "update record set retain_until = %s where id = %s", [limit + days(1), record]
        )


def test_the_application_cannot_say_that_a_record_was_validated(admin: Any) -> None:
    record = intelligence()
    with pytest.raises(DatabaseError, match="permission denied"), acting(*FIRST):
        Record.objects.filter(id=record).update(validated_on=date(2030, 1, 1))


# -- who, and how narrow ---------------------------------------------------------------------------


def test_the_application_deletes_nothing_of_a_record(admin: Any) -> None:
    record = report()
    for model in (Part, PartKey, Record):
        with pytest.raises(DatabaseError, match="permission denied"), acting(*FIRST):
            model.objects.all().delete()
    with pytest.raises(DatabaseError, match="permission denied"), acting(*FIRST):
        Tombstone.objects.create(
            record_id=record, owner_id="harlan-so", schema="Tip", retention_class="x",
            authority="x", id=record, entry_id=record, proposed_by="a", approved_by="b",
            parts=0, at=clock.now(),
        )  # fmt: skip


def test_nobody_else_sees_the_queue_or_what_would_go(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        for stranger in (
            ("harlan-so.c.boone", "records-administration"),
            ("riverbend-pd.j.whitfield", "records-administration"),
        ):
            with acting(*stranger):
                assert record not in {k.record_id for k in queries.queue(queries.day())}
                assert queries.manifest(record) == ()


def test_a_custodian_reviews_also_what_nobody_there_may_read(admin: Any) -> None:
    record = report(label={"sealed": True})
    with later(admin, days(91)), acting("riverbend-pd.d.okafor"):
        assert record not in {k.record_id for k in queries.queue(queries.day())}
    with later(admin, days(91)), acting(*FIRST):
        assert record in {k.record_id for k in queries.queue(queries.day())}


def test_what_came_before_there_were_classes_is_reviewed_six_years_after(admin: Any) -> None:
    record = write(draft(agency="harlan-so"), by=FIRST[0]).record_ids[0]
    admin.execute(
        "update record set retention_class = 'unclassified', review_on = null,"
        " created_at = now() - interval '6 years 1 day' where id = %s",
        [record],
    )
    with acting(*FIRST):
        (found,) = [k for k in queries.queue(queries.day()) if k.record_id == record]
        assert found.due(queries.day()) is Due.DUE


def test_a_record_is_proposed_once(admin: Any) -> None:
    record = report()
    with later(admin, days(91)):
        propose(record)
        with pytest.raises(Conflict, match="already"):
            propose(record, SECOND)


def test_nobody_makes_the_day_of_a_record_come(admin: Any) -> None:
    record = write(draft(agency="harlan-so", ref="NOT-YET"), by=FIRST[0]).record_ids[0]
    for past in (date(2020, 1, 1), queries.day()):
        with pytest.raises(InvalidInput, match="future"), acting(*FIRST) as scope:
            set_retention(scope, record, past)
    assert kept(record).retain_until is None
