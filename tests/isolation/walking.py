"""Walk every address as one viewer, and keep what came back as it is compared."""

from __future__ import annotations

import json
import logging
import os
import re
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accord.api.document import operations
from accord.kernel import clock, ids
from isolation.contributing import MAPPING
from isolation.public_by_design import HEADERS, normalised
from isolation.worlds import (
    OIDC,
    SAML,
    TRAFFICKING,
    Hidden,
    Viewer,
    database_clock,
    point_at,
    viewers,
)

HOOK = "https://93.184.215.14/accord"
ABSENT = "00000000-0000-7000-8000-00000000dead"
STEPS = (
    "/sign", "/activate", "/suspend", "/resume", "/terminate", "/withdraw",
    "/signatures", "/activation", "/suspension", "/resumption", "/termination", "/withdrawal",
)  # fmt: skip
"""Ends of addresses that take a step with an agreement: one that is made for the walk alone."""

CITED = "mou-2026-007/4.2"
UNMAPPED = ("run_id>/mapping", "run_id}/mapping", "/columns", "/previews")
"""Ends of addresses that are about a file which waits for its mapping."""


@dataclass(frozen=True)
class Step:
    """One request, and the route that it is meant to reach."""

    route: str
    method: str
    path: str
    form: tuple[tuple[str, Any], ...] | None = None
    json: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        sent = dict(self.form) if self.form else self.json or ""
        return f"{self.method} {self.path} {dict(self.headers) or ''} {sent}"


@dataclass(frozen=True)
class Answer:
    """What came back, as it is compared."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    body: bytes
    statements: int


# -- what there is to walk -------------------------------------------------------------------------


def pages() -> list[str]:
    """Every route of the URLconf that is not the API's, as Django writes it."""
    return [route for route in _routes(get_resolver().url_patterns, "") if "api" not in route]


