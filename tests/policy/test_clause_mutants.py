"""Every clause changed in every small way, and each change that matters is told apart.

A mutant changes one clause as a slip of an interpreter or of a pen would: a word more or less in a
dimension, the other effect, an action up or down, a key, a training or an exception dropped, `own`
turned, the clause left out. The questions come from the signed text alone. A mutant that none of
them tells apart must be equal in effect, and that is not supposed but proven, by z3, over every
question; one that is not equal fails the test with the question that was missed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from accord.agreements import reference
from accord.agreements.compiled import Policy, compile_policy
from accord.agreements.domain import (
    ACTIONS,
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Context,
    Decision,
    Obligation,
    Reach,
    Reason,
    Requester,
    Unless,
)
from accord.agreements.library import templates
from accord.agreements.parse import parse
from accord.agreements.proofs.engine import Engine
from accord.agreements.proofs.obliging import chosen, obliged_otherwise
from accord.agreements.proofs.source import Source
from accord.agreements.proofs.universe import Question as Point
from accord.agreements.proofs.universe import Universe
from accord.kernel.labels import Label

from .example import mou, wide
from .strategies import Question, V, near_question, small_agreements
from .test_templates import agreement as of_template

WORLDS = sorted(Path(__file__).parents[2].glob("worlds/*/agreements/*.yaml"))
QUESTIONS = 1500
"""Near each clause; a mutant meets them until one tells it apart."""
MORE = 30_000
"""Near a clause, for the few mutants that are proven different and were not told apart."""
WALKED, MOST_WALKED = 2, 24
"""From so many of those on which the clause turns, for each purpose and each clause behind it, every
one dimension is walked through all of its words."""
PERMITTED = 80
"""Near each permit; those that are allowed are asked of every mutant."""
MORE_WORDS = 3
"""Of the words that a clause does not list, so many are added, each in a mutant of its own."""
_OF = ("schema", "part", "subject", "sensitivity", "handling", "basis", "offence")
_FLAGS = ("minor", "sealed", "intelligence")


# ---- small changes of one clause


def mutants(rng: random.Random, agreement: Agreement, clause: Clause) -> Iterator[tuple[str, Any]]:
    """Each small change with its name; None leaves the clause out."""
    yield "left out", None
    yield from (
        (f"of.{n}", replace(clause, of=of)) for n, of in _reaches(rng, agreement, clause.of)
    )
    yield from ((f"to.{n}", replace(clause, to=to)) for n, to in _askers(rng, agreement, clause.to))
    yield from ((f"for.{n}", replace(clause, reason=r)) for n, r in _reasons(rng, clause.reason))
    yield from _actions(clause)
    if clause.effect == "permit":
        yield from (("when", replace(clause, when=keys)) for keys in _keys(clause.when))
        yield "effect", replace(
            clause, effect="forbid", when=frozenset(), recipients=None, obligations=(),
            to=replace(clause.to, training=frozenset()),
        )  # fmt: skip
        yield from _given(agreement, clause)
    else:
        yield "own", replace(clause, own=not clause.own)
        yield from (
            ("unless", replace(clause, unless=u)) for u in _unlesses(rng, agreement, clause)
        )
        if clause.reason.purpose and clause.action != "onward":
            yield "effect", replace(clause, effect="permit", unless=None, own=False)


def _reaches(rng: random.Random, agreement: Agreement, of: Reach) -> Iterator[tuple[str, Reach]]:
    for name in _OF:
        for words in _sets(rng, getattr(of, name), V.words(name)):
            yield name, replace(of, **{name: words})
    for words in _sets(rng, of.owner, agreement.parties):
        if words is None or words & set(agreement.parties):
            yield "owner", replace(of, owner=words)
    for name in _FLAGS:
        for flag in {None, True, False} - {getattr(of, name)}:
            yield name, replace(of, **{name: flag})


def _askers(rng: random.Random, agreement: Agreement, to: Asker) -> Iterator[tuple[str, Asker]]:
    listed = {
        "agency": agreement.parties,
        "kind": V.words("agency_kind"),
        "country": ("US", "MX", "CA"),
        "role": V.words("role"),
        "clearance": V.words("clearance"),
        "nationality": ("US", "MX", "CA"),
    }
    for name, every in listed.items():
        for words in _sets(rng, getattr(to, name), every):
            yield name, replace(to, **{name: words})
    for word in to.training:
        yield "training", replace(to, training=to.training - {word})
    for word in sorted(set(V.words("training")) - to.training):
        yield "training", replace(to, training=to.training | {word})
    for level in (1, 2, 3):
        changed = (to.assurance or frozenset({1, 2, 3})) ^ {level}
        if changed:
            yield "assurance", replace(to, assurance=changed)
    if to.assurance is not None:
        yield "assurance", replace(to, assurance=None)


def _reasons(rng: random.Random, reason: Reason) -> Iterator[tuple[str, Reason]]:
    for words in _sets(rng, reason.purpose, V.words("purpose")):
        yield "purpose", replace(reason, purpose=words)
    for words in _sets(rng, reason.legal_basis, V.words("legal_basis")):
        yield "legal-basis", replace(reason, legal_basis=words)


def _actions(clause: Clause) -> Iterator[tuple[str, Clause]]:
    if clause.action not in READ_ACTIONS:
        yield "action", replace(clause, action="alter" if clause.action != "alter" else "place")
        return
    rung = READ_ACTIONS.index(clause.action)
    for other in (rung - 1, rung + 1):
        if 0 <= other < len(READ_ACTIONS):
            action = READ_ACTIONS[other]
            named = (clause.recipients or frozenset()) if action == "onward" else None
            changed = replace(clause, action=action)
            yield "action", replace(changed, recipients=named) if named != () else changed


def _keys(keys: frozenset[str]) -> Iterator[frozenset[str]]:
    yield from (keys ^ {kind} for kind in V.words("key"))


def _given(agreement: Agreement, clause: Clause) -> Iterator[tuple[str, Clause]]:
    for party in agreement.parties if clause.recipients is not None else ():
        if clause.recipients != {party}:
            yield "recipients", replace(clause, recipients=clause.recipients ^ {party})
    for obligation in clause.obligations:
        rest = tuple(o for o in clause.obligations if o != obligation)
        yield "obligations", replace(clause, obligations=rest)


def _unlesses(rng: random.Random, agreement: Agreement, clause: Clause) -> Iterator[Unless | None]:
    unless = clause.unless
    if unless is None:
        yield from (Unless(when=frozenset({kind})) for kind in V.words("key"))
        yield Unless(to=Asker(role=frozenset({rng.choice(V.words("role"))})))
        return
    yield None
    yield from (replace(unless, to=to) for _, to in _askers(rng, agreement, unless.to))
    yield from (replace(unless, reason=r) for _, r in _reasons(rng, unless.reason))
    yield from (replace(unless, when=keys) for keys in _keys(unless.when))


def _sets(
    rng: random.Random, words: frozenset[str] | None, every: Sequence[str]
) -> Iterator[frozenset[str] | None]:
    """Without each of its words, with some others, and not asked; what is not asked, asked."""
    if words is None:
        if len(every) > 1:
            yield frozenset(every) - {rng.choice(every)}
        return
    if len(words) > 1:
        yield from (words - {word} for word in sorted(words))
    outside = [word for word in every if word not in words]
    yield from (words | {w} for w in rng.sample(outside, min(MORE_WORDS, len(outside))))
    yield None


# ---- which are told apart


@dataclass
class Score:
    """How many mutants were told apart by a question, proven equal, or missed."""

    killed: int = 0
    equal: int = 0
    solved: int = 0
    """Of those told apart, how many by the solver's own question, put to both interpreters."""
    missed: list[str] = field(default_factory=list)
    by_solver: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        different = self.killed + len(self.missed)
        return (
            f"{different + self.equal} clause mutants: {self.equal} proven equal, obligations "
            f"included, {self.killed} of {different} others told apart "
            f"({self.solved} by the solver's question)"
        )

    def add(self, other: Score) -> None:
        """Counts another score in."""
        self.killed += other.killed
        self.equal += other.equal
        self.solved += other.solved
        self.missed += other.missed
        self.by_solver += other.by_solver


