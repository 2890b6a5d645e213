"""Recovery codes: ten, shown once, each for one new enrolment beside the password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from accord.agencies.queries import actor
from accord.identity import queries
from accord.identity.codes.queries import coded
from accord.identity.domain import Method, Why
from accord.kernel.clock import FixedClock, now, taken_from
from authenticator import Authenticator
from isolation.direct import administrator
from unit.identity.coding import (
    AGENCY,
    PASSWORD,
    allow,
    forbid,
    forget,
    in_seconds,
    recovery_codes,
    set_up,
    shown_secret,
    try_code,
)
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in

NEW = "/sign-in/recover/new"


@pytest.fixture(autouse=True)
def _allowed(real: Path) -> Iterator[None]:
    allow(real)
    yield
    forget(real)


def recover(
    code: str, password: str = PASSWORD, client: Client | None = None, **how: str
) -> Client:
    """A browser that sent a recovery code and a password."""
    client = client or browser()
    form = {"recovery-code": code, "password": password}
    client.answer = client.post("/sign-in/recover", form, **how)  # type: ignore[attr-defined]
    return client


def status(client: Client) -> int:
    return int(client.answer.status_code)  # type: ignore[attr-defined]


def with_a_new_passkey(client: Client, device: Authenticator) -> int:
    options = options_in(client.get(NEW).content)
    return int(client.post(NEW, {"answer": device.create(options), "name": "New"}).status_code)


def test_ten_codes_of_120_bits_of_which_only_digests_are_kept(
    device: Authenticator, real: Path
) -> None:
    _, codes = set_up(enrolled(device))
    assert len(set(codes)) == 10
    plain = {code.replace(" ", "") for code in codes}
    assert {len(code) for code in plain} == {24}
    for place in range(24):
        assert len({code[place] for code in plain}) > 3, "a place that hardly changes"
    with administrator(real) as db:
        rows = db.execute("select * from recovery_code").fetchall()
    kept = b"|".join(
        v if isinstance(v, bytes) else str(v).encode() for r in rows for v in r.values()
    )
    assert len(rows) == 10
    assert not any(code.encode() in kept for code in plain)


def test_a_code_opens_one_new_passkey_ends_every_session_and_is_told(
    device: Authenticator, real: Path
) -> None:
    lost = enrolled(device)
    _, codes = set_up(lost)
    found = Authenticator()
    client = recover(codes[3].lower().replace(" ", "-"))
    assert status(client) == 303
    assert client.get("/").status_code == 302, "the code alone is no session"
    assert lost.get("/").status_code == 200, "nothing ended yet"
    assert with_a_new_passkey(client, found) == 303
    assert client.get("/").wsgi_request.proof.method is Method.PASSKEY
    assert lost.get("/").status_code == 302
    assert Why.RECOVERED in {s.ended_why for s in queries.signins(actor(ALVAREZ).member)}
    assert b"A recovery code was used" in client.get("/account/").content
    assert coded(actor(ALVAREZ).member, AGENCY).recovery_left == 9
    assert status(recover(codes[3])) == 403, "a code opens once"
    assert b"recovered with a recovery code" in _entry(client)


def _entry(client: Client) -> bytes:
    """What the ledger says to the member of the newest entry that is about who acts."""
    page = client.get("/ledger/?kind=membership").content.decode()
    entries = re.findall(r"/ledger/([0-9a-f-]{36})", page)
    return b"".join(client.get(f"/ledger/{entry}").content for entry in entries[:4])


def test_a_code_opens_a_new_device_for_codes(device: Authenticator) -> None:
    old, codes = set_up(enrolled(device))
    client = recover(codes[0])
    app, sealed = shown_secret(client.get(NEW).content)
    new = "six swans on the weir"
    form = {"do": "set-up-codes", "sealed": sealed, "device-name": "New", "password": new,
            "one-time-code": app.code()}  # fmt: skip
    assert client.post(NEW, form | {"one-time-code": app.wrong()}).status_code == 400
    shown = client.post(NEW, form)
    assert shown.status_code == 200
    given = recovery_codes(shown.content)
    assert len(given) == 10
    assert not set(given) & set(codes)
    assert client.get("/").wsgi_request.proof.method is Method.CODE
    with in_seconds(60):
        assert try_code(browser(), old.code()).status_code == 403
        assert try_code(browser(), app.code(), password=new).status_code == 303


@pytest.mark.parametrize("whose", [ALVAREZ, "riverbend-pd.d.okafor"])
def test_who_sat_in_the_browser_before_is_signed_in_no_more(
    device: Authenticator, whose: str
) -> None:
    _, codes = set_up(enrolled(device))
    client = enrolled(Authenticator(), whose)
    signin = client.get("/").wsgi_request.proof.signin
    assert status(recover(codes[0], client=client)) == 303
    left = next(s for s in queries.signins(actor(whose).member) if s.id == signin)
    assert left.ended_why == Why.LEFT


def test_what_is_wrong_gets_one_answer(device: Authenticator, real: Path) -> None:
    client = enrolled(device)
    _, codes = set_up(client)
    told = [recover("A" * 24), recover(""), recover(codes[0], "x" * 20), recover(codes[0], "")]
    forbid(real)
    told.append(recover(codes[0]))
    assert {status(one) for one in told} == {403}
    words = {re.sub(r'value="[^"]*"', "", c.answer.content.decode()) for c in told}  # type: ignore[attr-defined]
    assert len(words) == 1
    assert {c.get(NEW).status_code for c in told} == {404}
    allow(real)
    assert status(recover(codes[0])) == 303


def test_a_found_code_does_not_help_to_guess_the_password(device: Authenticator) -> None:
    _, codes = set_up(enrolled(device))
    for number in range(10):
        assert status(recover(codes[0], f"a wrong password {number}")) == 403
    assert status(recover(codes[0])) == 403, "this code is over"
    assert status(recover(codes[1])) == 303, "and no other"


def test_an_enrolment_is_made_soon_in_the_same_browser_and_once(device: Authenticator) -> None:
    _, codes = set_up(enrolled(device))
    assert browser().get(NEW).status_code == 404
    client, second = recover(codes[0]), recover(codes[0])
    with taken_from(FixedClock(now() + timedelta(minutes=11))):
        assert client.get(NEW).status_code == 404
    options = options_in(second.get(NEW).content)
    assert with_a_new_passkey(client, Authenticator()) == 303
    late = {"answer": Authenticator().create(options), "name": "Late"}
    assert second.post(NEW, late).status_code == 404
    assert len(queries.passkeys(actor(ALVAREZ).member)) == 2


def test_new_codes_end_the_old_ones_and_ask_for_a_new_proof(device: Authenticator) -> None:
    client = enrolled(device)
    _, old = set_up(client)
    with in_seconds(11 * 60):
        assert client.post("/account/code", {"do": "recovery"}).status_code == 401
    new = recovery_codes(client.post("/account/code", {"do": "recovery"}).content)
    assert len(new) == 10
    assert not set(new) & set(old)
    assert recovery_codes(client.get("/account/code").content) == [], "they are shown once"
    assert status(recover(old[0])) == 403
    assert status(recover(new[0])) == 303


def test_who_has_no_password_has_no_recovery_codes(device: Authenticator) -> None:
    assert enrolled(device).post("/account/code", {"do": "recovery"}).status_code == 403


def test_a_code_s_row_that_sql_made_or_moved_opens_nothing(
    device: Authenticator, real: Path
) -> None:
    _, codes = set_up(enrolled(device))
    other = enrolled(Authenticator(), "riverbend-pd.d.okafor")
    set_up(other)
    with administrator(real) as db:
        db.execute(
            "update recovery_code set membership_id = 'riverbend-pd.d.okafor', member_id = ("
            " select member_id from membership where id = 'riverbend-pd.d.okafor')"
        )
    assert status(recover(codes[0])) == 403
