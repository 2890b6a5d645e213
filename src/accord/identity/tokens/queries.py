"""Read tokens, systems and clients; nothing here returns a QuerySet."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.directory.domain import PROPOSAL_LIFE
from accord.agencies.domain import TokenScope
from accord.agencies.queries import digest
from accord.identity.models import (
    AccessToken,
    ClientCredential,
    OAuthClient,
    Passkey,
    ServiceMember,
)
from accord.identity.rowseal import is_ours
from accord.identity.tokens.actions.tokens import facts_of
from accord.identity.tokens.domain import (
    MEMBERS_PREFIX,
    SYSTEMS_PREFIX,
    ClientEntry,
    CredentialEntry,
    SystemEntry,
    TokenEntry,
    TokenProof,
    in_order,
)
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.platform.db.shapes import Shape, lines, parted

_TOKEN = Shape(AccessToken, "t")
_SHAPES: tuple[Shape[Any], ...] = (
    _TOKEN,
    Shape(Passkey, "k"),
    Shape(ClientCredential, "c"),
    Shape(OAuthClient, "o"),
    Shape(ServiceMember, "s"),
)
_IN_FORCE = f"""
select {", ".join(shape.columns for shape in _SHAPES)}
from access_token t
left join passkey k on k.id = t.passkey_id
left join client_credential c on c.id = t.credential_id
left join oauth_client o on o.id = c.client_id
left join service_member s on s.id = o.system_id
where t.token_hash = %s and t.revoked_at is null and t.expires_at > %s"""  # noqa: S608 - columns' names alone


def proof_of_token(token: str) -> TokenProof:
    """Return who acts by a bearer token, as all of this moment bears it out.

    1. the token is known here, not over, and neither revoked nor made by SQL alone;
    2. the passkey whose session made it is not revoked; of a system's, the credential, the client,
       the system and its named owner are in force;
    3. the membership is in force, and its agency is not suspended.

    Raises NotFound where one of these fails: they all look the same. A token of the operator's
    (a demonstration's) is for everything and always fresh.
    """
    if not token.startswith((MEMBERS_PREFIX, SYSTEMS_PREFIX)):
        return TokenProof(agencies.actor_of_token(token), now())
    at = now()
    row = _token_in_force(token, at)
    if row is None or not _rests_on_something(row, at) or not is_ours(
        row.mac, "token", **facts_of(row)
    ):  # fmt: skip
        raise NotFound("This token is not in force.")
    actor = agencies.actor(row.membership_id)
    return TokenProof(
        replace(
            actor,
            assurance=min(actor.assurance, row.assurance),
            only=TokenScope(frozenset(row.purposes), frozenset(row.actions)),
        ),
        row.proven_at if row.credential_id is None else None,
    )


def _token_in_force(token: str, at: datetime) -> AccessToken | None:
    """The token's row, with what it rests on: a passkey, or a credential, its client and system."""
    found = lines(_IN_FORCE, [digest(token), at])
    if not found:
        return None
    first, *rest = parted(found[0], *_SHAPES)
    row = _TOKEN.row(first)
    passkey, credential, client, system = (
        shape.row_or_none(values) for shape, values in zip(_SHAPES[1:], rest, strict=True)
    )
    row.passkey, row.credential = passkey, credential
    if credential is not None and client is not None:
        credential.client, client.system = client, system
    return row


def _rests_on_something(row: AccessToken, at: datetime) -> bool:
    if row.passkey is not None and row.passkey.revoked_at is not None:
        return False
    return row.credential is None or is_in_force(row.credential, at)


def is_in_force(credential: ClientCredential, at: datetime) -> bool:
    """Whether a client may use this credential now: it, the client, the system, and its owner.

    INVARIANT: a credential that no second administrator approved is never in force.
    """
    client, system = credential.client, credential.client.system
    return (
        credential.revoked_at is None
        and credential.approved_at is not None
        and credential.expires_at > at
        and client.revoked_at is None
        and system.ended_at is None
        and system.approved_at is not None
        and agencies.is_in_force(system.owner_id)
    )


def tokens(membership: str, most: int = 100) -> tuple[TokenEntry, ...]:
    """Return a member's own tokens, the newest first."""
    rows = AccessToken.objects.filter(membership_id=membership).order_by("-made_at", "-id")[:most]
    return tuple(_entry(row) for row in rows)


def _entry(row: AccessToken) -> TokenEntry:
    return TokenEntry(
        id=row.id,
        name=row.name,
        purposes=tuple(row.purposes),
        actions=in_order(row.actions),
        assurance=row.assurance,
        made_at=row.made_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def is_system(member: str) -> bool:
    """Whether this member is a program, which never signs in."""
    return ServiceMember.objects.filter(membership_id=member).exists()


def systems(agency: str) -> tuple[SystemEntry, ...]:
    """Return the systems of an agency with their clients, by name."""
    at = now()
    found = list(ServiceMember.objects.filter(agency_id=agency).order_by("name", "id"))
    clients = _clients([row.id for row in found], at)
    owners = agencies.in_force_of({row.owner_id for row in found})
    return tuple(
        SystemEntry(
            id=row.id,
            membership=row.membership_id,
            name=row.name,
            owner=row.owner_id,
            roles=tuple(row.roles),
            clearance=row.clearance,
            assurance=row.assurance,
            valid_until=row.valid_until,
            proposed_by=row.proposed_by,
            proposed_at=row.proposed_at,
            approved_by=row.approved_by,
            ended_at=row.ended_at,
            answered_for=row.owner_id in owners,
            next_owner=row.next_owner_id,
            next_owner_by=row.next_owner_by,
            next_owner_at=row.next_owner_at,
            clients=clients.get(row.id, ()),
        )
        for row in found
    )


def system(agency: str, wanted: UUID) -> SystemEntry:
    """Return one system of an agency; raises NotFound."""
    found = next((s for s in systems(agency) if s.id == wanted), None)
    if found is None:
        raise NotFound()
    return found


def client(agency: str, wanted: UUID) -> ClientEntry:
    """Return one client of an agency's systems; raises NotFound."""
    every = (c for s in systems(agency) for c in s.clients)
    found = next((c for c in every if c.id == wanted), None)
    if found is None:
        raise NotFound()
    return found


def client_of_credential(agency: str, wanted: UUID) -> ClientEntry:
    """Return the client of an agency that a secret or key is of; raises NotFound."""
    every = (c for s in systems(agency) for c in s.clients)
    found = next((c for c in every if any(k.id == wanted for k in c.credentials)), None)
    if found is None:
        raise NotFound()
    return found


def _clients(system_ids: list[UUID], at: datetime) -> dict[UUID, tuple[ClientEntry, ...]]:
    rows = list(OAuthClient.objects.filter(system_id__in=system_ids).order_by("name", "id"))
    held: dict[UUID, list[CredentialEntry]] = defaultdict(list)
    for row in ClientCredential.objects.filter(client__in=rows).order_by("-made_at", "-id"):
        held[row.client_id].append(_credential(row, at))
    found: dict[UUID, list[ClientEntry]] = defaultdict(list)
    for one in rows:
        found[one.system_id].append(
            ClientEntry(
                id=one.id,
                system=one.system_id,
                name=one.name,
                purposes=tuple(one.purposes),
                actions=in_order(one.actions),
                registered_by=one.registered_by,
                registered_at=one.registered_at,
                revoked_at=one.revoked_at,
                credentials=tuple(held.get(one.id, ())),
            )
        )
    return {key: tuple(some) for key, some in found.items()}


def _credential(row: ClientCredential, at: datetime) -> CredentialEntry:
    lasts = row.revoked_at is None and row.expires_at > at
    approved = row.approved_at is not None
    return CredentialEntry(
        id=row.id,
        is_key=row.public_key is not None,
        made_by=row.made_by,
        made_at=row.made_at,
        approved_by=row.approved_by,
        expires_at=row.expires_at,
        valid=lasts and approved,
        waits=lasts and not approved and row.made_at > at - PROPOSAL_LIFE,
    )
