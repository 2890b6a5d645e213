"""Read agreements, their states and signatures, and the node's labels."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agreements.compiled import in_order
from accord.agreements.domain import Agreement
from accord.agreements.labelindex import LabelIndex
from accord.agreements.life import State
from accord.agreements.models import (
    AgreementDraft,
    CaseKeyHolder,
    LabelEntry,
)
from accord.agreements.versions import Stored, VersionEntry, entries
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.kernel.labels import LABEL_SPACE, Label

IN_FORCE = State.IN_FORCE
NO_KEY = UUID(int=0)
"""A key that nothing carries."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The versions that decide at one moment, and when that set changes by time alone."""

    versions: tuple[VersionEntry, ...]
    changes_at: datetime | None
    suspended: tuple[VersionEntry, ...] = ()
    """Versions whose time it is and which a party suspended: they forbid, and permit nothing."""

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Everything that has a say, as it decides, in the order in which it is compiled."""
        return in_order(version.deciding for version in (*self.versions, *self.suspended))


def in_force(at: datetime) -> InForce:
    """Return the signed, activated versions whose time it is at `at`."""
    return deciding(versions(at), at)


def deciding(known: Iterable[VersionEntry], at: datetime) -> InForce:
    """Return which of the versions decide at `at`, given their lives at that time."""
    standing = [v for v in known if v.state in (State.IN_FORCE, State.SUSPENDED)]
    begun = [v for v in standing if v.effective_from <= at]
    chosen = [v for v in begun if v.state is State.IN_FORCE]
    held = [v for v in begun if v.state is State.SUSPENDED]
    edges = [edge for v in standing for edge in (v.effective_from, v.effective_until)]
    coming = [edge for edge in edges if edge is not None and edge > at]
    return InForce(tuple(chosen), min(coming, default=None), tuple(held))


def versions(at: datetime | None = None) -> tuple[VersionEntry, ...]:
    """Return every version on the node with its life at `at`, by agreement and age."""
    return _entries(at or now())


def version(content_hash: str) -> VersionEntry:
    """Return one version; raises NotFound."""
    for found in versions_beside(content_hash):
        if found.content_hash == content_hash:
            return found
    raise NotFound("No agreement has this hash.")


def versions_beside(content_hash: str) -> tuple[VersionEntry, ...]:
    """Return every version of the agreement of which this is one; none when nothing has the hash."""
    return _entries(now(), beside=content_hash)


def versions_of(agreement_id: str) -> tuple[VersionEntry, ...]:
    """Return every version of one agreement, by age."""
    return _entries(now(), agreement=agreement_id)


# In one statement, so that signatures and steps are those of one moment; read on every request
# after something changed.
_VERSIONS = """
select v.content_hash, v.agreement, v.kind, v.title, to_json(v.parties)::text, v.text,
       v.parent_hash, to_json(v.effective_from)::text, to_json(v.created_at)::text,
       coalesce((select json_agg(json_build_array(
                            s.agency, s.officer, s.signed_at, encode(s.signature, 'hex')
                        ) order by s.id)
                   from agreement_signature s where s.version_id = v.content_hash), '[]')::text,
       coalesce((select json_agg(json_build_array(
                            s.id, s.step, s.agency, s.by_member, s.at, s.reason,
                            encode(s.signature, 'hex')
                        ) order by s.id)
                   from agreement_state s where s.version_id = v.content_hash), '[]')::text
  from agreement_version v
 where (%(agreement)s::text is null or v.agreement = %(agreement)s)
   and (%(beside)s::text is null
        or v.agreement in (select agreement from agreement_version
                            where content_hash = %(beside)s))
 order by v.agreement, v.created_at, v.content_hash
"""


def _entries(
    at: datetime, *, agreement: str | None = None, beside: str | None = None
) -> tuple[VersionEntry, ...]:
    """The versions of one agreement, or of that of one version, or every one."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, {"agreement": agreement, "beside": beside})
        rows = [Stored(*row) for row in cursor.fetchall()]
    return entries(rows, agencies.key_ring(), at)


def version_in_force(agreement_id: str) -> VersionEntry:
    """Return the version of an agreement that decides now; raises NotFound."""
    for found in in_force(now()).versions:
        if found.agreement == agreement_id:
            return found
    raise NotFound(f"No version of {agreement_id} is in force.")


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """An agreement that the reader's agency is writing."""

    id: UUID
    name: str
    text: str
    revision: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime


