"""Read quick checks: the member's own, and for reviewers the sampled ones of their agency."""

from __future__ import annotations

from uuid import UUID

from accord.agreements.scope import Scope
from accord.kernel.errors import NotFound
from accord.platform import sealedaddress
from accord.records.checking import Check, Reason, check_reviewer
from accord.records.models import QuickCheck, QuickCheckReview

SHOWN = 200


def checks_to_review(scope: Scope) -> tuple[Check, ...]:
    """The sampled checks of the agency, newest first; raises NotAllowed for who does not review.

    The reviewer's own are left out: a colleague reviews them.
    """
    check_reviewer(scope.actor)
    rows = QuickCheck.objects.filter(agency_id=scope.actor.agency, sampled=True)
    rows = rows.exclude(membership_id=scope.actor.membership)
    return _read(scope, list(rows.order_by("-at", "-id")[:SHOWN]))


def own_checks(scope: Scope) -> tuple[Check, ...]:
    """The member's last checks, with what was found of those that were reviewed."""
    rows = QuickCheck.objects.filter(membership_id=scope.actor.membership)
    return _read(scope, list(rows.order_by("-at", "-id")[:SHOWN]))


def waiting_count(scope: Scope) -> int:
    """How many sampled checks wait for this reviewer."""
    rows = QuickCheck.objects.filter(agency_id=scope.actor.agency, sampled=True)
    rows = rows.exclude(membership_id=scope.actor.membership)
    return rows.filter(quickcheckreview=None).count()


def one_check(scope: Scope, check_id: UUID) -> Check:
    """One check that the actor may read; raises NotFound."""
    found = _read(scope, list(QuickCheck.objects.filter(id=check_id)))
    if not found:
        raise NotFound()
    return found[0]


def whose_check(scope: Scope, check_id: UUID) -> list[bytes]:
    """For whom the texts of a check are sealed: the agency that reviews it."""
    return [b"accord-quick-check/1", scope.actor.agency.encode(), check_id.bytes]


def _read(scope: Scope, rows: list[QuickCheck]) -> tuple[Check, ...]:
    reviews = {
        r.check_of_id: r
        for r in QuickCheckReview.objects.filter(check_of_id__in=[r.id for r in rows])
    }
    return tuple(_check(scope, row, reviews.get(row.id)) for row in rows)


def _check(scope: Scope, row: QuickCheck, review: QuickCheckReview | None) -> Check:
    asked, typed = sealedaddress.unseal(row.sealed, whose_check(scope, row.id))
    because = sealedaddress.unseal(review.sealed, whose_check(scope, row.id))[0] if review else None
    return Check(
        id=row.id,
        membership=row.membership_id,
        basis=row.legal_basis,
        reason=Reason(row.reason, typed),
        asked=asked,
        at=row.at,
        entry_id=row.entry_id,
        verdict=review.verdict if review else None,
        because=because,
        reviewer=review.reviewer if review else None,
        reviewed_at=review.at if review else None,
    )


def has_checked(scope: Scope) -> bool:
    """Whether the member has made a quick check."""
    return QuickCheck.objects.filter(membership_id=scope.actor.membership).exists()


def has_reviewed(scope: Scope) -> bool:
    """Whether the member has reviewed one."""
    return QuickCheckReview.objects.filter(reviewer=scope.actor.membership).exists()
