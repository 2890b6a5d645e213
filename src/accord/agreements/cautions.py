"""What an agreement says that is valid and probably not meant; told before it is signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accord.agreements.domain import (
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Reach,
    Reason,
    Words,
)
from accord.agreements.traps import (
    every_purpose,
    negations,
    opens_nothing,
    opens_texts,
    unanswered,
)
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import Vocabulary

NAMING_PARTS = frozenset(
    {"identity", "contact", "location", "narrative", "health", "biometric", "attachment"}
)
"""The parts that could find or name somebody; all but `core`."""


@dataclass(frozen=True)
class Caution:
    """One thing to look at again, in one clause."""

    clause_id: str
    line: int | None
    text: str


def cautions(
    agreement: Agreement, others: Sequence[Agreement] = (), text: str | None = None
) -> tuple[Caution, ...]:
    """Everything to look at again, in the order of the clauses.

    `others` are agreements that may pass something on to the parties of this one; `text` is what
    it was read from, for what does not survive the reading.
    """
    found = [*_higher_for_less(agreement), *_victims(agreement), *_idle_forbids(agreement)]
    traps = [
        *opens_nothing(agreement, others),
        *opens_texts(agreement),
        *every_purpose(agreement),
        *unanswered(agreement),
        *(() if text is None else negations(agreement, text)),
    ]
    found += [_caution(clause, said) for clause, said in traps]
    order = {clause.id: number for number, clause in enumerate(agreement.clauses)}
    return tuple(sorted(found, key=lambda c: (order[c.clause_id], c.text)))


def _caution(clause: Clause, text: str) -> Caution:
    return Caution(clause.id, clause.line, text)


def _higher_for_less(agreement: Agreement) -> Iterator[Caution]:
    """A permit reaches down the ladder, so one that asks less also opens the lower action."""
    reading = [c for c in agreement.stated_permits if c.action in READ_ACTIONS]
    for high in reading:
        harder = (low for low in reading if _is_higher_for_less(high, low))
        low = next(harder, None)
        if low is not None:
            more = "" if next(harder, None) is None else phrase(" and in others")
            yield _caution(
                high,
                phrase(
                    "%(action)s asks less of the requester than %(action2)s does in clause "
                    "%(id)s%(more)s, over some of the same: who is refused there may come "
                    "in here",
                    action=high.action,
                    action2=low.action,
                    id=low.id,
                    more=more,
                ),
            )


def _is_higher_for_less(high: Clause, low: Clause) -> bool:
    return (
        READ_ACTIONS.index(high.action) > READ_ACTIONS.index(low.action)
        and _asks_less(high, low)
        and _overlap(high, low)
    )


def _overlap(first: Clause, second: Clause) -> bool:
    pairs = [
        (getattr(first.of, name), getattr(second.of, name))
        for name in ("owner", "schema", "part", "subject", "sensitivity", "handling", "basis")
    ]
    pairs += [
        (first.of.offence, second.of.offence),
        (first.reason.purpose, second.reason.purpose),
        (first.to.agency, second.to.agency),
    ]
    flags = [
        (getattr(first.of, name), getattr(second.of, name))
        for name in ("minor", "sealed", "intelligence")
    ]
    return all(a is None or b is None or a & b for a, b in pairs) and all(
        a is None or b is None or a == b for a, b in flags
    )


def _asks_less(high: Clause, low: Clause) -> bool:
    """Whether the higher clause asks nothing more of anybody, and something less."""
    sets = [
        (getattr(high.to, name), getattr(low.to, name))
        for name in ("kind", "country", "role", "clearance", "nationality", "assurance")
    ]
    wider = [a is None if b is not None else False for a, b in sets]
    wider += [a is not None and b is not None and a > b for a, b in sets]
    not_narrower = all(a is None or (b is not None and a >= b) for a, b in sets)
    fewer = high.to.training < low.to.training or high.when < low.when
    no_more = high.to.training <= low.to.training and high.when <= low.when
    return not_narrower and no_more and (fewer or any(wider))


def _victims(agreement: Agreement) -> Iterator[Caution]:
    """A permit that shows, or lets be found, what could find or name a victim."""
    every_part = frozenset(Vocabulary.load(agreement.vocabulary).words("part"))
    for clause in agreement.stated_permits:
        if clause.action not in READ_ACTIONS[1:]:
            continue
        if clause.of.subject is not None and "victim" not in clause.of.subject:
            continue
        parts = (clause.of.part or every_part) & NAMING_PARTS
        for forbid in agreement.forbids:
            if _stops_victims(forbid, clause, agreement):
                parts -= forbid.of.part or every_part
        if parts:
            yield _caution(
                clause,
                phrase(
                    "reaches what could find or name a victim: %(parts)s",
                    parts=", ".join(sorted(parts)),
                ),
            )


def _stops_victims(forbid: Clause, permit: Clause, agreement: Agreement) -> bool:
    """Whether a forbid closes victims' parts to everybody whom a permit serves."""
    plain = Reach(part=forbid.of.part, subject=forbid.of.subject)
    return (
        forbid.action in READ_ACTIONS
        and READ_ACTIONS.index(forbid.action) <= READ_ACTIONS.index(permit.action)
        and forbid.of == plain
        and (forbid.of.subject is None or "victim" in forbid.of.subject)
        and forbid.to == Asker()
        and forbid.reason == Reason()
        and (agreement.kind != "agency-policy" or forbid.own)
        and not _excepts(forbid, permit)
    )


def _excepts(forbid: Clause, permit: Clause) -> bool:
    """Whether the exception of a forbid lets some of a permit's people through."""
    unless = forbid.unless
    if unless is None:
        return False
    roles: Words | None = unless.to.role
    return roles is None or permit.to.role is None or bool(roles & permit.to.role)


def _idle_forbids(agreement: Agreement) -> Iterator[Caution]:
    parties = frozenset(agreement.parties)
    for clause in agreement.forbids:
        askers = parties & (clause.to.agency or parties)
        owners = parties & (clause.of.owner or parties)
        if not any(a != o or clause.own for a in askers for o in owners):
            yield _caution(
                clause,
                phrase(
                    "binds nobody: between the owner and its own people a forbid needs `own: true`"
                ),
            )
