"""Search: what a viewer may not see changes no byte, count, flag, quota or statement of an answer."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accord.agencies import queries as agencies
from accord.agencies.actions import create_api_token
from accord.agreements.context import resolve
from accord.agreements.scope import Scope, open_scope
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, InvalidInput, NotAllowed, NotFound
from accord.kernel.vocabulary import Vocabulary
from accord.platform.db import launcher
from accord.platform.db.config import django_database
from accord.records.actions.contribute import contribute
from accord.records.handles import make_handle
from accord.records.intake.drafting import Intake, draft_record
from accord.records.intake.worldline import raw_from_line
from accord.records.ontology import common_ontology
from accord.records.queries import search as search_module
from accord.records.queries import spending
from accord.records.queries.handles import record_behind
from accord.records.queries.search import Keyset, SearchAnswer, latest, search
from accord.records.search_query import parse_query

TRAFFICKING = "human-trafficking-investigation"
VIEWER = "harlan-so.c.boone"
CUSTODIANS = {"riverbend-pd": "riverbend-pd.j.whitfield", "harlan-so": "harlan-so.e.rasmussen"}
_serial = itertools.count(1)


@pytest.fixture(autouse=True)
def _fresh_quota(world: Path) -> None:
    _reset_quota(world)


def _reset_quota(world: Path) -> None:
    with _admin(world) as admin:
        admin.execute("delete from hit_spending")


def _admin(data_dir: Path) -> psycopg.Connection:
    cluster = launcher.ensure_running(data_dir)
    dsn = psycopg.conninfo.make_conninfo(cluster.admin_dsn, dbname="accord")
    return psycopg.connect(dsn, autocommit=True)


def _scope(member: str, purpose: str = TRAFFICKING, case: str | None = None) -> Any:
    actor = agencies.actor(member)
    return open_scope(actor, resolve(actor, purpose, "statute", case))


def _ask(text: str, member: str = VIEWER, purpose: str = TRAFFICKING, **more: Any) -> SearchAnswer:
    with _scope(member, purpose) as scope:
        return search(scope, parse_query(text), **more)


def _contribute(owner: str, *lines: dict[str, Any]) -> tuple[UUID, ...]:
    """Contribute records as the owner's custodian; each line says parts and what its label needs."""
    intake = Intake(
        owner=owner,
        ontology=common_ontology(),
        vocabulary=Vocabulary.load(1),
        collected=now().date(),
        region="US",
    )
    drafts = [draft_record(raw_from_line(_line(owner, line), intake), intake) for line in lines]
    with _scope(CUSTODIANS[owner], "records-administration") as scope:
        return contribute(scope, drafts, collected_at=now()).record_ids


def _line(owner: str, line: dict[str, Any]) -> dict[str, Any]:
    label = {
        "subjects": ["suspect"],
        "sensitivity": "official",
        "handling": "none",
        "basis": "statute",
        "offence": "human-trafficking",
        "minor": False,
        "sealed": False,
        "intelligence": False,
    }
    return {
        "agency": owner,
        "source_system": "test",
        "source_ref": f"T-{next(_serial):05}",
        "schema": line.get("schema", "Person"),
        "occurred_at": "2026-03-01",
        "label": label | line.get("label", {}),
        "grading": None,
        "assertion": "fact",
        "retain_until": None,
        "basis_of_suspicion": None,
        "parts": {"core": {"category": ["person"], "status": ["open"]}, **line["parts"]},
    }


def _person(name: str, *, label: dict[str, Any] | None = None, **identity: str) -> dict[str, Any]:
    contact = {"phone": [identity.pop("phone")]} if "phone" in identity else {}
    values = {"name": [name], **{k: [v] for k, v in identity.items()}}
    return {"label": label or {}, "parts": {"identity": values, "contact": contact}}


HIDDEN = {"subjects": ["other"]}
"""No clause gives another agency a hit on somebody who is neither suspect nor contact."""


# Two worlds --------------------------------------------------------------------------------------

