"""Brings a world's entries into the directory of expertise: proposed and attested by its own people."""

from __future__ import annotations

from datetime import datetime

from accord.agencies import queries as members
from accord.agreements.context import resolve
from accord.agreements.scope import Scope, open_scope
from accord.assistance.actions import expertise as actions
from accord.assistance.days import end_of_day
from accord.assistance.domain import EntryState
from accord.assistance.queries import expertise as queries
from accord.cli.world.read import Offered, World
from accord.kernel import ids

BASIS, OFFICE = "statute", "case-administration"


def put_expertise(world: World) -> None:
    """Propose and attest every entry of the world; one that is there already stays as it is."""
    for offered in world.expertise:
        number = ids.world_uuid(world.seed, offered.agency, offered.reference)
        actor = members.actor(offered.by)
        with open_scope(actor, resolve(actor, OFFICE, BASIS, None)) as scope:
            known = {e.id: e.state for e in queries.of_agency(scope)}
            if number not in known:
                actions.propose(scope, _offer(offered), entry_id=number)
        if known.get(number, EntryState.PROPOSED) is not EntryState.PROPOSED:
            continue
        second = members.actor(offered.attested_by)
        with open_scope(second, resolve(second, OFFICE, BASIS, None)) as scope:
            actions.attest(scope, number, _end(scope, offered))


def _offer(offered: Offered) -> actions.Offer:
    return actions.Offer(
        discipline=offered.discipline,
        level=offered.level,
        languages=offered.languages,
        note=offered.note,
        is_unit=offered.unit is not None,
        unit=offered.unit or "",
        named=offered.named,
    )


def _end(scope: Scope, offered: Offered) -> datetime:
    return end_of_day(offered.until, scope.actor.zone, "expertise")
