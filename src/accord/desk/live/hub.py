"""Works out, once a tick, what each open page may be told.

1. read the state of the database, and whether anything was told since the last tick;
2. end the pages whose session or membership is not in force any more;
3. where something was told, ask once for each standing (member, context, assurance) what of it this
   standing may see, and give each page what it watches of that;
4. for one in LOOK_TICKS of the standings, in turn and whatever happened, look whether the context still
   holds and which of the shown records may still be seen.

What is asked depends on the whole node; when a page is sent its frame does not (asgi.py), and nor does
the moment at which a page learns that something went out of its sight.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import WorkingContext, resolve
from accord.agreements.scope import glance
from accord.desk.live.asking import Asked
from accord.desk.live.frames import Mark, News
from accord.identity import queries as identity
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotFound
from accord.kernel.phrases import phrase
from accord.platform import outbox
from accord.platform.outbox import LONGEST_READ, Change
from accord.records.queries.records import visible_ids

LOOK_TICKS = 8
MOST_PAGES = 2_000
MOST_OF_A_SESSION = 24
DRAWING_S = 2.0
"""A page was drawn from what the database held up to so long before it says it was drawn."""
REMEMBERED_TICKS = 600
"""Five minutes: whoever was away for longer looks at everything anew."""


@dataclass(eq=False)
class Page:
    """One open page: what it watches, and what waits to be sent to it."""

    asked: Asked
    actor: Actor
    context: WorkingContext
    shown: set[UUID]
    waiting: News = field(default_factory=News)
    over: str | None = None

    @property
    def standing(self) -> tuple[str, str, int]:
        return self.actor.membership, self.context.path, self.actor.assurance

    def of_these(self, changes: Iterable[Change]) -> News:
        """What of a standing's changes concerns this page."""
        found = tuple(changes)
        return News({c for c in found if self._watches(c)}, anew=len(found) >= LONGEST_READ)

    def _watches(self, change: Change) -> bool:
        if change.topic == "record" and change.subject in self.shown:
            return True
        if change.topic == "case":
            return "case" in self.asked.topics and (
                self.context.case_id is None or change.subject == self.context.case_id
            )
        return change.topic in self.asked.topics


class Hub:
    """The open pages of one live process."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._pages: set[Page] = set()
        self._states: OrderedDict[int, tuple[float, str]] = OrderedDict()
        self._tick = 0

    @property
    def mark(self) -> Mark:
        """The tick that was worked out last."""
        return Mark(self.run, self._tick)

    def pages(self) -> tuple[Page, ...]:
        """Every page that is open now."""
        with self._lock:
            return tuple(self._pages)

    def join(self, asked: Asked) -> Page:
        """Open a page's stream; raises Conflict where there are too many.

        One that was away is told what came meanwhile, or to look at everything anew.
        """
        page = Page(asked, asked.actor, asked.context, set())
        with self._lock:
            same = sum(p.asked.session.stored == asked.session.stored for p in self._pages)
            if len(self._pages) >= MOST_PAGES or same >= MOST_OF_A_SESSION:
                raise Conflict(
                    phrase("Too many pages are live; this one is renewed by reloading it.")
                )
            self._pages.add(page)
            until = self._last()
            before = self._before(asked)
        was_away = asked.after is not None or asked.drawn is not None
        news = News(anew=was_away and None in (before, until))
        try:
            with glance(page.actor, page.context):
                # INVARIANT: what it may not see now it is never told of, not even that it is gone.
                page.shown = set(visible_ids(asked.shown))
                if before is not None and until is not None:
                    news.add(page.of_these(outbox.between(before, until)))
        except BaseException:
            self.leave(page)  # it never opened, and would count among the open ones for ever
            raise
        with self._lock:
            page.waiting.add(news)
        return page

    def leave(self, page: Page) -> None:
        """Forget a page whose stream ended."""
        with self._lock:
            self._pages.discard(page)

    def take(self, page: Page) -> News:
        """Return what waits for a page, and let it wait no more."""
        with self._lock:
            news, page.waiting = page.waiting, News()
        return news

    def _last(self) -> str | None:
        return next((state for _, state in reversed(self._states.values())), None)

    def _before(self, asked: Asked) -> str | None:
        """The state that the page knows; None where it is not remembered (any more)."""
        if asked.after is not None:
            same_run = asked.after.run == self.run
            return self._states.get(asked.after.tick, (0.0, None))[1] if same_run else None
        if asked.drawn is None:
            return None
        limit = asked.drawn - DRAWING_S
        return next((s for at, s in reversed(self._states.values()) if at <= limit), None)

    def tick(self) -> None:
        """Work out one tick; raises what the database raises, and then the next covers both."""
        until = outbox.state()
        before = self._last() or until
        told = outbox.moved(before, until)
        pages = self.pages()
        self._end_what_is_over(pages)
        for standing, members in _by_standing(pages).items():
            look = hash(standing) % LOOK_TICKS == self._tick % LOOK_TICKS
            if told or look:
                self._ask(members, (before, until) if told else None, look)
        with self._lock:
            self._tick += 1
            self._states[self._tick] = (now().timestamp(), until)
            while len(self._states) > REMEMBERED_TICKS:
                self._states.popitem(last=False)

    def _end_what_is_over(self, pages: Iterable[Page]) -> None:
        live = [page for page in pages if page.over is None]
        if not live:
            return
        proofs = identity.in_force({page.asked.session.proof.signin for page in live})
        actors = {a.membership: a for a in agencies.actors({p.actor.membership for p in live})}
        for page in live:
            actor = actors.get(page.actor.membership)
            proof = proofs.get(page.asked.session.proof.signin)
            if proof is None or actor is None:
                page.over = "signed out"
            else:
                page.actor = replace(actor, assurance=min(actor.assurance, proof.assurance))

    def _ask(self, members: list[Page], stretch: tuple[str, str] | None, look: bool) -> None:
        """Ask for one standing: what was told, and, when it is its turn, what it still sees."""
        actor, context = members[0].actor, members[0].context
        try:
            context = resolve(actor, context.purpose, context.legal_basis, context.case_number)
        except NotFound:
            for page in members if look else ():
                page.over = "no longer open to you"
            return
        # As they are now: a page that has just joined may not know yet what it may see.
        asked = {page: frozenset(page.shown) for page in members}
        shown: set[UUID] = set().union(*asked.values())
        with glance(actor, context):
            changes = outbox.between(*stretch) if stretch else ()
            visible = visible_ids(shown) if look and shown else shown
        with self._lock:
            for page in members:
                news = page.of_these(changes)
                news.gone = set(asked[page]) - set(visible)
                page.shown -= news.gone
                page.waiting.add(news)


def _by_standing(pages: Iterable[Page]) -> dict[tuple[str, str, int], list[Page]]:
    found: dict[tuple[str, str, int], list[Page]] = {}
    for page in pages:
        if page.over is None:
            found.setdefault(page.standing, []).append(page)
    return found
