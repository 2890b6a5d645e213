"""Consents and emergencies open exactly what their clauses say, and end by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from accord.agreements.domain import Obligation
from accord.agreements.duties import actions as duties
from accord.agreements.duties import jobs
from accord.agreements.duties import queries as told
from accord.agreements.duties.actions import Disclosed
from accord.agreements.duties.queries import DutyState
from accord.agreements.statements import queries
from accord.agreements.statements.domain import (
    CONSENT,
    EMERGENCY,
    Act,
    Statement,
    StatementState,
    Step,
)
from accord.kernel import clock, ids
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.records.actions import statements as acts
from accord.records.actions.statements import Draft
from accord.records.queries.records import record_view
from isolation.contributing import acting, draft, write
from isolation.direct import Asker, administrator, connect, sealed
from isolation.naive import HT, TRAFFICKING

HART, MOREAU = "riverbend-pd.l.hart", "safe-harbor.i.moreau"
PROTECTION, OFFICE, ASSESSING = (
    "victim-protection",
    "records-administration",
    "intelligence-assessment",
)
WHY = "She signed the form with the interpreter and her advocate present."
DANGER = "A message read this morning names the house and says tonight."
IN, ABROAD = "HT-2025-108", "IN-2026-003"
OPENS = ("core", "identity", "contact", "health")


def soon(**by: int) -> datetime:
    return datetime.now(UTC) + timedelta(**by)


def consent(victim: UUID, **changed: object) -> Draft:
    facts: dict[str, object] = {
        "kind": CONSENT,
        "recipient": "safe-harbor",
        "purpose": PROTECTION,
        "record": victim,
        "parts": ("core", "identity", "contact"),
        "until": soon(days=30),
        "reason": WHY,
    }
    return Draft(**{**facts, **changed})  # type: ignore[arg-type]  # the cases say what they change


@pytest.fixture
def victim(world: Path) -> UUID:
    """A Riverbend record of an adult victim, with four parts."""
    made = write(
        draft(subjects=("victim",), name=f"Q {uuid4().hex}"), by="riverbend-pd.j.whitfield"
    )
    return made.record_ids[0]


def give(victim: UUID, by: str = HART, asking_for: str = PROTECTION, **changed: object) -> UUID:
    with acting(by, asking_for) as scope:
        return acts.give(scope, consent(victim, **changed))


def seen(world: Path, asker: Asker, record: UUID) -> set[str]:
    with sealed(world, asker) as db:
        rows = db.execute("select kind from part where record_id = %s", [record]).fetchall()
    return {row["kind"] for row in rows}


def test_a_consent_opens_exactly_its_parts_to_exactly_that_agency_and_purpose(
    world: Path, victim: UUID
) -> None:
    helper = Asker(MOREAU, PROTECTION)
    assert seen(world, helper, victim) == set()
    made = give(victim)
    assert seen(world, helper, victim) == {"core", "identity", "contact"}
    assert seen(world, Asker(MOREAU, OFFICE), victim) == set()
    for other in (
        Asker("harlan-so.c.boone", TRAFFICKING, HT),
        Asker("state-bi.a.desai", TRAFFICKING, HT),
        Asker("tri-county-da.f.castillo", PROTECTION, HT),
    ):
        assert seen(world, other, victim) == set(), other
    with acting(HART) as scope:
        acts.revoke(scope, made, "withdrawn-by-the-person")
    assert seen(world, helper, victim) == set()


def test_a_consent_ends_by_itself(world: Path, victim: UUID) -> None:
    give(victim, until=soon(seconds=3))
    helper = Asker(MOREAU, PROTECTION)
    assert seen(world, helper, victim) == {"core", "identity", "contact"}
    time.sleep(3.1)
    assert seen(world, helper, victim) == set()


def test_a_consent_for_a_case_opens_what_is_placed_there(world: Path, victim: UUID) -> None:
    from accord.records.actions import add_case_key

    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        add_case_key(scope, victim, scope.context.case_id or uuid4())
    outside = write(draft(subjects=("victim",), name="Elsewhere")).record_ids[0]
    with acting(HART, PROTECTION, HT) as scope:
        made = acts.give(scope, consent(victim, record=None, parts=("contact",)))
    helper = Asker(MOREAU, PROTECTION, HT)
    assert "contact" in seen(world, helper, victim)
    assert seen(world, helper, outside) == set()
    with acting(HART) as scope:
        acts.revoke(scope, made, "given-in-error")
    assert "contact" not in seen(world, helper, victim)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"until": timedelta(days=-1)}, "until"),
        ({"until": timedelta(days=400)}, "until"),
        ({"reason": "short"}, "reason"),
        ({"recipient": "no-such"}, "recipient"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"purpose": None}, "purpose"),
        ({"parts": ()}, "parts"),
        ({"parts": ("biometric",)}, "parts"),
        ({"kind": "grant"}, "kind"),
        ({"kind": "case"}, "kind"),
        ({"record": None}, "about"),
    ],
    ids=str,
)
def test_a_wrong_consent_names_the_field_and_changes_nothing(
    world: Path, victim: UUID, changed: dict[str, object], field: str
) -> None:
    before = _count(world)
    if isinstance(ends_in := changed.get("until"), timedelta):
        changed = changed | {"until": soon() + ends_in}
    with pytest.raises(InvalidInput) as wrong:
        give(victim, **changed)
    assert wrong.value.field == field
    assert _count(world) == before


def _count(world: Path) -> dict[str, int]:
    with administrator(world) as admin:
        return {
            table: admin.execute(f"select count(*) as n from {table}").fetchone()["n"]
            for table in ("statement", "statement_act", "statement_notice", "part_key", "record")
        }


def test_only_the_owner_s_advocate_or_custodian_records_a_consent(
    world: Path, victim: UUID
) -> None:
    before = _count(world)
    for by, purpose, error in (
        ("riverbend-pd.m.alvarez", OFFICE, NotAllowed),  # not such a role
        ("riverbend-pd.d.okafor", OFFICE, NotAllowed),
        ("riverbend-pd.j.whitfield", OFFICE, NotAllowed),  # not trained, so no clause releases it
        ("harlan-so.s.ferris", OFFICE, NotFound),  # another agency's record
        (MOREAU, PROTECTION, NotFound),
    ):
        with pytest.raises(error):
            give(victim, by, purpose)
    with pytest.raises(NotAllowed, match="An emergency is declared"):
        give(victim, kind=EMERGENCY)
    with pytest.raises(NotAllowed, match="supervisor makes"):
        give(victim, kind="determination(necessity)")
    assert _count(world) == before


def test_an_owner_who_releases_only_what_was_consented_to_can_record_a_consent(
    world: Path,
) -> None:
    """Safe Harbor's own rule is `release when consent`: the key counts towards its own writing."""
    made = write(
        draft(agency="safe-harbor", subjects=("victim",), name="S"), by="safe-harbor.c.adeyemi"
    ).record_ids[0]
    with acting(MOREAU, PROTECTION) as scope:
        acts.give(scope, consent(made, recipient="tri-county-da", parts=("core", "contact")))
    with administrator(world) as admin:
        keys = admin.execute(
            "select count(*) as n from part_key k join part p on p.id = k.part_id"
            " where p.record_id = %s and k.kind = 2",
            [made],
        ).fetchone()
    assert keys["n"] == 2


