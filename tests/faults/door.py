"""The public doors of a node, as a program and as a person with a passkey use them."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from accord.cli.benches.authenticator import Authenticator
from accord.cli.benches.diary import UUID, Answer, Context
from accord.cli.benches.identity import Browser, Person, _csrf, _options
from faults.book import Book

API = "/api/v1"
WITHIN_S = 60.0
BUSY_S = 0.3
NAMES_NO_RECORD = ("custody", "a step", "the ledger")
"""Answers whose ids are of exhibits' chains and of own entries: their entry names no record as shown."""


@dataclass(frozen=True)
class Reply:
    """What came back; status 0 where nothing did, `whole` where all of it did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def facts(self) -> Any:
        return json.loads(self.body)


NOTHING = Reply(0, {}, b"", whole=False)


@dataclass
class Door:
    """The API for one member in one context, by token. What it answers goes into the book."""

    url: str
    member: str
    token: str
    context: Context
    book: Book

    def ask(
        self,
        method: str,
        path: str,
        sent: object = None,
        *,
        what: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request on a connection of its own; with `what` it is one that the ledger must name."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode() if sent else None
        kind = (
            {} if isinstance(sent, bytes) or sent is None else {"Content-Type": "application/json"}
        )
        began = time.time()
        reply = self._request(method, path, body, self._headers() | kind | dict(headers or {}))
        if "accord-ledger-entry" in reply.headers:
            self.book.gave(reply.headers["accord-ledger-entry"])
        if what:
            self._note(what, began, reply)
        return reply

    def until(
        self,
        method: str,
        path: str,
        sent: object = None,
        *,
        what: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The same again until the node answers with something that is not a failure of its own."""
        deadline_s = time.monotonic() + WITHIN_S
        while True:
            reply = self.ask(method, path, sent, what=what, headers=headers)
            if 0 < reply.status < 500 and reply.whole:
                return reply
            if time.monotonic() > deadline_s:
                return reply
            time.sleep(BUSY_S)

    def _note(self, what: str, began: float, reply: Reply) -> None:
        shows = what not in NAMES_NO_RECORD and "json" in reply.headers.get("content-type", "")
        found = (
            frozenset(UUID.findall(reply.body.decode(errors="replace"))) if shows else frozenset()
        )
        self.book.diary.answered(
            Answer(what, self.member, self.context, began, time.time(), reply.status, ids=found)
        )

    def _headers(self) -> dict[str, str]:
        case = {"Accord-Case": self.context.case} if self.context.case else {}
        return {
            "Authorization": f"Bearer {self.token}",
            "Accord-Purpose": self.context.purpose,
            "Accord-Basis": self.context.basis,
            **case,
        }

    def _request(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=WITHIN_S)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            said = {name.lower(): value for name, value in answer.getheaders()}
            try:
                return Reply(answer.status, said, answer.read(), whole=True)
            except http.client.IncompleteRead as torn:
                return Reply(answer.status, said, torn.partial, whole=False)
            except OSError:
                return Reply(answer.status, said, b"", whole=False)
        except (OSError, http.client.HTTPException):
            return NOTHING
        finally:
            connection.close()


@dataclass
class Signer:
    """A person with a passkey on the pages."""

    url: str
    person: Person

    @classmethod
    def enrolled(cls, url: str, link: str) -> Signer:
        """Somebody who makes a passkey by their one-time link; raises RuntimeError when refused."""
        browser, device = Browser(url), Authenticator(origin=url)
        path = urlsplit(link).path
        _, page = browser.ask("GET", path)
        form = {"answer": device.create(_options(page)), "name": "Device", **_csrf(page)}
        status, page = browser.ask("POST", path, form)
        if status != http.client.SEE_OTHER:
            raise RuntimeError(f"no passkey was made: {status}")
        return cls(url, Person(browser, device))

    def signs(self, exhibit: str, act: str, **said: str) -> bool:
        """Sign in, read the event of a step and sign it; False where the node did not say it is kept."""
        path = f"/custody/{exhibit}/take/{act}"
        typed = {"place": "Evidence counter", "reason": "As the case asks", "items": "1"} | said
        try:
            self.person.browser = Browser(self.url)
            self.person.sign_in()
            ask = self.person.browser.ask
            _, page = ask("GET", path)
            status, page = ask("POST", path, typed | {"do": "prepare"} | _csrf(page))
            if status != http.client.OK or "data-options" not in page:
                return False
            shown = page.partition('name="accord-shown-at" value="')[2].partition('"')[0]
            answer = self.person.device.get(_options(page))
            signed = {"accord-signature": answer, "accord-shown-at": shown, "do": "take"}
            status, _ = ask("POST", path, typed | signed | _csrf(page))
        except (OSError, http.client.HTTPException, RuntimeError):
            return False  # killed meanwhile; whoever asked looks at the chain
        return status == http.client.SEE_OTHER
