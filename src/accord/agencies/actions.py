"""Write agencies, members, one-time links and tokens.

All but spending a link is the node operator's work and runs as the migrate role: the application's
own role can read the directory and cannot change it.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from accord.agencies.domain import Actor
from accord.agencies.models import (
    Agency,
    AgencyKey,
    ApiToken,
    Certificate,
    Member,
    Membership,
    SigninLink,
)
from accord.agencies.queries import KEYS, actor, digest
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.ledger import actions as ledger
from accord.ledger.domain import OPERATOR as BY_OPERATOR
from accord.ledger.domain import Entry, Kind
from accord.platform.db.locks import alone
from accord.platform.db.moments import no_earlier

SIGNIN_LINK_LIFE = timedelta(hours=12)
API_TOKEN_LIFE = timedelta(hours=12)
LONGEST_REASON = 200
OPERATOR = "migrate"
_as_operator = transaction.atomic(using=OPERATOR)


@_as_operator
def put_agency(facts: Mapping[str, Any], public_key: bytes) -> None:
    """Add or correct one agency's directory entry; `facts` as in a world's agencies file.

    The key is that of an agency that has none yet; later ones follow it (accord.agencies.keys).
    """
    Agency.objects.using(OPERATOR).update_or_create(
        id=facts["id"],
        defaults={
            **{k: facts[k] for k in ("name", "kind", "country", "ori", "zone", "duty_desk")},
            **{k: facts.get(k) or {} for k in ("territory", "competence")},
            "light": facts.get("membership") == "light",
        },
    )
    if not AgencyKey.objects.using(OPERATOR).filter(agency_id=facts["id"]).exists():
        AgencyKey.objects.using(OPERATOR).create(
            id=ids.uuid7(), agency_id=facts["id"], public_key=public_key
        )


@_as_operator
def bring_key(agency_id: str, public_key: bytes, reason: str) -> None:
    """Give an agency that has no key in force another one, which nobody can sign for.

    The operator's, after the agency said it in person: a revoked or lost key signs no successor. It
    stands in the ledger with its reason, for the agency's oversight. Raises InvalidInput without a
    reason of one line, NotFound for an unknown agency, Conflict where a key is in force or the key is
    known already.
    """
    why = reason_of(reason, "key", "say why no key signs this one, and who said so")
    alone(f"{KEYS} {agency_id}", using=OPERATOR)
    keys = AgencyKey.objects.using(OPERATOR)
    if not Agency.objects.using(OPERATOR).filter(id=agency_id).exists():
        raise NotFound(f"No agency {agency_id} is known on this node.")
    if keys.filter(public_key=public_key).exists():
        raise Conflict("This key is known on this node already; every key is new.")
    if keys.filter(agency_id=agency_id, retired_at=None, revoked_at=None).exists():
        raise Conflict(
            "A key of this agency is in force: it signs its successor, or is revoked first."
        )
    at = no_earlier(using=OPERATOR)
    keys.create(
        id=ids.uuid7(), agency_id=agency_id, public_key=public_key, valid_from=at, reason=why
    )
    noted_by_operator(agency_id, "brought a key", agency_id, key=public_key.hex(), reason=why)


@_as_operator
def suspend_agency(agency_id: str, reason: str) -> None:
    """End what an agency's members and systems may do here, from the next request on.

    Its records, agreements and keys stay as they are. Raises InvalidInput without a reason of one line,
    NotFound for an unknown agency, Conflict for one that is suspended.
    """
    why = reason_of(reason, "agency", "say why it is suspended, and who decided it")
    _move(agency_id, suspended=True)
    noted_by_operator(agency_id, "suspended the agency", agency_id, reason=why)


@_as_operator
def resume_agency(agency_id: str, reason: str) -> None:
    """Take a suspension back; raises as suspending does, Conflict for one that is not suspended."""
    why = reason_of(reason, "agency", "say why it is resumed, and who decided it")
    _move(agency_id, suspended=False)
    noted_by_operator(agency_id, "resumed the agency", agency_id, reason=why)


def _move(agency_id: str, *, suspended: bool) -> None:
    rows = Agency.objects.using(OPERATOR).filter(id=agency_id)
    if not rows.exists():
        raise NotFound(f"No agency {agency_id} is known on this node.")
    if not rows.filter(suspended_at__isnull=suspended).update(
        suspended_at=now() if suspended else None
    ):
        raise Conflict(f"{agency_id} is {'suspended already' if suspended else 'not suspended'}.")


def reason_of(reason: str, file: str, rule: str) -> str:
    """A reason of the operator's as one line, for the ledger; raises InvalidInput without one."""
    why = " ".join(reason.split())
    if not 1 <= len(why) <= LONGEST_REASON or not why.isprintable():
        raise InvalidInput(file, None, "reason", f"{rule}, in 1 to {LONGEST_REASON} characters")
    return why


def noted_by_operator(agency_id: str, step: str, about: str, **detail: Any) -> None:
    """Write what the operator did into the ledger of an agency, for its oversight."""
    entry = Entry(
        kind=Kind.MEMBERSHIP,
        at=no_earlier(using=OPERATOR),
        actor=BY_OPERATOR,
        agency=agency_id,
        detail={"step": step, "about": about, **detail},
    )
    ledger.append_by_operator(entry, using=OPERATOR)


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
                "ends": held.get("ends", {}),
                "valid_from": held["valid_from"],
                "valid_until": held.get("valid_until"),
            },
        )
    for held in facts.get("certificates", ()):
        Certificate.objects.using(OPERATOR).update_or_create(
            member_id=facts["id"],
            training=held["training"],
            issued_on=held["issued_on"],
            attested_by_id=held["attested_by"],
            defaults={"valid_until": held["valid_until"]},
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
def use_signin_link(token: str, code: str = "") -> str:
    """Spend a one-time link and return its membership; raises NotFound when spent, old or unknown.

    Raises InvalidInput where it asks for a code beside it and this is not the one.
    """
    membership_id = whose_link(token, code).membership
    spent = SigninLink.objects.filter(
        token_hash=digest(token), used_at=None, expires_at__gt=now()
    ).update(used_at=now())
    if not spent:
        raise _no_link()
    return membership_id


def whose_link(token: str, code: str) -> Actor:
    """Return whom a link with its code opens, without spending it; raises as spending it does."""
    found = _link(token)
    if found.change_id is not None and not _is_code(found, code):
        raise InvalidInput(
            "link", None, "code", phrase("is not the code that belongs to this link now")
        )
    return actor(found.membership_id)


def link_asks(token: str) -> tuple[Actor, bool]:
    """Return whom a link is for, and whether it asks for a code; raises NotFound as spending it does."""
    found = _link(token)
    return actor(found.membership_id), found.change_id is not None


def _link(token: str) -> SigninLink:
    found = SigninLink.objects.filter(
        token_hash=digest(token), used_at=None, expires_at__gt=now()
    ).first()
    if found is None:
        raise _no_link()
    return found


def _no_link() -> NotFound:
    return NotFound("This sign-in link was used already, has expired, or never existed.")


def _is_code(link: SigninLink, code: str) -> bool:
    held = link.code_hash
    return held is not None and secrets.compare_digest(bytes(held), code_digest(code))


def new_code() -> str:
    """A code of 80 random bits to be read out: four groups of four letters and digits."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode()
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def code_digest(code: str) -> bytes:
    """All that is kept of a code; how it is written, in small letters or with blanks, is no matter."""
    return digest("".join(c for c in code.upper() if c.isalnum()))


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
