"""Obligations are carried out: duties are written with the disclosure, and access ends by itself."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from psycopg.types.json import Jsonb

from accord.agencies import actions as agency_actions
from accord.agreements.duties import actions, jobs, queries
from accord.agreements.duties.queries import DutyFacts, DutyState
from accord.agreements.obligations import DutyKind, plan
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.records.actions import requests as asking
from accord.records.actions.keeping import set_legal_hold
from accord.records.actions.keys import add_case_key
from accord.records.queries.records import RecordView, record_view
from accord.records.queries.search import latest, search
from accord.records.search_query import parse_query
from isolation.contributing import acting, all_latest
from isolation.direct import Asker, administrator, sealed
from isolation.naive import HT, TRAFFICKING

ALVAREZ = ("riverbend-pd.m.alvarez", TRAFFICKING, HT)
RASMUSSEN = ("harlan-so.e.rasmussen", "records-administration")
READER = Asker(*ALVAREZ)
BOONE = ("harlan-so.c.boone", TRAFFICKING, HT)


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    """The administrator, and no duty left over."""
    with administrator(world) as db:
        yield db
        db.execute("delete from duty")
        db.execute("delete from access_end")
        db.execute("delete from export_copy")


def placed() -> UUID:
    """A record of Harlan that Riverbend reads in the case, under a clause that ends access."""
    with acting(*ALVAREZ) as scope:
        for record in all_latest(scope):
            if record.owner == "harlan-so" and ending(record):
                return record.record_id
    raise AssertionError("the world places records of Harlan in the case")


def ending(record: RecordView) -> set[str]:
    """The kinds of part that are open under a clause which ends the access."""
    return {p.kind for p in record.parts if plan(p.decision.obligations).ends_within}


def opened(record: UUID) -> None:
    with acting(*ALVAREZ) as scope:
        record_view(scope, record)


def seen(by: tuple[str, ...], record: UUID) -> list[DutyFacts]:
    with acting(*by):
        return [d for d in queries.duties() if d.record_id == record]


def the_end(record: UUID, by: tuple[str, ...] = ALVAREZ) -> DutyFacts:
    (found,) = [d for d in seen(by, record) if d.kind is DutyKind.END_ACCESS]
    return found


def let_time_pass(admin: Any, record: UUID) -> None:
    """Bring the end of the access forward, to a moment ago."""
    ago = datetime.now(UTC) - timedelta(seconds=1)
    admin.execute("update access_end set ends_at = %s where record_id = %s", [ago, record])
    admin.execute(
        "update duty set due_at = %s where record_id = %s and kind = 'end-access'", [ago, record]
    )


def parts_open(world: Path, record: UUID, asker: Asker = READER) -> int:
    """How many parts PostgreSQL shows, of those kinds whose access a clause of the world ends."""
    with sealed(world, asker) as db:
        found = db.execute(
            "select count(*) as n from part where record_id = %s and kind <> 'core'", [record]
        )
        return int(found.fetchone()["n"])


# -- written with the disclosure -------------------------------------------------------------------


def test_what_is_overdue_is_listed_however_many_notices_came_after(admin: Any) -> None:
    record = placed()
    admin.execute("delete from duty")
    opened(record)
    first = the_end(record)
    admin.execute("update duty set kind = 'return-copy', due_at = now() where id = %s", [first.id])
    admin.execute(
        "insert into duty (id, entry_id, agency, owner_id, record_id, parts, agreement,"
        " agreement_hash, clause, kind, made_at, due_at, held, waits_for, by_member,"
        " discharged_at, how, closed) select gen_random_uuid(), entry_id, agency, owner_id,"
        " record_id, parts, agreement, agreement_hash, clause || n, 'notify-owner', now(), now(),"
        " false, '{}', by_member, now(), 'told', false from duty, generate_series(1, %s) n"
        " where id = %s",
        [queries.SHOWN + 1, first.id],
    )
    for by in (ALVAREZ, RASMUSSEN):
        with acting(*by):
            found = queries.duties()
        assert len(found) == queries.SHOWN
        assert (found[0].id, found[0].state) == (first.id, DutyState.OVERDUE)


def test_a_disclosure_writes_its_duty_once_however_often_it_is_repeated(admin: Any) -> None:
    record = placed()
    admin.execute("delete from duty")
    opened(record)
    first = the_end(record)
    opened(record)
    assert the_end(record) == first
    assert (first.agency, first.owner, first.state) == ("riverbend-pd", "harlan-so", DutyState.DUE)
    assert first.due_at is not None
    assert first.due_at.date() == first.made_at.replace(year=first.made_at.year + 1).date()


def test_a_duty_names_the_ledger_entry_of_the_disclosure(admin: Any) -> None:
    record = placed()
    admin.execute("delete from duty")
    opened(record)
    entry = admin.execute(
        "select kind, actor_id from ledger_entry where id = %s", [the_end(record).entry_id]
    ).fetchone()
    assert entry["actor_id"] == ALVAREZ[0]


def test_the_owner_sees_the_duty_and_nobody_else_does(admin: Any) -> None:
    record = placed()
    opened(record)
    assert [d.id for d in seen(RASMUSSEN, record)] == [the_end(record).id]
    for stranger in (
        ("state-bi.a.desai", "records-administration"),
        ("safe-harbor.i.moreau", "records-administration"),
        ("tri-county-da.s.whitaker", "prosecution", HT),
        ("riverbend-pd.r.kowalski", TRAFFICKING, HT),
    ):
        assert seen(stranger, record) == []


def test_the_oversight_of_the_agency_that_owes_sees_it(admin: Any) -> None:
    record = placed()
    opened(record)
    assert seen(("riverbend-pd.p.sandoval", "oversight"), record)


def test_a_duty_holds_neither_the_case_nor_the_purpose(admin: Any) -> None:
    opened(placed())
    rows = admin.execute("select to_jsonb(d)::text as row from duty d").fetchall()
    assert rows
    assert not any(HT in r["row"] or TRAFFICKING in r["row"] for r in rows)


def see_two(record: UUID, absent: UUID) -> None:
    with acting(*ALVAREZ) as scope:
        record_view(scope, record)
        record_view(scope, absent)


def test_a_refused_request_leaves_no_duty(admin: Any) -> None:
    record = placed()
    admin.execute("delete from duty")
    with pytest.raises(NotFound):
        see_two(record, UUID(int=0))
    assert seen(ALVAREZ, record) == []


def test_an_own_record_brings_no_duty(admin: Any) -> None:
    with acting(*ALVAREZ) as scope:
        latest(scope, limit=100)
    assert admin.execute("select 1 from duty where owner_id = agency").fetchone() is None


# -- access ends by the database -------------------------------------------------------------------


def test_access_that_ended_is_closed_by_postgresql(world: Path, admin: Any) -> None:
    record = placed()
    opened(record)
    assert parts_open(world, record) > 0
    let_time_pass(admin, record)
    assert parts_open(world, record) == 0
    with acting(*ALVAREZ) as scope:
        assert {p.kind for p in record_view(scope, record).parts} == {"core"}  # which does not end


def test_it_is_closed_for_that_agency_alone(world: Path, admin: Any) -> None:
    record = placed()
    opened(record)
    before = parts_open(world, record, Asker(*BOONE))
    let_time_pass(admin, record)
    assert before > 0
    assert parts_open(world, record, Asker(*BOONE)) == before


def test_search_finds_what_ended_no_more(world: Path, admin: Any) -> None:
    record = placed()
    name = admin.execute(
        "select s.name from search_name s join part p on p.id = s.part_id where p.record_id = %s",
        [record],
    ).fetchone()
    if name is None:
        pytest.fail("the record has a name to search for")
    opened(record)
    assert viewable(world, name["name"], record) == {True}
    let_time_pass(admin, record)
    assert True not in viewable(world, name["name"], record)


def viewable(world: Path, name: str, record: UUID) -> set[bool]:
    """Whether the parts that a name meets are open for `view`, as the probe of search says."""
    asked = [{"n": 0, "how": "name", "value": name}]
    with sealed(world, Asker(*ALVAREZ)) as db:
        rows = db.execute(
            "select record_id, viewable from accord.find(%s, null, true, 200)", [Jsonb(asked)]
        ).fetchall()
    return {row["viewable"] for row in rows if row["record_id"] == record}


def test_a_legal_hold_of_the_owner_beats_the_end(world: Path, admin: Any) -> None:
    record = placed()
    opened(record)
    with acting(*RASMUSSEN) as scope:
        set_legal_hold(scope, record, True, "A proceeding needs it kept.")
    try:
        let_time_pass(admin, record)
        assert parts_open(world, record) > 0
        assert the_end(record).state is DutyState.HELD
        assert jobs.discharge_what_is_due() == 0
    finally:
        with acting(*RASMUSSEN) as scope:
            set_legal_hold(scope, record, False, "The proceeding is over.")
    assert parts_open(world, record) == 0


@pytest.mark.parametrize("looser", ["ends_at = ends_at + interval '8 years'", "held = true"])
def test_an_end_that_is_later_or_falsely_held_does_not_stand_for_a_shorter_one(
    world: Path, admin: Any, looser: str
) -> None:
    record = placed()
    opened(record)
    admin.execute(f"update access_end set {looser} where record_id = %s", [record])
    opened(record)
    ends = admin.execute(
        "select min(ends_at) as first, count(*) as n from access_end"
        " where record_id = %s and not held",
        [record],
    ).fetchone()
    assert ends["first"] is not None
    assert ends["first"] < datetime.now(UTC) + timedelta(days=367)
    opened(record)
    again = admin.execute(
        "select count(*) as n from access_end where record_id = %s and not held", [record]
    ).fetchone()
    assert again["n"] == ends["n"], "the same end is not written twice"


def test_a_key_that_the_owner_gives_later_opens_it_again(world: Path, admin: Any) -> None:
    record = placed()
    opened(record)
    let_time_pass(admin, record)
    assert parts_open(world, record) == 0
    admin.execute(
        "update access_end set ends_at = (select min(k.valid_from) from part_key k"
        " join part p on p.id = k.part_id where p.record_id = %s) - interval '1 second'"
        " where record_id = %s",
        [record, record],
    )
    assert parts_open(world, record) > 0


def test_the_application_cannot_put_an_end_off(world: Path, admin: Any) -> None:
    import psycopg

    record = placed()
    opened(record)
    with sealed(world, Asker(*ALVAREZ)) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("update access_end set ends_at = now() + interval '9 years'")
    with sealed(world, Asker(*ALVAREZ)) as db:
        changed = db.execute("update access_end set held = true where record_id = %s", [record])
        assert changed.rowcount == 0


# -- carried out by the worker ---------------------------------------------------------------------


def alterations(admin: Any) -> Counter[str]:
    """Who altered something how often. (By time would be wrong: other tests move the clock.)"""
    found = admin.execute("select actor_id from ledger_entry where kind = 'alteration'")
    return Counter(row["actor_id"] for row in found)


def test_the_worker_discharges_an_ended_access_once(admin: Any) -> None:
    jobs.discharge_what_is_due()  # what other tests left
    record = placed()
    opened(record)
    let_time_pass(admin, record)
    before = alterations(admin)
    assert jobs.discharge_what_is_due() >= 1
    assert jobs.discharge_what_is_due() == 0
    assert list((alterations(admin) - before).elements()) == [ALVAREZ[0]]
    found = the_end(record)
    assert found.state is DutyState.DISCHARGED
    assert found.discharged_by is None


def test_a_worker_that_dies_leaves_the_duty_to_the_next(
    admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = placed()
    opened(record)
    let_time_pass(admin, record)

    def dies(*_: Any) -> int:
        actions_discharge_due(*_)
        raise KeyboardInterrupt

    actions_discharge_due = actions.discharge_due
    monkeypatch.setattr(actions, "discharge_due", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.discharge_what_is_due()
    connection.close()
    assert (
        admin.execute(
            "select 1 from duty where record_id = %s and discharged_at is not null and kind ="
            " 'end-access'",
            [record],
        ).fetchone()
        is None
    )
    monkeypatch.undo()
    assert jobs.discharge_what_is_due() >= 1


# -- notices ---------------------------------------------------------------------------------------


@pytest.fixture
def granted(admin: Any) -> UUID:
    """A part of a record of Harlan that its custodian granted to Riverbend, which reads it."""
    return grant(admin)


def handles(admin: Any) -> Iterator[str]:
    """Hits of Harlan that Riverbend finds by the names of its suspects."""
    names = admin.execute(
        "select distinct s.name from search_name s join part p on p.id = s.part_id"
        " join label l on l.id = p.label_id where s.owner_id = 'harlan-so'"
        " and p.kind = 'identity' and l.facts -> 'subjects' = '[\"suspect\"]' order by 1"
    ).fetchall()
    for row in names:
        with acting(*ALVAREZ) as scope:
            found = search(scope, parse_query(row["name"], region="US"), None)
        yield from (h.handle for h in found.hits if h.owner == "harlan-so")


def grant(admin: Any, until: datetime | None = None) -> UUID:
    for handle in handles(admin):
        try:
            with acting(*ALVAREZ) as scope:
                request = asking.ask(scope, handle, "Seen with him at the inn on the tenth.")
        except Conflict:
            continue
        with acting(*RASMUSSEN) as scope:
            asking.answer(
                scope,
                request,
                granted=["core"],
                until=until,
                text="Granted for the interviews in this case.",
            )
        with acting(*RASMUSSEN) as scope:
            record = queries_request(scope, request)
        opened(record)
        return record
    raise AssertionError("every hit was asked for already")


def queries_request(scope: Any, request: UUID) -> UUID:
    from accord.records.queries.requests import request as read

    record = read(scope, request).record_id
    assert record is not None
    return record


def test_a_notice_stands_in_the_owners_list_at_once(granted: UUID, admin: Any) -> None:
    (notice,) = [d for d in seen(RASMUSSEN, granted) if d.kind is DutyKind.NOTIFY_OWNER]
    assert notice.state is DutyState.DISCHARGED
    assert notice.how == actions.TOLD
    with acting(*RASMUSSEN) as scope:
        actions.discharge(scope, notice.id, "noted")
    (notice,) = [d for d in seen(RASMUSSEN, granted) if d.kind is DutyKind.NOTIFY_OWNER]
    assert notice.closed
    opened(granted)
    again = [d for d in seen(RASMUSSEN, granted) if d.kind is DutyKind.NOTIFY_OWNER]
    assert len(again) == 2


def test_the_shorter_of_grant_and_clause_wins(admin: Any) -> None:
    record = grant(admin, datetime.now(UTC) + timedelta(days=300))
    ends = admin.execute(
        "select max(k.valid_until) as until from part_key k join part p on p.id = k.part_id"
        " where p.record_id = %s and k.kind = 1",
        [record],
    ).fetchone()["until"]
    assert timedelta(days=89) < ends - datetime.now(UTC) <= timedelta(days=90)
    asked = admin.execute(
        "select granted_until from disclosure_request where record_id = %s"
        " and granted_until is not null",
        [record],
    ).fetchone()
    assert asked["granted_until"] == ends


def hold_back(admin: Any, record: UUID) -> UUID:
    """A notice that waits for a determination, as a clause with notify-after leaves it."""
    from accord.kernel import ids

    key = ids.determination_key("determination(no-tip-off)", "riverbend-pd", None)
    part = admin.execute(
        "select id, label_id from part where record_id = %s and superseded_at is null limit 1",
        [record],
    ).fetchone()
    admin.execute(
        "insert into part_key (id, part_id, owner_id, label_id, kind, key, valid_from, valid_until)"
        " values (gen_random_uuid(), %s, 'harlan-so', %s, 5, %s, now(), now() + interval '1 day')",
        [part["id"], part["label_id"], key],
    )
    return admin.execute(
        "insert into duty (id, entry_id, agency, owner_id, record_id, parts, agreement,"
        " agreement_hash, clause, kind, value, made_at, due_at, held, waits_for, by_member, closed)"
        " values (gen_random_uuid(), gen_random_uuid(), 'riverbend-pd', 'harlan-so', %s, '{core}',"
        " 'a', 'h', '1', 'notify-after', 'determination(no-tip-off)', now(),"
        " now() + interval '1 day', false, array[%s]::uuid[], %s, false) returning id",
        [record, key, ALVAREZ[0]],
    ).fetchone()["id"]


def test_a_notice_that_would_tip_off_waits_for_the_end_of_the_determination(admin: Any) -> None:
    record = placed()
    duty = hold_back(admin, record)
    assert jobs.discharge_what_is_due() == 0
    assert duty not in {d.id for d in seen(RASMUSSEN, record)}
    assert duty in {d.id for d in seen(ALVAREZ, record)}
    admin.execute("update part_key set valid_until = now() where kind = 5")
    assert jobs.discharge_what_is_due() == 1
    assert duty in {d.id for d in seen(RASMUSSEN, record)}
    admin.execute("delete from part_key where kind = 5")


# -- by hand, and wrongly --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "change"),
    [
        (RASMUSSEN, "discharged_at = now(), how = 'forged'"),
        (RASMUSSEN, "closed = true"),
        (ALVAREZ, "held = true"),
    ],
    ids=str,
)
def test_postgresql_lets_neither_side_of_a_duty_do_what_is_the_other_s(
    world: Path, admin: Any, by: tuple[str, ...], change: str
) -> None:
    import psycopg

    record = placed()
    opened(record)
    with (
        sealed(world, Asker(*by)) as db,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="other side"),
    ):
        db.execute(f"update duty set {change} where id = %s", [the_end(record).id])


def test_whoever_owes_may_send_a_held_notice_and_nobody_else(admin: Any) -> None:
    duty = hold_back(admin, placed())
    for other in (RASMUSSEN, BOONE, ("state-bi.a.desai", "records-administration")):
        with pytest.raises(NotFound), acting(*other) as scope:
            actions.discharge(scope, duty, "told")
    with pytest.raises(InvalidInput), acting(*ALVAREZ) as scope:
        actions.discharge(scope, duty, "destroyed")
    with acting(*ALVAREZ) as scope:
        actions.discharge(scope, duty, "told")
    with pytest.raises(Conflict), acting(*ALVAREZ) as scope:
        actions.discharge(scope, duty, "told")
    admin.execute("delete from part_key where kind = 5")


def test_nobody_ends_access_by_hand(admin: Any) -> None:
    record = placed()
    opened(record)
    duty = the_end(record).id
    for who, how in ((ALVAREZ, "told"), (RASMUSSEN, "told"), (RASMUSSEN, "noted")):
        with pytest.raises(NotAllowed), acting(*who) as scope:
            actions.discharge(scope, duty, how)


def test_what_was_done_is_not_undone(world: Path, granted: UUID) -> None:
    import psycopg

    with sealed(world, Asker(*ALVAREZ)) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("update duty set discharged_at = null, how = null where kind = 'notify-owner'")


# -- copies ----------------------------------------------------------------------------------------

WHITAKER = ("tri-county-da.s.whitaker", "prosecution", HT)
OKAFOR = ("riverbend-pd.d.okafor", TRAFFICKING, HT)


def signed_in(by: tuple[str, ...]) -> Client:
    link = agency_actions.create_signin_link(by[0])
    client = Client()
    client.get(link)
    assert client.post(link).status_code == 303
    return client


def address(by: tuple[str, ...], record: UUID) -> str:
    return f"/w/{by[1]}/statute/{by[2]}/records/{record}/export"


def may_take(by: tuple[str, ...], *, own: bool, parts: int = 1) -> RecordView:
    """A record of which this member may take a copy of some part."""
    agency = by[0].partition(".")[0]
    with acting(*by) as scope:
        for record in all_latest(scope):
            open_parts = [p for p in record.parts if scope.may("export", p.label, p.kinds)]
            if record.schema == "Exhibit":  # another agreement's, with other duties
                continue
            if (record.owner == agency) is own and len(open_parts) >= parts:
                return record
    raise AssertionError("the world lets nobody take a copy")


def test_a_copy_is_stamped_logged_and_owed_back(admin: Any) -> None:
    record = may_take(WHITAKER, own=False)
    client = signed_in(WHITAKER)
    answer = client.post(address(WHITAKER, record.record_id), {"format": "html"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    copy = admin.execute("select * from export_copy").fetchone()
    assert copy["digest"] == hashlib.sha256(answer.content).hexdigest()
    for said in ("Whitaker", "Tri-County", HT, str(copy["entry_id"]), "disclosure-2026-002"):
        assert said in page
    entry = admin.execute(
        "select kind, actor_id from ledger_entry where id = %s", [copy["entry_id"]]
    ).fetchone()
    assert (entry["kind"], entry["actor_id"]) == ("disclosure", WHITAKER[0])
    kinds = {d.kind for d in seen(WHITAKER, record.record_id)}
    assert {DutyKind.RETURN_COPY, DutyKind.NOTIFY_OWNER} <= kinds


def test_a_copy_holds_what_is_open_for_export_and_nothing_else(world: Path, admin: Any) -> None:
    """Also where more is open to be read: a victim's name in the page is not in the copy."""
    client = signed_in(WHITAKER)
    with acting(*WHITAKER) as scope:
        records = list(all_latest(scope))
        exportable = {
            r.record_id: {p.kind for p in r.parts if scope.may("export", p.label, p.kinds)}
            for r in records
        }
    partly = [r for r in records if exportable[r.record_id] and r.owner != "tri-county-da"][:5]
    assert partly
    for record in partly:
        answer = client.post(address(WHITAKER, record.record_id), {"format": "json"})
        facts = json.loads(answer.content)
        assert {p["kind"] for p in facts["parts"]} == exportable[record.record_id]
        hidden = admin.execute(
            "select body from part where record_id = %s and not (kind = any(%s))"
            " and body is not null",
            [record.record_id, list(exportable[record.record_id])],
        ).fetchall()
        for row in hidden:
            for values in row["body"].values():
                assert not any(v in answer.content.decode() for v in values if len(v) > 4)


