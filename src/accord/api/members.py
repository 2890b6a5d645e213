"""Who asks, why one may ask, and whom one may ask: the member, the contexts, the directory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Router, Schema

from accord.agencies import queries as agencies
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.entry import api_context
from accord.agreements.tokenscope import needs
from accord.cases import queries as cases
from accord.kernel.vocabulary import Vocabulary

router = Router(tags=["members"])


class TrainingHeld(Schema):
    """A certificate of the member."""

    training: str = Field(examples=["cjis-security"])
    issued_on: str = Field(examples=["2026-02-10"])
    valid_until: str = Field(description="The last day, inclusive.", examples=["2028-02-09"])
    attested_by: str = Field(examples=["riverbend-pd"])
    valid: bool


class Me(Schema):
    """The membership that the token stands for, as far as its facts are in force now."""

    membership: str = Field(examples=["riverbend-pd.m.alvarez"])
    member: str = Field(examples=["riverbend-pd.m.alvarez"])
    name: str = Field(examples=["Marisol Alvarez"])
    title: str = Field(examples=["Detective, Special Victims Unit"])
    agency: str = Field(examples=["riverbend-pd"])
    agency_name: str = Field(examples=["Riverbend Police Department"])
    agency_kind: str = Field(examples=["police"])
    country: str = Field(examples=["US"])
    zone: str = Field(examples=["America/Chicago"])
    roles: list[str] = Field(examples=[["investigator"]])
    clearance: str = Field(examples=["confidential"])
    nationality: str | None = Field(examples=["US"])
    assurance: int = Field(description="How sure the sign-in was, 1 to 3.", examples=[2])
    training: list[TrainingHeld]
    holds_until: datetime | None = Field(
        description="The earliest moment at which one of these facts ends."
    )


class Word(Schema):
    """A word of the shared vocabulary with its meaning."""

    word: str = Field(examples=["human-trafficking-investigation"])
    meaning: str = Field(examples=["investigating human trafficking"])


class MyCase(Schema):
    """A case of the member: give its number in `Accord-Case`, one of its purposes in the other."""

    number: str = Field(examples=["HT-2026-014"])
    purposes: list[str] = Field(examples=[["human-trafficking-investigation", "prosecution"]])
    state: str = Field(examples=["open"])


class Contexts(Schema):
    """The working contexts in which the member may ask."""

    purposes: list[Word]
    legal_bases: list[Word]
    cases: list[MyCase]


@router.get("/me", response=Me, summary="The member that the token stands for")
@api_context
@needs(None)
def me(request: Any) -> Any:
    """Name, agency, roles, clearance and training, with what is no longer valid marked so."""
    actor = request.scope.actor
    facts = {name: getattr(actor, name) for name in Me.model_fields if hasattr(actor, name)}
    held = [
        {name: getattr(certificate, name) for name in TrainingHeld.model_fields}
        for certificate in agencies.certificates(actor.member, actor.agency)
    ]
    more = {"roles": sorted(actor.roles), "training": held, "holds_until": actor.expires_at}
    return Me(**(facts | more))


@router.get("/contexts", response=Contexts, summary="In which contexts the member may ask")
@api_context
@needs(None)
def contexts(request: Any) -> Any:
    """Every purpose and legal basis of the vocabulary, and the member's own cases."""
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)

    def words(dimension: str) -> list[Word]:
        return [
            Word(word=w, meaning=vocabulary.meaning(dimension, w))
            for w in vocabulary.words(dimension)
        ]

    mine = [
        MyCase(number=c.address, purposes=list(c.purposes), state=c.state) for c in cases.cases()
    ]
    return Contexts(purposes=words("purpose"), legal_bases=words("legal_basis"), cases=mine)
