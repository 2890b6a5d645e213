"""Stored files are read again; what is not what it was is told, and closed to others until resolved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import ProgrammingError

from accord.cases.actions import place_record, place_records
from accord.cases.queries import case as find_case
from accord.evidence.actions.grounds import record_basis
from accord.evidence.custody import actions, queries, rereading
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.rereading import Fetch, Outcome, Pace, examine, reread
from accord.evidence.domain import Basis
from accord.evidence.models import StoredObject
from accord.evidence.queries import exhibits
from accord.evidence.store import StoreRefused, store
from accord.kernel.errors import AccordError, Conflict, NotAllowed, NotFound
from accord.platform import outbox
from isolation.contributing import acting, superuser, told_of
from isolation.custodying import (
    ADVOCATE,
    ALVAREZ,
    BOONE,
    DESK,
    MERCER,
    OKAFOR,
    PETROV,
    WHITFIELD,
    acquired,
    take,
)
from isolation.exhibiting import CASE, IN_CASE, TRAFFICKING
from isolation.test_custody_pages import browser


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with superuser(world) as db:
        db.execute("delete from stored_object; delete from custody_reread")
        yield db
        db.execute("delete from stored_object; delete from custody_reread")
        db.execute("update custody_alarm set closed_at = now() where closed_at is null")


@pytest.fixture
def exhibit(admin: Any) -> UUID:
    made = acquired()
    admin.execute("update stored_object set made_at = now() - interval '90 days'")
    return made


def damaged(how: Callable[[str, bytes], bytes | None]) -> Fetch:
    """The node's own store, with its first piece as `how` leaves it."""
    first = rereading.due()[0].pieces[0]
    return lambda address: (
        how(address, store().get(address)) if address == first else (store().get(address))
    )


def gone(_: str, __: bytes) -> None:
    return None


def flipped(_: str, piece: bytes) -> bytes:
    return piece[:-1] + bytes([piece[-1] ^ 1])


def alarm_of(exhibit: UUID, member: str = OKAFOR) -> queries.Alarm:
    with acting(member, DESK):
        (found,) = [a for a in queries.alarms()[0] if a.exhibit == exhibit]
    return found


def lost(exhibit: UUID) -> queries.Alarm:
    assert reread(damaged(gone)) == 1
    return alarm_of(exhibit)


def test_what_is_the_same_raises_nothing_and_is_not_read_again_before_its_turn(
    exhibit: UUID,
) -> None:
    assert reread() == 1
    assert reread() == 0
    with acting(OKAFOR, DESK):
        assert not [a for a in queries.alarms()[0] if a.exhibit == exhibit]
        found = queries.chain(exhibit).reread
    assert found is not None
    assert found.outcome == "same"


@pytest.mark.parametrize(
    ("how", "outcome"),
    [(gone, Outcome.MISSING), (flipped, Outcome.ALTERED)],
    ids=["gone", "altered"],
)
def test_what_is_not_what_it_was_alarms_owner_and_custodian(
    exhibit: UUID, how: Callable[[str, bytes], bytes | None], outcome: Outcome
) -> None:
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    take(PETROV, exhibit, Act.ACCEPT)
    with acting(ALVAREZ, DESK):
        before = outbox.state()
    assert reread(damaged(how)) == 1
    for member in (ALVAREZ, OKAFOR, PETROV):
        assert alarm_of(exhibit, member).outcome == outcome
        assert exhibit in told_of("custody", before, member, DESK)
    for member in (BOONE, ADVOCATE):
        with acting(member, DESK):
            assert queries.alarms()[0] == ()
        assert exhibit not in told_of("custody", before, member, DESK)


def test_a_file_whose_list_lost_a_piece_is_not_what_it_was(exhibit: UUID, admin: Any) -> None:
    """Every piece that is left is as it was stored."""
    admin.execute(
        "delete from object_segment where object_id in"
        " (select id from stored_object where record_id = %s)",
        [exhibit],
    )
    assert reread() == 1
    assert alarm_of(exhibit).outcome == Outcome.ALTERED


def test_a_store_that_does_not_answer_is_no_finding(exhibit: UUID) -> None:
    def fails(_: str) -> bytes | None:
        raise OSError("the store does not answer")

    with pytest.raises(OSError, match="does not answer"):
        reread(fails)
    with acting(OKAFOR, DESK):
        assert not [a for a in queries.alarms()[0] if a.exhibit == exhibit]
    assert reread() == 1


def test_a_file_that_the_disk_does_not_give_holds_up_no_other(exhibit: UUID, admin: Any) -> None:
    other = acquired()
    admin.execute("update stored_object set made_at = now() - interval '90 days'")
    first, second = rereading.due()
    assert {first.record, second.record} == {exhibit, other}

    def fetch(address: str) -> bytes | None:
        if address in first.pieces:
            raise StoreRefused("a bad sector")
        return store().get(address)

    with pytest.raises(StoreRefused, match="bad sector"):
        reread(fetch)
    assert [each.record for each in rereading.due()] == [first.record]
    with acting(OKAFOR, DESK):
        assert not [a for a in queries.alarms()[0] if a.exhibit in (exhibit, other)]


