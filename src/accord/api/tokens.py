"""A member's own tokens over the API. None is made here: that asks for the member in person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_desk
from accord.agreements.tokenscope import needs
from accord.desk.signing_in import OFFICE
from accord.identity.tokens import queries
from accord.identity.tokens.actions import tokens
from accord.identity.tokens.domain import TokenEntry
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["tokens"])


class TokenOut(Schema):
    """A token of yours; the token itself was shown once."""

    id: UUID
    name: str = Field(examples=["Nightly list"])
    purposes: list[str] = Field(examples=[["human-trafficking-investigation"]])
    actions: list[str] = Field(examples=[["match", "hit", "view"]])
    assurance: int = Field(description="Of the session that made it.", examples=[2])
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = Field(examples=[None])


@router.get("/tokens", response=Page[TokenOut], summary="Your tokens")
@api_desk(OFFICE)
@needs(None)
def list_tokens(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The latest tokens of this membership, the newest first."""
    found = queries.tokens(request.scope.actor.membership)
    shown, following = page_of(found, after, limit, lambda t: str(t.id))
    request.scope.did("consultation", of="own tokens")
    return {"items": [_out(t) for t in shown], "next": following}


@router.delete("/tokens/{uuid:token_id}", response={204: None}, summary="Revoke a token")
@api_desk(OFFICE)
@needs(None)
def revoke(request: Any, token_id: UUID) -> Any:
    """It opens nothing from the next request on. A token may revoke itself, and any of its member's."""
    tokens.revoke(request.scope.actor.membership, token_id)
    request.scope.did("membership", step="revoked a token", token=str(token_id))
    return Status(204, None)


def _out(entry: TokenEntry) -> TokenOut:
    return TokenOut(**{name: _listed(getattr(entry, name)) for name in TokenOut.model_fields})


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
