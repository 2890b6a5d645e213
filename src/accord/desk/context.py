"""The frame of every page: who is signed in, why they are asking, and where they may go.

Runs while the view's scope is still open, so that the one count in it comes from what the viewer
may see; where no scope is open there is no count and nothing is read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accord.agencies.directory.domain import READERS
from accord.agencies.domain import Actor
from accord.agreements.scope import Scope
from accord.desk import remembered
from accord.desk.remembered import Remembered
from accord.identity.tokens.actions.systems import administers
from accord.kernel.clock import now
from accord.kernel.phrases import joined, phrase, unpacked
from accord.records.queries.requests import open_count
from accord.records.requests import can_answer
from accord.web.filters import words
from accord.web.shell import (
    ContextChoice,
    Destination,
    Live,
    Me,
    Shell,
    WorkingContextBar,
    standard_nav,
)

SAID = "said"
CHOOSE = "/context/"
QUICK = "/w/general-policing/statute/-/search"
DEMO = phrase("Everybody here is invented. Sign in as anyone; nothing leaves this machine.")
_SECTIONS = {
    "search": phrase("Search"),
    "hits": phrase("Search"),
    "case": phrase("Cases"),
    "cases": phrase("Cases"),
    "requests": phrase("Requests"),
    "statements": phrase("Requests"),
    "assistance": phrase("Requests"),
    "custody": phrase("Cases"),
    "searches": phrase("Search"),
    "agreements": phrase("Agreements"),
    "ledger": phrase("Ledger"),
    "import": phrase("Import"),
    "": phrase("Home"),
}
_SAYS_WHY = ("records-administration",)
"""Desks whose pages show records, so that their purpose stands in the context bar."""


def page(request: Any) -> dict[str, Any]:
    """Return what every template is given: `shell`, and `said` after a change."""
    actor: Actor | None = getattr(request, "actor", None)
    demo = DEMO if settings.ACCORD_DEMO else None
    if actor is None:
        return {"shell": Shell(now=_now(), demo=demo), SAID: None}
    return {"shell": _shell(request, actor, demo), SAID: unpacked(request.session.pop(SAID, None))}


def _now() -> datetime:
    return now().astimezone(UTC)


def _shell(request: Any, actor: Actor, demo: str | None) -> Shell:
    scope: Scope | None = getattr(request, "scope", None)
    kept = remembered.of_session(request)
    bar = _bar(request, scope)
    search_href = f"{scope.context.path}/search" if scope is not None and bar is not None else None
    waiting = None
    if scope is not None and can_answer(actor, actor.agency) is None:
        waiting = open_count(scope)
    nav = standard_nav(search_href=search_href or CHOOSE, requests=waiting)
    shell = Shell(
        now=_now(),
        zone=actor.zone,
        me=Me(actor.name, actor.agency_name, joined(sorted(actor.roles), ", "), "/"),
        context=bar,
        contexts=tuple(_choice(k, scope) for k in kept),
        context_href=CHOOSE,
        quick_href=QUICK,
        recent_href=f"{scope.context.path}/recent" if scope and bar else None,
        printed_for=words(scope.context.purpose) if scope else None,
        nav=nav,
        destinations=_destinations(nav, kept, actor),
        search_href=search_href,
        demo=demo,
        live=_live(request, scope),
    )
    return shell.at(_section(request.path))


def _live(request: Any, scope: Scope | None) -> Live | None:
    """What makes the page renew itself; nothing where the reader asked for little data."""
    href: str | None = settings.ACCORD_LIVE
    if scope is None or href is None or request.headers.get("Save-Data") == "on":
        return None
    return Live(href, scope.context.path, f"at-{now().timestamp():.3f}")


def _bar(request: Any, scope: Scope | None) -> WorkingContextBar | None:
    if scope is None:
        return None
    context = scope.context
    if not request.path.startswith("/w/") and context.purpose not in _SAYS_WHY:
        return None
    return WorkingContextBar(
        purpose=context.purpose,
        basis=context.legal_basis,
        case_number=context.case_number,
        case_href=f"{context.path}/case" if context.case_number else None,
        quick_check=context.purpose == "general-policing",
    )


def _section(path: str) -> str:
    steps = path.strip("/").split("/")
    return _SECTIONS.get(steps[4] if steps[0] == "w" and len(steps) > 4 else steps[0], "")


def _label(kept: Remembered) -> str:
    return phrase("Quick check") if kept.quick_check else kept.case


def _detail(kept: Remembered) -> str:
    return phrase(
        "%(purpose)s, %(basis)s", purpose=words(kept.purpose), basis=words(kept.basis).lower()
    )


def _choice(kept: Remembered, scope: Scope | None) -> ContextChoice:
    current = scope is not None and scope.context.path == kept.path
    return ContextChoice(_label(kept), kept.entrance, _detail(kept), current)


def _destinations(
    nav: tuple[Any, ...], kept: tuple[Remembered, ...], actor: Actor
) -> tuple[Destination, ...]:
    found = [Destination(item.label, item.href, key=f"g {item.key}") for item in nav]
    for context in kept:
        found.append(
            Destination(
                phrase("Search in %(label)s", label=_label(context)),
                f"{context.path}/search",
                phrase("Search"),
                _detail(context),
            )
        )
        found.append(
            Destination(
                phrase("Saved searches in %(label)s", label=_label(context)),
                f"{context.path}/searches/",
                phrase("Search"),
                _detail(context),
            )
        )
        if not context.quick_check:
            found.append(
                Destination(context.case, f"{context.path}/case", phrase("Case"), _detail(context))
            )
    found.append(
        Destination(
            phrase("Agencies"),
            "/agencies/",
            detail=phrase("Who answers for a place and an offence"),
        )
    )
    found.append(Destination(phrase("Obligations"), "/obligations/"))
    found.append(Destination(phrase("Subscriptions"), "/subscriptions/"))
    found.append(Destination(phrase("Recalls"), "/recalls/"))
    found.append(Destination(phrase("Custody"), "/custody/"))
    found.append(Destination(phrase("Retention"), "/retention/"))
    found.append(Destination(phrase("Erasures from the ledger"), "/ledger/erasures/"))
    found.append(Destination(phrase("Copies taken"), "/exports/"))
    found.append(Destination(phrase("Directory of expertise"), "/expertise/"))
    found.append(
        Destination(
            phrase("Your expertise"), "/expertise/mine", detail=phrase("What you offer to others")
        )
    )
    found.append(Destination(phrase("Requests for assistance"), "/assistance/"))
    found.append(Destination(phrase("Ask for assistance"), "/assistance/ask", phrase("Do")))
    found.append(Destination(phrase("Consents and determinations"), "/statements/"))
    found.append(Destination(phrase("Webhooks"), "/webhooks/"))
    found.append(Destination(phrase("Your API tokens"), "/account/tokens"))
    if administers(actor):
        found.append(Destination(phrase("Systems and clients"), "/clients/"))
    found.append(
        Destination(
            phrase("Your sign-in"), "/account/", detail=phrase("Your passkeys and sessions")
        )
    )
    found.append(
        Destination(
            phrase("Password and codes"),
            "/account/code",
            detail=phrase("Where your agency allows one-time codes"),
        )
    )
    found.append(
        Destination(
            phrase("Quick checks"), "/quick-checks/", detail=phrase("Yours, and those to review")
        )
    )
    found.append(
        Destination(
            phrase("Quick check"),
            QUICK,
            phrase("Do"),
            phrase("A plate or a name, without a case"),
            key="q",
        )
    )
    found.append(Destination(phrase("Choose a working context"), CHOOSE, phrase("Do")))
    if actor.roles & READERS:
        found.append(Destination(phrase("Members"), "/members/"))
        found.append(Destination(phrase("Sign-in with codes"), "/members/codes"))
    if "supervisor" in actor.roles:
        found.append(Destination(phrase("Open a case"), "/cases/open", phrase("Do")))
    return tuple(found)


def say(request: Any, text: str) -> None:
    """Tell the member on the next page what was done."""
    request.session[SAID] = text
