"""What the operator does where no two administrators can: admit an agency, let a person enrol anew.

Both run as the migrate role and stand in the ledger with their reason, for the agencies' oversight.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from accord.agencies import actions as agencies
from accord.agencies import queries
from accord.agencies.actions import noted_by_operator, reason_of
from accord.agencies.directory.domain import ADMINISTRATOR
from accord.agencies.models import Agency, AgencyKey, Member, SigninLink
from accord.identity.actions.setup import Invited, read_begin
from accord.identity.domain import Why
from accord.identity.federation.file import mapping_of
from accord.identity.models import CodeDevice, NodeSetup, Passkey, RecoveryCode, SignInRow
from accord.identity.tokens.queries import is_system
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed

OPERATOR = "migrate"
_as_operator = transaction.atomic(using=OPERATOR)
DESK = ("name", "phone", "hours", "escalation")
PERSON = ("name", "handle", "nationality", "title")
KNOWN = {
    "id", "name", "kind", "country", "ori", "zone", "membership", "public_key", "duty_desk",
    "administrators",
}  # fmt: skip


def admit(file: Path) -> tuple[Invited, ...]:
    """Take another agency into a node that has one, with two administrators; returns their links.

    Raises InvalidInput with every fault of the file, Conflict on a node that waits for its set-up and
    for an agency, a key or a person that the node knows.
    """
    said = mapping_of(file)
    agency, key, people = read_begin(_flat(file, said), str(file))
    _put({**agency, "membership": said.get("membership")}, key, people)
    return tuple(
        Invited(p["name"], p["membership"], agencies.create_signin_link(p["membership"]))
        for p in people
    )


@_as_operator
def _put(agency: Mapping[str, Any], key: bytes, people: list[dict[str, str]]) -> None:
    _check_free(agency["id"], key, [person["member"] for person in people])
    agencies.put_agency(agency, key)
    for person in people:
        held = {
            "id": person["membership"], "agency": agency["id"], "title": person["title"],
            "roles": [ADMINISTRATOR], "clearance": queries.NO_CLEARANCE, "assurance": 3,
            "valid_from": now(),
        }  # fmt: skip
        one = {"id": person["member"], "name": person["name"], "memberships": [held]}
        agencies.put_member({**one, "nationality": person["nationality"]})
    noted_by_operator(
        agency["id"], "admitted the agency", agency["id"], key=key.hex(),
        administrators=[person["membership"] for person in people],
    )  # fmt: skip


def _flat(file: Path, said: Mapping[str, Any]) -> dict[str, str]:
    """The file's fields under the names of the set-up's form, which are read by the same rules."""
    unknown = sorted(map(str, set(said) - KNOWN))
    if unknown:
        raise InvalidInput(str(file), None, unknown[0], "is not known here")
    if said.get("membership") not in (None, "full", "light"):
        raise InvalidInput(str(file), None, "membership", "must be full or light")
    people, desk = said.get("administrators"), said.get("duty_desk")
    if not isinstance(people, list) or [type(p) for p in people] != [dict, dict]:
        raise InvalidInput(str(file), None, "administrators", "must be two people")
    if not isinstance(desk, dict):
        raise InvalidInput(str(file), None, "duty_desk", "must say name, phone, hours, escalation")
    alone = KNOWN - {"duty_desk", "administrators", "membership"}
    found = {name: said.get(name) for name in alone}
    found |= {f"desk_{name}": desk.get(name) for name in DESK}
    for number, person in enumerate(people, start=1):
        found |= {f"{name}_{number}": person.get(name) for name in PERSON}
    return {name: "" if value is None else str(value) for name, value in found.items()}


def _check_free(agency: str, key: bytes, members: list[str]) -> None:
    if NodeSetup.objects.using(OPERATOR).filter(opened_at=None).exists():
        raise Conflict(
            "This node is not set up yet: its first agency comes by the link of `accord serve`."
        )
    if Agency.objects.using(OPERATOR).filter(id=agency).exists():
        raise Conflict(f"{agency} is an agency of this node already.")
    if AgencyKey.objects.using(OPERATOR).filter(public_key=key).exists():
        raise Conflict("This key is known on this node already; every key is new.")
    if Member.objects.using(OPERATOR).filter(id__in=members).exists():
        raise Conflict("One of the two administrators is known on this node already.")


@_as_operator
def enrol_anew(membership: str, reason: str) -> str:
    """End every way in and every session of a person, and return the path of a one-time link.

    For whom no two administrators can do it: one of the last two of an agency, or somebody who acts for
    several. Each of their agencies is told. Raises NotFound for a membership that is not in force,
    NotAllowed for a program, InvalidInput without a reason of one line.
    """
    why = reason_of(reason, "member", "say why, and who said so in person")
    who = queries.actor(membership)
    if is_system(who.member):
        raise NotAllowed(
            "A program never signs in.", who_can_change="the administrators, who give it a secret"
        )
    _end_ways_in(who.member)
    for hat in queries.memberships_of(who.member):
        noted_by_operator(hat.agency, "let a member enrol anew", hat.membership, reason=why)
    return agencies.create_signin_link(membership)


def _end_ways_in(member: str) -> None:
    at = now()
    for kept in (Passkey, CodeDevice):
        kept.objects.using(OPERATOR).filter(member_id=member, revoked_at=None).update(revoked_at=at)
    codes = RecoveryCode.objects.using(OPERATOR).filter(member_id=member, used_at=None)
    codes.filter(revoked_at=None).update(revoked_at=at)
    links = SigninLink.objects.using(OPERATOR).filter(membership__member_id=member, used_at=None)
    links.update(used_at=at)
    SignInRow.objects.using(OPERATOR).filter(member_id=member, ended_at=None).update(
        ended_at=at, ended_why=Why.CREDENTIAL
    )
