"""Who may take which step with a statement; each refusal is a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accord.agencies.domain import Actor
from accord.agreements.signing import signature_of
from accord.agreements.statements.domain import (
    CONSENT,
    EMERGENCY,
    ONE_PERSON,
    TWO_PERSONS,
    Act,
    Statement,
    StatementState,
    Step,
    longest,
    state_of,
)
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.phrases import phrase

CONSENT_ROLES = frozenset({"victim-advocate", "records-custodian"})
DETERMINING_ROLES = frozenset({"supervisor"})
DECLARING_ROLES = frozenset({"supervisor", "investigator"})
REVIEWING_ROLES = frozenset({"supervisor", "oversight-officer"})
REVOKING_ROLES = frozenset({"supervisor", "records-custodian", "victim-advocate"})

REVOKED_BECAUSE = {
    "withdrawn-by-the-person": "the person it is about withdrew it",
    "no-longer-needed": "it is no longer needed",
    "given-in-error": "it was given in error",
}
JUDGED = {
    "justified": "it was justified",
    "too-wide": "it was justified, and wider than it had to be",
    "not-justified": "it was not justified",
}
SAYS = {
    StatementState.UNSIGNED: "has not been signed by its agency",
    StatementState.AWAITING: "waits for a second person",
    StatementState.ACTIVE: "holds now",
    StatementState.REVOKED: "was taken back",
    StatementState.VOID: "is void",
    StatementState.EXPIRED: "has ended",
}
DOES = {
    Act.SIGNED: "signed",
    Act.CONFIRMED: "confirmed",
    Act.REVOKED: "taken back",
    Act.REVIEWED: "reviewed",
}


def check_step(statement: Statement, steps: Iterable[Step], act: Act, at: datetime) -> None:
    """Raise NotAllowed when the statement's state does not admit this act."""
    state = state_of(statement, steps, at)
    table = TWO_PERSONS if statement.needs_two else ONE_PERSON
    if act not in table[state]:
        raise NotAllowed(
            phrase(
                "A statement that %(says)s cannot be %(does)s.", says=SAYS[state], does=DOES[act]
            )
        )


