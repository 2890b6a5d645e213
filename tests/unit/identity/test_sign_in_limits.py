"""Guessing at the doors of sign-in: slowed down, counted for all processes, and locking nobody out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest
from django.db import connections
from django.test import Client, override_settings

from accord.agencies.actions import create_signin_link
from accord.agencies.queries import actor
from accord.identity.actions import attempts
from accord.identity.actions.attempts import MOST_OF_PAIR, Door
from accord.identity.codes import passwords
from accord.identity.codes.domain import (
    KNOWN_DAYS,
    MOST_FAILURES,
    MOST_KNOWN,
    MOST_KNOWN_FAILURES,
)
from accord.identity.codes.known import MOST_TOKENS
from accord.identity.codes.queries import device_of
from accord.kernel.errors import TooOften
from accord.kernel.ids import uuid7
from authenticator import Authenticator
from isolation.direct import administrator
from unit.identity.coding import PASSWORD, App, allow, forget, in_seconds, set_up, try_code
from unit.identity.conftest import ALVAREZ, browser, enrolled, options_in, sign_in

HERE, ELSEWHERE = {"REMOTE_ADDR": "198.51.100.1"}, {"REMOTE_ADDR": "203.0.113.9"}
OKAFOR = "riverbend-pd.d.okafor"
LEAST = 5


@pytest.fixture(autouse=True)
def _allowed(real: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(attempts, "WAIT_S", 0)
    allow(real)
    yield
    forget(real)


@pytest.fixture
def app(device: Authenticator) -> App:
    return set_up(enrolled(device))[0]


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password is right, and finding that out takes no time."""
    monkeypatch.setattr(passwords, "is_right", lambda password, held: False)


def failures() -> tuple[int, int]:
    found = device_of(actor(ALVAREZ).member)
    assert found is not None
    return found.failures, found.known_failures


def set_failures(real: Path, strangers: int, known: int | None = None) -> None:
    with administrator(real) as db:
        db.execute("update code_device set failures = %s", [strangers])
        if known is not None:
            db.execute("update known_device set failures = %s", [known])


def known_browser(app: App, ahead_s: int = 60) -> Client:
    """A browser in which its member came in with a code, and left."""
    client = browser()
    with in_seconds(ahead_s):
        assert try_code(client, app.code(), **HERE).status_code == 303
    client.post("/sign-out")
    return client


# -- password and code: the one door that can be guessed -------------------------------------------


def test_after_five_wrong_answers_a_name_is_closed_to_that_place_for_a_while(app: App) -> None:
    for _ in range(MOST_OF_PAIR):
        assert try_code(browser(), app.wrong(), **HERE).status_code == 403
    with in_seconds(60):
        assert try_code(browser(), app.code(), **HERE).status_code == 403, "though it is right"
        assert try_code(browser(), app.code(), **ELSEWHERE).status_code == 303
    with in_seconds(16 * 60):
        assert try_code(browser(), app.code(), **HERE).status_code == 303


def test_a_right_answer_gives_back_what_it_had_spent(app: App) -> None:
    for n in range(1, 4):
        for _ in range(MOST_OF_PAIR - 1):
            assert try_code(browser(), app.wrong(), **HERE).status_code == 403
        with in_seconds(60 * n):
            assert try_code(browser(), app.code(), **HERE).status_code == 303


def test_a_place_that_tries_many_names_is_closed_to_all(app: App, cheap: None) -> None:
    with override_settings(ACCORD_SIGN_IN_MISSES=LEAST):
        for n in range(LEAST):
            assert try_code(browser(), "123456", name=f"nobody.{n}", **HERE).status_code == 403
        assert not attempts.may_try(Door.CODE, HERE["REMOTE_ADDR"], "another")
        assert attempts.may_try(Door.CODE, ELSEWHERE["REMOTE_ADDR"], "another")


def test_a_place_that_is_closed_adds_no_more_rows_whatever_names_it_says(real: Path) -> None:
    with override_settings(ACCORD_SIGN_IN_MISSES=LEAST):
        for n in range(3 * LEAST):
            attempts.may_try(Door.CODE, HERE["REMOTE_ADDR"], f"nobody.{n}")
    with administrator(real) as db:
        found = db.execute("select count(*) as n from signin_miss").fetchone()
    assert found is not None
    assert found["n"] == 1 + LEAST, "one of the place, and one of each name that it could try"


