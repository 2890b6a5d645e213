"""Read providers and links; a row that does not carry this node's seal is none."""

from __future__ import annotations

from django.db.models import Count

from accord.identity.federation import sealing
from accord.identity.federation.domain import Linked, Protocol, Provider, ProviderEntry
from accord.identity.models import IdentityProvider, ProviderLink
from accord.identity.rowseal import is_ours
from accord.kernel.errors import NotFound


def provider(name: str) -> Provider:
    """Return a provider that may sign people in now; raises NotFound, also for a suspended agency."""
    row = IdentityProvider.objects.select_related("agency").filter(name=name).first()
    if row is None or row.agency.suspended_at is not None:
        raise NotFound()
    found = _provider(row)
    sealing.check_provider(found, row.mac)
    return found


def offered() -> tuple[tuple[str, str], ...]:
    """Return name and agency's name of every provider, as the sign-in page lists them."""
    rows = IdentityProvider.objects.filter(agency__suspended_at=None)
    return tuple(rows.order_by("agency__name", "name").values_list("name", "agency__name"))


def linked(found: Provider, subject: str) -> Linked:
    """Return whom a subject of this provider is here; raises NotFound, also for a foreign row."""
    row = ProviderLink.objects.filter(provider_id=found.name, subject=subject).first()
    if row is None:
        raise NotFound()
    facts = sealing.link_facts(row.id, found, subject, row.member_id)
    if not is_ours(row.mac, sealing.LINK, **facts):
        raise NotFound()
    return Linked(row.id, row.member_id)


def entries(agency: str | None = None) -> tuple[ProviderEntry, ...]:
    """Return every provider, or those of one agency, without anything secret."""
    rows = IdentityProvider.objects.annotate(members=Count("providerlink"))
    if agency is not None:
        rows = rows.filter(agency_id=agency)
    return tuple(
        ProviderEntry(
            name=row.name,
            agency=row.agency_id,
            kind=Protocol(row.kind),
            issuer=row.issuer,
            names_member=row.names_member,
            assurance=tuple(sorted(row.assurance.items())),
            members=row.members,
        )
        for row in rows.order_by("agency_id", "name")
    )


def usable_by(member: str, agency: str) -> tuple[str, ...]:
    """The providers of an agency that this member is linked to."""
    rows = ProviderLink.objects.filter(member_id=member, provider__agency_id=agency)
    return tuple(rows.order_by("provider_id").values_list("provider_id", flat=True).distinct())


def _provider(row: IdentityProvider) -> Provider:
    return Provider(
        name=row.name,
        agency=row.agency_id,
        agency_name=row.agency.name,
        kind=Protocol(row.kind),
        issuer=row.issuer,
        client_id=row.client_id,
        settings=row.settings,
        names_member=row.names_member,
        assurance=row.assurance,
        sealed_secret=bytes(row.sealed_secret),
    )
