"""How another agency comes to a node that stands: by a link of its operator (docs/decisions/0031)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accord.agencies.actions import OPERATOR, noted_by_operator
from accord.agencies.queries import agency_names, digest
from accord.identity.actions.newagency import SLUG, Invited, ask_for, read_agency
from accord.identity.actions.setup import LINK_LIFE
from accord.identity.models import AgencyInvitation
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as its operator reads it."""

    agency: str
    light: bool
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    voided_at: datetime | None

    @property
    def state(self) -> str:
        """`joined`, `withdrawn`, `over` or `open`."""
        if self.used_at is not None:
            return "joined"
        if self.voided_at is not None:
            return "withdrawn"
        return "over" if self.expires_at <= now() else "open"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the holder of a link is invited as."""

    agency: str
    light: bool


@transaction.atomic(using=OPERATOR)
def invite(agency_id: str, *, light: bool) -> str:
    """Return the path of a link by which this agency joins; the operator's. An earlier one is void.

    Raises InvalidInput for a short name that is none, Conflict where the agency is here already or the
    node is not set up.
    """
    if not SLUG.fullmatch(agency_id):
        rule = "must be small letters, digits and hyphens, 2 to 40"
        raise InvalidInput("invitation", None, "agency", rule)
    known = agency_names()
    if not known:
        raise Conflict("This node has no agency yet: `accord serve` prints the link of its set-up.")
    if agency_id in known:
        raise Conflict(f"{agency_id} is an agency of this node already.")
    _void(agency_id)
    token, at = secrets.token_urlsafe(32), now()
    AgencyInvitation.objects.using(OPERATOR).create(
        id=ids.uuid7(), agency_id=agency_id, light=light, token_hash=digest(token),
        created_at=at, expires_at=at + LINK_LIFE,
    )  # fmt: skip
    kept = "light" if light else "full"
    noted_by_operator(agency_id, "invited the agency", agency_id, membership=kept)
    return f"/join/{token}"


@transaction.atomic(using=OPERATOR)
def withdraw(agency_id: str) -> None:
    """Take an open invitation back; the operator's. Raises NotFound where there is none."""
    if not _void(agency_id):
        raise NotFound(f"No invitation of {agency_id} is open.")
    noted_by_operator(agency_id, "withdrew the invitation", agency_id)


def made() -> tuple[Invitation, ...]:
    """Every invitation of this node, the latest first; the operator's."""
    rows = AgencyInvitation.objects.using(OPERATOR).order_by("-created_at", "-id")
    return tuple(
        Invitation(r.agency_id, r.light, r.created_at, r.expires_at, r.used_at, r.voided_at)
        for r in rows
    )


def _void(agency_id: str) -> int:
    open_ones = AgencyInvitation.objects.using(OPERATOR).filter(
        agency_id=agency_id, used_at=None, voided_at=None
    )
    return open_ones.update(voided_at=now())


# -- whoever holds the link ------------------------------------------------------------------------


def welcome(token: str) -> Welcome:
    """What this link invites to; raises NotFound for one that is used, withdrawn, over or none."""
    with connection.cursor() as cursor:
        cursor.execute("select agency_id, light from accord.invited(%s)", [digest(token)])
        found = cursor.fetchone()
    if found is None:
        raise NotFound()
    return Welcome(*found)


def bring_in(token: str, said: Mapping[str, str]) -> tuple[Invited, ...]:
    """Bring the invited agency in, with its key and two administrators; returns the links of both.

    Raises InvalidInput with every fault of the form, NotFound for a link that is not in force.
    """
    invited = welcome(token)
    wanted = read_agency({**said, "id": invited.agency})
    ask_for(wanted, "select accord.join_node(%s, %s, %s::jsonb)", token)
    return wanted.invited
