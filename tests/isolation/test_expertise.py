"""Who finds what agencies can do, and whose names; asked through the application and of PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from psycopg.types.json import Jsonb

from accord.agencies.actions import create_api_token
from accord.assistance.actions import expertise as actions
from accord.assistance.domain import Entry, EntryState, Level
from accord.assistance.models import Expertise, ExpertiseAct, ExpertiseHolder
from accord.assistance.queries import expertise as queries
from accord.assistance.queries.expertise import Asked
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from isolation.administering import later, signed_in
from isolation.contributing import acting, tables_with
from isolation.direct import Asker, administrator, sealed
from isolation.offering import (
    ALVAREZ,
    DESAI,
    DESK,
    HADDAD,
    LONER,
    MERCER,
    OKAFOR,
    PETROV,
    RASMUSSEN,
    alone,
    ask,
    offer,
    put_back,
    suspended,
)

RASMUSSEN_S_OWN = "harlan-so.n.ibarra"
NOTE = "Xenonhidden: a note that no table holds in clear."


@pytest.fixture
def admin(world: Path) -> Iterator[Any]:
    with administrator(world) as db, put_back(db):
        yield db


def found_by(member: str, **asked: Any) -> dict[UUID, Entry]:
    with acting(member, DESK) as scope:
        return {e.id: e for e in queries.listed(scope, Asked(**asked))}


def test_the_world_offers_something(admin: Any) -> None:
    shown = found_by(ALVAREZ).values()
    assert {e.discipline for e in shown} >= {"digital-forensics", "undercover-work", "translation"}
    assert {e.name for e in shown if e.discipline == "digital-forensics"} == {
        "Viktor Petrov, State Bureau of Investigation"
    }
    (covert,) = (e for e in shown if e.discipline == "undercover-work")
    assert (covert.unit, covert.name, covert.holder) == ("Covert Operations Unit", None, None)


def test_it_is_found_once_attested_and_no_sooner(admin: Any) -> None:
    made = offer(PETROV, "video-analysis", languages=["uk"], note=NOTE)
    assert made not in found_by(ALVAREZ)
    with acting(MERCER, DESK) as scope:
        assert queries.entry(scope, made).state is EntryState.PROPOSED
        actions.attest(scope, made, now() + timedelta(days=30))
    entry = found_by(ALVAREZ)[made]
    assert (entry.note, entry.level, entry.languages) == (NOTE, Level.EXPERT, ("uk",))
    assert made in found_by(ALVAREZ, discipline="video-analysis", language="uk")
    assert made not in found_by(ALVAREZ, discipline="video-analysis", language="es")
    assert made not in found_by(ALVAREZ, level=Level.COURT_QUALIFIED)
    assert made not in found_by(ALVAREZ, agency="harlan-so")
    assert made not in found_by(ALVAREZ, country="MX")


def test_by_default_nobody_is_named_and_consent_taken_back_counts_at_once(admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER)
    entry = found_by(ALVAREZ)[made]
    assert (entry.name, entry.holder, entry.named) == (None, None, False)
    assert found_by(DESAI)[made].name is None, "a colleague is not told either"
    assert found_by(MERCER)[made].name, "who attests knows whose it is"
    with acting(PETROV, DESK) as scope:
        actions.set_named(scope, made, True)
    assert found_by(ALVAREZ)[made].name == "Viktor Petrov, State Bureau of Investigation"
    with acting(PETROV, DESK) as scope:
        actions.set_named(scope, made, False)
    assert found_by(ALVAREZ)[made].name is None


def test_the_row_that_says_whose_it_is_is_nobody_else_s(world: Path, admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER)

    def rows(member: str, table: str, column: str) -> int:
        with sealed(world, Asker(member, DESK)) as db:
            asked = f"select count(*) as n from {table} where {column} = %s"
            return int(db.execute(asked, [made]).fetchone()["n"])

    assert rows(ALVAREZ, "expertise", "id") == 1
    assert rows(ALVAREZ, "expertise_holder", "expertise_id") == 0
    assert rows(DESAI, "expertise_holder", "expertise_id") == 0
    assert rows(PETROV, "expertise_holder", "expertise_id") == 1
    assert rows(MERCER, "expertise_holder", "expertise_id") == 1
    with sealed(world, Asker(ALVAREZ, DESK)) as db:
        own = db.execute("select distinct agency_id from assistance_hand").fetchall()
    assert {row["agency_id"] for row in own} <= {"riverbend-pd"}


def test_a_withdrawn_entry_is_gone_for_good(admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER, named=True)
    with acting(PETROV, DESK) as scope:
        actions.withdraw(scope, made)
    assert made not in found_by(ALVAREZ)
    with pytest.raises(Conflict), acting(MERCER, DESK) as scope:
        actions.attest(scope, made, now() + timedelta(days=30))
    with pytest.raises(Conflict), acting(MERCER, DESK) as scope:
        actions.withdraw(scope, made)
    with acting(ALVAREZ, DESK):
        assert not ExpertiseHolder.objects.filter(expertise_id=made).exists()


def test_the_agency_withdraws_too(admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER)
    with pytest.raises(NotAllowed), acting(DESAI, DESK) as scope:
        actions.withdraw(scope, made)
    with acting(MERCER, DESK) as scope:
        actions.withdraw(scope, made)
    assert made not in found_by(ALVAREZ)


def test_it_runs_out_without_anybody_acting(world: Path, admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER, named=True)
    assert made in found_by(ALVAREZ)
    with later(world, timedelta(days=366)):
        assert made not in found_by(ALVAREZ)
        with acting(ALVAREZ, DESK):
            assert not ExpertiseHolder.objects.filter(expertise_id=made).exists()
        with acting(PETROV, DESK) as scope:
            assert queries.entry(scope, made).state is EntryState.EXPIRED
    assert made in found_by(ALVAREZ)


def test_who_left_offers_nothing_any_more(admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER, named=True)
    admin.execute("update membership set valid_until = now() where id = %s", [PETROV])
    try:
        assert made not in found_by(ALVAREZ)
        with acting(MERCER, DESK) as scope:
            assert not queries.entry(scope, made).listed
    finally:
        admin.execute("update membership set valid_until = null where id = %s", [PETROV])
    assert made in found_by(ALVAREZ)


def test_a_suspended_agency_neither_lists_nor_reads(admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER, named=True)
    with suspended(admin, "state-bi"):
        shown = found_by(ALVAREZ)
        assert made not in shown
        assert "state-bi" not in {e.agency for e in shown.values()}
        with acting(ALVAREZ, DESK):
            assert not ExpertiseHolder.objects.filter(expertise_id=made).exists()
        with pytest.raises(NotFound):
            found_by(DESAI)
    assert made in found_by(ALVAREZ)


def test_without_an_agreement_together_an_agency_finds_its_own_alone(
    world: Path, admin: Any
) -> None:
    alone()
    assert found_by(LONER) == {}
    with acting(LONER, DESK):
        assert queries.together() == frozenset()
        assert not Expertise.objects.exists()
        assert not ExpertiseHolder.objects.exists()
    made = offer(LONER, "diving")
    assert made not in found_by(ALVAREZ)
    with acting(ALVAREZ, DESK):
        assert not Expertise.objects.filter(id=made).exists()
        assert not ExpertiseAct.objects.filter(expertise_id=made).exists()


def test_an_agreement_is_needed_between_the_two(admin: Any) -> None:
    """Safe Harbor shares a protocol with Harlan; with the bureau it shares none."""
    made = offer(HADDAD, "cultural-mediation", attested="safe-harbor.c.adeyemi")
    assert made in found_by(RASMUSSEN)
    assert made not in found_by(MERCER)
    with acting(MERCER, DESK):
        assert "safe-harbor" not in queries.together()


def test_who_is_party_to_an_agreement_its_signed_text_says_and_no_column(admin: Any) -> None:
    """Whoever put a version's row in before its text was signed may have added a party there."""
    made = offer(HADDAD, "cultural-mediation", attested="safe-harbor.c.adeyemi")
    with acting(MERCER, DESK):
        before = queries.together()
    admin.execute(
        "update agreement_version set parties = parties || '{safe-harbor}'"
        " where 'state-bi' = any (parties)"
    )
    try:
        with acting(MERCER, DESK):
            assert queries.together() == before
        assert made not in found_by(MERCER)
    finally:
        admin.execute(
            "update agreement_version set parties = array_remove(parties, 'safe-harbor')"
            " where 'state-bi' = any (parties)"
        )


