"""Read agencies, members and actors; nothing here returns a QuerySet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import F

from accord.agencies.about.facts import desk_of, places_of
from accord.agencies.domain import Actor, AgencyEntry, CertificateEntry, Held, Persona
from accord.agencies.keys import KeyRing, SigningKey, ring
from accord.agencies.models import Agency, AgencyKey, Certificate, Member, Membership
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.platform.db.locks import together
from accord.platform.db.shapes import Shape, lines, parted

NO_CLEARANCE = "none"
KEYS = "accord.keys"
"""Under which name, with the agency's, whoever changes its keys works alone."""

_MEMBERSHIP, _MEMBER = Shape(Membership, "m"), Shape(Member, "p")
_AGENCY, _CERTIFICATE = Shape(Agency, "a"), Shape(Certificate, "c")
_SHAPES = (_MEMBERSHIP, _MEMBER, _AGENCY, _CERTIFICATE)
_WHO = f"""
select {", ".join(shape.columns for shape in _SHAPES)}
from membership m
join member p on p.id = m.member_id
join agency a on a.id = m.agency_id
left join certificate c
  on c.member_id = m.member_id and c.attested_by_id = m.agency_id and c.issued_on <= %s
where m.id = """  # noqa: S608 - columns' names alone
_BY_MEMBERSHIP = _WHO + "%s"
_HELD = "select membership_id from api_token where token_hash = %s and revoked_at is null"
_BY_TOKEN = f"{_WHO} ({_HELD} and expires_at > %s)"


def actor(membership_id: str) -> Actor:
    """Return the actor of a membership that is in force.

    Raises NotFound when it is absent, over, or its agency is suspended: all look the same.
    """
    at = now()
    return _acting(_who(_BY_MEMBERSHIP, at, membership_id), at)


def _acting(found: tuple[Membership, list[Certificate]] | None, at: datetime) -> Actor:
    if found is None or not in_force_at(found[0], at):
        raise NotFound("This membership is not in force.")
    return _actor(found[0], [c for c in found[1] if end_of_certificate(c) > at], at)


def _who(
    statement: str, at: datetime, *values: object
) -> tuple[Membership, list[Certificate]] | None:
    """A membership with its member, its agency and the certificates issued by then."""
    answer = [parted(line, *_SHAPES) for line in lines(statement, [at.date(), *values])]
    if not answer:
        return None
    membership, member, agency, _ = answer[0]
    found = _MEMBERSHIP.row(membership)
    found.member, found.agency = _MEMBER.row(member), _AGENCY.row(agency)
    held = [_CERTIFICATE.row_or_none(line[-1]) for line in answer]
    return found, [certificate for certificate in held if certificate is not None]


def actors(membership_ids: Iterable[str]) -> tuple[Actor, ...]:
    """Return the actors of those of these memberships that are in force, by agency and name."""
    return _actors(id__in=list(membership_ids))


def _actors(**which: Any) -> tuple[Actor, ...]:
    at = now()
    rows = Membership.objects.select_related("member", "agency").filter(**which)
    found = [
        row for row in rows.order_by("agency_id", "member__name", "id") if in_force_at(row, at)
    ]
    held = _valid_certificates(found, at)
    return tuple(_actor(row, held.get(row.id, []), at) for row in found)


def _actor(found: Membership, certificates: list[Certificate], at: datetime) -> Actor:
    held = held_at(found, at)
    ends = [*held.ends, *(end_of_certificate(c) for c in certificates)]
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
        roles=held.roles,
        clearance=held.clearance,
        nationality=held.nationality,
        training=frozenset(c.training for c in certificates),
        assurance=held.assurance,
        light=found.agency.light,
        expires_at=min(ends, default=None),
    )


def actor_or_none(membership_id: str) -> Actor | None:
    """Return the actor of a membership, or None when it is not in force."""
    try:
        return actor(membership_id)
    except NotFound:
        return None


def is_in_force(membership_id: str) -> bool:
    """Whether a membership is in force, and its agency not suspended."""
    at = now()
    found = _who(_BY_MEMBERSHIP, at, membership_id)
    return found is not None and in_force_at(found[0], at)


def in_force_of(membership_ids: set[str]) -> frozenset[str]:
    """Return those of these memberships that are in force."""
    at = now()
    rows = Membership.objects.select_related("agency").filter(id__in=membership_ids)
    return frozenset(row.id for row in rows if in_force_at(row, at))


def held_at(membership: Membership, at: datetime) -> Held:
    """What a membership holds at a moment, whether it is in force or not; joins the member."""
    ends = ends_of(membership)
    over = {fact for fact, end in ends.items() if end <= at}
    return Held(
        roles=frozenset(role for role in membership.roles if ("role", role) not in over),
        clearance=NO_CLEARANCE if ("clearance", "") in over else membership.clearance,
        assurance=1 if ("assurance", "") in over else membership.assurance,
        nationality=None if ("nationality", "") in over else membership.member.nationality,
        ends=tuple(end for end in ends.values() if end > at),
    )


def ends_of(membership: Membership) -> dict[tuple[str, str], datetime]:
    """The own end of each fact that has one, by kind and, of a role, its word."""
    said: Mapping[str, Any] = membership.ends
    found = {("role", role): end for role, end in said.get("role", {}).items()}
    found |= {(fact, ""): end for fact, end in said.items() if fact != "role"}
    return {fact: datetime.fromisoformat(end) for fact, end in found.items()}


