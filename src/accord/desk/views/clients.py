"""Systems of the agency and their clients, for its system administrators."""

from __future__ import annotations

from collections.abc import Container
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render

from accord.agencies import queries as agencies
from accord.agencies.directory.domain import ADMINISTRATOR
from accord.agreements.entry import freshly_proven, own_desk
from accord.agreements.pages import done, page
from accord.desk.context import say
from accord.desk.signing_in import OFFICE
from accord.desk.views.tokens import ACTIONS, action_options, purpose_options, whole
from accord.identity.tokens import queries
from accord.identity.tokens.actions import systems
from accord.identity.tokens.domain import (
    OWNER_STEPS,
    SECRET_DAYS,
    ClientEntry,
    CredentialEntry,
    SystemEntry,
)
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.web.components import Chip, Option
from accord.web.faults import faults_of
from accord.web.filters import words

LABELS = {
    "name": phrase("Name"),
    "handle": phrase("Short name"),
    "owner": phrase("Who answers for it"),
    "roles": phrase("Roles"),
    "clearance": phrase("Clearance"),
    "days": phrase("Days"),
    "purposes": phrase("Purposes"),
    "actions": phrase("Actions"),
    "key": phrase("Public key"),
}


@own_desk(OFFICE)
def _list(request: Any) -> HttpResponseBase:
    actor = request.scope.actor
    systems.check_administers(actor)
    found = queries.systems(actor.agency)
    programs = {s.membership for s in found}
    known = Vocabulary.load(NEWEST)
    context = {
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "chosen": request.POST.getlist("roles"),
        "systems": [(one, _state(one)) for one in found],
        "agency": actor.agency,
        "people": _people(actor.agency, programs),
        "roles": [
            Option(word, words(word)) for word in known.words("role") if word != ADMINISTRATOR
        ],
        "clearances": [Option(word, words(word)) for word in known.words("clearance")],
        "zone": actor.zone,
    }
    request.scope.did("consultation", of="systems")
    return render(request, "desk/clients.html", context)


def _people(agency: str, but: Container[str]) -> list[Option]:
    """The people of an agency who can answer for a system."""
    return [
        Option(a.membership, f"{a.name}, {a.title}" if a.title else a.name)
        for a in agencies.members_of((agency,))
        if a.membership not in but
    ]


def _state(system: SystemEntry) -> Chip:
    if system.ended_at is not None or system.valid_until <= now():
        return Chip(phrase("Over"))
    if system.is_overdue(now()):
        return Chip(phrase("Not approved in seven days"))
    if system.approved_by is None:
        return Chip(phrase("Waits for another administrator"), "warn")
    if not system.answered_for:
        return Chip(phrase("Nobody answers for it"), "bad")
    if system.owner_waits(now()):
        return Chip(phrase("Another owner waits for a second administrator"), "warn")
    if any(c.waits for one in system.clients for c in one.credentials if not one.revoked_at):
        return Chip(phrase("A secret or key waits for a second administrator"), "warn")
    return Chip(phrase("At work"), "good")


@freshly_proven
@own_desk(OFFICE)
def _propose(request: Any) -> HttpResponseBase:
    said = request.POST
    asked: dict[str, Any] = {
        "handle": said.get("handle", "").strip(),
        "name": said.get("name", ""),
        "owner": said.get("owner", ""),
        "roles": said.getlist("roles"),
        "clearance": said.get("clearance", ""),
        "days": whole(said.get("days", ""), "days"),
    }
    made = systems.propose(request.scope.actor, **asked)
    request.scope.did("membership", step="asked for a system", system=str(made), **asked)
    say(request, phrase("Asked for. Another administrator has to approve it."))
    return done(f"/clients/systems/{made}")


@own_desk(OFFICE)
def _system(request: Any, system_id: UUID) -> HttpResponseBase:
    actor = request.scope.actor
    systems.check_administers(actor)
    found = queries.system(actor.agency, system_id)
    known = (
        found.owner,
        found.proposed_by,
        found.approved_by,
        found.next_owner,
        found.next_owner_by,
    )
    names = agencies.names({one for one in known if one})
    programs = {s.membership for s in queries.systems(actor.agency)}
    context = {
        "faults": faults_of(request, LABELS),
        "typed": request.POST,
        "chosen": {name: request.POST.getlist(name) for name in ("purposes", "actions")},
        "system": found,
        "state": _state(found),
        "names": names,
        "may_approve": found.approved_by is None and not found.is_overdue(now()),
        "barred": _barred_from_system(found, actor.membership),
        "at_work": found.approved_by and not found.ended_at and found.valid_until > now(),
        "people": _people(actor.agency, programs | {found.owner}),
        "owner_waits": found.owner_waits(now()),
        "barred_from_owner": _barred_from_owner(found, actor.membership),
        "purposes": purpose_options(),
        "actions": action_options(),
        "zone": actor.zone,
    }
    request.scope.did("consultation", of="a system")
    return render(request, "desk/system.html", context)


def _barred_from_system(system: SystemEntry, membership: str) -> str | None:
    """Why this member does not approve a system; the database asks it again, of the person."""
    if system.proposed_by == membership:
        return phrase("You asked for it; another administrator approves it.")
    if system.owner == membership:
        return phrase("You answer for it; another administrator approves it.")
    return None


def _barred_from_owner(system: SystemEntry, membership: str) -> str | None:
    """Why this member does not approve another owner; the database asks it again, of the person."""
    if system.next_owner_by == membership:
        return phrase("You named them; another administrator approves it.")
    if system.next_owner == membership:
        return phrase("You are named; another administrator approves it.")
    return None


