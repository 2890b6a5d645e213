"""What members signed with passkeys, over the API: the list, and the file that proves one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from accord.agreements import queries
from accord.agreements.api.agreements import HASH
from accord.agreements.entry import api_context
from accord.agreements.memberbundles import kept_for, told
from accord.identity.queries import FORMAT
from accord.kernel.errors import NotFound
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["agreements"])
_ID = "01985c4e-7a00-7000-8000-000000000001"
_SIGNED = (
    'accord-member-signature/1\n{"agency":"riverbend-pd","at":"2026-11-16T15:00:00.000000Z",'
    f'"digest":"{HASH}","kind":"agreement","member":"d.okafor",'
    f'"membership":"riverbend-pd.d.okafor","subject":"{HASH}"}}'
)


class MemberSignatureLine(Schema):
    """One signature of a member."""

    id: UUID = Field(examples=[_ID])
    name: str = Field(
        description="Who signed.", examples=["Daniel Okafor, Riverbend Police Department"]
    )
    agency: str = Field(description="For whom.", examples=["riverbend-pd"])
    says: str = Field(description="What it does, in words.", examples=["signed the agreement"])
    kept_at: datetime = Field(examples=["2026-11-16T15:00:02Z"])
    holds: bool = Field(description="Whether it is as the node kept it.", examples=[True])


class AssertionOut(Schema):
    """The passkey's answer (WebAuthn level 3), each part in base64."""

    authenticatorData: str = Field(examples=["SZYN5YgO..."])
    clientDataJSON: str = Field(examples=["eyJ0eXBl..."])
    signature: str = Field(examples=["MEUCIQ..."])


class MemberKeyOut(Schema):
    """The public key that made it."""

    cose: str = Field(description="COSE (RFC 9052), in base64.", examples=["pQECAyYg..."])
    digest: str = Field(
        description="Its SHA-256, as the ledger's entry of its making names it.", examples=[HASH]
    )
    credential: str = Field(examples=["AAAA"])


class MemberSignatureBundle(Schema):
    """Everything that proves one signature; `accord-verify FILE` checks it."""

    format: str = Field(examples=[FORMAT])
    document: str = Field(description="What was shown, in base64.", examples=["eyJhdCI6Li4u"])
    signed: str = Field(
        description="The text whose SHA-256 the passkey answered.", examples=[_SIGNED]
    )
    assertion: AssertionOut
    key: MemberKeyOut
    rp: str = Field(examples=["accord.example"])
    origin: str = Field(examples=["https://accord.example"])


def page_for(subject: str, after: str | None, limit: int) -> dict[str, Any]:
    """One page of what members signed about an agreement version or a statement."""
    shown, following = page_of(kept_for(subject), after, limit, lambda k: str(k.id))
    names = MemberSignatureLine.model_fields
    items = [MemberSignatureLine(**{name: getattr(k, name) for name in names}) for k in shown]
    return {"items": items, "next": following}


@router.get(
    "/agreements/{content_hash}/signatures",
    response=Page[MemberSignatureLine],
    summary="Signatures of members",
)
@api_context
def list_member_signatures(
    request: Any, content_hash: str, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """What members signed with passkeys about this version, beside their agencies' signatures."""
    del request  # the decorator's
    _there(content_hash)
    return page_for(content_hash, after, limit)


@router.get(
    "/agreements/{content_hash}/signatures/{uuid:signature_id}",
    response=MemberSignatureBundle,
    summary="A signature to verify",
)
@api_context
def member_signature(request: Any, content_hash: str, signature_id: UUID) -> Any:
    """One signature of a member with all that proves it, to be checked without this node."""
    _there(content_hash)
    return told(request.scope, content_hash, signature_id)


def _there(content_hash: str) -> None:
    if not queries.versions_beside(content_hash):
        raise NotFound("No agreement has this hash.")