def score(agreements: list[Agreement], seed: int = 1, share: float = 1.0) -> Score:
    """The mutants of every clause, or of a share of them, met with questions near that clause."""
    found, permitted = Score(), _permitted(agreements, seed)
    for number, agreement in enumerate(agreements):
        for clause in agreement.clauses:
            rng = random.Random(f"{seed} {agreement.id} {clause.id}")
            pool = _Pool(rng, agreements, agreement, clause, permitted)
            for name, mutant in mutants(rng, agreement, clause):
                if rng.random() < share:
                    changed = _changed(agreements, number, clause, mutant)
                    pool.meet(f"{agreement.id} {clause.id} {name}: {mutant}", changed, found)
    return found


def _changed(
    agreements: list[Agreement], number: int, clause: Clause, mutant: Clause | None
) -> list[Agreement]:
    one = agreements[number]
    clauses = tuple(c for c in (mutant if x is clause else x for x in one.clauses) if c)
    return [*agreements[:number], replace(one, clauses=clauses), *agreements[number + 1 :]]


def _permitted(agreements: list[Agreement], seed: int) -> list[Question]:
    """Questions that are allowed, near every permit: what a forbid that grew would close."""
    rng, policy = random.Random(seed), compile_policy(agreements)
    found: list[Question] = []
    for agreement in agreements:
        for permit in agreement.permits:
            near = [near_question(rng, agreements, (agreement, permit)) for _ in range(PERMITTED)]
            allowed = [q for q in near if policy.decide(*_point(q)).allowed]
            fully = [q for q in allowed if q.action == permit.action][:WALKED]
            found += [*allowed, *(w for q in fully for w in walk(q, agreements))]
    return found


