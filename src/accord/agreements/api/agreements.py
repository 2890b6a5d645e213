"""Agreements over the API: read, propose, and compare; the steps of their life are beside this."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Query, Router, Schema, Status

from accord.agreements import actions, queries
from accord.agreements.cautions import cautions
from accord.agreements.domain import Clause
from accord.agreements.entry import api_context
from accord.agreements.life import ATTESTED, Life, State, Step, why_not
from accord.agreements.plain import clause_rows, explain
from accord.agreements.scope import Scope
from accord.agreements.tokenscope import needs
from accord.agreements.versions import VersionEntry
from accord.kernel.clock import now
from accord.kernel.errors import NotFound
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["agreements"])

HASH = "b6ac40de2bce1eabfada30635f692761fd601adad515065cb1b5c8adfdd49f28"
PARTIES = [["harlan-so", "riverbend-pd", "state-bi"]]
_YAML = "id: mou-2026-009\nkind: mou\ntitle: Shared stolen vehicles\n..."


class SignatureOut(Schema):
    """A party's signature over the canonical form, made off the node by a named officer."""

    agency: str = Field(examples=["harlan-so"])
    officer: str = Field(examples=["harlan-so.e.rasmussen"])
    signed_at: datetime


class AgreementLine(Schema):
    """One version of one agreement."""

    content_hash: str = Field(examples=[HASH])
    agreement: str = Field(examples=["mou-2026-007"])
    kind: str = Field(examples=["mou"])
    title: str = Field(examples=["Riverbend joint task force against human trafficking"])
    parties: list[str] = Field(examples=PARTIES)
    parent_hash: str | None = Field(description="The version that it amends.", examples=[None])
    effective_from: datetime
    effective_until: datetime | None = Field(description="The instant after its last day.")
    state: State = Field(
        description="Worked out from signatures, steps and time.", examples=["in-force"]
    )
    signed_by: list[SignatureOut]


class Term(Schema):
    """One thing that a clause says, in plain language."""

    term: str = Field(examples=["Who"])
    says: str = Field(examples=["investigators of every party but the owner"])


class ClauseOut(Schema):
    """A clause: what the parties wrote, and what the system makes of it."""

    id: str = Field(examples=["4.4"])
    effect: Literal["permit", "forbid"]
    action: str = Field(examples=["view"])
    prose: str = Field(examples=["What the owner releases in answer to a reasoned request ..."])
    plain: list[Term]
    facts: dict[str, Any] = Field(
        description="The clause as it is signed, with every default made explicit.",
        examples=[{"permit": "view", "when": ["grant"]}],
    )


class StepOut(Schema):
    """A step that an agency took with a version; the reason is read by every member."""

    step: Step = Field(examples=["activate"])
    agency: str = Field(examples=["harlan-so"])
    member: str = Field(examples=["harlan-so.e.rasmussen"])
    at: datetime
    reason: str = Field(examples=[""])
    signature: str | None = Field(
        description="Base64 of the agency's Ed25519 signature over the step.",
        examples=["MEUCIQ..."],
    )
    counts: bool = Field(
        description="False for a stored step that the rules refuse or whose signature is false: "
        "it decides nothing.",
        examples=[True],
    )


class StepChoice(Schema):
    """Whether the asking member may take a step now."""

    step: Step = Field(examples=["suspend"])
    why_not: str | None = Field(
        description="Null where it may be taken.",
        examples=["Only a supervisor takes steps with an agreement for an agency."],
    )


class AgreementOut(AgreementLine):
    """One version whole: its text, clauses, plain language, and the bytes that parties sign."""

    authority: list[str] = Field(examples=[["22 U.S.C. 7105"]])
    text: str = Field(description="The YAML as it was proposed.", examples=[_YAML])
    plain_language: str = Field(description="Markdown.", examples=["# Shared stolen vehicles"])
    clauses: list[ClauseOut]
    canonical: str = Field(
        description="The canonical form (RFC 8785) in base64: what Ed25519 signs.",
        examples=["eyJhdXRob3JpdHkiOlsuLi4="],
    )
    history: list[StepOut] = Field(description="Every step, as it was stored.")
    steps: list[StepChoice] = Field(description="What you may do with it now, and why not.")


class Propose(Schema):
    """An agreement, or an amendment that names its parent's hash."""

    text: str = Field(description="The agreement in YAML.", examples=[_YAML])
    file: str = Field(
        "agreement.yaml", description="What faults call it.", examples=["mou-2026-009.yaml"]
    )


class CautionOut(Schema):
    """Something that is valid and probably not meant."""

    clause: str = Field(examples=["4.4"])
    line: int | None = Field(examples=[61])
    text: str = Field(examples=["view asks less of the requester than hit does in clause 4.1"])