def test_an_alarm_freezes_handing_on_until_two_people_resolve_it(exhibit: UUID) -> None:
    found = lost(exhibit)
    with pytest.raises(Conflict, match="altered, missing or unreadable"):
        take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")

    def says(member: str, what: Any) -> None:
        with acting(member, DESK) as scope:
            what(scope, found.id, "The store was restored from the backup of the day before.")

    refused: list[tuple[str, Any, type[AccordError]]] = [
        (ALVAREZ, actions.explain_alarm, NotAllowed),
        (MERCER, actions.explain_alarm, NotFound),
        (OKAFOR, actions.confirm_alarm, NotAllowed),
    ]
    for member, what, error in refused:
        with pytest.raises(error):
            says(member, what)
    says(OKAFOR, actions.explain_alarm)
    with pytest.raises(NotAllowed, match="two people"):
        says(OKAFOR, actions.confirm_alarm)
    says(WHITFIELD, actions.confirm_alarm)
    with acting(OKAFOR, DESK):
        ended = queries.alarm(found.id)
    assert ended.closed_at is not None
    assert [a.act for a in ended.acts] == ["explain", "confirm"]
    with pytest.raises(Conflict, match="resolved already"):
        says(OKAFOR, actions.explain_alarm)
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")


def test_an_alarm_comes_back_where_the_file_is_still_wrong(exhibit: UUID, admin: Any) -> None:
    first = lost(exhibit)
    admin.execute("update custody_alarm set closed_at = now() where id = %s", [first.id])
    admin.execute("update custody_reread set at = now() - interval '90 days'")
    assert lost(exhibit).id != first.id


def test_a_reason_that_cannot_be_read_any_more_hides_no_alarm(exhibit: UUID, admin: Any) -> None:
    """Those who oversee count alarms on their first page."""
    found = lost(exhibit)
    with acting(OKAFOR, DESK) as scope:
        actions.explain_alarm(scope, found.id, "The store was restored.")
    admin.execute("update custody_alarm_act set sealed = 'x' where alarm_id = %s", [found.id])
    (act,) = alarm_of(exhibit).acts
    assert act.reason == "\ufffd"


def test_an_alarm_stands_once_however_often_it_is_found(exhibit: UUID, admin: Any) -> None:
    first = lost(exhibit)
    admin.execute("update custody_reread set at = now() - interval '90 days'")
    assert lost(exhibit).id == first.id


def test_a_frozen_file_is_closed_to_all_but_its_owner(exhibit: UUID, admin: Any) -> None:
    with acting(OKAFOR, TRAFFICKING, CASE) as scope:
        place_records(scope, find_case(CASE), [exhibit])

    def has_it(member: str) -> bool:
        with acting(member, TRAFFICKING, CASE):
            return StoredObject.objects.filter(record_id=exhibit).exists()

    assert (has_it(ALVAREZ), has_it(BOONE)) == (True, True)
    found = lost(exhibit)
    assert (has_it(ALVAREZ), has_it(BOONE)) == (True, False)
    admin.execute("update custody_alarm set closed_at = now() where id = %s", [found.id])
    assert has_it(BOONE)


class Time:
    def __init__(self) -> None:
        self.now_s = 0.0

    def nap(self, seconds: float) -> None:
        self.now_s += seconds


def test_reading_keeps_to_its_rate() -> None:
    time = Time()
    pace = Pace(1_000_000, lambda: time.now_s, time.nap)
    piece = b"x" * 500_000
    address = hashlib.sha256(piece).hexdigest()
    assert examine([address] * 20, lambda _: piece, pace) is Outcome.SAME
    assert time.now_s == pytest.approx(10.0)


def test_a_round_ends_where_the_process_leaves(exhibit: UUID) -> None:
    assert reread(leaving=lambda: True) == 0
    assert [each.record for each in rereading.due()] == [exhibit]
    assert settings.ACCORD_REREAD_MB_S > 0


def test_while_an_alarm_stands_nobody_is_given_access(exhibit: UUID, admin: Any) -> None:
    found = lost(exhibit)

    def place() -> None:
        with acting(OKAFOR, TRAFFICKING, CASE) as scope:
            place_record(scope, find_case(CASE), exhibit)

    with pytest.raises(Conflict, match="nobody is given access"):
        place()
    keys = "select count(*) from part_key k join part p on p.id = k.part_id where p.record_id = %s"
    assert admin.execute(keys, [exhibit]).fetchone() == (0,)
    admin.execute("update custody_alarm set closed_at = now() where id = %s", [found.id])
    place()


