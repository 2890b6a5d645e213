"""Write cases: open, admit and release members, place and withdraw records, write notes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agreements import actions as agreements
from accord.agreements.context import VOCABULARY_VERSION
from accord.agreements.scope import Scope
from accord.cases import policy, queries
from accord.cases.domain import CaseFacts, CaseState
from accord.cases.models import Case, NoteRevision, Placement
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary, VocabularyError
from accord.records import actions as records
from accord.records.actions.placing import Placed, add_case_keys

LONGEST_TITLE = 200
LONGEST_NOTE = 20_000


def open_case(
    scope: Scope, *, number: str, title: str, purposes: Sequence[str], members: Sequence[str]
) -> CaseFacts:
    """Open a case led by the actor's agency and admit its first members, the actor among them.

    Raises NotAllowed for anybody but a supervisor, InvalidInput for a bad number, title or
    purpose, Conflict when the number is taken on this node.
    """
    policy.check_open_case(scope.actor, purposes)
    _check_number(number)
    _check_text("title", title, LONGEST_TITLE)
    _check_purposes(purposes)
    if Case.objects.filter(lead_agency=scope.actor.agency, number=number).exists():
        raise Conflict(
            phrase(
                "%(agency_name)s already has a case %(number)s.",
                agency_name=scope.actor.agency_name,
                number=number,
            )
        )
    case_id = ids.uuid7()
    title_record = records.write_text(
        scope, schema="Case", text=title, source_ref=number, case_id=case_id
    )
    facts = CaseFacts(
        id=case_id,
        number=number,
        lead_agency=scope.actor.agency,
        purposes=tuple(sorted(purposes)),
        state=CaseState.OPEN,
        opened_at=now(),
        opened_by=scope.actor.membership,
        title_record=title_record,
    )
    Case.objects.bulk_create([_row(facts)])
    for membership in dict.fromkeys([scope.actor.membership, *members]):
        _admit(facts, membership)
    scope.did("membership", case=number, step="opened", members=sorted(members))
    return facts


def _row(facts: CaseFacts) -> Case:
    return Case(
        id=facts.id,
        case_key=ids.case_key(facts.id),
        number=facts.number,
        lead_agency=facts.lead_agency,
        purposes=list(facts.purposes),
        state=facts.state,
        title_record=facts.title_record,
        opened_by=facts.opened_by,
        opened_at=facts.opened_at,
    )


def _check_number(number: str) -> None:
    rule = phrase("three to 40 letters, digits and hyphens, beginning with a letter")
    plain = number.replace("-", "")
    if not (3 <= len(number) <= 40 and plain.isascii() and plain.isalnum() and number[0].isalpha()):
        raise InvalidInput("case", None, "number", rule)


def _check_text(field: str, text: str, longest: int) -> None:
    if not text.strip():
        raise InvalidInput("case", None, field, phrase("must not be empty"))
    if len(text) > longest:
        raise InvalidInput(
            "case", None, field, phrase("at most %(longest)s characters", longest=longest)
        )


def _check_purposes(purposes: Sequence[str]) -> None:
    vocabulary = Vocabulary.load(VOCABULARY_VERSION)
    for purpose in purposes:
        try:
            vocabulary.check("purpose", purpose, "purpose")
        except VocabularyError as error:
            raise InvalidInput("case", None, "purpose", str(error)) from error


def _admit(case: CaseFacts, membership: str) -> None:
    actor = agencies.actor(membership)
    agreements.give_case_key(
        case_id=case.id,
        case_number=case.number,
        lead_agency=case.lead_agency,
        purposes=case.purposes,
        membership_id=actor.membership,
        agency_id=actor.agency,
    )


def admit_member(scope: Scope, case: CaseFacts, membership: str) -> None:
    """Let a member of any agency work on the case; raises NotAllowed, NotFound, Conflict."""
    policy.check_change_members(scope.actor, case)
    if any(m.membership == membership for m in queries.members(case.id)):
        raise Conflict(phrase("This member already works on the case."))
    _admit(case, membership)
    scope.did("membership", case=case.number, step="admitted", member=membership)


def release_member(scope: Scope, case: CaseFacts, membership: str) -> None:
    """End a member's need to know, effective on the next request; raises NotAllowed, Conflict."""
    policy.check_change_members(scope.actor, case)
    if not agreements.end_case_key(case.id, membership):
        raise Conflict(phrase("This member does not work on the case."))
    scope.did("membership", case=case.number, step="released", member=membership)


