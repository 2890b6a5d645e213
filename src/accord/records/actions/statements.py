"""Give, sign, confirm, revoke and review statements, and write the keys that they put on own parts.

A consent or a determination over own records becomes keys on their parts; an emergency becomes
none: the standing of the agency that declared it takes the word as satisfied (decision 0009).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.light import check_full
from accord.agreements.compiled import KEY_KINDS
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.membersigning import Given, member_signs
from accord.agreements.scope import Scope
from accord.agreements.statements import actions, policy, queries
from accord.agreements.statements.domain import (
    CONSENT,
    EMERGENCY,
    Act,
    Statement,
    Step,
    confirmation,
)
from accord.agreements.statements.naming import owners_concerned
from accord.identity.signed import Signs
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed, NotFound
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.platform.db.locks import alone
from accord.records import requests as rules
from accord.records.actions.keys import end_keys_because
from accord.records.actions.statement_keys import check_release, targets_of, write_keys
from accord.records.actions.texts import write_text
from accord.records.queries.records import owner_of

OVER_RECORDS = tuple(kind for kind in KEY_KINDS[2:] if kind != EMERGENCY)
"""What an owner's people may state over their own records."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement over own records as it was filled in; `record` None means the context's case."""

    kind: str
    recipient: str
    purpose: str | None
    record: UUID | None
    parts: tuple[str, ...]
    until: datetime
    reason: str


def give(scope: Scope, draft: Draft) -> UUID:
    """Give a consent or a determination over own records; returns the statement's id.

    It opens nothing until it is signed, which a demonstration does at once. Raises InvalidInput
    naming the field, NotAllowed where the actor's role or a clause does not let them release the
    parts, NotFound for a record that is not visible.
    """
    check_full(scope.actor)
    agencies.key_kept(scope.actor.agency)
    policy.check_give(scope.actor, _kind(draft.kind))
    said = rules.check_reason(draft.reason)
    ends = policy.check_until(draft.kind, draft.until, now())
    _check_recipient(draft)
    _check_own(scope, draft.record)
    statement_id = ids.uuid7()
    targets = targets_of(scope, draft.record, scope.context.case_id, draft.parts)
    check_release(scope, draft.kind, targets, whole=draft.record is None)
    statement = Statement(
        id=statement_id,
        agency=scope.actor.agency,
        by=scope.actor.membership,
        person=scope.actor.member,
        kind=draft.kind,
        recipient=draft.recipient,
        purpose=draft.purpose if draft.kind == CONSENT else None,
        record=draft.record,
        parts=tuple(sorted(set(draft.parts))),
        case=None if draft.record else scope.context.case_id,
        case_number=None if draft.record else scope.context.case_number,
        reason=_write_reason(scope, statement_id, said, (t.label for t in targets)),
        starts=now().replace(microsecond=0),
        ends=ends,
    )
    _put(scope, statement)
    return statement_id


def declare(scope: Scope, *, until: datetime, reason: str) -> UUID:
    """Declare an emergency for the case of this context; it opens nothing until it is confirmed.

    Raises InvalidInput naming the field, NotAllowed for another role or without a case.
    """
    check_full(scope.actor)
    agencies.key_kept(scope.actor.agency)
    policy.check_declare(scope.actor, scope.context.case_number)
    said = rules.check_reason(reason)
    statement_id = ids.uuid7()
    statement = Statement(
        id=statement_id,
        agency=scope.actor.agency,
        by=scope.actor.membership,
        person=scope.actor.member,
        kind=EMERGENCY,
        recipient=scope.actor.agency,
        purpose=None,
        record=None,
        parts=(),
        case=scope.context.case_id,
        case_number=scope.context.case_number,
        starts=now().replace(microsecond=0),
        ends=policy.check_until(EMERGENCY, until, now()),
        reason=_write_reason(scope, statement_id, said, ()),
    )
    _put(scope, statement)
    return statement_id


def extend(
    scope: Scope,
    statement_id: UUID,
    *,
    until: datetime,
    reason: str,
) -> UUID:
    """Give a new statement like one that still holds, with a later end; returns the new one's id.

    Raises NotAllowed for one that has ended or was taken back, for an emergency, which is declared
    anew in its case, and for a light member.
    """
    check_full(scope.actor)
    agencies.key_kept(scope.actor.agency)
    found = _alone(statement_id)
    policy.check_extend(scope.actor, found.statement, found.state)
    old = found.statement
    if old.kind == EMERGENCY:
        raise NotAllowed(phrase("An emergency is not extended. Declare a new one in its case."))
    policy.check_give(scope.actor, old.kind)
    said = rules.check_reason(reason)
    ends = policy.check_until(old.kind, until, now())
    if ends <= old.ends:
        raise InvalidInput("statement", None, "until", phrase("must lie after the present end"))
    targets = targets_of(scope, old.record, old.case, old.parts)
    check_release(scope, old.kind, targets, whole=old.record is None)
    new_id = ids.uuid7()
    new = replace(
        old,
        id=new_id,
        by=scope.actor.membership,
        person=scope.actor.member,
        reason=_write_reason(scope, new_id, said, (t.label for t in targets)),
        starts=now().replace(microsecond=0),
        ends=ends,
        extends=old.id,
    )
    _put(scope, new)
    return new_id


def sign(
    scope: Scope, statement_id: UUID, signature: bytes | None, by: Given | None = None
) -> None:
    """Bring the agency's signature, made off the node, to a statement that one made oneself.

    The member's own is beside it (`by`).

    Raises NotAllowed when it does not verify, or the statement is signed, ended or revoked, and for a
    light member.
    """
    check_full(scope.actor)
    found = _alone(statement_id)
    policy.check_maker(scope.actor, found.statement)
    _sign(scope, found.statement, found.steps, signature, by)


def confirm(
    scope: Scope, statement_id: UUID, signature: bytes | None = None, by: Given | None = None
) -> None:
    """Confirm an emergency as the second person; from the next request on it holds.

    Raises NotAllowed for whoever declared it, for another role, after its end, and for a light member.
    """
    check_full(scope.actor)
    found = _alone(statement_id)
    policy.check_confirm(scope.actor, found.statement, found.steps, now())
    policy.check_not_void(found.state)
    payload = confirmation(found.statement, scope.actor.membership, scope.actor.member)
    made = actions.signed(scope, payload, signature)
    if made is None:
        raise actions.needs_signature()
    member_signs(scope, Signs.CONFIRMATION, str(statement_id), payload, by)
    actions.add(scope, found.statement, Act.CONFIRMED, signature=made)
    actions.tell(scope, found.statement, _concerned(scope, found.statement), ended=False)


def revoke(scope: Scope, statement_id: UUID, word: str) -> None:
    """Take a statement back; what it opened is closed on the next request. Raises NotAllowed."""
    found = _alone(statement_id)
    policy.check_revoke(scope.actor, found.statement, found.steps, now())
    words = policy.reasons_to_revoke(found.statement.kind)
    because = policy.check_word(word, words, "because")
    told = queries.told(statement_id)
    actions.add(scope, found.statement, Act.REVOKED, word=because)
    end_keys_because(scope, statement_id)
    actions.tell(scope, found.statement, told, ended=True)


def review(scope: Scope, statement_id: UUID, word: str) -> None:
    """Say as a third person how an emergency that took effect is judged. Raises NotAllowed."""
    found = _alone(statement_id)
    policy.check_review(scope.actor, found.statement, found.steps, now())
    judged = policy.check_word(word, policy.JUDGED, "judged")
    actions.add(scope, found.statement, Act.REVIEWED, word=judged)


def _put(scope: Scope, statement: Statement) -> None:
    actions.put(scope, statement)
    made = actions.signed(scope, statement.canonical(), None)
    if made is not None:
        _sign(scope, statement, (), made)


def _sign(
    scope: Scope, statement: Statement, steps: tuple[Step, ...], signature: bytes | None,
    by: Given | None = None,
) -> None:  # fmt: skip
    policy.check_step(statement, steps, Act.SIGNED, now())
    made = actions.signed(scope, statement.canonical(), signature)
    if made is None:
        raise actions.needs_signature()
    member_signs(scope, Signs.STATEMENT, str(statement.id), statement.canonical(), by)
    actions.add(scope, statement, Act.SIGNED, signature=made)
    if not statement.needs_two:
        write_keys(scope, statement)
        actions.tell(scope, statement, [statement.recipient], ended=False)


def _check_own(scope: Scope, record: UUID | None) -> None:
    if record is not None and owner_of(record) != scope.actor.agency:
        raise NotAllowed(phrase("Only the agency that owns a record states this about it."))


def _kind(kind: str) -> str:
    if kind not in OVER_RECORDS and kind != EMERGENCY:
        raise InvalidInput(
            "statement",
            None,
            "kind",
            phrase("is one of %(over_records)s", over_records=", ".join(OVER_RECORDS)),
        )
    return kind


def _check_recipient(draft: Draft) -> None:
    try:
        agencies.agency(draft.recipient)
    except NotFound:
        rule = phrase("there is no such agency on this node")
        raise InvalidInput("statement", None, "recipient", rule) from None
    if draft.kind != CONSENT:
        return
    try:
        Vocabulary.load(VOCABULARY_VERSION).check("purpose", draft.purpose or "", "purpose")
    except VocabularyError as error:
        raise InvalidInput("statement", None, "purpose", str(error)) from error


def _write_reason(scope: Scope, statement_id: UUID, text: str, about: Iterable[Label]) -> UUID:
    return write_text(
        scope,
        schema="Request",
        text=text,
        source_ref=f"{statement_id}/statement",
        about=tuple(about),
    )


def _concerned(scope: Scope, statement: Statement) -> tuple[str, ...]:
    return owners_concerned(scope.standing.policy.agreements, EMERGENCY, recipient=statement.agency)


def _alone(statement_id: UUID) -> queries.Held:
    """Return a statement as it stands once whoever else changes it has finished; raises NotFound."""
    alone(f"accord.statement {statement_id}")
    return queries.statement(statement_id, now())
