"""Cheap questions before dear ones: points near a clause at which it plainly decides alone.

Most clauses do decide something, and a few guesses show it in microseconds. Only those for which
no guess shows it are asked of the solver, so that nothing is called idle by a guess.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from accord.agreements.compiled import compile_policy
from accord.agreements.compiledform import Form
from accord.agreements.domain import Agreement, Clause, Context, Requester
from accord.agreements.proofs.universe import AT
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS, Label
from accord.kernel.vocabulary import Vocabulary

_GUESSES = 40


def deciding(agreement: Agreement, others: Sequence[Agreement]) -> frozenset[str]:
    """Clauses of an agreement that decide some question alone, as far as guesses show."""
    form = compile_policy([agreement, *others]).form
    guess = random.Random(agreement.content_hash)  # noqa: S311 - guesses, nothing secret
    found = set()
    for row in form.rows:
        if row.effect not in ("permit", "forbid") or len(row.route) != 1:
            continue
        ((source, clause),) = row.route
        if source.content_hash == agreement.content_hash:
            permit = row.effect == "permit"
            bit = 1 << (row.number if permit else row.place)
            if any(_alone(form, bit, agreement, clause, guess) for _ in range(_GUESSES)):
                found.add(clause.id)
    return frozenset(found)


def _alone(
    form: Form, bit: int, agreement: Agreement, clause: Clause, guess: random.Random
) -> bool:
    met = _met(form, agreement, clause, guess)
    if clause.effect == "forbid":
        return form.binding(met) == bit
    return form.binding(met) == 0 and form.unguarded(met) == bit


def _met(form: Form, agreement: Agreement, clause: Clause, guess: random.Random) -> int:
    """The rows met by a question that the clause is about."""
    words, to, of = Vocabulary.load(agreement.vocabulary).words, clause.to, clause.of

    def one(chosen: Iterable[str] | None, every: Iterable[str]) -> str:
        return guess.choice(sorted(every if chosen is None else chosen))

    owner = one(of.owner, agreement.parties)
    askers = set(to.agency or agreement.parties) - {owner} or set(agreement.parties)
    who = Requester(
        agency=one(None, askers),
        kind=one(to.kind, words("agency_kind")),
        country=one(to.country, ("US", "ZZ")),
        roles=frozenset({one(to.role, words("role"))}),
        clearance=one(to.clearance, words("clearance")),
        nationality=one(to.nationality, ("US", "ZZ")),
        training=to.training,
        assurance=guess.choice(sorted(to.assurance or (1, 2, 3))),
    )
    basis = one(clause.reason.legal_basis, words("legal_basis"))
    context = Context(one(clause.reason.purpose, words("purpose")), None, basis, AT)
    facts: dict[str, Any] = {n: one(getattr(of, n), words(n)) for n in WORD_DIMENSIONS}
    for name in FLAGS:
        flag = getattr(of, name)
        facts[name] = guess.random() < 0.5 if flag is None else flag
    label = Label(owner=owner, subjects=_subjects(clause, words("subject"), guess), **facts)
    return form.meeting(who, context, clause.action, label, clause.when)


def _subjects(clause: Clause, every: Sequence[str], guess: random.Random) -> frozenset[str]:
    listed = sorted(clause.of.subject or every)
    if clause.effect == "permit" and "none" not in listed and guess.random() < 0.5:
        return frozenset(listed)
    return frozenset({guess.choice(listed)})
