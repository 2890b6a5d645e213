"""Contributing, revising and relabelling records under row-level security."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from contributing import (
    CUSTODIAN,
    LIEUTENANT,
    OTHER_CUSTODIAN,
    acting,
    draft,
    five_years_on,
    parts,
    superuser,
    tables_with,
    write,
)
from django.db import DatabaseError, connection, transaction

from accord.agreements.queries import label as label_numbered
from accord.cases.actions import place_records, withdraw_record
from accord.cases.queries import case as find_case
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.records.actions import keeping, labels
from accord.records.queries.records import history, record_view

PARTNER = "harlan-so.c.boone"
CASE, CASE_PURPOSE = "HT-2026-014", "human-trafficking-investigation"

pytestmark = pytest.mark.usefixtures("world")


def place(record_id: UUID) -> None:
    with acting(LIEUTENANT, CASE_PURPOSE, CASE) as scope:
        assert place_records(scope, find_case(CASE), [record_id]).placed == (record_id,)


def test_the_same_line_again_is_no_change() -> None:
    line = draft()
    first, again = write(line), write(line)
    assert (first.loaded, first.unchanged) == (1, 0)
    assert (again.loaded, again.revised, again.unchanged) == (0, 0, 1)
    assert first.record_ids == again.record_ids


def test_a_record_that_comes_twice_in_one_batch_is_revised_by_the_later_line() -> None:
    done = write(draft(ref="twice", name="First Form"), draft(ref="twice", name="Second Form"))
    assert (done.loaded, done.revised) == (1, 1)
    assert done.record_ids[0] == done.record_ids[1]


@pytest.mark.parametrize(
    "name", ['Q "Quote" X', "Back\\slash \\x41", "Brace {a,b} NULL", "Comma, Ünïcode Ж", "NULL"]
)
def test_a_value_with_the_signs_of_an_array_comes_back_as_it_was(world: Path, name: str) -> None:
    record = write(draft(name=name), draft(name="Beside It")).record_ids[0]
    (identity,) = [p for p in parts(world, record) if p["kind"] == "identity"]
    assert identity["body"]["name"] == [name]


def test_a_victims_name_stands_in_clear_nowhere_in_the_database(world: Path) -> None:
    secret, known = "Qwxvictima Zzhidden", "Qwxsuspecta Zzplain"
    write(draft(name=secret, subjects=("victim",)), draft(name=known))
    assert {"public.part", "public.search_name"} <= tables_with(world, known)
    assert tables_with(world, secret, "qwxvictima") == set()


def test_a_minor_is_sealed_whatever_the_line_says(world: Path) -> None:
    child = "Qwxchilda Zzhidden"
    record = write(
        draft(
            name=child,
            parts={
                "identity": {"name": [child], "birthDate": [f"{five_years_on().year - 12}-01-01"]}
            },
        )
    ).record_ids[0]
    assert tables_with(world, child) == set()
    assert all(p["body"] is None for p in parts(world, record) if p["kind"] == "identity")


def test_sealed_parts_are_found_by_keyed_tokens_only(world: Path) -> None:
    record = write(draft(name="Qwxtokena Zzhidden", subjects=("victim",))).record_ids[0]
    with superuser(world) as db:
        for table in ("search_name", "search_text"):
            row = db.execute(
                f"select count(*) from {table} s join part p on p.id = s.part_id"
                " where p.record_id = %s and p.sealed_body is not null",
                [record],
            ).fetchone()
            assert row == (0,), table
        kinds = db.execute(
            "select distinct s.kind, length(s.term) from search_exact s"
            " join part p on p.id = s.part_id where p.record_id = %s",
            [record],
        ).fetchall()
    assert kinds == [("token", 64)]


def test_a_revision_supersedes_and_keeps_the_keys(world: Path) -> None:
    record = write(draft(ref="keeps", name="Before Change")).record_ids[0]
    place(record)
    assert write(draft(ref="keeps", name="After Change")).revised == 1
    old, new = (p for p in parts(world, record) if p["kind"] == "identity")
    assert old["superseded_at"] is not None
    assert new["superseded_at"] is None
    assert (old["revision"], new["revision"]) == (1, 2)
    assert new["keys"] == 1


def test_a_stricter_revision_drops_the_keys_and_binds_the_older_ones(world: Path) -> None:
    record = write(draft(ref="drops")).record_ids[0]
    place(record)
    write(draft(ref="drops", label={"sensitivity": "secret"}))
    old, new = (p for p in parts(world, record) if p["kind"] == "identity")
    assert new["keys"] == 0
    assert old["newest_label_id"] == new["label_id"] != old["label_id"]


def test_a_stricter_label_closes_the_older_revision_too(world: Path) -> None:
    record = write(draft(ref="history")).record_ids[0]
    place(record)
    with acting(PARTNER, CASE_PURPOSE, CASE) as scope:
        assert "contact" in {p.kind for p in history(scope, record)}
    part = next(p for p in parts(world, record) if p["kind"] == "contact")
    with acting() as scope:
        stricter = replace(label_numbered(part["label_id"]), sensitivity="sensitive")
        labels.relabel(scope, part["id"], stricter)
    with acting(PARTNER, CASE_PURPOSE, CASE) as scope:
        assert {p.kind for p in history(scope, record)} == {"core", "identity", "narrative"}


def test_a_record_is_withdrawn_with_the_parts_that_its_placer_may_not_read(world: Path) -> None:
    record = write(draft(ref="withdrawn", subjects=("victim",))).record_ids[0]
    place(record)
    write(draft(ref="withdrawn", subjects=("victim",), name="Another Form"))
    with acting(LIEUTENANT, CASE_PURPOSE, CASE) as scope:
        assert {p.kind for p in record_view(scope, record).parts} == {"core"}
        withdraw_record(scope, find_case(CASE), record)
    left = [(p["kind"], p["revision"]) for p in parts(world, record) if p["keys"]]
    assert left == []


def test_the_end_of_a_key_is_never_put_off() -> None:
    record = write(draft(ref="ended")).record_ids[0]
    place(record)
    with acting(LIEUTENANT, CASE_PURPOSE, CASE) as scope:
        withdraw_record(scope, find_case(CASE), record)
    for later in ("null", "now() + interval '1 day'"):
        with pytest.raises(DatabaseError, match="never put off"):
            _as(CUSTODIAN, f"update part_key set valid_until = {later} where owner_id = %s",
                ["riverbend-pd"])  # fmt: skip


def test_who_becomes_a_victim_is_sealed_in_every_revision(world: Path) -> None:
    name = "Qwxturned Zzhidden"
    record = write(draft(ref="turned", name=name)).record_ids[0]
    assert tables_with(world, name)
    write(draft(ref="turned", name=name, subjects=("suspect", "victim")))
    assert tables_with(world, name) == set()
    identity = [p for p in parts(world, record) if p["kind"] == "identity"]
    assert [p["body"] for p in identity] == [None, None]


def test_a_looser_label_needs_release() -> None:
    write(draft(ref="looser", subjects=("suspect", "victim")))
    with pytest.raises(NotAllowed, match="less strict"):
        write(draft(ref="looser", subjects=("suspect",)))


def test_a_relabelled_part_is_a_revision_of_its_own(world: Path) -> None:
    record = write(draft(ref="relabel")).record_ids[0]
    place(record)
    part = next(p for p in parts(world, record) if p["kind"] == "contact")
    with acting() as scope:
        stricter = replace(label_numbered(part["label_id"]), sensitivity="sensitive")
        new_id = labels.relabel(scope, part["id"], stricter)
    after = parts(world, record)
    current = {p["kind"]: p for p in after if p["superseded_at"] is None}
    assert current["contact"]["id"] == new_id
    assert (current["contact"]["revision"], current["contact"]["keys"]) == (2, 0)
    assert (current["identity"]["revision"], current["identity"]["keys"]) == (1, 1)
    assert write(draft(ref="relabel")).unchanged == 1


def test_only_an_own_record_is_contributed() -> None:
    with pytest.raises(NotAllowed, match="own agency"):
        write(draft(agency="harlan-so"))


def test_what_no_clause_lets_contribute_names_the_label_and_who_can_change_it() -> None:
    with pytest.raises(NotAllowed, match=r"identity|core") as refusal:
        write(draft(), by="riverbend-pd.p.sandoval")
    assert "subject: suspect" in str(refusal.value)
    assert "agency policy" in (refusal.value.who_can_change or "")


def _as(membership: str, statement: str, values: list[Any]) -> int:
    """Run SQL as the application's role under a member's own seal."""
    with acting(membership), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def test_another_agencys_seal_neither_inserts_nor_changes_nor_supersedes(world: Path) -> None:
    record = write(draft(ref="theirs")).record_ids[0]
    before = parts(world, record)
    part = before[0]
    insert_part = (
        "insert into part (id, record_id, owner_id, revision, kind, label_id, newest_label_id, body,"
        " assertion, created_at) values (%s, %s, %s, 2, 'health', %s, %s, '{}', 'fact', now())"
    )
    label = part["label_id"]
    supersede = (
        "select accord.supersede(array[%s]::uuid[], array[null]::bytea[],"
        " array[null]::timestamptz[], array[null]::date[], array[null]::boolean[],"
        " array[null]::boolean[], now(), array[%s]::uuid[], array[]::uuid[])"
    )
    for statement, values in (
        (insert_part, [uuid4(), record, "riverbend-pd", label, label]),
        (insert_part, [uuid4(), record, "harlan-so", label, label]),
        (supersede, [record, part["id"]]),
        ("select accord.seal_bodies(array[%s]::uuid[], array['x']::bytea[])", [part["id"]]),
        (
            "insert into search_exact (part_id, owner_id, kind, term) values (%s, %s, 'name', 'x')",
            [part["id"], "riverbend-pd"],
        ),
        ("update part set newest_label_id = label_id where id = %s", [part["id"]]),
        ("delete from part where id = %s", [part["id"]]),
    ):
        with pytest.raises(DatabaseError):
            _as(OTHER_CUSTODIAN, statement, values)
    assert _as(OTHER_CUSTODIAN, "update record set legal_hold = true where id = %s", [record]) == 0
    assert parts(world, record) == before


def test_probes_answer_nothing_about_another_agencys_records() -> None:
    done = write(draft(ref="probe"))
    for statement, value in (
        ("select * from accord.own_sources('test', %s)", ["probe"]),
        ("select * from accord.own_parts_of(%s::uuid[])", list(done.record_ids)),
    ):
        assert _as(CUSTODIAN, statement, [value]) > 0
        assert _as(OTHER_CUSTODIAN, statement, [value]) == 0


def test_without_a_seal_the_writing_functions_refuse() -> None:
    with pytest.raises(DatabaseError, match="no standing"), transaction.atomic():
        connection.cursor().execute("select accord.seal_bodies(array[]::uuid[], array[]::bytea[])")


def test_a_part_without_a_label_is_impossible(world: Path) -> None:
    record = write(draft()).record_ids[0]
    with superuser(world) as db:
        for label, error in (
            (None, psycopg.errors.NotNullViolation),
            (65_535, psycopg.errors.ForeignKeyViolation),
        ):
            with pytest.raises(error):
                db.execute(
                    "insert into part (id, record_id, owner_id, revision, kind, label_id,"
                    " newest_label_id, body, assertion, created_at)"
                    " values (%s, %s, 'riverbend-pd', 9, 'core', %s, %s, '{}', 'fact', now())",
                    [uuid4(), record, label, label],
                )


INTELLIGENCE = {"intelligence": True, "sensitivity": "sensitive"}
FACTS = "Seen twice with the same van at the motel, papers of others in hand."


def test_intelligence_needs_a_stated_suspicion_here_and_in_the_database(world: Path) -> None:
    good = draft(
        label=INTELLIGENCE, basis_of_suspicion=FACTS, retain_until=five_years_on().isoformat()
    )
    with pytest.raises(InvalidInput, match="reasonable suspicion"):
        write(replace(good, basis_of_suspicion=None))
    record = write(good).record_ids[0]
    with (
        superuser(world) as db,
        pytest.raises(psycopg.errors.CheckViolation, match="intelligence_states_its_suspicion"),
    ):
        db.execute("update record set suspicion_stated = false where id = %s", [record])


def test_intelligence_is_kept_five_years_at_most_here_and_in_the_database(world: Path) -> None:
    late = five_years_on() + timedelta(days=40)
    good = draft(
        ref="intel",
        label=INTELLIGENCE,
        basis_of_suspicion=FACTS,
        retain_until=five_years_on().isoformat(),
    )
    record = write(good).record_ids[0]
    with pytest.raises(InvalidInput, match="5 years"):
        write(replace(good, retain_until=late))
    for value in (late, None):
        with (
            superuser(world) as db,
            pytest.raises(psycopg.errors.CheckViolation, match="five_years"),
        ):
            db.execute("update record set retain_until = %s where id = %s", [value, record])


def test_a_day_of_collection_in_the_future_is_refused() -> None:
    statement = (
        "insert into record (id, owner_id, source_system, source_ref, schema, revision,"
        " content_hash, created_at, updated_at, intelligence, suspicion_stated, retain_until,"
        " legal_hold) values (%s, 'riverbend-pd', 't', %s, 'Person', 1, 'x',"
        " now() + interval '3 years', now(), true, true, now() + interval '7 years', false)"
    )
    with pytest.raises(DatabaseError, match="row-level security"):
        _as(CUSTODIAN, statement, [uuid4(), str(uuid4())])


def test_a_legal_hold_beats_an_earlier_retention_date() -> None:
    record = write(draft(ref="held", retain_until="2039-01-01")).record_ids[0]
    with acting() as scope:
        keeping.set_legal_hold(scope, record, True, "State v. Example, discovery order")
    with pytest.raises(NotAllowed, match="legal hold"), acting() as scope:
        keeping.set_retention(scope, record, five_years_on())
    write(draft(ref="held", name="Other Name", retain_until="2031-01-01"))
    with acting(), connection.cursor() as cursor:
        cursor.execute("select legal_hold, retain_until::text from record where id = %s", [record])
        assert cursor.fetchone() == (True, "2039-01-01")
    with pytest.raises(Conflict), acting() as scope:
        keeping.set_legal_hold(scope, record, True, "State v. Example, again")


def test_nobody_holds_a_record_that_is_not_visible() -> None:
    record = write(draft()).record_ids[0]
    with pytest.raises(NotFound), acting(OTHER_CUSTODIAN) as scope:
        keeping.set_legal_hold(scope, record, True, "State v. Example, discovery order")
