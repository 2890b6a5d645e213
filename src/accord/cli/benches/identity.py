"""How long it takes to know who asks, and how many can sign in at a time."""

from __future__ import annotations

import html
import http.client
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from psycopg import sql
from psycopg.rows import dict_row

from accord.cli.benches.authenticator import Authenticator
from accord.cli.benches.serving import connect, hidden
from accord.cli.benches.times import Figure

MEMBER, PURPOSE = "riverbend-pd.m.alvarez", "human-trafficking-investigation"
FORM = {"name": "Bench", "hours": "1", "purposes": PURPOSE, "actions": "view"}
GOAL_A_SECOND = 100


@dataclass
class Browser:
    """Cookies and one connection that is kept, as a browser has them."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    _open: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """One request; returns its status and its page."""
        if self._open is None:
            self._open = connect(self.url)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.url}
            body = urlencode(form)
        self._open.request(method, path, body, headers)
        answer = self._open.getresponse()
        page = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page

    def forget(self) -> None:
        """Be nobody again, on the same connection."""
        self.cookies.clear()


@dataclass
class Person:
    """Somebody with a device and a passkey of this node."""

    browser: Browser
    device: Authenticator

    def sign_in(self) -> None:
        """The page, the answer of the device, and the session; raises RuntimeError when refused."""
        self.browser.forget()
        _, page = self.browser.ask("GET", "/sign-in/")
        form = {"answer": self.device.get(_options(page)), **_csrf(page)}
        _expect(303, self.browser.ask("POST", "/sign-in/passkey", form))

    def step_up(self) -> None:
        """A step that asks for a new proof, the answer, and the step done."""
        _, shown = self.browser.ask("GET", "/account/tokens")
        _, page = _expect(401, self.browser.ask("POST", "/account/tokens", FORM | _csrf(shown)))
        answer = {"accord-proof": self.device.get(_options(page))}
        _expect(200, self.browser.ask("POST", "/account/tokens", FORM | answer | _csrf(page)))


def enrolled(url: str, link: str) -> Person:
    """Somebody who came in by a link of the demonstration and made a passkey."""
    browser, device = Browser(url), Authenticator(origin=url)
    _, page = browser.ask("GET", link)
    _expect(303, browser.ask("POST", link, _csrf(page)))
    _, page = browser.ask("GET", "/account/")
    form = {"answer": device.create(_options(page)), "name": "Bench", **_csrf(page)}
    _expect(303, browser.ask("POST", "/account/passkeys", form))
    return Person(browser, device)


def checks(times: int) -> list[Figure]:
    """What every request pays to know who asks: by a token, and by a session."""
    return [
        _each("a token, checked (row, seal, member, certificates)", _by_token(), times),
        _each("a session, checked (`proof_of`)", _by_session(), times),
        _each("the member of a session (`acting`)", _acting(), times),
    ]


def round_trips(person: Person, admin: Any, times: int) -> list[Figure]:
    """Signing in and stepping up, each over HTTP from the first page to the last answer."""
    signing = _each("sign-in: the page, the answer, the session", person.sign_in, times)
    steps: list[float] = []
    for _ in range(times):
        _age(admin)
        begun = time.perf_counter()
        person.step_up()
        steps.append((time.perf_counter() - begun) * 1000)
    return [signing, Figure("step-up: the form, its page again, the answer, done", steps)]


def _age(admin: Any) -> None:
    """Make every proof by passkey 11 minutes old, under the seal of the node."""
    from accord.identity.actions.signins import SEALED, seal_of

    with admin.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            sql.SQL("select {} from signin where method = 'passkey' and ended_at is null").format(
                sql.SQL(", ").join(map(sql.Identifier, SEALED))
            )
        ).fetchall()
        for row in rows:
            older = row | {"proven_at": row["proven_at"] - timedelta(minutes=11)}
            cursor.execute(
                "update signin set proven_at = %s, mac = %s where id = %s",
                [older["proven_at"], seal_of(older), row["id"]],
            )


@dataclass
class Crowd:
    """How many signed in, how long each took, and what went wrong."""

    lasted_s: float
    times_ms: list[float]
    refused: list[str]
    load_before: float

    @property
    def a_second(self) -> float:
        return len(self.times_ms) / self.lasted_s


def sustained(people: list[Person], lasts_s: float, load_before: float) -> Crowd:
    """Let everybody sign in again and again for so long."""
    times: list[float] = []
    refused: list[str] = []
    end = time.perf_counter() + lasts_s

    def again_and_again(person: Person) -> None:
        while time.perf_counter() < end:
            begun = time.perf_counter()
            try:
                person.sign_in()
            except (RuntimeError, OSError, http.client.HTTPException) as fault:
                refused.append(f"{type(fault).__name__}: {fault}")
                return
            times.append((time.perf_counter() - begun) * 1000)

    began = time.perf_counter()
    threads = [threading.Thread(target=again_and_again, args=(p,)) for p in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Crowd(time.perf_counter() - began, times, refused, load_before)


def lines(
    paid: list[Figure], trips: list[Figure], crowd: Crowd, people: int, web_processes: int
) -> list[str]:
    """The table: microseconds of what each request pays, milliseconds of the round trips."""
    said = ["| what | times | p50 | p95 |", "| --- | ---: | ---: | ---: |"]
    for figures, unit, factor in ((paid, "µs", 1000.0), (trips, "ms", 1.0)):
        for figure in figures:
            p50, p95 = (figure.share(part) * factor for part in (0.5, 0.95))
            counted = len(figure.times_ms)
            said.append(f"| {figure.what} | {counted} | {p50:,.0f} {unit} | {p95:,.0f} {unit} |")
    together = Figure("", crowd.times_ms)
    said += [
        "",
        f"{people} people signing in again and again for {crowd.lasted_s:.0f} s, web processes "
        f"({web_processes}), database and devices on the same machine: "
        f"**{crowd.a_second:.0f} sign-ins a second** (goal: {GOAL_A_SECOND}), {together.said} each, "
        f"{len(crowd.refused)} refused. Before it began the machine had a load of "
        f"{crowd.load_before:.1f} by others.",
    ]
    return said


def _each(what: str, do: Callable[[], object], times: int) -> Figure:
    for _ in range(3):
        do()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        do()
        taken.append((time.perf_counter() - begun) * 1000)
    return Figure(what, taken)


def _by_token() -> Callable[[], object]:
    from accord.agencies.queries import actor
    from accord.identity.domain import Method, Proof
    from accord.identity.tokens import queries
    from accord.identity.tokens.actions import tokens
    from accord.kernel import ids
    from accord.kernel.clock import now

    who, at = actor(MEMBER), now()
    proof = Proof(ids.uuid7(), who.member, who.membership, Method.DEMO, 2, at, at, at)
    token = tokens.make(
        who, proof, name="Bench", purposes=[PURPOSE], actions=["view"], hours=1
    )[1]  # fmt: skip
    return lambda: queries.proof_of_token(token)


def _session() -> tuple[str, Any]:
    from accord.agencies.queries import actor
    from accord.identity.actions import signins
    from accord.identity.domain import Method
    from accord.platform.sessions import SessionStore, stored_key

    session, who = SessionStore(), actor(MEMBER)
    session.create()
    signins.begin(
        session, member=who.member, membership=who.membership, method=Method.PASSKEY,
        assurance=2, credential=None, address="127.0.0.1", client="bench",
    )  # fmt: skip
    session.save()
    return stored_key(str(session.session_key)), session


def _by_session() -> Callable[[], object]:
    from accord.identity import queries

    stored, session = _session()
    return lambda: queries.proof_of(stored, session, 4)


def _acting() -> Callable[[], object]:
    from accord.desk.middleware import acting
    from accord.identity import queries
    from accord.identity.domain import Proof

    stored, session = _session()
    found = queries.proof_of(stored, session, 4)
    if not isinstance(found, Proof):
        raise RuntimeError("the session that was begun proves nothing")
    return lambda: acting(found)


def _options(page: str) -> str:
    """What a page's form asks an authenticator for."""
    found = re.search(r'data-options="([^"]*)"', page)
    if found is None:
        raise RuntimeError("a page without a challenge")
    said = html.unescape(found[1])
    json.loads(said)
    return said


def _csrf(page: str) -> dict[str, str]:
    return {"csrfmiddlewaretoken": hidden(page)}


def _expect(status: int, answer: tuple[int, str]) -> tuple[int, str]:
    if answer[0] != status:
        raise RuntimeError(f"answered {answer[0]}, not {status}")
    return answer
