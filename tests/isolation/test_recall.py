"""An owner withdraws what it gave: signed notices and receipts, deadlines, holds on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError
from psycopg.types.json import Jsonb

from accord.cases import actions as cases
from accord.cases.queries import case as find_case
from accord.kernel import clock
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.platform import outbox
from accord.records.actions import recalling as actions
from accord.records.actions.keeping import set_legal_hold
from accord.records.actions.labels import relabel
from accord.records.models import RecallAct, RecallNotice
from accord.records.queries import recalls as queries
from accord.records.queries.recalls import Recall
from accord.records.queries.records import record_view, visible_ids
from accord.records.queries.texts import texts
from accord.records.recalls import RecallState
from isolation.administering import later
from isolation.contributing import acting, draft, told_of, write
from isolation.direct import administrator
from isolation.naive import HT, TRAFFICKING

OWNER = ("harlan-so.e.rasmussen", "records-administration")
BOONE = ("harlan-so.c.boone", TRAFFICKING, HT)
READER = ("riverbend-pd.m.alvarez", TRAFFICKING, HT)
RECIPIENT = ("riverbend-pd.d.okafor", "records-administration")
TAKER = ("riverbend-pd.d.okafor", TRAFFICKING, HT)
PROCEEDING = "Asked for by the court in State v. Doe."


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        yield db
        db.execute("delete from recall_act")
        db.execute("delete from recall_notice")
        db.execute("delete from export_copy")
        db.execute("delete from duty")


def placed(*, read: bool = True) -> UUID:
    """A new record of Harlan, placed in the joint case and read there by Riverbend."""
    record = write(draft(agency="harlan-so", name="Recalled Person"), by=OWNER[0]).record_ids[0]
    with acting(*BOONE) as scope:
        cases.place_record(scope, find_case(HT), record)
    if read:
        with acting(*READER) as scope:
            assert record_view(scope, record).part("identity")
    return record


def recall_of(record: UUID, by: tuple[str, str] = OWNER) -> Recall:
    with acting(*by):
        (found,) = [r for r in queries.recalls() if r.notice.record == record]
    return found


def recalled(record: UUID, because: str = "inaccurate") -> tuple[str, ...]:
    with acting(*OWNER) as scope:
        return actions.recall_record(scope, record, because)


def copy_of(admin: Any, record: UUID) -> None:
    """A copy that Riverbend took, as `export` writes it; no clause of the world lets it."""
    admin.execute(
        "insert into export_copy (id, entry_id, record_id, owner_id, agency, by_member, at, format,"
        " schema, parts, handling, digest) values (gen_random_uuid(), gen_random_uuid(), %s,"
        " 'harlan-so', 'riverbend-pd', %s, now(), 'json', 'Person', '{core}', 'Official', %s)",
        [record, TAKER[0], "ab" * 32],
    )


def act(notice: UUID, by: tuple[str, str], do: str, *said: str) -> Recall:
    with acting(*by) as scope:
        getattr(actions, do)(scope, notice, *said)
        return queries.recall(notice)


def test_a_recall_closes_the_access_and_tells_whoever_read(admin: Any) -> None:
    record = placed()
    assert recalled(record) == ("riverbend-pd",)
    with acting(*READER):
        assert visible_ids([record]) == frozenset()
    found = recall_of(record, RECIPIENT)
    assert (found.state, found.signed, found.notice.what) == (RecallState.SENT, True, "record")
    assert found.notice.due - found.notice.at == timedelta(days=7)
    assert HT not in str(found.notice.facts())


def test_pages_of_both_sides_are_told_of_it_and_of_its_receipt_and_no_others(admin: Any) -> None:
    record, before = placed(), outbox.state()
    recalled(record)
    notice = recall_of(record).notice.id
    assert notice in told_of("recall", before, *OWNER)
    assert notice in told_of("recall", before, *RECIPIENT)
    for stranger in (READER, ("tri-county-da.s.whitaker", "case-administration")):
        assert not told_of("recall", before, *stranger)
    before = outbox.state()
    act(notice, RECIPIENT, "answer", "nothing-held")
    assert told_of("recall", before, *OWNER) == {notice}


def test_who_never_read_it_is_told_nothing(admin: Any) -> None:
    assert recalled(placed(read=False)) == ()


def test_taking_a_record_out_of_a_case_recalls_it(admin: Any) -> None:
    record = placed()
    with acting(*BOONE) as scope:
        cases.withdraw_record(scope, find_case(HT), record)
    assert recall_of(record).notice.what == "placement"


def test_a_stricter_label_recalls_that_part(admin: Any) -> None:
    record = placed()
    with acting(*OWNER) as scope:
        part = record_view(scope, record).part("identity")
        assert part is not None
        stricter = type(part.label).from_facts(part.label.facts() | {"sensitivity": "secret"})
        relabel(scope, part.part_id, stricter)
    notice = recall_of(record).notice
    assert (notice.what, notice.parts) == ("label", ("identity",))


def test_a_looser_label_recalls_nothing(admin: Any) -> None:
    record = placed()
    with acting(*OWNER) as scope:
        part = record_view(scope, record).part("identity")
        assert part is not None
        looser = type(part.label).from_facts(part.label.facts() | {"offence": "drugs"})
        relabel(scope, part.part_id, looser)
    with acting(*OWNER):
        assert [r for r in queries.recalls() if r.notice.record == record] == []


def test_a_receipt_is_signed_and_accounts_for_every_copy(admin: Any) -> None:
    record = placed()
    copy_of(admin, record)
    recalled(record)
    notice = recall_of(record).notice
    assert [c.by for c in notice.copies] == [TAKER[0]]
    with pytest.raises(InvalidInput, match="copies were taken"):
        act(notice.id, RECIPIENT, "answer", "nothing-held")
    found = act(notice.id, RECIPIENT, "answer", "destroyed")
    assert (found.state, found.acts[0].signed) == (RecallState.ANSWERED, True)
    assert act(notice.id, OWNER, "note").state is RecallState.CLOSED


def test_a_notice_or_receipt_that_was_changed_no_longer_verifies(admin: Any) -> None:
    record = placed()
    recalled(record)
    notice = recall_of(record).notice
    act(notice.id, RECIPIENT, "answer", "nothing-held")
    admin.execute("update recall_act set facts = facts || %s", [Jsonb({"outcome": "returned"})])
    admin.execute("update recall_notice set facts = facts || %s", [Jsonb({"because": "withdrawn"})])
    found = recall_of(record)
    assert (found.signed, found.acts[0].signed) == (False, False)


def test_a_hold_of_the_recipient_is_stated_and_leaves_the_recall_open(admin: Any) -> None:
    record = placed()
    recalled(record)
    notice = recall_of(record).notice
    found = act(notice.id, RECIPIENT, "hold", PROCEEDING)
    assert found.state is RecallState.HELD
    with acting(*OWNER) as scope:
        reason = queries.recall(notice.id).acts[0].reason_record
        assert reason is not None
        assert texts(scope, [reason]).said == {reason: PROCEEDING}
    assert act(notice.id, RECIPIENT, "answer", "nothing-held").state is RecallState.ANSWERED


def test_a_hold_of_the_owner_beats_a_recall(admin: Any) -> None:
    record = placed()
    with acting(*OWNER) as scope:
        set_legal_hold(scope, record, True, PROCEEDING)
    with pytest.raises(NotAllowed, match="legal hold"):
        recalled(record)
    with acting(*BOONE) as scope:
        cases.withdraw_record(scope, find_case(HT), record)
    with acting(*OWNER):
        assert [r for r in queries.recalls() if r.notice.record == record] == []


def test_an_overdue_recall_is_listed_first_and_escalated(world: Path, admin: Any) -> None:
    record, other = placed(), placed()
    recalled(record)
    recalled(other)
    notice = recall_of(record).notice
    with pytest.raises(NotAllowed, match="time to answer"):
        act(notice.id, OWNER, "escalate")
    act(recall_of(other).notice.id, RECIPIENT, "answer", "nothing-held")
    with later(world, timedelta(days=8)):
        with acting(*OWNER):
            first, *_ = queries.recalls(owner="harlan-so")
            assert (first.notice.id, first.overdue) == (notice.id, True)
        found = act(notice.id, OWNER, "escalate")
        assert (found.state, found.overdue) == (RecallState.ESCALATED, True)
        assert act(notice.id, RECIPIENT, "answer", "nothing-held").overdue is False


def test_only_its_two_sides_see_a_recall_and_each_takes_its_own_steps(admin: Any) -> None:
    record = placed()
    recalled(record)
    notice = recall_of(record).notice
    for stranger in (
        ("state-bi.a.desai", "records-administration"),
        ("state-bi.h.mercer", "records-administration"),
        READER,
    ):
        with acting(*stranger), pytest.raises(NotFound):
            queries.recall(notice.id)
    with pytest.raises(NotAllowed, match="recipient"):
        act(notice.id, OWNER, "answer", "nothing-held")
    with pytest.raises(DatabaseError, match="row-level"), acting(*OWNER) as scope:
        forged(scope, notice.id, "answer")
    with pytest.raises(DatabaseError, match="row-level"), acting(*RECIPIENT) as scope:
        forged(scope, notice.id, "note")
    with pytest.raises(DatabaseError, match="permission denied"), acting(*RECIPIENT):
        RecallNotice.objects.all().update(facts={})


def forged(scope: Any, notice: UUID, do: str) -> None:
    RecallAct.objects.bulk_create(
        [
            RecallAct(
                id=scope.entry_id, notice_id=notice, act=do, member=scope.actor.membership,
                agency=scope.actor.agency, at=clock.now(), entry_id=scope.entry_id,
            )
        ]
    )  # fmt: skip