def test_no_victim_leaves_by_a_copy(admin: Any) -> None:
    client = signed_in(OKAFOR)
    with acting(*OKAFOR) as scope:
        victims = [
            record
            for record in all_latest(scope)
            if any("victim" in p.label.subjects for p in record.parts)
        ]
    assert victims, "the case has records about victims, of which a supervisor sees the core"
    for record in victims:
        answer = client.post(address(OKAFOR, record.record_id), {"format": "json"})
        assert answer.status_code == 403
        assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert admin.execute("select 1 from export_copy").fetchone() is None


def test_a_copy_of_an_own_record_is_listed_and_owed_to_nobody(admin: Any) -> None:
    record = may_take(OKAFOR, own=True)
    client = signed_in(OKAFOR)
    assert client.post(address(OKAFOR, record.record_id), {"format": "json"}).status_code == 200
    assert seen(OKAFOR, record.record_id) == []
    assert "Our own record" in client.get("/exports/").content.decode()


@pytest.mark.parametrize("form", ["pdf", "", "../html"])
def test_a_form_that_does_not_exist_is_refused(admin: Any, form: str) -> None:
    record = may_take(WHITAKER, own=False)
    client = signed_in(WHITAKER)
    assert client.post(address(WHITAKER, record.record_id), {"format": form}).status_code == 400
    assert admin.execute("select 1 from export_copy").fetchone() is None