def test_a_key_without_its_statement_cannot_be_written(world: Path, victim: UUID) -> None:
    given = give(victim)
    with administrator(world) as admin:
        key = admin.execute("select * from part_key where because = %s limit 1", [given]).fetchone()
    insert = (
        "insert into part_key (id, part_id, owner_id, label_id, kind, key, valid_from, valid_until,"
        " because) values (%s, %s, %s, %s, %s, %s, now(), %s, %s)"
    )
    row = [key[n] for n in ("part_id", "owner_id", "label_id", "kind", "key", "valid_until")]
    tried = (
        [*row, None],
        [*row, uuid4()],
        [*row[:4], ids.consent_key("state-bi", PROTECTION), row[5], given],
        [*row[:5], row[5] + timedelta(days=1), given],
        [*row[:5], None, given],
    )
    with sealed(world, Asker(HART, PROTECTION)) as db:
        for values in tried:
            with pytest.raises(errors.InsufficientPrivilege), db.transaction():
                db.execute(insert, [uuid4(), *values])
        db.execute(insert, [uuid4(), *row, given])
    refused = pytest.raises(errors.InsufficientPrivilege)
    with sealed(world, Asker("riverbend-pd.m.alvarez", TRAFFICKING, HT)) as db, refused:
        db.execute(insert, [uuid4(), *row, given])