def _routes(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def api_operations() -> list[tuple[str, str]]:
    """Every (method, path) of the API's own document."""
    return [(method.upper(), path) for path, method, _ in operations()]


def api_own_desks() -> set[tuple[str, str]]:
    """Those of them that read no header: they serve one purpose of the member's own office."""
    return {
        (method.upper(), path)
        for path, method, operation in operations()
        if getattr(operation.view_func, "accord_entry", "").startswith("own desk")
    }


def filled(route: str, values: dict[str, str]) -> str | None:
    """The address of a route; None when the viewer has nothing to put in."""
    path = "/" + route.lstrip("/")
    for whole, name in re.findall(r"(<(?:\w+:)?(\w+)>|\{\w+\})", path):
        value = values.get(name or whole.strip("{}"))
        if not value:
            return None
        path = path.replace(whole, value)
    return path


def page_values(route: str, samples: dict[str, str]) -> dict[str, str]:
    """Which sample stands for each name of a page's route."""
    values = {
        "record_id": samples["record"],
        "note_id": samples["note"],
        "handle": samples.get("handle") or samples["hidden_handle"],
        "request_id": samples.get("request") or samples.get("inbox") or ABSENT,
        "run_id": samples.get("run") or ABSENT,
        "name": samples.get("mapping") or "no-such-mapping",
        "duty_id": samples.get("duty") or ABSENT,
        "entry_id": samples["ledger_entry"],
        "content_hash": samples["life" if route.endswith(STEPS) else "agreement"],
        "signature": ABSENT,
        "signature_id": ABSENT,
        "draft_id": samples["whole draft" if route.endswith("/impact") else "draft"],
        "token": "no-such-token-at-all",
        "status": "404",
        "question": samples["question"],
        "statement_id": samples.get("statement") or ABSENT,
        "notice_id": samples.get("recall") or ABSENT,
        "review_id": samples.get("review") or ABSENT,
        "subscription_id": samples.get("subscription") or ABSENT,
        "part_id": samples.get("part") or ABSENT,
        "other_id": samples["own_record"],
        "search_id": samples.get("search") or ABSENT,
        "check_id": samples.get("check") or ABSENT,
        "webhook_id": samples.get("webhook page") or ABSENT,
        "webhook": samples.get("webhook") or ABSENT,
        "message_id": samples.get("message page") or ABSENT,
        "message": samples.get("message") or ABSENT,
        "change_id": samples.get(_change_of(route)) or ABSENT,
        "agency_id": samples.get("own agency") or "harlan-so",
        "membership": samples.get("administered") or "harlan-so.w.fourth",
        "passkey": samples["passkey to name" if route.endswith("/name") else "passkey"],
        "signin": samples["signin"],
        "token_id": samples["token page" if route.startswith("account/") else "token"],
        "system_id": samples.get("system") or ABSENT,
        "client_id": samples.get("client") or ABSENT,
        "credential_id": samples.get("credential") or ABSENT,
        "provider": _provider_of(route),
        "expertise_id": samples.get("entry to attest" if "attestation" in route else "entry")
        or ABSENT,
        "assistance_id": samples.get(_assistance_of(route)) or ABSENT,
        "upload_id": samples.get(_upload_of(route)) or ABSENT,
        "exhibit_id": samples.get(_custody_of(route)) or ABSENT,
        "alarm_id": samples.get("alarm") or ABSENT,
        "act": "decline",
        "way": "copy",
        "picture": "0",
        "derivation_id": samples.get(_derivation_of(route)) or ABSENT,
        "erasure_id": samples.get(_erasure_of(route)) or ABSENT,
    }
    values |= _ending_values(route, samples)
    if "statement" in route:
        end = route.rpartition("/")[2]
        values["statement_id"] = samples.get(f"statement {end}") or values["statement_id"]
    if route.endswith(("/consent", "/determination")):
        values["record_id"] = samples["own_record"]
    if "simulator/" in route:
        inside = "<str:case>" in route
        values["question"] = samples["simulation" if inside else "desk simulation"]
    if route.startswith("import/"):
        values["entry_id"] = samples.get("quarantined") or ABSENT
    if route.endswith(("/who", "/who-can-see")):
        values["record_id"] = samples["own_record"]
    if route.endswith(("/place", "/withdraw", "/hold")) and "records/" in route:
        values["record_id"] = samples["own_record"]
    for end, name in (
        ("/answer", "to_answer"),
        ("requests/<uuid:request_id>/withdraw", "request_to_withdraw"),
        ("/revoke", "to_revoke"),
    ):
        if route.endswith(end):
            values["request_id"] = samples.get(name) or values["request_id"]
    values["run_id"] = samples.get(_run_of(route)) or values["run_id"]
    return values


def _upload_of(route: str) -> str:
    """Which of the viewer's files an address is about: one to acquire, to discard or to send on."""
    if route.endswith("/acquire"):
        return "upload"
    return "upload to discard" if route.endswith("/discard") else "upload to send"


def _assistance_of(route: str) -> str:
    """Which of the viewer's requests for assistance an address is about: an own, or one to answer."""
    ended = ("/withdrawal", "/escalation", "/completion")
    return "asked of others" if route.endswith(ended) else "asked of us"


def _provider_of(route: str) -> str:
    """Which of the node's providers speaks the protocol of an address."""
    return OIDC if route.endswith("/callback") else SAML


def _change_of(route: str) -> str:
    """Which change of a member an address is about."""
    named = {
        "/approve": "change to approve",
        "/withdraw": "change to withdraw",
        "/code": "change with a link",
        "/approval": "own change",
        "/withdrawal": "withdrawn change",
    }
    found = next((name for end, name in named.items() if route.endswith(end)), "change")
    return found.replace("change", "agency change") if "agenc" in route else found


def _run_of(route: str) -> str:
    """Which of the viewer's files an address is about."""
    if route.endswith("/cancel"):
        return "run_to_cancel"
    return "unmapped" if route.endswith(UNMAPPED) else "run"


def _derivation_of(route: str) -> str:
    """A derivation of the viewer's to be looked at, one to be cancelled on a page, one by a program."""
    if not route.endswith("/cancel"):
        return "derivation"
    return "derivation to cancel by api" if route.startswith("/") else "derivation to cancel"


def _erasure_of(route: str) -> str:
    """A proposal to erase an entry to be looked at, one to take back on a page, one by a program."""
    if not route.endswith(("/withdraw", "/withdrawal")):
        return "erasure"
    return "erasure to withdraw by api" if route.startswith("/") else "erasure to withdraw"


def _custody_of(route: str) -> str:
    """An exhibit for programs, one to be looked at, and one whose offer a form declines."""
    if not route.startswith("custody/"):
        return "custody"
    return "custody to decline" if "/take/" in route else "custody to see"


def _ending_values(route: str, samples: dict[str, str]) -> dict[str, str]:
    """Which sample stands where something is kept, recalled or ended."""
    if route.endswith(("/approve", "/approval")):
        return {"review_id": samples.get("review_to_approve") or ABSENT}
    if "exhibits/" in route:
        return {"record_id": samples.get("exhibit") or ABSENT}
    if "retention/" in route:
        return {"record_id": samples.get("kept") or ABSENT}
    if route.endswith(("/recall", "/last-day", "/legal-hold")) and "records/" in route:
        return {"record_id": samples.get("kept") or samples["own_record"]}
    return {}


def swapped(values: dict[str, str], thing: dict[str, str]) -> dict[str, str]:
    """The same values with every id of one thing in place of the visible ones."""
    return {name: thing.get(name, value) for name, value in values.items()}


def absent_things() -> dict[str, str]:
    """Ids that nothing has."""
    return dict.fromkeys(
        (
            *(
                "record_id",
                "note_id",
                "request_id",
                "run_id",
                "entry_id",
                "draft_id",
                "record",
                "note",
            ),
            *("statement_id", "notice_id", "review_id", "subscription_id", "part_id"),
            "statement_id",
            "other_id",
            "search_id",
            "check_id",
            "webhook_id",
            "webhook",
            "passkey",
            "change_id",
            "signin",
            "expertise_id",
            "assistance_id",
            "upload_id",
            "exhibit_id",
            "alarm_id",
            "derivation_id",
            "erasure_id",
        ),
        ABSENT,
    ) | {
        "duty_id": ABSENT,
        "name": "no-such-mapping",
        "handle": "a" * 52,
        "number": "HX-2026-901",
        "case": "HX-2026-901",
    }


def hidden_things(route: str, hidden: Hidden, viewer: Viewer) -> dict[str, str]:
    """Ids of things that the second world has and this viewer may not see."""
    entry = "quarantined" if "import/" in route or "quarantine/" in route else "ledger_entry"
    return {
        "upload_id": hidden.ids["upload"],
        "record_id": hidden.ids["exhibit" if "exhibits/" in route else "record"],
        "record": hidden.ids["record"],
        "note_id": hidden.ids["note"],
        "note": hidden.ids["note"],
        "request_id": hidden.ids["request"],
        "run_id": hidden.ids["unmapped" if route.endswith(UNMAPPED) else "run"],
        "name": "hidden-mapping",
        "duty_id": hidden.ids["duty"],
        "statement_id": hidden.ids["statement"],
        "notice_id": hidden.ids["recall"],
        "review_id": hidden.ids["review"],
        "subscription_id": hidden.ids["subscription"],
        "part_id": hidden.ids["part"],
        "webhook_id": hidden.ids["webhook"],
        "webhook": hidden.ids["webhook"],
        "passkey": hidden.ids["passkey"],
        "change_id": hidden.ids["agency change" if "agenc" in route else "change"],
        "signin": hidden.ids["signin"],
        "entry_id": hidden.ids[entry],
        "expertise_id": hidden.ids["expertise"],
        "assistance_id": hidden.ids["assistance"],
        "exhibit_id": hidden.ids["custody"],
        "alarm_id": hidden.ids["alarm"],
        "derivation_id": hidden.ids["derivation"],
        "erasure_id": hidden.ids["erasure"],
        "draft_id": hidden.ids["draft"],
        "other_id": hidden.ids["record"],
        "search_id": hidden.ids["search"],
        "check_id": hidden.ids["check"],
        "handle": viewer.samples["hidden_handle"],
        "number": hidden.case_number,
        "case": hidden.case_number,
    }


# -- forms and bodies ------------------------------------------------------------------------------


def forms(route: str, viewer: Viewer, words: list[str]) -> list[dict[str, Any]]:
    """What is sent to a page by POST; the first also finds out whether the page takes any."""
    ending = route.rpartition("<str:case>/")[2] or route
    table: dict[str, list[dict[str, Any]]] = {
        "sign-in/": [{"membership": "nobody.at.all"}],
        "sign-in/with/<slug:provider>/saml": [{"SAMLResponse": "PHg+"}, {}],
        "sign-in/with/<slug:provider>/saml/read": [{"SAMLResponse": "PHg+"}],
        "sign-in/code": [
            {"membership": m, "password": SAID, "one-time-code": "000000"}
            for m in (viewer.membership, "nobody.at.all")
        ],
        "sign-in/recover": [{"recovery-code": "A" * 24, "password": SAID}],
        # A new secret and new recovery codes are random; nobody's agency allows them here.
        "account/code": [
            {"do": d, "password": SAID, "one-time-code": "000000", "new-password": SAID}
            for d in ("begin", "set-up-codes", "recovery", "password", "reopen", "remove", "x")
        ],
        "members/codes": [
            {"do": d, "about": viewer.samples.get("code allowance") or ABSENT}
            for d in ("approve", "x", "end", "propose")
        ],
        "members/join": [NEW_MEMBER, NEW_MEMBER | {"handle": "X Y"}],
        "members/import": [{"file": ("m.csv", "handle,name\nw.x,X\n")}],
        "members/people/<str:membership>": [
            {"kind": "clearance", "to": "restricted"},
            {"kind": "assurance", "to": "9"},
            {"kind": "x"},
        ],
        "agencies/<slug:agency_id>/change": [
            {"kind": "territory", "territory": "us-fips 99007 Walked County"},
            {"kind": "duty-desk", "name": "", "weekly": "mon 08:00-07"},
            {"kind": "x"},
        ],
        "account/passkeys/<uuid:passkey>/name": [{"name": "Laptop"}, {"name": ""}],
        "context/": [
            {"purpose": viewer.purpose, "basis": "statute", "case": viewer.case},
            {"purpose": viewer.purpose, "basis": "statute", "case": "HX-2026-900"},
        ],
        "search": [{"q": word} for word in words] + [{"name": words[0], "schemas": "Person"}],
        "simulator": [
            {"record": viewer.samples["own_record"], "purpose": viewer.purpose},
            {
                "record": viewer.samples["own_record"],
                "purpose": viewer.purpose,
                "case": viewer.case,
            },
            {"record": "HIDDEN-0-victim", "purpose": viewer.purpose},
            {"record": ABSENT, "purpose": viewer.purpose, "case": "HX-2026-900"},
            {"purpose": viewer.purpose, "owner": "harlan-so", "who": "described"},
        ],
        "searches/": [
            {"name": "Again", "question": viewer.samples["question"]}
            | {"shown": viewer.samples["shown"]},
            {"name": "Again", "question": viewer.samples["question"], "shown": "AAAA"},
        ],
        "searches/<uuid:search_id>/name": [{"name": "Another"}, {"name": "x" * 99}],
        "searches/<uuid:search_id>/seen": [{"shown": viewer.samples["shown"]}, {"shown": ""}],
        "chosen": [
            {"do": do, "record": [viewer.samples["own_record"], other]}
            for do in ("beside", "place", "burn")
            for other in (viewer.samples["record"], ABSENT)
        ],
        "quick-checks/<uuid:check_id>": [
            {"verdict": "justified", "because": "The stop is in that night's log."},
            {"verdict": "fine", "because": ""},
        ],
        "expertise/mine": [
            {"discipline": "diving", "level": "expert", "languages": "es ase", "note": "Walked."},
            {"discipline": "diving", "level": "wizard"},
            {"discipline": "dna", "level": "aware", "about": "unit", "unit": "Walkers"},
        ],
        "expertise/<uuid:expertise_id>/step": [
            {"do": "name"},
            {"do": "attest", "until": "2027-06-01", "back": "agency"},
            {"do": "attest", "until": "soon"},
            {"do": "unname"},
            {"do": "x"},
        ],
        "custody/<uuid:exhibit_id>/take/<slug:act>": [
            {"do": "prepare", "place": "Counter", "reason": SAID, "items": "1"},
            {"do": "prepare", "place": "", "reason": SAID, "items": "0"},
            {"do": "take", "place": "Counter", "reason": SAID, "items": "1"},
        ],
        "custody/alarms/<uuid:alarm_id>": [
            {"do": "explain", "reason": SAID},
            {"do": "confirm", "reason": SAID},
            {"do": "x"},
        ],
        "assistance/ask": [
            {**ASSISTANCE, "agency": "riverbend-pd"},
            {**ASSISTANCE, "agency": ""},
            {**ASSISTANCE, "agency": "riverbend-pd", "no_victim": ""},
        ],
        "assistance/<uuid:assistance_id>/step": [
            {"do": "acknowledge"},
            {"do": "remark", "remark": "Read by both."},
            {"do": "pass-on", "passed_to": "nobody", "answer": "Ask them."},
            {"do": "escalate"},
            {"do": "accept", "answer": "On Monday.", "comes": [ABSENT]},
            {"do": "accept", "answer": "On Monday."},
            {"do": "withdraw-others"},
            {"do": "x"},
        ],
        "look": [{"theme": "dark", "density": "dense", "back": "//elsewhere.example/"}],
        "agreements/simulator": [
            {"purpose": viewer.purpose, "owner": "harlan-so", "key": ["case"]},
            {"purpose": "curiosity"},
        ],
        "case": [{"accord-open": "notes", "note": "Begun before the proof."}],
        "records/<uuid:record_id>": [{"accord-open": ""}],
        "exhibits/<uuid:record_id>": [{"accord-open": "", "reference": "Begun"}],
        "case/notes": [{"note": "A second note, the same in both worlds."}, {"note": ""}],
        "case/notes/<uuid:note_id>": [{"note": "Edited", "based_on": viewer.samples["note"]}],
        "case/members": [{"member": "state-bi.v.petrov"}, {"member": "no.such.body"}],
        "case/members/release": [{"member": "state-bi.v.petrov"}],
        "case/state": [{"state": "closed"}, {"state": "open"}],
        "records/<uuid:record_id>/hold": [{"hold": "on", "reason": "A proceeding needs it kept."}],
        "records/<uuid:record_id>/recall": [{"because": "inaccurate"}, {"because": "x"}],
        "parts/<uuid:part_id>/label": [
            {
                "subject": ["suspect"],
                "sensitivity": "sensitive",
                "handling": "none",
                "basis": "statute",
                "offence": "none",
            },
            {"subject": []},
        ],
        "recalls/<uuid:notice_id>/step": [
            {"do": "answer", "outcome": "nothing-held"},
            {"do": "hold", "reason": SAID},
            {"do": "escalate"},
            {"do": "x"},
        ],
        "retention/records/<uuid:record_id>/validate": [
            {"review_on": "2027-06-01", "retain_until": "", "reason": SAID},
            {"review_on": "soon", "reason": SAID},
        ],
        "retention/records/<uuid:record_id>/last-day": [{"retain_until": "2027-09-01"}],
        "retention/records/<uuid:record_id>/propose": [
            {"reason": SAID, "seen": [viewer.samples.get("part") or ABSENT]}
        ],
        "retention/purges/<uuid:review_id>/approve": [{"seen": [ABSENT]}, {"seen": ["x"]}],
        "ledger/<uuid:entry_id>/erasure": [ERASING, ERASING | {"reference": ""}],
        "subscriptions": [
            {"kind": "name", "value": words[0], "days": "30", "reason": SAID},
            {"kind": "name", "value": "Zyxwhiddenword Hiddenname", "days": "7", "reason": SAID},
            {"kind": "plate", "value": "x", "days": "30", "reason": SAID},
            {"kind": "x", "value": "ZZA1234", "days": "30", "reason": SAID},
        ],
        "subscriptions/<uuid:subscription_id>/step": [{"do": "pause"}, {"do": "x"}],
        "records/<uuid:record_id>/export": [{"format": f} for f in ("html", "json", "pdf")],
        "obligations/<uuid:duty_id>/discharge": [{"how": h} for h in ("noted", "destroyed", "x")],
        "hits/<str:handle>/ask": [{"reason": "He was stopped with six passengers that night."}],
        "requests/<uuid:request_id>/answer": [
            {"part": ["core"], "until": "2027-06-01", "reason": "Granted for the interviews."}
        ],
        "exhibits/uploads/<uuid:upload_id>/acquire": [
            {**EXHIBIT, "reference": ""},
            {**EXHIBIT, "document": "HT-2026-014/riverbend-pd/1"},
            EXHIBIT,
        ],
        "exhibits/<uuid:record_id>/basis": [
            {"basis": "consent", "reference": "Form 12, signed"},
            {"basis": "warrant"},
            {"basis": "x"},
        ],
        "exhibits/<uuid:record_id>/derive/<slug:way>": [
            {"do": "review", **DERIVED},
            {"do": "review", **DERIVED, "description": ""},
            {"do": "derive", **DERIVED},
        ],
        "exhibits/<uuid:record_id>/reading": [{}],
        "exhibits/derivations/<uuid:derivation_id>/cancel": [{}],
        "exhibits/<uuid:record_id>/file": [{"format": f} for f in ("zip", "file", "x")],
        "exhibits/bundle": [
            {"exhibits": chosen}
            for chosen in (viewer.samples.get("exhibit") or ABSENT, ABSENT, "x")
        ],
        **_statement_forms(viewer),
        "cases/open": [
            # the number of a case of another agency that the viewer knows nothing of
            {
                "number": "HX-2026-910",
                "title": "Ours",
                "purpose": [TRAFFICKING],
                "member": ["harlan-so.c.boone"],
            },
        ],
        "agreements/drafts": [{"name": "Walked", "from": "empty"}, {"name": ""}],
        "agreements/drafts/check": [{"text": "id: x"}],
        "agreements/drafts/<uuid:draft_id>": [
            {"name": "Walked", "text": "id: y", "based_on": "1", "do": "keep"},
            {"name": "Walked", "text": "id: z", "based_on": "1", "do": "propose"},
        ],
        "agreements/drafts/<uuid:draft_id>/clause": [
            {"do": "show", "id": "1", "prose": "P", "effect": "forbid", "action": "view"},
            {"do": "insert", "id": "1", "prose": "P", "effect": "forbid", "action": "view"},
        ],
        **{
            f"agreements/<str:content_hash>{end}": [{"reason": "An audit of the system."}]
            for end in STEPS
        },
        # A token that is made is random, and so is its page; the refusals are walked.
        "account/tokens": [
            {"name": "", "hours": "1", "purposes": [viewer.purpose], "actions": ["view"]},
            {"name": "x", "hours": "13", "purposes": ["curiosity"], "actions": []},
        ],
        "clients/": [{"handle": "x", "name": "X", "owner": "x", "roles": ["x"], "days": "1"}],
        "clients/systems/<uuid:system_id>": [
            {"do": d, "name": "X", "owner": "x", "purposes": [viewer.purpose], "actions": ["view"]}
            for d in (
                "approve",
                "register",
                "end",
                "name-owner",
                "approve-owner",
                "withdraw-owner",
                "x",
            )
        ],
        "clients/<uuid:client_id>": [
            {"do": d, "days": "1", "credential": ABSENT}
            for d in ("secret", "key", "approve", "end-credential", "revoke", "x")
        ],
        "webhooks/": [
            {"url": HOOK, "topics": ["duty"], "membership": viewer.membership},
            {"url": "http://10.0.0.1/", "topics": ["duty"], "membership": viewer.membership},
        ],
        "webhooks/<uuid:webhook_id>": [
            {"do": d} for d in ("test", "pause", "secret", "resume", "x")
        ],
        "import/": [
            {
                "file": ("rows.csv", "no,name,dob\nW-1,Walk Person,1980-01-02\n"),
                "mapping_text": MAPPING,
            },
            {"file": ("rows.csv", "no,name\n"), "mapping_text": MAPPING},
            {"file": ("rows.csv", "walk_no,name\nW-3,Walk Person\n")},
            {"file": ("rows.csv", "hidden_no,name\nW-4,Walk Person\n")},
            {"file": ("rows.csv", "no,name,dob\n"), "saved": "hidden-mapping"},
        ],
        "import/<uuid:run_id>/mapping": [
            {**MAPPED, "do": "show"},
            {**MAPPED, "do": "guess"},
            {**MAPPED, "do": "save", "name": "walked"},
            {**MAPPED, "do": "save", "name": "taken-mapping"},
            {**MAPPED, "do": "show", "base": "hidden-mapping"},
            {**MAPPED, "do": "import"},
        ],
    }
    return table.get(ending, [{}])


DERIVED: dict[str, Any] = {
    "kind": "image", "description": "Walked.", "subject": ["suspect"], "sensitivity": "official",
    "handling": "none", "offence": "none",
}  # fmt: skip
EXHIBIT: dict[str, Any] = {
    "kind": "image",
    "description": "The front desk, the same in both worlds.",
    "subject": ["suspect"],
    "sensitivity": "official",
    "collected_at": "2026-09-20 15:04",
    "zone": "America/Chicago",
    "collected_by": "Caleb Boone",
    "basis": "statute",
    "reference": "State Code 46.12",
}
MAPPED = {
    "schema": "Person",
    "source_system": "walked",
    "basis": "statute",
    "c0-to": "bookingNumber",
    "c0-reference": "on",
    "c1-to": "name",
}
ASSISTANCE = {
    "discipline": "digital-forensics",
    "languages": "es",
    "urgency": "soon",
    "need": "Two locked telephones, seized under a warrant; images and a report.",
    "place": "Riverbend",
    "no_victim": "yes",
}
NEW_MEMBER: dict[str, Any] = {
    "handle": "w.walked",
    "name": "Walked Member",
    "nationality": "US",
    "title": "",
    "roles": ["analyst"],
    "clearance": "none",
    "assurance": 2,
}
ERASING = {
    "basis": "statute",
    "reference": "Records Act, s. 12",
    "reason": "The section orders it after six years.",
}
SAID = "She signed the form with the interpreter and her advocate present."
STATED = {"recipient": "riverbend-pd", "parts": ["core"], "until": "2027-01-15T00:00:00Z"}


def _statement_forms(viewer: Viewer) -> dict[str, list[dict[str, Any]]]:
    stated = {"recipient": "riverbend-pd", "part": ["core"], "until": "2027-01-15", "reason": SAID}
    return {
        "records/<uuid:record_id>/consent": [
            {**stated, "purpose": "victim-protection"},
            {**stated, "purpose": "victim-protection", "about": "case"},
            {**stated, "purpose": "curiosity"},
        ],
        "records/<uuid:record_id>/determination": [
            {**stated, "kind": "determination(necessity)"},
            {**stated, "kind": "determination(necessity)", "about": "case"},
        ],
        "emergency": [{"hours": "24", "reason": SAID}, {"hours": "99", "reason": SAID}],
        "statements/<uuid:statement_id>/sign": [{"signature": "AAAA"}],
        "statements/<uuid:statement_id>/confirm": [{"signature": "AAAA"}, {}],
        "statements/<uuid:statement_id>/review": [{"judged": "justified"}],
        "statements/<uuid:statement_id>/extend": [{"until": "2027-03-01", "reason": SAID}],
        "statements/<uuid:statement_id>/revoke": [{"because": "no-longer-needed"}],
    }


def bodies(path: str, viewer: Viewer, words: list[str]) -> list[Any]:
    """What is sent to an operation of the API that takes a body."""
    own = viewer.samples["own_record"]
    until = today() + timedelta(hours=20)
    search = [{"q": word} for word in words]
    search += [{"fields": {"name": words[0]}, "schemas": ["Person"]}, {"q": "x"}]
    record = {
        # the reference under which another agency holds something hidden
        "source_system": "test",
        "source_ref": "HIDDEN-0-victim",
        "schema": "Person",
        "label": {"subjects": ["suspect"], "basis": "statute"},
        "parts": {"core": {"status": ["open"]}, "identity": {"name": ["Walk Api"]}},
    }
    table: dict[str, list[Any]] = {
        "/search": search,
        "/records": [record, record],
        "/records/batches": [{"records": [record, record]}, {"records": []}],
        "/intake-mappings": [
            {"name": "walked-api", "text": MAPPING},
            {"name": "taken-mapping", "text": MAPPING},
            {"name": "walked-api", "text": "schema: x"},
        ],
        "/previews": [{"mapping": MAPPING}, {"mapping": "x"}],
        "/mapping": [{"mapping": "schema: x"}],
        "/cases": [
            {"number": "HX-2026-910", "title": "T", "purposes": [TRAFFICKING], "members": []},
            {"number": "HX-2026-902", "title": "T", "purposes": [TRAFFICKING], "members": []},
        ],
        "/agreements/simulations": [
            {"record": viewer.samples["own_record"]},
            {"record": "HIDDEN-0-victim"},
            {"part": {"owner": "harlan-so"}, "keys": ["case"], "case": viewer.case},
        ],
        "/members": [{"membership": "state-bi.v.petrov"}, NEW_MEMBER | {"handle": "w.by-api"}],
        "{agency_id}/changes": [
            {"kind": "competence", "offences": ["drugs"], "courts": ["trial"]},
            {"kind": "territory", "territory": [{"scheme": "x", "code": "1", "name": "X"}]},
        ],
        "/changes": [{"kind": "assurance", "to": 3}, {"kind": "role", "add": ["x"]}],
        "/notes": [{"text": "By the API."}],
        "/export": [{"format": "json"}, {"format": "html"}],
        "/exhibits": [
            EXHIBIT | {"upload": viewer.samples.get("upload by api") or ABSENT},
            EXHIBIT | {"upload": ABSENT},
        ],
        "/derivations": [
            {"way": "copy", "description": "Walked."},
            {"way": "redaction", "description": "Walked.", "areas": []},
        ],
        "/basis": [{"basis": "consent", "reference": "Form 12"}, {"basis": "warrant"}],
        "/file": [{"format": "file"}, {"format": "zip"}, {"format": "x"}],
        "/bundle": [{}, {"exhibits": [viewer.samples.get("exhibit") or ABSENT]}, {"exhibits": []}],
        "/systems": [
            {"handle": "walked", "name": "Walked", "owner": viewer.membership, "roles": ["analyst"]}
        ],
        "/clients": [{"name": "X", "purposes": [viewer.purpose], "actions": ["view"]}],
        "/owner": [{"owner": viewer.membership}],
        "/owner/approval": [{"owner": viewer.membership}],
        "/secrets": [{"days": 1}],
        "/keys": [{"key": "{}", "days": 1}],
        "/webhooks": [{"url": HOOK, "topics": ["duty"]}, {"url": "ftp://x", "topics": ["duty"]}],
        "/expertise": [
            {"discipline": "negotiation", "level": "expert", "languages": ["es"]},
            {"discipline": "sorcery", "level": "expert"},
        ],
        "/attestation": [{"until": "2027-06-01T00:00:00Z"}],
        "/naming": [{"named": True}],
        "/steps": [
            {"act": "seal", "place": "Counter", "reason": SAID, "items": 1, "seal": "S-1"},
            {"act": "decline", "place": "Counter", "reason": SAID, "items": 1},
        ],
        "/explanation": [{"reason": SAID}, {"reason": " "}],
        "/resolution": [{"reason": SAID}],
        "/assistance": [
            {**ASSISTANCE, "languages": ["es"], "agency": "riverbend-pd", "no_victim": True},
            {**ASSISTANCE, "languages": [], "agency": "nobody", "no_victim": True},
        ],
        "/acceptance": [{"text": "On Monday.", "comes": [ABSENT]}],
        "/refusal": [{"text": "The laboratory is full."}],
        "/passing-on": [{"text": "Ask them.", "to": "nobody"}],
        "/remarks": [{"text": "Read by both."}],
        "/discharge": [{"how": "noted"}, {"how": "destroyed"}],
        "/requests": [{"reason": "He was stopped with six passengers that night."}],
        "/consents": [
            {**STATED, "purpose": "victim-protection", "reason": SAID, "record": own},
            {**STATED, "purpose": "victim-protection", "reason": SAID},
        ],
        "/determinations": [
            {**STATED, "kind": "determination(necessity)", "reason": SAID, "record": own},
            {**STATED, "kind": "determination(necessity)", "reason": SAID},
        ],
        "/emergencies": [
            {"until": "2099-01-01T00:00:00Z", "reason": SAID},
            {"until": until.isoformat(), "reason": SAID},
        ],
        "/signature": [{"signature": "AAAA"}, {"signature": None}],
        "/confirmation": [{"signature": None}],
        "/revocation": [{"because": "no-longer-needed"}],
        "/review": [{"judged": "too-wide"}],
        "/extension": [{"until": "2027-03-01T00:00:00Z", "reason": SAID}],
        "/validation": [{"review_on": "2027-06-01", "retain_until": None, "reason": SAID}],
        "/erasure-proposals": [ERASING, ERASING | {"basis": "x"}],
        "/purge-proposals": [{"reason": SAID, "seen": [viewer.samples.get("part") or ABSENT]}],
        "/approval": [{"seen": [ABSENT]}],
        "/legal-hold": [{"on": True, "reason": SAID}],
        "/last-day": [{"retain_until": "2027-09-01"}],
        "/label": [{"label": {"owner": "x"}}],
        "/recall": [{"because": "inaccurate"}],
        "/receipt": [{"outcome": "nothing-held"}],
        "/held": [{"reason": SAID}],
        "/subscriptions": [
            {"kind": "name", "value": w, "until": until.isoformat(), "reason": SAID} for w in words
        ],
        "/step": [{"do": "pause"}],
        "/answer": [{"granted": ["core"], "until": "2027-06-01T00:00:00Z", "text": "Granted so."}],
        "/agreements": [{"text": "id: nonsense", "file": "nonsense.yaml"}],
        "/signatures": [{"signature": "AAAA"}],
        **{end: [{"reason": "An audit of the system."}] for end in STEPS[-4:]},
        "/agreement-drafts": [{"name": "Walked", "text": "id: x"}],
        "/agreement-checks": [{"text": "id: x"}],
        "/revisions": [{"name": "Walked", "text": "id: x", "based_on": 1}],
        "/searches": [{"name": "Again", "q": words[0]}, {"name": "x", "q": "x*"}],
        "/seen": [{"shown": [viewer.samples["record"]]}],
        "/name": [{"name": "Another"}],
        "/verdict": [{"verdict": "justified", "because": "The stop is in that night's log."}],
        "/discarding": [{"based_on": 99}],
        "/proposal": [{"based_on": 1}, {"based_on": 99}],
    }
    if path.endswith("{number}/records"):
        return [{"record": viewer.samples["own_record"]}, {"record": ABSENT}]
    return next((b for end, b in table.items() if path.endswith(end)), [{}])


def api_values(path: str, viewer: Viewer) -> dict[str, str]:
    samples = viewer.samples
    values = page_values(path, samples) | {
        "agency_id": (path.endswith("/changes") and samples.get("own agency")) or "riverbend-pd",
        "number": viewer.case,
        "membership": "state-bi.v.petrov",
        "record": samples["own_record"],
        "note": samples["note"],
    }
    if "/cases/" not in path and "{membership}" in path:
        values["membership"] = samples.get("administered") or "harlan-so.w.fourth"
    if "quarantine/" in path:
        values["entry_id"] = samples.get("quarantined") or ABSENT
    return values


# -- walking ---------------------------------------------------------------------------------------


DEEP = os.environ.get("ACCORD_DEEP") == "1"
"""Every viewer tries every shut door; else half of them at each address, the others at the next."""


def tries(viewer: Viewer, route: str, *, every: bool) -> bool:
    """Whether a viewer tries what is absent, hidden or of another case at this address."""
    number = [v.membership for v in viewers()].index(viewer.membership)
    return every or (zlib.crc32(route.encode()) + number) % 2 == 0


def page_steps(viewer: Viewer, hidden: Hidden, *, every: bool = DEEP) -> Iterator[Step]:
    """Every page: as it is, with absent ids, with hidden ids; by GET and by POST."""
    where = {"purpose": viewer.purpose, "basis": "statute", "case": viewer.case}
    for route in pages():
        if route == "sign-out":
            continue  # the last step of all
        own = where | page_values(route, viewer.samples)
        for values in _variants(own, route, hidden, viewer, every=every):
            path = filled(route, values)
            if path is None:
                continue
            sent, inside = forms(route, viewer, hidden.words), values["case"] == viewer.case
            yield Step(route, "GET", path)
            if inside:
                yield from _queries(route, path, hidden)
            # A case of others is refused at the door that all pages share, whatever is sent.
            for form in sent if inside else sent[:1]:
                yield Step(route, "POST", path, form=tuple(form.items()))
    for purpose in ("general-policing", "oversight", "training"):
        for end in ("search", "records/"):
            yield Step(
                f"w/<str:purpose>/<str:basis>/<str:case>/{end}",
                "GET",
                f"/w/{purpose}/statute/-/{end}",
            )
    for sent in ({"q": "Danylchuk", "reason": "stop"}, {"q": "Danylchuk", "why": "no"}):
        yield Step(
            "w/<str:purpose>/<str:basis>/<str:case>/search",
            "POST",
            "/w/general-policing/statute/-/search",
            form=tuple(sent.items()),
        )
    yield Step("sign-out", "POST", "/sign-out", form=())


def _variants(
    own: dict[str, str], route: str, hidden: Hidden, viewer: Viewer, *, every: bool
) -> Iterator[dict[str, str]]:
    yield own
    if not tries(viewer, route, every=every):
        return
    for thing in (absent_things(), hidden_things(route, hidden, viewer)):
        other = swapped(own, {n: v for n, v in thing.items() if n != "case"})
        if other != own and any(f":{n}>" in route or f"{{{n}}}" in route for n in thing):
            yield other
    if "<str:case>" in route:
        for case in ("HX-2026-901", hidden.case_number):
            yield own | {"case": case}


def _queries(route: str, path: str, hidden: Hidden) -> Iterator[Step]:
    """The same address with what can stand after the question mark."""
    asked = {
        "agencies/": ("q=99003&kind=sheriff", "offence=drugs&open=now", "kind=none"),
        "members/": ("view=waiting", "view=review", "view=over", "view=none", "q=walked"),
        "ledger/": (
            "view=owner",
            "kind=miss",
            f"record={hidden.ids['record']}",
            "before=" + ABSENT,
            "after=" + ABSENT,
            *(
                f"view=records&{of}"
                for of in (
                    f"record={hidden.ids['record']}",
                    f"record={ABSENT}",
                    f"clause={CITED}",
                    "person=riverbend-pd.m.alvarez&agency=riverbend-pd&from=2026-01-01",
                    "case=HX-2026-900",
                )
            ),
            f"clause={CITED}&from=2026-01-01&to=2030-01-01T10:00",
            f"case={hidden.case_number}",
            "from=yesterday",
        ),
        "ledger/disclosures": (
            "view=records",
            "view=records&format=csv",
            f"view=records&record={hidden.ids['record']}",
            f"view=records&clause={CITED}&from=2026-01-01",
            "view=records&to=never",
        ),
        "requests/": ("state=open", "side=sent"),
        "expertise/": (
            "discipline=digital-forensics&level=expert",
            "language=es&agency=state-bi&country=US",
            "discipline=sorcery&level=x",
        ),
        "assistance/": ("view=sent", "view=none"),
        "custody/": (
            "view=offered",
            "view=held",
            "view=had",
            "view=alarms",
            "view=alarms&all=yes",
            "view=none",
        ),
        "assistance/ask": ("discipline=dna&agency=state-bi", f"again={ABSENT}"),
        "obligations/": ("side=owed", "side=owed&state=discharged", "state=due", "state=none"),
        "exports/": ("side=owed", "side=none"),
        "retention/": ("view=proposed", "view=gone", "view=classes", "view=none"),
        "recalls/": ("side=from-us", "side=none"),
        "quick-checks/": ("view=mine",),
        "statements/": ("view=towards", "view=waiting", "view=ended", "view=none"),
    }
    ends = asked.get(route, ())
    if route.endswith("/simulator"):
        ends = (f"record={hidden.ids['record']}",)
    if route.endswith("records/"):
        ends = ("schema=Person", "schema=Vehicle", "schema=Intelligence")
    for query in ends:
        yield Step(route, "GET", f"{path}?{query}")


def skipped(route: str) -> tuple[int, ...]:
    """Which contexts need not be tried on an own desk, which reads no header: it is told one, then
    the hidden case. Impact works for seconds, so it is told one alone."""
    return (1, 2, 3) if route.endswith("/impact") else (1, 3)


def api_steps(viewer: Viewer, hidden: Hidden, *, every: bool = DEEP) -> Iterator[Step]:
    """Every operation of the document, in the viewer's context and in that of the office."""
    contexts = (
        {"Accord-Purpose": viewer.purpose, "Accord-Case": viewer.case},
        {"Accord-Purpose": "records-administration"},
        {"Accord-Purpose": viewer.purpose, "Accord-Case": hidden.case_number},
        {"Accord-Purpose": viewer.purpose, "Accord-Case": "HX-2026-901"},
    )
    own_desks = api_own_desks()
    for method, route in api_operations():
        for number, context in enumerate(contexts):
            if (method, route) in own_desks and number in skipped(route):
                continue
            if number > 1 and not tries(viewer, route, every=every):
                continue
            variants = _variants(api_values(route, viewer), route, hidden, viewer, every=every)
            for values in variants if number == 0 else [api_values(route, viewer)]:
                path = filled(route, values)
                if path is None:
                    continue
                for body in bodies(route, viewer, hidden.words) if method == "POST" else [None]:
                    yield _api_step(method, route, path, context, body)
                if method == "GET" and "{" not in route and number < 2:
                    yield _api_step(method, route, f"{path}?limit=2", context, None)
            if method != "GET" and number == (1 if "{" in route else 0):
                break


def _api_step(method: str, route: str, path: str, context: dict[str, str], body: Any) -> Step:
    return Step(
        f"{method} {route}",
        method,
        path,
        json=None if body is None else json.dumps(body),
        headers=tuple(context.items()),
    )


def walk(database: str, viewer: Viewer, steps: list[Step], at: datetime) -> list[Answer]:
    """Take every step in one of the worlds, with the clock standing and ids repeatable.

    The database's clock is set back to that moment now and then: what is written is refused where it
    is dated minutes from it. Nothing is written down: what the logs say has tests of its own
    (test_logs_say_nobody.py), and a test that fails would show each line of thousands of steps.
    """
    point_at(database)
    browser, program = Client(), Client()
    browser.cookies["accord_session"] = viewer.session
    browser.cookies["accord_csrf"] = "c" * 32
    seed = uuid.uuid5(uuid.NAMESPACE_URL, viewer.membership).int
    logging.disable(logging.CRITICAL)
    answers = []
    try:
        with (
            database_clock(database, at) as stand,
            clock.taken_from(clock.FixedClock(at)),
            ids.repeatable(seed, int(at.timestamp() * 10**9)),
        ):
            for number, step in enumerate(steps):
                if number % STAND_EVERY == 0:
                    stand()
                answers.append(_take(step, viewer, browser, program))
    finally:
        logging.disable(logging.NOTSET)
    return answers


STAND_EVERY = 100


def _take(step: Step, viewer: Viewer, browser: Client, program: Client) -> Answer:
    headers = dict(step.headers)
    with _counted() as statements:
        if step.path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {viewer.token}"
            if step.path.endswith("/intake-runs") and step.method == "POST":
                sent: dict[str, Any] = {"data": _form({"file": ("w.csv", "no,name,dob\n")})}
            else:
                sent = {} if step.json is None else {"data": step.json}
                sent |= {"content_type": "application/json"} if sent else {}
            response = getattr(program, step.method.lower())(step.path, headers=headers, **sent)
        elif step.method == "POST":
            response = browser.post(step.path, _form(dict(step.form or ())), headers=headers)
        else:
            response = browser.get(step.path, headers=headers)
        body = response.getvalue()
    cookies = tuple(
        _cookie(name, morsel.OutputString()) for name, morsel in sorted(response.cookies.items())
    )
    return Answer(
        response.status_code,
        tuple(sorted((k, v) for k, v in response.headers.items() if k not in HEADERS)),
        cookies,
        normalised(step.path, body),
        len(statements),
    )


def _cookie(name: str, text: str) -> str:
    """A cookie without the moment of its end, which is the machine's; its age stays."""
    text = re.sub(r" expires=[^;]*;", "", text)
    return re.sub(r"=[^;]*;", "=;", text, count=1) if name == "accord_csrf" else text


def _form(form: dict[str, Any]) -> dict[str, Any]:
    """The form with its files made anew: a file is read once."""
    return {
        name: SimpleUploadedFile(value[0], value[1].encode()) if name == "file" else value
        for name, value in form.items()
    }


@contextmanager
def _counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def count(execute: Any, query: Any, params: Any, many: Any, context: Any) -> Any:
        statements.append(str(query))
        return execute(query, params, many, context)

    with connection.execute_wrapper(count):
        yield statements


def today() -> datetime:
    """The moment at which both walks happen."""
    return datetime.now(UTC)