QUESTIONS = (
    "Teodor Quillfeather",
    "Teodor Quillfeather dob:1984-02-29",
    "phone:+13125550199",
    "id:ZZ98765432",
    "name:Quillfeather",
    'text:"copper lantern"',
    "Teodor Quillfeather phone:+13125550199",
)


def _api(member: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, bytes, int]:
    """Status, bytes and number of statements of one call, after one that warms what is cached."""
    token = create_api_token(member)
    headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": TRAFFICKING}
    client = Client(headers=headers)

    def call() -> Any:
        if body is None:
            return client.get(f"/api/v1{path}")
        return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")

    call()
    _reset_quota(_world_dir())
    with CaptureQueriesContext(connection) as statements:
        answer = call()
    return answer.status_code, answer.content, len(statements)


def _world_dir() -> Path:
    from django.conf import settings

    return Path(settings.ACCORD_DATA_DIR)


def test_hidden_records_change_no_byte_and_no_statement_of_any_answer(world):
    _contribute("riverbend-pd", _person("Theodor Quillfether", phone="+13125550198"))
    _contribute("harlan-so", _person("Teodor Quilfeather", driverLicenceNumber="ZZ98765431"))
    asked = [("/search", {"q": q}) for q in QUESTIONS] + [("/records?limit=5", None)]
    before = [_api(VIEWER, *call) for call in asked]
    assert b"riverbend-pd" in before[0][1]  # there is a hit to hide behind
    hidden = _person(
        "Teodor Quillfeather",
        label=HIDDEN,
        birthDate="1984-02-29",
        driverLicenceNumber="ZZ98765432",
        phone="+13125550199",
    )
    hidden["parts"]["narrative"] = {"text": ["He waits by the copper lantern."]}
    victim = {**hidden, "label": {"subjects": ["victim"]}}
    court = {**hidden, "label": {"sealed": True}}
    source = {**hidden, "label": {"subjects": ["source"], "sensitivity": "secret"}}
    _contribute("riverbend-pd", *[hidden] * 12, victim, court, source)
    after = [_api(VIEWER, *call) for call in asked]
    for call, one, other in zip(asked, before, after, strict=True):
        assert one == other, call


def test_the_hidden_records_of_the_two_worlds_are_found_by_their_owner(world):
    _contribute("riverbend-pd", _person("Ulrika Sandpiper", label=HIDDEN))
    owner = _ask("Ulrika Sandpiper", "riverbend-pd.m.alvarez")
    assert [v.caption for v in owner.visible] == ["Ulrika Sandpiper"]
    assert _ask("Ulrika Sandpiper").hits == ()


def test_hidden_candidates_do_not_fill_the_cap(world, monkeypatch):
    monkeypatch.setattr(search_module, "MOST_RECORDS", 2)
    _contribute("harlan-so", _person("Casimir Nightjarr"))
    _contribute("riverbend-pd", *[_person("Casimir Nightjar", label=HIDDEN)] * 5)
    answer = _ask("Casimir Nightjar")
    assert [v.caption for v in answer.visible] == ["Casimir Nightjarr"]
    assert (answer.hits, answer.narrow) == ((), False)


def test_the_cap_bites_after_filtering_and_says_so(world, monkeypatch):
    monkeypatch.setattr(search_module, "MOST_RECORDS", 2)
    _contribute("riverbend-pd", *[_person("Balthasar Wren-Oakley")] * 3)
    answer = _ask("Balthasar Wren Oakley")
    assert (len(answer.hits), answer.narrow) == (2, True)


# Hits --------------------------------------------------------------------------------------------


def test_a_hit_says_whom_to_ask_and_nothing_else(world):
    (record_id,) = _contribute("riverbend-pd", _person("Ottoline Fernsby", phone="+13125550188"))
    with _scope(VIEWER) as scope:
        (card,) = search(scope, parse_query("Ottoline Fernsby")).hits
        noted = scope.entry()
    assert (card.owner, card.category, card.decision.clause_id) == ("riverbend-pd", "Person", "4.1")
    assert card.desk.phone
    told = repr(card)
    assert "Ottoline" not in told
    assert str(record_id) not in told
    assert noted.kind == "disclosure"
    assert [(i.owner, i.clause) for i in noted.items] == [("riverbend-pd", "4.1")]
    assert noted.detail["query"] == "Ottoline Fernsby"


