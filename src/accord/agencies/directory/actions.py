"""Propose changes of the directory, put them in force, take them back; inside the caller's scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from accord.agencies.actions import code_digest, new_code
from accord.agencies.directory import policy, queries
from accord.agencies.directory.domain import (
    ADMINISTRATOR,
    Change,
    ChangeKind,
    ChangeState,
    Outcome,
    Via,
)
from accord.agencies.directory.facts import removed_by
from accord.agencies.domain import Actor
from accord.agencies.models import DirectoryChange
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.phrases import phrase
from accord.platform.db.deciding import decided

LINK = "/sign-in/%s"


def ask(
    actor: Actor, kind: ChangeKind, membership: str, facts: Mapping[str, Any], via: Via
) -> Outcome:
    """Propose a change of an own member; one that takes away is in force at once.

    Raises NotFound for a member of another agency, NotAllowed and Conflict with the rule.
    """
    policy.check_administers(actor)
    entry = queries.member(actor.agency, membership)
    policy.check_fits(entry, kind, now())
    gives = _gives(kind, membership, facts)
    policy.check_not_about_self(actor, entry.member, gives or kind is ChangeKind.REVIEW)
    policy.check_one_agency(kind, queries.acts_elsewhere(entry.member, actor.agency))
    at = _moment(facts)
    others = queries.other_administrators(actor.agency, entry.member, at)
    policy.check_administrators_left(entry, kind, removed_by(kind, facts), others)
    if queries.waits(membership, kind, facts):
        raise Conflict(phrase("The same is proposed already."))
    made = _insert(actor, kind, entry.member, membership, facts, via)
    return Outcome(made, applied=False) if gives else _apply(made)


def propose_member(actor: Actor, facts: Mapping[str, Any], via: Via) -> Outcome:
    """Propose a new member, with the membership that the person is to have."""
    policy.check_administers(actor)
    said = dict(facts)
    membership = f"{actor.agency}.{said.pop('handle')}"
    again = said.pop("member")
    member = again or membership
    policy.check_not_about_self(actor, member, True)
    _check_free(actor.agency, membership, member, again is not None)
    if member != membership:
        _check_known(member, said)
    return Outcome(_insert(actor, ChangeKind.JOIN, member, membership, said, via), applied=False)


def _check_free(agency: str, membership: str, member: str, named: bool) -> None:
    """A name is taken while its membership is in force, or a proposal for it waits.

    One that somebody had who left is theirs for good (ASVS 5.0 V10.3.3): it is given again only where
    the proposal names that person.
    """
    waits = queries.changes(membership, waiting=True)
    if any(change.kind is ChangeKind.JOIN for change in waits):
        raise Conflict(phrase("A proposal for this name waits already."))
    if queries.other_membership(agency, member, membership):
        raise Conflict(phrase("This person has a membership of your agency under another name."))
    try:
        entry = queries.member(agency, membership)
    except NotFound:
        if member == membership and queries.is_member(member):
            raise Conflict(phrase("This name is taken.")) from None
        return
    if entry.until is None or entry.until > now() or entry.member != member or not named:
        raise Conflict(phrase("This name is taken."))


def _check_known(member: str, said: Mapping[str, Any]) -> None:
    """Whoever proposes a person of another agency knows who it is.

    INVARIANT: nobody learns here whom another agency has, what they are called, or where they are from.
    """
    name, nationality = queries.person(member) or ("", "")
    if (name.casefold(), nationality) != (said["name"].casefold(), said["nationality"]):
        rule = phrase("must be the id of a person of this node who has this name and nationality")
        raise InvalidInput("change", None, "member", rule)


def _moment(facts: Mapping[str, Any]) -> datetime:
    at = facts.get("at") or (facts.get("until") if ADMINISTRATOR in facts.get("add", ()) else None)
    return max(now(), datetime.fromisoformat(at)) if at else now()


def _gives(kind: ChangeKind, membership: str, facts: Mapping[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select accord.directory_gives(%s, %s, %s::jsonb)", [kind, membership, _json(facts)]
        )
        return bool(cursor.fetchone()[0])


def _json(facts: Mapping[str, Any]) -> Any:
    return Jsonb(dict(facts))


def _insert(
    actor: Actor, kind: ChangeKind, member: str, membership: str, facts: Mapping[str, Any], via: Via
) -> UUID:  # fmt: skip
    made = ids.uuid7()
    DirectoryChange.objects.create(
        id=made,
        agency_id=actor.agency,
        kind=kind,
        member_id=member,
        membership_id=membership,
        facts=dict(facts),
        state=ChangeState.PROPOSED,
        proposed_by=actor.membership,
        proposed_at=now(),
        via=via,
    )
    return made


def approve(actor: Actor, change_id: UUID) -> Outcome:
    """Put in force, as the second person, what another proposed; raises with the rule that refuses."""
    change = queries.change(change_id)
    policy.check_second(actor, change, queries.person_of(change.by))
    policy.check_waits(change)
    if change.kind is not ChangeKind.JOIN:
        entry = queries.member(actor.agency, change.membership)
        policy.check_fits(entry, change.kind, now())
    policy.check_one_agency(change.kind, queries.acts_elsewhere(change.member, actor.agency))
    return _apply(change_id)


def withdraw(actor: Actor, change_id: UUID) -> Change:
    """Take a proposal back; any administrator of the agency may."""
    policy.check_administers(actor)
    change = queries.change(change_id)
    policy.check_waits(change)
    meanwhile = Conflict(policy.DECIDED)  # by somebody else
    decided("select accord.withdraw_directory_change(%s)", [change_id], meanwhile)
    return queries.change(change_id)


def make_code(actor: Actor, change_id: UUID) -> str:
    """Return a new code for the link that a change brought, shown once, to who proposed the change.

    The one before it opens nothing any more. Raises NotAllowed for everybody else, Conflict where no
    link waits.
    """
    change = queries.change(change_id)
    policy.check_proposed(actor, change)
    code = new_code()
    with connection.cursor() as cursor:
        cursor.execute("select accord.put_link_code(%s, %s)", [change_id, code_digest(code)])
        if not cursor.fetchone()[0]:
            raise Conflict(phrase("No link of this change waits: it was used, or has ended."))
    return code


def _apply(change_id: UUID) -> Outcome:
    """The database decides again, by who is sealed; what it refuses is told as one sentence."""
    token = decided("select accord.apply_directory_change(%s)", [change_id], policy.not_taken())
    return Outcome(change_id, applied=True, link=LINK % token if token else None)
