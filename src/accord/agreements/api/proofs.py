"""Proofs over the API: how two versions compare, and whether invariants hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Field, Query, Router, Schema

from accord.agreements import queries
from accord.agreements.api.agreements import HASH
from accord.agreements.entry import api_context
from accord.agreements.verdicts import invariants, verdict
from accord.agreements.versions import VersionEntry
from accord.kernel.errors import InvalidInput

router = Router(tags=["agreements"])

_TEXT = "An investigator of riverbend-pd may read core of records of harlan-so on people ..."


class WitnessOut(Schema):
    """One question that one version allows and the other refuses."""

    text: str = Field(description="The question in words.", examples=[_TEXT])
    action: str = Field(examples=["view"])
    keys: list[str] = Field(examples=[["grant"]])
    allowed_by: list[dict[str, str]] = Field(
        description="The clauses that allow it, with agreement and hash.",
        examples=[[{"agreement": "mou-2026-007", "hash": HASH, "clause": "4.4"}]],
    )
    because: str = Field(
        description="Why the other version refuses it.", examples=["no clause permits it"]
    )


class ComparisonOut(Schema):
    """What one version allows against another: over every question, with an example for each way."""

    content_hash: str = Field(examples=[HASH])
    against: str = Field(description="The version it is compared with.", examples=[HASH])
    verdict: Literal["narrower", "wider", "equal", "incomparable"]
    wider: WitnessOut | None = Field(description="Only this version allows it.")
    narrower: WitnessOut | None = Field(description="Only the other version allows it.")
    forbids: str = Field(
        description="Whether its forbids bind less or more beside other agreements.",
        examples=["same"],
    )
    term: list[str] = Field(examples=[["ends on 2029-12-31 instead of 2028-12-31"]])
    joined: list[str] = Field(description="Parties that it adds.", examples=[["safe-harbor"]])
    left: list[str] = Field(description="Parties that it drops.", examples=[[]])


class LinkOut(Schema):
    """One step of a chain."""

    agreement: str = Field(examples=["mou-2026-007"])
    clause: str = Field(examples=["4.5"])
    text: str = Field(examples=["from riverbend-pd, harlan-so gets view under mou-2026-007 ..."])


class InvariantOut(Schema):
    """What must never follow: proven, or the chain by which it would."""

    id: str = Field(examples=["victims-harlan"])
    proven: bool = Field(examples=[True])
    text: str = Field(description="The question that breaks it.", examples=[""])
    chain: list[LinkOut] = Field(description="Empty where it is proven.")


class ProofOut(Schema):
    """The invariants of one version, each proven or broken beside all that is in force."""

    content_hash: str = Field(examples=[HASH])
    invariants: list[InvariantOut]


@router.get(
    "/agreements/{content_hash}/comparison", response=ComparisonOut, summary="Compare versions"
)
@api_context
def comparison(
    request: Any,
    content_hash: str,
    against: Annotated[
        str | None,
        Query(
            description="The hash of the other version; the one that it amends, else the one in "
            "force, when left out.",
            examples=[HASH],
        ),
    ] = None,
) -> Any:
    """Narrower, wider, equal or incomparable, proven over every question; 403 without z3."""
    del request  # the decorator's
    version = queries.version(content_hash)
    other = queries.version(against) if against else compared_with(version)
    found = verdict(other.parsed, version.parsed)
    facts = found.facts()
    return ComparisonOut(
        content_hash=content_hash,
        against=other.content_hash,
        verdict=facts["verdict"],
        wider=facts["wider"],
        narrower=facts["narrower"],
        forbids=facts["beside"]["forbids"],
        term=facts["term"],
        joined=facts["parties"]["joined"],
        left=facts["parties"]["left"],
    )


def compared_with(version: VersionEntry) -> VersionEntry:
    """The version that one is compared with when none is named; raises InvalidInput."""
    others = queries.versions_beside(version.content_hash)
    parent = [v for v in others if v.content_hash == version.parent_hash]
    standing = [v for v in others if v.state is queries.IN_FORCE]
    for found in (*parent, *standing):
        return found
    rule = "name a version; it amends none, and none of this agreement is in force"
    raise InvalidInput("request", None, "against", rule)


@router.get(
    "/agreements/{content_hash}/invariants",
    response=ProofOut,
    summary="Prove the invariants",
)
@api_context
def proof(request: Any, content_hash: str) -> Any:
    """Whether what its parties want never to follow can follow beside all that is in force."""
    del request  # the decorator's
    version = queries.version(content_hash)
    found = [
        InvariantOut(
            id=r.id,
            proven=r.proven,
            text=r.text,
            chain=[
                LinkOut(agreement=link.agreement, clause=link.clause, text=link.text)
                for link in r.chain or ()
            ],
        )
        for r in invariants(version)
    ]
    return ProofOut(content_hash=content_hash, invariants=found)