def test_the_owner_is_told_of_the_hit_but_not_of_the_question(world):
    from accord.ledger.domain import owning_body

    _contribute("riverbend-pd", _person("Peregrine Ashdown"))
    with _scope(VIEWER) as scope:
        search(scope, parse_query("Peregrine Ashdown"))
        told = owning_body(scope.entry(), uuid4(), "riverbend-pd")
    assert "Peregrine" not in json.dumps(told)
    assert told["items"]


def test_a_visible_record_is_no_hit(world):
    _contribute("harlan-so", _person("Isidora Glasswing"))
    answer = _ask("Isidora Glasswing")
    assert [v.owner for v in answer.visible] == ["harlan-so"]
    assert answer.hits == ()


def test_a_name_only_loosely_alike_is_no_hit(world):
    _contribute("riverbend-pd", _person("Leopold Cranmere"))
    assert _ask("Leonora Cranmore").hits == ()


def test_a_question_below_the_minimum_asks_nobody_else(world):
    _contribute("riverbend-pd", _person("Zephyrine Underhill"))
    _contribute("harlan-so", _person("Zephyrine Overdale"))
    answer = _ask("Zephyrine")
    assert answer.hits == ()
    assert answer.too_broad
    assert [v.owner for v in answer.visible] == ["harlan-so"] * len(answer.visible)
    assert answer.quota.queries_left == spending.QUERIES_AN_HOUR


def test_the_quota_of_questions_says_when_it_frees(world, monkeypatch):
    monkeypatch.setattr(spending, "QUERIES_AN_HOUR", 2)
    assert [_ask("Ada Nobody").quota.queries_left for _ in range(2)] == [1, 0]
    with pytest.raises(NotAllowed, match=r"next hour begins at \d\d:00 UTC"):
        _ask("Ada Nobody")
    assert _ask("Ada").too_broad  # what asks nobody is not on the quota


def test_the_quota_of_hits_is_spent_by_what_was_shown(world, monkeypatch):
    monkeypatch.setattr(spending, "HITS_AN_HOUR", 2)
    _contribute("riverbend-pd", *[_person("Evander Mistlethwaite")] * 2)
    assert _ask("Evander Mistlethwaite").quota.hits_left == 0
    with pytest.raises(NotAllowed, match="2 hits"):
        _ask("Evander Mistlethwaite")


# Handles -----------------------------------------------------------------------------------------


def _handle(name: str, member: str = VIEWER) -> str:
    return _ask(name, member).hits[0].handle


def test_a_handle_names_its_record_for_its_agency_alone(world):
    (record_id,) = _contribute("riverbend-pd", _person("Clementine Harrowgate"))
    handle = _handle("Clementine Harrowgate")
    with _scope(VIEWER) as scope:
        target = record_behind(scope, handle)
    assert (target.record_id, target.owner) == (record_id, "riverbend-pd")
    assert _handle("Clementine Harrowgate", "state-bi.a.desai") != handle
    with pytest.raises(NotFound) as other_agency, _scope("state-bi.a.desai") as scope:
        record_behind(scope, handle)
    with pytest.raises(NotFound) as forged, _scope(VIEWER) as scope:
        record_behind(scope, "a" * len(handle))
    assert str(other_agency.value) == str(forged.value)


def test_a_handle_opens_nothing_where_the_purpose_gives_no_hit(world):
    _contribute("riverbend-pd", _person("Barnaby Thistledown"))
    handle = _handle("Barnaby Thistledown")
    with pytest.raises(NotFound), _scope(VIEWER, "victim-protection") as scope:
        record_behind(scope, handle)


