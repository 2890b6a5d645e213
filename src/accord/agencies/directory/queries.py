"""Read members as their administrators do, and the changes that row-level security lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.agencies.directory.attested import ATTESTS, attested
from accord.agencies.directory.domain import (
    ADMINISTRATOR,
    PROPOSAL_LIFE,
    REVIEW_EVERY,
    Change,
    ChangeKind,
    ChangeState,
    MemberEntry,
    Via,
    standing_of,
)
from accord.agencies.models import Certificate, DirectoryChange, Member, Membership, SigninLink
from accord.agencies.queries import certificate_entry, end_of_certificate, held_at, in_force_at
from accord.kernel.clock import now
from accord.kernel.errors import NotFound

MOST = 5000
_CONFIRMS = (ChangeKind.REVIEW, ChangeKind.JOIN)


def members(agency: str) -> tuple[MemberEntry, ...]:
    """Return every membership of an agency, in force or over: what ends first stands first."""
    at = now()
    rows = list(
        Membership.objects.select_related("member", "agency").filter(agency_id=agency)[:MOST]
    )
    held = _training(agency, [row.member_id for row in rows])
    decided = _decided([row.id for row in rows])
    found = [_entry(row, held.get(row.member_id, ()), decided.get(row.id, ()), at) for row in rows]
    return tuple(sorted(found, key=_order))


def _order(entry: MemberEntry) -> tuple[bool, bool, float, str, str]:
    end = entry.first_end
    return (
        not entry.in_force,
        end is None,
        end.timestamp() if end else 0.0,
        entry.name,
        entry.membership,
    )


def member(agency: str, membership: str) -> MemberEntry:
    """Return one membership of an agency; raises NotFound, also for those of another."""
    found = (
        Membership.objects.select_related("member", "agency")
        .filter(agency_id=agency, id=membership)
        .first()
    )
    if found is None:
        raise NotFound()
    held = _training(agency, [found.member_id]).get(found.member_id, ())
    return _entry(found, held, _decided([found.id]).get(found.id, ()), now())


def _training(agency: str, members: list[str]) -> Mapping[str, tuple[Certificate, ...]]:
    found: dict[str, tuple[Certificate, ...]] = {}
    rows = Certificate.objects.filter(member_id__in=members, attested_by_id=agency)
    rows = rows.order_by("training", "-valid_until")
    for row in rows:
        found[row.member_id] = (*found.get(row.member_id, ()), row)
    return found


def _decided(memberships: list[str]) -> Mapping[str, tuple[DirectoryChange, ...]]:
    """What was applied that says what is attested, what is suspended, and when it was reviewed."""
    kinds = (*_CONFIRMS, *ATTESTS, ChangeKind.SUSPEND, ChangeKind.LEAVE)
    rows = DirectoryChange.objects.filter(
        membership_id__in=memberships, state=ChangeState.APPLIED, kind__in=kinds
    )
    found: dict[str, tuple[DirectoryChange, ...]] = {}
    for row in rows.order_by("decided_at"):
        found[row.membership_id] = (*found.get(row.membership_id, ()), row)
    return found


def _entry(
    row: Membership, held: Iterable[Certificate], decided: Iterable[DirectoryChange], at: datetime
) -> MemberEntry:
    in_force, now_held = in_force_at(row, at), held_at(row, at)
    training = tuple(certificate_entry(c, at) for c in held)
    ends = [*now_held.ends, *(end for c in held if (end := end_of_certificate(c)) > at)]
    if row.valid_until is not None and row.valid_until > at:
        ends.append(row.valid_until)
    confirmed = [d for d in decided if d.kind in _CONFIRMS and d.decided_at]
    last = confirmed[-1] if confirmed else None
    reviewed_at = last.decided_at if last and last.decided_at else row.valid_from
    return MemberEntry(
        membership=row.id,
        member=row.member_id,
        name=row.member.name,
        title=row.title,
        nationality=now_held.nationality,
        agency=row.agency_id,
        roles=tuple(sorted(now_held.roles)),
        clearance=now_held.clearance,
        assurance=now_held.assurance,
        attested=attested(row, decided, at),
        since=row.valid_from,
        until=row.valid_until,
        in_force=in_force,
        suspended=not in_force and _suspended(row, decided),
        training=training,
        first_end=min(ends, default=None) if in_force else None,
        reviewed_at=reviewed_at,
        reviewed_by=last.decided_by if last else None,
        review_due=reviewed_at + REVIEW_EVERY,
    )


def _suspended(row: Membership, decided: Iterable[DirectoryChange]) -> bool:
    """The membership ended in the moment of a suspension, and nobody left it since."""
    ended = [d for d in decided if d.kind in (ChangeKind.SUSPEND, ChangeKind.LEAVE)]
    last = ended[-1] if ended else None
    return (
        last is not None and last.kind == ChangeKind.SUSPEND and last.decided_at == row.valid_until
    )


def person(member: str) -> tuple[str, str] | None:
    """Name and nationality of somebody whom the node knows; None for nobody."""
    return Member.objects.filter(id=member).values_list("name", "nationality").first()


def is_member(member: str) -> bool:
    """Whether the node knows this person."""
    return Member.objects.filter(id=member).exists()


def other_membership(agency: str, member: str, membership: str) -> bool:
    """Whether a person has a membership of this agency, over or not, under another name than this."""
    rows = Membership.objects.filter(agency_id=agency, member_id=member)
    return rows.exclude(id=membership).exists()


def acts_elsewhere(member: str, agency: str) -> bool:
    """Whether a person acts for another agency, or is suspended there; the database knows."""
    with connection.cursor() as cursor:
        cursor.execute("select accord.acts_elsewhere(%s, %s, accord.clock())", [member, agency])
        return bool(cursor.fetchone()[0])


def other_administrators(agency: str, member: str, at: datetime) -> int:
    """How many people but this one administer an agency now and still at that moment."""
    rows = Membership.objects.select_related("agency", "member").filter(
        agency_id=agency, roles__contains=[ADMINISTRATOR]
    )
    moment = now()
    return len(
        {
            row.member_id
            for row in rows
            if row.member_id != member and in_force_at(row, moment)
            and (row.valid_until is None or row.valid_until > at)
            and ADMINISTRATOR in held_at(row, at).roles
        }
    )  # fmt: skip


def person_of(membership: str) -> str | None:
    """The person of a membership, over or not."""
    return Membership.objects.filter(id=membership).values_list("member_id", flat=True).first()


def changes(
    membership: str | None = None, *, waiting: bool = False, most: int = 200
) -> tuple[Change, ...]:
    """Return the changes that the reader may see, the newest first; what waits, the oldest first."""
    rows = DirectoryChange.objects.all()
    if membership is not None:
        rows = rows.filter(membership_id=membership)
    if waiting:
        rows = rows.filter(state=ChangeState.PROPOSED, proposed_at__gt=now() - PROPOSAL_LIFE)
    at = now()
    ordered = rows.order_by("proposed_at" if waiting else "-proposed_at", "id")
    return tuple(_change(row, at) for row in ordered[:most])


def waits(membership: str, kind: ChangeKind, facts: Mapping[str, object]) -> bool:
    """Whether the very same change is proposed already."""
    said = {name: value for name, value in facts.items() if value}
    return any(
        c.kind is kind and {name: value for name, value in c.facts.items() if value} == said
        for c in changes(membership, waiting=True)
    )


def change(change_id: UUID) -> Change:
    """Return one change; raises NotFound where it is absent or of another agency."""
    row = DirectoryChange.objects.filter(id=change_id).first()
    if row is None:
        raise NotFound()
    return _change(row, now())


def link_until(change_id: UUID) -> datetime | None:
    """When the link that a change brought ends; None where none waits."""
    row = SigninLink.objects.filter(change_id=change_id, used_at=None, expires_at__gt=now()).first()
    return row.expires_at if row else None


def _change(row: DirectoryChange, at: datetime) -> Change:
    state, expires = standing_of(row.state, row.proposed_at, at)
    return Change(
        id=row.id,
        agency=row.agency_id,
        kind=ChangeKind(row.kind),
        member=row.member_id,
        membership=row.membership_id,
        facts=row.facts,
        held=row.held,
        state=state,
        by=row.proposed_by,
        at=row.proposed_at,
        expires_at=expires,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        via=Via(row.via),
    )