def test_extending_makes_a_new_statement_and_an_ended_one_is_refused(
    world: Path, victim: UUID
) -> None:
    first = give(victim, until=soon(days=2))
    with acting(HART) as scope:
        later = acts.extend(scope, first, until=soon(days=20), reason=WHY)
    with acting(HART) as scope:
        assert queries.statement(later, clock.now()).statement.extends == first
        acts.revoke(scope, first, "no-longer-needed")
    assert seen(world, Asker(MOREAU, PROTECTION), victim) == {"core", "identity", "contact"}
    before = _count(world)
    with pytest.raises(NotAllowed, match="was taken back"), acting(HART) as scope:
        acts.extend(scope, first, until=soon(days=30), reason=WHY)
    later_on = clock.taken_from(clock.FixedClock(soon(days=21)))
    with later_on, pytest.raises(NotAllowed, match="has ended"), acting(HART) as scope:
        acts.extend(scope, later, until=soon(days=50), reason=WHY)
    assert _count(world) == before


# -- emergencies -----------------------------------------------------------------------------------

DESAI, MERCER = "state-bi.a.desai", "state-bi.h.mercer"
DECLARES = "state-bi.r.kowalski"
LOOKS = Asker(DESAI, ASSESSING, IN)


@pytest.fixture
def warning(world: Path) -> UUID:
    """An intelligence report of Riverbend, whose identity nobody else may read without an act."""
    made = write(
        draft(
            name=f"W {uuid4().hex}",
            label={"intelligence": True, "sensitivity": "sensitive"},
            basis_of_suspicion="Named twice by those who were carried in the van.",
            retain_until="2028-01-01",
        ),
        by="riverbend-pd.d.okafor",
    )
    return made.record_ids[0]


@pytest.fixture
def emergency(world: Path) -> Iterator[UUID]:
    """One declared by an investigator in a case; taken back at the end."""
    made = declared()
    yield made
    try:
        with acting(MERCER) as scope:
            acts.revoke(scope, made, "no-longer-needed")
    except NotAllowed:
        assert state(made) in (StatementState.REVOKED, StatementState.EXPIRED)


def declared(by: str = DECLARES, case: str | None = IN, **until: int) -> UUID:
    with acting(by, ASSESSING, case) as scope:
        return acts.declare(scope, until=soon(**(until or {"hours": 20})), reason=DANGER)


def state(statement: UUID, by: str = MERCER) -> StatementState:
    with acting(by):
        return queries.statement(statement, clock.now()).state


def confirm(statement: UUID, by: str = MERCER) -> None:
    with acting(by) as scope:
        acts.confirm(scope, statement)


def test_an_emergency_opens_only_with_two_people_and_only_what_the_clause_says(
    world: Path, warning: UUID, emergency: UUID
) -> None:
    assert seen(world, LOOKS, warning) == set(), "one person opens nothing"
    confirm(emergency)
    assert seen(world, LOOKS, warning) == {"core", "identity", "narrative"}, "contact stays closed"
    for other in (
        Asker(DESAI, ASSESSING, ABROAD),  # another case
        Asker(DESAI, ASSESSING),  # no case
        Asker("riverbend-pd.m.alvarez", ASSESSING, IN),  # sees it as its own agency's
        Asker("harlan-so.c.boone", ASSESSING, IN),  # another agency in the same case
    ):
        own = other.membership.startswith("riverbend-pd")
        assert bool(seen(world, other, warning)) is own, other
    with acting(MERCER) as scope:
        acts.revoke(scope, emergency, "no-longer-needed")
    assert seen(world, LOOKS, warning) == set()


