"""Read agreements, their states and signatures, and the node's labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agreements.domain import Agreement
from accord.agreements.models import (
    AgreementState,
    AgreementVersion,
    CaseKeyHolder,
    LabelEntry,
)
from accord.agreements.parse import parse
from accord.agreements.terms import verify_signatures
from accord.kernel.clock import now
from accord.kernel.errors import NotAllowed, NotFound
from accord.kernel.labels import Label

IN_FORCE = "in-force"


@dataclass(frozen=True, slots=True)
class Signature:
    """One party's signature, as read."""

    agency: str
    officer: str
    signed_at: datetime
    signature: bytes


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """One version of an agreement with its present state."""

    content_hash: str
    agreement: str
    kind: str
    title: str
    parties: tuple[str, ...]
    text: str
    parent_hash: str | None
    effective_from: datetime
    effective_until: datetime | None
    state: str
    signatures: tuple[Signature, ...]

    @property
    def parsed(self) -> Agreement:
        """The agreement that the text says."""
        return _parsed(self.content_hash, self.text, self.agreement)


@dataclass(frozen=True, slots=True)
class InForce:
    """The versions that decide at one moment, and when that set changes by time alone."""

    versions: tuple[VersionEntry, ...]
    changes_at: datetime | None


@lru_cache(maxsize=256)
def _parsed(content_hash: str, text: str, name: str) -> Agreement:
    return parse(text, file=f"{name}.yaml", agencies=None)


def in_force(at: datetime) -> InForce:
    """Return the signed, activated versions whose time it is at `at`."""
    chosen, edges = [], []
    for version in versions():
        if version.state != IN_FORCE or not is_signed(version):
            continue
        edges += [version.effective_from, version.effective_until]
        if version.effective_from <= at and not _over(version, at):
            chosen.append(version)
    coming = [edge for edge in edges if edge is not None and edge > at]
    return InForce(tuple(chosen), min(coming, default=None))


def is_signed(version: VersionEntry) -> bool:
    """Return whether the text is the one that the hash names and every party signed it.

    Asked each time a set in force is chosen, so that a row written past the actions decides nothing.
    """
    given = tuple(sorted((s.agency, s.signature) for s in version.signatures))
    known = agencies.public_keys()
    keys = tuple((p, known[p]) for p in sorted(version.parties) if p in known)
    return _verified(version.content_hash, version.text, version.agreement, given, keys)


@lru_cache(maxsize=256)
def _verified(
    content_hash: str,
    text: str,
    name: str,
    given: tuple[tuple[str, bytes], ...],
    keys: tuple[tuple[str, bytes], ...],
) -> bool:
    agreement = _parsed(content_hash, text, name)
    try:
        verify_signatures(agreement, dict(given), dict(keys))
    except NotAllowed:
        return False
    return agreement.content_hash == content_hash


def _over(version: VersionEntry, at: datetime) -> bool:
    return version.effective_until is not None and version.effective_until <= at


def versions() -> tuple[VersionEntry, ...]:
    """Return every version on the node, by agreement and age."""
    rows = AgreementVersion.objects.prefetch_related("signatures", "states")
    return tuple(_entry(row) for row in rows.order_by("agreement", "created_at"))


def version(content_hash: str) -> VersionEntry:
    """Return one version; raises NotFound."""
    row = (
        AgreementVersion.objects.prefetch_related("signatures", "states")
        .filter(content_hash=content_hash)
        .first()
    )
    if row is None:
        raise NotFound("No agreement has this hash.")
    return _entry(row)


def version_in_force(agreement_id: str) -> VersionEntry:
    """Return the version of an agreement that decides now; raises NotFound."""
    for found in in_force(now()).versions:
        if found.agreement == agreement_id:
            return found
    raise NotFound(f"No version of {agreement_id} is in force.")


def agreements_by_hash(hashes: Sequence[str]) -> tuple[Agreement, ...]:
    """Return the parsed agreements with these hashes, in the order given."""
    found = {v.content_hash: v for v in versions()}
    return tuple(found[h].parsed for h in hashes)


def _entry(row: AgreementVersion) -> VersionEntry:
    states: list[AgreementState] = sorted(row.states.all(), key=lambda s: s.id)
    return VersionEntry(
        content_hash=row.content_hash,
        agreement=row.agreement,
        kind=row.kind,
        title=row.title,
        parties=tuple(row.parties),
        text=row.text,
        parent_hash=row.parent_hash,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        state=states[-1].state if states else "proposed",
        signatures=tuple(
            Signature(s.agency, s.officer, s.signed_at, bytes(s.signature))
            for s in sorted(row.signatures.all(), key=lambda s: s.id)
        ),
    )


def newest_label() -> int:
    """Return the highest number given to a label; 0 when there is none."""
    return LabelEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0


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


def policy_epoch() -> int:
    """Return the number that moves whenever anything that decides access changes."""
    with connection.cursor() as cursor:
        cursor.execute("select epoch from accord.policy_epoch")
        return int(cursor.fetchone()[0])