@freshly_proven
@own_desk(OFFICE)
def _with_system(request: Any, system_id: UUID) -> HttpResponseBase:
    actor, said = request.scope.actor, request.POST
    match said.get("do"):
        case "approve":
            systems.approve(actor, system_id)
            request.scope.did("membership", step="approved a system", system=str(system_id))
            say(request, phrase("The system is a member now. Register a client for it."))
        case "end":
            systems.end(actor, system_id)
            request.scope.did("membership", step="ended a system", system=str(system_id))
            say(request, phrase("The system is over, with its clients and their tokens."))
        case "name-owner" | "approve-owner" | "withdraw-owner" as do:
            _about_owner(request, system_id, do)
        case "register":
            asked = {name: said.getlist(name) for name in ("purposes", "actions")}
            made = systems.register(actor, system_id, name=said.get("name", ""), **asked)
            step = "registered a client"
            request.scope.did("membership", step=step, client=str(made), **asked)
            say(request, phrase("The client is registered. Give it a secret or a key."))
            return done(f"/clients/{made}")
        case _:
            raise InvalidInput("request", None, "do", phrase("is not a step of a system"))
    return done(f"/clients/systems/{system_id}")


def _about_owner(request: Any, system_id: UUID, do: str) -> None:
    actor, owner = request.scope.actor, request.POST.get("owner", "")
    match do:
        case "name-owner":
            systems.propose_owner(actor, system_id, owner)
            said = phrase("Named. Another administrator has to approve it.")
        case "approve-owner":
            systems.approve_owner(actor, system_id, owner)
            said = phrase("They answer for the system from now on.")
        case _:
            owner = queries.system(actor.agency, system_id).next_owner or ""
            systems.withdraw_owner(actor, system_id)
            said = phrase("The proposal is withdrawn.")
    step = OWNER_STEPS[do]
    request.scope.did("membership", step=step, system=str(system_id), owner=owner)
    say(request, said)


@own_desk(OFFICE)
def _client(request: Any, client_id: UUID) -> HttpResponseBase:
    return _drawn(request, client_id)


def _drawn(request: Any, client_id: UUID, secret: str | None = None) -> HttpResponseBase:
    """The page of a client; `secret` is one that is shown this once."""
    actor = request.scope.actor
    systems.check_administers(actor)
    found = queries.client(actor.agency, client_id)
    system = queries.system(actor.agency, found.system)
    people = {system.owner, found.registered_by}
    for one in found.credentials:
        people |= {one.made_by, one.approved_by or one.made_by}
    context = {
        "faults": faults_of(request, LABELS),
        "typed": {} if secret else request.POST,
        "client": found,
        "system": system,
        "names": agencies.names(people),
        "credentials": [
            (one, _barred(one, found, system, actor.membership)) for one in found.credentials
        ],
        "secret": secret,
        "days": SECRET_DAYS,
        "ACTIONS": ACTIONS,
        "zone": actor.zone,
    }
    return render(request, "desk/client.html", context)


def _barred(
    credential: CredentialEntry, client: ClientEntry, system: SystemEntry, membership: str
) -> str | None:
    """Why this member does not approve a secret or key; the database asks it again."""
    if credential.made_by == membership:
        return phrase("You made it; another administrator approves it.")
    if client.registered_by == membership:
        return phrase("You registered the client; another administrator approves it.")
    if system.owner == membership:
        return phrase("You answer for the system; another administrator approves it.")
    return None


@freshly_proven
@own_desk(OFFICE)
def _with_client(request: Any, client_id: UUID) -> HttpResponseBase:
    actor, said = request.scope.actor, request.POST
    shown = queries.client(actor.agency, client_id)
    about = {"client": str(client_id)}
    match said.get("do"):
        case "secret":
            days = whole(said.get("days", ""), "days")
            made, secret = systems.add_secret(actor, client_id, days)
            about["credential"] = str(made)
            request.scope.did("membership", step="made a secret", **about)
            return _drawn(request, client_id, secret)
        case "key":
            days = whole(said.get("days", ""), "days")
            about["credential"] = str(systems.add_key(actor, client_id, days, said.get("key", "")))
            request.scope.did("membership", step="kept a key", **about)
            say(request, phrase("The key is kept. A second administrator has to approve it."))
        case "approve":
            wanted = _of(shown, said.get("credential", ""))
            systems.approve_credential(actor, wanted)
            step = "approved a secret or key"
            request.scope.did("membership", step=step, credential=str(wanted), **about)
            say(request, phrase("It is approved. The system can authenticate with it."))
        case "end-credential":
            wanted = _uuid(said.get("credential", ""))
            systems.revoke_credential(actor, wanted)
            step = "revoked a secret or key"
            request.scope.did("membership", step=step, credential=str(wanted), **about)
            say(request, phrase("It is revoked, with the tokens that were got by it."))
        case "revoke":
            systems.revoke_client(actor, client_id)
            request.scope.did("membership", step="revoked a client", **about)
            say(request, phrase("The client is revoked, with its tokens."))
        case _:
            raise InvalidInput("request", None, "do", phrase("is not a step of a client"))
    return done(f"/clients/{client_id}")


def _of(client: ClientEntry, text: str) -> UUID:
    """The credential of this client that is named: who approves sees what it opens."""
    wanted = _uuid(text)
    if all(one.id != wanted for one in client.credentials):
        raise InvalidInput("request", None, "credential", phrase("is not one of this client"))
    return wanted


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as fault:
        raise InvalidInput(
            "request", None, "credential", phrase("is not one of this client")
        ) from fault


clients = page(get=_list, post=_propose)
system = page(get=_system, post=_with_system)
client = page(get=_client, post=_with_client)