def test_a_miss_takes_as_many_statements_forged_or_hidden(world):
    from accord.platform.secrets import secret_bytes

    (hidden,) = _contribute("riverbend-pd", _person("Hidden Sourcely", label=HIDDEN))
    key = secret_bytes(world, "hit-handle.key", 64)
    handles = (make_handle(key, "harlan-so", hidden), "b" * 52, "", "'; drop table part; --")
    counted = []
    for handle in handles:
        statements = CaptureQueriesContext(connection)
        with pytest.raises(NotFound), _scope(VIEWER) as scope, statements:
            record_behind(scope, handle)
        counted.append(len(statements))
    assert len(set(counted)) == 1


def test_a_part_is_judged_under_its_newest_label_as_well(world):
    """Own label open, newest label closed: neither hit, nor shown, nor among the latest."""
    theirs, own = "Hyacinth Oldlabel", "Hyacinth Newlabel"
    (hit_id,) = _contribute("riverbend-pd", _person(theirs))
    (own_id,) = _contribute("harlan-so", _person(own))
    (closed,) = _contribute(
        "riverbend-pd", _person("Closed Byall", label=HIDDEN | {"sealed": True})
    )
    handle = _handle(theirs)
    assert _ask(own).visible
    with _admin(world) as admin:
        admin.execute(
            "update part set newest_label_id = (select label_id from part where record_id = %s "
            "and kind = 'identity') where record_id = any(%s)",
            [closed, [hit_id, own_id]],
        )
    assert _ask(theirs).hits == ()
    assert own_id not in [v.record_id for v in _ask(own).visible]
    with _scope(VIEWER) as scope:
        assert own_id not in _pages(scope, 100)
    with pytest.raises(NotFound), _scope(VIEWER) as scope:
        record_behind(scope, handle)


# Sealed parts ------------------------------------------------------------------------------------

VICTIM = {"subjects": ["victim"], "sensitivity": "sensitive", "basis": "consent"}
ADVOCATE = "riverbend-pd.l.hart"


VICTIM_NAME, VICTIM_PHONE = "Marisela Ventanilla Cruz", "+13125550166"


@pytest.fixture(scope="module")
def victim(world: Path) -> UUID:
    """The record of a victim, both of whose telling parts are sealed."""
    return _contribute("riverbend-pd", _person(VICTIM_NAME, label=VICTIM, phone=VICTIM_PHONE))[0]


@pytest.mark.parametrize(
    "text",
    ["Marisela Ventanilla", "Marisela Ventanila Cruz", "name:Marisela", "Ventanilla Cruz Marysela"],
)
def test_nobody_finds_a_victim_by_a_name_nearly_right(victim, text):
    for member, purpose in ((ADVOCATE, "victim-protection"), (VIEWER, TRAFFICKING)):
        answer = _ask(text, member, purpose)
        assert (answer.visible, answer.hits) == ((), ()), (member, text)


@pytest.mark.parametrize("text", ["Cruz Ventanilla, Marisela", "phone:+1 312 555 0166"])
def test_the_advocate_finds_a_victim_by_what_is_exactly_right(victim, text):
    (found,) = _ask(text, ADVOCATE, "victim-protection").visible
    assert found.record_id == victim
    assert found.reasons == ("exactly what you asked for, in a sealed part",)
    # The list itself still names nobody: that takes opening the record.
    assert found.pseudonym
    assert "Marisela" not in repr(found)


@pytest.mark.parametrize(
    "member", ["riverbend-pd.m.alvarez", VIEWER, "state-bi.a.desai", CUSTODIANS["riverbend-pd"]]
)
def test_others_do_not_find_a_victim_by_what_is_exactly_right(victim, member):
    for text in (VICTIM_NAME, f"phone:{VICTIM_PHONE}"):
        answer = _ask(text, member)
        assert victim not in [v.record_id for v in answer.visible]
        assert answer.hits == ()


