"""Administrators of an agency change its directory, two of them together where more is given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from accord.agencies import queries as agencies
from accord.agencies.actions import put_member
from accord.kernel.errors import NotFound
from accord.kernel.vocabulary import NEWEST, Vocabulary
from isolation import administering as those
from isolation.administering import (
    ADA,
    ADA_ELSEWHERE,
    AGENCY,
    BEN,
    CORA,
    FAR,
    JOIN,
    NEW,
    REFUSED,
    ROOKIE,
    approve,
    ask,
    later,
    office,
    proposed,
    put,
    signed_in,
    waiting,
)  # fmt: skip
from isolation.direct import administrator, connect, sealed


@pytest.fixture(autouse=True)
def _staff(world: Path) -> Iterator[None]:
    yield from those.staff(world)


@pytest.fixture
def alone(world: Path) -> Iterator[None]:
    with those.alone(world):
        yield


# -- two people ------------------------------------------------------------------------------------


def test_a_role_counts_when_a_second_administrator_approved_it(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    change = proposed(ada)
    assert agencies.actor(ROOKIE).roles == {"investigator"}
    assert approve(ben, change) == 303
    assert agencies.actor(ROOKIE).roles == {"investigator", "analyst"}
    assert waiting(ada) == []


def test_every_step_is_an_entry_of_the_ledger(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    before = those.entries(world, ADA, BEN)
    approve(ben, proposed(ada))
    ask(ada, ROOKIE, "suspend")
    made = those.entries(world, ADA, BEN, but=before)
    assert list(made.values()) == [ADA, BEN, ADA]


def test_who_proposed_cannot_approve(world: Path) -> None:
    ada = signed_in(ADA)
    change = proposed(ada)
    assert approve(ada, change) == 403
    assert agencies.actor(ROOKIE).roles == {"investigator"}


def test_the_same_person_with_another_membership_cannot_approve(world: Path) -> None:
    change = proposed(signed_in(ADA))
    elsewhere = signed_in(ADA_ELSEWHERE)
    assert approve(elsewhere, change) == 404
    with sealed(world, office(ADA_ELSEWHERE)) as db, pytest.raises(REFUSED):
        db.execute("select accord.apply_directory_change(%s)", [change])


@pytest.mark.parametrize(
    ("kind", "said"),
    [("role", {"add": "supervisor"}), ("clearance", {"to": "secret"}), ("assurance", {"to": "3"}),
     ("enrolment", {}), ("review", {}),
     ("training", {"training": "28cfr23", "issued_on": "2026-01-01", "valid_until": "2029-01-01"})],
)  # fmt: skip
def test_nobody_proposes_more_for_themselves(world: Path, kind: str, said: dict[str, str]) -> None:
    assert ask(signed_in(BEN), BEN, kind, **said).status_code == 403
    assert agencies.actor(BEN).roles == {"system-administrator"}


def test_nobody_approves_more_for_themselves(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    change = proposed(ada, BEN, "clearance", to="secret")
    assert approve(ben, change) == 403
    assert approve(signed_in(CORA), change) == 303
    assert agencies.actor(BEN).clearance == "secret"


def test_a_change_counts_once(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    change = proposed(ada)
    assert approve(ben, change) == 303
    assert ask(ada, ROOKIE, "role", remove="analyst").status_code == 303
    assert approve(ben, change) == 409
    assert approve(signed_in(CORA), change) == 409
    with sealed(world, office(CORA)) as db, pytest.raises(REFUSED):
        db.execute("select accord.apply_directory_change(%s)", [change])
    assert agencies.actor(ROOKIE).roles == {"investigator"}


def test_a_change_of_another_agency_is_not_there(world: Path) -> None:
    change = proposed(signed_in(ADA))
    far = signed_in(FAR)
    assert far.get(f"/members/changes/{change}").status_code == 404
    assert approve(far, change) == 404
    assert far.get(f"/members/people/{ROOKIE}").status_code == 404
    assert ask(far, ROOKIE, "suspend").status_code == 404
    with sealed(world, office(FAR)) as db, pytest.raises(REFUSED):
        db.execute("select accord.apply_directory_change(%s)", [change])


def test_a_proposal_ends_after_seven_days(world: Path) -> None:
    change = proposed(signed_in(ADA))
    with administrator(world) as db:
        db.execute("update directory_change set proposed_at = proposed_at - interval '7 days'")
    assert approve(signed_in(BEN), change) == 409
    with sealed(world, office(BEN)) as db, pytest.raises(REFUSED, match="over"):
        db.execute("select accord.apply_directory_change(%s)", [change])


def test_a_withdrawn_proposal_is_decided(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    change = proposed(ada)
    assert ada.post(f"/members/changes/{change}/withdraw").status_code == 303
    assert approve(ben, change) == 409


def test_a_proposal_of_somebody_who_is_no_longer_administrator_gives_nothing(world: Path) -> None:
    change = proposed(signed_in(ADA))
    with administrator(world) as db:
        db.execute("update membership set roles = '{analyst}' where id = %s", [ADA])
    assert approve(signed_in(BEN), change) == 403
    assert agencies.actor(ROOKIE).roles == {"investigator"}


# -- one person ------------------------------------------------------------------------------------


def test_what_takes_away_counts_at_once_and_is_listed_for_the_other(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    rookie = signed_in(ROOKIE)
    assert rookie.get("/").status_code == 200
    assert ask(ada, ROOKIE, "suspend").status_code == 303
    assert rookie.get("/").status_code == 302
    page = ben.get(f"/members/people/{ROOKIE}").content.decode()
    assert "Suspended" in page
    assert page.count("/members/changes/") == 1


def test_who_was_suspended_comes_back_by_two(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    ask(ada, ROOKIE, "suspend")
    change = proposed(ada, kind="resume", kind_="")
    with pytest.raises(NotFound):
        agencies.actor(ROOKIE)
    assert approve(ben, change) == 303
    assert agencies.actor(ROOKIE).roles == {"investigator"}


def test_who_left_cannot_be_resumed(world: Path) -> None:
    ada = signed_in(ADA)
    ask(ada, ROOKIE, "suspend")
    ask(ada, ROOKIE, "leave")
    assert ask(ada, ROOKIE, "resume").status_code == 409
    with sealed(world, office(ADA)) as db:
        made = put(db, ADA, "resume", {})
        db.execute("set local role accord_app")
        with pytest.raises(REFUSED):
            db.execute("select accord.apply_directory_change(%s)", [made])


def test_a_leaver_is_a_member_until_the_last_day_and_not_a_moment_longer(world: Path) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    assert ask(signed_in(ADA), ROOKIE, "leave", at=day.isoformat()).status_code == 303
    assert agencies.actor(ROOKIE).expires_at is not None
    with later(world, timedelta(days=2)):
        assert agencies.actor(ROOKIE)
    with later(world, timedelta(days=5)), pytest.raises(NotFound):
        agencies.actor(ROOKIE)


def test_two_administrators_stay(world: Path, alone: None) -> None:
    ada = signed_in(ADA)
    assert ask(ada, CORA, "suspend").status_code == 303
    for kind, said in (
        ("suspend", {}),
        ("leave", {}),
        ("role", {"remove": "system-administrator"}),
    ):
        assert ask(ada, BEN, kind, **said).status_code == 403
    with sealed(world, office(ADA)) as db:
        made = put(db, ADA, "suspend", {}, about=BEN)
        with pytest.raises(REFUSED, match="two administrators"):
            db.execute("select accord.apply_directory_change(%s)", [made])


def test_a_role_taken_away_is_gone_on_the_next_request(world: Path) -> None:
    approve(signed_in(BEN), proposed(signed_in(ADA)))
    assert ask(signed_in(CORA), ROOKIE, "role", remove="analyst").status_code == 303
    assert agencies.actor(ROOKIE).roles == {"investigator"}


def test_a_member_keeps_one_role(world: Path) -> None:
    assert ask(signed_in(ADA), ROOKIE, "role", remove="investigator").status_code == 403
    assert agencies.actor(ROOKIE).roles == {"investigator"}


# -- joining and enrolling -------------------------------------------------------------------------


def link_in(answer) -> str:
    return re.search(r"http://testserver(/sign-in/[0-9a-f]{64})", answer.content.decode())[1]


def code_in(answer) -> str:
    return re.search(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", answer.content.decode())[0]


def code_of(change: str, by: str = ADA) -> str:
    answer = signed_in(by).post(f"/members/changes/{change}/code")
    assert answer.status_code == 200
    return code_in(answer)


def joined() -> tuple[str, str]:
    """The link of a new member, as the second administrator got it, and the change."""
    ada, ben = signed_in(ADA), signed_in(BEN)
    assert ada.post("/members/join", JOIN).status_code == 303
    change = waiting(ben)[-1]
    answer = ben.post(f"/members/changes/{change}/approve")
    assert answer.status_code == 200
    return link_in(answer), change


def test_a_new_member_signs_in_with_the_link_of_one_and_the_code_of_the_other(world: Path) -> None:
    link, change = joined()
    assert agencies.actor(NEW).roles == {"analyst"}
    code = code_of(change)
    newcomer = Client()
    assert 'name="code"' in newcomer.get(link).content.decode()
    assert newcomer.post(link, {"code": code.lower().replace("-", " ")}).status_code == 303
    assert newcomer.get("/").status_code == 200
    assert Client().post(link, {"code": code}).status_code == 404


def test_neither_administrator_becomes_the_new_member_alone(world: Path) -> None:
    link, change = joined()
    for code in ("", "AAAA-AAAA-AAAA-AAAA"):
        refused = Client().post(link, {"code": code})
        assert refused.status_code == 400
        assert 'href="#f-code"' in refused.content.decode()
    for another in (BEN, CORA, FAR):
        answer = signed_in(another).post(f"/members/changes/{change}/code")
        assert answer.status_code == (404 if another == FAR else 403)
        with sealed(world, office(another)) as db:
            put_it = "select accord.put_link_code(%s, sha256('x')) done"
            row = db.execute(put_it, [change]).fetchone()
        assert row is not None
        assert row["done"] is False
    first, second = code_of(change), code_of(change)
    assert Client().post(link, {"code": first}).status_code == 400
    assert Client().post(link, {"code": second}).status_code == 303
    assert signed_in(ADA).post(f"/members/changes/{change}/code").status_code == 409


def test_a_code_is_kept_as_a_digest_and_told_in_no_answer(world: Path) -> None:
    _, change = joined()
    code = code_of(change)
    with administrator(world) as db:
        kept = db.execute("select code_hash from signin_link where change_id = %s", [change])
        held = bytes(kept.fetchone()["code_hash"])
        said = db.execute(
            "select count(*) n from ledger_entry e where e::text like %s", [f"%{code}%"]
        ).fetchone()
    assert held == hashlib.sha256(code.replace("-", "").encode()).digest()
    assert said["n"] == 0
    again = signed_in(ADA).get(f"/members/changes/{change}").content.decode()
    assert code not in again
    assert held.hex() not in again


def test_a_name_that_is_taken_is_not_given_again(world: Path) -> None:
    joined()
    assert signed_in(ADA).post("/members/join", JOIN).status_code == 409


def test_the_name_of_somebody_who_left_is_given_to_nobody_else(world: Path) -> None:
    ada, ben = signed_in(ADA), signed_in(BEN)
    assert ask(ada, ROOKIE, "leave").status_code == 303
    said = JOIN | {"handle": "x.rookie"}
    assert ada.post("/members/join", said).status_code == 409
    with sealed(world, office(ADA)) as db:
        facts = {**said, "assurance": 2, "until": None}
        made = put(db, ADA, "join", facts)
        with pytest.raises(REFUSED, match="member already"):
            db.execute("select accord.apply_directory_change(%s)", [made])
    again = said | {"member": ROOKIE, "name": "Rookie"}
    assert ada.post("/members/join", again).status_code == 303
    answer = ben.post(f"/members/changes/{waiting(ben)[-1]}/approve")
    assert answer.status_code == 200
    assert agencies.actor(ROOKIE).roles == {"analyst"}


def test_somebody_of_another_agency_gets_no_link(world: Path) -> None:
    ben, cora = signed_in(BEN), signed_in(CORA)
    said = JOIN | {"handle": "x.far", "member": FAR, "name": "Far"}
    assert ben.post("/members/join", said).status_code == 303
    answer = cora.post(f"/members/changes/{waiting(cora)[-1]}/approve")
    assert answer.status_code == 303
    assert {a.agency for a in agencies.memberships_of(FAR)} == {"riverbend-pd", "harlan-so"}
    assert ask(ben, f"{AGENCY}.x.far", "enrolment").status_code == 403


def test_a_wrong_form_tells_every_field_and_keeps_what_was_typed(world: Path) -> None:
    answer = signed_in(ADA).post("/members/join", {"handle": "X Y", "name": "Kept Name"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Kept Name" in page
    for field in ("handle", "nationality", "roles", "clearance", "assurance"):
        assert f'href="#f-{field}"' in page


def test_a_lost_device_opens_nothing_any_more(world: Path) -> None:
    rookie = signed_in(ROOKIE)
    with administrator(world) as db:
        db.execute(
            "insert into passkey values (gen_random_uuid(), 'x.lost', '\\x00', 0, gen_random_uuid(),"
            " false, false, decode(repeat('00', 32), 'hex'), 'Lost', now(), null, null, %s)",
            [ROOKIE],
        )
    change = proposed(signed_in(ADA), kind="enrolment", kind_="")
    assert rookie.get("/").status_code == 200
    answer = signed_in(BEN).post(f"/members/changes/{change}/approve")
    assert answer.status_code == 200
    assert rookie.get("/").status_code == 302
    with administrator(world) as db:
        left = db.execute(
            "select count(*) as n from passkey where member_id = %s and revoked_at is null",
            [ROOKIE],
        ).fetchone()
    assert left["n"] == 0
    link = link_in(answer)
    assert Client().post(link).status_code == 400
    assert Client().post(link, {"code": code_of(change)}).status_code == 303


# -- what an injected statement cannot -------------------------------------------------------------


ROLE = {"add": ["supervisor"], "remove": []}


@pytest.mark.parametrize("about", [ADA, ROOKIE])
def test_an_administrator_alone_gives_nobody_a_role_by_direct_sql(world: Path, about: str) -> None:
    with sealed(world, office(ADA)) as db:
        made = put(db, ADA, "role", ROLE, about)
        with pytest.raises(REFUSED, match="two others"):
            db.execute("select accord.apply_directory_change(%s)", [made])


@pytest.mark.parametrize(
    ("by", "more"),
    [(BEN, {}), (ADA, {"agency": "harlan-so"}), (ADA, {"state": "applied"})],
)
def test_a_proposal_cannot_be_put_in_under_another_name(world: Path, by: str, more: dict) -> None:
    with sealed(world, office(ADA)) as db, pytest.raises(psycopg.Error) as refused:
        put(db, by, "role", ROLE, **more)
    assert refused.value.sqlstate in ("42501", "23514")


def test_whoever_is_no_administrator_neither_proposes_nor_reads_nor_applies(world: Path) -> None:
    change = proposed(signed_in(ADA))
    with sealed(world, office(ROOKIE)) as db:
        assert db.execute("select * from directory_change").fetchall() == []
    with sealed(world, office(ROOKIE)) as db, pytest.raises(REFUSED):
        put(db, ROOKIE, "role", ROLE)
    with sealed(world, office(ROOKIE)) as db, pytest.raises(REFUSED):
        db.execute("select accord.apply_directory_change(%s)", [change])
    with connect(world) as db:
        assert db.execute("select * from directory_change").fetchall() == []
        with pytest.raises(REFUSED):
            db.execute("select accord.apply_directory_change(%s)", [change])


@pytest.mark.parametrize(
    "statement",
    [
        "update directory_change set state = 'applied'",
        "update directory_change set proposed_by = 'x'",
        "delete from directory_change",
        "update membership set roles = '{supervisor}'",
    ],
)
def test_the_application_changes_no_change_by_itself(world: Path, statement: str) -> None:
    proposed(signed_in(ADA))
    with sealed(world, office(BEN)) as db, pytest.raises(REFUSED):
        db.execute(statement)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("role", {"add": ["emperor"], "remove": []}),
        ("clearance", {"to": "cosmic"}),
        ("assurance", {"to": 9}),
        ("training", {"training": "x", "issued_on": "2026-01-01", "valid_until": "2027-01-01"}),
        ("role", {"add": ["analyst"], "remove": ["analyst", "investigator"]}),
    ],
)
def test_words_that_are_not_in_the_vocabulary_are_refused_by_the_database(
    world: Path, kind: str, facts: dict[str, object]
) -> None:
    with administrator(world) as db:
        made = put(db, ADA, kind, facts)
    with sealed(world, office(BEN)) as db, pytest.raises(REFUSED):
        db.execute("select accord.apply_directory_change(%s)", [made])


def test_a_join_cannot_take_a_name_outside_of_the_agency_or_a_person_s_place(world: Path) -> None:
    facts = {**JOIN, "until": None}
    for member, membership in ((NEW, "harlan-so.x.new"), (ADA, NEW), (FAR, ROOKIE)):
        with administrator(world) as db:
            made = put(db, BEN, "join", facts, member)
            db.execute(
                "update directory_change set membership_id = %s where id = %s", [membership, made]
            )
        with sealed(world, office(ADA)) as db, pytest.raises(REFUSED):
            db.execute("select accord.apply_directory_change(%s)", [made])


def test_the_words_of_the_database_are_those_of_the_vocabulary(world: Path) -> None:
    with connect(world) as db:
        for dimension in ("role", "clearance", "training"):
            found = db.execute("select accord.directory_words(%s) as w", [dimension]).fetchone()[
                "w"
            ]
            assert tuple(found) == Vocabulary.load(NEWEST).words(dimension)


# -- no omniscience --------------------------------------------------------------------------------


def test_an_administrator_reads_no_record_by_it(world: Path) -> None:
    ada = signed_in(ADA)
    with administrator(world) as db:
        rows = db.execute("select id from record limit 20").fetchall()
    for row in rows:
        for purpose in ("general-policing", "records-administration", "system-administration"):
            answer = ada.get(f"/w/{purpose}/statute/-/records/{row['id']}")
            assert answer.status_code == 404
    with sealed(world, office(ADA)) as db:
        assert db.execute("select count(*) as n from part").fetchone()["n"] == 0
        assert db.execute("select count(*) as n from record").fetchone()["n"] == 0


@pytest.mark.parametrize("path", ["/members/", f"/members/people/{ROOKIE}", "/members/join"])
def test_the_pages_are_there_for_administrators_and_oversight_alone(world: Path, path: str) -> None:
    assert signed_in(ADA).get(path).status_code == 200
    assert signed_in(ROOKIE).get(path).status_code == 404


def test_oversight_reads_and_changes_nothing(world: Path) -> None:
    put_member(
        {"id": f"{AGENCY}.x.over", "name": "Over", "nationality": "US", "memberships": [
            {"id": f"{AGENCY}.x.over", "agency": AGENCY, "roles": ["oversight-officer"],
             "clearance": "none", "assurance": 2,
             "valid_from": datetime.now(UTC) - timedelta(days=1)}]}
    )  # fmt: skip
    change = proposed(signed_in(ADA))
    over = signed_in(f"{AGENCY}.x.over")
    assert over.get(f"/members/changes/{change}").status_code == 200
    assert approve(over, change) == 403
    assert ask(over, ROOKIE, "suspend").status_code == 403


# -- what ends by itself ---------------------------------------------------------------------------


def test_a_certificate_and_a_membership_end_at_their_moment(world: Path) -> None:
    today = datetime.now(UTC).date()
    said = {"training": "28cfr23", "issued_on": today.isoformat(), "valid_until": today.isoformat()}
    approve(signed_in(BEN), proposed(signed_in(ADA), kind="training", **said))
    assert "28cfr23" in agencies.actor(ROOKIE).training
    rookie = signed_in(ROOKIE)
    midnight = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=1)
    assert agencies.actor(ROOKIE).expires_at == midnight
    with later(world, midnight - datetime.now(UTC) + timedelta(seconds=1)):
        assert "28cfr23" not in agencies.actor(ROOKIE).training
    with administrator(world) as db:
        db.execute(
            "update membership set valid_until = now() + interval '1 hour' where id = %s", [ROOKIE]
        )
    assert rookie.get("/").status_code == 200
    with later(world, timedelta(hours=1, seconds=1)):
        assert rookie.get("/").status_code == 302


def test_an_administrator_whose_membership_ended_decides_nothing(world: Path) -> None:
    change = proposed(signed_in(ADA))
    asker = office(BEN)
    asker.standing()
    with administrator(world) as db:
        db.execute("update membership set valid_until = now() where id = %s", [BEN])
    with pytest.raises(NotFound), sealed(world, asker):
        pass
    assert approve(signed_in(CORA), change) == 303


# -- reviews ---------------------------------------------------------------------------------------


def test_a_membership_is_reviewed_every_ninety_days(world: Path) -> None:
    ada = signed_in(ADA)
    with administrator(world) as db:
        db.execute(
            "update membership set valid_from = now() - interval '91 days' where id = %s", [ROOKIE]
        )
    assert "Reviews are overdue" in ada.get("/members/").content.decode()
    assert f"/members/people/{ROOKIE}" in ada.get("/members/?view=review").content.decode()
    assert ask(ada, ROOKIE, "review").status_code == 303
    page = ada.get(f"/members/people/{ROOKIE}").content.decode()
    assert "Confirmed as it is" in page
    assert "Review overdue" not in page


def test_the_list_filters_by_what_somebody_has(world: Path) -> None:
    page = signed_in(ADA).get("/members/?q=x.rookie").content.decode()
    assert f"/members/people/{ROOKIE}" in page
    assert f"/members/people/{BEN}" not in page


def test_a_member_s_page_counts_no_session_that_is_another_agency_s() -> None:
    here, elsewhere = "riverbend-pd.r.kowalski", "state-bi.r.kowalski"

    def counted() -> int:
        page = signed_in(ADA).get(f"/members/people/{here}").content.decode()
        found = re.search(r"Open sessions</dt><dd>(\d+)</dd>", page)
        assert found, page
        return int(found[1])

    before = counted()
    signed_in(elsewhere)
    assert counted() == before
    signed_in(here)
    assert counted() == before + 1
