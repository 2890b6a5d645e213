"""Write quick checks and their reviews."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict
from accord.kernel.phrases import phrase
from accord.platform import sealedaddress
from accord.platform.db.locks import alone
from accord.platform.secrets import secret_bytes
from accord.records.checking import Reason, check_verdict, is_sampled
from accord.records.models import QuickCheck, QuickCheckReview
from accord.records.queries.quick_checks import one_check, whose_check

KEY_NAME = "quick-check.key"


def begin_check(scope: Scope, asked: str, reason: Reason) -> UUID:
    """Keep that something was checked, and why; whether it is reviewed is settled here."""
    check_id = ids.uuid7()
    QuickCheck.objects.bulk_create(
        [
            QuickCheck(
                id=check_id,
                membership_id=scope.actor.membership,
                agency_id=scope.actor.agency,
                legal_basis=scope.context.legal_basis,
                reason=reason.code,
                sealed=sealedaddress.seal([asked, reason.typed], whose_check(scope, check_id)),
                entry_id=scope.entry_id,
                at=now(),
                sampled=is_sampled(_key(), check_id, settings.ACCORD_QUICK_CHECK_REVIEW_PERCENT),
            )
        ]
    )
    scope.did("consultation", step="quick check", check=str(check_id), reason=reason.said)
    return check_id


def review_check(scope: Scope, check_id: UUID, verdict: str, because: str) -> None:
    """Say whether a sampled check was justified, and why; once.

    Raises NotFound for a check that is not there for this reviewer, Conflict when it has a review.
    """
    found = one_check(scope, check_id)
    text = check_verdict(scope.actor, found, verdict, because)
    alone(f"accord.review_check {check_id}")
    if one_check(scope, check_id).verdict is not None:
        raise Conflict(phrase("This check has been reviewed."))
    QuickCheckReview.objects.bulk_create(
        [
            QuickCheckReview(
                id=ids.uuid7(),
                check_of_id=check_id,
                membership_id=found.membership,
                agency_id=scope.actor.agency,
                reviewer=scope.actor.membership,
                verdict=verdict,
                sealed=sealedaddress.seal([text], whose_check(scope, check_id)),
                at=now(),
            )
        ]
    )
    scope.did("alteration", step="reviewed a quick check", check=str(check_id), verdict=verdict)


def _key() -> bytes:
    return secret_bytes(Path(settings.ACCORD_DATA_DIR), KEY_NAME)
