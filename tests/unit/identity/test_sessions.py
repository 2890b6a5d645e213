"""Sessions: what they prove, when they end, and what ends them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.test import Client

from accord.agencies.queries import actor, memberships_of
from accord.identity import queries
from accord.identity.addresses import place_of
from accord.identity.domain import Why
from accord.kernel.clock import FixedClock, now, taken_from
from accord.platform.sessions import SessionStore, stored_key
from authenticator import Authenticator
from isolation.direct import administrator, connect
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in, sign_in

KOWALSKI = "riverbend-pd.r.kowalski"
pytestmark = pytest.mark.usefixtures("real")


def is_in(client: Client, **how: str) -> bool:
    return client.get("/", **how).status_code == 200


def test_a_session_is_fixed_to_nobody_before(device: Authenticator) -> None:
    client = browser()
    options = options_in(client.get("/sign-in/").content)
    enrolled(device)
    options = options_in(client.get("/sign-in/").content)
    before = client.cookies["accord_session"].value
    assert client.post("/sign-in/passkey", {"answer": device.get(options)}).status_code == 303
    assert client.cookies["accord_session"].value != before
    thief = browser()
    thief.cookies["accord_session"] = before
    assert not is_in(thief)


def test_an_idle_session_ends_and_a_busy_one_goes_on(device: Authenticator) -> None:
    client = enrolled(device)
    began = now()
    for minutes in (25, 50, 75):
        with taken_from(FixedClock(began + timedelta(minutes=minutes))):
            assert is_in(client)
    with taken_from(FixedClock(began + timedelta(minutes=106))):
        assert not is_in(client)
    assert not is_in(client), "an ended session does not come back with the clock"
    (found,) = [s for s in queries.signins(actor(ALVAREZ).member) if s.ended_why == Why.IDLE]
    assert found.ended_at is not None


def test_a_page_that_renews_itself_keeps_no_session_open(device: Authenticator) -> None:
    client = enrolled(device)
    began = now()
    for minutes in (10, 20, 29):
        with taken_from(FixedClock(began + timedelta(minutes=minutes))):
            assert is_in(client, headers={"host": "localhost", "accord-live": "1"})
    with taken_from(FixedClock(began + timedelta(minutes=31))):
        assert not is_in(client)


def test_no_session_outlasts_eight_hours(device: Authenticator) -> None:
    client = enrolled(device)
    began = now()
    for minutes in range(20, 480, 20):
        with taken_from(FixedClock(began + timedelta(minutes=minutes))):
            assert is_in(client)
    with taken_from(FixedClock(began + timedelta(hours=8, minutes=1))):
        assert not is_in(client)


def test_a_cookie_over_another_kind_of_address_ends_the_session(device: Authenticator) -> None:
    client = enrolled(device)
    assert is_in(client, REMOTE_ADDR="192.0.2.7"), "another network of the same kind is a walk"
    assert not is_in(client, REMOTE_ADDR="2001:db8::7")
    assert not is_in(client), "and the session is over"
    assert is_in(sign_in(device), REMOTE_ADDR="::ffff:192.0.2.7"), "IPv4 written as IPv6 is IPv4"


def test_a_session_s_row_that_was_copied_opens_nothing(device: Authenticator, real: Path) -> None:
    client = enrolled(device)
    kept = stored_key(client.cookies["accord_session"].value)
    mine = SessionStore()
    mine.create()
    assert mine.session_key is not None
    with administrator(real) as db:
        db.execute(
            "update django_session set session_data = (select session_data from django_session"
            " where session_key = %s) where session_key = %s",
            [kept, stored_key(mine.session_key)],
        )
        db.execute(
            "insert into signin select gen_random_uuid(), %s, membership_id, method, assurance,"
            " credentials, family, place, client, began_at, proven_at, seen_at, null, '', member_id, mac"
            " from signin where session = %s",
            [stored_key(mine.session_key), kept],
        )
    thief = browser()
    thief.cookies["accord_session"] = mine.session_key
    assert not is_in(thief)
    assert is_in(client)


def test_signing_out_ends_it_also_for_whoever_kept_the_cookie(device: Authenticator) -> None:
    client = enrolled(device)
    cookie = client.cookies["accord_session"].value
    client.post("/sign-out")
    thief = browser()
    thief.cookies["accord_session"] = cookie
    assert not is_in(thief)


def test_a_lost_device_is_revoked_from_another_and_its_sessions_end(device: Authenticator) -> None:
    lost = enrolled(device)
    other = Authenticator()
    client = enrolled(other)
    keys = queries.passkeys(actor(ALVAREZ).member)
    assert client.post(f"/account/passkeys/{keys[1].id}/revoke").status_code == 303
    assert not is_in(lost)
    assert is_in(client)
    options = options_in(browser().get("/sign-in/").content)
    again = browser()
    options = options_in(again.get("/sign-in/").content)
    assert again.post("/sign-in/passkey", {"answer": device.get(options)}).status_code == 403


def test_nobody_revokes_or_ends_what_is_another_s(device: Authenticator) -> None:
    enrolled(device)
    other = enrolled(Authenticator(), "riverbend-pd.d.okafor")
    (key,) = queries.passkeys(actor(ALVAREZ).member)
    session = queries.signins(actor(ALVAREZ).member)[0]
    assert other.post(f"/account/passkeys/{key.id}/revoke").status_code == 404
    assert other.post(f"/account/sessions/{session.id}/end").status_code == 404
    assert queries.passkeys(actor(ALVAREZ).member) == (key,)


def test_all_other_sessions_are_ended_at_once(device: Authenticator) -> None:
    first, second = enrolled(device), sign_in(device)
    third = sign_in(device)
    assert third.post("/account/sessions/others/end").status_code == 303
    assert [is_in(c) for c in (first, second, third)] == [False, False, True]


def test_who_has_left_or_whose_agency_is_suspended_is_out_on_the_next_request(
    device: Authenticator, real: Path
) -> None:
    client = enrolled(device)
    with administrator(real) as db:
        db.execute("update membership set valid_until = now() where id = %s", [ALVAREZ])
        assert client.get("/").status_code == 302
        db.execute("update membership set valid_until = null where id = %s", [ALVAREZ])
        assert is_in(client)
        db.execute("update agency set suspended_at = now() where id = 'riverbend-pd'")
        assert client.get("/").status_code == 302
        db.execute("update agency set suspended_at = null where id = 'riverbend-pd'")


def test_assurance_is_the_lower_of_what_was_proven_and_what_is_attested(
    device: Authenticator, real: Path
) -> None:
    client = enrolled(device)
    proofs = [s.assurance for s in queries.signins(actor(ALVAREZ).member)]
    assert proofs[0] == 2
    with administrator(real) as db:
        for ceiling in (1, 3):
            db.execute("update membership set assurance = %s where id = %s", [ceiling, ALVAREZ])
            request = client.get("/").wsgi_request
            assert request.actor.assurance == min(ceiling, 2)
        db.execute("update membership set assurance = 2 where id = %s", [ALVAREZ])


def test_who_has_two_hats_takes_one_a_session(device: Authenticator) -> None:
    first, second = (a.membership for a in memberships_of(actor(KOWALSKI).member))
    enrolled(device, first)
    for wanted in (second, first):
        client = sign_in_choosing(device, wanted)
        assert client.get("/").wsgi_request.actor.membership == wanted


def sign_in_choosing(device: Authenticator, membership: str) -> Client:
    client = sign_in(device)
    assert client.get("/").status_code == 302, "nobody acts before an agency is chosen"
    page = client.get("/sign-in/as")
    assert membership.encode() in page.content
    assert client.post("/sign-in/as", {"membership": "state-bi.v.petrov"}).status_code == 404
    assert client.post("/sign-in/as", {"membership": membership}).status_code == 303
    return client


def test_a_place_is_a_network_and_no_address() -> None:
    assert place_of("198.51.100.77") == "198.51.100.0/24"
    assert place_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert place_of("") == ""


def test_what_was_proven_with_a_revoked_passkey_begins_no_session(device: Authenticator) -> None:
    person = actor(KOWALSKI).member
    first = memberships_of(person)[0].membership
    mine = enrolled(device, first)
    thief = sign_in(device)
    assert thief.get("/sign-in/as").status_code == 200
    (key,) = queries.passkeys(person)
    assert mine.post(f"/account/passkeys/{key.id}/revoke").status_code == 303
    assert thief.post("/sign-in/as", {"membership": first}).status_code == 404
    assert not is_in(thief)


def test_whoever_proves_another_person_in_a_browser_ends_the_session_there(
    device: Authenticator,
) -> None:
    client = enrolled(device, memberships_of(actor(KOWALSKI).member)[0].membership)
    sign_in(device, client)
    assert all(s.ended_at for s in queries.signins(actor(KOWALSKI).member)[:1])


def test_sql_alone_brings_nothing_back_that_was_revoked(device: Authenticator, world: Path) -> None:
    enrolled(device)
    mine = enrolled(Authenticator())
    key = queries.passkeys(ALVAREZ)[-1].id
    assert mine.post(f"/account/passkeys/{key}/revoke").status_code == 303
    for statement in ("update passkey set revoked_at = null", "update signin set ended_at = null"):
        with connect(world) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)
