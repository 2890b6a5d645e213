"""Agreements as a pycasbin model: a line of policy for each clause, action and purpose, with columns.

pycasbin walks its lines; `FastEnforcer` first leaves out those of other actions and purposes, which
is what it offers to go fast (by two columns that must be equal). Only the columns that the measured
agreements use are there. A forbid denies, and a deny overrides (its `policy_effect`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Any

from accord.agreements.domain import ACTIONS, Agreement, Clause, covers
from accord.cli.benches.questions import Question
from accord.kernel.vocabulary import Vocabulary

_REQUEST = (
    "act", "purpose", "agency", "owner", "schema", "part", "offence", "sensitivity", "roles",
    "subjects", "training", "assurance", "minor", "sealed", "keys",
)  # fmt: skip
_EQUAL = [0, 1]
_LINE = (*_REQUEST, "uroles", "ukeys", "clause", "eft")

MODEL = f"""
[request_definition]
r = {", ".join(_REQUEST)}
[policy_definition]
p = {", ".join(_LINE)}
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = {
    " && ".join(
        [
            "r.act == p.act && r.purpose == p.purpose",
            *[f"among(r.{n}, p.{n})" for n in _REQUEST[2:8]],
            "some(r.roles, p.roles)",
            "subjects(r.subjects, p.subjects, p.eft)",
            "held(r.training, p.training)",
            "among(r.assurance, p.assurance)",
            "among(r.minor, p.minor)",
            "among(r.sealed, p.sealed)",
            "held(r.keys, p.keys)",
            "bound(r.agency, r.owner, r.roles, r.keys, p.uroles, p.ukeys, p.eft)",
        ]
    )
}
"""


def enforcer(agreement: Agreement) -> Any:
    """An enforcer with the clauses of an agreement as its lines."""
    casbin = import_module("casbin")
    model = casbin.FastModel(_EQUAL)
    model.load_model_from_text(MODEL)
    made = casbin.FastEnforcer(model, cache_key_order=_EQUAL)
    for function in (among, some, subjects, held, bound):
        made.add_function(function.__name__, function)
    purposes = Vocabulary.load(agreement.vocabulary).words("purpose")
    lines = [
        _line(clause, action, purpose)
        for clause in agreement.clauses
        for action in ACTIONS
        for purpose in clause.reason.purpose or purposes
        if covers(clause, action)
    ]
    made.add_policies(lines)
    return made


def request(question: Question) -> tuple[Any, ...]:
    """A question as the values of a request."""
    who, context, action, label, keys = question
    return (
        action, context.purpose, who.agency, label.owner, label.schema, label.part, label.offence,
        label.sensitivity, who.roles, label.subjects, who.training, str(who.assurance),
        str(label.minor), str(label.sealed), keys,
    )  # fmt: skip


def _line(clause: Clause, action: str, purpose: str) -> list[str]:
    to, of, unless = clause.to, clause.of, clause.unless
    return [
        action, purpose, _cell(to.agency), _cell(of.owner), _cell(of.schema),
        _cell(of.part), _cell(of.offence), _cell(of.sensitivity), _cell(to.role),
        _cell(of.subject), _cell(to.training or None),
        _cell(None if to.assurance is None else map(str, to.assurance)),
        _cell(None if of.minor is None else [str(of.minor)]),
        _cell(None if of.sealed is None else [str(of.sealed)]),
        _cell(clause.when or None),
        _cell(unless.to.role if unless else None), _cell(unless.when if unless else None),
        clause.id, "allow" if clause.effect == "permit" else "deny",
    ]  # fmt: skip


def _cell(words: Iterable[str] | None) -> str:
    return "*" if words is None else "|".join(sorted(words))


@cache
def _words(cell: str) -> frozenset[str] | None:
    return None if cell == "*" else frozenset(cell.split("|"))


def among(value: str, cell: str) -> bool:
    words = _words(cell)
    return words is None or value in words


def some(values: frozenset[str], cell: str) -> bool:
    words = _words(cell)
    return words is None or not words.isdisjoint(values)


def held(values: frozenset[str], cell: str) -> bool:
    words = _words(cell)
    return words is None or words <= values


def subjects(values: frozenset[str], cell: str, effect: str) -> bool:
    words = _words(cell)
    return words is None or (values <= words if effect == "allow" else bool(values & words))


def bound(
    agency: str,
    owner: str,
    roles: frozenset[str],
    keys: frozenset[str],
    except_roles: str,
    except_keys: str,
    effect: str,
) -> bool:
    """Whether a forbid binds: not the owner's own people, and not whom its exception serves."""
    if effect == "allow":
        return True
    if agency == owner:
        return False
    return except_keys == "*" or not (some(roles, except_roles) and held(keys, except_keys))
