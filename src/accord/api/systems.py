"""Systems and their clients over the API, for the agency's system administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agencies.domain import Actor
from accord.agreements.entry import api_desk, freshly_proven
from accord.agreements.tokenscope import needs
from accord.desk.signing_in import OFFICE
from accord.identity.tokens import queries
from accord.identity.tokens.actions import systems
from accord.identity.tokens.domain import (
    OWNER_STEPS,
    SECRET_DAYS,
    ClientEntry,
    CredentialEntry,
    SystemEntry,
)
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["systems"])
KEY = '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'


class ClientCredentialOut(Schema):
    """A secret or a key of a client; a secret itself was shown once."""

    id: UUID
    is_key: bool
    made_by: str = Field(examples=["riverbend-pd.s.admin"])
    made_at: datetime
    approved_by: str | None = Field(
        description="Another administrator; null until then, and it opens nothing.",
        examples=[None],
    )
    expires_at: datetime
    valid: bool
    waits: bool = Field(description="For another administrator, for seven days.")


class ClientOut(Schema):
    """A client of a system, with the most that it may ask a token for."""

    id: UUID = Field(description="The `client_id` of OAuth.")
    name: str = Field(examples=["Gateway of the records system"])
    purposes: list[str] = Field(examples=[["records-administration"]])
    actions: list[str] = Field(examples=[["contribute"]])
    registered_by: str = Field(examples=["riverbend-pd.s.admin"])
    registered_at: datetime
    revoked_at: datetime | None = Field(examples=[None])
    credentials: list[ClientCredentialOut]


class SystemOut(Schema):
    """A member that is a program, with the person who answers for it."""

    id: UUID
    membership: str = Field(examples=["riverbend-pd.records-gateway"])
    name: str = Field(examples=["Records gateway"])
    owner: str = Field(examples=["riverbend-pd.j.whitfield"])
    roles: list[str] = Field(examples=[["records-custodian"]])
    clearance: str = Field(examples=["none"])
    valid_until: datetime
    proposed_by: str = Field(examples=["riverbend-pd.s.admin"])
    proposed_at: datetime
    approved_by: str | None = Field(
        description="Another administrator; null while it waits.", examples=[None]
    )
    ended_at: datetime | None = Field(examples=[None])
    answered_for: bool = Field(
        description="Whether its owner acts for the agency now; else it gets no token."
    )
    next_owner: str | None = Field(
        description="Who is to answer for it, once another administrator approves.",
        examples=[None],
    )
    next_owner_by: str | None = Field(examples=[None])
    next_owner_at: datetime | None = Field(
        description="When they were named; it is approved within seven days.", examples=[None]
    )
    clients: list[ClientOut]


class SystemIn(Schema):
    """A system that an administrator asks for."""

    handle: str = Field(description="After the agency's name.", examples=["records-gateway"])
    name: str = Field(examples=["Records gateway"])
    owner: str = Field(
        description="The membership of a person of the agency.",
        examples=["riverbend-pd.j.whitfield"],
    )
    roles: list[str] = Field(examples=[["records-custodian"]])
    clearance: str = Field("none", examples=["none"])
    days: int = Field(365, description="After so many days it ends.", examples=[365])


class OwnerIn(Schema):
    """Who is to answer for a system."""

    owner: str = Field(
        max_length=200,
        description="The membership of a person of the agency.",
        examples=["riverbend-pd.d.okafor"],
    )


class ClientIn(Schema):
    """A client to register."""

    name: str = Field(examples=["Gateway of the records system"])
    purposes: list[str] = Field(examples=[["records-administration"]])
    actions: list[str] = Field(examples=[["contribute"]])


class SecretIn(Schema):
    """A secret to make."""

    days: int = Field(SECRET_DAYS, examples=[90])


class KeyIn(Schema):
    """A public key to keep."""

    key: str = Field(description="A JWK: Ed25519 or P-256, its public half.", examples=[KEY])
    days: int = Field(SECRET_DAYS, examples=[90])


class SecretOut(Schema):
    """A secret, shown this once."""

    id: UUID
    client: UUID
    secret: str = Field(examples=["accordk_pq0pBCe7fS1Yh2yqQm9bC0m5vT8sXn0rKk3zJ4wLdVU"])


@router.get("/systems", response=Page[SystemOut], summary="Systems of your agency")
@api_desk(OFFICE)
@needs(None)
def list_systems(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Every system of the agency with its clients, for its system administrators."""
    actor = _administrator(request)
    shown, following = page_of(queries.systems(actor.agency), after, limit, lambda s: str(s.id))
    request.scope.did("consultation", of="systems")
    return {"items": [_system(s) for s in shown], "next": following}


