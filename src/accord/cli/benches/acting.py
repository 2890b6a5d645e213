"""People who open pages, search and write, each at random with pauses, whatever the node answers.

Every request has a connection of its own, so that a failure is the node's of that moment and not one
of a connection that had ended before.
"""

from __future__ import annotations

import html
import http.client
import json
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode, urlsplit

from accord.cli.benches.diary import (
    INTAKE,
    MARKER,
    OWN_DESK,
    UUID,
    Answer,
    Context,
    Diary,
    Somebody,
    Write,
)
from accord.cli.benches.serving import connect, hidden

API = "/api/v1"
PUSHED_TOGETHER = 3
SOURCE = "mixed-load"
_CALLED = re.compile(r'<span class="who__name">([^<]*)</span>')


@dataclass(frozen=True)
class Questions:
    """What is searched for, by kind."""

    of: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Got:
    """What came back."""

    status: int
    text: str = ""
    location: str = ""


class Acting(threading.Thread):
    """One person at work until the time is over."""

    def __init__(
        self, who: Somebody, url: str, diary: Diary, asks: Questions, think_s: float, seed: str
    ) -> None:
        super().__init__(daemon=True)
        self.who, self.url, self.diary, self.asks, self.think_s = who, url, diary, asks, think_s
        self.dice = random.Random(seed)  # noqa: S311 - no secret
        self.done = threading.Event()
        self.csrf, self.form = "", ""
        self.known: dict[Context, list[str]] = {}
        self.closed: set[Context] = set()
        self.again: tuple[str, list[dict[str, object]]] | None = None

    def run(self) -> None:
        """Act and pause; what an answer of the node may be is no error here."""
        self.done.wait(self.dice.uniform(0, self.think_s))
        try:
            while not self.done.is_set():
                context = self.dice.choice(self.who.contexts)
                self._choose(context)(context)
                self.done.wait(self.dice.expovariate(1 / self.think_s))
        except BaseException as error:
            self.diary.broken.append(error)
            raise

    def _choose(self, context: Context) -> Callable[[Context], object]:
        acts: dict[Callable[[Context], object], int] = {
            self.latest: 16, self.record: 30, self.search: 12, self.ledger: 6, self.save: 4,
        }  # fmt: skip
        if context.case:
            acts[self.case] = 18
        if context.case and context not in self.closed:
            acts[self.note] = 12
        if self.who.pushes:
            acts[self.push] = 12
        if self.who.by_api:
            acts[self.me] = 3
        return self.dice.choices(list(acts), list(acts.values()))[0]

    # -- reading

    def latest(self, context: Context) -> None:
        way = f"{API}/records?limit=50" if self.who.by_api else f"{context.path}/records/"
        self._learn(context, self._ask("latest records", context, "GET", way))

    def case(self, context: Context) -> None:
        way = f"{context.path}/case"
        if self.who.by_api:
            rest = self.dice.choice(["records?limit=50", "notes?limit=100"])
            way = f"{API}/cases/{context.case}/{rest}"
        self._learn(context, self._ask("a case", context, "GET", way))

    def record(self, context: Context) -> None:
        known = self.known.get(context)
        if not known:
            self.latest(context)
            return
        record = self.dice.choice(known)
        beginning = API if self.who.by_api else context.path
        self._ask("a record", context, "GET", f"{beginning}/records/{record}")

    def ledger(self, context: Context) -> None:
        if self.who.by_api:
            self._ask("the ledger", context, "GET", f"{API}/ledger/entries?limit=50")
            return
        view = self.dice.choice(["mine", "records", "agency"])
        self._ask("the ledger", OWN_DESK, "GET", f"/ledger/?view={view}")

    def me(self, context: Context) -> None:
        self._ask("who am I", context, "GET", f"{API}/me")

    def search(self, context: Context) -> Got:
        kind = self.dice.choice(sorted(self.asks.of))
        said, what = self.dice.choice(self.asks.of[kind]), f"search by {kind}"
        if self.who.by_api:
            return self._ask(what, context, "POST", f"{API}/search", {"q": said})
        got = self._post(f"{what}, asked", context, f"{context.path}/search", {"q": said})
        if got.status not in (302, 303):
            return got
        return self._ask(what, context, "GET", got.location)

    # -- writing

    def note(self, context: Context) -> None:
        marker = self.diary.marker()
        text = f"Told by the night clerk, {marker}, for {context.case} alone."
        if self.who.by_api:
            way = f"{API}/cases/{context.case}/notes"
            got = self._ask("write a note", context, "POST", way, {"text": text})
        else:
            got = self._post("write a note", context, f"{context.path}/case/notes", {"note": text})
        if got.status == 403:
            self.closed.add(
                context
            )  # no clause lets them write for this purpose, and the page says so
        self._wrote("note", marker, context.case or "", got.status in (201, 302, 303))

    def save(self, context: Context) -> None:
        marker, way = self.diary.marker(), f"{context.path}/searches/"
        if self.who.by_api:
            q = self.dice.choice(self.asks.of["name"])
            sent = {"q": q, "name": marker}
            got = self._ask("save a search", context, "POST", f"{API}/searches", sent)
        else:
            page = self.search(context).text
            form = {name: html.unescape(hidden(page, name)) for name in ("question", "shown")}
            if not form["question"]:
                return
            got = self._post("save a search", context, way, form | {"name": marker})
        self._wrote("saved search", marker, context.path, got.status in (200, 302, 303))

    def push(self, _: Context) -> None:
        """A batch of records; one that was not answered is sent again the next time, as it says."""
        marker, rows = self.again or self._batch()
        got = self._ask(
            "push records", INTAKE, "POST", f"{API}/records/batches", {"records": rows}, token=True
        )
        outcomes = [r["outcome"] for r in json.loads(got.text)["rows"]] if got.status == 200 else []
        kept = bool(outcomes) and set(outcomes) <= {"loaded", "unchanged"}
        if outcomes and not kept:
            raise AssertionError(f"pushed records were refused: {got.text[:500]}")
        self.again = (marker, rows) if got.status == 0 or got.status >= 500 else None
        self._wrote("pushed records", marker, self.who.agency, kept, PUSHED_TOGETHER)

    def _batch(self) -> tuple[str, list[dict[str, object]]]:
        marker = self.diary.marker()
        return marker, [
            {
                "source_system": SOURCE,
                "source_ref": f"{marker}/{piece}",
                "schema": "Vehicle",
                "label": {"subjects": ["none"], "basis": "statute"},
                "parts": {
                    "core": {"make": ["Ford"]},
                    "identity": {"plate": [f"{marker[2:5]} {marker[-6:]}{piece}".upper()]},
                },
            }
            for piece in range(PUSHED_TOGETHER)
        ]

    def _wrote(self, kind: str, marker: str, place: str, kept: bool, pieces: int = 1) -> None:
        self.diary.wrote(Write(kind, marker, self.who.membership, place, pieces, kept))

    # -- asking

    def _learn(self, context: Context, got: Got) -> None:
        way = r'"id":\s*"|"record":\s*"' if self.who.by_api else f'href="{context.path}/records/'
        found = re.findall(f"(?:{way})({UUID.pattern[2:-2]})", got.text)
        if found:
            self.known[context] = sorted({*found, *self.known.get(context, [])})[:200]

    def _post(self, what: str, context: Context, way: str, form: Mapping[str, str]) -> Got:
        """Send a form, with the token of a page that was opened before."""
        if not self.csrf:
            page = self._ask("the search form", context, "GET", f"{context.path}/search")
            if page.status != 200:
                return page
        sent = {**form, "csrfmiddlewaretoken": self.form}
        return self._ask(what, context, "POST", way, urlencode(sent))

    def _ask(
        self,
        what: str,
        context: Context,
        method: str,
        way: str,
        sent: object = None,
        *,
        token: bool = False,
    ) -> Got:
        headers = self._headers(context, token=token or self.who.by_api)
        if isinstance(sent, str):
            body, kind = sent, "application/x-www-form-urlencoded"
        else:
            body, kind = json.dumps(sent) if sent is not None else "", "application/json"
        if sent is not None:
            headers["Content-Type"] = kind
        began = time.time()
        try:
            got = self._request(method, way, body, headers)
        except (OSError, http.client.HTTPException):
            got = Got(0)
        answer = Answer(what, self.who.membership, context, began, time.time(), got.status)
        if got.text:
            answer = replace(
                answer,
                ids=frozenset(map(sys.intern, UUID.findall(got.text))),  # many pages, the same ids
                markers=frozenset(MARKER.findall(got.text)),
                called=_called(what, got),
            )
        self.diary.answered(answer)
        return got

    def _headers(self, context: Context, *, token: bool) -> dict[str, str]:
        if not token:
            return {"Cookie": f"{self.who.cookie}; accord_csrf={self.csrf}", "Referer": self.url}
        case = {"Accord-Case": context.case} if context.case else {}
        return {
            "Authorization": f"Bearer {self.who.token}",
            "Accord-Purpose": context.purpose,
            "Accord-Basis": context.basis,
            **case,
        }

    def _request(self, method: str, way: str, body: str, headers: Mapping[str, str]) -> Got:
        connection = connect(self.url)
        try:
            connection.request(method, quote(way, safe="/?&=~%-"), body or None, dict(headers))
            answer = connection.getresponse()
            text = answer.read().decode()
            for header in answer.headers.get_all("Set-Cookie") or ():
                if header.startswith("accord_csrf="):
                    self.csrf = header.partition("=")[2].partition(";")[0]
            if "Cookie" in headers and answer.status == 200 and hidden(text):
                self.form = hidden(text)
            place = urlsplit(answer.headers.get("Location", "")).path
            signed_out = place.startswith("/sign-in")
            return Got(401 if signed_out else answer.status, text, place)
        finally:
            connection.close()


def _called(what: str, got: Got) -> str | None:
    if what == "who am I" and got.status == 200:
        return str(json.loads(got.text)["name"])
    named = _CALLED.search(got.text)
    return html.unescape(named[1]) if named else None