def _excepted(q: Question, agreements: list[Agreement]) -> Question:
    """The same asked by somebody whom the exceptions of forbids serve as well."""
    exceptions = [f.unless for a in agreements for f in a.forbids if f.unless]
    roles = q.requester.roles.union(*(u.to.role or () for u in exceptions))
    training = q.requester.training.union(*(u.to.training for u in exceptions))
    who = replace(q.requester, roles=roles, training=training)
    return replace(q, requester=who, keys=q.keys.union(*(u.when for u in exceptions)))


def _below(action: str) -> tuple[str, ...]:
    return READ_ACTIONS[: READ_ACTIONS.index(action)] if action in READ_ACTIONS else ()


class _Pool:
    """Questions near one clause, made as they are needed, with the answers of what was signed."""

    def __init__(
        self,
        rng: random.Random,
        agreements: list[Agreement],
        agreement: Agreement,
        clause: Clause,
        permitted: list[Question],
    ) -> None:
        self._agreements, self._focus = agreements, (agreement, clause)
        self._rng = random.Random(rng.random())
        self._later: list[tuple[Question, tuple[object, ...]]] = []
        self._policy = compile_policy(agreements)
        number = agreements.index(agreement)
        without = compile_policy(_changed(agreements, number, clause, None))
        near = [near_question(self._rng, agreements, self._focus) for _ in range(QUESTIONS)]
        turning: dict[object, list[Question]] = {}
        for q in near:
            here, there = self._decide(q), without.decide(*_point(q))
            if here.allowed != there.allowed:
                behind = (here if here.allowed else there).citations
                group = (behind, q.requester.agency, q.label.owner, q.context.purpose)
                turning.setdefault(group, []).append(q)
        bases = [q for group in turning.values() for q in group[:WALKED]][:MOST_WALKED]
        bases += turning_points(agreements, _changed(agreements, number, clause, None))
        bases += [_excepted(q, agreements) for q in bases]
        bases += [replace(q, action=action) for q in bases for action in _below(q.action)]
        walked = [w for q in bases for w in walk(q, agreements)]
        asked = [q for q in (*near, *walked, *permitted) if _can_be(q)]
        self._asked = [(q, _answer(self._decide(q))) for q in asked]

    def _decide(self, q: Question) -> Decision:
        return self._policy.decide(*_point(q))

    def meet(self, name: str, changed: list[Agreement], found: Score) -> None:
        policy = compile_policy(changed)
        if _told_apart(policy, self._asked):
            found.killed += 1
            return
        if difference(self._agreements, changed) is None:
            found.equal += 1
        elif _told_apart(policy, self._more()):
            found.killed += 1
        elif _solver_tells_apart(self._agreements, changed):
            found.killed, found.solved = found.killed + 1, found.solved + 1
            found.by_solver.append(name)
        else:
            found.missed.append(name)

    def _more(self) -> list[tuple[Question, tuple[object, ...]]]:
        """Many more questions near the clause, for what the others did not tell; made once."""
        if not self._later:
            near = (near_question(self._rng, self._agreements, self._focus) for _ in range(MORE))
            self._later = [(q, _answer(self._decide(q))) for q in near if _can_be(q)]
        return self._later