@router.post("/systems", response={201: SystemOut}, summary="Ask for a system")
@freshly_proven
@api_desk(OFFICE)
def propose(request: Any, payload: SystemIn) -> Any:
    """It becomes a member when another administrator approves it, within seven days."""
    actor = _administrator(request)
    made = systems.propose(actor, **payload.dict())
    request.scope.did("membership", step="asked for a system", system=str(made), **payload.dict())
    return Status(201, _system(queries.system(actor.agency, made)))


@router.post("/systems/{uuid:system_id}/approval", response=SystemOut, summary="Approve a system")
@freshly_proven
@api_desk(OFFICE)
def approve(request: Any, system_id: UUID) -> Any:
    """By another administrator than the one who asked for it."""
    actor = _administrator(request)
    queries.system(actor.agency, system_id)
    systems.approve(actor, system_id)
    request.scope.did("membership", step="approved a system", system=str(system_id))
    return _system(queries.system(actor.agency, system_id))


@router.delete("/systems/{uuid:system_id}", response={204: None}, summary="End a system")
@api_desk(OFFICE)
def end(request: Any, system_id: UUID) -> Any:
    """With its clients, and their tokens from the next request on."""
    systems.end(_administrator(request), system_id)
    request.scope.did("membership", step="ended a system", system=str(system_id))
    return Status(204, None)


@router.post(
    "/systems/{uuid:system_id}/owner",
    response={202: SystemOut},
    summary="Name who answers for a system",
)
@freshly_proven
@api_desk(OFFICE)
def propose_owner(request: Any, system_id: UUID, payload: OwnerIn) -> Any:
    """Another person answers for it once another administrator approves, within seven days."""
    actor = _administrator(request)
    queries.system(actor.agency, system_id)
    systems.propose_owner(actor, system_id, payload.owner)
    return Status(202, _owned(request, "name-owner", system_id, payload.owner))


@router.post(
    "/systems/{uuid:system_id}/owner/approval",
    response=SystemOut,
    summary="Approve who answers for a system",
)
@freshly_proven
@api_desk(OFFICE)
def approve_owner(request: Any, system_id: UUID, payload: OwnerIn) -> Any:
    """By another administrator than the one who named them, and than they are."""
    actor = _administrator(request)
    queries.system(actor.agency, system_id)
    systems.approve_owner(actor, system_id, payload.owner)
    return _owned(request, "approve-owner", system_id, payload.owner)


@router.delete(
    "/systems/{uuid:system_id}/owner",
    response={204: None},
    summary="Take back who was named for a system",
)
@api_desk(OFFICE)
def withdraw_owner(request: Any, system_id: UUID) -> Any:
    """By any administrator, while it is not approved."""
    actor = _administrator(request)
    named = queries.system(actor.agency, system_id).next_owner or ""
    systems.withdraw_owner(actor, system_id)
    _owned(request, "withdraw-owner", system_id, named)
    return Status(204, None)


@router.post(
    "/systems/{uuid:system_id}/clients", response={201: ClientOut}, summary="Register a client"
)
@freshly_proven
@api_desk(OFFICE)
def register(request: Any, system_id: UUID, payload: ClientIn) -> Any:
    """What a system authenticates as, and the most that it may ask a token for."""
    actor = _administrator(request)
    made = systems.register(actor, system_id, **payload.dict())
    request.scope.did("membership", step="registered a client", client=str(made), **payload.dict())
    return Status(201, _client(queries.client(actor.agency, made)))


