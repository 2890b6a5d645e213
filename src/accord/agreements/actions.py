"""Write agreements, labels and case keys. Each change that decides access moves the policy epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements import queries
from accord.agreements.domain import Agreement
from accord.agreements.models import (
    AgreementSignature,
    AgreementState,
    AgreementVersion,
    CaseKeyHolder,
    LabelEntry,
)
from accord.agreements.parse import parse
from accord.agreements.terms import check_signature, verify_signatures
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, Conflict, NotAllowed
from accord.kernel.labels import LABEL_SPACE, Label
from accord.ledger import actions as ledger
from accord.ledger.domain import Entry, Kind


@transaction.atomic
def propose(text: str, file: str, *, by: Actor) -> str:
    """Store a version, not yet signed, and return its content hash; the same text again is no change.

    Raises InvalidInput with file, line, clause and rule; Conflict when it amends a version that
    this node does not hold.
    """
    agreement = parse(text, file=file, agencies={a.id for a in agencies.agencies()})
    if (
        agreement.amends
        and not AgreementVersion.objects.filter(content_hash=agreement.amends).exists()
    ):
        raise Conflict(f"{file} amends {agreement.amends}, which this node does not hold.")
    _, made = AgreementVersion.objects.get_or_create(
        content_hash=agreement.content_hash,
        defaults={
            "agreement": agreement.id,
            "kind": agreement.kind,
            "title": agreement.title,
            "parties": sorted(agreement.parties),
            "text": text,
            "parent_hash": agreement.amends,
            "effective_from": _first_instant(agreement),
            "effective_until": _end_instant(agreement),
        },
    )
    if made:
        _log(by, agreement, "proposed")
    return agreement.content_hash


def _first_instant(agreement: Agreement) -> datetime:
    zone = ZoneInfo(agreement.in_force.zone)
    return datetime.combine(agreement.in_force.starts, time.min, zone).astimezone(UTC)


def _end_instant(agreement: Agreement) -> datetime | None:
    """`until` is inclusive in the agreement's own zone, so the end is the next midnight there."""
    if agreement.in_force.ends is None:
        return None
    zone = ZoneInfo(agreement.in_force.zone)
    after = agreement.in_force.ends + timedelta(days=1)
    return datetime.combine(after, time.min, zone).astimezone(UTC)


@transaction.atomic
def sign(content_hash: str, *, by: Actor, signature: bytes) -> None:
    """Add the signature of the actor's agency over the canonical form.

    Raises NotAllowed when the agency is no party or the signature does not verify.
    """
    version = queries.version(content_hash)
    agreement = version.parsed
    if by.agency not in agreement.parties:
        raise NotAllowed(f"{by.agency_name} is no party to {agreement.id}, so it cannot sign it.")
    check_signature(agreement, by.agency, signature, agencies.public_keys())
    _, made = AgreementSignature.objects.get_or_create(
        version_id=content_hash,
        agency=by.agency,
        defaults={"officer": by.membership, "signature": signature},
    )
    if made:
        _log(by, agreement, "signed")


@transaction.atomic
def activate(content_hash: str, *, by: Actor) -> None:
    """Put a version in force once every party signed; an amendment supersedes its parent.

    Raises NotAllowed while a signature is missing or false, Conflict when its parent is not the
    version in force or another version of the agreement is.
    """
    version = queries.version(content_hash)
    if version.state == queries.IN_FORCE:
        return
    agreement = version.parsed
    given = {s.agency: s.signature for s in version.signatures}
    verify_signatures(agreement, given, agencies.public_keys())
    others = [
        v for v in queries.versions() if v.agreement == agreement.id and v.state == queries.IN_FORCE
    ]
    for other in others:
        if other.content_hash != agreement.amends:
            raise Conflict(
                f"Version {other.content_hash[:12]} of {agreement.id} is in force; "
                "an amendment has to name it as its parent."
            )
        _set_state(other.content_hash, "superseded", by)
    _set_state(content_hash, queries.IN_FORCE, by)
    _log(by, agreement, "in force")


def _set_state(content_hash: str, state: str, by: Actor) -> None:
    AgreementState.objects.create(
        version_id=content_hash, state=state, at=now(), by_member=by.membership
    )


def _log(by: Actor, agreement: Agreement, step: str) -> None:
    ledger.append(
        Entry(
            kind=Kind.AGREEMENT,
            at=now(),
            actor=by.membership,
            agency=by.agency,
            purpose="case-administration",
            case=None,
            legal_basis="agreement",
            items=(),
            detail={"agreement": agreement.id, "hash": agreement.content_hash, "step": step},
        )
    )


def number_labels(labels: Iterable[Label]) -> Mapping[Label, int]:
    """Return the node's number of each label, adding those not seen before.

    Runs in the caller's transaction under an advisory lock, so numbers have no gaps that a race
    could fill twice. Raises AccordError when the room for 65,536 labels is spent.
    """
    wanted = {label.hash: label for label in labels}
    known = _known(wanted)
    fresh = [label for h, label in wanted.items() if h not in known]
    if fresh:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtext('accord.label'))")
        known = _known(wanted)
        fresh = [label for h, label in wanted.items() if h not in known]
        first = (LabelEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
        if first + len(fresh) > LABEL_SPACE:
            raise AccordError(
                f"This node has room for {LABEL_SPACE} labels and they are spent.",
                who_can_change="whoever runs the node, by federating it",
            )
        LabelEntry.objects.bulk_create(
            LabelEntry(id=first + i, content_hash=label.hash, facts=label.facts())
            for i, label in enumerate(fresh)
        )
        known |= {label.hash: first + i for i, label in enumerate(fresh)}
    return {label: known[h] for h, label in wanted.items()}


def _known(wanted: Mapping[str, Label]) -> dict[str, int]:
    rows = LabelEntry.objects.filter(content_hash__in=list(wanted))
    return dict(rows.values_list("content_hash", "id"))


def give_case_key(
    *,
    case_id: UUID,
    case_number: str,
    lead_agency: str,
    purposes: Iterable[str],
    membership_id: str,
    agency_id: str,
    until: datetime | None = None,
) -> None:
    """Let a membership work in a case; the database accepts it from the lead agency's supervisor."""
    CaseKeyHolder.objects.bulk_create(
        [
            CaseKeyHolder(
                id=ids.uuid7(),
                case_id=case_id,
                case_key=ids.case_key(case_id),
                case_number=case_number,
                lead_agency=lead_agency,
                purposes=sorted(purposes),
                membership_id=membership_id,
                agency_id=agency_id,
                valid_from=now(),
                valid_until=until,
            )
        ]
    )


def end_case_key(case_id: UUID, membership_id: str) -> int:
    """Take a case's key from a membership, now; returns how many were taken."""
    at = now()
    return CaseKeyHolder.objects.filter(
        case_id=case_id, membership_id=membership_id, valid_until=None
    ).update(valid_until=at)
