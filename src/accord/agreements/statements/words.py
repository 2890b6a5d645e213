"""Statements and the keys that clauses ask for, in plain words."""

from __future__ import annotations

from accord.agreements.statements.domain import CONSENT, EMERGENCY, Act, Statement, StatementState
from accord.kernel.vocabulary import NEWEST, Vocabulary

KINDS = {
    CONSENT: "Consent",
    EMERGENCY: "Emergency",
    "determination(necessity)": "Necessity",
    "determination(no-tip-off)": "No tip-off",
}
STATES = {
    StatementState.UNSIGNED: "Waits for a signature",
    StatementState.AWAITING: "Waits for a second person",
    StatementState.ACTIVE: "Holds",
    StatementState.REVOKED: "Taken back",
    StatementState.VOID: "Void",
    StatementState.EXPIRED: "Ended",
}
ACTS = {
    Act.SIGNED: "Signed for the agency",
    Act.CONFIRMED: "Confirmed by a second person",
    Act.REVOKED: "Taken back",
    Act.REVIEWED: "Reviewed",
}
WANTED = {
    "case": "that its owner places it in this case",
    "grant": "that its owner grants it; ask the owner",
    CONSENT: "the person's consent towards your agency for this purpose, recorded by a victim "
    "advocate or records custodian of the owner",
    EMERGENCY: "an emergency, declared for this case by your agency and confirmed by a supervisor "
    "who is a second person",
}
OTHER = "a determination by a supervisor of the owner: {says}"


def kind_says(kind: str) -> str:
    """What kind of statement it is, as a heading."""
    return KINDS.get(
        kind, kind.removeprefix("determination(").rstrip(")").replace("-", " ").capitalize()
    )


def wanted(kind: str) -> str:
    """What is missing where a clause asks for this kind of key, and who can give it."""
    if kind in WANTED:
        return WANTED[kind]
    meanings = Vocabulary.load(NEWEST).dimension("key").meanings
    return OTHER.format(says=meanings.get(kind, kind))


def plainly(missing: str) -> str:
    """One item of `Decision.missing` for the screen: a wanted key says who gives it."""
    name, colon, kind = missing.partition(": ")
    return wanted(kind) if colon and name == "key" else missing


def about(statement: Statement) -> str:
    """What a statement is about, in a few words that name nobody."""
    if statement.record is None:
        return f"Case {statement.case_number}"
    return "One record"
