"""How consents and determinations read and are written over the API."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from accord.agreements.statements.domain import CONSENT, Statement, StatementState
from accord.records.api.shapes import CLOSED, HASH

WHY = "She signed the form with the interpreter and her advocate present."
DANGER = "A message read this morning names the house and says tonight."
PARTS = [["core", "contact"]]
SAMPLE = Statement(
    id=UUID("01985c4e-7a00-7000-8000-000000000001"),
    agency="riverbend-pd",
    by="riverbend-pd.l.hart",
    person="l.hart",
    kind=CONSENT,
    recipient="safe-harbor",
    purpose="victim-protection",
    record=None,
    parts=("contact", "core"),
    case=None,
    case_number=None,
    reason=UUID("01985c4e-7a00-7000-8000-000000000002"),
    starts=datetime(2026, 11, 16, 15, tzinfo=UTC),
    ends=datetime(2027, 5, 16, 15, tzinfo=UTC),
)
SIGNATURE = base64.b64encode(bytes(range(64))).decode()
"""64 bytes, as any Ed25519 signature; it verifies under nobody's key."""


class ConsentIn(Schema):
    """A person's consent, as the advocate or the custodian of the owning agency records it."""

    recipient: str = Field(max_length=80, examples=["safe-harbor"])
    purpose: str = Field(max_length=80, examples=["victim-protection"])
    record: UUID | None = Field(
        None, description="One own record; without it, every own record in the request's case now."
    )
    parts: list[str] = Field(max_length=20, examples=PARTS)
    until: datetime = Field(description="At most a year from now.")
    reason: str = Field(max_length=4_000, examples=[WHY])


class DeterminationIn(Schema):
    """What a supervisor determines over own records."""

    kind: str = Field(max_length=80, examples=["determination(necessity)"])
    recipient: str = Field(max_length=80, examples=["harlan-so"])
    record: UUID | None = Field(
        None, description="One own record; without it, every own record in the request's case now."
    )
    parts: list[str] = Field(max_length=20, examples=PARTS)
    until: datetime = Field(description="At most 90 days from now.")
    reason: str = Field(max_length=4_000, examples=["No other source names the driver."])


class EmergencyIn(Schema):
    """An emergency in the case of this request; a second person has to confirm it."""

    until: datetime = Field(description="At most 72 hours from now.")
    reason: str = Field(max_length=4_000, examples=[DANGER])


class SignatureIn(Schema):
    """The agency's signature, where it is made off the node; a demonstration makes it itself."""

    signature: str | None = Field(
        None, max_length=200, description="64 bytes in base64.", examples=[SIGNATURE]
    )


class RevocationIn(Schema):
    """Why it is taken back."""

    because: Literal["withdrawn-by-the-person", "no-longer-needed", "given-in-error"]


class ReviewIn(Schema):
    """How an emergency that took effect is judged by a third person."""

    judged: Literal["justified", "too-wide", "not-justified"]


class ExtensionIn(Schema):
    """A later end, in a new statement."""

    until: datetime
    reason: str = Field(max_length=4_000, examples=[WHY])


class StatementLine(Schema):
    """One statement of your agency in a list."""

    id: UUID
    kind: str = Field(examples=[CONSENT])
    by: str = Field(examples=["riverbend-pd.l.hart"])
    recipient: str = Field(examples=["safe-harbor"])
    purpose: str | None = Field(examples=["victim-protection"])
    case: str | None = Field(examples=[None])
    parts: list[str] = Field(examples=PARTS)
    starts: datetime
    ends: datetime
    state: StatementState
    signed: bool = Field(description="Whether every signature it needs verifies now.")
    review_due: datetime | None = Field(description="For an emergency nobody has reviewed.")


class ActOut(Schema):
    """What happened to a statement."""

    act: str = Field(examples=["signed"])
    by: str = Field(examples=["riverbend-pd.l.hart"])
    at: datetime
    word: str | None = Field(description="Why it was revoked or how judged.", examples=[None])


class ClauseNamed(Schema):
    """A clause in force that names such a statement."""

    agreement: str = Field(examples=["protocol-2025-012"])
    agreement_hash: str = Field(examples=[HASH])
    clause: str = Field(examples=["2.1"])
    effect: Literal["permit", "forbid"]


class RevokedKey(Schema):
    """The agency's key that signed a statement and was revoked since before that."""

    key: str = Field(description="The public half, in hexadecimal.", examples=[HASH])
    since: datetime = Field(description="Since when others had it.")
    revoked_at: datetime = Field(description="When the agency first said so.")
    reason: str = Field(examples=["A copy was found"])


class StatementOut(StatementLine):
    """One statement whole, with the bytes that are signed."""

    reason: str | None = Field(description="As far as clauses let you read it.", examples=[WHY])
    reason_closed: bool = Field(description=CLOSED, examples=[False])
    record: UUID | None = Field(description="Where you see it for this purpose.")
    extends: UUID | None
    void_because: RevokedKey | None = Field(description="Why it is void, where a key was revoked.")
    told: list[str] = Field(examples=[["safe-harbor"]])
    acts: list[ActOut]
    clauses: list[ClauseNamed]
    canonical: str = Field(
        description="Base64 of what the agency signs (RFC 8785).",
        examples=[base64.b64encode(SAMPLE.canonical()).decode()],
    )
    confirmation: str | None = Field(
        description="Base64 of what the agency signs when you are the second person.",
        examples=[None],
    )


class NoticeOut(Schema):
    """What another agency stated for yours: never about which record, nor in which case."""

    statement: UUID
    by_agency: str = Field(examples=["riverbend-pd"])
    kind: str = Field(examples=[CONSENT])
    purpose: str | None = Field(examples=["victim-protection"])
    starts: datetime
    ends: datetime
    state: StatementState
