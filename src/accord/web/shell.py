"""The frame around every page: who is signed in, under which working context, and where to go.

`layout/base.html` needs one `shell`. Whoever builds it (the desk's context processor) fills it from
the request; `Shell.bare` is enough for sign-in and for the page of last resort.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from accord.kernel.phrases import phrase
from accord.web.handling import Handling


@dataclass(frozen=True, slots=True)
class Me:
    """The member who is signed in."""

    name: str
    agency: str
    role: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class ContextChoice:
    """A remembered working context, one key away."""

    label: str
    href: str
    detail: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class WorkingContextBar:
    """Purpose, legal basis and case under which the page is asked for."""

    purpose: str
    basis: str
    case_number: str | None = None
    case_title: str | None = None
    case_href: str | None = None
    quick_check: bool = False


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation; `key` follows `g`."""

    label: str
    href: str
    key: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """A line of the Ctrl-K palette."""

    label: str
    href: str
    group: str = phrase("Go to")
    detail: str = ""
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Live:
    """Where a page that renews itself asks, in which context, and since when it is as it is."""

    href: str
    context: str
    drawn: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything the frame shows. `now` is the request's clock, `zone` the viewer's time zone."""

    now: datetime
    zone: str = "UTC"
    me: Me | None = None
    context: WorkingContextBar | None = None
    contexts: tuple[ContextChoice, ...] = ()
    context_href: str | None = None
    quick_href: str | None = None
    recent_href: str | None = None
    """Where the palette asks for recent records; none outside a working context."""
    printed_for: str | None = None
    """The purpose of a page that has no working context, for what is printed."""
    nav: tuple[NavItem, ...] = ()
    destinations: tuple[Destination, ...] = ()
    search_href: str | None = None
    search_query: str = ""
    search_reason: str | None = None
    sign_out_href: str = "/sign-out"
    demo: str | None = None
    handling: Handling | None = None
    live: Live | None = None

    @staticmethod
    def bare(now: datetime | None = None) -> Shell:
        """A frame with nothing in it that needs a database."""
        return Shell(now=now or datetime.now(UTC))

    def at(self, current: str) -> Shell:
        """The same frame with the navigation entry of that label marked as the current page."""
        return replace(
            self, nav=tuple(replace(item, current=item.label == current) for item in self.nav)
        )


def standard_nav(*, search_href: str, requests: int | None = None) -> tuple[NavItem, ...]:
    """The seven entries of the main navigation, in their fixed order."""
    return (
        NavItem(phrase("Home"), "/", "h"),
        NavItem(phrase("Search"), search_href, "s"),
        NavItem(phrase("Cases"), "/cases/", "c"),
        NavItem(phrase("Requests"), "/requests/", "r", count=requests),
        NavItem(phrase("Agreements"), "/agreements/", "a"),
        NavItem(phrase("Ledger"), "/ledger/", "l"),
        NavItem(phrase("Import"), "/import/", "i"),
    )
