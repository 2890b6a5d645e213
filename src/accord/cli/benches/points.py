"""Point decisions with explanation, beside cedarpy and pycasbin on the same policies and questions.

Each is used the way in which it is fastest: Accord's compiled policy; cedarpy's pre-parsed
`PolicySet` and `Entities` with one `is_authorized_batch` over all questions, whose requests are
made beforehand; pycasbin's `FastEnforcer`, which is quick only where it does not explain. Before
anything is timed, all must give the answers of the reference; else there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from time import perf_counter
from typing import Any

import click

from accord.agreements import reference
from accord.agreements.compiled import compile_policy
from accord.agreements.domain import Agreement
from accord.agreements.proofs.bench import wide_agreement
from accord.cli.benches import cedar, columns
from accord.cli.benches.page import Compared
from accord.cli.benches.questions import Question, questions

SIZES = (50, 500)
GOAL = "at least 100 times cedarpy"
_LEAST_S = 1.0


def compare() -> Iterator[Compared]:
    """Decisions a second at each size, and how they depend on the size."""
    rates = {}
    for size in SIZES:
        agreement = wide_agreement(size)
        asked = questions(agreement, 1000)
        others = dict(_others(agreement, asked))
        ours = rates[size] = _rate(_accord(agreement, asked), len(asked))
        for name, rate in others.items():
            yield Compared(
                f"point decisions with explanation, {size} clauses",
                f"{ours:,.0f}/s",
                f"{name}: {rate:,.0f}/s",
                f"{ours / rate:,.0f}×",
                GOAL if name.startswith("cedarpy") else "",
            )
    small, large = (rates[size] for size in SIZES)
    yield Compared(
        f"the same, {SIZES[1]} clauses beside {SIZES[0]}",
        f"{large:,.0f}/s",
        f"{small:,.0f}/s",
        f"{large / small:.2f}×",
        "flat in the number of clauses",
    )


def _accord(agreement: Agreement, asked: Sequence[Question]) -> Callable[[], object]:
    decide = compile_policy([agreement]).decide
    return lambda: [decide(*question) for question in asked]


def _others(agreement: Agreement, asked: Sequence[Question]) -> Iterator[tuple[str, float]]:
    expected = [reference.decide([agreement], *question).allowed for question in asked]
    policy = compile_policy([agreement])
    _check("the compiled policy", [policy.decide(*q).allowed for q in asked], expected)
    cedarpy = _installed("cedarpy")
    if cedarpy is not None:
        translation = cedar.translate([agreement])
        requests, entities = cedar.requests(asked)
        policies = cedarpy.PolicySet.from_str(translation.text)
        parsed = cedarpy.Entities.from_json_str(entities)
        answers = cedarpy.is_authorized_batch(requests, policies, parsed)
        _check("cedarpy", [a.allowed for a in answers], expected)
        rate = _rate(lambda: cedarpy.is_authorized_batch(requests, policies, parsed), len(asked))
        yield "cedarpy (pre-parsed, one batch)", rate
    if _installed("casbin") is not None:
        some = asked[: 5000 // len(agreement.clauses)]
        enforce = columns.enforcer(agreement).enforce
        values = [columns.request(question) for question in some]
        _check("pycasbin", [bool(enforce(*v)) for v in values], expected[: len(some)])
        rate = _rate(lambda: [enforce(*v) for v in values], len(some))
        yield "pycasbin (FastEnforcer, no explanation)", rate


def _check(name: str, answers: list[bool], expected: list[bool]) -> None:
    wrong = sum(a != b for a, b in zip(answers, expected, strict=True))
    if wrong:
        raise click.ClickException(f"{name} answers {wrong} of {len(expected)} questions otherwise")


def _rate(work: Callable[[], object], decisions: int) -> float:
    """Decisions a second in the best of the rounds of a second, after one that is not counted."""
    work()
    taken, until = list[float](), perf_counter() + _LEAST_S
    while not taken or perf_counter() < until:
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return decisions / min(taken)


def _installed(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        click.echo(f"{name} is missing, so there is no figure beside it: make setup", err=True)
        return None