def test_nothing_readable_of_a_victim_is_in_the_search_tables(victim, world):
    with _admin(world) as admin:
        for table in ("search_name", "search_exact", "search_text"):
            rows = admin.execute(f"select * from {table} where {table}::text ~* 'ventanilla'")
            assert rows.fetchall() == []


# Finding -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Maximilian Oberhauser", "Maximillian Oberhausr"),
        ("GUTIERREZ BARRANCO, Joaquín", "joaquin gutierrez barranco"),
        ("Сергій Коваленко", "Serhii Kovalenko"),
        ("عبد الرحمن منصور", "Abd Alrhmn Mnswr"),
        ("王小明", "Wang Xiaoming"),
        ("Nguyễn Thị Ánh Tuyết", "Nguyen Thi Anh Tuyet"),
        ("Robert Featherstone", "Bob Featherstone"),
        ("Philippa Vandersloot", "Filippa Vandersloot"),
    ],
)
def test_names_are_found_through_slips_order_script_and_short_forms(world, stored, typed):
    _contribute("harlan-so", _person(stored))
    _contribute("riverbend-pd", _person(stored))
    answer = _ask(typed)
    assert stored in [v.caption for v in answer.visible]
    assert "riverbend-pd" in [h.owner for h in answer.hits]
    found = next(v for v in answer.visible if v.caption == stored)
    assert found.reasons
    assert found.score >= 0.7


def _vehicle(plate: str) -> dict[str, Any]:
    return {
        "schema": "Vehicle",
        "label": {"subjects": ["none"]},
        "parts": {"core": {"category": ["vehicle"]}, "identity": {"plate": [plate]}},
    }


def test_a_plate_is_found_with_the_characters_that_cameras_confuse(world):
    _contribute("harlan-so", _vehicle("QX0O8B1"))
    _contribute("riverbend-pd", _vehicle("QX0O8B1"))
    answer = _ask("plate:OXOQB8I")
    assert [v.reasons for v in answer.visible] == [("plate looks alike",)]
    assert [h.owner for h in answer.hits] == ["riverbend-pd"]
    assert _ask("plate:QX0O8B1").visible[0].reasons == ("same plate",)
    assert _ask("plate:QX0O8B7").visible == ()


def test_every_criterion_must_be_met_by_one_record(world):
    _contribute("harlan-so", _person("Rosalind Petrichor", birthDate="1990-01-02"))
    _contribute("harlan-so", _person("Rosalind Petrichor", birthDate="1991-01-02"))
    (found,) = _ask("Rosalind Petrichor dob:1991-01-02").visible
    assert set(found.reasons) == {"same name", "same birth date"}


def test_only_the_kinds_of_record_asked_for_come(world):
    _contribute("harlan-so", _person("Sybilla Kestrelton"))
    assert _ask("Sybilla Kestrelton", schemas=["Person"]).visible
    assert not _ask("Sybilla Kestrelton", schemas=["Vehicle"]).visible
    with pytest.raises(InvalidInput):
        _ask("Sybilla Kestrelton", schemas=["Person'--"])


# Hostile input -----------------------------------------------------------------------------------

HOSTILE = (
    "Robert'); drop table part; --",
    "' or '1'='1",
    "\\'; select pg_sleep(9); --",
    "x' & !y | ((z:*",
    '"unbalanced',
    "${jndi:ldap://x} {{7*7}}",
    "\u202egnirts",
    "a\x00b",
    "🦊 " * 60,
    "ﷺ" * 290,
    "1a2b3c " * 40,
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "kind", ["", "name", "dob", "plate", "phone", "id", "vin", "email", "text"]
)
def test_hostile_text_is_answered_or_refused_in_words(world, kind, text):
    with contextlib.suppress(AccordError):  # refused in words, never by the database
        _ask(f'{kind}:"{text}"' if kind else text)
    with _admin(world) as admin:
        assert admin.execute("select count(*) > 0 from part").fetchone() == (True,)
        admin.execute("delete from hit_spending")