def drafts() -> tuple[DraftEntry, ...]:
    """Return the drafts of the sealed member's agency, the latest edit first."""
    rows = AgreementDraft.objects.order_by("-updated_at", "id")
    return tuple(_draft(row) for row in rows)


def draft(draft_id: UUID) -> DraftEntry:
    """Return one draft of the sealed member's agency; raises NotFound."""
    row = AgreementDraft.objects.filter(id=draft_id).first()
    if row is None:
        raise NotFound("There is no such draft.")
    return _draft(row)


def _draft(row: AgreementDraft) -> DraftEntry:
    names = ("id", "name", "text", "revision", "created_by", "created_at", "updated_by")
    return DraftEntry(**{n: getattr(row, n) for n in names}, updated_at=row.updated_at)


def newest_label() -> int:
    """Return the highest number given to a label; 0 when there is none."""
    return LabelEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


def label_index(newest: int | None = None) -> LabelIndex:
    """Return the node's labels up to `newest` as columns: in one text, since it is read whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(array_agg(id order by id), '{}'), "
            "coalesce(json_agg(facts order by id), '[]')::text "
            "from label where id <= %s",
            [LABEL_SPACE if newest is None else newest],
        )
        numbers, facts = cursor.fetchone()
    return LabelIndex.of_facts(numbers, json.loads(facts))


def labels_by_number(newest: int | None = None) -> tuple[Label | None, ...]:
    """Return the node's labels up to `newest`; the place is the number, gaps are None."""
    found = LabelEntry.objects.order_by("id")
    if newest is not None:
        found = found.filter(id__lte=newest)
    rows = list(found.values_list("id", "facts"))
    table: list[Label | None] = [None] * (rows[-1][0] + 1 if rows else 0)
    for number, facts in rows:
        table[number] = label_of(facts)
    return tuple(table)


def labels(numbers: Iterable[int]) -> dict[int, Label]:
    """Return these labels by number; raises NotFound when one is absent.

    INVARIANT: read anew each time. A number seen in a transaction that is rolled back is given to
    another label later, so a process must not remember it.
    """
    wanted = set(numbers)
    rows = LabelEntry.objects.filter(id__in=wanted).values_list("id", "facts")
    found = {number: label_of(facts) for number, facts in rows}
    if wanted - found.keys():
        raise NotFound("A label has a number that this node does not know.")
    return found


def label(number: int) -> Label:
    """Return the label with this number on this node; raises NotFound."""
    return labels([number])[number]


def label_of(facts: dict[str, object]) -> Label:
    """Return the label that a stored row says."""
    return Label.from_facts(facts)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A membership that holds a case's key now."""

    membership_id: str
    agency_id: str
    valid_from: datetime
    valid_until: datetime | None


def case_key_holders(case_id: UUID) -> tuple[KeyHolder, ...]:
    """Return who holds the key of a case now, as far as the sealed member may know."""
    at = now()
    rows = CaseKeyHolder.objects.filter(case_id=case_id, valid_from__lte=at).order_by("id")
    return tuple(
        KeyHolder(r.membership_id, r.agency_id, r.valid_from, r.valid_until)
        for r in rows
        if r.valid_until is None or r.valid_until > at
    )


@dataclass(frozen=True, slots=True)
class CaseHolding:
    """That a membership holds the key of a case now."""

    case_id: UUID
    case_key: UUID
    number: str
    lead_agency: str
    purposes: tuple[str, ...]
    membership_id: str


def holders_of_keys(keys: Iterable[UUID]) -> tuple[CaseHolding, ...]:
    """Return who holds these case keys now, as far as the sealed member may know.

    Of a case that is not the request's own a member sees themselves alone, and a supervisor of its
    lead agency everybody.
    """
    at = now()
    asked = list(keys) or [NO_KEY]  # an empty list would ask nothing, and so be one statement less
    rows = CaseKeyHolder.objects.filter(case_key__in=asked, valid_from__lte=at)
    return tuple(
        CaseHolding(
            r.case_id, r.case_key, r.case_number, r.lead_agency, tuple(r.purposes), r.membership_id
        )
        for r in rows.order_by("id")
        if r.valid_until is None or r.valid_until > at
    )


def policy_epoch() -> int:
    """Return the number that moves whenever anything that decides access changes."""
    with connection.cursor() as cursor:
        cursor.execute("select epoch from accord.policy_epoch")
        return int(cursor.fetchone()[0])