def test_an_emergency_ends_by_the_clock(world: Path, warning: UUID, emergency: UUID) -> None:
    confirm(emergency)
    assert LOOKS.standing().assumed == {EMERGENCY}
    assert LOOKS.standing().valid_until <= soon(hours=21)
    with clock.taken_from(clock.FixedClock(soon(hours=20, minutes=1))):
        assert LOOKS.standing().assumed == set()
        assert seen(world, LOOKS, warning) == set()


def test_a_notice_held_back_by_an_emergency_goes_out_when_that_is_taken_back(
    world: Path, warning: UUID, emergency: UUID
) -> None:
    confirm(emergency)
    after = (Obligation("notify-after", EMERGENCY),)
    with acting(DESAI, ASSESSING, IN) as scope:
        part = record_view(scope, warning).parts[0]
        decision = replace(part.decision, obligations=after)
        duties.write(
            scope,
            [Disclosed(warning, "riverbend-pd", decision, part.opened)],
            scope.entry_id,
        )
    with acting(DESAI, ASSESSING, IN):
        (duty,) = [d for d in told.duties() if d.record_id == warning and d.value == EMERGENCY]
    assert duty.state is DutyState.DUE
    assert duty.due_at is not None
    assert soon(hours=19) < duty.due_at < soon(hours=21)
    with clock.taken_from(clock.FixedClock(soon(hours=19))):
        assert duty.id not in {row[0] for row in told.come_due()}, "it holds"
    with clock.taken_from(clock.FixedClock(soon(hours=21))):
        assert duty.id in {row[0] for row in told.come_due()}, "it has ended"
    assert duty.id not in {row[0] for row in told.come_due()}
    with acting(MERCER) as scope:
        acts.revoke(scope, emergency, "no-longer-needed")
    assert duty.id in {row[0] for row in told.come_due()}
    jobs.discharge_what_is_due()
    with acting("riverbend-pd.d.okafor"):
        assert told.duty(duty.id).state is DutyState.DISCHARGED
    with administrator(world) as admin:
        admin.execute("delete from duty where record_id = %s", [warning])


def test_the_standing_of_an_emergency_says_what_it_assumed(
    world: Path, warning: UUID, emergency: UUID
) -> None:
    confirm(emergency)
    standing = LOOKS.standing()
    with administrator(world) as admin:
        stored = admin.execute(
            "select facts from accord.standing where id = %s", [standing.id]
        ).fetchone()
    assert stored["facts"]["assumed"] == [EMERGENCY]


def test_who_may_declare_confirm_and_review(world: Path, emergency: UUID) -> None:
    before = _count(world)
    for by, case, why in (
        (DESAI, IN, "supervisor or an investigator"),
        (DECLARES, None, "for one case"),
    ):
        with pytest.raises(NotAllowed, match=why), acting(by, ASSESSING, case) as scope:
            acts.declare(scope, until=soon(hours=5), reason=DANGER)
    with pytest.raises(NotAllowed, match="supervisor of the agency"):
        confirm(emergency, DESAI)
    with pytest.raises(NotFound):
        confirm(emergency, "riverbend-pd.d.okafor")
    with pytest.raises(NotAllowed, match="Only an emergency"), acting(MERCER) as scope:
        acts.review(scope, emergency, "justified")
    assert _count(world) == before
    confirm(emergency)
    with pytest.raises(NotAllowed, match="cannot be confirmed"):
        confirm(emergency)
    with pytest.raises(NotAllowed, match="cannot review it"), acting(MERCER) as scope:
        acts.review(scope, emergency, "justified")


def test_whoever_declared_it_cannot_be_the_second_person(world: Path) -> None:
    made = declared(MERCER)
    with pytest.raises(NotAllowed, match="cannot confirm it as well"):
        confirm(made, MERCER)
    assert state(made) is StatementState.AWAITING


@pytest.mark.parametrize("hours", [-1, 0, 73])
def test_an_emergency_s_end_is_within_72_hours(world: Path, hours: int) -> None:
    before = _count(world)
    with pytest.raises(InvalidInput) as wrong:
        declared(hours=hours, seconds=1 if hours else 0)
    assert wrong.value.field == "until"
    assert _count(world) == before


