"""Bundles over the API: what one would hold, and taking it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from ninja import Field, Router, Schema

from accord.agreements.entry import api_context, freshly_proven_person
from accord.agreements.tokenscope import needs
from accord.evidence.bundling import queries
from accord.evidence.bundling.domain import REASONS, WhyLeftOut
from accord.evidence.bundling.views import bundle_response

router = Router(tags=["exhibits"])

NUMBER = "HT-2026-014/riverbend-pd/3"


class BundledExhibit(Schema):
    """An exhibit that can go into the bundle."""

    record: UUID
    number: str = Field(examples=[NUMBER])
    owner: str = Field(examples=["riverbend-pd"])
    kind: str = Field(examples=["video"])
    size: int | None = Field(description="Bytes; null of a sealed file.", examples=[2_000_000_000])


class LeftOutExhibit(Schema):
    """An exhibit that you see and that cannot go along."""

    record: UUID
    number: str = Field(examples=[NUMBER])
    owner: str = Field(examples=["harlan-so"])
    why: WhyLeftOut = Field(examples=["no-clause"])
    sentence: str = Field(examples=["No clause in force lets the taker have a copy of it."])


class BundlePlan(Schema):
    """What a bundle of this case would hold now; the export judges each exhibit anew."""

    exhibits: list[BundledExhibit]
    left_out: list[LeftOutExhibit]
    size: int = Field(
        description="Bytes of all files together that are not sealed.", examples=[2_000_000_000]
    )


class BundleAsked(Schema):
    """Which exhibits of the case the bundle is to hold."""

    exhibits: list[UUID] | None = Field(
        None, description="Their records; all that you see, if none are named.", examples=[None]
    )


@router.get("/exhibits/bundle", response=BundlePlan, summary="What a bundle would hold")
@api_context
def plan_bundle(request: Any) -> Any:
    """Exhibits of the case that can be taken together, and those that cannot with the reason."""
    found = queries.plan(request.scope)
    return {
        "exhibits": [
            {
                "record": each.record_id,
                "number": each.number,
                "owner": each.owner,
                "kind": each.kind,
                "size": each.size_bytes,
            }
            for each in found.offered
        ],
        "left_out": [
            {
                "record": each.record_id,
                "number": each.number,
                "owner": each.owner,
                "why": each.why,
                "sentence": REASONS[each.why],
            }
            for each in found.left_out
        ],
        "size": found.size_bytes(),
    }


@router.post("/exhibits/bundle", response={200: None}, summary="Take a bundle")
@freshly_proven_person
@api_context
@needs("export")
def take_bundle(request: Any, payload: BundleAsked) -> HttpResponseBase:
    """A ZIP with files, custody, CASE/UCO graph, certificate draft and manifest; a disclosure.

    `accord-verify` checks it. `Accord-Ledger-Entry` names its entry in the ledger, which holds the
    SHA-256 of the manifest.
    """
    return bundle_response(request.scope, payload.exhibits)
