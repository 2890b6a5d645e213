"""The set-up of a node for real work: one link of the operator, one agency, two administrators."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from django.db import connection, transaction

from accord.agencies.actions import OPERATOR
from accord.agencies.queries import agencies, digest, members_of
from accord.identity.actions.newagency import Invited, ask_for, read_agency
from accord.identity.models import NodeSetup, Passkey
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

LINK_LIFE = timedelta(hours=24)

_opened = False


@transaction.atomic(using=OPERATOR)
def begin() -> str | None:
    """Return the path of a new link for the set-up; None where the node has its agency already.

    The operator's; every earlier link is void.
    """
    found = NodeSetup.objects.using(OPERATOR).first()
    if (found is not None and found.agency_id is not None) or (found is None and agencies()):
        return None
    token = secrets.token_urlsafe(32)
    facts = {"token_hash": digest(token), "expires_at": now() + LINK_LIFE}
    NodeSetup.objects.using(OPERATOR).update_or_create(id=1, defaults=facts)
    return f"/set-up/{token}"


def without_passkeys() -> tuple[str, ...]:
    """The memberships of administrators whose passkey the set-up still waits for, for the operator."""
    found = NodeSetup.objects.using(OPERATOR).filter(opened_at=None).first()
    if found is None or found.agency_id is None:
        return ()
    have = set(
        Passkey.objects.using(OPERATOR).filter(revoked_at=None).values_list("member_id", flat=True)
    )
    return tuple(a.membership for a in members_of((found.agency_id,)) if a.member not in have)


def is_open() -> bool:
    """Whether the node is set up. Asked of the database until it is, and then never again."""
    global _opened
    if not _opened:
        with connection.cursor() as cursor:
            cursor.execute("select not accord.setting_up()")
            _opened = bool(cursor.fetchone()[0])
    return _opened


def open_when_ready() -> bool:
    """Open the node if both administrators hold a passkey; says whether it is open."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.open_node()")
        return bool(cursor.fetchone()[0])


def check_link(token: str) -> None:
    """Raise NotFound unless this link begins the set-up of this node now."""
    waiting = NodeSetup.objects.filter(
        token_hash=digest(token), agency_id=None, opened_at=None, expires_at__gt=now()
    )
    if not waiting.exists():
        raise NotFound()


def set_up(token: str, said: Mapping[str, str]) -> tuple[Invited, ...]:
    """Name the agency, its key and its two administrators; returns the links of both.

    Raises InvalidInput with every fault of the form, NotFound for a link that is not in force.
    """
    check_link(token)
    wanted = read_agency(said)
    ask_for(wanted, "select accord.set_up(%s, %s, %s::jsonb)", token)
    return wanted.invited
