"""Gives a world's consents and determinations, each as the member who states it would."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from accord.agencies import queries as members
from accord.agreements.context import resolve
from accord.agreements.scope import Scope, open_scope
from accord.agreements.statements import queries
from accord.agreements.statements.domain import EMERGENCY
from accord.cli.world.read import Stated, World
from accord.kernel import ids
from accord.kernel.clock import now
from accord.records.actions import statements as actions

BASIS, OFFICE = "statute", "records-administration"


def put_statements(world: World) -> None:
    """Give every statement of the world; one that was given before stays as it is."""
    for stated in world.statements:
        actor = members.actor(stated.by)
        with open_scope(actor, resolve(actor, stated.asking_for, BASIS, stated.case)) as scope:
            made = None if _given(scope, world, stated) else _give(scope, world, stated)
        if made is not None and stated.confirmed_by is not None:
            second = members.actor(stated.confirmed_by)
            with open_scope(second, resolve(second, OFFICE, BASIS, None)) as scope:
                actions.confirm(scope, made)


def _record(world: World, scope: Scope, stated: Stated) -> UUID | None:
    if stated.record is None:
        return None
    return ids.world_uuid(world.seed, scope.actor.agency, stated.record)


def _given(scope: Scope, world: World, stated: Stated) -> bool:
    about = (stated.by, stated.kind, _record(world, scope, stated), stated.recipient)
    return any(
        (s.by, s.kind, s.record, stated.recipient and s.recipient) == about
        for s in (held.statement for held in queries.held(now()))
    )


def _give(scope: Scope, world: World, stated: Stated) -> UUID:
    until = now() + timedelta(hours=stated.hours) - timedelta(seconds=1)
    if stated.kind == EMERGENCY:
        return actions.declare(scope, until=until, reason=stated.reason)
    draft = actions.Draft(
        kind=stated.kind,
        recipient=stated.recipient or "",
        purpose=stated.purpose,
        record=_record(world, scope, stated),
        parts=stated.parts,
        until=until,
        reason=stated.reason,
    )
    return actions.give(scope, draft)
