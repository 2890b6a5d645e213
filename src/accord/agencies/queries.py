"""Read agencies, members and actors; nothing here returns a QuerySet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from accord.agencies.domain import Actor, AgencyEntry, CertificateEntry, DutyDesk, Persona
from accord.agencies.models import Agency, ApiToken, Certificate, Membership
from accord.kernel.clock import now
from accord.kernel.errors import NotFound


def actor(membership_id: str) -> Actor:
    """Return the actor of a membership that is in force.

    Raises NotFound when it is absent, over, or its agency is suspended: all look the same.
    """
    at = now()
    found = Membership.objects.select_related("member", "agency").filter(id=membership_id).first()
    if found is None or not _in_force(found, at):
        raise NotFound("This membership is not in force.")
    return _actor(found, _valid_certificates([found.member_id], at).get(found.member_id, []))


def actors(membership_ids: Iterable[str]) -> tuple[Actor, ...]:
    """Return the actors of those of these memberships that are in force, by agency and name."""
    at = now()
    rows = Membership.objects.select_related("member", "agency").filter(id__in=list(membership_ids))
    found = [row for row in rows.order_by("agency_id", "member__name", "id") if _in_force(row, at)]
    held = _valid_certificates([row.member_id for row in found], at)
    return tuple(_actor(row, held.get(row.member_id, [])) for row in found)


def _actor(found: Membership, certificates: list[Certificate]) -> Actor:
    ends = [_end_of(c) for c in certificates]
    if found.valid_until is not None:
        ends.append(found.valid_until)
    return Actor(
        membership=found.id,
        member=found.member_id,
        name=found.member.name,
        title=found.title,
        agency=found.agency_id,
        agency_name=found.agency.name,
        agency_kind=found.agency.kind,
        country=found.agency.country,
        zone=found.agency.zone,
        roles=frozenset(found.roles),
        clearance=found.clearance,
        nationality=found.member.nationality,
        training=frozenset(c.training for c in certificates),
        assurance=found.assurance,
        expires_at=min(ends, default=None),
    )


def actor_or_none(membership_id: str) -> Actor | None:
    """Return the actor of a membership, or None when it is not in force."""
    try:
        return actor(membership_id)
    except NotFound:
        return None


def _in_force(membership: Membership, at: datetime) -> bool:
    if membership.agency.suspended_at is not None and membership.agency.suspended_at <= at:
        return False
    if membership.valid_from > at:
        return False
    return membership.valid_until is None or membership.valid_until > at


def _end_of(certificate: Certificate) -> datetime:
    """A certificate's last day is inclusive, in UTC."""
    return datetime.combine(certificate.valid_until, time.min, UTC) + timedelta(days=1)


def _valid_certificates(member_ids: list[str], at: datetime) -> dict[str, list[Certificate]]:
    found: dict[str, list[Certificate]] = {}
    for held in Certificate.objects.filter(member_id__in=member_ids, issued_on__lte=at.date()):
        if _end_of(held) > at:
            found.setdefault(held.member_id, []).append(held)
    return found


def actor_of_token(token: str) -> Actor:
    """Return the actor of a bearer token; raises NotFound when unknown, expired or revoked."""
    row = ApiToken.objects.filter(
        token_hash=digest(token), revoked_at=None, expires_at__gt=now()
    ).first()
    if row is None:
        raise NotFound("This token is not in force.")
    return actor(row.membership_id)


def digest(token: str) -> bytes:
    """The SHA-256 of a random token: all that is kept of it."""
    return hashlib.sha256(token.encode()).digest()


def agency(agency_id: str) -> AgencyEntry:
    """Return one agency; raises NotFound."""
    row = Agency.objects.filter(id=agency_id).first()
    if row is None:
        raise NotFound(f"No agency {agency_id} is known on this node.")
    return _entry(row)


def agencies() -> tuple[AgencyEntry, ...]:
    """Return the directory of agencies, by name."""
    return tuple(_entry(row) for row in Agency.objects.order_by("name"))


def public_keys() -> dict[str, bytes]:
    """Return each agency's Ed25519 public key, raw."""
    rows = Agency.objects.values_list("id", "public_key")
    return {agency_id: bytes(key) for agency_id, key in rows}


def _entry(row: Agency) -> AgencyEntry:
    return AgencyEntry(
        id=row.id,
        name=row.name,
        kind=row.kind,
        country=row.country,
        ori=row.ori,
        zone=row.zone,
        duty_desk=DutyDesk(**row.duty_desk),
        suspended=row.suspended_at is not None,
    )


def certificates(member_id: str) -> tuple[CertificateEntry, ...]:
    """Return the training a member holds or held, newest first."""
    at = now()
    rows = Certificate.objects.filter(member_id=member_id).order_by("-issued_on")
    return tuple(
        CertificateEntry(
            training=row.training,
            issued_on=row.issued_on.isoformat(),
            valid_until=row.valid_until.isoformat(),
            attested_by=row.attested_by_id,
            valid=_end_of(row) > at,
        )
        for row in rows
    )


def members_of(agency_ids: tuple[str, ...]) -> tuple[Actor, ...]:
    """Return the members of these agencies whose memberships are in force, by agency and name."""
    ids = Membership.objects.filter(agency_id__in=agency_ids).values_list("id", flat=True)
    return actors(ids)


def personas() -> tuple[Persona, ...]:
    """Return whom the demo offers to sign in as, in the world's order."""
    rows = (
        Membership.objects.select_related("member", "agency")
        .exclude(member__persona="")
        .order_by("agency__name", "id")
    )
    return tuple(
        Persona(r.id, r.member.name, r.agency.name, r.title, r.member.persona) for r in rows
    )


def names(membership_ids: set[str]) -> dict[str, str]:
    """Return the display name of each membership, `name, agency`."""
    rows = Membership.objects.select_related("member", "agency").filter(id__in=membership_ids)
    return {r.id: f"{r.member.name}, {r.agency.name}" for r in rows}