def in_force_at(membership: Membership, at: datetime) -> bool:
    """Whether a membership is in force at a moment, with a role, and its agency not suspended."""
    ends = ends_of(membership)
    if membership.roles and all(
        ("role", role) in ends and ends["role", role] <= at for role in membership.roles
    ):
        return False
    if membership.agency.suspended_at is not None and membership.agency.suspended_at <= at:
        return False
    if membership.valid_from > at:
        return False
    return membership.valid_until is None or membership.valid_until > at


def end_of_certificate(certificate: Certificate) -> datetime:
    """A certificate's last day is inclusive, in UTC."""
    return datetime.combine(certificate.valid_until, time.min, UTC) + timedelta(days=1)


def _valid_certificates(
    memberships: list[Membership], at: datetime
) -> dict[str, list[Certificate]]:
    """The valid certificates of each membership: those that its own agency attested."""
    of = {(row.member_id, row.agency_id): row.id for row in memberships}
    found: dict[str, list[Certificate]] = {}
    members = {member for member, _ in of}
    for held in Certificate.objects.filter(member_id__in=members, issued_on__lte=at.date()):
        membership = of.get((held.member_id, held.attested_by_id))
        if membership is not None and end_of_certificate(held) > at:
            found.setdefault(membership, []).append(held)
    return found


def actor_of_token(token: str) -> Actor:
    """Return the actor of a bearer token; raises NotFound when unknown, expired or revoked."""
    at = now()
    return _acting(_who(_BY_TOKEN, at, digest(token), at), at)


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


def agency_names() -> dict[str, str]:
    """Return the name of every agency by its id, in the order of the names."""
    return dict(Agency.objects.order_by("name").values_list("id", "name"))


def key_ring() -> KeyRing:
    """Return every key that agencies signed with, to judge a signature by the moment it was made."""
    rows = AgencyKey.objects.order_by(F("valid_from").asc(nulls_first=True), "id")
    return ring(
        SigningKey(
            agency=row.agency_id,
            public=bytes(row.public_key),
            since=row.valid_from,
            retired_at=row.retired_at,
            revoked_at=row.revoked_at,
            revoked_from=row.revoked_from,
            sayings=tuple(
                (datetime.fromisoformat(at), datetime.fromisoformat(since))
                for at, since in row.sayings
            ),
            reason=row.reason,
            predecessor=None if row.predecessor is None else bytes(row.predecessor),
            signature=None if row.signature is None else bytes(row.signature),
        )
        for row in rows
    )


def key_now(agency_id: str) -> bytes:
    """Return the public half of the key that an agency signs with now; empty where it has none."""
    return key_ring().key(agency_id, now())


def key_kept(agency_id: str) -> bytes:
    """Return what `key_now` does; none of the agency's keys changes until the transaction ends.

    INVARIANT: whoever signs takes the moment after this, and whoever changes keys takes theirs alone
    under the same name (accord.apply_agency_change): so what was taken under a key lies in its time.
    Asked before anything is written that moves the policy epoch, which whoever changes keys moves after.
    """
    together(f"{KEYS} {agency_id}")
    return key_now(agency_id)


def _entry(row: Agency) -> AgencyEntry:
    return AgencyEntry(
        id=row.id,
        name=row.name,
        kind=row.kind,
        country=row.country,
        ori=row.ori,
        zone=row.zone,
        duty_desk=desk_of(row.duty_desk, row.zone),
        suspended=row.suspended_at is not None,
        light=row.light,
        territory=places_of(row.territory.get("places", ())),
        territory_words=row.territory.get("words", ""),
        offences=tuple(row.competence.get("offences", ())),
        courts=tuple(row.competence.get("courts", ())),
    )


def certificates(member_id: str, agency_id: str) -> tuple[CertificateEntry, ...]:
    """Return the training that an agency attested of a member, held now or before, newest first."""
    at = now()
    rows = Certificate.objects.filter(member_id=member_id, attested_by_id=agency_id)
    rows = rows.order_by("-issued_on")
    return tuple(certificate_entry(row, at) for row in rows)


def certificate_entry(row: Certificate, at: datetime) -> CertificateEntry:
    """A certificate as it is read at a moment: issued by then, and not over."""
    return CertificateEntry(
        training=row.training,
        issued_on=row.issued_on.isoformat(),
        valid_until=row.valid_until.isoformat(),
        attested_by=row.attested_by_id,
        valid=row.issued_on <= at.date() and end_of_certificate(row) > at,
    )


def members_of(agency_ids: tuple[str, ...]) -> tuple[Actor, ...]:
    """Return the members of these agencies whose memberships are in force, by agency and name."""
    return _actors(agency_id__in=agency_ids)


def memberships_of(member_id: str) -> tuple[Actor, ...]:
    """Return the actors of one person's memberships that are in force, by agency."""
    return _actors(member_id=member_id)


def memberships_ever(member_id: str) -> frozenset[str]:
    """Return the ids of all of one person's memberships, also of those that are over."""
    return frozenset(Membership.objects.filter(member_id=member_id).values_list("id", flat=True))


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
