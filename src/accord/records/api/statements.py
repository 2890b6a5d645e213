"""Consents and determinations over the API: list, read, give, sign, confirm, revoke, review, extend."""

from __future__ import annotations

import base64
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Status

from accord.agreements.api.membersignatures import (
    MemberSignatureBundle,
    MemberSignatureLine,
    page_for,
)
from accord.agreements.entry import api_context, freshly_proven
from accord.agreements.memberbundles import told
from accord.agreements.statements import policy
from accord.agreements.statements.domain import CONSENT, EMERGENCY, StatementState, confirmation
from accord.agreements.statements.queries import Held, Notice
from accord.agreements.tokenscope import needs
from accord.kernel.clock import now
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of
from accord.records.actions import statements as actions
from accord.records.actions.statements import Draft
from accord.records.api.statement_shapes import (
    ActOut,
    ClauseNamed,
    ConsentIn,
    DeterminationIn,
    EmergencyIn,
    ExtensionIn,
    NoticeOut,
    ReviewIn,
    RevocationIn,
    RevokedKey,
    SignatureIn,
    StatementLine,
    StatementOut,
)
from accord.records.queries import statements as queries

router = Router(tags=["statements"])

OnlyState = Annotated[
    StatementState | None, Query(description="Only in this state.", examples=["active"])
]
OnlyKind = Annotated[
    str | None, Query(description="Only this kind.", max_length=80, examples=[EMERGENCY])
]