def test_who_may_only_read_takes_no_copy_and_absent_is_not_found(admin: Any) -> None:
    record = placed()
    client = signed_in(ALVAREZ)
    assert client.post(address(ALVAREZ, record), {"format": "html"}).status_code == 403
    assert client.post(address(ALVAREZ, UUID(int=7)), {"format": "html"}).status_code == 404


def test_the_holder_attests_and_the_owner_reads_it(admin: Any) -> None:
    record = may_take(WHITAKER, own=False)
    holder = signed_in(WHITAKER)
    holder.post(address(WHITAKER, record.record_id), {"format": "html"})
    (duty,) = [d for d in seen(WHITAKER, record.record_id) if d.kind is DutyKind.RETURN_COPY]
    page = holder.get(f"/obligations/{duty.id}").content.decode()
    assert "Every copy was destroyed" in page
    owner = ("riverbend-pd.p.sandoval" if duty.owner == "riverbend-pd" else RASMUSSEN[0],)
    reader = signed_in(owner)
    assert reader.get(f"/obligations/{duty.id}").status_code == 200
    assert HT not in reader.get(f"/obligations/{duty.id}").content.decode()
    assert HT not in reader.get("/exports/?side=owed").content.decode()
    refused = reader.post(f"/obligations/{duty.id}/discharge", {"how": "destroyed"})
    assert refused.status_code == 403
    assert holder.post(f"/obligations/{duty.id}/discharge", {"how": "x"}).status_code == 400
    done = holder.post(f"/obligations/{duty.id}/discharge", {"how": "destroyed"})
    assert done.status_code == 303
    assert "Every copy was destroyed" in reader.get(f"/obligations/{duty.id}").content.decode()
    assert holder.post(f"/obligations/{duty.id}/discharge", {"how": "returned"}).status_code == 409


