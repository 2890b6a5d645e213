"""Questions near the clauses of a measurement's agreement: met, or missed by one word."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from accord.agreements.domain import Agreement, Clause, Context, Requester
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary

Question = tuple[Requester, Context, str, Label, frozenset[str]]

_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
_WORDS = ("schema", "part", "sensitivity", "handling", "basis", "offence")


def questions(agreement: Agreement, count: int, seed: int = 1) -> list[Question]:
    """So many questions, each near some permit; two in three step over one of its borders."""
    rng = random.Random(seed)  # noqa: S311 - figures that can be repeated, nothing secret
    permits = agreement.permits
    found = []
    for _ in range(count):
        question = _meeting(rng, agreement, rng.choice(permits))
        found.append(_moved(rng, agreement, question) if rng.random() < 0.66 else question)
    return found


def _meeting(rng: random.Random, agreement: Agreement, clause: Clause) -> Question:
    words = Vocabulary.load(agreement.vocabulary).words
    to, of = clause.to, clause.of
    owner = _pick(rng, of.owner, agreement.parties)
    others = [p for p in to.agency or agreement.parties if p != owner]
    who = Requester(
        agency=_pick(rng, others, agreement.parties),
        kind="police",
        country="US",
        roles=frozenset({_pick(rng, to.role, words("role"))}),
        clearance="confidential",
        nationality="US",
        training=to.training,
        assurance=max(to.assurance or {3}),
    )
    label = Label(
        owner=owner,
        subjects=frozenset({_pick(rng, of.subject, words("subject"))}),
        minor=bool(of.minor),
        sealed=bool(of.sealed),
        intelligence=bool(of.intelligence),
        **{name: _pick(rng, getattr(of, name), words(name)) for name in _WORDS},
    )
    purpose = _pick(rng, clause.reason.purpose, words("purpose"))
    return who, Context(purpose, None, "statute", _AT), clause.action, label, clause.when


def _moved(rng: random.Random, agreement: Agreement, question: Question) -> Question:
    words = Vocabulary.load(agreement.vocabulary).words
    who, context, action, label, keys = question
    match rng.choice(("role", "purpose", "part", "subject", "owner", "keys", "training")):
        case "role":
            who = replace(who, roles=frozenset({rng.choice(words("role"))}))
        case "purpose":
            context = replace(context, purpose=rng.choice(words("purpose")))
        case "part":
            label = replace(label, part=rng.choice(words("part")))
        case "subject":
            more = rng.choice([w for w in words("subject") if w != "none"])
            label = replace(label, subjects=label.subjects - {"none"} | {more})
        case "owner":
            label = replace(label, owner=rng.choice(agreement.parties))
        case "keys":
            keys = keys ^ {rng.choice(words("key"))}
        case _:
            who = replace(who, training=who.training ^ {rng.choice(words("training"))})
    return who, context, action, label, keys


def _pick(rng: random.Random, allowed: Iterable[str] | None, every: Iterable[str]) -> str:
    return rng.choice(sorted(allowed or every))
