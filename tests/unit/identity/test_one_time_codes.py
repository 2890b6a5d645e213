"""Password and one-time code: set up, used, refused, ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accord.agencies.queries import actor
from accord.agreements.membersigning import take
from accord.identity import queries
from accord.identity.codes import onetime, passwords, sealing
from accord.identity.codes.actions.devices import change_password
from accord.identity.codes.domain import LEAST_PASSWORD, MOST_FAILURES
from accord.identity.codes.queries import coded, device_of
from accord.identity.domain import Method, Why
from accord.identity.rowseal import row_mac
from accord.kernel.clock import FixedClock, now, taken_from
from accord.kernel.errors import Conflict, InvalidInput
from authenticator import Authenticator
from isolation.direct import administrator, connect
from unit.identity.coding import (
    AGENCY,
    PASSWORD,
    App,
    allow,
    forbid,
    forget,
    in_seconds,
    recovery_codes,
    set_up,
    shown_secret,
    try_code,
)
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in, sign_in

OKAFOR = "riverbend-pd.d.okafor"


@pytest.fixture(autouse=True)
def _allowed(real: Path) -> Iterator[None]:
    allow(real)
    yield
    forget(real)


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def came_in(app: App, client: Client | None = None, ahead_s: int = 60) -> Client:
    """A browser in which somebody came in with password and code, a minute later."""
    client = client or browser()
    with in_seconds(ahead_s):
        answer = try_code(client, app.code())
    assert answer.status_code == 303, answer.content.decode()
    return client


# -- codes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert onetime.code_at(b"12345678901234567890", onetime.step_at(at)) == code
    assert onetime.step_of(b"12345678901234567890", code, at, -1) == seconds // 30


def test_a_code_counts_in_its_step_and_the_ones_beside_it_and_never_twice() -> None:
    secret, at = bytes(range(20)), datetime(2026, 11, 29, 12, tzinfo=UTC)
    here = onetime.step_at(at)
    found = [
        onetime.step_of(secret, onetime.code_at(secret, here + n), at, -1) for n in range(-2, 3)
    ]
    assert found == [None, here - 1, here, here + 1, None]
    assert onetime.step_of(secret, onetime.code_at(secret, here), at, here) is None
    assert onetime.step_of(secret, onetime.code_at(secret, here - 1), at, here) is None
    for wrong in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦"):
        assert onetime.step_of(secret, wrong, at, -1) is None


def test_a_secret_has_160_random_bits_and_is_kept_encrypted(
    device: Authenticator, real: Path, real_work: None
) -> None:
    client = enrolled(device)
    pages = [client.post("/account/code", {"do": "begin"}).content for _ in range(20)]
    secrets = {shown_secret(page)[0].secret for page in pages}
    assert len(secrets) == 20
    assert {len(secret) for secret in secrets} == {20}
    app, _ = set_up(client)
    with administrator(real) as db:
        row = db.execute("select * from code_device").fetchone()
    assert row is not None
    kept = b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
    for form in (app.secret, app.secret.hex().encode(), PASSWORD.encode()):
        assert form not in kept
    assert row["password"].startswith("scrypt$16384$")


def test_a_page_of_half_an_hour_ago_and_another_s_set_up_nothing(device: Authenticator) -> None:
    client, other = enrolled(device), enrolled(Authenticator(), OKAFOR)
    app, sealed = shown_secret(client.post("/account/code", {"do": "begin"}).content)
    form = {"do": "set-up-codes", "sealed": sealed, "device-name": "App", "password": PASSWORD}
    assert other.post("/account/code", form | {"one-time-code": app.code()}).status_code == 400
    wrong = client.post("/account/code", form | {"one-time-code": app.wrong()})
    assert wrong.status_code == 400
    assert shown_secret(wrong.content)[0] == app, "the same secret is shown once more"
    assert PASSWORD.encode() not in wrong.content
    with taken_from(FixedClock(now() + timedelta(minutes=31))):
        late = sign_in(device)
        assert late.post("/account/code", form | {"one-time-code": app.code()}).status_code == 400
    assert device_of(actor(ALVAREZ).member) is None


def test_of_a_form_that_is_sent_twice_at_once_one_device_stays(
    device: Authenticator, real: Path
) -> None:
    client = enrolled(device)
    app, sealed = shown_secret(client.post("/account/code", {"do": "begin"}).content)
    form = {
        "do": "set-up-codes", "sealed": sealed, "device-name": "App", "password": PASSWORD,
        "one-time-code": app.code(),
    }  # fmt: skip

    def send(_: int) -> int:
        same = browser()
        same.cookies["accord_session"] = client.cookies["accord_session"].value
        try:
            return int(same.post("/account/code", form).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        told = set(pool.map(send, range(3)))
    assert 200 in told
    assert told <= {200, 409}
    with administrator(real) as db:
        row = db.execute(
            "select count(*) as n from code_device where revoked_at is null"
        ).fetchone()
    assert row is not None
    assert row["n"] == 1


# -- signing in ------------------------------------------------------------------------------------


def test_password_and_code_let_in_at_assurance_2(device: Authenticator) -> None:
    app, _ = set_up(enrolled(device))
    client = came_in(app)
    request = client.get("/").wsgi_request
    assert request.proof.method is Method.CODE
    assert (request.proof.assurance, request.actor.assurance) == (2, 2)
    assert request.actor.membership == ALVAREZ
    found = device_of(actor(ALVAREZ).member)
    assert found is not None
    assert found.last_used_at is not None
    assert b"Password and code" in client.get("/account/").content


def test_a_code_opens_once_and_not_that_of_the_enrolment(device: Authenticator) -> None:
    client = enrolled(device)
    app, _ = set_up(client)
    assert try_code(browser(), app.used).status_code == 403
    with in_seconds(60):
        assert try_code(browser(), app.code()).status_code == 303
        assert try_code(browser(), app.code()).status_code == 403
        assert try_code(browser(), app.code(-30)).status_code == 403, "nor an earlier one"
        assert try_code(browser(), app.code(30)).status_code == 303


def test_of_two_who_send_one_code_at_once_one_comes_in(device: Authenticator) -> None:
    app, _ = set_up(enrolled(device))

    def attempt(_: int) -> int:
        try:
            return int(try_code(browser(), app.code()).status_code)
        finally:
            connections.close_all()

    with in_seconds(60), ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == [303, 403]


def test_whatever_is_wrong_gets_the_same_answer_after_the_same_work(
    device: Authenticator, real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = set_up(enrolled(device))
    allow(real, "harlan-so")
    app_of_another, _ = set_up(enrolled(Authenticator(), "harlan-so.c.boone"))
    hashes: list[str] = []
    verify = passwords.ScryptPasswordHasher.verify
    monkeypatch.setattr(
        passwords.ScryptPasswordHasher,
        "verify",
        lambda self, password, held: bool(hashes.append(held)) or verify(self, password, held),
    )
    passwords.is_right("x", None)
    forbid(real, "harlan-so")
    hashes.clear()

    def closed() -> None:
        with administrator(real) as db:
            db.execute("update code_device set failures = %s", [MOST_FAILURES])

    told: dict[str, tuple[int, str, int, int]] = {}
    cases = {
        "nobody": ("nobody.at.all", PASSWORD, app.code(60)),
        "empty": ("", "", ""),
        "no code device": (OKAFOR, PASSWORD, app.code(60)),
        "wrong password": (ALVAREZ, PASSWORD + "x", app.code(60)),
        "wrong code": (ALVAREZ, PASSWORD, app.wrong()),
        "a code that was used": (ALVAREZ, PASSWORD, app.used),
        "agency does not allow": ("harlan-so.c.boone", PASSWORD, app_of_another.code(60)),
        "closed": (ALVAREZ, PASSWORD, app.code(60)),
    }
    for number, (case, (name, password, code)) in enumerate(cases.items()):
        if case == "closed":
            closed()
        client = Client(headers={"host": "localhost"}, REMOTE_ADDR=f"198.51.100.{number}")
        client.get("/sign-in/code")
        with CaptureQueriesContext(connection) as asked:
            said = try_code(client, code, name=name, password=password)
        words = re.sub(r'value="[^"]*"', "", said.content.decode())
        told[case] = (said.status_code, words, len(asked), len(hashes))
        hashes.clear()
    assert told["nobody"][0] == 403
    assert told["nobody"][3] == 1, "one hash"
    assert {case: t for case, t in told.items() if t != told["nobody"]} == {}


def test_no_field_of_the_door_is_drawn_again_but_the_name(device: Authenticator) -> None:
    set_up(enrolled(device))
    page = try_code(browser(), "123456", password="a secret of theirs").content.decode()
    assert ALVAREZ in page
    assert "a secret of theirs" not in page
    assert "123456" not in page
    assert 'type="password"' in page


@pytest.mark.parametrize(
    "moved",
    [
        "update code_device set version = version + 1, password = (select password from code_device d"
        " where d.member_id <> code_device.member_id)",
        "update code_device set version = version + 1, mac = decode(repeat('00', 32), 'hex')",
    ],
)
def test_a_device_s_row_that_sql_changed_lets_nobody_in(
    device: Authenticator, real: Path, moved: str
) -> None:
    app, _ = set_up(enrolled(device))
    set_up(enrolled(Authenticator(), OKAFOR), PASSWORD + " again")
    with administrator(real) as db:
        db.execute(moved)
    with in_seconds(60):
        for password in (PASSWORD, PASSWORD + " again"):
            assert try_code(browser(), app.code(), password=password).status_code == 403


# -- an agency that allows it, and no more ---------------------------------------------------------


def test_where_the_agency_does_not_allow_codes_there_are_none(
    device: Authenticator, real: Path
) -> None:
    forbid(real)
    client = enrolled(device)
    assert client.post("/account/code", {"do": "begin"}).status_code == 403
    assert b"does not allow" in client.get("/account/code").content
    assert b"/sign-in/code" not in browser().get("/sign-in/").content
    allow(real)
    assert b"/sign-in/code" in browser().get("/sign-in/").content


def test_what_the_agency_allows_no_more_ends_on_the_next_request(
    device: Authenticator, real: Path
) -> None:
    passkeys = enrolled(device)
    app, _ = set_up(passkeys)
    client = came_in(app)
    assert is_in(client)
    forbid(real)
    assert not is_in(client)
    assert is_in(passkeys), "a session that a passkey opened goes on"
    with in_seconds(120):
        assert try_code(browser(), app.code()).status_code == 403
    allow(real)
    assert not is_in(client), "an ended session does not come back"
    whys = {s.ended_why for s in queries.signins(actor(ALVAREZ).member)}
    assert Why.CODES in whys
    came_in(app, ahead_s=180)


def test_a_device_that_is_removed_ends_what_it_opened(device: Authenticator) -> None:
    passkeys = enrolled(device)
    app, _ = set_up(passkeys)
    client = came_in(app)
    assert passkeys.post("/account/code", {"do": "remove"}).status_code == 303
    assert not is_in(client)
    assert is_in(passkeys)
    with in_seconds(120):
        assert try_code(browser(), app.code()).status_code == 403


def test_a_new_device_takes_the_place_of_the_old_one(device: Authenticator) -> None:
    client = enrolled(device)
    old, _ = set_up(client)
    new, _ = set_up(client)
    with in_seconds(60):
        assert try_code(browser(), old.code()).status_code == 403
        assert try_code(browser(), new.code()).status_code == 303


def test_a_link_sets_up_codes_where_no_passkey_can_be_used(real: Path) -> None:
    from accord.agencies.actions import create_signin_link

    client, link = browser(), create_signin_link(ALVAREZ)
    app, sealed = shown_secret(client.get(link).content)
    form = {
        "do": "set-up-codes", "sealed": sealed, "device-name": "App", "password": PASSWORD,
        "one-time-code": app.code(),
    }  # fmt: skip
    assert client.post(link, form | {"password": "short"}).status_code == 400
    shown = client.post(link, form)
    assert shown.status_code == 200
    assert len(set(recovery_codes(shown.content))) == 10, "they come with it, and are shown once"
    assert b"/account/code" in shown.content
    assert coded(actor(ALVAREZ).member, AGENCY).recovery_left == 10
    found = {"recovery-code": recovery_codes(shown.content)[0], "password": PASSWORD}
    assert browser().post("/sign-in/recover", found).status_code == 303
    assert client.get("/").wsgi_request.proof.method is Method.CODE
    assert browser().get(link).status_code == 404, "the link is spent"
    forbid(real)
    assert b'name="sealed"' not in browser().get(create_signin_link(OKAFOR)).content


def test_a_link_that_asks_for_its_code_asks_for_it_here_too(real: Path) -> None:
    from accord.agencies.actions import code_digest, create_signin_link, new_code

    link, beside = create_signin_link(OKAFOR), new_code()
    with administrator(real) as db:
        db.execute(
            "update signin_link set change_id = gen_random_uuid(), code_hash = %s"
            " where used_at is null and membership_id = %s",
            [code_digest(beside), OKAFOR],
        )
    client = browser()
    app, sealed = shown_secret(client.get(link).content)
    form = {
        "do": "set-up-codes", "sealed": sealed, "device-name": "App", "password": PASSWORD,
        "one-time-code": app.code(),
    }  # fmt: skip
    for wrong in ({}, {"code": new_code()}):
        assert client.post(link, form | wrong).status_code == 400
    assert device_of(actor(OKAFOR).member) is None
    assert client.post(link, form | {"code": beside}).status_code == 200


# -- passwords -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "fourteen signs", "aaaaaaaaaaaaaaaaaaaa", "abababababababababab", "123456789012345678",
        "qwertyuiopasdfghjkl", "zyxwvutsrqponmlkjihg", "PasswordPassword1!", "iloveyouiloveyou",
        "Marisol Alvarez 1979!", "Riverbend-Police-Department-1", "riverbend-pd.m.alvarez",
        "letmeinletmein123", "1q2w3e4r5t6y7u8i", "x" * 201,
    ],
)  # fmt: skip
def test_passwords_that_are_tried_first_are_refused(password: str, world: Path) -> None:
    from accord.identity.codes.actions.devices import words_of

    with pytest.raises(InvalidInput):
        passwords.check_password(password, words_of(actor(ALVAREZ)), "password")


@pytest.mark.parametrize(
    "password",
    [
        "iloveyouprincess", "princess sunshine", "Princess-Sunshine!", "p-r-i-n-c-e-s-s-1-2-3-4-5",
        "Pr1nc3ss.Sun5h1n3", "\uff50rincess\uff53unshine", "PRINCESS princess 1999",
        "b4sk3tb4ll f00tb4ll", "princess1sunshine2", "\u017funshine\u00adprincess",
        "p\u00e1ssword p\u00e1ssword", "pr\u00edncess sunsh\u00efne", "pri\u0336ncess su\u20ddnshine",
    ],
)  # fmt: skip
def test_what_is_made_of_common_passwords_is_refused_however_it_is_written(
    password: str, world: Path
) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.check_password(password, (), "password")
    assert "most common passwords" in str(refused.value)


@pytest.mark.parametrize("own", ["José Núñez", "Jose\u0301 Nun\u0303ez", "Jose Nunez"])
def test_an_own_word_is_refused_with_its_accents_and_without(own: str, world: Path) -> None:
    for password in (
        "José-Núñez 1979",
        "jose nunez 1979",
        "JOSE\u0301 NUN\u0303EZ 1979",
        "Jóse Nuñéz 1979",
    ):
        with pytest.raises(InvalidInput) as refused:
            passwords.check_password(password, (own,), "password")
        assert "hardly more than your name" in str(refused.value)


def test_more_than_three_thousand_common_passwords_of_enough_length_are_refused(
    world: Path,
) -> None:
    listed = sorted(passwords._common())
    assert len(listed) > 19_000
    long = [word for word in listed if len(word) >= LEAST_PASSWORD]
    words = [word for word in listed if len(word) == 8 and word.isalpha()][:60]
    pairs = [first + second for first in words for second in words]
    assert len(pairs) > 3_000
    for password in (*long, *pairs):
        with pytest.raises(InvalidInput):
            passwords.check_password(password, (), "password")


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD, "only small letters", "ÄÖÜ und Straße am Fluß", "кошка под зелёным столом",
        "  spaces at both ends  ", "rain in riverbend on tuesdays", "9t$K!zP0#vQ2&mXa",
        " ".join(str(n) for n in range(65)),
    ],
)  # fmt: skip
def test_length_is_asked_for_and_no_composition(password: str, world: Path) -> None:
    from accord.identity.codes.actions.devices import words_of

    passwords.check_password(password, words_of(actor(ALVAREZ)), "password")
    held = passwords.kept(password)
    assert passwords.is_right(password, held)
    for other in (password.strip() + "x", password.upper() + "y", password[:-1], password[:64]):
        if other != password:
            assert not passwords.is_right(other, held), "neither cut nor changed"


def test_whoever_changes_the_password_says_the_old_one(device: Authenticator) -> None:
    client = enrolled(device)
    app, _ = set_up(client)
    new = "grey herons like the quay"
    form = {"do": "password", "new-password": new}
    with in_seconds(60):
        wrong = form | {"password": "x" * 20, "one-time-code": app.code()}
        assert client.post("/account/code", wrong).status_code == 403
        found = device_of(actor(ALVAREZ).member)
        assert found is not None
        assert found.known_failures == 1, "a wrong one is counted"
        short = form | {"password": PASSWORD, "one-time-code": app.code(), "new-password": "short"}
        assert client.post("/account/code", short).status_code == 400
        right = form | {"password": PASSWORD, "one-time-code": app.code(30)}
        assert client.post("/account/code", right).status_code == 303
    with in_seconds(150):
        assert try_code(browser(), app.code()).status_code == 403
        assert try_code(browser(), app.code(30), password=new).status_code == 303


def test_a_password_that_was_changed_is_not_put_back_by_sql(
    device: Authenticator, real: Path
) -> None:
    client = enrolled(device)
    app, _ = set_up(client)
    with administrator(real) as db:
        old = db.execute("select id, password, mac, version from code_device").fetchone()
    form = {"do": "password", "password": PASSWORD, "new-password": "grey herons like the quay"}
    with in_seconds(60):
        answer = client.post("/account/code", form | {"one-time-code": app.code()})
    assert answer.status_code == 303
    back = "update code_device set password = %(password)s, mac = %(mac)s, version = {}"
    for version in ("version", "%(version)s"):
        with connect(real) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(back.format(version), old)
    with connect(real) as db:  # a version that was never sealed with it opens nothing either
        db.execute(back.format("version + 1"), old)
    with in_seconds(150):
        assert try_code(browser(), app.code()).status_code == 403


def test_a_device_that_was_sealed_before_there_were_versions_lets_in_and_is_changed(
    device: Authenticator, real: Path
) -> None:
    client = enrolled(device)
    app, _ = set_up(client)
    with administrator(real) as db:
        row = db.execute("select * from code_device").fetchone()
        facts = sealing.device_facts(
            row["id"], row["member_id"], bytes(row["sealed_secret"]), row["password"], 0
        )
        assert set(facts) == {"device", "member", "secret", "password"}
        db.execute("set session_replication_role = replica")
        db.execute(
            "update code_device set version = 0, mac = %s", [row_mac(sealing.DEVICE, **facts)]
        )
    new = "grey herons like the quay"
    form = {"do": "password", "password": PASSWORD, "new-password": new}
    with in_seconds(60):
        assert client.post("/account/code", form | {"one-time-code": app.code()}).status_code == 303
    with in_seconds(150):
        assert try_code(browser(), app.code(), password=new).status_code == 303


def test_of_two_changes_at_once_the_later_is_told(device: Authenticator, real: Path) -> None:
    set_up(enrolled(device))
    who = actor(ALVAREZ)
    kept = passwords.kept

    def meanwhile(text: str) -> str:
        with administrator(real) as db:
            db.execute("update code_device set version = version + 1")
        return kept(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "kept", meanwhile)
        with pytest.raises(Conflict):
            change_password(who, "grey herons like the quay")


def test_a_change_whose_proof_was_too_old_is_typed_again_and_costs_no_try(
    device: Authenticator,
) -> None:
    client = enrolled(device)
    app, _ = set_up(client)
    new = "grey herons like the quay"
    form = {"do": "password", "new-password": new, "password": PASSWORD}
    with in_seconds(11 * 60):
        asked = client.post("/account/code", form | {"one-time-code": app.code()})
        assert asked.status_code == 401
        answer = device.get(options_in(asked.content))
        again = client.post("/account/code", {"do": "password", "accord-proof": answer})
        assert again.status_code == 400, "what was typed is kept nowhere"
        assert again.content.count(b"is kept on no page") >= 3
        found = device_of(actor(ALVAREZ).member)
        assert found is not None
        assert (found.failures, found.known_failures) == (0, 0)
        right = client.post("/account/code", form | {"one-time-code": app.code()})
        assert right.status_code == 303


# -- a new proof -----------------------------------------------------------------------------------


def test_password_and_code_prove_again_a_session_that_they_began(device: Authenticator) -> None:
    app, _ = set_up(enrolled(device))
    client = came_in(app)
    with in_seconds(15 * 60):
        asked = client.post("/account/code", {"do": "recovery", "kept": "words"})
        assert asked.status_code == 401
        assert b"accord-code" in asked.content
        assert b'value="words"' in asked.content
        form = {"do": "recovery", "accord-password": PASSWORD}
        assert client.post("/account/code", form | {"accord-code": app.wrong()}).status_code == 401
        assert client.post("/account/code", form | {"accord-code": app.code()}).status_code == 200


def test_what_was_typed_as_a_secret_is_not_kept_on_the_page_that_asks(
    device: Authenticator,
) -> None:
    app, _ = set_up(enrolled(device))
    client = came_in(app)
    with in_seconds(15 * 60):
        form = {
            "do": "password",
            "password": "old words of mine",
            "new-password": "new words of mine",
        }
        asked = client.post("/account/code", form | {"one-time-code": "424242"})
    assert asked.status_code == 401
    for said in (b"old words", b"new words", b"424242"):
        assert said not in asked.content


def test_a_session_of_a_passkey_is_proven_again_by_nothing_weaker(device: Authenticator) -> None:
    client = enrolled(device)
    app, _ = set_up(client)
    with in_seconds(11 * 60):
        assert b"accord-code" not in client.post("/account/code", {"do": "recovery"}).content
        form = {"do": "recovery", "accord-password": PASSWORD, "accord-code": app.code()}
        assert client.post("/account/code", form).status_code == 401


def test_whoever_came_in_by_code_signs_nothing_and_makes_no_token(device: Authenticator) -> None:
    app, _ = set_up(enrolled(device))
    client = came_in(app)
    request = client.get("/").wsgi_request
    refusal = take(request).refusal
    assert refusal is not None
    assert "did not sign in with a passkey" in str(refusal)
    form = {"name": "x", "hours": "1", "purposes": ["general-policing"], "actions": ["view"]}
    made = client.post("/account/tokens", form)
    assert made.status_code == 403
    assert b"A token rests on a passkey" in made.content


def test_a_passkey_steps_up_a_session_that_a_code_began(device: Authenticator) -> None:
    app, _ = set_up(enrolled(device))
    client = came_in(app)
    with in_seconds(15 * 60):
        asked = client.post("/account/code", {"do": "recovery"})
        answer = device.get(options_in(asked.content))
        done = client.post("/account/code", {"do": "recovery", "accord-proof": answer})
    assert done.status_code == 200


def test_a_password_of_years_ago_lets_in_still(device: Authenticator) -> None:
    app, _ = set_up(enrolled(device))
    came_in(app, ahead_s=3 * 366 * 86_400)