def test_a_network_of_ipv6_is_one_place_and_ipv4_written_as_ipv6_too() -> None:
    for n in range(MOST_OF_PAIR):
        assert attempts.may_try(Door.CODE, f"2001:db8:1:2::{n}", "x")
    assert not attempts.may_try(Door.CODE, "2001:db8:1:2:ffff::1", "x")
    assert attempts.may_try(Door.CODE, "2001:db8:1:3::1", "x")
    for _ in range(MOST_OF_PAIR):
        assert attempts.may_try(Door.CODE, "192.0.2.1", "x")
    assert not attempts.may_try(Door.CODE, "::ffff:192.0.2.1", "x")


def test_a_known_device_comes_in_while_somebody_guesses_beside_it(app: App) -> None:
    client = browser()
    with in_seconds(60):
        assert try_code(client, app.code(), **HERE).status_code == 303
    client.post("/sign-out")
    for _ in range(MOST_OF_PAIR + 3):
        try_code(browser(), app.wrong(), **HERE)
    with in_seconds(120):
        assert try_code(browser(), app.code(), **HERE).status_code == 403
        assert try_code(client, app.code(), **HERE).status_code == 303


def test_a_passkey_comes_in_whatever_was_guessed(device: Authenticator, real: Path) -> None:
    app, _ = set_up(enrolled(device))
    set_failures(real, MOST_FAILURES, MOST_KNOWN_FAILURES)
    with override_settings(ACCORD_SIGN_IN_MISSES=LEAST):
        guesser = browser()
        for _ in range(LEAST + 3):
            guesser.post("/sign-in/passkey", {"answer": "{}"})
            try_code(guesser, app.wrong())
        assert sign_in(device).get("/").status_code == 200, "from the very same place"


def test_a_hundred_wrong_answers_in_a_row_close_the_way_until_the_member_opens_it(
    device: Authenticator, real: Path
) -> None:
    app, _ = set_up(enrolled(device))
    known = browser()
    with in_seconds(60):
        assert try_code(known, app.code(), **HERE).status_code == 303
    known.post("/sign-out")
    set_failures(real, MOST_FAILURES - 1)
    with in_seconds(120):
        assert try_code(browser(), app.wrong(), **ELSEWHERE).status_code == 403
        assert try_code(browser(), app.code(), **HERE).status_code == 403, "closed to strangers"
        assert failures() == (MOST_FAILURES, 0)
        assert try_code(known, app.code(), **HERE).status_code == 303, "and open to known devices"
    assert failures() == (MOST_FAILURES, 0), "which opens it to no stranger"
    known.post("/sign-out")
    set_failures(real, MOST_FAILURES, MOST_KNOWN_FAILURES - 1)
    with in_seconds(240):
        assert try_code(known, app.wrong(), **HERE).status_code == 403
        assert try_code(known, app.code(), **HERE).status_code == 403, "all of its tries are spent"
    assert failures() == (MOST_FAILURES, 2 * MOST_KNOWN_FAILURES - 1), "it was set up in another"
    client = sign_in(device)
    assert b"Open it again" in client.get("/account/code").content
    assert client.post("/account/code", {"do": "reopen"}).status_code == 303
    with in_seconds(300):
        assert try_code(browser(), app.code(), **ELSEWHERE).status_code == 303


def test_many_at_once_get_no_more_tries_than_one_after_the_other(
    app: App, real: Path, cheap: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_IN_LINE", "_HASHING"):
        monkeypatch.setattr(passwords, name, BoundedSemaphore(16))

    def apart(asked: Callable[[int], Any]) -> list[Any]:
        def once(n: int) -> Any:
            try:
                return asked(n)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(once, range(1, 17)))

    set_failures(real, MOST_FAILURES - 3)
    told = apart(lambda n: try_code(browser(), "1", REMOTE_ADDR=f"203.0.113.{n}").status_code)
    assert set(told) == {403}
    assert failures()[0] == MOST_FAILURES
    tries = apart(lambda n: attempts.may_try(Door.CODE, "203.0.113.99", "x"))
    assert sum(tries) == MOST_OF_PAIR