def test_a_confirmation_after_the_end_is_refused_and_changes_nothing(world: Path) -> None:
    made = declared(hours=2)
    before = _count(world)
    later_on = clock.taken_from(clock.FixedClock(soon(hours=3)))
    with later_on, pytest.raises(NotAllowed, match="has ended cannot be confirmed"):
        confirm(made)
    assert _count(world) == before


def test_an_emergency_is_reviewed_by_a_third_person_once(world: Path) -> None:
    with acting("riverbend-pd.m.alvarez", TRAFFICKING, HT) as scope:
        made = acts.declare(scope, until=soon(hours=5), reason=DANGER)
    confirm(made, "riverbend-pd.d.okafor")
    sandoval = "riverbend-pd.p.sandoval"
    with acting(sandoval, "oversight"):
        found = queries.statement(made, clock.now())
    assert found.awaits_review
    assert found.signed
    with pytest.raises(InvalidInput), acting("riverbend-pd.d.okafor") as scope:
        acts.revoke(scope, made, "withdrawn-by-the-person")  # nobody's consent
    with acting("riverbend-pd.d.okafor") as scope:
        acts.revoke(scope, made, "no-longer-needed")
    with pytest.raises(InvalidInput), acting(sandoval, "oversight") as scope:
        acts.review(scope, made, "splendid")
    with acting(sandoval, "oversight") as scope:
        acts.review(scope, made, "too-wide")
    with pytest.raises(NotAllowed, match="already"), acting(sandoval, "oversight") as scope:
        acts.review(scope, made, "justified")


def test_the_owners_are_told_that_and_not_for_which_case(world: Path, emergency: UUID) -> None:
    confirm(emergency)
    with acting("riverbend-pd.d.okafor"):
        told = {n.statement_id: n for n in queries.notices("riverbend-pd")}
    assert told[emergency].by_agency == "state-bi"
    for nosy in ("tri-county-da.s.whitaker", "riverbend-pd.m.alvarez"):
        with acting(nosy):
            assert queries.notices("riverbend-pd") == ()
    with sealed(world, Asker("riverbend-pd.d.okafor", OFFICE)) as db:
        assert db.execute("select * from statement where agency <> 'riverbend-pd'").rowcount == 0
        row = db.execute("select * from statement_notice where statement = %s", [emergency])
        assert IN not in str(row.fetchall())


def _forge(
    statement: Statement,
    steps: tuple[Step, ...],
    world: Path,
    *,
    row: UUID | None = None,
    facts: dict[str, object] | None = None,
) -> None:
    made = row or statement.id
    with administrator(world) as admin:
        admin.execute(
            "insert into statement (id, agency, maker, kind, case_id, ends, facts)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            [
                *(made, statement.agency, statement.by, statement.kind, statement.case),
                *(statement.ends, Jsonb(facts or statement.facts())),
            ],
        )
        for step in steps:
            admin.execute(
                "insert into statement_act (id, statement_id, act, member, person, agency, at,"
                " signature) values (%s, %s, %s, %s, %s, %s, now(), %s)",
                [
                    *(ids.uuid7(), made, step.act.value, step.by, step.person),
                    *(step.agency, step.signature),
                ],
            )


FORGED = ["unsigned", "noise", "borrowed", "one person", "wrong case", "played again", "unreadable"]


