"""What the directory says of an agency is changed by two of its administrators, and by nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from accord.agencies import queries as agencies
from accord.agencies.about import queries
from accord.agencies.about.domain import AboutKind
from accord.agencies.about.facts import read_about
from accord.agencies.about.lines import read_lines
from accord.agencies.about.queries import Wanted
from accord.agencies.actions import create_api_token
from accord.kernel.errors import InvalidInput
from isolation import administering as those
from isolation.administering import (
    ADA,
    ADA_ELSEWHERE,
    AGENCY,
    BEN,
    FAR,
    OTHER,
    ROOKIE,
    later,
    office,
    signed_in,
)
from isolation.agencykeeping import kept_entries
from isolation.direct import administrator, sealed

FORM = f"/agencies/{AGENCY}/change"
TERRITORY = {"kind": "territory", "territory": "us-fips 99009 Walnut County"}
DESK = {
    "kind": "duty-desk", "name": "Night desk", "phone": "+1-312-555-0110", "hours": "",
    "escalation": "", "weekly": "mon-fri 08:00-18:00", "exceptions": "",
    "ladder": "15 +1-312-555-0111 Lieutenant Okafor",
}  # fmt: skip
MONDAY = datetime(2026, 11, 30, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    entries = kept_entries(world)
    next(entries)
    yield from those.staff(world)
    next(entries, None)


def proposed(client: Client, said: dict[str, Any]) -> str:
    """Propose by the form; returns the address of the proposal."""
    answer = client.post(FORM, said)
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return str(answer["Location"])


def api(member: str, method: str, path: str, body: Any = None) -> Any:
    headers = {
        "Authorization": f"Bearer {create_api_token(member)}",
        "Accord-Purpose": "case-administration",
    }
    data = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(Client(), method)(f"/api/v1{path}", headers=headers, **data)


def test_one_proposes_another_approves_and_the_ledger_says_both(world: Path) -> None:
    before = those.entries(world, ADA, BEN)
    where = proposed(signed_in(ADA), TERRITORY)
    assert agencies.agency(AGENCY).territory[0].code != "99009"
    assert signed_in(ADA).post(f"{where}/approve").status_code == 403
    assert signed_in(BEN).post(f"{where}/approve").status_code == 303
    assert [p.name for p in agencies.agency(AGENCY).territory] == ["Walnut County"]
    made = those.entries(world, ADA, BEN, but=before)
    assert list(made.values()) == [ADA, BEN]
    page = signed_in(BEN).get(where).content.decode()
    assert "In force" in page
    assert "City of Riverbend" in page
    assert "Walnut County" in page


def test_a_desk_says_whether_somebody_answers_now() -> None:
    where = proposed(signed_in(ADA), DESK)
    assert signed_in(BEN).post(f"{where}/approve").status_code == 303
    desk = agencies.agency(AGENCY).duty_desk
    assert desk.is_open(MONDAY) is True
    assert desk.is_open(MONDAY - timedelta(days=1)) is False
    assert [r.name for r in desk.ladder] == ["Lieutenant Okafor"]
    found = queries.find(Wanted(text=AGENCY, open_now=True), MONDAY - timedelta(days=1))
    assert found.agencies == ()


def test_every_member_reads_it_and_nobody_else_s_administrator_changes_it() -> None:
    where = proposed(signed_in(ADA), TERRITORY)
    for member in (ROOKIE, FAR):
        client = signed_in(member)
        assert client.get("/agencies/").status_code == 200
        page = client.get(f"/agencies/{AGENCY}")
        assert page.status_code == 200
        assert b"Changes of this entry" not in page.content
        for address in (FORM, where):
            assert client.get(address).status_code == 404
        for end in ("approve", "withdraw"):
            assert client.post(f"{where}/{end}").status_code == 404
        assert client.post(FORM, TERRITORY).status_code == 404


def test_the_same_person_with_another_membership_cannot_approve(world: Path) -> None:
    where = proposed(signed_in(ADA), TERRITORY)
    assert signed_in(ADA_ELSEWHERE).post(f"{where}/approve").status_code == 404
    with (
        sealed(world, office(ADA)) as db,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        db.execute("select accord.apply_agency_change(%s)", [where.rsplit("/", 1)[1]])


def test_the_database_refuses_what_nobody_may(world: Path) -> None:
    change = proposed(signed_in(ADA), TERRITORY).rsplit("/", 1)[1]
    for who in (ROOKIE, FAR, ADA_ELSEWHERE):
        with (
            sealed(world, office(who)) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute("select accord.apply_agency_change(%s)", [change])
        with sealed(world, office(who)) as db:
            assert db.execute("select * from agency_change").fetchall() == []
    for statement in (
        "update agency set territory = '{}'",
        "update agency set duty_desk = '{}'",
        "update agency_change set state = 'applied'",
        "delete from agency_change",
    ):
        with (
            sealed(world, office(BEN)) as db,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            db.execute(statement)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("territory", {}),
        ("territory", {"places": [{"scheme": "x", "code": "1", "name": "X"}]}),
        ("territory", {"places": [{"scheme": "us-fips", "code": "99003"}]}),
        ("competence", {"offences": ["treason"], "courts": []}),
        ("competence", {"offences": "drugs", "courts": []}),
        ("duty-desk", {"name": "X"}),
        ("duty-desk", {
            "name": "X", "phone": "+1-312-555-0110", "hours": "", "escalation": "",
            "weekly": [{"days": ["mon"], "opens": "08:00", "closes": "99:00"}],
            "exceptions": [], "ladder": [],
        }),
    ],
)  # fmt: skip
def test_the_database_takes_nothing_that_no_reader_could_read(
    world: Path, kind: str, facts: dict[str, Any]
) -> None:
    change = UUID(int=7)
    with administrator(world) as db:
        db.execute(
            "insert into agency_change values (%s, %s, %s, %s, null, 'proposed', %s, now(), null,"
            " null, 'page')",
            [change, AGENCY, kind, json.dumps(facts), ADA],
        )
    with (
        sealed(world, office(BEN)) as db,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="not well described"),
    ):
        db.execute("select accord.apply_agency_change(%s)", [change])


def test_a_proposal_ends_after_seven_days_and_is_decided_once(world: Path) -> None:
    where = proposed(signed_in(ADA), TERRITORY)
    with later(world, timedelta(days=7)):
        assert signed_in(BEN).post(f"{where}/approve").status_code == 409
    assert signed_in(BEN).post(f"{where}/withdraw").status_code == 303
    assert signed_in(BEN).post(f"{where}/approve").status_code == 409


def test_the_same_is_not_proposed_twice_and_what_stands_is_no_change() -> None:
    ada = signed_in(ADA)
    proposed(ada, TERRITORY)
    assert ada.post(FORM, TERRITORY).status_code == 409
    stands = {"kind": "territory", "territory": "us-place 9901000 in 99001 City of Riverbend"}
    assert ada.post(FORM, stands).status_code == 409


def test_a_bad_form_names_its_fields_and_keeps_what_was_typed() -> None:
    answer = signed_in(ADA).post(FORM, DESK | {"weekly": "mon 08:00-18:00\nmon 17:00-19:00"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "Weekly hours: two of these hours overlap" in page
    assert "mon 17:00-19:00" in page


def test_by_the_api_it_takes_the_same_two() -> None:
    path = f"/agencies/{AGENCY}/changes"
    bad = api(ADA, "post", path, {"kind": "territory", "territory": [
        {"scheme": "us-fips", "code": "03001", "name": "Nowhere"}]})  # fmt: skip
    assert bad.status_code == 400
    assert "territory" in bad.content.decode()
    desk = {
        "kind": "duty-desk",
        "duty_desk": {
            "name": "Desk", "phone": "+1-312-555-0110",
            "weekly": [{"days": ["mon"], "opens": "08:00", "closes": "18:00"}],
            "exceptions": [{"day": "2026-12-28", "why": "Stocktaking"}],
            "ladder": [{"name": "Okafor", "phone": "+1-312-555-0111", "after_min": 15}],
        },
    }  # fmt: skip
    made = api(ADA, "post", path, desk)
    assert made.status_code == 202, made.content
    change = made.json()["id"]
    assert [c["id"] for c in api(BEN, "get", path).json()["items"]] == [change]
    assert api(ADA, "post", f"/agency-changes/{change}/approval").status_code == 403
    assert api(FAR, "post", f"/agency-changes/{change}/approval").status_code == 404
    assert api(ADA, "post", f"/agencies/{OTHER}/changes", desk).status_code == 404
    assert api(BEN, "post", f"/agency-changes/{change}/approval").json()["state"] == "applied"
    shown = api(ROOKIE, "get", f"/agencies/{AGENCY}").json()["duty_desk"]
    assert shown["weekly"] == desk["duty_desk"]["weekly"]
    assert shown["exceptions"][0]["day"] == "2026-12-28"
    assert (shown["opens_at"] is None) is shown["open_now"]
    again = api(ADA, "post", path, {"kind": "competence", "offences": ["drugs"], "courts": []})
    gone = api(BEN, "post", f"/agency-changes/{again.json()['id']}/withdrawal")
    assert gone.json()["state"] == "withdrawn"


def test_who_answers_for_a_place_and_an_offence() -> None:
    def names(**asked: Any) -> list[str]:
        return [a.id for a in queries.find(Wanted(**asked), MONDAY).agencies]

    assert names(text="99003", kind="sheriff") == ["harlan-so"]
    assert names(text="99001", offence="human-trafficking") == [
        "safe-harbor", "state-bi", "tri-county-da", "riverbend-pd",
    ]  # fmt: skip
    assert "riverbend-pd" in names(text="9901000")
    assert names(text="MX") == ["mx-fgr-norte"]
    assert names(text="osage") == ["tri-county-da"]
    assert "mx-fgr-norte" not in names(text="US-ZZ")
    assert names(text="17031") == []
    assert "state-bi" not in names(offence="violence")
    page = signed_in(ROOKIE).get("/agencies/?q=99003&kind=sheriff").content.decode()
    assert "Harlan County Sheriff" in page
    assert "Open now" in page
    assert signed_in(ROOKIE).get("/agencies/?kind=posse").status_code == 404
    found = api(ROOKIE, "get", "/agencies?q=99003&kind=sheriff").json()["items"]
    assert [a["id"] for a in found] == ["harlan-so"]


LONG = '"' * 200
WRITTEN = {
    "territory": ["us-fips 99003 Harlan County", "iso-3166-2 MX-NLE Nuevo León", "iso-3166-1 MX " + LONG,
                  "us-place 9901000 in 99001 City", "us-fips 99٠٠٣ Har", "us-fips 99005 a\x01b"],
    "weekly": ["mon-fri 08:00-18:00", "sat,sun 00:00-24:00", "mon 0٨:00-18:00", "tue 20:00-02:00"],
    "exceptions": ["2026-12-25 closed Christmas", "20261226 closed", "2026-W53-5 08:00-12:00 x",
                   "0001-01-01 closed", "9999-12-31 closed", f"2027-01-02 closed {LONG}"],
    "ladder": ["15 +1-312-555-0111 Okafor", "1_0 +1-312-555-0112 Reyes", "٣٠ +1-312-555-0113 X"],
}  # fmt: skip
MANY_PLACES = [f"us-fips 99{n:03} {LONG}" for n in range(200)]
MANY_DAYS = [f"{2027 + n // 28}-02-{n % 28 + 1:02} closed {LONG}" for n in range(200)]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.fixed_dictionaries(
        {field: st.lists(st.sampled_from(lines), max_size=4, unique=True)
         for field, lines in WRITTEN.items()}
    )
)  # fmt: skip
@example(data=dict.fromkeys(WRITTEN, ()) | {"territory": MANY_PLACES})
@example(data=dict.fromkeys(WRITTEN, ()) | {"weekly": ["mon 08:00-18:00"], "exceptions": MANY_DAYS})
def test_whatever_can_be_proposed_can_be_approved(world: Path, data: dict[str, list[str]]) -> None:
    said = DESK | {field: "\n".join(lines) for field, lines in data.items()}
    for kind in (AboutKind.TERRITORY, AboutKind.DESK):
        try:
            facts = read_about(kind, read_lines(said, tuple(WRITTEN)))
        except InvalidInput:
            continue
        with administrator(world) as db:
            row = db.execute(
                "select accord.agency_facts_fit(%s, %s) as yes", [kind, Jsonb(facts)]
            ).fetchone()
        assert row is not None
        assert row["yes"], (kind, facts)


@pytest.mark.parametrize(
    "said",
    [
        {
            "kind": "revoke-key",
            "key": "0" * 64,
            "since": "0001-01-01T00:00:00+05:00",
            "reason": "x",
        },
        {
            "kind": "revoke-key",
            "key": "0" * 64,
            "since": "9999-12-31T23:59:59-05:00",
            "reason": "x",
        },
        {"kind": "key", "successor": "[" * 100_000},
        {"kind": "key", "successor": '{"key":' + "[" * 900 + "]" * 900 + "}"},
    ],
)
def test_what_nobody_means_is_refused_to_the_administrator_who_sends_it(
    said: dict[str, str],
) -> None:
    ada = signed_in(ADA)
    ada.raise_request_exception = False
    answer = ada.post(FORM, said)
    assert answer.status_code == 400
    assert b"f-successor" in answer.content or b"f-since" in answer.content
    if "since" in said:
        sent = api(ADA, "post", f"/agencies/{AGENCY}/changes", said)
        assert sent.status_code == 400
        assert "since" in sent.content.decode()


def test_a_day_that_differs_may_be_written_without_hyphens_and_is_approved() -> None:
    where = proposed(signed_in(ADA), DESK | {"exceptions": "20261225 closed Christmas Day"})
    assert signed_in(BEN).post(f"{where}/approve").status_code == 303
    when = agencies.agency(AGENCY).duty_desk.when
    assert when is not None
    assert [d.day.isoformat() for d in when.different] == ["2026-12-25"]
