"""What tests of expertise and assistance share: entries, requests, and an agency that stands apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from accord.agencies.actions import put_agency, put_member
from accord.agreements import standing as standings
from accord.assistance.actions import expertise, requests
from accord.kernel.clock import now
from isolation.contributing import acting

DESK = "case-administration"
TRAFFICKING, HT = "human-trafficking-investigation", "HT-2026-014"
PETROV, MERCER, DESAI = "state-bi.v.petrov", "state-bi.h.mercer", "state-bi.a.desai"
ALVAREZ, OKAFOR = "riverbend-pd.m.alvarez", "riverbend-pd.d.okafor"
RASMUSSEN, HADDAD = "harlan-so.e.rasmussen", "safe-harbor.y.haddad"
NEED = "Two locked telephones, seized under a warrant; images and a report for the hearing."
ALONE, LONER = "lone-pd", "lone-pd.a.one"


def alone() -> None:
    """An agency that is party to no agreement: small, with one supervisor."""
    put_agency(
        {
            "id": ALONE,
            "name": "Lone Police Department",
            "kind": "police",
            "country": "US",
            "ori": "XX0990900",
            "zone": "America/Chicago",
            "duty_desk": {
                "name": "Desk",
                "phone": "+13125550190",
                "hours": "always",
                "escalation": "the chief",
            },
        },
        b"x" * 32,
    )
    held = {
        "id": LONER, "agency": ALONE, "title": "Chief", "roles": ["supervisor", "investigator"],
        "clearance": "none", "assurance": 2, "valid_from": now() - timedelta(days=5),
    }  # fmt: skip
    put_member({"id": LONER, "name": "Ana Lone", "nationality": "US", "memberships": [held]})


def offer(by: str, discipline: str, *, attested: str | None = None, **more: Any) -> UUID:
    """An own entry of a member, attested for a year where somebody does."""
    with acting(by, DESK) as scope:
        made = expertise.propose(scope, expertise.Offer(discipline, "expert", **more))
    if attested is not None:
        with acting(attested, DESK) as scope:
            expertise.attest(scope, made, now() + timedelta(days=365))
    return made


def ask(agency: str = "state-bi", *, by: str = ALVAREZ, case: str | None = HT, **more: Any) -> UUID:
    """A request to one agency, in the joint case."""
    facts = {"discipline": "digital-forensics", "text": NEED, "no_victim": True} | more
    with acting(by, TRAFFICKING, case) as scope:
        return requests.ask(scope, requests.Need(agency=agency, **facts))[0]


@contextmanager
def put_back(admin: Any) -> Iterator[None]:
    """Take away at the end what a test added to the directory and to requests."""
    kept = [row["id"] for row in admin.execute("select id from expertise")]
    try:
        yield
    finally:
        admin.execute("delete from accord.clock_shift")
        for table in ("assistance_hand", "assistance_act", "assistance_origin"):
            admin.execute(f"delete from {table}")
        admin.execute("delete from assistance_request")
        for table in ("expertise_act", "expertise_holder"):
            admin.execute(f"delete from {table} where expertise_id <> all(%s)", [kept])
        admin.execute("delete from expertise where id <> all(%s)", [kept])
        admin.execute("delete from membership where agency_id = %s", [ALONE])
        admin.execute("delete from member where id = %s", [LONER])
        admin.execute("delete from agency_key where agency_id = %s", [ALONE])
        admin.execute("delete from agency where id = %s", [ALONE])
        standings.forget_cached()


@contextmanager
def suspended(admin: Any, agency: str) -> Iterator[None]:
    """An agency is suspended meanwhile."""
    admin.execute(
        "update agency set suspended_at = now() - interval '1 hour' where id = %s", [agency]
    )
    try:
        yield
    finally:
        admin.execute("update agency set suspended_at = null where id = %s", [agency])