def test_one_s_own_is_attested_by_somebody_else(admin: Any) -> None:
    made = offer(MERCER, "negotiation")
    with pytest.raises(NotAllowed), acting(MERCER, DESK) as scope:
        actions.attest(scope, made, now() + timedelta(days=30))
    for stranger in (OKAFOR, RASMUSSEN):
        with pytest.raises(NotFound), acting(stranger, DESK) as scope:
            actions.attest(scope, made, now() + timedelta(days=30))


def test_a_unit_s_is_proposed_by_who_attests(admin: Any) -> None:
    with pytest.raises(NotAllowed), acting(DESAI, DESK) as scope:
        actions.propose(scope, actions.Offer("diving", "expert", is_unit=True, unit="Divers"))
    with pytest.raises(InvalidInput) as fault, acting(MERCER, DESK) as scope:
        actions.propose(scope, actions.Offer("diving", "expert", is_unit=True))
    assert fault.value.field == "unit"


def test_the_same_twice_is_refused(admin: Any) -> None:
    offer(PETROV, "video-analysis")
    with pytest.raises(Conflict, match="Withdraw it first"):
        offer(PETROV, "video-analysis")


def _act(entry: UUID, act: str, agency: str = "state-bi") -> ExpertiseAct:
    until = now() + timedelta(days=9) if act == "attest" else None
    return ExpertiseAct(
        id=uuid4(), expertise_id=entry, agency_id=agency, act=act, at=now(), until=until
    )


