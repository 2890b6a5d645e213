"""Cheap questions before dear ones: points at which a clause plainly decides something.

Most clauses do decide something, and a few guesses show it in microseconds. Only those for which
no guess shows it are asked of the solver, so that nothing is called idle by a guess.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Agreement, Clause, Context, Requester
from accord.agreements.proofs.universe import AT
from accord.kernel.labels import FLAGS, WORD_DIMENSIONS, Label
from accord.kernel.vocabulary import Vocabulary

_GUESSES = 12


class Guesses:
    """Questions near the clauses of an agreement beside others, and what they meet.

    A set of clauses is an int, with the bits that `bit` gives; forbids and permits each have their
    own.
    """

    def __init__(self, agreement: Agreement, others: Sequence[Agreement]) -> None:
        self._agreement = agreement
        self._form = compile_policy([agreement, *others]).form
        self._random = random.Random(agreement.content_hash)  # noqa: S311 - guesses, nothing secret
        self._bits: dict[tuple[str, str], int] = {}
        for row in self._form.rows:
            if row.effect in ("permit", "forbid") and len(row.route) == 1:
                ((source, clause),) = row.route
                place = row.number if row.effect == "permit" else row.place
                self._bits[source.content_hash, clause.id] = 1 << place

    def bit(self, agreement: Agreement, clause: Clause) -> int:
        """The bit of a clause; 0 where it meets nothing."""
        return self._bits.get((agreement.content_hash, clause.id), 0)

    def at(self, clause: Clause) -> Iterator[int]:
        """What else is met at some questions that a clause of the agreement opens or closes.

        Of a permit: permits that are met where no forbid binds; of a forbid: forbids that bind.
        """
        bit = self.bit(self._agreement, clause)
        if not bit or (
            clause.action == "onward" and clause.effect == "permit" and not clause.recipients
        ):
            return
        near = _Near(self._agreement, clause, self._random)
        for _ in range(_GUESSES):
            met = self._form.meeting(*near.question())
            binding = self._form.binding(met)
            if clause.effect == "permit":
                met = 0 if binding else self._form.unguarded(met)
            found = met if clause.effect == "permit" else binding
            if found & bit:
                yield found & ~bit


class _Near:
    """Questions that a clause is about."""

    def __init__(self, agreement: Agreement, clause: Clause, guess: random.Random) -> None:
        self._clause, self._choice, self._guess = clause, guess.choice, guess
        words, to, of = Vocabulary.load(agreement.vocabulary).words, clause.to, clause.of
        self._owners = _listed(of.owner, agreement.parties)
        self._askers = _listed(to.agency, agreement.parties)
        self._parties = sorted(agreement.parties)
        self._who = {
            "kind": _listed(to.kind, words("agency_kind")),
            "country": _listed(to.country, ("US", "ZZ")),
            "clearance": _listed(to.clearance, words("clearance")),
            "nationality": _listed(to.nationality, ("US", "ZZ")),
        }
        self._roles = _listed(to.role, words("role"))
        self._assurance = sorted(to.assurance or (1, 2, 3))
        self._bases = _listed(clause.reason.legal_basis, words("legal_basis"))
        self._purposes = _listed(clause.reason.purpose, words("purpose"))
        self._facts = {n: _listed(getattr(of, n), words(n)) for n in WORD_DIMENSIONS}
        self._flags = {
            n: [False, True] if getattr(of, n) is None else [getattr(of, n)] for n in FLAGS
        }
        self._subjects = _listed(of.subject, words("subject"))

    def question(self) -> tuple[Requester, Context, str, Label, frozenset[str]]:
        """One of them."""
        choice, clause = self._choice, self._clause
        owner = choice(self._owners)
        who = Requester(
            agency=choice([a for a in self._askers if a != owner] or self._parties),
            roles=frozenset({choice(self._roles)}),
            training=clause.to.training,
            assurance=choice(self._assurance),
            **{name: choice(words) for name, words in self._who.items()},
        )
        context = Context(choice(self._purposes), None, choice(self._bases), AT)
        facts: dict[str, Any] = {name: choice(words) for name, words in self._facts.items()}
        facts |= {name: choice(values) for name, values in self._flags.items()}
        label = Label(owner=owner, subjects=self._some_subjects(), **facts)
        return who, context, clause.action, label, clause.when

    def _some_subjects(self) -> frozenset[str]:
        listed = self._subjects
        if self._clause.effect == "permit" and "none" not in listed and self._guess.random() < 0.5:
            return frozenset(listed)
        return frozenset({self._choice(listed)})


def _listed(chosen: Iterable[str] | None, every: Iterable[str]) -> list[str]:
    return sorted(every if chosen is None else chosen)
