"""Retention over the API: the queue, reviews, purges by two people, tombstones, holds, labels."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_context
from accord.agreements.tokenscope import needs
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions import keeping, labels
from accord.records.actions import retention as actions
from accord.records.api.shapes import PartOut
from accord.records.keeps import gone, keeps
from accord.records.queries import retention as queries
from accord.records.queries.retention import Kept, Review, Tombstone
from accord.records.retention import Due, ReviewState

router = Router(tags=["retention"])

WHY = "The unit's cases no longer rest on it, and nobody evaluated it."
RULE = "28 CFR 23.20(h)"
LABEL: dict[str, Any] = PartOut.model_fields["label"].examples[0]  # type: ignore[index]  # it has one


class KeptOut(Schema):
    """How long one own record is kept."""

    record: UUID
    schema_name: str = Field(examples=["Person"])
    retention_class: str = Field(examples=["criminal-intelligence"])
    rule: str = Field(examples=[RULE])
    received_on: date
    validated_on: date | None
    review_on: date
    retain_until: date | None = Field(description="Its last day; null where no rule sets one.")
    legal_hold: bool
    state: Due


class GoingOut(Schema):
    """One part that a purge removes."""

    part: UUID
    kind: str = Field(examples=["identity"])
    revision: int
    subjects: list[str] = Field(examples=[["suspect"]])
    sealed: bool = Field(description="Encrypted; the key that opens it goes too.")
    keys: int = Field(examples=[1])
    search_rows: int = Field(examples=[3])


class ReviewedOut(KeptOut):
    """How long a record is kept, and all that a purge of it removes."""

    parts: list[GoingOut]
    latest: date | None = Field(description="The last day that a validation today may set.")
    kept_by: str | None = Field(
        description="What must end first, in words: an exhibit is disposed of by order. Else null."
    )
    gone: str | None = Field(
        description="What of it is gone and no legal hold keeps, in words: the file of an exhibit that "
        "was disposed of. Else null."
    )


class Validation(Schema):
    """A record is kept: its new days, and why."""

    review_on: date
    retain_until: date | None = Field(None, description="Needed where the law sets a maximum.")
    reason: str = Field(max_length=4_000, examples=["The inquiry that it serves is still open."])


class Proposal(Schema):
    """A record is to be purged, and what whoever says so has seen of it."""

    reason: str = Field(max_length=4_000, examples=[WHY])
    seen: list[UUID] = Field(
        max_length=10_000, description="Every part of `parts`, as it was read."
    )


class Approval(Schema):
    """What the second person has seen of what goes."""

    seen: list[UUID] = Field(
        max_length=10_000, description="Every part of `parts`, as it was read."
    )


class ReviewOut(Schema):
    """One review of one record."""

    id: UUID
    record: UUID
    schema_name: str = Field(examples=["Person"])
    state: ReviewState
    by: str = Field(examples=["harlan-so.s.ferris"])
    at: datetime
    closed_by: str | None = Field(examples=["harlan-so.e.rasmussen"])
    closed_at: datetime | None


class TombstoneOut(Schema):
    """That a record was here, who ended it and under which rule."""

    record: UUID
    schema_name: str = Field(examples=["Person"])
    rule: str = Field(examples=[RULE])
    proposed_by: str = Field(examples=["harlan-so.s.ferris"])
    approved_by: str = Field(examples=["harlan-so.e.rasmussen"])
    parts: int = Field(examples=[4])
    at: datetime
    ledger_entry: UUID


class HoldAsked(Schema):
    """A legal hold, or its end, and which proceeding asks for it."""

    on: bool
    reason: str = Field(max_length=4_000, examples=["Asked for by the court in State v. Doe."])


class LastDay(Schema):
    """The last day of a record; null takes it away where no law asks for one."""

    retain_until: date | None


class LabelAsked(Schema):
    """The whole new label of a part; owner, schema and part stay as they are."""

    label: dict[str, Any] = Field(examples=[LABEL])


class Relabelled(Schema):
    """The part that stands in the place of the old one."""

    part: UUID


@router.get("/retention/queue", response=Page[KeptOut], summary="Records to review")
@api_context
def list_queue(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Own records whose review or last day comes within 30 days, for those who keep them."""
    request.scope.did("consultation", of="retention: due")
    today = queries.day()
    shown, following = page_of(queries.queue(today), after, limit, lambda k: str(k.record_id))
    return {"items": [_kept(k, today) for k in shown], "next": following}


@router.get("/retention/records/{uuid:record_id}", response=ReviewedOut, summary="One review")
@api_context
def one_record(request: Any, record_id: UUID) -> Any:
    """How long an own record is kept, and every part that a purge of it removes."""
    return _reviewed(request.scope, record_id)


@router.post(
    "/retention/records/{uuid:record_id}/validation", response=ReviewedOut, summary="Keep a record"
)
@api_context
@needs("alter")
def validate(request: Any, record_id: UUID, payload: Validation) -> Any:
    """Keeps a record after its review, with new days and never beyond the legal maximum."""
    actions.revalidate(
        request.scope,
        record_id,
        review_on=payload.review_on,
        retain_until=payload.retain_until,
        reason=payload.reason,
    )
    return _reviewed(request.scope, record_id)