def test_two_processes_share_what_is_counted(world: Path) -> None:
    program = (
        "import django; django.setup()\n"
        "from accord.identity.actions.attempts import Door, may_try\n"
        "print(sum(may_try(Door.CODE, '192.0.2.77', 'somebody') for _ in range(4)))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(told) == MOST_OF_PAIR
    assert not attempts.may_try(Door.CODE, "192.0.2.77", "somebody")


def test_few_passwords_are_hashed_at_a_time(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_BUSY_S", 0.01)
    before = failures()
    for _ in range(3):
        assert passwords._HASHING.acquire(blocking=False)
    try:
        with in_seconds(60):
            busy = try_code(browser(), app.code())
    finally:
        for _ in range(3):
            passwords._HASHING.release()
    assert busy.status_code == 429
    assert busy.headers["Retry-After"] == "2"
    assert failures() == before, "what was not looked at is not counted"


def test_the_cookie_of_a_known_device_names_nobody_and_ends(app: App) -> None:
    client = browser()
    with in_seconds(60):
        try_code(client, app.code())
    cookie = client.cookies["accord_known"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/", "Lax")
    assert "alvarez" not in cookie.value
    for _ in range(MOST_OF_PAIR):
        try_code(browser(), app.wrong(), **HERE)
    client.post("/sign-out")
    forged = browser()
    forged.cookies["accord_known"] = cookie.value[:-1] + ("0" if cookie.value[-1] != "0" else "1")
    with in_seconds(120):
        assert try_code(forged, app.code(), **HERE).status_code == 403
        assert try_code(client, app.code(), **HERE).status_code == 303
    client.post("/sign-out")
    with in_seconds((KNOWN_DAYS + 2) * 86_400):
        for _ in range(MOST_OF_PAIR):
            try_code(browser(), app.wrong(), **HERE)
        assert try_code(client, app.code(), **HERE).status_code == 403


def test_a_known_browser_whose_tries_are_spent_is_limited_like_any_other(app: App) -> None:
    shared = known_browser(app)
    with in_seconds(120):
        for _ in range(MOST_KNOWN_FAILURES + MOST_OF_PAIR):
            assert try_code(shared, app.wrong(), **HERE).status_code == 403
        assert failures() == (MOST_OF_PAIR, MOST_KNOWN_FAILURES)
        assert try_code(shared, app.code(), **HERE).status_code == 403, "closed to that place"
        assert try_code(shared, app.code(), **ELSEWHERE).status_code == 303, "as any other is not"
        assert failures() == (0, 0), "and it has its own tries again"


def test_whoever_guesses_in_a_shared_browser_closes_no_other_that_is_known(
    app: App, real: Path
) -> None:
    shared, own = known_browser(app), known_browser(app, 120)
    with in_seconds(180):
        for _ in range(MOST_KNOWN_FAILURES):
            try_code(shared, app.wrong(), **HERE)
        set_failures(real, MOST_FAILURES)
        assert try_code(shared, app.code(), **HERE).status_code == 403
        assert try_code(own, app.code(), **HERE).status_code == 303


def test_a_browser_holds_one_place_of_each_member_however_often_it_is_used(
    app: App, device: Authenticator, real: Path
) -> None:
    okafor, _ = set_up(enrolled(Authenticator(), OKAFOR))
    shared = browser()
    with in_seconds(60):
        assert try_code(shared, okafor.code(), name=OKAFOR).status_code == 303
    for n in range(MOST_TOKENS + 1):
        with in_seconds(120 + 60 * n):
            assert try_code(shared, app.code()).status_code == 303
        assert sign_in(device, shared).get("/").status_code == 200
    assert len(shared.cookies["accord_known"].value.split("~")) == 2
    set_failures(real, MOST_FAILURES)
    with in_seconds(1200):
        assert try_code(shared, okafor.code(), name=OKAFOR).status_code == 303


def test_a_device_that_was_replaced_holds_no_place_any_more(device: Authenticator) -> None:
    client = enrolled(device)
    for n in range(3):
        app, _ = set_up(client)
        with in_seconds(60 * (n + 1)):
            assert try_code(client, app.code()).status_code == 303
        sign_in(device, client)
    assert "~" not in client.cookies["accord_known"].value


def test_all_wrong_answers_in_a_row_are_a_hundred_however_many_browsers_are_known(
    app: App, real: Path
) -> None:
    assert MOST_FAILURES + MOST_KNOWN * MOST_KNOWN_FAILURES == 100
    browsers = [known_browser(app, 60 * n) for n in range(1, MOST_KNOWN + 2)]
    with administrator(real) as db:
        rows = db.execute("select count(*) as n from known_device").fetchone()
    assert rows is not None
    assert rows["n"] == MOST_KNOWN
    set_failures(real, MOST_FAILURES)
    with in_seconds(900):
        assert try_code(browsers[0], app.code()).status_code == 403, "used longest ago"
        assert try_code(browsers[1], app.code()).status_code == 303


def test_wrong_answers_within_a_session_count_for_its_browser_alone(app: App, real: Path) -> None:
    own, stolen = known_browser(app), browser()
    with in_seconds(120):
        assert try_code(own, app.code()).status_code == 303
        stolen.cookies["accord_session"] = own.cookies["accord_session"].value
    with in_seconds(15 * 60):
        form = {"do": "recovery", "accord-password": PASSWORD}
        for _ in range(MOST_OF_PAIR):
            wrong = form | {"accord-code": app.wrong()}
            assert stolen.post("/account/code", wrong, **HERE).status_code == 401
        assert failures() == (MOST_OF_PAIR, 0)
        right = form | {"accord-code": app.code()}
        assert stolen.post("/account/code", right, **HERE).status_code == 401, "closed there"
        set_failures(real, MOST_FAILURES)
        assert own.post("/account/code", right, **HERE).status_code == 200


def test_a_row_of_a_known_device_that_sql_made_opens_nothing(app: App, real: Path) -> None:
    known = known_browser(app)
    day, _, mac = known.cookies["accord_known"].value.split(".")
    made = uuid7()
    with administrator(real) as db:
        db.execute(
            "insert into known_device (id, device_id, failures, known_at) select %s, id, 0, now()"
            " from code_device",
            [made],
        )
    set_failures(real, MOST_FAILURES)
    forged = browser()
    forged.cookies["accord_known"] = f"{day}.{made.hex}.{mac}"
    with in_seconds(120):
        assert try_code(forged, app.code()).status_code == 403


# -- doors that cannot be guessed: what is wrong is slowed down, what is right is let in ------------


def wrong_at(door: Door, client: Client) -> int:
    path, form = {
        Door.PASSKEY: ("/sign-in/passkey", {"answer": "{}"}),
        Door.LINK: ("/sign-in/no-such-link", {"answer": "{}", "name": "x"}),
        Door.RECOVERY: ("/sign-in/recover", {"recovery-code": "A" * 24, "password": "x" * 20}),
    }[door]
    return int(client.post(path, form, **HERE).status_code)


@pytest.mark.parametrize("door", [Door.PASSKEY, Door.LINK, Door.RECOVERY], ids=str)
def test_whoever_goes_on_with_wrong_answers_is_slowed_down(
    door: Door, device: Authenticator, cheap: None
) -> None:
    client = browser()
    usual = 404 if door is Door.LINK else 403
    with override_settings(ACCORD_SIGN_IN_MISSES=LEAST):
        assert [wrong_at(door, client) for _ in range(LEAST)] == [usual] * LEAST
        assert wrong_at(door, client) == 429
        refused = client.post("/sign-in/no-such-link", {}, **ELSEWHERE)
        assert refused.status_code == 404, "elsewhere nothing changed"
    with in_seconds(16 * 60):
        assert wrong_at(door, client) == usual


def test_a_right_answer_is_let_in_from_a_place_of_many_wrong_ones(device: Authenticator) -> None:
    enrolled(device)
    _, codes = set_up(sign_in(device))
    link = create_signin_link("riverbend-pd.d.okafor")
    with override_settings(ACCORD_SIGN_IN_MISSES=LEAST):
        for door in (Door.PASSKEY, Door.LINK, Door.RECOVERY):
            for _ in range(LEAST + 2):
                wrong_at(door, browser())
        client = browser()
        answer = device.get(options_in(client.get("/sign-in/", **HERE).content))
        assert client.post("/sign-in/passkey", {"answer": answer}, **HERE).status_code == 303
        client, other = browser(), Authenticator()
        made = other.create(options_in(client.get(link, **HERE).content))
        assert client.post(link, {"answer": made, "name": "x"}, **HERE).status_code == 303
        form = {"recovery-code": codes[0], "password": "wet otters carry umbrellas"}
        assert browser().post("/sign-in/recover", form, **HERE).status_code == 303


def test_a_slowed_answer_waits_and_says_when_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(attempts.time, "sleep", waited.append)
    monkeypatch.setattr(attempts, "WAIT_S", 0.2)
    with override_settings(ACCORD_SIGN_IN_MISSES=LEAST):
        for _ in range(LEAST):
            attempts.missed(Door.PROVIDER, "192.0.2.5")
        with pytest.raises(TooOften) as refused:
            attempts.missed(Door.PROVIDER, "192.0.2.5")
    assert waited == [0.2]
    assert 1 <= refused.value.retry_after_s <= 900


def test_what_is_counted_names_nobody_and_no_place(real: Path) -> None:
    attempts.may_try(Door.CODE, "192.0.2.99", ALVAREZ)
    with administrator(real) as db:
        rows = db.execute("select * from signin_miss").fetchall()
    assert len(rows) == 2
    kept = b"|".join(
        v if isinstance(v, bytes) else str(v).encode() for r in rows for v in r.values()
    )
    assert b"192.0.2" not in kept
    assert b"alvarez" not in kept


def test_what_is_over_is_forgotten(real: Path) -> None:
    attempts.may_try(Door.CODE, "192.0.2.98", "x")
    with in_seconds(16 * 60):
        attempts.may_try(Door.CODE, "192.0.2.97", "y")
    with administrator(real) as db:
        found = db.execute("select count(*) as n from signin_miss").fetchone()
    assert found is not None
    assert found["n"] == 2
