"""Propose changes of an agency's entry, put them in force, take them back; inside the caller's scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accord.agencies.about import policy, queries
from accord.agencies.about.domain import PARTS, AboutKind
from accord.agencies.directory.domain import ChangeState, Via
from accord.agencies.directory.policy import check_waits, not_taken
from accord.agencies.directory.queries import person_of
from accord.agencies.domain import Actor
from accord.agencies.models import AgencyChange
from accord.agencies.queries import key_ring
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict
from accord.kernel.phrases import phrase
from accord.platform.db.deciding import decided


def propose(actor: Actor, kind: AboutKind, facts: Mapping[str, Any], via: Via) -> UUID:
    """Propose another text for one part of the own agency's entry; raises with the rule.

    What is there already, and what waits already, is no change. A key that is revoked from now on is
    revoked at once.
    """
    policy.check_administers(actor)
    _check_key(actor.agency, kind, facts)
    if kind in PARTS and _same(facts, queries.now_says(actor.agency, kind)):
        raise Conflict(phrase("The directory says this already."))
    if any(c.kind is kind and _same(facts, c.facts) for c in queries.changes(waiting=True)):
        raise Conflict(phrase("The same is proposed already."))
    made = ids.uuid7()
    AgencyChange.objects.create(
        id=made,
        agency_id=actor.agency,
        kind=kind,
        facts=dict(facts),
        state=ChangeState.PROPOSED,
        proposed_by=actor.membership,
        proposed_at=now(),
        via=via,
    )
    if policy.is_alone(kind, facts):
        decided("select accord.apply_agency_change(%s)", [made], not_taken())
    return made


def _check_key(agency: str, kind: AboutKind, facts: Mapping[str, Any]) -> None:
    """What is said of a signing key, against the keys as they stand now."""
    if kind is AboutKind.KEY:
        ring = key_ring()
        known = any(k.public.hex() == facts["key"] for k in ring.keys)
        policy.check_successor(agency, ring.key(agency, now()), facts, known)
    elif kind is AboutKind.REVOKE:
        policy.check_revocable(key_ring().of(agency), facts)


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """What is empty and what is not there say the same."""
    said = [{name: value for name, value in given.items() if value} for given in (one, other)]
    return said[0] == said[1]


def approve(actor: Actor, change_id: UUID) -> None:
    """Put in force, as the second person, what another proposed; raises with the rule."""
    change = queries.change(change_id)
    policy.check_second(actor, change, person_of(change.by))
    check_waits(change)
    _check_key(actor.agency, change.kind, change.facts)
    decided("select accord.apply_agency_change(%s)", [change_id], not_taken())


def withdraw(actor: Actor, change_id: UUID) -> None:
    """Take a proposal back; any administrator of the agency may."""
    policy.check_administers(actor)
    check_waits(queries.change(change_id))
    decided("select accord.withdraw_agency_change(%s)", [change_id], not_taken())
