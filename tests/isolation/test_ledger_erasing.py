"""A body of the ledger is erased by two people of the agency that holds it, and in no other way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.test import Client

from accord.agencies.actions import create_api_token, create_signin_link
from accord.desk import erasing
from accord.identity import domain as domain_of_sign_ins
from accord.identity.tokens.domain import TokenProof
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from accord.ledger import actions, checking, exporting, proving, queries
from accord.ledger.domain import ACTING, OWNING, Item
from accord.ledger.erasing import domain
from accord.ledger.erasing import queries as proposals
from accord.ledger.erasing.domain import KEPT, OVER, STEPS, ErasureState, ErasureStep, Kept
from accord.records.actions.keeping import set_legal_hold
from isolation.contributing import acting, draft, write
from isolation.custodying import acquired
from isolation.direct import Asker, administrator, connect, sealed
from isolation.public_by_design import normalised
from naming import wrong_with

OFFICE = "records-administration"
HT, TRAFFICKING = "HT-2026-014", "human-trafficking-investigation"
ALVAREZ, OKAFOR, WHITFIELD, SANDOVAL = (
    f"riverbend-pd.{who}" for who in ("m.alvarez", "d.okafor", "j.whitfield", "p.sandoval")
)
RASMUSSEN, FERRIS, LINDQVIST, IBARRA, BOONE = (
    f"harlan-so.{who}" for who in ("e.rasmussen", "s.ferris", "g.lindqvist", "n.ibarra", "c.boone")
)
MERCER = "state-bi.h.mercer"
ORDER = ("court-order", "Tri-County 2026-CV-118", "The court ordered that it be expunged.")


def logged(by: str = ALVAREZ, owner: str = "harlan-so", record: UUID | None = None) -> UUID:
    """An entry about a record of Harlan; one that is gone since, where none is named."""
    record = record or uuid4()
    with acting(by, TRAFFICKING, HT if by in (ALVAREZ, BOONE) else None) as scope:
        item = Item(str(record), "core", owner, "mou-2026-007", "4.2")
        scope.items[str(record), "core"] = item
        scope.did("disclosure", query="Erased Byorder")
        made = scope.entry_id
    actions.sequence_all()
    return made


def propose(entry: UUID, by: str = RASMUSSEN, said: tuple[str, str, str] = ORDER) -> UUID:
    with acting(by, OFFICE) as scope:
        return erasing.propose(scope, entry, *said)


def approve(proposal: UUID, by: str = LINDQVIST) -> UUID:
    with acting(by, OFFICE) as scope:
        erasing.approve(scope, proposal)
        made = scope.entry_id
    actions.sequence_all()
    return made


def withdraw(proposal: UUID, by: str = RASMUSSEN) -> None:
    with acting(by, OFFICE) as scope:
        erasing.withdraw(scope, proposal)


def body(entry: UUID, by: str, view: str | None = None) -> Any:
    with acting(by, "oversight"):
        return queries.entry(entry, view).body


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db:
        yield db


@pytest.fixture
def second_overseer(admin: Any) -> Iterator[str]:
    """An analyst of Harlan who oversees as well, for one test."""
    statement = "update membership set roles = %s where id = %s"
    admin.execute(statement, [["analyst", "oversight-officer"], IBARRA])
    yield IBARRA
    admin.execute(statement, [["analyst"], IBARRA])


# -- two people ------------------------------------------------------------------------------------


def test_two_people_erase_what_their_agency_holds_and_the_tree_stays(
    world: Path, tmp_path: Path
) -> None:
    entry = logged()
    assert body(entry, LINDQVIST) is not None
    proposal = propose(entry)
    erasure = approve(proposal)
    with acting(LINDQVIST, "oversight"):
        found = queries.entry(entry)
        assert (found.line.erased, found.body) == (True, None)
        assert (found.line.records, found.line.clauses) == ((), ())
        with pytest.raises(NotFound, match="erased"):
            proving.receipt(entry)
        said = queries.entry(erasure)
        assert said.line.kind == "erasure"
        assert said.body is not None
        detail = said.body["detail"]
        assert (detail["entry"], detail["reference"], detail["proposed_by"], detail["body"]) == (
            str(entry),
            ORDER[1],
            RASMUSSEN,
            OWNING,
        )
        exporting.write_lines(tmp_path / "a.jsonl", exporting.export_lines())
        done = proposals.proposal(proposal)
    assert (done.state, done.closed_by, done.erasure_id) == (
        ErasureState.ERASED,
        LINDQVIST,
        erasure,
    )
    assert (done.said.basis, done.said.reference, done.said.reason) == ORDER
    assert checking.check_ledger().verifies
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    place, by = queries.place_of(entry), queries.place_of(erasure)
    marked = next(line for line in lines if line.get("i") == place)
    assert marked["erased"] == [{"view": OWNING, "by": by}]
    assert wrong_with(tmp_path / "a.jsonl") == set()
    # what the agency holds that acted is its own
    assert body(entry, ALVAREZ)["detail"] == {"query": "Erased Byorder"}
    assert body(entry, SANDOVAL) is not None


def test_nothing_of_an_erased_body_is_left_in_its_row(world: Path, admin: Any) -> None:
    entry = logged()
    approve(propose(entry))
    row = admin.execute(
        "select body_cipher, body_key, records, clauses from ledger_view"
        " where entry_id = %s and agency_id = 'harlan-so'",
        [entry],
    ).fetchone()
    assert row == {"body_cipher": None, "body_key": None, "records": [], "clauses": []}


def test_the_complete_body_is_erased_by_two_oversight_officers(
    world: Path, second_overseer: str
) -> None:
    entry = logged(BOONE, owner="harlan-so")
    with pytest.raises(NotAllowed, match="its oversight officers alone"):
        propose(entry)  # she reads her agency's view as owner
    proposal = propose(entry, LINDQVIST)
    with pytest.raises(NotFound):
        approve(proposal, RASMUSSEN)
    approve(proposal, second_overseer)
    with acting(LINDQVIST, "oversight"):
        line = queries.entry(entry, ACTING).line
        assert (line.erased, line.purpose, line.case) == (True, None, None)
    for by in (LINDQVIST, BOONE):
        assert body(entry, by, ACTING) is None
    assert body(entry, RASMUSSEN, OWNING) is None


def test_nobody_erases_alone(world: Path) -> None:
    entry = logged()
    for first in (LINDQVIST, RASMUSSEN):
        proposal = propose(entry, first)
        with pytest.raises(NotAllowed, match="cannot approve it as well"):
            approve(proposal, first)
        withdraw(proposal, first)
    assert body(entry, LINDQVIST) is not None


def test_one_of_the_two_is_an_oversight_officer(world: Path) -> None:
    entry = logged()
    proposal = propose(entry)
    with pytest.raises(NotAllowed, match="is an oversight officer"):
        approve(proposal, FERRIS)
    withdraw(proposal, FERRIS)
    approve(propose(entry, LINDQVIST), FERRIS)


def test_the_first_person_is_in_office_still(world: Path, admin: Any) -> None:
    entry = logged()
    proposal = propose(entry, FERRIS)
    admin.execute("update membership set roles = '{analyst}' where id = %s", [FERRIS])
    try:
        with pytest.raises(NotAllowed, match="no longer decides"):
            approve(proposal)
    finally:
        admin.execute("update membership set roles = '{records-custodian}' where id = %s", [FERRIS])
    withdraw(proposal)


def test_nobody_erases_the_trace_of_what_they_did(world: Path, second_overseer: str) -> None:
    entry = logged(IBARRA, owner="riverbend-pd")
    with pytest.raises(NotAllowed, match="You acted in this entry"):
        propose(entry, second_overseer)
    proposal = propose(entry, LINDQVIST)
    with pytest.raises(NotAllowed, match="You acted in this entry"):
        approve(proposal, second_overseer)
    withdraw(proposal, LINDQVIST)
    assert body(entry, IBARRA) is not None


def test_whoever_may_not_read_an_entry_finds_none(world: Path) -> None:
    entry = logged()
    for by in ("state-bi.h.mercer", OKAFOR):
        with pytest.raises(NotFound) as hidden:
            propose(entry, by)
        with pytest.raises(NotFound) as absent:
            propose(uuid4(), by)
        assert str(hidden.value) == str(absent.value)
    with pytest.raises(NotAllowed, match="An oversight officer"):
        propose(entry, BOONE)  # reads it, and decides nothing
    proposal = propose(entry)
    for step in (approve, withdraw):
        for by in (SANDOVAL, BOONE, "state-bi.h.mercer"):
            with pytest.raises(NotFound):
                step(proposal, by)
    withdraw(proposal)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (("consent", "x", ORDER[2]), "basis"),
        (("statute", "  ", ORDER[2]), "reference"),
        (("statute", "x" * 201, ORDER[2]), "reference"),
        (("statute", "s. 4", "short"), "reason"),
        (("statute", "s. 4", "x" * 4_001), "reason"),
    ],
)
def test_a_proposal_names_a_basis_and_a_reason(
    world: Path, said: tuple[str, str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        propose(logged(), said=said)
    assert refused.value.field == field


# -- what keeps an entry ---------------------------------------------------------------------------


def kept(entry: UUID, why: Kept, by: str = RASMUSSEN) -> None:
    with pytest.raises(NotAllowed) as refused:
        propose(entry, by)
    assert str(refused.value) == KEPT[why]


@contextmanager
def held() -> Iterator[UUID]:
    """A record of Harlan under a legal hold."""
    made = write(draft(agency="harlan-so", name="Held Byorder"), by=RASMUSSEN).record_ids[0]
    with acting(RASMUSSEN, OFFICE) as scope:
        set_legal_hold(scope, made, True, "Asked for by the court in ErasureState v. Doe.")
    yield made
    with acting(RASMUSSEN, OFFICE) as scope:
        set_legal_hold(scope, made, False, "The court has ended the proceeding.")


def test_a_legal_hold_keeps_every_entry_that_names_its_record(
    world: Path, second_overseer: str
) -> None:
    with held() as record:
        kept(logged(record=record), Kept.HOLD)
        # the acting side too: what was asked there belongs to the same trace
        kept(logged(record=record), Kept.HOLD, SANDOVAL)
        with acting(FERRIS, OFFICE) as scope:
            scope.did("alteration", step="a step that names it in words", record=str(record))
            entry = scope.entry_id
        kept(entry, Kept.HOLD, LINDQVIST)


def test_a_hold_that_is_set_meanwhile_stops_the_approval_also_in_the_database(
    world: Path, admin: Any
) -> None:
    # of another agency, so that no recall of Harlan's own keeps it
    record = write(draft(agency="riverbend-pd", name="Held Later"), by=WHITFIELD).record_ids[0]
    with acting(BOONE, TRAFFICKING, HT) as scope:
        for owner, named in (("riverbend-pd", record), ("state-bi", uuid4())):
            scope.items[str(named), "core"] = Item(str(named), "core", owner, handle="h" * 52)
        scope.did("disclosure")
        entry = scope.entry_id
    admin.execute("update membership set roles = %s where id = %s", [["oversight-officer"], IBARRA])
    try:
        proposal = propose(entry, LINDQVIST)
        admin.execute("update record set legal_hold = true where id = %s", [record])
        with pytest.raises(NotAllowed, match="A legal hold"):
            approve(proposal, IBARRA)
        with pytest.raises(psycopg.Error, match=r"is kept \(hold\)"), direct(world, IBARRA) as db:
            erase(db, proposal)
    finally:
        admin.execute("update record set legal_hold = false where id = %s", [record])
        admin.execute("update membership set roles = '{analyst}' where id = %s", [IBARRA])
    withdraw(proposal, LINDQVIST)


def test_a_record_that_is_kept_can_still_be_recalled_from_whoever_was_shown_it(
    world: Path,
) -> None:
    record = write(draft(agency="harlan-so", name="Kept Byorder"), by=RASMUSSEN).record_ids[0]
    entry = logged(record=record)
    kept(entry, Kept.RECALL)
    with acting(RASMUSSEN, OFFICE):
        assert "riverbend-pd" in queries.disclosed_to(str(record))


def test_a_duty_that_nobody_has_discharged_keeps_its_entry(world: Path, admin: Any) -> None:
    entry, at = logged(), datetime.now(UTC)
    admin.execute(
        "insert into duty (id, entry_id, agency, owner_id, record_id, parts, agreement,"
        " agreement_hash, clause, kind, made_at, held, waits_for, by_member, closed) values"
        " (%s, %s, 'riverbend-pd', 'harlan-so', %s, '{core}', 'mou-2026-007', '', '4.2',"
        " 'return-copy', %s, false, '{}', %s, false)",
        [entry, entry, uuid4(), at, ALVAREZ],
    )
    kept(entry, Kept.DUTY)
    admin.execute(
        "update duty set discharged_at = %s, how = 'destroyed' where id = %s", [at, entry]
    )
    withdraw(propose(entry))
    admin.execute("delete from duty where id = %s", [entry])


def test_a_step_of_custody_keeps_its_entry(world: Path, admin: Any) -> None:
    exhibit = acquired()
    entry = admin.execute(
        "select entry_id from custody_event where record_id = %s", [exhibit]
    ).fetchone()["entry_id"]
    kept(entry, Kept.CUSTODY, SANDOVAL)


def test_an_erasure_is_never_erased(world: Path, second_overseer: str) -> None:
    erasure = approve(propose(logged()))
    kept(erasure, Kept.ERASURE, second_overseer)


# -- a proposal that is over -----------------------------------------------------------------------


def test_a_proposal_is_carried_out_once(world: Path) -> None:
    entry = logged()
    proposal = propose(entry)
    with pytest.raises(Conflict, match="already proposed"):
        propose(entry, FERRIS)
    approve(proposal)
    with pytest.raises(Conflict, match="erased already"):
        approve(proposal)
    with pytest.raises(Conflict, match="erased already"):
        withdraw(proposal)
    with pytest.raises(Conflict, match="erased already"):
        propose(entry)


def test_a_proposal_that_was_withdrawn_erases_nothing(world: Path) -> None:
    entry = logged()
    proposal = propose(entry)
    withdraw(proposal, LINDQVIST)
    with pytest.raises(Conflict, match="was withdrawn"):
        approve(proposal)
    assert body(entry, LINDQVIST) is not None


def test_the_table_of_states_is_whole() -> None:
    for state in ErasureState:
        for wanted in ErasureStep:
            if (state, wanted) in STEPS:
                assert domain.step(state, wanted) is STEPS[state, wanted]
            else:
                with pytest.raises(Conflict, match=str(OVER[state])):
                    domain.step(state, wanted)


# -- the application's role, past the actions ------------------------------------------------------


def direct(world: Path, by: str) -> Any:
    return sealed(world, Asker(by, OFFICE))


def erase(db: Any, proposal: UUID, entry: UUID | None = None) -> None:
    db.execute("select accord.erase_body(%s, %s, '{}')", [proposal, entry or uuid4()])


INSERT = (
    "insert into ledger_erasure (id, entry_id, agency_id, view, state, cipher, key, proposed_by,"
    " proposed_at) values (gen_random_uuid(), %s, %s, %s, %s, '', '', %s, now())"
)


def test_the_applications_role_cannot_do_what_two_people_must(world: Path, admin: Any) -> None:
    entry = logged()
    gone = "body_cipher = null, body_key = null, records = '{}', clauses = '{}'"
    for statement in (
        f"update ledger_view set {gone}, erased_by_id = entry_id",
        f"update ledger_entry set {gone}, erased_by_id = id",
        "update ledger_erasure set erasure_id = entry_id",
        "update ledger_erasure set proposed_by = 'harlan-so.g.lindqvist'",
        "delete from ledger_erasure",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), direct(world, LINDQVIST) as db:
            db.execute(statement)
    proposal = propose(entry)
    refusals: dict[str, str] = {
        RASMUSSEN: "two people",
        FERRIS: "two people",
        SANDOVAL: "no such proposal",
        BOONE: "does not decide",
        ALVAREZ: "no such proposal",
    }
    for by, said in refusals.items():
        with pytest.raises(psycopg.Error, match=said), direct(world, by) as db:
            erase(db, proposal)
    with pytest.raises(psycopg.Error, match="no standing"), connect(world) as db:
        erase(db, proposal)
    assert body(entry, LINDQVIST) is not None
    withdraw(proposal)
    with pytest.raises(psycopg.Error, match="no such proposal"), direct(world, LINDQVIST) as db:
        erase(db, proposal)
    # what was withdrawn is not proposed again, nor called erased
    for state in ("proposed", "erased"):
        change = "update ledger_erasure set state = %s where id = %s"
        with pytest.raises(psycopg.Error, match="withdrawn, once"), direct(world, LINDQVIST) as db:
            db.execute(change, [state, proposal])
    # nor does anybody withdraw in another's name, or what they may not decide about
    other = propose(entry)
    change = "update ledger_erasure set state = 'withdrawn', closed_by = %s, closed_at = now()"
    with pytest.raises(psycopg.Error, match="withdrawn, once"), direct(world, LINDQVIST) as db:
        db.execute(f"{change} where id = %s", [FERRIS, other])
    for by in (SANDOVAL, BOONE):
        with direct(world, by) as db:
            assert db.execute(f"{change} where id = %s", [by, other]).rowcount == 0
    withdraw(other)


def test_a_proposal_is_made_in_ones_own_name_and_about_what_ones_agency_holds(world: Path) -> None:
    entry, own = logged(), logged(BOONE)
    for by, values in (
        (FERRIS, [entry, "harlan-so", OWNING, "proposed", RASMUSSEN]),
        (FERRIS, [entry, "harlan-so", OWNING, "erased", FERRIS]),
        (FERRIS, [entry, "harlan-so", ACTING, "proposed", FERRIS]),
        (FERRIS, [own, "harlan-so", OWNING, "proposed", FERRIS]),
        (FERRIS, [own, "harlan-so", ACTING, "proposed", FERRIS]),
        (FERRIS, [entry, "riverbend-pd", ACTING, "proposed", FERRIS]),
        (BOONE, [entry, "harlan-so", OWNING, "proposed", BOONE]),
        (OKAFOR, [entry, "riverbend-pd", ACTING, "proposed", OKAFOR]),
        ("state-bi.h.mercer", [entry, "state-bi", OWNING, "proposed", "state-bi.h.mercer"]),
    ):
        with pytest.raises(psycopg.Error, match="row-level security"), direct(world, by) as db:
            db.execute(INSERT, values)
    with direct(world, FERRIS) as db:
        db.execute(INSERT, [entry, "harlan-so", OWNING, "proposed", FERRIS])


def test_what_erases_a_body_says_that_it_is_an_erasure(world: Path) -> None:
    entry = logged()
    proposal = propose(entry)
    with pytest.raises(DatabaseError, match="under an erasure"):
        _erase_and_say_nothing(proposal)
    assert body(entry, LINDQVIST) is not None
    withdraw(proposal)


def _erase_and_say_nothing(proposal: UUID) -> None:
    with acting(LINDQVIST, OFFICE) as scope, connection.cursor() as cursor:
        cursor.execute("select accord.erase_body(%s, %s, '{}')", [proposal, scope.entry_id])


def test_an_earlier_erasure_erases_nothing_else(world: Path) -> None:
    """Whoever approved one has an entry of the right kind and name: it stands for that one alone."""
    earlier, entry = approve(propose(logged())), logged()
    proposal = propose(entry)
    with pytest.raises(psycopg.Error, match="an entry of its own"), direct(world, LINDQVIST) as db:
        erase(db, proposal, earlier)
    assert body(entry, LINDQVIST) is not None
    withdraw(proposal)


def test_proposals_are_shown_to_those_who_may_decide(world: Path, second_overseer: str) -> None:
    """The whole table against what each may see, by the roles and the agency alone."""
    made = {
        propose(logged()): ("harlan-so", OWNING),
        propose(logged(BOONE), LINDQVIST): ("harlan-so", ACTING),
        propose(logged(ALVAREZ), SANDOVAL): ("riverbend-pd", ACTING),
    }
    may: dict[str, Callable[[str, str], bool]] = {
        LINDQVIST: lambda agency, _: agency == "harlan-so",
        second_overseer: lambda agency, _: agency == "harlan-so",
        RASMUSSEN: lambda agency, view: (agency, view) == ("harlan-so", OWNING),
        FERRIS: lambda agency, view: (agency, view) == ("harlan-so", OWNING),
        SANDOVAL: lambda agency, _: agency == "riverbend-pd",
        OKAFOR: lambda agency, view: (agency, view) == ("riverbend-pd", OWNING),
        BOONE: lambda *_: False,
        ALVAREZ: lambda *_: False,
        "state-bi.h.mercer": lambda *_: False,
    }
    for by, sees in may.items():
        with direct(world, by) as db:
            shown = {row["id"] for row in db.execute("select id from ledger_erasure")}
        assert shown & set(made) == {each for each, about in made.items() if sees(*about)}, by
    with connect(world) as db:
        assert db.execute("select id from ledger_erasure").fetchall() == []
    for proposal, (agency, _) in made.items():
        withdraw(proposal, LINDQVIST if agency == "harlan-so" else SANDOVAL)


def test_what_keeps_an_entry_is_said_to_nobody_else(world: Path) -> None:
    with held() as record:
        entry = logged(record=record)
        asked = "select accord.erasure_kept(%s, %s::uuid[]) as kept"
        for by, said in ((RASMUSSEN, "hold"), (BOONE, None), (OKAFOR, None), (ALVAREZ, None)):
            with direct(world, by) as db:
                assert db.execute(asked, [entry, []]).fetchone()["kept"] == said
        # a hold on another owner's record of the same entry
        with acting(ALVAREZ, TRAFFICKING, HT) as scope:
            for owner, named in (("harlan-so", record), ("state-bi", uuid4())):
                scope.items[str(named), "core"] = Item(str(named), "core", owner)
            scope.did("disclosure")
            both = scope.entry_id
        for by, said in ((RASMUSSEN, "hold"), (SANDOVAL, "hold"), (MERCER, None)):
            with direct(world, by) as db:
                assert db.execute(asked, [both, []]).fetchone()["kept"] == said, by
                decides = db.execute("select accord.erasure_view(%s) as view", [both]).fetchone()
                assert decides["view"] is not None, by
        # ids that are named beside: of the own agency alone
        with direct(world, SANDOVAL) as db:
            assert db.execute(asked, [logged(), [record]]).fetchone()["kept"] is None


# -- the pages and the API -------------------------------------------------------------------------


def browser(member: str) -> Client:
    client = Client()
    assert client.post(create_signin_link(member)).status_code == 303
    return client


def form(basis: str = ORDER[0], reference: str = ORDER[1], reason: str = ORDER[2]) -> Any:
    return {"basis": basis, "reference": reference, "reason": reason}


def test_two_people_erase_on_the_pages(world: Path) -> None:
    entry, first, second = logged(), browser(RASMUSSEN), browser(LINDQVIST)
    address = f"/ledger/{entry}"
    assert "Propose to erase" in first.get(address).content.decode()
    plain = browser(BOONE).get(address)
    assert plain.status_code == 200
    assert "Propose to erase" not in plain.content.decode()
    refused = first.post(f"{address}/erasure", form(reference=""))
    assert refused.status_code == 400
    assert "which order, or which section" in refused.content.decode()
    proposed = first.post(f"{address}/erasure", form())
    assert proposed.status_code == 303
    proposal = proposed["Location"]
    page = first.get(proposal).content.decode()
    assert "cannot approve it as well" in page
    assert first.post(f"{proposal}/approve").status_code == 403
    assert "/ledger/erasures/" in second.get("/").content.decode()
    assert ORDER[1] in second.get("/ledger/erasures/").content.decode()
    page = second.get(proposal).content.decode()
    assert "Backups keep it until they expire" in page
    assert page.index("Backups keep it") < page.index("Erase it for good")
    assert second.post(f"{proposal}/approve").status_code == 303
    assert "The entry of the erasure" in second.get(proposal).content.decode()
    page = first.get(address).content.decode()
    assert "The content of this entry was erased" in page
    assert ORDER[1] in page
    again = second.post(f"{proposal}/approve")
    assert again.status_code == 409
    assert "erased already" in again.content.decode()


def test_proposing_and_approving_ask_for_a_proof_of_the_last_minutes(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, client, token = logged(), browser(RASMUSSEN), create_api_token(RASMUSSEN)
    proposal = propose(logged(), LINDQVIST)
    for proof in (domain_of_sign_ins.Proof, TokenProof):
        monkeypatch.setattr(proof, "is_fresh", lambda *_: False)
    for answer in (
        client.post(f"/ledger/{entry}/erasure", form()),
        client.post(f"/ledger/erasures/{proposal}/approve"),
        call(token, "POST", f"/ledger/entries/{entry}/erasure-proposals", **form()),
        call(token, "POST", f"/ledger/erasures/{proposal}/approval"),
    ):
        assert answer.status_code == 401
        assert "insufficient_user_authentication" in answer.headers["WWW-Authenticate"]
    assert call(token, "POST", f"/ledger/erasures/{proposal}/withdrawal").status_code == 200


def call(token: str, method: str, path: str, **said: Any) -> Any:
    sent = {"data": json.dumps(said), "content_type": "application/json"} if said else {}
    headers = {"Authorization": f"Bearer {token}"}
    return getattr(Client(), method.lower())(f"/api/v1{path}", headers=headers, **sent)


def test_the_same_over_the_api(world: Path) -> None:
    entry = logged()
    first, second, other = (create_api_token(m) for m in (RASMUSSEN, LINDQVIST, SANDOVAL))
    made = call(first, "POST", f"/ledger/entries/{entry}/erasure-proposals", **form())
    assert made.status_code == 201, made.content
    proposal = made.json()
    assert (proposal["state"], proposal["view"], proposal["entry"]) == (
        "proposed",
        "owning",
        str(entry),
    )
    listed = call(second, "GET", "/ledger/erasures?limit=1").json()
    assert listed["items"][0]["id"] == proposal["id"]
    address = f"/ledger/erasures/{proposal['id']}"
    assert call(first, "POST", f"{address}/approval").status_code == 403
    hidden = call(other, "GET", address)
    absent = call(other, "GET", f"/ledger/erasures/{uuid4()}")
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert _bare(hidden) == _bare(absent)
    done = call(second, "POST", f"{address}/approval")
    assert done.status_code == 200, done.content
    assert (done.json()["state"], done.json()["closed_by"]) == ("erased", LINDQVIST)
    assert call(second, "POST", f"{address}/withdrawal").status_code == 409
    stated = {"Authorization": f"Bearer {second}", "Accord-Purpose": "oversight"}
    shown = Client().get(f"/api/v1/ledger/entries/{entry}", headers=stated).json()
    assert (shown["erased"], shown["body"]) == (True, None)


def _bare(answer: Any) -> dict[str, Any]:
    return {n: v for n, v in answer.json().items() if n not in ("reference", "instance")}


def test_hidden_and_absent_pages_are_the_same_bytes(world: Path) -> None:
    entry, client = logged(BOONE), browser(OKAFOR)
    proposal = propose(entry, LINDQVIST)

    def shown(address: str, post: bool) -> tuple[int, bytes]:
        answer = client.post(address, form()) if post else client.get(address)
        body = answer.content
        for part in (str(proposal), str(entry), absent):
            body = body.replace(part.encode(), b"<id>")
        return answer.status_code, normalised(address, body)

    absent = str(uuid4())
    for path, real, post in (
        ("/ledger/{}/erasure", entry, True),
        ("/ledger/erasures/{}", proposal, False),
        ("/ledger/erasures/{}/approve", proposal, True),
        ("/ledger/erasures/{}/withdraw", proposal, True),
    ):
        assert shown(path.format(real), post) == shown(path.format(absent), post)
        assert shown(path.format(real), post)[0] == 404
    withdraw(proposal, LINDQVIST)