@pytest.mark.parametrize("forged", FORGED)
def test_a_row_written_past_the_actions_decides_nothing(
    world: Path, warning: UUID, emergency: UUID, forged: str
) -> None:
    from dataclasses import replace

    confirm(emergency)
    with acting(MERCER):
        true = queries.statement(emergency, clock.now())
    with acting(MERCER) as scope:
        acts.revoke(scope, emergency, "no-longer-needed")
    good = tuple(s for s in true.steps if s.act is not Act.REVOKED)
    other = replace(true.statement, id=uuid4())
    match forged:
        case "unsigned":
            _forge(other, tuple(replace(s, signature=None) for s in good), world)
        case "noise":
            _forge(other, tuple(replace(s, signature=b"\x01" * 64) for s in good), world)
        case "borrowed":
            _forge(other, good, world)
        case "one person":
            from accord.agencies.demokeys import sign_here

            steps = (replace(good[0], signature=sign_here("state-bi", other.canonical())),)
            _forge(other, (*steps, replace(good[1], signature=steps[0].signature)), world)
        case "played again":
            _forge(true.statement, good, world, row=uuid4())
        case "unreadable":
            _forge(other, good, world, facts={"id": str(other.id)})
        case "wrong case":
            # Truly signed, for another case: the columns by which it is found say this one.
            with acting("state-bi.w.tate", ASSESSING, "DR-2026-052") as scope:
                elsewhere = acts.declare(scope, until=soon(hours=4), reason=DANGER)
            confirm(elsewhere)
            with administrator(world) as admin:
                admin.execute(
                    "update statement set case_id = %s where id = %s",
                    [LOOKS.context.case_id, elsewhere],
                )
    assert LOOKS.standing().assumed == set()
    assert seen(world, LOOKS, warning) == set()
    with acting(MERCER):
        assert emergency in {h.statement.id for h in queries.held(clock.now())}, "the list stands"


def test_nobody_writes_a_statement_under_another_id(world: Path, emergency: UUID) -> None:
    """What was signed and taken back would hold again in a row of another id."""
    with administrator(world) as admin:
        facts = admin.execute("select facts from statement where id = %s", [emergency]).fetchone()
    again = (
        "insert into statement (id, agency, maker, kind, ends, facts)"
        " values (%s, 'state-bi', %s, %s, now(), %s)"
    )
    with (
        sealed(world, Asker(DECLARES, ASSESSING, IN)) as db,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        db.execute(again, [uuid4(), DECLARES, EMERGENCY, Jsonb(facts["facts"])])


def test_nobody_writes_a_statement_in_another_s_name(world: Path, emergency: UUID) -> None:
    row = (
        "insert into statement (id, agency, maker, kind, ends, facts)"
        " values (%s, %s, %s, %s, now(), '{}')"
    )
    act = (
        "insert into statement_act (id, statement_id, act, member, person, agency, at)"
        " values (%s, %s, 'confirmed', %s, 'x', %s, now())"
    )
    notice = (
        "insert into statement_notice (id, statement, by_agency, to_agency, kind, starts, ends)"
        " values (%s, %s, %s, 'riverbend-pd', 'consent', now(), now())"
    )
    with sealed(world, LOOKS) as db:
        for statement, values in (
            (row, [uuid4(), "harlan-so", DESAI, CONSENT]),
            (row, [uuid4(), "state-bi", MERCER, CONSENT]),
            (act, [uuid4(), emergency, MERCER, "state-bi"]),
            (act, [uuid4(), emergency, DESAI, "state-bi"]),  # no supervisor
            (notice, [uuid4(), emergency, "harlan-so"]),
        ):
            with pytest.raises(errors.InsufficientPrivilege), db.transaction():
                db.execute(statement, values)
        for table in ("statement", "statement_act", "statement_notice"):
            for change in (f"delete from {table}", f"update {table} set id = id"):
                with pytest.raises(errors.InsufficientPrivilege), db.transaction():
                    db.execute(change)
    with connect(world) as db:
        assert db.execute("select 1 from statement").rowcount == 0


def test_the_demo_has_a_consent_and_an_emergency_to_look_at(world: Path) -> None:
    from accord.cli.load import load_world
    from isolation.naive import RIVERBEND

    itzel = ids.world_uuid("20260714", "riverbend-pd", "RP-26-0902")
    assert seen(world, Asker(MOREAU, PROTECTION), itzel) == {"core", "identity", "contact"}
    assert seen(world, Asker(MOREAU, OFFICE), itzel) == set()
    smuggling = Asker("state-bi.w.tate", ASSESSING, "DR-2026-052")
    assert smuggling.standing().assumed == {EMERGENCY}
    before = _count(world)
    load_world(world, RIVERBEND, size=300)
    assert _count(world) == before, "loading again states nothing twice"