@pytest.mark.parametrize(
    ("by", "act", "agency"),
    [
        (PETROV, "attest", "state-bi"),
        (DESAI, "attest", "state-bi"),
        (DESAI, "withdraw", "state-bi"),
        (OKAFOR, "attest", "state-bi"),
        (OKAFOR, "attest", "riverbend-pd"),
        (OKAFOR, "withdraw", "riverbend-pd"),
    ],
)
def test_the_database_refuses_what_the_rules_refuse(
    admin: Any, by: str, act: str, agency: str
) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER)
    with pytest.raises(ProgrammingError, match="row-level security"), acting(by, DESK):
        ExpertiseAct.objects.bulk_create([_act(made, act, agency)])


def test_the_database_refuses_a_supervisor_s_own(admin: Any) -> None:
    made = offer(MERCER, "negotiation")
    with pytest.raises(ProgrammingError, match="row-level security"), acting(MERCER, DESK):
        ExpertiseAct.objects.bulk_create([_act(made, "attest")])


def test_nobody_can_put_an_entry_or_a_consent_in_another_s_name(admin: Any) -> None:
    made = offer(PETROV, "video-analysis", attested=MERCER)
    with acting(MERCER, DESK):
        assert ExpertiseHolder.objects.filter(expertise_id=made).update(named=True) == 0
    with acting(MERCER, DESK) as scope, pytest.raises(NotAllowed):
        actions.set_named(scope, made, True)
    row = Expertise(
        id=uuid4(), agency_id="state-bi", discipline="diving", level="expert", languages=[],
        is_unit=False, sealed="x", proposed_at=now(),
    )  # fmt: skip
    holder = ExpertiseHolder(
        expertise_id=row.id, agency_id="state-bi", membership_id=PETROV, named=True
    )
    with acting(DESAI, DESK):
        Expertise.objects.bulk_create([row])
    with pytest.raises(ProgrammingError, match="row-level security"), acting(DESAI, DESK):
        ExpertiseHolder.objects.bulk_create([holder])
    row.id = uuid4()
    with pytest.raises(ProgrammingError, match="row-level security"), acting(OKAFOR, DESK):
        Expertise.objects.bulk_create([row])