@router.get("/statements", response=Page[StatementLine], summary="Statements of your agency")
@api_context
def list_statements(
    request: Any,
    state: OnlyState = None,
    kind: OnlyKind = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Any:
    """Consents and determinations that your agency gave and you may read, newest first."""
    request.scope.did("consultation", of="statements")
    rows = [
        h for h in queries.given() if state in (None, h.state) and kind in (None, h.statement.kind)
    ]
    shown, following = page_of(rows, after, limit, lambda h: str(h.statement.id))
    return {"items": [StatementLine(**_line(h)) for h in shown], "next": following}


@router.get(
    "/statements/towards-us", response=Page[NoticeOut], summary="Statements of others for yours"
)
@api_context
def list_notices(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """What other agencies stated for yours, and emergencies that may open records of yours."""
    request.scope.did("consultation", of="statements towards us")
    rows = queries.towards(request.scope)
    shown, following = page_of(rows, after, limit, lambda n: str(n.statement_id))
    return {"items": [_notice(n) for n in shown], "next": following}


@router.get("/statements/{uuid:statement_id}", response=StatementOut, summary="One statement")
@api_context
def one_statement(request: Any, statement_id: UUID) -> Any:
    """One statement of your agency with its signatures verified, its history and its clauses."""
    return _whole(request.scope, statement_id)


@router.post("/statements/consents", response={201: StatementOut}, summary="Record a consent")
@api_context
@needs("release")
def give_consent(request: Any, payload: ConsentIn) -> Any:
    """Opens the named parts to that agency for that purpose, where clauses ask for consent."""
    made = actions.give(request.scope, Draft(kind=CONSENT, **payload.dict()))
    return Status(201, _whole(request.scope, made))


@router.post(
    "/statements/determinations", response={201: StatementOut}, summary="Make a determination"
)
@api_context
@needs("release")
def give_determination(request: Any, payload: DeterminationIn) -> Any:
    """Opens the named parts to that agency where clauses ask for such a determination."""
    made = actions.give(request.scope, Draft(purpose=None, **payload.dict()))
    return Status(201, _whole(request.scope, made))


@router.post(
    "/statements/emergencies", response={201: StatementOut}, summary="Declare an emergency"
)
@api_context
def declare(request: Any, payload: EmergencyIn) -> Any:
    """Declares an emergency in the case of this request; it opens nothing until confirmed."""
    made = actions.declare(request.scope, until=payload.until, reason=payload.reason)
    return Status(201, _whole(request.scope, made))


@router.get(
    "/statements/{uuid:statement_id}/signatures",
    response=Page[MemberSignatureLine],
    summary="Signatures of members",
)
@api_context
def list_member_signatures(
    request: Any, statement_id: UUID, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Any:
    """What members signed with passkeys about this statement, beside the agency's signatures."""
    queries.view(request.scope, statement_id)
    return page_for(str(statement_id), after, limit)


@router.get(
    "/statements/{uuid:statement_id}/signatures/{uuid:signature_id}",
    response=MemberSignatureBundle,
    summary="A signature to verify",
)
@api_context
def member_signature(request: Any, statement_id: UUID, signature_id: UUID) -> Any:
    """One signature of a member with all that proves it, to be checked without this node."""
    queries.view(request.scope, statement_id)
    return told(request.scope, str(statement_id), signature_id)


@router.post("/statements/{uuid:statement_id}/signature", response=StatementOut, summary="Sign")
@freshly_proven
@api_context
def sign_statement(request: Any, statement_id: UUID, payload: SignatureIn) -> Any:
    """Brings the agency's signature over `canonical` to a statement that you made."""
    actions.sign(request.scope, statement_id, policy.read_signature(payload.signature or ""))
    return _whole(request.scope, statement_id)


@router.post(
    "/statements/{uuid:statement_id}/confirmation", response=StatementOut, summary="Confirm"
)
@freshly_proven
@api_context
def confirm(request: Any, statement_id: UUID, payload: SignatureIn) -> Any:
    """Confirms an emergency as the second person, with a signature over `confirmation`."""
    actions.confirm(request.scope, statement_id, policy.read_signature(payload.signature or ""))
    return _whole(request.scope, statement_id)


@router.post(
    "/statements/{uuid:statement_id}/revocation", response=StatementOut, summary="Take it back"
)
@freshly_proven
@api_context
@needs("release")
def revoke_statement(request: Any, statement_id: UUID, payload: RevocationIn) -> Any:
    """Ends it now; what it opened is closed on the next request."""
    actions.revoke(request.scope, statement_id, payload.because)
    return _whole(request.scope, statement_id)


@router.post("/statements/{uuid:statement_id}/review", response=StatementOut, summary="Review")
@freshly_proven
@api_context
def review(request: Any, statement_id: UUID, payload: ReviewIn) -> Any:
    """Says as a third person how an emergency is judged."""
    actions.review(request.scope, statement_id, payload.judged)
    return _whole(request.scope, statement_id)


@router.post(
    "/statements/{uuid:statement_id}/extension", response={201: StatementOut}, summary="Extend"
)
@freshly_proven
@api_context
def extend(request: Any, statement_id: UUID, payload: ExtensionIn) -> Any:
    """Gives a new statement like this one with a later end, while this one still holds."""
    made = actions.extend(request.scope, statement_id, until=payload.until, reason=payload.reason)
    return Status(201, _whole(request.scope, made))


def _line(held: Held) -> dict[str, Any]:
    said = held.statement
    return {
        "id": said.id,
        "kind": said.kind,
        "by": said.by,
        "recipient": said.recipient,
        "purpose": said.purpose,
        "case": said.case_number,
        "parts": list(said.parts),
        "starts": said.starts,
        "ends": said.ends,
        "state": held.state,
        "signed": held.signed,
        "review_due": held.review_due,
    }


def _whole(scope: Any, statement_id: UUID) -> StatementOut:
    found = queries.view(scope, statement_id)
    held, said = found.held, found.held.statement
    to_confirm = confirmation(said, scope.actor.membership, scope.actor.member)
    return StatementOut(
        **_line(held),
        reason=found.reason,
        reason_closed=found.reason_closed,
        record=found.record,
        extends=said.extends,
        void_because=_revoked(held),
        told=list(found.told),
        acts=[ActOut(act=s.act, by=s.by, at=s.at, word=s.word) for s in held.steps],
        clauses=[
            ClauseNamed(
                agreement=c.agreement_id,
                agreement_hash=c.agreement_hash,
                clause=c.clause_id,
                effect=clause.effect,
            )
            for c, clause in found.clauses
        ],
        canonical=base64.b64encode(said.canonical()).decode(),
        confirmation=base64.b64encode(to_confirm).decode() if said.needs_two else None,
    )


def _revoked(held: Held) -> RevokedKey | None:
    key = held.revoked_key
    if key is None or key.revoked_from is None or key.revoked_at is None:
        return None
    return RevokedKey(
        key=key.public.hex(),
        since=key.revoked_from,
        revoked_at=key.revoked_at,
        reason=key.reason,
    )


def _notice(notice: Notice) -> NoticeOut:
    return NoticeOut(
        statement=notice.statement_id,
        by_agency=notice.by_agency,
        kind=notice.kind,
        purpose=notice.purpose,
        starts=notice.starts,
        ends=notice.ends,
        state=notice.state(now()),
    )