@router.post(
    "/retention/records/{uuid:record_id}/purge-proposals",
    response={201: ReviewOut},
    summary="Propose a purge",
)
@api_context
@needs("alter")
def propose(request: Any, record_id: UUID, payload: Proposal) -> Any:
    """Proposes as the first person that a record be purged; it stays until a second one approves."""
    made = actions.propose_purge(request.scope, record_id, payload.reason, seen=payload.seen)
    return Status(201, ReviewOut(**_review(queries.review(made))))


@router.get("/retention/purges", response=Page[ReviewOut], summary="Purges proposed")
@api_context
def list_purges(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What one person of your agency proposed to purge, and no second has decided."""
    request.scope.did("consultation", of="retention: proposed")
    rows = queries.reviews(states=[ReviewState.PROPOSED])
    shown, following = page_of(rows, after, limit, lambda r: str(r.id))
    return {"items": [_review(r) for r in shown], "next": following}


@router.post(
    "/retention/purges/{uuid:review_id}/approval", response=ReviewOut, summary="Purge a record"
)
@api_context
@needs("alter")
def approve(request: Any, review_id: UUID, payload: Approval) -> Any:
    """Purges as the second person what another proposed; it cannot be undone."""
    actions.approve(request.scope, review_id, seen=payload.seen)
    return _review(queries.review(review_id))


@router.post(
    "/retention/purges/{uuid:review_id}/refusal", response=ReviewOut, summary="Keep it after all"
)
@api_context
@needs("alter")
def withdraw(request: Any, review_id: UUID) -> Any:
    """Takes a proposal to purge back; the record stays."""
    actions.withdraw(request.scope, review_id)
    return _review(queries.review(review_id))


@router.get("/retention/tombstones", response=Page[TombstoneOut], summary="What was purged")
@api_context
def list_tombstones(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What your agency purged: that a record was here, and nothing of what it said."""
    request.scope.did("consultation", of="retention: gone")
    shown, following = page_of(queries.tombstones(), after, limit, lambda t: str(t.record_id))
    return {"items": [_tombstone(t) for t in shown], "next": following}


@router.post("/records/{uuid:record_id}/legal-hold", response={204: None}, summary="Legal hold")
@api_context
@needs("alter")
def hold(request: Any, record_id: UUID, payload: HoldAsked) -> Any:
    """Puts an own record under a legal hold, which beats purge and recall, or ends the hold.

    What was gone before no hold keeps: `gone` of `/retention/records/...` says what that is.
    """
    keeping.set_legal_hold(request.scope, record_id, payload.on, payload.reason)
    return Status(204, None)


@router.post("/records/{uuid:record_id}/last-day", response={204: None}, summary="Set the last day")
@api_context
@needs("alter")
def last_day(request: Any, record_id: UUID, payload: LastDay) -> Any:
    """Sets the last day of an own record, never beyond the legal maximum."""
    keeping.set_retention(request.scope, record_id, payload.retain_until)
    return Status(204, None)


@router.post("/parts/{uuid:part_id}/label", response=Relabelled, summary="Change a label")
@api_context
@needs("relabel")
def relabel(request: Any, part_id: UUID, payload: LabelAsked) -> Any:
    """Gives the current part of an own record another label; a stricter one starts a recall."""
    made = labels.relabel(request.scope, part_id, labels.read(payload.label))
    return {"part": made}


def _kept(found: Kept, today: date) -> dict[str, Any]:
    return {
        "record": found.record_id,
        "schema_name": found.schema,
        "retention_class": found.retention_class,
        "rule": actions.authority(found),
        "received_on": found.created_on,
        "validated_on": found.validated_on,
        "review_on": found.review_on,
        "retain_until": found.retain_until,
        "legal_hold": found.legal_hold,
        "state": found.due(today),
    }


def _reviewed(scope: Any, record_id: UUID) -> dict[str, Any]:
    found, today = queries.kept(record_id), queries.day()
    scope.did(scope.kind, of=f"retention of {record_id}")
    going, stays = queries.manifest(record_id), keeps(record_id)
    return _kept(found, today) | {
        "kept_by": stays.reason if stays else None,
        "gone": gone(record_id),
        "latest": actions.latest_for(found, today),
        "parts": [
            {
                "part": g.part_id,
                "kind": g.kind,
                "revision": g.revision,
                "subjects": sorted(g.label.subjects),
                "sealed": g.sealed,
                "keys": g.keys,
                "search_rows": g.terms,
            }
            for g in going
        ],
    }


def _review(found: Review) -> dict[str, Any]:
    return {
        "id": found.id,
        "record": found.record_id,
        "schema_name": found.schema,
        "state": found.state,
        "by": found.by_member,
        "at": found.at,
        "closed_by": found.closed_by,
        "closed_at": found.closed_at,
    }


def _tombstone(found: Tombstone) -> dict[str, Any]:
    return {
        "record": found.record_id,
        "schema_name": found.schema,
        "rule": found.authority,
        "proposed_by": found.proposed_by,
        "approved_by": found.approved_by,
        "parts": found.parts,
        "at": found.at,
        "ledger_entry": found.entry_id,
    }