def set_state(scope: Scope, case: CaseFacts, to: CaseState) -> None:
    """Close or reopen a case; raises NotAllowed."""
    policy.check_change_state(scope.actor, case, to)
    closed_at = now() if to is CaseState.CLOSED else None
    Case.objects.filter(id=case.id).update(state=to, closed_at=closed_at)
    scope.did("membership", case=case.number, step=f"became {to}")


def place_record(scope: Scope, case: CaseFacts, record_id: UUID) -> None:
    """Place one of the agency's own records in the case: its parts get the case's key.

    Raises NotAllowed when a clause does not let the actor place it or another agency owns it
    (its owner's grant is needed for that), Conflict when it is placed already.
    """
    policy.check_is_open(case)
    if Placement.objects.filter(case_id=case.id, record_id=record_id, withdrawn_at=None).exists():
        raise Conflict(phrase("This record is already in the case."))
    owner = records.add_case_key(scope, record_id, case.id)
    Placement.objects.bulk_create(
        [
            Placement(
                id=ids.uuid7(),
                case_id=case.id,
                record_id=record_id,
                owner_id=owner,
                placed_by=scope.actor.membership,
                placed_at=now(),
            )
        ]
    )
    scope.did("disclosure", case=case.number, step="placed", record=str(record_id))


def place_records(scope: Scope, case: CaseFacts, record_ids: Sequence[UUID]) -> Placed:
    """Place many of the agency's own records at once; returns which, and which nobody lets it.

    A record that is absent, not visible, another agency's or not placeable is among the refused:
    all look the same. One that is in the case already stays there. One that is closed to everybody new
    is named with its reason, and keeps no other from being placed.
    """
    policy.check_is_open(case)
    result = add_case_keys(scope, record_ids, case.id)
    at = now()
    Placement.objects.bulk_create(
        Placement(
            id=ids.uuid7(),
            case_id=case.id,
            record_id=record_id,
            owner_id=scope.actor.agency,
            placed_by=scope.actor.membership,
            placed_at=at,
        )
        for record_id in result.placed
    )
    scope.did("disclosure", case=case.number, step="placed", count=len(result.placed))
    return result


def withdraw_record(scope: Scope, case: CaseFacts, record_id: UUID) -> None:
    """Take one of the agency's own records out of the case, effective on the next request."""
    changed = Placement.objects.filter(
        case_id=case.id, record_id=record_id, withdrawn_at=None, owner_id=scope.actor.agency
    ).update(withdrawn_at=now())
    if not changed:
        raise NotAllowed(phrase("Only its owner takes a record out of a case, and only once."))
    records.end_case_key(scope, record_id, case.id)
    scope.did("alteration", case=case.number, step="withdrawn", record=str(record_id))
    records.start_recall(scope, record_id, what="placement", because="withdrawn")


def write_note(scope: Scope, case: CaseFacts, text: str, *, based_on: UUID | None = None) -> UUID:
    """Write a note, or a new revision of one; an edit never overwrites another's.

    `based_on` is the revision that the writer had before the eyes. When somebody else replaced it
    meanwhile, both revisions stand side by side. Returns the revision's id.
    """
    policy.check_is_open(case)
    _check_text("note", text, LONGEST_NOTE)
    revision_id = ids.uuid7()
    note_id = revision_id
    if based_on is not None:
        note_id, note_case = queries.note_revision(based_on)
        if note_case != case.id:
            raise InvalidInput("note", None, "based_on", phrase("belongs to another case"))
    record_id = records.write_text(
        scope, schema="Note", text=text, source_ref=str(revision_id), case_id=case.id
    )
    NoteRevision.objects.bulk_create(
        [
            NoteRevision(
                id=revision_id,
                case_id=case.id,
                note_id=note_id,
                record_id=record_id,
                based_on=based_on,
                agency_id=scope.actor.agency,
                author=scope.actor.membership,
                at=now(),
            )
        ]
    )
    scope.did("collection", case=case.number, step="note", revision=str(revision_id))
    return revision_id
