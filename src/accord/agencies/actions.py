"""Write agencies, members, one-time links and tokens.

All but spending a link is the node operator's work and runs as the migrate role: the application's
own role can read the directory and cannot change it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from accord.agencies.models import Agency, ApiToken, Certificate, Member, Membership, SigninLink
from accord.agencies.queries import actor, digest
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

SIGNIN_LINK_LIFE = timedelta(hours=12)
API_TOKEN_LIFE = timedelta(hours=12)
OPERATOR = "migrate"
_as_operator = transaction.atomic(using=OPERATOR)


@_as_operator
def put_agency(facts: Mapping[str, Any], public_key: bytes) -> None:
    """Add or correct one agency's directory entry; `facts` as in a world's agencies file."""
    Agency.objects.using(OPERATOR).update_or_create(
        id=facts["id"],
        defaults={
            **{k: facts[k] for k in ("name", "kind", "country", "ori", "zone", "duty_desk")},
            "public_key": public_key,
        },
    )


@_as_operator
def put_member(facts: Mapping[str, Any]) -> None:
    """Add or correct one person with memberships and certificates; `facts` as in a world's file."""
    Member.objects.using(OPERATOR).update_or_create(
        id=facts["id"],
        defaults={
            "name": facts["name"],
            "nationality": facts["nationality"],
            "persona": facts.get("persona", ""),
        },
    )
    for held in facts["memberships"]:
        Membership.objects.using(OPERATOR).update_or_create(
            id=held["id"],
            defaults={
                "member_id": facts["id"],
                "agency_id": held["agency"],
                "title": held.get("title", ""),
                "roles": held["roles"],
                "clearance": held["clearance"],
                "assurance": held["assurance"],
                "valid_from": held["valid_from"],
                "valid_until": held.get("valid_until"),
            },
        )
    for held in facts.get("certificates", ()):
        Certificate.objects.using(OPERATOR).update_or_create(
            member_id=facts["id"],
            training=held["training"],
            issued_on=held["issued_on"],
            defaults={"valid_until": held["valid_until"], "attested_by_id": held["attested_by"]},
        )


@_as_operator
def create_signin_link(membership_id: str) -> str:
    """Return the path of a one-time link for this membership; raises NotFound if it is not in force."""
    actor(membership_id)
    token = secrets.token_urlsafe(32)
    SigninLink.objects.using(OPERATOR).create(
        token_hash=digest(token),
        membership_id=membership_id,
        expires_at=now() + SIGNIN_LINK_LIFE,
    )
    return f"/sign-in/{token}"


@transaction.atomic
def use_signin_link(token: str) -> str:
    """Spend a one-time link and return its membership; raises NotFound when spent, old or unknown."""
    spent = SigninLink.objects.filter(
        token_hash=digest(token), used_at=None, expires_at__gt=now()
    ).update(used_at=now())
    if not spent:
        raise NotFound("This sign-in link was used already, has expired, or never existed.")
    membership_id = SigninLink.objects.get(token_hash=digest(token)).membership_id
    actor(membership_id)
    return membership_id


@_as_operator
def create_api_token(membership_id: str) -> str:
    """Return a bearer token for this membership, shown once; raises NotFound if not in force."""
    actor(membership_id)
    token = "accord_" + secrets.token_urlsafe(32)
    ApiToken.objects.using(OPERATOR).create(
        token_hash=digest(token),
        membership_id=membership_id,
        expires_at=now() + API_TOKEN_LIFE,
    )
    return token


@_as_operator
def revoke_api_token(token: str) -> None:
    """Revoke a bearer token at once; an unknown one is no error."""
    ApiToken.objects.using(OPERATOR).filter(token_hash=digest(token), revoked_at=None).update(
        revoked_at=now()
    )
