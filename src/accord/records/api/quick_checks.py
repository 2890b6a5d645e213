"""Quick checks over the API: one's own, those to review, and what a reviewer found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Query, Router, Schema

from accord.agreements.entry import api_desk
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions.quick_checks import review_check
from accord.records.checking import Check
from accord.records.queries import quick_checks as queries

router = Router(tags=["quick checks"])


class QuickCheckOut(Schema):
    """A look-up without a case, and what its reviewer found; never what came back."""

    id: UUID
    by: str = Field(examples=["riverbend-pd.m.alvarez"])
    at: datetime
    legal_basis: str = Field(examples=["statute"])
    reason: str = Field(examples=["Stop on the road or on foot"])
    asked: str = Field(examples=["plate:XKT-4471"])
    ledger_entry: UUID
    verdict: Literal["justified", "not-justified"] | None = Field(
        description="Null while nobody has reviewed it."
    )
    because: str | None = Field(examples=["The stop is in the log of that night."])
    reviewer: str | None = Field(examples=["riverbend-pd.d.okafor"])
    reviewed_at: datetime | None


class VerdictIn(Schema):
    """Whether a check was justified, and why."""

    verdict: Literal["justified", "not-justified"] = Field(examples=["justified"])
    because: str = Field(max_length=1_000, examples=["The stop is in the log of that night."])


Which = Annotated[
    Literal["mine", "review"],
    Query(description="Your own, or the sampled ones of your agency.", examples=["mine"]),
]


@router.get("/quick-checks", response=Page[QuickCheckOut], summary="Quick checks")
@api_desk("oversight")
def list_checks(
    request: Any, which: Which = "mine", after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """Your own quick checks; for supervisors and oversight officers also those to review."""
    scope = request.scope
    found = queries.own_checks(scope) if which == "mine" else queries.checks_to_review(scope)
    shown, following = page_of(found, after, limit, lambda c: str(c.id))
    return {"items": [_out(c) for c in shown], "next": following}


@router.post("/quick-checks/{uuid:check_id}/verdict", response=QuickCheckOut, summary="Review")
@api_desk("oversight")
def review(request: Any, check_id: UUID, payload: VerdictIn) -> Any:
    """Says of a sampled check of a colleague whether it was justified; once."""
    review_check(request.scope, check_id, payload.verdict, payload.because)
    return _out(queries.one_check(request.scope, check_id))


def _out(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "by": check.membership,
        "at": check.at,
        "legal_basis": check.basis,
        "reason": check.reason.said,
        "asked": check.asked,
        "ledger_entry": check.entry_id,
        "verdict": check.verdict,
        "because": check.because,
        "reviewer": check.reviewer,
        "reviewed_at": check.reviewed_at,
    }
