"""Puts a world's agencies, members, agreements and cases on a node, each as its own people would.

Every step may be taken again: what is there already stays as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from accord.agencies import actions as agencies
from accord.agencies import queries as members
from accord.agencies.demokeys import signing_key
from accord.agencies.domain import Actor
from accord.agreements import actions as agreements
from accord.agreements import queries
from accord.agreements.context import resolve
from accord.agreements.life import State, Step, step_payload
from accord.agreements.scope import Scope, open_scope
from accord.cases import actions as cases
from accord.cases.domain import CaseFacts, CaseState
from accord.cases.queries import case as find_case
from accord.cli.world.read import AgreementFile, Case, Membership, World
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

SERVING_FOR = dt.timedelta(days=365)
OFFICE = "case-administration"


def put_agencies(world: World, data_dir: Path) -> None:
    """The directory of agencies, with their public keys."""
    for agency in world.agencies:
        public = signing_key(data_dir, agency.id).public_key().public_bytes_raw()
        agencies.put_agency(asdict(agency), public)


def put_members(world: World) -> None:
    """The people, each with their memberships and certificates."""
    for person in dict.fromkeys(m.person for m in world.members):
        agencies.put_member(_facts(world, [m for m in world.members if m.person == person]))


def _facts(world: World, hats: list[Membership]) -> dict[str, Any]:
    since = world.as_of - SERVING_FOR
    certificates = {(c.course, c.issued, hat.agency): c for hat in hats for c in hat.training}
    return {
        "id": hats[0].person,
        "name": hats[0].name,
        "nationality": hats[0].nationality,
        "persona": next((h.persona for h in hats if h.persona), ""),
        "memberships": [
            {
                "id": hat.id,
                "agency": hat.agency,
                "title": hat.title,
                "roles": list(hat.roles),
                "clearance": hat.clearance,
                "assurance": hat.assurance,
                "valid_from": since,
                "valid_until": None,
            }
            for hat in hats
        ],
        "certificates": [
            {
                "training": course,
                "issued_on": issued,
                "valid_until": held.until,
                "attested_by": agency,
            }
            for (course, issued, agency), held in certificates.items()
        ],
    }


def officer(world: World, agency: str) -> Actor:
    """Who signs for an agency: its first supervisor."""
    for member in world.members:
        if member.agency == agency and "supervisor" in member.roles:
            return members.actor(member.id)
    raise NotFound(f"{agency} has no supervisor in this world, so nobody can sign for it.")


def put_agreements(world: World, data_dir: Path) -> None:
    """Agreements proposed, signed by every party and in force; amendments proposed only."""
    for file in world.agreements:
        _put_signed(world, data_dir, file)
    waiting = {v.content_hash for v in queries.versions() if v.state is State.SIGNED}
    ours = [f for f in world.agreements if f.agreement.content_hash in waiting]
    for file in ours:
        _put_in_force(world, data_dir, file, {f.agreement.content_hash for f in ours})
    for file in world.amendments:
        _propose(world, file)


def _put_signed(world: World, data_dir: Path, file: AgreementFile) -> None:
    version = queries.version(_propose(world, file))
    if version.state is not State.PROPOSED:
        return  # signed already, or ended since: what came later stands
    for party in sorted(version.life.parties - version.life.signed_by):
        signature = signing_key(data_dir, party).sign(file.agreement.canonical())
        with _office(officer(world, party)) as scope:
            agreements.sign(scope, version.content_hash, signature)


def _put_in_force(
    world: World, data_dir: Path, file: AgreementFile, together: Collection[str]
) -> None:
    """Put one agreement of a world in force; all of them are proven as the one set they become."""
    content_hash, first, at = file.agreement.content_hash, _first_officer(world, file), now()
    payload = step_payload(content_hash, Step.ACTIVATE, at, "")
    signature = signing_key(data_dir, first.agency).sign(payload)
    with _office(first) as scope:
        agreements.activate(scope, content_hash, at=at, signature=signature, together=together)


def _propose(world: World, file: AgreementFile) -> str:
    content_hash = file.agreement.content_hash
    if content_hash not in {version.content_hash for version in queries.versions()}:
        with _office(_first_officer(world, file)) as scope:
            agreements.propose(scope, file.text, file.path.name)
    return content_hash


def _first_officer(world: World, file: AgreementFile) -> Actor:
    return officer(world, min(file.agreement.parties))


def _office(actor: Actor) -> AbstractContextManager[Scope]:
    """A scope of the actor's own office, without a case."""
    return open_scope(actor, resolve(actor, OFFICE, "statute", None))


def put_cases(world: World) -> Iterator[tuple[Case, CaseFacts]]:
    """The cases, opened by the supervisors named in the world."""
    for case in world.cases:
        actor = members.actor(case.opened_by)
        with _office(actor) as scope:
            facts = _found(case.number)
            if facts is None:
                facts = cases.open_case(
                    scope,
                    number=case.number,
                    title=case.title,
                    purposes=case.purposes,
                    members=case.members,
                )
        yield case, facts


def _found(number: str) -> CaseFacts | None:
    try:
        return find_case(number)
    except NotFound:
        return None


def close_cases(world: World) -> None:
    """Close what the world says is closed; done last, since nothing is placed in a closed case."""
    for case in world.cases:
        actor = members.actor(case.opened_by)
        with _office(actor) as scope:
            facts = find_case(case.number)
            if case.state == "closed" and facts.state is CaseState.OPEN:
                cases.set_state(scope, facts, CaseState.CLOSED)
