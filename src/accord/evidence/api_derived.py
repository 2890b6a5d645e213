"""What is derived from exhibits, over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_context, freshly_proven_person
from accord.agreements.scope import Scope
from accord.agreements.tokenscope import needs
from accord.evidence import forms, ways
from accord.evidence.actions import derivations as actions
from accord.evidence.domain import DerivationState
from accord.evidence.queries import derivations as queries
from accord.evidence.queries import exhibits
from accord.evidence.queries.derivations import DerivationView
from accord.evidence.views_reading import opened
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["exhibits"])
NUMBER = "HT-2026-014/riverbend-pd/7"


class AreaIn(Schema):
    """A rectangle in ten-thousandths of the width and height of a page as it is seen, from top left."""

    page: int = Field(1, examples=[1])
    left: int = Field(examples=[1000])
    top: int = Field(examples=[1500])
    width: int = Field(examples=[2500])
    height: int = Field(examples=[3000])


class DeriveIn(Schema):
    """What is to be made. Labels that are left out are the source's."""

    way: str = Field(
        description="`redaction`, `clip`, `extraction`, `copy`.", examples=["redaction"]
    )
    description: str = Field(examples=["The front desk, faces blackened."])
    areas: list[AreaIn] | None = Field(None, description="Of a redaction.")
    start_ms: int | None = Field(None, description="Of a clip.", examples=[None])
    end_ms: int | None = Field(None, description="Of a clip.", examples=[None])
    attachment: int | None = Field(
        None, description="Of an extraction; 0 is all text.", examples=[None]
    )
    kind: str | None = Field(None, examples=["image"])
    subject: list[str] | None = Field(None, examples=[["none"]])
    sensitivity: str | None = Field(None, examples=["official"])
    handling: str | None = Field(None, examples=["none"])
    flag: list[str] | None = Field(None, description="`minor`, `sealed`.", examples=[[]])


class DerivationOut(Schema):
    """A derivation of yours: the worker makes it."""

    id: UUID
    source: UUID
    way: str = Field(examples=["redaction"])
    state: DerivationState
    reason: str | None = Field(description="Why it was not made.", examples=[None])
    sentence: str | None = Field(examples=[None])
    result: UUID | None = Field(description="The record of the new exhibit.")
    lost: int = Field(
        description="How often the worker ended while it was at it; three times at most.",
        examples=[0],
    )
    asked_at: datetime
    done_at: datetime | None


class DerivedOut(Schema):
    """An exhibit that was made of another one."""

    record: UUID
    number: str = Field(examples=[NUMBER])
    owner: str = Field(examples=["riverbend-pd"])


@router.post(
    "/exhibits/{uuid:record_id}/derivations",
    response={202: DerivationOut},
    summary="Derive from it",
)
@freshly_proven_person
@api_context
@needs("export")
def derive(request: Any, record_id: UUID, payload: DeriveIn) -> Any:
    """Ask for an exhibit made of this one; the source is only read. Ask again how far it has come.

    A derivation is a copy: whoever may not take one, or has no custody of the exhibit, is refused.
    """
    scope: Scope = request.scope
    start = actions.about_of(opened(scope, record_id), payload.description, payload.kind)
    said = {
        "kind": start.kind,
        "description": start.description,
        "offence": start.offence,
        "sensitivity": payload.sensitivity or start.sensitivity,
        "handling": payload.handling or start.handling,
        "subject": sorted(start.subjects) if payload.subject is None else payload.subject,
        "flag": [f for f in forms.FLAGS if getattr(start, f)]
        if payload.flag is None
        else payload.flag,
    }
    way = ways.way_of({n: v for n, v in payload.dict().items() if v is not None})
    asked = actions.ask(scope, record_id, way, forms.about(forms.Listed(said)))
    return Status(202, _derivation(queries.derivation(asked)))


@router.get(
    "/exhibits/{uuid:record_id}/derivations",
    response=Page[DerivedOut],
    summary="What was made of it",
)
@api_context
def list_derived(
    request: Any, record_id: UUID, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """The exhibits made of this one that are open to you."""
    exhibits.worked_on(request.scope, record_id).file()  # as a check that it is open
    found = queries.made_of(request.scope, record_id)
    shown, following = page_of(found, after, limit, lambda s: str(s.exhibit.record_id))
    items = [
        {"record": s.exhibit.record_id, "number": s.exhibit.number, "owner": s.exhibit.owner}
        for s in shown
    ]
    return {"items": items, "next": following}


@router.get(
    "/exhibits/derivations/{uuid:derivation_id}",
    response=DerivationOut,
    summary="How far a derivation has come",
)
@api_context
def one_derivation(request: Any, derivation_id: UUID) -> Any:
    """One of yours; others' are not found."""
    del request  # its scope is sealed: rows are the member's own
    return _derivation(queries.derivation(derivation_id))


@router.post(
    "/exhibits/derivations/{uuid:derivation_id}/cancel",
    response=DerivationOut,
    summary="Cancel a derivation",
)
@api_context
@needs("export")
def cancel_derivation(request: Any, derivation_id: UUID) -> Any:
    """One of yours that is not done; nothing of it is kept."""
    actions.cancel(request.scope, derivation_id)
    return _derivation(queries.derivation(derivation_id))


def _derivation(found: DerivationView) -> dict[str, Any]:
    return {
        "id": found.id,
        "source": found.source,
        "way": found.way,
        "state": found.state,
        "reason": found.reason,
        "sentence": found.sentence,
        "result": found.result,
        "lost": found.lost,
        "asked_at": found.asked_at,
        "done_at": found.done_at,
    }
