"""What PostgreSQL shows and takes when it is asked directly equals the reference, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from accord.kernel import ids
from accord.platform.db import launcher
from accord.platform.db.catalogue import OPEN_TABLES
from isolation.catalogue_checks import tables
from isolation.direct import (
    Asker,
    Connection,
    Row,
    administrator,
    backend_of,
    connect,
    put_seal,
    seal_for,
    sealed,
)
from isolation.naive import HT, TRAFFICKING, Everything, Reference, rows_of_every_kind

HT_OTHER, ABROAD = "HT-2026-021", "HT-2025-108"
ALVAREZ = Asker("riverbend-pd.m.alvarez", TRAFFICKING, HT)
BOONE = Asker("harlan-so.c.boone", TRAFFICKING, HT)

ASKERS = (
    ALVAREZ,
    Asker("riverbend-pd.m.alvarez", "general-policing"),
    Asker("riverbend-pd.m.alvarez", TRAFFICKING, HT, "hit"),
    Asker("riverbend-pd.r.kowalski", TRAFFICKING, HT),
    Asker("riverbend-pd.l.hart", "victim-protection", HT),
    Asker("riverbend-pd.d.okafor", "case-administration", HT, "export"),
    BOONE,
    Asker("harlan-so.c.boone", TRAFFICKING),
    Asker("harlan-so.c.boone", TRAFFICKING, HT_OTHER, "hit"),
    Asker("harlan-so.s.ferris", "records-administration"),
    Asker("state-bi.a.desai", "intelligence-assessment", ABROAD),
    Asker("state-bi.a.desai", TRAFFICKING, HT, "match"),
    Asker("tri-county-da.s.whitaker", "prosecution", HT),
    Asker("safe-harbor.i.moreau", "victim-protection", HT),
    Asker("safe-harbor.c.adeyemi", "records-administration"),
    Asker("mx-fgr-norte.l.cardenas", TRAFFICKING, ABROAD),
    Asker("riverbend-pd.p.sandoval", "oversight"),
)


@pytest.fixture(scope="module")
def all_rows(world: Path) -> Iterator[Everything]:
    with administrator(world) as admin:
        made = rows_of_every_kind(admin)
        yield Everything(admin)
        for table, found in reversed(made):
            admin.execute(f"delete from {table} where id = any(%s)", [found])


READ_BY_ALL = ("agreement_version", "agreement_signature", "agreement_state")
"""Guarded for the sake of writing: an agreement is no secret among members."""
JUDGED_ELSEWHERE = {
    "quick_check": "isolation/test_desk_rows.py",
    "quick_check_review": "isolation/test_desk_rows.py",
    "saved_search": "isolation/test_desk_rows.py",
    "outbox": "isolation/test_live.py",
    "intake_mapping": "isolation/test_intake_mapping.py",
    "webhook_endpoint": "unit/exchange/test_webhooks.py",
    "webhook_delivery": "unit/exchange/test_webhooks.py",
    "agency_change": "isolation/test_agency_entries.py",
    "directory_change": "isolation/test_administration.py",
    "ledger_erasure": "isolation/test_ledger_erasing.py",
    "member_signature": "unit/identity/test_member_signatures.py",
    **dict.fromkeys(
        ("exhibit", "exhibit_counter", "stored_object", "object_segment", "upload"),
        "isolation/test_exhibits.py",
    ),
    "exhibit_reading": "isolation/test_exhibit_readings.py",
    **dict.fromkeys(("derivation", "exhibit_source"), "isolation/test_exhibit_derivations.py"),
    **dict.fromkeys(("custody_head", "custody_event"), "isolation/test_custody.py"),
    **dict.fromkeys(
        ("custody_reread", "custody_alarm", "custody_alarm_act"),
        "isolation/test_custody_alarms.py",
    ),
    **dict.fromkeys(
        ("expertise", "expertise_holder", "expertise_act"), "isolation/test_expertise.py"
    ),
    **dict.fromkeys(
        ("assistance_request", "assistance_act", "assistance_origin", "assistance_hand"),
        "isolation/test_assistance.py",
    ),
}
"""Tables with rules of their own, and where PostgreSQL itself is asked about them."""
HIDDEN_FROM_THE_APPLICATION = ("search_name", "search_exact", "search_text")


@pytest.mark.parametrize("asker", ASKERS, ids=str)
def test_every_table_shows_exactly_what_the_reference_allows(
    world: Path, all_rows: Everything, asker: Asker
) -> None:
    naive = Reference(asker, all_rows)
    with sealed(world, asker) as db:
        for table, shows in naive.shows().items():
            everything = all_rows.parts if table == "part" else all_rows.rows(table)
            expected = {row["id"] for row in everything if shows(row)}
            found = {row["id"] for row in db.execute(f"select id from {table}")}
            assert found == expected, f"{table}: {len(found)} shown, {len(expected)} allowed"


def test_the_samples_tell_askers_apart(world: Path, all_rows: Everything) -> None:
    """Equality would mean little if all saw the same, or nobody anything."""
    seen = {str(a): sum(map(Reference(a, all_rows).part, all_rows.parts)) for a in ASKERS}
    assert len(set(seen.values())) >= 10
    assert sum(1 for count in seen.values() if count) >= len(ASKERS) - 3
    assert max(seen.values()) < len(all_rows.parts)
    assert any(row["kind"] == 0 for keys in all_rows.keys.values() for row in keys)


def test_the_reference_looks_at_every_guarded_table(world: Path, all_rows: Everything) -> None:
    with psycopg.connect(
        launcher.ensure_running(world, fast=True).admin_dsn, dbname="accord"
    ) as plain:
        guarded = {name.split(".")[1] for name in tables(plain) if name not in OPEN_TABLES}
    judged = set(Reference(ALVAREZ, all_rows).shows())
    assert judged == set(GUARDED)
    elsewhere = set(JUDGED_ELSEWHERE)
    assert not judged & elsewhere
    assert guarded == judged | elsewhere | set(HIDDEN_FROM_THE_APPLICATION) | set(READ_BY_ALL)
    assert all((Path(__file__).parents[1] / place).exists() for place in JUDGED_ELSEWHERE.values())


@pytest.mark.parametrize("table", HIDDEN_FROM_THE_APPLICATION)
def test_nobody_reads_search_terms(world: Path, table: str) -> None:
    with sealed(world, ALVAREZ) as db, pytest.raises(errors.InsufficientPrivilege):
        db.execute(f"select * from {table}")


GUARDED = [
    "part",
    "record",
    "part_key",
    "case_key_holder",
    "joint_case",
    "placement",
    "note_revision",
    "hit_spending",
    "intake_run",
    "quarantine_entry",
    "disclosure_request",
    "requested_part",
    "ledger_entry",
    "ledger_view",
    "statement",
    "statement_act",
    "statement_notice",
    "agreement_draft",
    "duty",
    "access_end",
    "export_copy",
    "retention_review",
    "tombstone",
    "recall_notice",
    "recall_act",
    "subscription",
    "subscription_match",
]


@pytest.mark.parametrize("table", GUARDED)
def test_without_a_seal_there_are_no_rows(world: Path, all_rows: Everything, table: str) -> None:
    assert all_rows.rows(table, "id"), "the table would be empty anyway"
    with connect(world) as db:
        assert db.execute(f"select id from {table}").fetchall() == []


Spoil = Callable[[str], str]
SPOILT: dict[str, Spoil] = {
    "forged": lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
    "another standing": lambda text: str(uuid4()) + text[36:],
    "another action": lambda text: text.replace("|view|", "|match|"),
    "malformed": lambda text: text.rpartition("|")[0],
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("table", ["part", "record", "joint_case", "ledger_view"])
def test_a_false_seal_reads_nothing(world: Path, table: str, spoil: Spoil) -> None:
    ALVAREZ.standing()
    with connect(world) as db:
        put_seal(db, spoil(seal_for(world, ALVAREZ, backend_of(db))))
        with pytest.raises(errors.InsufficientPrivilege, match="accord: the seal"):
            db.execute(f"select id from {table}").fetchall()


def test_a_replayed_an_expired_and_a_spent_seal_read_nothing(world: Path) -> None:
    ALVAREZ.standing()
    with connect(world) as db:
        text = seal_for(world, ALVAREZ, backend_of(db))
        db.rollback()
        put_seal(db, text)
        with pytest.raises(errors.InsufficientPrivilege, match="another transaction"):
            db.execute("select id from part")
        db.rollback()
        put_seal(db, seal_for(world, ALVAREZ, backend_of(db), life_us=-1))
        with pytest.raises(errors.InsufficientPrivilege, match="expired"):
            db.execute("select id from part")


def test_a_standing_that_has_ended_reads_nothing(world: Path) -> None:
    standing = ALVAREZ.standing()
    with administrator(world) as admin:
        admin.execute(
            "update accord.standing set valid_until = now() - interval '1 s' where id = %s",
            [standing.id],
        )
    try:
        with connect(world) as db:
            put_seal(db, seal_for(world, ALVAREZ, backend_of(db)))
            assert db.execute("select id from joint_case").fetchall() == []
            with pytest.raises(errors.InsufficientPrivilege, match="spent"):
                db.execute("select id from part")
    finally:
        with administrator(world) as admin:
            admin.execute("delete from accord.standing where id = %s", [standing.id])


def _record(owner: str, record_id: UUID | None = None) -> tuple[str, list[Any]]:
    return (
        "insert into record (id, owner_id, source_system, source_ref, schema, revision,"
        " content_hash, created_at, updated_at, intelligence, suspicion_stated, legal_hold)"
        " values (%s, %s, 'test', %s, 'Person', 1, '\\x00', now(), now(), false, false, false)",
        [record_id or uuid4(), owner, str(uuid4())],
    )


def _part(owner: str, record_id: UUID, label: int, newest: int | None = None) -> tuple[str, Any]:
    return (
        "insert into part (id, record_id, owner_id, revision, kind, label_id, newest_label_id,"
        " body, assertion, created_at) values (%s, %s, %s, 1, 'core', %s, %s, %s, 'fact', now())",
        [uuid4(), record_id, owner, label, label if newest is None else newest, Jsonb({})],
    )


def _a_label(all_rows: Everything, asker: Asker, owner: str, action: str, opens: bool) -> int:
    naive = Reference(asker, all_rows)
    for number, label in sorted(all_rows.labels.items()):
        if label.owner == owner and naive.decides(action, number, frozenset()) is opens:
            return number
    raise AssertionError(f"no label of {owner} with {action} {opens}")


def test_an_own_record_under_an_open_label_can_be_written(
    world: Path, all_rows: Everything
) -> None:
    """The refusals below would mean little if nothing could be written at all."""
    label = _a_label(all_rows, ALVAREZ, "riverbend-pd", "contribute", True)
    with sealed(world, ALVAREZ) as db:
        made = uuid4()
        db.execute(*_record("riverbend-pd", made))
        db.execute(*_part("riverbend-pd", made, label))


def test_another_agency_s_record_or_part_cannot_be_written(
    world: Path, all_rows: Everything
) -> None:
    theirs = _a_label(all_rows, BOONE, "harlan-so", "contribute", True)
    ours = _a_label(all_rows, ALVAREZ, "riverbend-pd", "contribute", True)
    with sealed(world, ALVAREZ) as db:
        made = uuid4()
        db.execute(*_record("riverbend-pd", made))
        for statement in (
            _record("harlan-so"),
            _part("harlan-so", made, theirs),
            _part("riverbend-pd", made, theirs),
            _part("riverbend-pd", made, ours, theirs),
        ):
            _refused(db, statement)


@pytest.mark.parametrize(
    "asker",
    [
        Asker("riverbend-pd.m.alvarez", "oversight"),
        Asker("riverbend-pd.p.sandoval", "oversight"),
        Asker("riverbend-pd.p.sandoval", "records-administration"),
    ],
    ids=str,
)
def test_an_own_part_without_the_label_s_bit_cannot_be_written(
    world: Path, all_rows: Everything, asker: Asker
) -> None:
    label = _a_label(all_rows, asker, "riverbend-pd", "contribute", False)
    with sealed(world, asker) as db:
        made = uuid4()
        db.execute(*_record("riverbend-pd", made))
        _refused(db, _part("riverbend-pd", made, label))


def test_a_label_beyond_the_bitset_is_impossible(world: Path, all_rows: Everything) -> None:
    with sealed(world, ALVAREZ) as db:
        made = uuid4()
        db.execute(*_record("riverbend-pd", made))
        for number in (65_536, 65_791, 2_000_000, -1):
            facts = Jsonb({"owner": "riverbend-pd"})
            label = (
                "insert into label (id, content_hash, facts) values (%s, %s, %s)",
                [number, str(number), facts],
            )
            _refused(db, label, errors.CheckViolation)
            _refused(
                db,
                _part("riverbend-pd", made, number),
                (
                    errors.ForeignKeyViolation,
                    errors.ArraySubscriptError,
                    errors.InsufficientPrivilege,
                ),
            )
        # The 256 bytes after the labels say which key kinds suffice; no label may point there.
        _refused(db, _part("riverbend-pd", made, 65_536), errors.Error)


def test_a_number_without_a_label_opens_nothing(world: Path, all_rows: Everything) -> None:
    with sealed(world, ALVAREZ) as db:
        row = db.execute(
            "select accord.bits('view') as view, accord.bits('contribute') as contribute"
        ).fetchone()
        for bits in row.values():
            known = set(all_rows.labels)
            assert all(bits[n] == 0 for n in range(65_536) if n not in known)


def _refused(
    db: Connection, statement: tuple[str, Any], error: Any = errors.InsufficientPrivilege
) -> None:
    with pytest.raises(error), db.transaction():
        db.execute(*statement)


def _keyless(table: str) -> tuple[str, ...]:
    return (f"delete from {table}", f"truncate {table} cascade")


KEPT = [table for table in GUARDED if table != "agreement_draft"]
"""All but drafts, which decide nothing: their agency throws them away."""


def test_only_the_agency_of_a_draft_throws_it_away(world: Path, all_rows: Everything) -> None:
    own = [row for row in all_rows.rows("agreement_draft") if row["agency"] == "riverbend-pd"]
    with sealed(world, ALVAREZ) as db:
        _refused(db, ("truncate agreement_draft", None))
        gone = db.execute("delete from agreement_draft returning id").fetchall()
    assert {row["id"] for row in gone} == {row["id"] for row in own}
    assert len(own) < len(all_rows.rows("agreement_draft"))


@pytest.mark.parametrize("table", [*KEPT, *HIDDEN_FROM_THE_APPLICATION, "label"])
def test_nothing_can_be_deleted(world: Path, table: str) -> None:
    with sealed(world, ALVAREZ) as db:
        for statement in _keyless(table):
            _refused(db, (statement, None))


CHANGES = {
    "record": "update record set legal_hold = true where owner_id <> %s",
    "part_key": "update part_key set valid_until = now() where owner_id <> %s",
    "placement": "update placement set withdrawn_at = now() where owner_id <> %s",
    "joint_case": "update joint_case set state = 'closed' where lead_agency <> %s",
    "case_key_holder": "update case_key_holder set valid_until = now() where lead_agency <> %s",
    "intake_run": "update intake_run set state = 'cancelled' where owner_id <> %s",
    "quarantine_entry": "update quarantine_entry set resolved_at = now() where owner_id <> %s",
    "requested_part": "update requested_part set decision = 'granted' where owner_id <> %s",
    "disclosure_request": "update disclosure_request set state = 'withdrawn' where owner_id <> %s"
    " and requester_membership <> 'riverbend-pd.m.alvarez'",
    "hit_spending": "update hit_spending set hits = 0 where agency_id <> %s",
}


@pytest.mark.parametrize("table", CHANGES)
def test_another_agency_s_rows_cannot_be_changed(world: Path, table: str) -> None:
    for asker in (
        ALVAREZ,
        Asker("riverbend-pd.d.okafor", "case-administration", HT),
        Asker("riverbend-pd.p.sandoval", "oversight"),
    ):
        with sealed(world, asker) as db:
            assert db.execute(CHANGES[table], ["riverbend-pd"]).rowcount == 0


def test_whoever_asks_may_withdraw_and_not_answer(world: Path, all_rows: Everything) -> None:
    with sealed(world, ALVAREZ) as db:
        mine = "where requester_membership = 'riverbend-pd.m.alvarez' and owner_id = 'state-bi'"
        for wrong in (
            "granted_until = 'infinity'",
            "answered_by = 'state-bi.a.desai'",
            "answered_at = now()",
            "answer_record = reason_record",
            "state = 'granted'",
        ):
            _refused(db, (f"update disclosure_request set {wrong} {mine}", None))
        withdrawn = db.execute(f"update disclosure_request set state = 'withdrawn' {mine}")
        assert withdrawn.rowcount == 1


def test_columns_that_make_a_row_what_it_is_cannot_be_changed(world: Path) -> None:
    with sealed(world, ALVAREZ) as db:
        for statement in (
            "update part set label_id = newest_label_id",
            "update part set newest_label_id = label_id",
            "update part set body = '{}'",
            "update part set owner_id = 'riverbend-pd'",
            "update record set owner_id = 'riverbend-pd'",
            "update record set source_ref = ''",
            "update part_key set key = gen_random_uuid()",
            "update part_key set valid_from = now()",
            "update joint_case set purposes = '{}'",
            "update case_key_holder set membership_id = 'riverbend-pd.m.alvarez'",
            "update disclosure_request set record_id = gen_random_uuid()",
            "update requested_part set kind = 'identity'",
            "update label set facts = '{}'",
            "update agreement_version set text = ''",
        ):
            _refused(db, (statement, None))


def _key(part: Row, kind: int, key: UUID) -> tuple[str, list[Any]]:
    return (
        "insert into part_key (id, part_id, owner_id, label_id, kind, key, valid_from)"
        " values (%s, %s, %s, %s, %s, %s, now() - interval '1 s')",
        [uuid4(), part["id"], part["owner_id"], part["label_id"], kind, key],
    )


def test_another_agency_s_part_cannot_be_keyed(world: Path, all_rows: Everything) -> None:
    theirs = next(p for p in all_rows.parts if p["owner_id"] == "harlan-so")
    with sealed(world, ALVAREZ) as db:
        key = ids.case_key(ALVAREZ.context.case_id or "")
        for kind in range(6):
            _refused(db, _key(theirs, kind, key))
            own_in_name = {**theirs, "owner_id": "riverbend-pd"}
            _refused(
                db,
                _key(own_in_name, kind, key),
                (errors.InsufficientPrivilege, errors.ForeignKeyViolation),
            )


@pytest.mark.parametrize(("kind", "action"), [(0, "place"), (1, "release")])
def test_an_own_part_is_keyed_only_where_the_label_s_bit_lets(
    world: Path, all_rows: Everything, kind: int, action: str
) -> None:
    custodian = Asker("riverbend-pd.d.okafor", "records-administration")
    tried = {True: 0, False: 0}
    for asker in (ALVAREZ, custodian):
        naive = Reference(asker, all_rows)
        with sealed(world, asker) as db:
            for part in [p for p in all_rows.parts if p["owner_id"] == "riverbend-pd"][:150]:
                opens = naive.decides(action, part["label_id"], frozenset())
                tried[opens] += 1
                statement = _key(part, kind, uuid4())
                if opens:
                    with db.transaction():
                        db.execute(*statement)
                else:
                    _refused(db, statement)
    assert all(tried.values()), tried


def test_nobody_admits_themselves_to_a_case(world: Path, all_rows: Everything) -> None:
    case = all_rows.admin.execute(
        "select id, number, lead_agency from joint_case where number = %s", [HT_OTHER]
    ).fetchone()
    statement = (
        "insert into case_key_holder (id, case_id, case_key, case_number, lead_agency, purposes,"
        " membership_id, agency_id, valid_from) values (%s, %s, %s, %s, %s, %s, %s, %s, now())",
        [
            *(uuid4(), case["id"], ids.case_key(case["id"]), case["number"], case["lead_agency"]),
            *([TRAFFICKING], "riverbend-pd.m.alvarez", "riverbend-pd"),
        ],
    )
    for asker in (ALVAREZ, Asker("riverbend-pd.d.okafor", "case-administration")):
        with sealed(world, asker) as db:
            _refused(db, statement)
            false_lead = [*statement[1][:4], "riverbend-pd", *statement[1][5:]]
            with db.transaction(force_rollback=True):
                db.execute("set constraints all immediate")
                _refused(db, (statement[0], false_lead), psycopg.Error)


def test_only_a_party_adds_to_an_agreement_and_only_in_its_own_name(world: Path) -> None:
    sign = (
        "insert into agreement_signature (version_id, agency, officer, signature, signed_at)"
        " select content_hash, %s, 'x', '\\x00', now() from agreement_version limit 1"
    )
    act = (
        "insert into agreement_state (version_id, step, at, by_member, agency, reason)"
        " select content_hash, 'terminate', now(), %s, 'riverbend-pd', '' from agreement_version"
        " where not 'riverbend-pd' = any(parties) limit 1"
    )
    propose = (
        "insert into agreement_version (content_hash, agreement, kind, title, parties, text,"
        " effective_from, created_at) values (%s, 'a', 'mou', 't', %s, '', now(), now())"
    )
    with sealed(world, ALVAREZ) as db:
        assert db.execute("select 1 from agreement_version").rowcount > 5
        _refused(db, (sign, ["harlan-so"]))
        _refused(db, (act, [ALVAREZ.membership]))
        _refused(db, (act.replace("not ", ""), ["riverbend-pd.d.okafor"]))
        _refused(db, (propose, ["0" * 64, ["harlan-so", "state-bi"]]))
    with connect(world) as db:
        for statement in ((sign, ["riverbend-pd"]), (act, ["x"])):
            _refused(db, statement)


def test_a_request_or_an_entry_in_another_s_name_is_refused(world: Path) -> None:
    with sealed(world, ALVAREZ) as db:
        request = (
            "insert into disclosure_request (id, requester_agency, requester_membership, owner_id,"
            " record_id, handle, schema, purpose, legal_basis, reason_record, state, created_at,"
            " due_at) values (%s, %s, %s, 'state-bi', %s, 'h', 'Person', 'p', 'statute', %s,"
            " 'open', now(), now())"
        )
        for agency, membership in (
            ("harlan-so", "harlan-so.c.boone"),
            ("riverbend-pd", "riverbend-pd.d.okafor"),
            ("harlan-so", "riverbend-pd.m.alvarez"),
        ):
            _refused(db, (request, [uuid4(), agency, membership, uuid4(), uuid4()]))


def test_the_definer_functions_do_nothing_without_a_seal(world: Path, all_rows: Everything) -> None:
    theirs = next(p for p in all_rows.parts if p["owner_id"] == "harlan-so")
    record, refs = theirs["record_id"], [r["source_ref"] for r in all_rows.rows("record")]
    reading: list[tuple[str, list[Any]]] = [
        ("select * from accord.own_sources('rms', %s)", [refs]),
        ("select * from accord.own_parts(%s)", [record]),
        ("select * from accord.own_parts_of(%s)", [[record]]),
        ("select * from accord.bodies_in_clear(%s, '{core}')", [[record]]),
        ("select * from accord.find('[{\"n\": 0, \"how\": \"text\", \"value\": \"a\"}]', null, true,"
         " 20)", []),
        ("select * from accord.record_behind(%s)", [record]),
        ("select * from accord.latest(null, null, null, 20)", []),
    ]  # fmt: skip
    with connect(world) as db:
        for statement, values in reading:
            assert db.execute(statement, values).fetchall() == [], statement
        for statement in (
            "select accord.supersede('{}', '{}', '{}', '{}', '{}', '{}', now(), '{}', '{}')",
            "select accord.seal_bodies('{}', '{}')",
        ):
            _refused(db, (statement, None))
    with sealed(world, ALVAREZ) as db:
        for statement, values in reading[1:4]:
            assert db.execute(statement, values).fetchall() == [], statement
        _refused(
            db,
            (
                "select accord.supersede(%s, array[null]::bytea[], array[null]::timestamptz[],"
                " array[null]::date[], array[null]::boolean[], array[null]::boolean[], now(), %s,"
                " '{}')",
                [[record], [theirs["id"]]],
            ),
        )
        _refused(db, ("select accord.seal_bodies(%s, array['\\x00'::bytea])", [[theirs["id"]]]))


@pytest.mark.parametrize(
    "asker", [ALVAREZ, BOONE, Asker("safe-harbor.i.moreau", "victim-protection", HT)], ids=str
)
def test_the_probes_name_only_what_the_reference_opens(
    world: Path, all_rows: Everything, asker: Asker
) -> None:
    """Whatever is asked, a probe names no part that is open for neither view nor hit."""
    viewing = Reference(asker, all_rows)
    hitting = Reference(Asker(asker.membership, asker.purpose, asker.case, "hit"), all_rows)
    parts = {row["id"]: row for row in all_rows.parts}
    terms = all_rows.admin.execute(
        "select kind, term from search_exact order by md5(id::text) limit 400"
    ).fetchall()
    names = all_rows.admin.execute(
        "select name from search_name order by md5(id::text) limit 60"
    ).fetchall()
    asked = [{"n": 0, "how": "exact", "kind": t["kind"], "value": t["term"]} for t in terms]
    asked += [{"n": 0, "how": "name", "kind": "", "value": row["name"]} for row in names]
    named = 0
    with sealed(world, asker) as db:
        for start in range(0, len(asked), 20):
            for row in db.execute(
                "select * from accord.find(%s, null, true, 200)", [Jsonb(asked[start : start + 20])]
            ):
                named += 1
                part = parts[row["part_id"]]
                assert row["viewable"] == viewing.part(part)
                assert row["viewable"] or hitting.part(part)
        latest = db.execute("select * from accord.latest(null, null, null, 200)").fetchall()
        assert all(viewing.part(parts[row["part_id"]]) for row in latest)
    assert named
    assert latest