def test_of_many_that_are_placed_the_closed_ones_are_named_and_keep_no_other(
    exhibit: UUID, admin: Any
) -> None:
    other = acquired()
    lost(exhibit)
    with acting(OKAFOR, TRAFFICKING, CASE) as scope:
        placed = place_records(scope, find_case(CASE), [exhibit, other])
        number = exhibits.exhibit(scope, exhibit).exhibit.number
    assert (placed.placed, placed.refused) == ((other,), ())
    ((closed, called),) = placed.closed
    assert (closed.record_ids, called) == ({exhibit}, (number,))
    assert "altered or missing" in closed.reason
    assert "two records custodians" in closed.who_can_change
    keys = "select count(*) from part_key k join part p on p.id = k.part_id where p.record_id = %s"
    assert admin.execute(keys, [exhibit]).fetchone() == (0,)
    assert admin.execute(keys, [other]).fetchone()[0] > 0


def test_whoever_places_many_from_a_list_is_told_which_stayed_and_who_can_change_it(
    exhibit: UUID,
) -> None:
    other = acquired()
    lost(exhibit)
    with acting(OKAFOR, TRAFFICKING, CASE) as scope:
        number = exhibits.exhibit(scope, exhibit).exhibit.number
    placer, here = browser(OKAFOR), f"/w/{TRAFFICKING}/statute/{CASE}"
    chosen = {"do": "place", "record": [str(exhibit), str(other)]}
    assert placer.post(f"{here}/chosen", chosen).status_code == 303
    page = placer.get(f"{here}/case").content.decode()
    assert f"1 record placed in {CASE}" in page
    assert f"Not placed: {number}; the file was found altered or missing" in page
    assert "two records custodians or supervisors of your agency" in page


def test_which_own_records_are_closed_is_told_to_nobody_elses_agency(exhibit: UUID) -> None:
    lost(exhibit)
    with acting(BOONE, DESK):
        assert queries.closed_by_alarm([exhibit]) == ()
    with acting(ADVOCATE, DESK):  # who handles no evidence, and reads no alarm
        assert queries.closed_by_alarm([exhibit]) == (exhibit,)


def test_a_correction_meanwhile_keeps_the_keys_that_were_given(exhibit: UUID, admin: Any) -> None:
    with acting(OKAFOR, TRAFFICKING, CASE) as scope:
        place_records(scope, find_case(CASE), [exhibit])
    lost(exhibit)
    with acting(*IN_CASE) as scope:
        record_basis(scope, exhibit, basis=Basis.CONSENT, reference="Signed form 7")
    keys = (
        "select count(*) from part_key k join part p on p.id = k.part_id"
        " where p.record_id = %s and p.superseded_at is null"
    )
    assert admin.execute(keys, [exhibit]).fetchone()[0] > 0


def test_a_file_that_comes_while_an_alarm_stands_is_closed_too(exhibit: UUID, admin: Any) -> None:
    found = lost(exhibit)
    admin.execute(
        "insert into stored_object (id, record_id, owner_id, case_id, role, number, size_bytes,"
        " address, list_mac, wrapped_key, made_at) select gen_random_uuid(), record_id, owner_id,"
        " case_id, 'preview', 1, 1, address, list_mac, wrapped_key, now() from stored_object"
        " where record_id = %s and role = 'original'",
        [exhibit],
    )
    of = "select array_agg(distinct frozen) from stored_object where record_id = %s"
    assert admin.execute(of, [exhibit]).fetchone() == ([True],)
    admin.execute("update custody_alarm set closed_at = now() where id = %s", [found.id])
    assert admin.execute(of, [exhibit]).fetchone() == ([False],)


NODES_OWN = [
    "select * from accord.files_to_reread(now() + interval '1 day', 100)",
    "select accord.note_reread((select id from stored_object limit 1), 'missing', gen_random_uuid())",
    "select * from accord.uploads_to_hash(now())",
]


@pytest.mark.parametrize("statement", NODES_OWN)
def test_the_work_of_the_node_is_no_sessions(exhibit: UUID, statement: str) -> None:
    def ask() -> None:
        with acting(ALVAREZ, DESK), connection.cursor() as cursor:
            cursor.execute(statement)

    with pytest.raises(ProgrammingError, match="only the node's own work"):
        ask()
    with (
        pytest.raises(ProgrammingError, match="only the node's own work"),
        connection.cursor() as c,
    ):
        c.execute(statement)


def test_nobody_is_told_which_exhibits_of_others_are_closed(exhibit: UUID) -> None:
    lost(exhibit)

    def ask() -> None:
        with acting(BOONE, DESK), connection.cursor() as cursor:
            cursor.execute("select accord.frozen_exhibits()")

    with pytest.raises(ProgrammingError, match="permission denied"):
        ask()