@router.post(
    "/clients/{uuid:client_id}/secrets", response={201: SecretOut}, summary="A secret of a client"
)
@freshly_proven
@api_desk(OFFICE)
def add_secret(request: Any, client_id: UUID, payload: SecretIn) -> Any:
    """Shown once; it opens nothing until another administrator approves it.

    Two are valid at a time, so that the system can change from one to the other.
    """
    made, secret = systems.add_secret(_administrator(request), client_id, payload.days)
    _noted(request, "made a secret", client_id, made)
    return Status(201, {"id": made, "client": client_id, "secret": secret})


@router.post(
    "/clients/{uuid:client_id}/keys", response={201: ClientOut}, summary="A key of a client"
)
@freshly_proven
@api_desk(OFFICE)
def add_key(request: Any, client_id: UUID, payload: KeyIn) -> Any:
    """A public key, which another administrator approves; the private one stays in the system."""
    actor = _administrator(request)
    made = systems.add_key(actor, client_id, payload.days, payload.key)
    _noted(request, "kept a key", client_id, made)
    return Status(201, _client(queries.client(actor.agency, client_id)))


@router.post(
    "/client-credentials/{uuid:credential_id}/approval",
    response=ClientOut,
    summary="Approve a secret or key",
)
@freshly_proven
@api_desk(OFFICE)
def approve_credential(request: Any, credential_id: UUID) -> Any:
    """By an administrator who neither made it, registered its client nor answers for the system.

    It opens what `purposes` and `actions` of the client say, under the roles of the system.
    """
    actor = _administrator(request)
    found = queries.client_of_credential(actor.agency, credential_id)
    systems.approve_credential(actor, credential_id)
    _noted(request, "approved a secret or key", found.id, credential_id)
    return _client(queries.client(actor.agency, found.id))


@router.delete(
    "/client-credentials/{uuid:credential_id}",
    response={204: None},
    summary="Revoke a secret or key",
)
@api_desk(OFFICE)
def revoke_credential(request: Any, credential_id: UUID) -> Any:
    """With every token that was got by it."""
    systems.revoke_credential(_administrator(request), credential_id)
    step = "revoked a secret or key"
    request.scope.did("membership", step=step, credential=str(credential_id))
    return Status(204, None)


@router.delete("/clients/{uuid:client_id}", response={204: None}, summary="Revoke a client")
@api_desk(OFFICE)
def revoke_client(request: Any, client_id: UUID) -> Any:
    """With every token of it."""
    systems.revoke_client(_administrator(request), client_id)
    request.scope.did("membership", step="revoked a client", client=str(client_id))
    return Status(204, None)


def _administrator(request: Any) -> Actor:
    actor: Actor = request.scope.actor
    systems.check_administers(actor)
    return actor


def _noted(request: Any, step: str, client: UUID, credential: UUID) -> None:
    request.scope.did("membership", step=step, client=str(client), credential=str(credential))


def _owned(request: Any, do: str, system: UUID, owner: str) -> SystemOut:
    step = OWNER_STEPS[do]
    request.scope.did("membership", step=step, system=str(system), owner=owner)
    return _system(queries.system(request.scope.actor.agency, system))


def _system(entry: SystemEntry) -> SystemOut:
    found = {n: getattr(entry, n) for n in SystemOut.model_fields}
    more = {"roles": list(entry.roles), "clients": [_client(c) for c in entry.clients]}
    return SystemOut(**(found | more))


def _client(entry: ClientEntry) -> ClientOut:
    found = {n: getattr(entry, n) for n in ClientOut.model_fields}
    more = {
        "purposes": list(entry.purposes),
        "actions": list(entry.actions),
        "credentials": [_credential(c) for c in entry.credentials],
    }
    return ClientOut(**(found | more))


def _credential(entry: CredentialEntry) -> ClientCredentialOut:
    return ClientCredentialOut(**{n: getattr(entry, n) for n in ClientCredentialOut.model_fields})
