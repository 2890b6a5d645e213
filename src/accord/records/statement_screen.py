"""How statements read in lists and headings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from accord.agreements.domain import Agreement, Citation, Clause
from accord.agreements.statements import policy
from accord.agreements.statements.domain import EMERGENCY, Act, Statement, StatementState
from accord.agreements.statements.queries import Held, Notice
from accord.agreements.statements.words import ACTS, STATES, about, kind_says
from accord.kernel.phrases import phrase
from accord.web.components import Chip, Column, Event, Link, Moment, Tone
from accord.web.filters import listing, words

GIVEN = (
    Column("kind", phrase("Statement")),
    Column("about", phrase("About"), narrow=False),
    Column("recipient", phrase("For")),
    Column("purpose", phrase("Purpose"), narrow=False),
    Column("state", phrase("State")),
    Column("until", phrase("Until"), narrow=False),
)
TOWARDS = (
    Column("kind", phrase("Statement")),
    Column("by", phrase("By")),
    Column("purpose", phrase("Purpose"), narrow=False),
    Column("state", phrase("State")),
    Column("until", phrase("Until"), narrow=False),
)
WAITING = (
    Column("kind", phrase("Statement")),
    Column("about", phrase("About")),
    Column("needs", phrase("Waits for")),
    Column("due", phrase("By when"), narrow=False),
)
TONES: dict[StatementState, Tone] = {
    StatementState.UNSIGNED: "warn",
    StatementState.AWAITING: "warn",
    StatementState.ACTIVE: "good",
    StatementState.REVOKED: "neutral",
    StatementState.VOID: "bad",
    StatementState.EXPIRED: "neutral",
}
SOON = timedelta(days=7)
SOON_EMERGENCY = timedelta(hours=12)


def state_chip(state: StatementState, kind: str, ends: datetime, at: datetime) -> Chip:
    """The state of a statement; one that ends soon says so."""
    near = SOON_EMERGENCY if kind == EMERGENCY else SOON
    if state is StatementState.ACTIVE and ends - at <= near:
        return Chip(phrase("Ends soon"), "warn")
    return Chip(STATES[state], TONES[state])


def given_row(held: Held, names: Mapping[str, str], zone: str, at: datetime) -> dict[str, Any]:
    """One statement of the own agency as a row."""
    said = held.statement
    return {
        "href": f"/statements/{said.id}",
        "kind": kind_says(said.kind),
        "about": _about(said),
        "recipient": names.get(said.recipient, said.recipient),
        "purpose": words(said.purpose) if said.purpose else None,
        "state": state_chip(held.state, said.kind, said.ends, at),
        "until": Moment(said.ends, zone),
    }


def towards_row(
    notice: Notice, names: Mapping[str, str], zone: str, at: datetime
) -> dict[str, Any]:
    """What another agency told of a statement, as a row."""
    return {
        "kind": kind_says(notice.kind),
        "by": names.get(notice.by_agency, notice.by_agency),
        "purpose": words(notice.purpose) if notice.purpose else None,
        "state": state_chip(notice.state(at), notice.kind, notice.ends, at),
        "until": Moment(notice.ends, zone),
    }


def waiting_row(held: Held, zone: str, at: datetime) -> dict[str, Any]:
    """A statement that waits for somebody, as a row."""
    said, due = held.statement, held.review_due
    needs = Chip(STATES[held.state], "warn")
    if due is not None:
        needs = (
            Chip(phrase("Review overdue"), "bad")
            if due <= at
            else Chip(phrase("Review by a third person"), "info")
        )
    return {
        "href": f"/statements/{said.id}",
        "kind": kind_says(said.kind),
        "about": _about(said),
        "needs": needs,
        "due": Moment(due or said.ends, zone),
    }


def _about(said: Statement) -> str:
    parts = listing([words(p).lower() for p in said.parts])
    if not parts:
        return about(said)
    return phrase("%(about)s: %(parts)s", about=about(said), parts=parts)


def events(held: Held, names: Mapping[str, str]) -> tuple[Event, ...]:
    """What happened to a statement, oldest first."""
    said = held.statement
    tones: dict[Act, Tone] = {Act.REVOKED: "warn", Act.CONFIRMED: "good", Act.SIGNED: "good"}
    said_words = {**policy.REVOKED_BECAUSE, **policy.JUDGED}
    done = [
        Event(
            at=step.at,
            title=ACTS[step.act],
            who=names.get(step.by, step.by),
            text=_sentence(said_words.get(step.word or "")),
            tone=tones.get(step.act, "info"),
        )
        for step in held.steps
    ]
    written = Event(said.starts, phrase("Written"), names.get(said.by, said.by))
    return tuple(sorted((written, *done, *_voided(held)), key=lambda event: event.at))


def _voided(held: Held) -> tuple[Event, ...]:
    key = held.revoked_key
    if key is None or key.revoked_at is None:
        return ()
    at = key.sayings[-1][0] if key.sayings else key.revoked_at
    title = phrase("Void: the key that signed it was revoked")
    return (Event(at=at, title=title, text=_sentence(key.reason), tone="bad"),)


def _sentence(text: str | None) -> str | None:
    return f"{text[:1].upper()}{text[1:]}." if text else None


def clause_links(
    found: Iterable[tuple[Citation, Clause]], agreements: Iterable[Agreement]
) -> tuple[tuple[Link, str, str], ...]:
    """The clauses that name a statement: where to read each, its prose, and what it asks besides."""
    titles = {a.content_hash: a.title for a in agreements}
    return tuple(
        (
            Link(
                phrase(
                    "%(titles)s, clause %(clause_id)s",
                    titles=titles[c.agreement_hash],
                    clause_id=c.clause_id,
                ),
                f"/agreements/{c.agreement_hash}#clause-{c.clause_id}",
            ),
            clause.prose,
            phrase("Permits") if clause.effect == "permit" else phrase("Forbids otherwise"),
        )
        for c, clause in found
    )
