"""What the operator does where no two administrators can: let a person enrol anew.

It runs as the migrate role and stands in the ledger with their reason, for the agencies' oversight.
"""

from __future__ import annotations

from django.db import transaction

from accord.agencies import actions as agencies
from accord.agencies import queries
from accord.agencies.actions import OPERATOR, noted_by_operator, reason_of
from accord.agencies.models import SigninLink
from accord.identity.domain import Why
from accord.identity.models import CodeDevice, Passkey, RecoveryCode, SignInRow
from accord.identity.tokens.queries import is_system
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed

_as_operator = transaction.atomic(using=OPERATOR)


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
