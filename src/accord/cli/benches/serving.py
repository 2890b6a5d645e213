"""A node that serves on loopback while it is measured, and the people who are signed in to it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from accord.cli import node

PURPOSE, CASE = "human-trafficking-investigation", "HT-2026-014"
WAY = f"/w/{PURPOSE}/statute/{CASE}"
OPENS_S = 60.0


@dataclass(frozen=True)
class Person:
    """A signed-in browser, as far as the server can tell."""

    membership: str
    cookie: str


@contextmanager
def served(folder: Path, port: int) -> Iterator[node.Node]:
    """The node's processes on loopback; ends them, and raises what ended their supervision."""
    with node.running(folder, "127.0.0.1", port, demo=True) as running:
        done, ended = threading.Event(), list[BaseException]()
        threading.Thread(target=_look_after, args=(running, done, ended), daemon=True).start()
        try:
            yield running
        finally:
            done.set()
        if ended:
            raise ended[0]


def _look_after(running: node.Node, done: threading.Event, ended: list[BaseException]) -> None:
    try:
        while not done.wait(0.5):
            running.processes.tick()
    except BaseException as error:
        ended.append(error)
        raise


def people(url: str, count: int) -> list[Person]:
    """Sessions of the members of the case, some of them on several machines."""
    from accord.agencies import queries as agencies
    from accord.agencies.actions import create_signin_link
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.cases import queries as cases

    actor = agencies.actor("riverbend-pd.m.alvarez")
    with open_scope(actor, resolve(actor, PURPOSE, "statute", CASE)) as scope:
        members = [m.membership for m in cases.members(cases.case_of(scope).id)]
    return [
        Person(m, sign_in(url, create_signin_link(m)))
        for m in (members[n % len(members)] for n in range(count))
    ]


def sign_in(url: str, link: str) -> str:
    """Use a sign-in link as a browser does; returns the session's cookie."""
    connection = connect(url)
    path = urlsplit(link).path
    connection.request("GET", path)
    answer = connection.getresponse()
    page, csrf = answer.read().decode(), cookie_of(answer, "accord_csrf")
    headers = {
        "Cookie": f"accord_csrf={csrf}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": url,
    }
    connection.request("POST", path, f"csrfmiddlewaretoken={hidden(page)}", headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return f"accord_session={cookie_of(answer, 'accord_session')}"


def hidden(page: str, name: str = "csrfmiddlewaretoken") -> str:
    """What the first form of a page that has this hidden field sends back in it; "" without one."""
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def cookie_of(answer: http.client.HTTPResponse, name: str) -> str:
    """The value of a cookie that an answer sets; raises LookupError."""
    for header in answer.headers.get_all("Set-Cookie") or ():
        if header.startswith(f"{name}="):
            return header.partition("=")[2].partition(";")[0]
    raise LookupError(name)


def connect(url: str) -> http.client.HTTPConnection:
    """A new connection to the node."""
    return http.client.HTTPConnection(urlsplit(url).netloc, timeout=OPENS_S)
