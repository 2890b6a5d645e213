"""The steps of an agreement's life over the API, with signatures made off the node."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Query, Router, Schema, Status

from accord.agreements import actions, queries
from accord.agreements.api.agreements import HASH, AgreementLine, base64_of, line_of
from accord.agreements.entry import api_context, freshly_proven
from accord.agreements.life import Step, step_payload
from accord.agreements.signing import signature_of
from accord.agreements.tokenscope import needs
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput

router = Router(tags=["agreements"])

_AT = "2026-11-16T15:00:00Z"
_REASON = "The audit of the shared system found accounts that nobody owns."
Attested = Literal["activate", "suspend", "resume", "terminate"]


class Sign(Schema):
    """An Ed25519 signature over the canonical form; the key never comes to the node."""

    signature: str = Field(description="64 bytes in base64.", examples=["MEUCIQ..."])


class Withdraw(Schema):
    """Why what was proposed is taken back; every member reads it."""

    reason: str = Field(examples=["It names the wrong laboratory."])


class Attest(Schema):
    """When the agency takes the step, and its signature over step, time and reason."""

    at: datetime | None = Field(
        None,
        description="The time that the signature names, at most a day ago; now when left out.",
        examples=[_AT],
    )
    signature: str | None = Field(
        None,
        description="Base64 of 64 bytes over what `/canonical` gives. A demonstration, whose "
        "agencies' keys lie on the node, signs by itself when it is left out. An agency that has no "
        "key in force can only suspend, and leaves it out.",
        examples=[None],
    )


class Because(Attest):
    """The same, with the reason, which every member reads."""

    reason: str = Field(examples=[_REASON])


class ToSign(Schema):
    """The bytes that an agency signs, and the hash of the version."""

    content_hash: str = Field(examples=[HASH])
    canonical: str = Field(description="Base64 of RFC 8785.", examples=["eyJhdCI6Li4u"])
    at: str | None = Field(
        description="The time that they name, for a step; send it with the signature.",
        examples=[_AT],
    )


@router.get("/agreements/{content_hash}/canonical", response=ToSign, summary="What to sign")
@api_context
@needs(None)
def canonical(
    request: Any,
    content_hash: str,
    step: Annotated[
        Attested | None,
        Query(description="The step to sign; the version itself when left out.", examples=[None]),
    ] = None,
    at: Annotated[
        datetime | None, Query(description="The step's time; now when left out.", examples=[_AT])
    ] = None,
    reason: Annotated[str, Query(description="The step's reason.", examples=[""])] = "",
) -> Any:
    """The canonical form (RFC 8785) of the version, or of a step that is about to be taken."""
    del request  # the decorator's
    version = queries.version(content_hash)
    if step is None:
        return ToSign(
            content_hash=content_hash, canonical=base64_of(version.parsed.canonical()), at=None
        )
    moment = _zoned(at) or now()
    payload = step_payload(content_hash, Step(step), moment, reason.strip())
    return ToSign(content_hash=content_hash, canonical=base64_of(payload), at=moment.isoformat())


@router.post("/agreements/{content_hash}/signatures", response={201: AgreementLine}, summary="Sign")
@freshly_proven
@api_context
def sign(request: Any, content_hash: str, payload: Sign) -> Any:
    """Adds the signature of the member's agency, checked under that agency's public key."""
    actions.sign(request.scope, content_hash, signature_of(payload.signature, "request"))
    return Status(201, line_of(queries.version(content_hash)))


@router.post(
    "/agreements/{content_hash}/withdrawal", response=AgreementLine, summary="Withdraw a proposal"
)
@freshly_proven
@api_context
def withdraw(request: Any, content_hash: str, payload: Withdraw) -> Any:
    """Takes back what the member's agency proposed, while it is not in force; this is final."""
    actions.withdraw(request.scope, content_hash, reason=payload.reason)
    return line_of(queries.version(content_hash))


@router.post(
    "/agreements/{content_hash}/activation", response=AgreementLine, summary="Put in force"
)
@freshly_proven
@api_context
def activate(request: Any, content_hash: str, payload: Attest | None = None) -> Any:
    """Puts a version in force once every party signed; an amendment replaces its parent.

    What will then decide is proven first: the compiled form against the source, and every
    invariant that a party keeps. Without z3 on the node this is refused.
    """
    sent = payload or Attest(at=None, signature=None)
    actions.activate(request.scope, content_hash, **_attested(sent))
    return line_of(queries.version(content_hash))


@router.post("/agreements/{content_hash}/suspension", response=AgreementLine, summary="Suspend")
@freshly_proven
@api_context
def suspend(request: Any, content_hash: str, payload: Because) -> Any:
    """Holds the whole agreement back, from the next request on; any party may, at once."""
    actions.suspend(request.scope, content_hash, reason=payload.reason, **_attested(payload))
    return line_of(queries.version(content_hash))


@router.post("/agreements/{content_hash}/resumption", response=AgreementLine, summary="Resume")
@freshly_proven
@api_context
def resume(request: Any, content_hash: str, payload: Because) -> Any:
    """Ends the suspension by the member's agency; in force again once nobody else suspends it."""
    actions.resume(request.scope, content_hash, reason=payload.reason, **_attested(payload))
    return line_of(queries.version(content_hash))


@router.post("/agreements/{content_hash}/termination", response=AgreementLine, summary="Terminate")
@freshly_proven
@api_context
def terminate(request: Any, content_hash: str, payload: Because) -> Any:
    """Ends the agreement for every party, from the next request on; this is final."""
    actions.terminate(request.scope, content_hash, reason=payload.reason, **_attested(payload))
    return line_of(queries.version(content_hash))


def _attested(sent: Attest) -> dict[str, Any]:
    signature = None if sent.signature is None else signature_of(sent.signature, "request")
    return {"at": _zoned(sent.at), "signature": signature}


def _zoned(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise InvalidInput("request", None, "at", "needs a zone, for example 2026-01-31T12:00:00Z")
    try:
        return None if at is None else at.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput("request", None, "at", "lies outside the calendar") from error