def test_another_agency_finds_neither_duty_nor_copy(admin: Any) -> None:
    record = may_take(WHITAKER, own=False)
    signed_in(WHITAKER).post(address(WHITAKER, record.record_id), {"format": "html"})
    (duty, *_) = seen(WHITAKER, record.record_id)
    stranger = signed_in(("safe-harbor.i.moreau",))
    assert stranger.get(f"/obligations/{duty.id}").status_code == 404
    assert stranger.post(f"/obligations/{duty.id}/discharge", {"how": "noted"}).status_code == 404
    for page in ("/obligations/", "/obligations/?side=owed", "/exports/", "/exports/?side=owed"):
        assert str(record.record_id)[-12:] not in stranger.get(page).content.decode()


def test_the_api_lists_and_takes_copies(admin: Any) -> None:
    record = may_take(WHITAKER, own=False)
    token = agency_actions.create_api_token(WHITAKER[0])
    headers = {
        "Authorization": f"Bearer {token}",
        "Accord-Purpose": WHITAKER[1],
        "Accord-Case": HT,
    }
    client = Client()
    taken = client.post(
        f"/api/v1/records/{record.record_id}/export",
        data='{"format": "json"}',
        content_type="application/json",
        headers=headers,
    )
    assert taken.status_code == 200
    assert json.loads(taken.content)["format"] == "accord-record-copy/1"
    (copy,) = client.get("/api/v1/exports", headers=headers).json()["items"]
    assert copy["sha256"] == hashlib.sha256(taken.content).hexdigest()
    owed = client.get("/api/v1/obligations", headers=headers).json()["items"]
    (mine,) = [d for d in owed if d["kind"] == "return-copy"]
    answer = client.post(
        f"/api/v1/obligations/{mine['id']}/discharge",
        data='{"how": "returned"}',
        content_type="application/json",
        headers=headers,
    )
    assert answer.json()["state"] == "discharged"


def test_another_agencys_record_is_not_placed_and_the_clause_is_named() -> None:
    record = placed()
    with pytest.raises(NotAllowed, match="mou-2026-007, clause"), acting(*ALVAREZ) as scope:
        add_case_key(scope, record, UUID(int=1))
