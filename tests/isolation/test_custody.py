"""Custody in the database: one chain, one writer, and nobody's step by anybody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError
from psycopg.errors import InsufficientPrivilege

from accord.evidence.actions.grounds import record_basis
from accord.evidence.custody import actions, policy, queries
from accord.evidence.custody.actions import Said
from accord.evidence.custody.chain import Position, after
from accord.evidence.custody.domain import FACTS, MAY_SAY, TABLE, WHO, Event, Order
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.models import CustodyEvent, CustodyHead
from accord.evidence.domain import Basis
from accord.kernel import ids
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound
from accord.ledger.actions import sequence_all
from accord.platform import outbox
from accord_verify.custody import check_custody, read_custody
from accord_verify.notes import Trust, parse_key
from accord_verify.receipt import read_receipt
from accord_verify.signature import Expected
from isolation.contributing import acting, superuser, told_of
from isolation.custodying import (
    ADVOCATE,
    ALVAREZ,
    BOONE,
    DESK,
    MERCER,
    OKAFOR,
    PETROV,
    PLACE,
    SAID,
    WHITFIELD,
    acquired,
    handed_over,
    take,
)
from isolation.exhibiting import IN_CASE

pytestmark = pytest.mark.usefixtures("world")
ORDER = Order("District Court", "2026-CR-118", "0f" * 32)


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with superuser(world) as db:
        yield db


def position(member: str, exhibit: UUID) -> Position:
    with acting(member, DESK):
        kept = queries.chain(exhibit)
        assert kept.chain.faults == ()
        return kept.chain.position


def test_the_database_admits_what_the_tables_say(admin: Any) -> None:
    (rules,) = admin.execute("select accord.custody_rules()").fetchone()
    assert rules["table"] == {
        str(s): {str(a): str(to) for (of, a), to in TABLE.items() if of is s}
        for s in {state for state, _ in TABLE}
    }
    assert rules["who"] == {
        str(a): {"side": str(w.side), "roles": sorted(w.roles)} for a, w in WHO.items()
    }
    assert rules["facts"] == {str(a): sorted(f) for a, f in FACTS.items()}
    assert rules["may_say"] == {str(a): sorted(f) for a, f in MAY_SAY.items()}


def test_an_exhibit_goes_to_the_laboratory_and_comes_back_in_one_chain() -> None:
    exhibit = acquired()
    take(ALVAREZ, exhibit, Act.SEAL, seal="S-1")
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    take(PETROV, exhibit, Act.ACCEPT)
    take(PETROV, exhibit, Act.UNSEAL)
    take(PETROV, exhibit, Act.CHECK_OUT, receiver="V. Petrov, examiner")
    take(PETROV, exhibit, Act.CHECK_IN)
    take(MERCER, exhibit, Act.RETURN)
    take(WHITFIELD, exhibit, Act.ACCEPT)
    found = position(ALVAREZ, exhibit)
    assert (found.custodian, found.custodians) == ("riverbend-pd", ("riverbend-pd", "state-bi"))
    assert position(PETROV, exhibit) == found
    with acting(ALVAREZ, DESK):
        head = CustodyHead.objects.get(id=exhibit)
    assert (head.state, head.number, head.hash) == (found.state, found.number, found.hash)
    assert head.givers == []


def test_its_file_verifies_elsewhere_with_the_receipts_of_the_ledger() -> None:
    exhibit = handed_over()
    with acting(PETROV, DESK):
        assert {e["receipt"] for e in queries.custody_file(exhibit)["chain"]} == {None}
    sequence_all()
    with acting(PETROV, DESK):
        file = queries.custody_file(exhibit)
    assert all(len(json.dumps(each["receipt"])) < 4096 for each in file["chain"])
    trust = Trust((parse_key(file["chain"][0]["receipt"]["key"]),))

    def failed(sent: dict[str, Any]) -> set[str]:
        read = read_custody(sent, "a test")
        return {str(f.code) for f in check_custody(read, trust, Expected(), "a test").failures}

    assert failed(file) == {"not-signed"}  # a demonstration keeps no signature
    chain = file["chain"]
    swapped = [chain[0] | {"receipt": chain[1]["receipt"]}, *chain[1:]]
    assert "wrong-receipt" in failed(file | {"chain": swapped})
    bare = [chain[0] | {"receipt": None}, *chain[1:]]
    assert failed(file | {"chain": bare}) == {"not-signed", "not-logged"}


def test_a_receipt_says_neither_purpose_nor_case() -> None:
    exhibit = acquired()
    sequence_all()
    with acting(ALVAREZ, DESK):
        (event,) = queries.custody_file(exhibit)["chain"]
    body = read_receipt(event["receipt"], "a test").body.facts()
    assert (body["purpose"], body["case"], body["legal_basis"]) == (None, None, None)
    assert body["detail"]["event"] == event["hash"]


def test_only_those_concerned_have_the_chain() -> None:
    exhibit = acquired()

    def reads(member: str) -> bool:
        with acting(member, DESK):
            return queries.has_chain(exhibit) and bool(
                CustodyEvent.objects.filter(record_id=exhibit).exists()
            )

    assert (reads(ALVAREZ), reads(ADVOCATE), reads(PETROV), reads(BOONE)) == (
        True, False, False, False,
    )  # fmt: skip
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    assert (reads(PETROV), reads(BOONE)) == (True, False)
    take(ALVAREZ, exhibit, Act.WITHDRAW)
    assert not reads(PETROV)
    with pytest.raises(NotFound):
        take(PETROV, exhibit, Act.ACCEPT)


def test_both_agencies_are_told_of_an_offer_and_no_third() -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK):
        before = outbox.state()
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    assert exhibit in told_of("custody", before, PETROV, DESK)
    assert exhibit in told_of("custody", before, ALVAREZ, DESK)
    assert exhibit not in told_of("custody", before, BOONE, DESK)


REFUSED: list[tuple[str, Act, dict[str, Any], type[AccordError]]] = [
    (PETROV, Act.ACCEPT, {}, NotFound),
    (ALVAREZ, Act.ACCEPT, {}, Conflict),
    (ALVAREZ, Act.OFFER, {"to": "riverbend-pd"}, Conflict),
    (ALVAREZ, Act.OFFER, {"to": "no-such-agency"}, Conflict),
    (ALVAREZ, Act.RETURN, {}, Conflict),
    (ALVAREZ, Act.RELEASE, {"receiver": "its owner"}, NotAllowed),
    (ALVAREZ, Act.ORDER, {"order": ORDER}, NotAllowed),
    (ALVAREZ, Act.SEAL, {"seal": "S", "items": 2}, InvalidInput),
    (ALVAREZ, Act.SEAL, {}, InvalidInput),
    (ADVOCATE, Act.SEAL, {"seal": "S"}, NotFound),
]


@pytest.mark.parametrize(
    ("member", "act", "said", "error"),
    REFUSED,
    ids=[f"{member} {act} {said}" for member, act, said, _ in REFUSED],
)
def test_a_step_that_is_not_admitted_is_refused_and_writes_nothing(
    member: str, act: Act, said: dict[str, Any], error: type[AccordError]
) -> None:
    exhibit = acquired()
    with pytest.raises(error):
        take(member, exhibit, act, **said)
    assert position(ALVAREZ, exhibit).number == 0


def _append(by: str, event: Event, **wrong: Any) -> str | None:
    """Append past the actions, as somebody with a session who speaks SQL: the database alone decides."""
    return _said(by, replace(event, **wrong).text().decode())


def _said(by: str, text: str) -> str | None:
    with acting(by, DESK) as scope, connection.cursor() as cursor:
        cursor.execute(
            "select accord.append_custody(%s, %s, 'sealed', %s, 'opening', null)",
            [ids.uuid7(), text, ids.uuid7()],
        )
        (code,) = cursor.fetchone()
        scope.did("custody")
    return None if code is None else str(code)


WRONG: list[tuple[str, Callable[[Event], dict[str, Any]], str]] = [
    ("another member's name", lambda e: {"member": "somebody"}, "wrong-custodian"),
    ("another agency's name", lambda e: {"agency": "state-bi"}, "wrong-custodian"),
    ("a number left out", lambda e: {"number": e.number + 1}, "chain-forked"),
    ("a place that is taken", lambda e: {"number": 0, "previous": None}, "chain-forked"),
    ("another predecessor", lambda e: {"previous": "ab" * 32}, "chain-forked"),
    ("a day back", lambda e: {"at": e.at - timedelta(days=1)}, "back-dated"),
    ("a day ahead", lambda e: {"at": e.at + timedelta(days=1)}, "back-dated"),
    ("another content", lambda e: {"after": "ab" * 32}, "hash-mismatch"),
    ("another content before", lambda e: {"before": "ab" * 32}, "hash-mismatch"),
    ("another count", lambda e: {"items": 7}, "count-mismatch"),
    ("no count", lambda e: {"items": 0}, "event-incomplete"),
    ("no seal", lambda e: {"seal": None}, "event-incomplete"),
    ("too much", lambda e: {"to": "state-bi"}, "event-incomplete"),
    ("another exhibit's number", lambda e: {"exhibit_number": "X"}, "event-foreign"),
    (
        "a step that does not fit",
        lambda e: {"act": Act.ACCEPT, "seal": None},
        "step-not-admitted",
    ),
    ("an acquisition again", lambda e: {"act": Act.ACQUIRE}, "step-not-admitted"),
]


@pytest.mark.parametrize(("what", "wrong", "code"), WRONG, ids=[what for what, _, _ in WRONG])
def test_the_database_refuses_by_name_what_the_actions_would_not_write(
    what: str, wrong: Callable[[Event], dict[str, Any]], code: str
) -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = actions.prepared(scope, exhibit, Act.SEAL, Said(PLACE, "why", seal="S-1"))
    assert _append(ALVAREZ, event, **wrong(event)) == code
    assert position(ALVAREZ, exhibit).number == 0


NEARLY: list[tuple[str, str, str]] = [
    ("a space more", '"zone"', ' "zone"'),
    ("a name twice", '"act":"seal"', '"act":"offer","act":"seal"'),
    ("a name more", '"zone":', '"yes":null,"zone":'),
    ("no number", '"number":1', '"number":null'),
    ("no count", '"items":1', '"items":null'),
    ("a count written otherwise", '"items":1', '"items":1e0'),
    ("a moment written otherwise", 'Z"', '+00:00"'),
    ("a letter written otherwise", '"Property room 2"', '"\\u0050roperty room 2"'),
    ("a tool without a name", '"tool":null', '"tool":{"name":"","version":"1"}'),
    ("a copy that is no exhibit", '"derived":null', '"derived":"another"'),
]


@pytest.mark.parametrize(("what", "true", "wrong"), NEARLY, ids=lambda v: str(v)[:30])
def test_a_text_that_is_nearly_an_event_ends_no_chain(what: str, true: str, wrong: str) -> None:
    """A chain with anything else in it could be followed by nothing."""
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = actions.prepared(scope, exhibit, Act.SEAL, Said(PLACE, "why", seal="S-1"))
    text = event.text().decode()
    assert true in text
    assert _said(ALVAREZ, text.replace(true, wrong)) == "event-incomplete"
    assert position(ALVAREZ, exhibit).number == 0


def test_whatever_people_write_is_an_event_to_the_database_too() -> None:
    exhibit = acquired()
    written = '\u00e9\u2028\U0001f512 "quoted" \\ and\r\n\ta tab, \x1b\x7f and </b>'
    with acting(ALVAREZ, DESK) as scope:
        actions.take(scope, exhibit, Act.SEAL, Said(written, written, seal="S-1"))
    assert position(ALVAREZ, exhibit).number == 1


def test_the_function_that_trusts_the_text_is_nobodys_to_call() -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        acting(ALVAREZ, DESK),
        connection.cursor() as cursor,
    ):
        cursor.execute("select accord.add_custody(null, '{}', '', null, '', null)")


def test_what_lost_its_basis_since_the_offer_is_not_taken_over() -> None:
    exhibit = acquired()
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    with acting(*IN_CASE) as scope:
        record_basis(scope, exhibit, basis=Basis.UNRECORDED, reference=None)
    with pytest.raises(Conflict, match="No legal basis"):
        take(PETROV, exhibit, Act.ACCEPT)
    take(PETROV, exhibit, Act.DECLINE)


def test_what_lost_its_basis_goes_back_to_its_owner_all_the_same() -> None:
    exhibit = handed_over()
    with acting(*IN_CASE) as scope:
        record_basis(scope, exhibit, basis=Basis.UNRECORDED, reference=None)
    take(MERCER, exhibit, Act.RETURN)
    take(WHITFIELD, exhibit, Act.ACCEPT)
    assert position(ALVAREZ, exhibit).custodian == "riverbend-pd"


def test_a_step_of_somebody_without_the_role_is_refused_by_the_database() -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK) as scope:
        event = actions.prepared(scope, exhibit, Act.SEAL, Said(PLACE, "why", seal="S-1"))
    who = {"member": "l.hart", "membership": ADVOCATE}
    with acting(ADVOCATE, DESK) as scope:
        who["member"] = scope.actor.member
    assert _append(ADVOCATE, event, **who) == "wrong-role"


def test_the_application_changes_and_deletes_nothing() -> None:
    exhibit = acquired()
    for statement in (
        "update custody_event set act = 'seal' where record_id = %s",
        "delete from custody_event where record_id = %s",
        "update custody_head set custodian_id = 'harlan-so' where id = %s",
        "delete from custody_head where id = %s",
        "insert into custody_reread (object_id, record_id, at, outcome)"
        " values (gen_random_uuid(), %s, now(), 'same')",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [exhibit])


def test_a_row_that_was_altered_past_everything_is_found_on_reading(admin: Any) -> None:
    exhibit = handed_over()
    admin.execute(
        "update custody_event e set sealed = o.sealed from custody_event o"
        " where e.record_id = %s and e.number = 1 and o.record_id = e.record_id and o.number = 2",
        [exhibit],
    )
    with acting(PETROV, DESK):
        faults = queries.chain(exhibit).chain.faults
    assert {str(f.code) for f in faults} == {"event-altered", "event-missing"}
    with pytest.raises(Conflict):
        take(PETROV, exhibit, Act.CHECK_OUT, receiver="somebody")


@pytest.mark.parametrize("number", [1, 2])
def test_a_dropped_row_is_found_on_reading(number: int, admin: Any) -> None:
    """The last one too, though nothing follows it."""
    exhibit = handed_over()
    gone = "delete from custody_event where record_id = %s and number = %s"
    admin.execute(gone, [exhibit, number])
    with acting(PETROV, DESK):
        faults = queries.chain(exhibit).chain.faults
    assert {str(f.code) for f in faults} == {"event-missing"}


def _at_once(*attempts: Callable[[], Event]) -> list[str]:
    """Run attempts in threads that begin together; what became of each."""
    barrier, done = threading.Barrier(len(attempts)), list[str]()

    def run(attempt: Callable[[], Event]) -> None:
        try:
            barrier.wait()
            attempt()
            done.append("done")
        except AccordError as error:
            done.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[each]) for each in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(done)


def test_of_two_offers_at_once_one_stands() -> None:
    for _ in range(4):
        exhibit = acquired()
        assert _at_once(
            lambda e=exhibit: take(ALVAREZ, e, Act.OFFER, to="state-bi"),
            lambda e=exhibit: take(OKAFOR, e, Act.OFFER, to="harlan-so"),
        ) == ["Conflict", "done"]
        assert position(ALVAREZ, exhibit).number == 1


def test_of_an_acceptance_and_a_withdrawal_at_once_one_stands() -> None:
    for _ in range(4):
        exhibit = acquired()
        take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
        found = _at_once(
            lambda e=exhibit: take(ALVAREZ, e, Act.WITHDRAW),
            lambda e=exhibit: take(PETROV, e, Act.ACCEPT),
        )
        assert found in (["Conflict", "done"], ["NotAllowed", "done"], ["NotFound", "done"])
        assert position(ALVAREZ, exhibit).number == 2


def test_disposal_takes_an_order_two_people_and_no_legal_hold(admin: Any) -> None:
    exhibit = acquired()
    take(WHITFIELD, exhibit, Act.ORDER, order=ORDER)
    with pytest.raises(NotAllowed, match="does not carry it out"):
        take(WHITFIELD, exhibit, Act.DISPOSE)
    admin.execute("update record set legal_hold = true where id = %s", [exhibit])
    with pytest.raises(Conflict, match="legal hold"):
        take(OKAFOR, exhibit, Act.DISPOSE)
    admin.execute("update record set legal_hold = false where id = %s", [exhibit])
    take(OKAFOR, exhibit, Act.DISPOSE)
    left = admin.execute("select count(*) from stored_object where record_id = %s", [exhibit])
    assert left.fetchone() == (0,)
    found = position(OKAFOR, exhibit)
    assert (found.state, found.content) == ("disposed", None)
    with acting(OKAFOR, DESK):
        assert queries.custody_file(exhibit)["events"] == 3


PURGED = """
delete from part_key where part_id in (select id from part where record_id = %(it)s);
delete from search_exact where part_id in (select id from part where record_id = %(it)s);
delete from search_name where part_id in (select id from part where record_id = %(it)s);
delete from search_text where part_id in (select id from part where record_id = %(it)s);
delete from part where record_id = %(it)s;
delete from record where id = %(it)s
"""


def test_what_another_agency_has_in_custody_is_not_purged(world: Path) -> None:
    exhibit = handed_over()

    def purge(admin: Any) -> None:
        with admin.transaction():
            for statement in PURGED.split(";"):
                admin.execute(statement, {"it": exhibit})

    with (
        superuser(world) as admin,
        pytest.raises(InsufficientPrivilege, match="another agency has this exhibit"),
    ):
        purge(admin)


def test_an_exhibit_of_another_agency_is_not_disposed_of() -> None:
    exhibit = handed_over()
    with pytest.raises(NotAllowed):
        take(MERCER, exhibit, Act.ORDER, order=ORDER)


def test_a_chain_is_begun_once_and_for_an_own_exhibit_with_a_file() -> None:
    exhibit = acquired()
    with acting(ALVAREZ, DESK):
        kept = queries.chain(exhibit)
    first = kept.chain.events[0]
    assert after(Position(), first) == kept.chain.position
    with pytest.raises(Conflict), acting(ALVAREZ, DESK) as scope:
        actions.acquire(scope, actions.Acquired(exhibit, "again", "ef" * 32), SAID)
    with pytest.raises(Conflict), acting(ALVAREZ, DESK) as scope:
        actions.acquire(scope, actions.Acquired(uuid4(), "none", "ef" * 32), SAID)


def test_every_code_of_the_database_has_its_sentence(admin: Any) -> None:
    (source,) = admin.execute(
        "select string_agg(prosrc, chr(10)) from pg_proc"
        " where proname in ('add_custody', 'append_custody')"
    ).fetchone()
    returned = {line.split("'")[1] for line in source.splitlines() if "return '" in line}
    assert len(returned) > 10
    assert returned | {"not-accepted", "step-not-admitted"} <= set(policy.REFUSED)
