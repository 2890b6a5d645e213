"""What a version does beside other agreements: what its forbids close, what it takes from others.

Other agreements are not known here, so they are taken as permitting everything: a forbid then
shows by what it closes, and a permit over what no party owns by what it opens once it is passed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accord.agreements.domain import (
    READ_ACTIONS,
    WRITE_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Reach,
    Term,
    Words,
)
from accord.agreements.proofs.pair import Pair
from accord.agreements.proofs.source import Source, takes
from accord.agreements.proofs.universe import Question
from accord.agreements.proofs.witness import ProofContradicted, Witness, answer, closing
from accord.kernel.vocabulary import NEWEST

_WAYS = {(False, False): "same", (True, False): "more", (False, True): "less", (True, True): "both"}


@dataclass(frozen=True)
class Beside:
    """Whether the forbids bind more or less, and whether more or less of others' is taken.

    Each `more` is a question for the new version only, each `less` one for the old version only.
    """

    forbids: str
    binds_more: Witness | None
    binds_less: Witness | None
    takes: str
    takes_more: Witness | None
    takes_less: Witness | None

    def facts(self) -> dict[str, Any]:
        """The comparison as plain data."""
        names = ("binds_more", "binds_less", "takes_more", "takes_less")
        witnesses = {name: getattr(self, name) for name in names}
        return {
            "forbids": self.forbids,
            "takes": self.takes,
            **{name: None if w is None else w.facts() for name, w in witnesses.items()},
        }


def compare_beside(pair: Pair) -> Beside:
    """How two versions differ beside other agreements."""
    old, new = pair.before.open(), pair.after.open()
    more = _binding(pair, [old, -new], pair.new, pair.old)
    less = _binding(pair, [new, -old], pair.old, pair.new)
    before, after = _taken(pair.before), _taken(pair.after)
    taken = _taking(pair, [after, -before], pair.new, pair.old)
    lost = _taking(pair, [before, -after], pair.old, pair.new)
    return Beside(
        forbids=_WAYS[more is not None, less is not None],
        binds_more=more,
        binds_less=less,
        takes=_WAYS[taken is not None, lost is not None],
        takes_more=taken,
        takes_less=lost,
    )


def _binding(
    pair: Pair, wanted: Sequence[int], binds: Agreement, free: Agreement
) -> Witness | None:
    question = pair.question(wanted)
    if question is None:
        return None
    others = _everything(frozenset({question.requester.agency, question.label.owner}))
    closed = answer([binds, others], question)
    if closed.allowed or not answer([free, others], question).allowed:
        raise ProofContradicted(f"the solver and the reference differ on {question}")
    citation, because = closing([binds, others], question, closed)
    return Witness(question, pair.speaker.question(question), (), citation, because)


def _taken(source: Source) -> int:
    """That a permit serves over what no party owns, once some party may pass it on."""
    circuit, universe = source.circuit, source.universe
    found = []
    for agreement in source.agreements:
        served = circuit.any_of(
            circuit.all_of(
                (
                    source.serves(agreement, clause, towards=True),
                    source.taken(agreement, clause),
                )
            )
            for clause in agreement.permits
            if takes(agreement, clause)
        )
        passed = circuit.any_of(
            circuit.all_of((universe.has("agency", asker), source.passing(party, None)))
            for asker in agreement.parties
            for party in agreement.parties
            if party != asker
        )
        reading = universe.among("action", READ_ACTIONS)
        found.append(circuit.all_of((served, passed, reading, source.open())))
    return circuit.any_of(found)


def _taking(
    pair: Pair, wanted: Sequence[int], takes_it: Agreement, leaves: Agreement
) -> Witness | None:
    question = pair.question(wanted)
    if question is None:
        return None
    feeds = _feeds(question, pair.parties)
    yes, no = answer([takes_it, *feeds], question), answer([leaves, *feeds], question)
    if not yes.allowed or no.allowed:
        raise ProofContradicted(f"the solver and the reference differ on {question}")
    by = tuple(c for c in yes.citations if c.agreement_id == takes_it.id)
    because = f"opens it once {question.label.owner} lets a party pass it on"
    return Witness(question, pair.speaker.question(question), by, None, because)


def _everything(parties: Words) -> Agreement:
    """Another agreement, which permits everything to these agencies."""
    clauses = tuple(
        Clause(action, action, "permit", action, Asker(agency=parties), recipients=_to(action))
        for action in ("onward", *WRITE_ACTIONS)
    )
    return _other("beside", parties, clauses)


def _to(action: str) -> Words | None:
    return None if action == "onward" else frozenset()


def _feeds(question: Question, parties: Sequence[str]) -> list[Agreement]:
    """Other agreements, by which each party but the requester may pass on what it is asked for."""
    owner, asker = question.label.owner, question.requester.agency
    found = []
    for party in parties:
        if party != asker:
            reach, to = Reach(owner=frozenset({owner})), Asker(agency=frozenset({party}))
            named = frozenset({asker, *([question.recipient] if question.recipient else [])})
            clause = Clause("1", "Pass on.", "permit", "onward", to, of=reach, recipients=named)
            found.append(_other(f"feed-{party}", frozenset({owner, party}), (clause,)))
    return found


def _other(name: str, parties: Words, clauses: tuple[Clause, ...]) -> Agreement:
    return Agreement(
        id=name,
        kind="mou",
        title="Another agreement",
        authority=(),
        parties=tuple(sorted(parties)),
        in_force=Term(date(2026, 1, 1), None, "UTC"),
        vocabulary=NEWEST,
        clauses=clauses,
    )
