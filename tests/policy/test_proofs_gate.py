"""What takes effect is what was signed: a compiled form with one wrong bit is refused."""

from __future__ import annotations

import random

import pytest

from accord.agreements import reference
from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Agreement
from accord.agreements.proofs import gate
from accord.agreements.proofs.bench import measure
from accord.agreements.proofs.engine import ProofsUnavailable
from accord.agreements.proofs.gate import CompiledDiffers, check_compiled, check_policy

from .example import MOU, mou
from .strategies import small_agreements
from .test_proofs_prove import agreement, line, onward, view


def test_what_the_compiler_makes_of_the_example_is_what_was_signed() -> None:
    check_compiled([mou()])


def test_the_compiled_form_of_random_agreements_is_what_was_signed() -> None:
    rng = random.Random(17)
    for _ in range(25):
        check_compiled(small_agreements(rng))


def test_a_label_without_any_subject_is_no_question() -> None:
    victims = "owner: alpha, subject: victim"
    first, *_, last = line(3)
    middle = agreement("leg-1", "bravo, charlie", onward("delta", victims))
    narrow = agreement("leg-2", "charlie, delta", view("owner: alpha, subject: suspect"))
    assert last.parties == narrow.parties
    check_compiled([first, middle, narrow])


@pytest.mark.slow
def test_the_compiled_form_of_very_many_agreements_is_what_was_signed() -> None:
    rng = random.Random(18)
    for _ in range(2_000):
        check_compiled(small_agreements(rng))


def row_of(agreements: list[Agreement], clause: str, effect: str) -> int:
    rows = compile_policy(agreements).form.rows
    (number,) = (
        r.number for r in rows if r.effect == effect and r.route and r.route[0][1].id == clause
    )
    return number


@pytest.mark.parametrize(
    ("clause", "effect", "column", "word", "compiled"),
    [
        ("4.3", "permit", "part", "identity", True),
        ("4.3", "permit", "part", "core", False),
        ("4.1", "permit", "agency", "riverbend-pd", False),
        ("4.1", "permit", "assurance", 2, False),
        ("4.1", "permit", "purpose", "human-trafficking-investigation", False),
        ("4.1", "permit", "action", "view", True),
        ("4.2", "permit", "owner", "state-bi", False),
        ("4.2", "permit", "sealed", True, None),
    ],
)
def test_a_wrong_bit_is_found_and_refused(
    clause: str, effect: str, column: str, word: object, compiled: bool | None
) -> None:
    agreements = [mou()]
    policy = compile_policy(agreements)
    policy.form.columns[column][word] ^= 1 << row_of(agreements, clause, effect)
    with pytest.raises(CompiledDiffers, match="as signed") as caught:
        check_policy(agreements, policy)
    q = caught.value.question
    signed = reference.decide(agreements, q.requester, q.context, q.action, q.label, q.keys)
    assert policy.decide(q.requester, q.context, q.action, q.label, q.keys) != signed
    assert caught.value.compiled != signed.allowed
    assert compiled in (None, caught.value.compiled)
    assert caught.value.who_can_change is not None


def test_a_forbid_or_an_exception_that_is_lost_is_found() -> None:
    wide = MOU.replace("part: core}\n    when: [case]", "part: [core, identity]}\n    when: [case]")
    agreements = [mou(wide.replace("role: [investigator, prosecutor]", "role: victim-advocate"))]
    check_policy(agreements, compile_policy(agreements))
    policy = compile_policy(agreements)
    policy.form.columns["part"]["identity"] ^= 1 << row_of(agreements, "6.1", "forbid")
    with pytest.raises(CompiledDiffers, match="allows what the agreements as signed refuse"):
        check_policy(agreements, policy)
    policy = compile_policy(agreements)
    policy.form.keys["consent"] ^= 1 << row_of(agreements, "6.1", "exception")
    with pytest.raises(CompiledDiffers, match="allows what the agreements as signed refuse"):
        check_policy(agreements, policy)


def test_other_agreements_than_those_compiled_are_found() -> None:
    policy = compile_policy([mou(MOU.replace("permit: hit", "permit: export"))])
    with pytest.raises(CompiledDiffers):
        check_policy([mou()], policy)


def test_what_passed_once_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    check_compiled([mou()])

    def fail(*_: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(gate, "check_policy", fail)
    check_compiled([mou()])
    with pytest.raises(AssertionError, match="asked again"):
        check_compiled([mou(MOU.replace("permit: hit", "permit: match"))])


def test_without_a_solver_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> None:
        raise ProofsUnavailable

    monkeypatch.setattr("accord.agreements.proofs.engine.z3", absent)
    with pytest.raises(ProofsUnavailable, match=r"pip install accord\[proofs\]"):
        check_compiled([mou(MOU.replace("P1Y", "P7Y"))])


def test_chains_of_four_agencies_are_compiled_as_they_were_signed() -> None:
    cut = agreement("cut", "bravo, charlie", "forbid: export, of: {part: identity}")
    away = agreement("away", "alpha, echo", "forbid: view, of: {minor: true}, own: true")
    for more in ([], [cut], [away], [cut, away]):
        check_compiled([*line(4), *more])


def test_every_proof_is_measured() -> None:
    seconds = measure(120)
    assert set(seconds) == {"compare", "prove", "idle", "gate"}
    assert all(value > 0 for value in seconds.values())
