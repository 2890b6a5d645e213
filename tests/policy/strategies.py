"""Questions and agreements close to where an answer changes, instead of anywhere at all.

A uniform random question misses nearly every clause, so it cannot tell a right interpreter from a
wrong one. These start from a clause's own constants, satisfy them, and then step over one or two
borders: a category more, a level less, a neighbour's role, the owner asking for its own.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import combinations

from hypothesis import strategies as st

from accord.agreements.domain import (
    ACTIONS,
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Context,
    Obligation,
    Reach,
    Reason,
    Requester,
    Term,
    Unless,
)
from accord.kernel.labels import Label
from accord.kernel.vocabulary import Vocabulary

V = Vocabulary.load(1)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
AGENCIES = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot")
KINDS = ("case", "grant", "consent")
_SINGLE = ("schema", "part", "sensitivity", "handling", "basis", "offence")


@dataclass(frozen=True)
class Question:
    """One point: somebody asks to do something with a part."""

    requester: Requester
    context: Context
    action: str
    label: Label
    keys: frozenset[str]


def key_subsets(kinds: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(c) for n in range(len(kinds) + 1) for c in combinations(kinds, n)]


def kinds_of(agreements: list[Agreement]) -> tuple[str, ...]:
    """The key kinds that the agreements turn on, and `grant`, on which H2 turns."""
    used = {"grant"}
    for clause in (c for a in agreements for c in a.clauses):
        used |= clause.when | (clause.unless.when if clause.unless else frozenset())
    return tuple(kind for kind in V.words("key") if kind in used)


# ---- questions near a clause


def near_label(rng: random.Random, agreement: Agreement, clause: Clause, misses: int) -> Label:
    """A label that a clause reaches, then moved over so many borders."""
    of = clause.of
    values = {name: _pick(rng, getattr(of, name), V.words(name)) for name in _SINGLE}
    flags = {
        name: getattr(of, name) if getattr(of, name) is not None else rng.random() < 0.2
        for name in ("minor", "sealed", "intelligence")
    }
    label = Label(
        owner=_pick(rng, of.owner, agreement.parties),
        subjects=_subjects(rng, of.subject),
        **values,
        **flags,
    )
    if of.handling is None and rng.random() < 0.7:
        label = replace(label, handling="none")
    for _ in range(misses):
        label = _move_label(rng, label, of)
    return label


def _subjects(rng: random.Random, listed: frozenset[str] | None) -> frozenset[str]:
    words = sorted(listed or V.words("subject"))
    return frozenset(rng.sample(words, min(len(words), rng.choice((1, 1, 2)))))


def _move_label(rng: random.Random, label: Label, of: Reach) -> Label:
    asked = [n for n in _SINGLE if getattr(of, n) is not None]
    asked += [n for n in ("minor", "sealed", "intelligence") if getattr(of, n) is not None]
    asked += ["subjects", "subjects", "owner", rng.choice(_SINGLE)]
    name = rng.choice(asked)
    if name == "subjects":
        outside = sorted(set(V.words("subject")) - (of.subject or frozenset()))
        extra = rng.choice(outside or list(V.words("subject")))
        base = label.subjects if rng.random() < 0.5 else frozenset()
        return replace(label, subjects=base | {extra})
    if name == "owner":
        return replace(label, owner=rng.choice(AGENCIES))
    if name in _SINGLE:
        allowed = getattr(of, name) or frozenset()
        return replace(label, **{name: _neighbour(rng, allowed, V.words(name))})
    return replace(label, **{name: not getattr(label, name)})


def near_requester(
    rng: random.Random, agreement: Agreement, to: Asker, owner: str, misses: int
) -> Requester:
    """Somebody whom a clause serves, then moved over so many borders."""
    others = [p for p in agreement.parties if p != owner] or list(agreement.parties)
    requester = Requester(
        agency=_pick(rng, to.agency, others),
        kind=_pick(rng, to.kind, V.words("agency_kind")),
        country=_pick(rng, to.country, ("US", "MX")),
        roles=frozenset({_pick(rng, to.role, V.words("role"))}),
        clearance=_pick(rng, to.clearance, V.words("clearance")),
        nationality=_pick(rng, to.nationality, ("US", "MX")),
        training=to.training,
        assurance=min(to.assurance) if to.assurance else rng.choice((1, 2, 3)),
    )
    for _ in range(misses):
        requester = _move_requester(rng, requester, to, owner)
    return requester


def _move_requester(rng: random.Random, who: Requester, to: Asker, owner: str) -> Requester:
    moves = [
        replace(who, agency=owner),
        replace(who, agency=rng.choice(AGENCIES)),
        replace(who, roles=frozenset({_neighbour(rng, to.role, V.words("role"))})),
        replace(who, roles=who.roles | {rng.choice(V.words("role"))}),
    ]
    if to.training:
        moves.append(replace(who, training=who.training - {rng.choice(sorted(to.training))}))
    if to.assurance is not None:
        moves.append(replace(who, assurance=min(to.assurance) - 1))
        moves.append(replace(who, assurance=max(to.assurance)))
    if to.clearance is not None:
        moves.append(replace(who, clearance=_neighbour(rng, to.clearance, V.words("clearance"))))
        moves.append(replace(who, clearance=None))
    if to.kind is not None:
        moves.append(replace(who, kind=_neighbour(rng, to.kind, V.words("agency_kind"))))
        moves.append(replace(who, kind=None))
    if to.country is not None or to.nationality is not None:
        moves += [replace(who, country="CA"), replace(who, country=None)]
        moves += [replace(who, nationality="CA"), replace(who, nationality=None)]
    return rng.choice(moves)


def near_question(
    rng: random.Random, agreements: list[Agreement], focus: tuple[Agreement, Clause] | None = None
) -> Question:
    """A question at the border of some clause, or of the clause in focus."""
    agreement, clause = focus or _any_clause(rng, agreements)
    misses = rng.choice((0, 0, 1, 1, 1, 2))
    on_label = rng.randint(0, misses)
    label = near_label(rng, agreement, clause, on_label)
    home, serving = agreement, clause
    if clause.effect == "forbid":
        permits = [
            (a, p)
            for a in agreements
            for p in a.permits
            if set(a.parties) & set(agreement.parties) and _shared(p.of.part, clause.of.part)
        ]
        if permits and rng.random() < 0.9:
            home, serving = rng.choice(permits)
            if rng.random() < 0.8:
                label = _meet(rng, agreement, clause.of, serving.of)
    to = serving.to
    if clause.unless is not None and rng.random() < 0.6:
        to = clause.unless.to
    if clause.effect == "forbid" and rng.random() < 0.3:
        to = clause.to
    requester = near_requester(rng, home, to, label.owner, misses - on_label)
    if clause.own and rng.random() < 0.5:
        requester = replace(requester, agency=label.owner)
    if clause.recipients and rng.random() < 0.5:
        requester = replace(requester, agency=rng.choice(sorted(clause.recipients)))
    if label.owner not in home.parties and rng.random() < 0.8:
        requester = _at_the_end(rng, requester, home, agreements)
    return Question(
        requester,
        _context(rng, serving.reason),
        _action(rng, clause, serving),
        label,
        frozenset(KINDS) if rng.random() < 0.2 else _keys(rng, serving, clause),
    )


def _at_the_end(
    rng: random.Random, who: Requester, home: Agreement, agreements: list[Agreement]
) -> Requester:
    """Somebody who has what the links of a chain ask: each may ask another role or training."""
    askers = [c.to for a in agreements for c in a.permits]
    roles = frozenset(r for to in askers for r in to.role or () if rng.random() < 0.8)
    training = who.training.union(*(to.training for to in askers))
    return replace(who, agency=max(home.parties), roles=roles or who.roles, training=training)


def _meet(rng: random.Random, agreement: Agreement, first: Reach, second: Reach) -> Label:
    """A label in what two clauses reach together, as far as there is one."""
    both: dict[str, object] = {}
    for name in ("owner", *_SINGLE):
        a, b = getattr(first, name), getattr(second, name)
        both[name] = a & b if a and b and a & b else a or b
    for name in ("minor", "sealed", "intelligence"):
        flag = getattr(first, name)
        both[name] = getattr(second, name) if flag is None else flag
    subjects = second.subject or first.subject
    reach = Reach(**both, subject=subjects)  # type: ignore[arg-type]
    label = near_label(rng, agreement, Clause("x", "x", "permit", "view", of=reach), 0)
    shared = sorted((first.subject or subjects or set()) & (second.subject or label.subjects))
    if shared and rng.random() < 0.9:
        label = replace(label, subjects=frozenset({rng.choice(shared)}))
    return label


def _shared(first: frozenset[str] | None, second: frozenset[str] | None) -> bool:
    return first is None or second is None or bool(first & second)


def _any_clause(rng: random.Random, agreements: list[Agreement]) -> tuple[Agreement, Clause]:
    agreement = rng.choice(agreements)
    if agreements[-1].id.startswith("chain") and rng.random() < 0.6:
        return agreements[-1], agreements[-1].clauses[0]  # the end of a chain rests on all of it
    return agreement, rng.choice(agreement.clauses)


def _context(rng: random.Random, reason: Reason) -> Context:
    purpose = _pick(rng, reason.purpose, V.words("purpose"))
    basis: str | None = rng.choice((None, *V.words("legal_basis")))
    if reason.legal_basis is not None and rng.random() < 0.8:
        basis = _pick(rng, reason.legal_basis, V.words("legal_basis"))
    if rng.random() < 0.1:
        purpose = rng.choice(V.words("purpose"))
    return Context(purpose, None, basis, AT)


def _action(rng: random.Random, clause: Clause, serving: Clause) -> str:
    named = rng.choice((clause.action, serving.action))
    if named not in READ_ACTIONS or rng.random() < 0.6:
        return named
    rung = READ_ACTIONS.index(named) + rng.choice((-1, 1))
    return READ_ACTIONS[max(0, min(rung, len(READ_ACTIONS) - 1))]


def _keys(rng: random.Random, serving: Clause, clause: Clause) -> frozenset[str]:
    unless = clause.unless.when if clause.unless else frozenset()
    keys = set(serving.when | (unless if rng.random() < 0.6 else frozenset()))
    if keys and rng.random() < 0.3:
        keys.discard(rng.choice(sorted(keys)))
    if rng.random() < 0.2:
        keys.add(rng.choice(V.words("key")))
    return frozenset(keys)


def _pick(rng: random.Random, allowed: object, every: object) -> str:
    return rng.choice(sorted(allowed or every))  # type: ignore[call-overload]


def _neighbour(rng: random.Random, allowed: object, every: tuple[str, ...]) -> str:
    """A word just outside a set, where there is one."""
    outside = [word for word in every if word not in (allowed or ())]  # type: ignore[operator]
    return rng.choice(outside or list(every))


# ---- agreements of few words, so that clauses overlap


def small_agreements(rng: random.Random) -> list[Agreement]:
    """One to three agreements; in a third of the draws, two or more compose by `onward`."""
    agreements = [_agreement(rng, number) for number in range(rng.randint(1, 3))]
    return agreements if rng.random() < 0.65 else [*agreements[:1], *chain(rng)]


def chain(rng: random.Random) -> list[Agreement]:
    """Alpha lets bravo pass on to charlie, and so forth; the last two agree about alpha's records.

    Up to five agencies pass it on, which is one too many; some chains come back to an agency.
    """
    line = list(AGENCIES[: rng.choice((3, 3, 4, 4, 5, 5, 6))])
    if len(line) > 3 and rng.random() < 0.1:
        line[3] = line[1]
    common = _link_asker(rng)
    reach = _reach(rng, AGENCIES[:1], True)
    return [
        _link(rng, number, line, common, reach if rng.random() < 0.7 else _wider(rng, reach))
        for number in range(len(line) - 1)
    ]


def _link(
    rng: random.Random, number: int, line: list[str], common: Asker, reach: Reach
) -> Agreement:
    last = number == len(line) - 2
    parties = {line[number], line[number + 1]}
    if rng.random() < 0.2:
        parties.add(rng.choice(AGENCIES[1:]))
    common = common if rng.random() < 0.75 else _link_asker(rng)
    if not last:
        common = replace(common, agency=_some(rng, (line[number + 1],), 0.2))
    clause = Clause(
        "link", "Pass on.", "permit",
        rng.choice(("hit", "view", "export", "onward")) if last else "onward",
        common, Reason(frozenset({"prosecution"})),
        reach if number == 0 else replace(reach, owner=frozenset({"alpha"})),
        when=_some(rng, KINDS, 0.2) or frozenset(),
        obligations=_obligations(rng, True),
    )  # fmt: skip
    if clause.action == "onward":
        more = _some(rng, AGENCIES, 0.3) or frozenset()
        clause = replace(clause, recipients=frozenset({(*line, "alpha")[number + 2]}) | more)
    around = tuple(sorted(parties))
    others = [_clause(rng, str(n), around, False) for n in range(rng.choice((0, 0, 1, 2)))]
    return replace(
        _agreement(rng, 9), id=f"chain-{number}", kind="mou", parties=around,
        clauses=(clause, *others),
    )  # fmt: skip


def _link_asker(rng: random.Random) -> Asker:
    return Asker(
        role=_some(rng, ("investigator", "analyst"), 0.4),
        training=_some(rng, ("cjis-security", "28cfr23"), 0.2) or frozenset(),
        assurance=frozenset({2, 3}) if rng.random() < 0.1 else None,
    )


def _wider(rng: random.Random, reach: Reach) -> Reach:
    """Nearly the same reach: another link of the chain is worded a little differently."""
    name = rng.choice(("part", "subject", "schema"))
    words = V.words(name)
    return replace(reach, **{name: rng.choice((None, frozenset(rng.sample(words, 3))))})


def _agreement(rng: random.Random, number: int) -> Agreement:
    policy = rng.random() < 0.15
    parties = tuple(sorted(rng.sample(AGENCIES[:3], 1 if policy else rng.choice((2, 2, 3)))))
    clauses = tuple(_clause(rng, str(n), parties, policy) for n in range(rng.randint(1, 5)))
    return Agreement(
        id=f"agreement-{number}",
        kind="agency-policy" if policy else "mou",
        title="Small",
        authority=("Code 1",),
        parties=parties,
        in_force=Term(date(2026, 1, 1), None, "UTC"),
        vocabulary=1,
        clauses=clauses,
    )


def _clause(rng: random.Random, name: str, parties: tuple[str, ...], policy: bool) -> Clause:
    permit = rng.random() < 0.6
    action = rng.choice((*READ_ACTIONS, "onward", "view", rng.choice(ACTIONS)))
    to = _asker(rng, parties, policy, permit)
    if not permit:
        return Clause(
            name, "No.", "forbid", action, replace(to, training=frozenset()), _reason(rng, 0.2),
            _reach(rng, parties, policy), own=rng.random() < 0.4, unless=_unless(rng, parties),
        )  # fmt: skip
    onward = action == "onward"
    return Clause(
        name, "Yes.", "permit", action,
        replace(to, kind=None, country=None) if onward else to,
        _reason(rng, 1.0), _reach(rng, parties, policy),
        when=_some(rng, KINDS, 0.5) or frozenset(),
        obligations=_obligations(rng, onward),
        recipients=_some(rng, AGENCIES[:3], 1.0) if onward else None,
    )  # fmt: skip


def _asker(rng: random.Random, parties: tuple[str, ...], policy: bool, permit: bool) -> Asker:
    return Asker(
        agency=frozenset(parties) if policy else _some(rng, parties, 0.25),
        kind=_some(rng, ("police", "sheriff"), 0.15),
        country=_some(rng, ("US", "MX"), 0.1),
        role=_some(rng, ("investigator", "analyst"), 0.5),
        clearance=_some(rng, ("confidential", "secret"), 0.1),
        nationality=_some(rng, ("US", "MX"), 0.1),
        training=_some(rng, ("cjis-security", "28cfr23"), 0.3) or frozenset(),
        assurance=frozenset({2, 3}) if rng.random() < 0.2 else None,
    )


def _reason(rng: random.Random, often: float) -> Reason:
    return Reason(
        _some(rng, ("prosecution", "oversight"), often),
        _some(rng, ("warrant", "statute"), 0.15),
    )


def _reach(rng: random.Random, parties: tuple[str, ...], policy: bool) -> Reach:
    return Reach(
        owner=None if policy else _some(rng, (*parties, *AGENCIES[:3]), 0.4),
        schema=_some(rng, ("Person", "Vehicle"), 0.3),
        part=_some(rng, ("core", "identity", "contact"), 0.5),
        subject=_some(rng, ("suspect", "victim", "none"), 0.6),
        sensitivity=_some(rng, ("official", "sensitive"), 0.15),
        handling=_some(rng, ("none", "H2"), 0.2),
        minor=rng.choice((None, None, None, True, False)),
        sealed=rng.choice((None, None, None, False)),
    )


def _unless(rng: random.Random, parties: tuple[str, ...]) -> Unless | None:
    if rng.random() < 0.5:
        return None
    return Unless(
        Asker(role=_some(rng, ("victim-advocate", "investigator"), 0.6)),
        Reason(),
        _some(rng, KINDS, 0.6) or frozenset(),
    )


def _obligations(rng: random.Random, onward: bool) -> tuple[Obligation, ...]:
    every = [Obligation("watermark"), Obligation("end-access", "P1Y")]
    every += [Obligation("notify-owner")] if onward else [Obligation("no-onward")]
    return tuple(sorted(o for o in every if rng.random() < 0.3))


def _some(rng: random.Random, words: tuple[str, ...], often: float) -> frozenset[str] | None:
    """A set of one or two of the words, or None for a clause that does not ask."""
    if rng.random() >= often:
        return None
    words = tuple(dict.fromkeys(words))
    return frozenset(rng.sample(words, min(len(words), rng.choice((1, 2)))))


randoms = st.randoms(use_true_random=False)
"""Hypothesis' own source of choices: what it finds it can make smaller and show again."""