class Proposed(Schema):
    """The version that was stored, not yet signed by anybody."""

    content_hash: str = Field(examples=[HASH])
    agreement: str = Field(examples=["mou-2026-009"])
    canonical: str = Field(description="Base64 of what to sign.", examples=["eyJhdXRob3Jp..."])
    cautions: list[CautionOut]


@router.get("/agreements", response=Page[AgreementLine], summary="Agreements on this node")
@api_context
@needs(None)
def list_versions(
    request: Any,
    state: Annotated[
        str | None, Query(description="Only in this state.", examples=["in-force"])
    ] = None,
    agreement: Annotated[str | None, Query(description="Only versions of this one.")] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """Every version, by agreement and age; agreements are read by every member."""
    rows = [
        v
        for v in queries.versions()
        if state in (None, v.state) and agreement in (None, v.agreement)
    ]
    return _page(rows, after, limit)


@router.get("/agreements/in-force", response=Page[AgreementLine], summary="What decides now")
@api_context
@needs(None)
def in_force(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """The signed and activated versions whose time it is."""
    return _page(list(queries.in_force(now()).versions), after, limit)


@router.get("/agreements/{content_hash}", response=AgreementOut, summary="One version, whole")
@api_context
@needs(None)
def one_version(request: Any, content_hash: str) -> Any:
    """Text, clauses with plain language, signatures, and the canonical form that is signed."""
    found = queries.version(content_hash)
    agreement = found.parsed
    rows = clause_rows(agreement)
    return AgreementOut(
        **dict(line_of(found)),
        authority=list(agreement.authority),
        text=found.text,
        plain_language=explain(agreement),
        clauses=[_clause(c, rows[c.id]) for c in agreement.clauses],
        canonical=base64_of(agreement.canonical()),
        history=_history(found.life),
        steps=_choices(found.life, request.scope),
    )


@router.get(
    "/agreements/{content_hash}/versions",
    response=Page[AgreementLine],
    summary="Every version of an agreement",
)
@api_context
@needs(None)
def versions(
    request: Any, content_hash: str, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """The versions of the agreement of which this hash names one, by age."""
    del request  # the decorator's
    found = queries.versions_beside(content_hash)
    if not found:
        raise NotFound("No agreement has this hash.")
    return _page(list(found), after, limit)


@router.post("/agreements", response={201: Proposed}, summary="Propose an agreement")
@api_context
def propose(request: Any, payload: Propose) -> Any:
    """Stores a version; it decides nothing until every party signed it and it is activated.

    Every fault names file, line, field or clause, and the rule.
    """
    content_hash = actions.propose(request.scope, payload.text, payload.file)
    agreement = queries.version(content_hash).parsed
    found = [CautionOut(clause=c.clause_id, line=c.line, text=c.text) for c in cautions(agreement)]
    stored = Proposed(
        content_hash=content_hash,
        agreement=agreement.id,
        canonical=base64_of(agreement.canonical()),
        cautions=found,
    )
    return Status(201, stored)


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _page(rows: list[VersionEntry], after: str | None, limit: int) -> dict[str, Any]:
    shown, following = page_of(rows, after, limit, lambda v: v.content_hash)
    return {"items": [line_of(v) for v in shown], "next": following}


def line_of(version: VersionEntry) -> AgreementLine:
    names = [name for name in AgreementLine.model_fields if name != "signed_by"]
    signed = [
        SignatureOut(agency=s.agency, officer=s.officer, signed_at=s.signed_at)
        for s in version.signatures
    ]
    return AgreementLine(**{n: getattr(version, n) for n in names}, signed_by=signed)


def _clause(clause: Clause, rows: tuple[tuple[str, str], ...]) -> ClauseOut:
    return ClauseOut(
        id=clause.id,
        effect=clause.effect,
        action=clause.action,
        prose=clause.prose,
        plain=[Term(term=term, says=says) for term, says in rows],
        facts=clause.facts(),
    )


def _history(life: Life) -> list[StepOut]:
    acts = sorted((*life.acts, *life.ignored), key=lambda act: act.number)
    return [
        StepOut(
            step=act.step,
            agency=act.agency,
            member=act.member,
            at=act.at,
            reason=act.reason,
            signature=None if act.signature is None else base64_of(act.signature),
            counts=act in life.acts,
        )
        for act in acts
    ]


def _choices(life: Life, scope: Scope) -> list[StepChoice]:
    actor = scope.actor
    return [
        StepChoice(step=step, why_not=why_not(life, step, actor.agency, actor.roles))
        for step in (Step.SIGN, Step.WITHDRAW, *sorted(ATTESTED))
    ]