def check_until(kind: str, until: datetime, at: datetime) -> datetime:
    """Return the end of a statement, to the second; raises InvalidInput when it is past or too far."""
    if until.tzinfo is None:
        raise InvalidInput("statement", None, "until", phrase("needs a time zone, for example Z"))
    if until <= at:
        raise InvalidInput(
            "statement",
            None,
            "until",
            phrase("must lie in the future: what has ended can open nothing"),
        )
    most = longest(kind)
    if until > at + most:
        hours = int(most.total_seconds() // 3600)
        said = f"{most.days} days" if hours > 72 else f"{hours} hours"
        raise InvalidInput(
            "statement", None, "until", phrase("at most %(said)s from now", said=said)
        )
    return until.replace(microsecond=0)


def check_give(actor: Actor, kind: str) -> None:
    """Raise NotAllowed unless the actor may give such a statement over the own agency's records."""
    if kind == EMERGENCY:
        raise NotAllowed(
            phrase("An emergency is declared for a case, and confirmed by a second person.")
        )
    if kind == CONSENT and not actor.roles & CONSENT_ROLES:
        raise NotAllowed(
            phrase("A victim advocate or a records custodian records a person's consent."),
            who_can_change=phrase("one of these at %(agency_name)s", agency_name=actor.agency_name),
        )
    if kind != CONSENT and not actor.roles & DETERMINING_ROLES:
        raise NotAllowed(
            phrase("A supervisor makes this determination."),
            who_can_change=phrase("a supervisor of %(agency_name)s", agency_name=actor.agency_name),
        )


def check_declare(actor: Actor, case_number: str | None) -> None:
    """Raise NotAllowed unless the actor may declare an emergency in the case they ask in."""
    if case_number is None:
        raise NotAllowed(
            phrase("An emergency is declared for one case; choose a context with that case.")
        )
    if not actor.roles & DECLARING_ROLES:
        raise NotAllowed(
            phrase("A supervisor or an investigator who works on the case declares an emergency."),
            who_can_change=phrase("one of these at %(agency_name)s", agency_name=actor.agency_name),
        )


def check_maker(actor: Actor, statement: Statement) -> None:
    """Raise NotAllowed unless the actor made the statement."""
    if actor.membership != statement.by:
        raise NotAllowed(
            phrase("Whoever made the statement brings its signature."), who_can_change=statement.by
        )


def check_confirm(actor: Actor, statement: Statement, steps: Iterable[Step], at: datetime) -> None:
    """Raise NotAllowed unless the actor may be the second person."""
    if actor.agency != statement.agency or "supervisor" not in actor.roles:
        raise NotAllowed(
            phrase("A supervisor of the agency that declared it confirms an emergency."),
            who_can_change=phrase("a supervisor of %(agency)s", agency=statement.agency),
        )
    if actor.member == statement.person:
        raise NotAllowed(
            phrase("Whoever declared an emergency cannot confirm it as well."),
            who_can_change=phrase(
                "another supervisor of %(agency_name)s", agency_name=actor.agency_name
            ),
        )
    check_step(statement, steps, Act.CONFIRMED, at)


def check_not_void(state: StatementState) -> None:
    """Raise NotAllowed where the signature before does not hold: nobody confirms on top of it."""
    if state is StatementState.VOID:
        raise NotAllowed(
            phrase(
                "A statement that %(says)s is not confirmed. Declare a new one.", says=SAYS[state]
            )
        )


def check_revoke(actor: Actor, statement: Statement, steps: Iterable[Step], at: datetime) -> None:
    """Raise NotAllowed unless the actor may take the statement back."""
    own = actor.agency == statement.agency
    if not own or not (actor.membership == statement.by or actor.roles & REVOKING_ROLES):
        raise NotAllowed(
            phrase(
                "Whoever made it, a supervisor, a records custodian or a victim advocate of the agency "
                "that made it takes a statement back."
            ),
            who_can_change=phrase("one of these at %(agency)s", agency=statement.agency),
        )
    check_step(statement, steps, Act.REVOKED, at)


def check_review(actor: Actor, statement: Statement, steps: Iterable[Step], at: datetime) -> None:
    """Raise NotAllowed unless the actor may review this emergency, which took effect."""
    said = tuple(steps)
    confirmed = [s for s in said if s.act is Act.CONFIRMED]
    if not statement.needs_two or not confirmed:
        raise NotAllowed(phrase("Only an emergency that took effect is reviewed."))
    if any(s.act is Act.REVIEWED for s in said):
        raise NotAllowed(phrase("This emergency has been reviewed already."))
    if actor.agency != statement.agency or not actor.roles & REVIEWING_ROLES:
        raise NotAllowed(
            phrase(
                "A supervisor or an oversight officer of the agency that declared it reviews it."
            ),
            who_can_change=phrase("one of these at %(agency)s", agency=statement.agency),
        )
    if actor.member in {statement.person, *(s.person for s in confirmed)}:
        raise NotAllowed(
            phrase("Whoever declared or confirmed an emergency cannot review it."),
            who_can_change=phrase(
                "a third person of %(agency_name)s", agency_name=actor.agency_name
            ),
        )
    check_step(statement, said, Act.REVIEWED, at)


def check_extend(actor: Actor, statement: Statement, state: StatementState) -> None:
    """Raise NotAllowed unless the statement holds now and the actor's agency made it."""
    if actor.agency != statement.agency:
        raise NotAllowed(phrase("Only the agency that made a statement extends it."))
    if state is not StatementState.ACTIVE:
        raise NotAllowed(
            phrase(
                "A statement that %(says)s cannot be extended. Give a new one.", says=SAYS[state]
            )
        )


def reasons_to_revoke(kind: str) -> dict[str, str]:
    """Why a statement of this kind may be taken back; only a consent is withdrawn by its person."""
    return {
        word: says
        for word, says in REVOKED_BECAUSE.items()
        if kind == CONSENT or word != "withdrawn-by-the-person"
    }


def check_word(word: str, words: Iterable[str], field: str) -> str:
    """Return the word; raises InvalidInput when it is none of these."""
    known = sorted(words)
    if word not in known:
        raise InvalidInput(
            "statement", None, field, phrase("is one of %(known)s", known=", ".join(known))
        )
    return word


def read_signature(text: str) -> bytes | None:
    """The signature that was typed or sent, in base64; None where there is none."""
    if not text.strip():
        return None
    return signature_of(text, "statement")