def test_without_a_seal_there_is_nothing(world: Path) -> None:
    with transaction.atomic():
        assert not Expertise.objects.exists()
        assert not ExpertiseHolder.objects.exists()
        assert not ExpertiseAct.objects.exists()


def test_no_table_holds_a_note_in_clear(world: Path, admin: Any) -> None:
    offer(PETROV, "video-analysis", note=NOTE)
    assert tables_with(world, "xenonhidden") == set()


def test_hours_of_a_duty_desk_elsewhere_say_their_zone(admin: Any) -> None:
    offer(PETROV, "video-analysis", attested=MERCER)
    asked = ask("state-bi")
    desk = {
        "name": "Watch", "phone": "+1-312-555-0130", "escalation": "the chief", "exceptions": [],
        "weekly": [{"days": ["mon"], "opens": "08:00", "closes": "18:00"}], "ladder": [],
    }  # fmt: skip
    said = "update agency set zone = %s, duty_desk = %s where id = 'state-bi'"
    before = admin.execute("select zone, duty_desk from agency where id = 'state-bi'").fetchone()
    admin.execute(said, ["America/Denver", Jsonb(desk)])
    try:
        alvarez = signed_in(ALVAREZ)
        for path in ("/expertise/?agency=state-bi", f"/assistance/{asked}"):
            page = alvarez.get(path).content.decode()
            assert "Monday 08:00-18:00 (America/Denver)" in page, path
            assert alvarez.get(path).status_code == 200
        assert "(America/Chicago)" not in alvarez.get("/expertise/").content.decode()
    finally:
        admin.execute(said, [before["zone"], Jsonb(before["duty_desk"])])


def test_it_is_found_by_the_place_that_an_agency_answers_for(admin: Any) -> None:
    state = offer(PETROV, "video-analysis", attested=MERCER)
    county = offer(RASMUSSEN_S_OWN, "video-analysis", attested=RASMUSSEN)

    def there(place: str) -> set[UUID]:
        return {state, county} & set(found_by(ALVAREZ, discipline="video-analysis", place=place))

    assert there("") == {state, county}
    assert there("99003") == {state, county}, "the county, and the state that it lies in"
    assert there("Harlan County") == {state, county}
    assert there("harlan") == {state, county}
    assert there("99001") == {state}, "another county: its state alone"
    assert there("City of Riverbend") == {state}
    assert there("US-ZZ") == {state, county}, "the state, and what lies in it"
    assert there("99011") == {state}, "a code that no agency names"
    assert there("MX-NTE") == set()
    assert there("MX") == set()
    assert there("Atlantis") == set()
    assert there("harlan-so") == set(), "an agency is no place"


def test_the_page_and_the_api_ask_for_the_place(admin: Any) -> None:
    offer(PETROV, "video-analysis", attested=MERCER)
    offer(RASMUSSEN_S_OWN, "video-analysis", attested=RASMUSSEN)
    alvarez = signed_in(ALVAREZ)
    token = create_api_token(ALVAREZ)
    headers = {"Authorization": f"Bearer {token}", "Accord-Purpose": DESK}
    for place, agencies_found in (("99001", ["state-bi"]), ("99003", ["harlan-so", "state-bi"])):
        query = f"?discipline=video-analysis&place={place}"
        page = alvarez.get(f"/expertise/{query}").content.decode()
        shown = set(re.findall(r"discipline=video-analysis&amp;agency=([a-z-]+)", page))
        assert (sorted(shown), f'value="{place}"' in page) == (agencies_found, True)
        answer = Client().get(f"/api/v1/expertise{query}", headers=headers).json()
        assert sorted(e["agency"] for e in answer["items"]) == agencies_found
    nowhere = alvarez.get("/expertise/?place=MX&discipline=video-analysis").content.decode()
    assert "Nobody offers this now" in nowhere
    for odd in ("9" * 300, "99٠٠٣", "%"):
        assert alvarez.get("/expertise/", {"place": odd}).status_code == 200
