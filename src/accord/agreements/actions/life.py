"""Write agreements and the steps of their life. Each change moves the policy epoch."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accord.agencies import queries as agencies
from accord.agreements import queries
from accord.agreements.domain import Agreement
from accord.agreements.models import (
    AgreementSignature,
    AgreementState,
    AgreementVersion,
)
from accord.agreements.parse import parse
from accord.agreements.scope import Scope
from accord.agreements.terms import check_amendment, check_signature, verify_signatures
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, NotAllowed


def propose(scope: Scope, text: str, file: str) -> str:
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
        _log(scope, agreement, "proposed")
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


def sign(scope: Scope, content_hash: str, signature: bytes) -> None:
    """Add the signature of the actor's agency over the canonical form.

    Raises NotAllowed when the agency is no party or the signature does not verify.
    """
    version = queries.version(content_hash)
    agreement = version.parsed
    if scope.actor.agency not in agreement.parties:
        raise NotAllowed(
            f"{scope.actor.agency_name} is no party to {agreement.id}, so it cannot sign it."
        )
    check_signature(agreement, scope.actor.agency, signature, agencies.public_keys())
    _, made = AgreementSignature.objects.get_or_create(
        version_id=content_hash,
        agency=scope.actor.agency,
        defaults={"officer": scope.actor.membership, "signature": signature},
    )
    if made:
        _log(scope, agreement, "signed")


def activate(scope: Scope, content_hash: str) -> None:
    """Put a version in force once every party signed; an amendment supersedes its parent.

    Raises NotAllowed while a signature is missing or false, or when a party of the version that it
    amends is no party to it; Conflict when its parent is not the version in force or another is.
    """
    version = queries.version(content_hash)
    if version.state == queries.IN_FORCE:
        return
    agreement = version.parsed
    given = {s.agency: s.signature for s in version.signatures}
    verify_signatures(agreement, given, agencies.public_keys())
    if agreement.amends:
        check_amendment(agreement, queries.version(agreement.amends).parsed)
    others = [
        v for v in queries.versions() if v.agreement == agreement.id and v.state == queries.IN_FORCE
    ]
    for other in others:
        if other.content_hash != agreement.amends:
            raise Conflict(
                f"Version {other.content_hash[:12]} of {agreement.id} is in force; "
                "an amendment has to name it as its parent."
            )
        if version.effective_from > now():
            raise Conflict(
                f"This version begins on {agreement.in_force.starts}; put in force before then, "
                "it would leave nobody an agreement in between."
            )
        _set_state(other.content_hash, "superseded", scope)
    _set_state(content_hash, queries.IN_FORCE, scope)
    _log(scope, agreement, "in force")


def _set_state(content_hash: str, state: str, scope: Scope) -> None:
    AgreementState.objects.create(
        version_id=content_hash, state=state, at=now(), by_member=scope.actor.membership
    )


def _log(scope: Scope, agreement: Agreement, step: str) -> None:
    scope.did("agreement", agreement=agreement.id, hash=agreement.content_hash, step=step)