def walk(q: Question, agreements: list[Agreement]) -> Iterator[Question]:
    """Every question that differs from this one in one dimension, and in nothing else."""
    agencies = sorted({party for a in agreements for party in a.parties} | {"nobody"})
    countries = ("US", "MX", "CA", None)
    asker: dict[str, Sequence[object]] = {
        "agency": agencies,
        "kind": (*V.words("agency_kind"), None),
        "country": countries,
        "nationality": countries,
        "clearance": (*V.words("clearance"), None),
        "assurance": (1, 2, 3),
        "roles": [
            *[frozenset({w}) for w in V.words("role")],
            *[q.requester.roles | {w} for w in V.words("role")],
        ],
        "training": [q.requester.training ^ {w} for w in V.words("training")],
    }
    thing: dict[str, Sequence[object]] = {
        "owner": agencies,
        "subjects": [
            *[frozenset({w}) for w in V.words("subject")],
            *[q.label.subjects | {w} for w in V.words("subject")],
        ],
        **{name: V.words(name) for name in _OF if name != "subject"},
        **dict.fromkeys(_FLAGS, (True, False)),
    }
    for name, values in asker.items():
        for value in values:
            yield replace(q, requester=replace(q.requester, **{name: value}))
    for name, values in thing.items():
        for value in values:
            yield replace(q, label=replace(q.label, **{name: value}))
    for purpose in V.words("purpose"):
        yield replace(q, context=replace(q.context, purpose=purpose))
    for basis in (*V.words("legal_basis"), None):
        yield replace(q, context=replace(q.context, legal_basis=basis))
    yield from (replace(q, action=action) for action in ACTIONS)
    yield from (replace(q, keys=keys) for keys in _keys(q.keys))


def _can_be(q: Question) -> bool:
    """Whether sign-in and intake ever make such a question: `none` stands alone on a label."""
    subjects = q.label.subjects
    return q.requester.assurance in (1, 2, 3) and (len(subjects) == 1 or "none" not in subjects)


def _point(q: Question) -> tuple[Requester, Context, str, Label, frozenset[str]]:
    return (q.requester, q.context, q.action, q.label, q.keys)


def _told_apart(policy: Policy, asked: list[tuple[Question, tuple[object, ...]]]) -> bool:
    return any(_answer(policy.decide(*_point(q))) != answer for q, answer in asked)


def _answer(decision: Decision) -> tuple[object, ...]:
    return (decision.allowed, decision.obligations, decision.recipients)


def difference(first: list[Agreement], second: list[Agreement]) -> str | None:
    """A question that has another answer or other obligations; None is a proof that none has."""
    return next((str(q) for q in turning_points(first, second)), None)


def turning_points(first: list[Agreement], second: list[Agreement]) -> list[Question]:
    """For each way in which two sets of agreements differ, a question on which they do."""
    return [
        Question(q.requester, q.context, q.action, q.label, q.keys)
        for q in _witnesses(first, second)
    ]


def _solver_tells_apart(first: list[Agreement], second: list[Agreement]) -> bool:
    """Whether a question of the solver's own is answered differently, by every interpreter."""
    found = list(_witnesses(first, second))
    assert all(_follows(first, q) != _follows(second, q) for q in found), found
    return bool(found)


def _follows(agreements: list[Agreement], q: Point) -> frozenset[Obligation] | None:
    """What the reference obliges to, towards the recipient if there is one; None is a refusal."""
    point = (q.requester, q.context, q.action, q.label, q.keys)
    decision = reference.decide(agreements, *point)
    assert _answer(compile_policy(agreements).decide(*point)) == _answer(decision), q
    routes = [
        route
        for route in (reference._routes(agreements, *point) if decision.allowed else ())
        if q.recipient is None or q.recipient in (route[0][1].recipients or ())
    ]
    if not routes:
        return None
    return frozenset(
        reference.allowed(q.action, min(routes, key=reference.rank), q.label.handling).obligations
    )