def _app(data_dir: Path) -> psycopg.Connection:
    known = django_database(data_dir, "accord_app")
    return psycopg.connect(
        dbname=known["NAME"],
        user=known["USER"],
        password=known["PASSWORD"],
        host=known["HOST"],
        port=known["PORT"],
    )


ANY_NAME = json.dumps([{"n": 0, "how": "name", "value": "viktor danylchuk"}])
PROBES: Sequence[tuple[str, Sequence[Any]]] = (
    ("select * from accord.find(%s::jsonb, null, true, 50)", [ANY_NAME]),
    ("select * from accord.record_behind(%s)", [None]),
    ("select * from accord.latest(null, null, null, 50)", []),
)


@pytest.mark.parametrize(("probe", "values"), PROBES)
def test_a_probe_without_a_seal_returns_nothing(world, probe, values):
    with _admin(world) as admin:
        some = admin.execute("select id from record limit 1").fetchone()[0]
    with _app(world) as app:
        assert app.execute(probe, [v or some for v in values]).fetchall() == []


@pytest.mark.parametrize(("probe", "values"), PROBES)
def test_a_probe_with_a_false_seal_is_refused(world, probe, values):
    with _app(world) as app:
        app.execute("select set_config('accord.seal', 'a|view||9|1|1|00', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(probe, [v or uuid4() for v in values])


@pytest.mark.parametrize(
    ("asked", "cap"),
    [
        ("{}", 50),
        ("[{}]", 50),
        ('[{"n": 0, "how": "exact"}]', 50),
        ('[{"n": 0, "how": "regex", "value": "x"}]', 50),
        ('[{"n": 99, "how": "name", "value": "x"}]', 50),
        (json.dumps([{"n": 0, "how": "name", "value": "x" * 401}]), 50),
        (ANY_NAME, 0),
        (ANY_NAME, 10_000),
        (ANY_NAME, None),
    ],
)
def test_a_probe_refuses_what_is_out_of_bounds(world, asked, cap):
    from django.db import DatabaseError

    refused = pytest.raises(DatabaseError, match="out of bounds")
    with refused, _scope(VIEWER), connection.cursor() as cursor:
        cursor.execute("select * from accord.find(%s::jsonb, null::text[], true, %s)", [asked, cap])


def test_search_tables_cannot_be_read_around_the_probes(world):
    for table in ("search_name", "search_exact", "search_text"):
        with _app(world) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(f"select * from {table}")


# Latest ------------------------------------------------------------------------------------------


def _pages(scope: Scope, limit: int) -> list[UUID]:
    found: list[UUID] = []
    after: Keyset | None = None
    while True:
        page = latest(scope, after=after, limit=limit)
        found += [r.record_id for r in page.records]
        if page.next is None:
            return found
        assert len(page.records) == limit
        after = Keyset.parse(str(page.next))


def test_pages_bring_every_visible_record_once_newest_first(world):
    _contribute("harlan-so", *[_person(f"Page Number {n}") for n in "ABCDEFG"])
    with _scope(VIEWER) as scope, connection.cursor() as cursor:
        cursor.execute("select id from record")
        visible = {row[0] for row in cursor.fetchall()}
        paged = _pages(scope, 7)
        whole = _pages(scope, 100)
    assert paged == whole
    assert len(paged) == len(set(paged))
    assert set(paged) == visible


def test_what_a_case_opens_is_among_the_latest(world):
    member, case = "riverbend-pd.m.alvarez", "HT-2025-108"
    with _scope(member, TRAFFICKING, case) as scope, connection.cursor() as cursor:
        cursor.execute("select id from record")
        visible = {row[0] for row in cursor.fetchall()}
        cursor.execute("select id from record where owner_id <> 'riverbend-pd'")
        placed = {row[0] for row in cursor.fetchall()}
        assert placed
        assert set(_pages(scope, 50)) == visible


@pytest.mark.parametrize("after", ["", "x", "2026-01-01~", "2026-01-01T00:00:00~" + "0" * 32])
def test_a_page_that_begins_nowhere_is_refused(after):
    with pytest.raises(InvalidInput):
        Keyset.parse(after)
