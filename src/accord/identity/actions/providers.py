"""Providers are put in and taken out by the operator; the application's role cannot write them.

Who may come in as whom is a matter of the agency: each change stands in the ledger, for its oversight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from accord.agencies import queries as agencies
from accord.identity.actions.signins import link_lock
from accord.identity.domain import Why
from accord.identity.federation import sealing
from accord.identity.federation.domain import Provider
from accord.identity.federation.file import Described
from accord.identity.models import IdentityProvider, ProviderLink, SignInRow
from accord.identity.rowseal import is_ours, row_mac
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotFound, raise_all
from accord.ledger import actions as ledger
from accord.ledger.domain import OPERATOR as BY_OPERATOR
from accord.ledger.domain import Entry, Kind
from accord.platform.db.locks import alone

OPERATOR = "migrate"
_as_operator = transaction.atomic(using=OPERATOR)


@dataclass(frozen=True, slots=True)
class _Changed:
    """Subjects of a provider with their members, and how many sessions the change ended."""

    linked: Mapping[str, str]
    unlinked: Mapping[str, str]
    ended: int


@_as_operator
def put(file: str, said: Described) -> int:
    """Put a provider in, in place of one of the same name; returns how many sessions that ended.

    Links that the file no longer says are taken away, and the sessions that they opened are over.
    Raises InvalidInput for an agency that is not known, and for a member who is not of it.
    """
    found = _provider(file, said)
    _check_members(file, said)
    held = IdentityProvider.objects.using(OPERATOR).filter(name=said.name).first()
    if held is not None and held.agency_id != said.agency:
        raise InvalidInput(
            file, None, "name", f"is a provider of {held.agency_id}: remove it first"
        )
    IdentityProvider.objects.using(OPERATOR).update_or_create(
        name=said.name,
        defaults={
            "agency_id": said.agency,
            "kind": said.kind,
            "issuer": said.issuer,
            "client_id": said.client_id,
            "settings": dict(said.settings),
            "names_member": said.names_member,
            "assurance": dict(said.assurance),
            "sealed_secret": found.sealed_secret,
            "mac": sealing.provider_mac(found),
            "put_at": now(),
        },
    )
    changed = _put_links(found, said)
    described = {
        "protocol": found.kind.value,
        "issuer": found.issuer,
        "client": found.client_id,
        "settings": dict(found.settings),
        "names_member": found.names_member,
        "assurance": dict(found.assurance),
    }
    _say("put in an identity provider", found.name, found.agency, changed, described)
    return changed.ended


def _provider(file: str, said: Described) -> Provider:
    try:
        agency = agencies.agency(said.agency)
    except NotFound as fault:
        raise InvalidInput(file, None, "agency", "is not known on this node") from fault
    return Provider(
        name=said.name,
        agency=said.agency,
        agency_name=agency.name,
        kind=said.kind,
        issuer=said.issuer,
        client_id=said.client_id,
        settings=said.settings,
        names_member=said.names_member,
        assurance=said.assurance,
        sealed_secret=sealing.seal_secret(said.secret, said.name),
    )


def _check_members(file: str, said: Described) -> None:
    known = {actor.member for actor in agencies.members_of((said.agency,))}
    raise_all(
        [
            InvalidInput(
                file, None, f"members.{subject}", f"{member} is no member of {said.agency}"
            )
            for subject, member in said.members.items()
            if member not in known
        ]
    )


def _put_links(found: Provider, said: Described) -> _Changed:
    """Keep links that stand as they were sealed, take away the others, make what is new."""
    kept: set[str] = set()
    gone: list[ProviderLink] = []
    for row in ProviderLink.objects.using(OPERATOR).filter(provider_id=found.name):
        facts = sealing.link_facts(row.id, found, row.subject, row.member_id)
        stands = said.members.get(row.subject) == row.member_id
        if stands and is_ours(row.mac, sealing.LINK, **facts):
            kept.add(row.subject)
        else:
            gone.append(row)
    ended = _take_away(row.id for row in gone)
    new = {s: member for s, member in said.members.items() if s not in kept}
    for subject, member in new.items():
        _make_link(found, subject, member)
    return _Changed(new, {row.subject: row.member_id for row in gone}, ended)


def _make_link(found: Provider, subject: str, member: str) -> None:
    link = ids.uuid7()
    facts = sealing.link_facts(link, found, subject, member)
    ProviderLink.objects.using(OPERATOR).create(
        id=link,
        provider_id=found.name,
        subject=subject,
        member_id=member,
        mac=row_mac(sealing.LINK, **facts),
        made_at=now(),
    )


def _take_away(links: Iterable[UUID]) -> int:
    """Take links away and end what they opened or proved; returns how many sessions that ended."""
    named = sorted(links)
    for link in named:
        alone(link_lock(link), using=OPERATOR)
    ended = (
        SignInRow.objects.using(OPERATOR)
        .filter(credentials__overlap=named, ended_at=None)
        .update(ended_at=now(), ended_why=Why.CREDENTIAL)
    )
    ProviderLink.objects.using(OPERATOR).filter(id__in=named).delete()
    return ended


@_as_operator
def remove(name: str) -> int:
    """Take a provider out; returns how many sessions that ended. Raises NotFound."""
    row = IdentityProvider.objects.using(OPERATOR).filter(name=name).first()
    if row is None:
        raise NotFound(f"No identity provider {name} is known on this node.")
    links = list(ProviderLink.objects.using(OPERATOR).filter(provider_id=name))
    ended = _take_away(link.id for link in links)
    row.delete(using=OPERATOR)
    changed = _Changed({}, {link.subject: link.member_id for link in links}, ended)
    _say("took out an identity provider", name, row.agency_id, changed, {"issuer": row.issuer})
    return ended


def _say(
    step: str, name: str, agency: str, changed: _Changed, described: Mapping[str, Any]
) -> None:
    """Write what the operator did into the ledger of the agency; no secret is in it."""
    detail = {
        "step": step,
        "about": name,
        **described,
        "linked": dict(changed.linked),
        "unlinked": dict(changed.unlinked),
        "sessions_ended": changed.ended,
    }
    entry = Entry(
        kind=Kind.MEMBERSHIP,
        at=now(),
        actor=BY_OPERATOR,
        agency=agency,
        detail=detail,
    )
    ledger.append_by_operator(entry, using=OPERATOR)