def _witnesses(first: list[Agreement], second: list[Agreement]) -> Iterator[Point]:
    """Of each way in which answers or obligations can differ, a question; none is a proof."""
    universe = Universe([*first, *second])
    engine = Engine(universe.circuit)
    engine.require_clauses(list(universe.shape()))
    sources = [Source(universe, side) for side in (first, second)]
    one, other = (source.allowed(towards=True) for source in sources)
    for wanted in ([one, -other], [-one, other]):
        if engine.possible(wanted):
            yield universe.question_of(engine.model(universe.inputs))
    before, after = (chosen(source, engine.possible) for source in sources)
    wanted = [obliged_otherwise(universe, before, after)]
    if engine.possible(wanted):
        yield universe.question_of(engine.model(universe.inputs))


def _say(found: Score, record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    record("mutants", found.text)
    with capsys.disabled():
        print(f"\n{found.text}")  # noqa: T201 - the score is what somebody runs this for


def test_every_change_of_the_example_is_told_apart_or_proven_equal(
    record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("z3")
    found = score([mou(), wide()], share=0.5)
    _say(found, record_property, capsys)
    assert found.missed == []
    assert found.killed > 100


def test_a_sample_of_the_changes_of_small_agreements_and_chains_is_told_apart_or_proven_equal(
    record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("z3")
    rng, found = random.Random(31), Score()
    for _ in range(2):
        found.add(score(small_agreements(rng), 31, share=0.1))
    _say(found, record_property, capsys)
    assert found.missed == []
    assert found.killed > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_every_change_of_small_agreements_is_told_apart_or_proven_equal(
    seed: int, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some of these are chains, where a change shows only through what others pass on."""
    pytest.importorskip("z3")
    rng, found = random.Random(seed), Score()
    for _ in range(5):
        found.add(score(small_agreements(rng), seed))
    _say(found, record_property, capsys)
    assert found.missed == []
    assert found.killed > 300


def _of_worlds(name: str = "*") -> list[Agreement]:
    files = [f for f in WORLDS if name in ("*", f.parent.parent.name)]
    return [parse(f.read_text("utf-8"), file=f.name) for f in files]


@pytest.mark.slow
@pytest.mark.parametrize(
    "read", [*[of_template(t) for t in templates()], *_of_worlds()], ids=lambda a: a.id
)
def test_every_change_of_the_usual_and_the_worlds_agreements_is_told_apart_or_proven_equal(
    read: Agreement, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("z3")
    found = score([read])
    _say(found, record_property, capsys)
    assert found.missed == []
    assert found.killed


@pytest.mark.slow
@pytest.mark.parametrize("world", sorted({p.parent.parent.name for p in WORLDS}))
def test_changes_of_a_world_s_agreements_are_told_apart_where_all_of_them_are_in_force(
    world: str, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sample: what one agreement leaves open another may close, and the obligations compete."""
    pytest.importorskip("z3")
    found = score(_of_worlds(world), share=0.03)
    _say(found, record_property, capsys)
    assert found.missed == []
    assert found.killed


def test_a_change_of_obligations_that_shows_is_told_and_one_that_cannot_is_proven_equal() -> None:
    """The decision about obligations itself: which permit is chosen counts, not which is changed."""
    pytest.importorskip("z3")
    one = mou()
    clause = next(c for c in one.clauses if c.obligations)
    freed = _changed([one], 0, clause, replace(clause, obligations=()))
    (found,) = _witnesses([one], freed)
    assert _follows([one], found) != _follows(freed, found) is not None
    lighter = replace(clause, id="lighter", obligations=())
    beside = replace(one, clauses=(*one.clauses, lighter))
    assert (
        difference([beside], _changed([beside], 0, clause, replace(clause, obligations=()))) is None
    )


def test_a_mutant_that_differs_is_never_called_equal() -> None:
    """The proof itself can tell: what the questions told apart, z3 tells apart too."""
    pytest.importorskip("z3")
    agreements, told = [mou(), wide()], 0
    rng = random.Random(4)
    for number, agreement in enumerate(agreements):
        for clause in agreement.clauses:
            dropped = _changed(agreements, number, clause, None)
            if difference(agreements, dropped) is not None:
                told += 1
            name, mutant = rng.choice(list(_actions(clause)))
            assert name == "action"
            if mutant is not None:
                told += (
                    difference(agreements, _changed(agreements, number, clause, mutant)) is not None
                )
    assert told >= 7
    assert difference(agreements, agreements) is None
