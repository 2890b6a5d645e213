"""Agreements as Cedar policies: a foreign interpreter that shares no code with ours.

Written from the meaning of the clauses (docs/decisions/0005), and from nothing that decides here:
not the reference, not the compiled form. Cedar has default deny, and a forbid that beats every
permit; the rest is said in `when` and `unless`. It cannot pass anything on, so every chain of
`onward` clauses is written out as a policy of its own. The tests ask both and compare; the bench
times both.

The principal is a member with attributes, the resource a part with those of its label, and the
context holds purpose, legal basis and the kinds of key. An attribute that is not known is absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from accord.agreements.domain import (
    READ_ACTIONS,
    Agreement,
    Asker,
    Clause,
    Context,
    Reach,
    Reason,
    Requester,
)
from accord.kernel.labels import Label

LONGEST_CHAIN = 4
"""Agencies that pass a part on, its owner included."""

_SINGLE = ("schema", "part", "sensitivity", "handling", "basis", "offence")
_FLAGS = ("minor", "sealed", "intelligence")


@dataclass(frozen=True)
class Who:
    """Whoever a condition is about: the member who asks, or a named agency in their place."""

    agency: str | None = None

    def among(self, agencies: Iterable[str]) -> str:
        if self.agency is None:
            return f"{_set(agencies)}.contains(principal.agency)"
        return _truth(self.agency in set(agencies))

    def owns(self) -> str:
        mine = "principal.agency" if self.agency is None else _word(self.agency)
        return f"resource.owner == {mine}"


ASKER = Who()


@dataclass(frozen=True)
class Translation:
    """A Cedar policy set; `routes` names, by policy id, the agreements and clauses it stands for."""

    text: str
    routes: dict[str, tuple[tuple[str, str], ...]]


def translate(agreements: Sequence[Agreement]) -> Translation:
    """The Cedar policies that say the same as agreements in force."""
    policies, routes = [_HANDLING], dict[str, tuple[tuple[str, str], ...]]()
    for agreement in agreements:
        for clause in agreement.clauses:
            if clause.effect == "forbid":
                name = f"no{len(routes)}"
                conditions = _forbid(agreement, clause, ASKER, None)
                policies.append(_policy(name, "forbid", _actions(clause), conditions, ()))
                routes[name] = ((agreement.id, clause.id),)
    for route in _routes(agreements):
        name = f"yes{len(routes)}"
        policy = _route_policy(agreements, name, route)
        if policy is None:
            continue
        policies.append(policy)
        routes[name] = tuple((a.id, c.id) for _, a, c in route)
    return Translation("\n".join(policies), routes)


def requests(
    questions: Iterable[tuple[Requester, Context, str, Label, frozenset[str]]],
) -> tuple[list[dict[str, Any]], str]:
    """Questions as Cedar requests, and the entities they are about, as JSON."""
    members: dict[Requester, dict[str, Any]] = {}
    parts: dict[Label, dict[str, Any]] = {}
    asked = []
    for who, context, action, label, keys in questions:
        member = members.setdefault(who, _member(who, len(members)))
        part = parts.setdefault(label, _part(label, len(parts)))
        asked.append(
            {
                "principal": member["uid"],
                "action": {"type": "Action", "id": action},
                "resource": part["uid"],
                "context": json.dumps(
                    {
                        "purpose": context.purpose,
                        "keys": sorted(keys),
                        **({"basis": context.legal_basis} if context.legal_basis else {}),
                    }
                ),
            }
        )
    return asked, json.dumps([*members.values(), *parts.values()])


def _member(who: Requester, number: int) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "agency": who.agency,
        "roles": sorted(who.roles),
        "training": sorted(who.training),
        "assurance": who.assurance,
    }
    for name in ("kind", "country", "clearance", "nationality"):
        if getattr(who, name) is not None:
            facts[name] = getattr(who, name)
    return {"uid": {"type": "Member", "id": str(number)}, "attrs": facts, "parents": []}


def _part(label: Label, number: int) -> dict[str, Any]:
    facts = {name: getattr(label, name) for name in ("owner", *_SINGLE, *_FLAGS)}
    facts["subjects"] = sorted(label.subjects)
    return {"uid": {"type": "Part", "id": str(number)}, "attrs": facts, "parents": []}


# ---- chains: who may have it from whom

Link = tuple[Who, Agreement, Clause]
"""One clause of a chain, with whoever receives under it; the first serves the member who asks."""


def _routes(agreements: Sequence[Agreement]) -> Iterator[tuple[Link, ...]]:
    for agreement in agreements:
        for clause in agreement.permits:
            first: Link = (ASKER, agreement, clause)
            yield (first,)
            if clause.action in READ_ACTIONS:
                yield from _longer(agreements, (first,))


def _longer(agreements: Sequence[Agreement], route: tuple[Link, ...]) -> Iterator[tuple[Link, ...]]:
    """The route with one agency more that passes on, and with two more, and so on."""
    if len(route) >= LONGEST_CHAIN:
        return
    receiver, last, _ = route[-1]
    used = {who.agency for who, _, _ in route}
    for party in sorted(set(last.parties) - used):
        for source in agreements:
            for clause in source.permits:
                if clause.action == "onward" and clause.recipients:
                    if receiver.agency is not None and receiver.agency not in clause.recipients:
                        continue
                    longer = (*route, (Who(party), source, clause))
                    yield longer
                    yield from _longer(agreements, longer)


def _route_policy(
    agreements: Sequence[Agreement], name: str, route: tuple[Link, ...]
) -> str | None:
    """The policy of one chain: every clause serves its receiver, and no forbid stands between.

    None where no question could meet it.
    """
    _, _, opening = route[0]
    when, unless = [], []
    for place, (who, agreement, clause) in enumerate(route):
        when += _permit(agreement, clause, who)
        ours = f"{_set(agreement.parties)}.contains(resource.owner)"
        when.append(ours if place == len(route) - 1 else f"!{ours}")
    for (who, _, _), (giver, _, passing) in pairwise(route):
        when.append(who.among(passing.recipients or ()))
        if who.agency is None:
            when.append(f"principal.agency != {_word(giver.agency or '')}")
        unless += [
            _all([giver_may, *rest])
            for giver_may, rest in _between(agreements, who, giver, first=who.agency is None)
        ]
        unless.append('resource.handling == "H2" && !context.keys.contains("grant")')
    if _all(when) == "false" or "true" in unless:
        return None
    unless = [condition for condition in unless if condition != "false"]
    return _policy(name, "permit", _actions(opening), when, unless)


def _between(
    agreements: Sequence[Agreement], who: Who, giver: Who, *, first: bool
) -> Iterator[tuple[str, list[str]]]:
    """The forbids between a giver and who receives, and those between the owner and the giver."""
    for agreement in agreements:
        for clause in agreement.clauses:
            if clause.effect == "forbid":
                if "onward" in _actions(clause):
                    yield "true", _forbid(agreement, clause, giver, None)
                # Towards the member the forbidden action counts; a link in between passes on.
                asked = _set_of_actions(clause) if first else _truth("onward" in _actions(clause))
                yield asked, _forbid(agreement, clause, who, giver)


# ---- what a clause asks


def _permit(agreement: Agreement, clause: Clause, who: Who) -> list[str]:
    owners = agreement.parties if clause.of.owner is None else clause.of.owner
    return [
        who.among(agreement.parties),
        *([f"!({who.owns()})"] if clause.to.agency is None else []),
        *_asker(clause.to, who, unknown=False),
        *_reason(clause.reason, unknown=False),
        f"{_set(owners)}.contains(resource.owner)",
        *_thing(clause.of),
        *(
            [f"{_set(clause.of.subject)}.containsAll(resource.subjects)"]
            if clause.of.subject
            else []
        ),
        *_keys(clause.when),
    ]


def _forbid(agreement: Agreement, clause: Clause, who: Who, giver: Who | None) -> list[str]:
    """When a forbid binds somebody towards the owner, or towards an agency that passes on."""
    gives = (
        f"{_set(agreement.parties)}.contains(resource.owner)"
        if giver is None
        else giver.among(agreement.parties)
    )
    conditions = [
        who.among(agreement.parties),
        gives,
        *([] if clause.own else [f"!({who.owns()})"]),
        *_asker(clause.to, who, unknown=True),
        *_reason(clause.reason, unknown=True),
        *([f"{_set(clause.of.owner)}.contains(resource.owner)"] if clause.of.owner else []),
        *_thing(clause.of),
        *(
            [f"resource.subjects.containsAny({_set(clause.of.subject)})"]
            if clause.of.subject
            else []
        ),
    ]
    if clause.unless is not None:
        excepted = [
            *_asker(clause.unless.to, who, unknown=False),
            *_reason(clause.unless.reason, unknown=False),
            *_keys(clause.unless.when),
        ]
        conditions.append(f"!({_all(excepted)})")
    return conditions


def _asker(to: Asker, who: Who, *, unknown: bool) -> Iterator[str]:
    if to.agency is not None:
        yield who.among(to.agency)
    for name in ("kind", "country", "clearance", "nationality"):
        words = getattr(to, name)
        if words is None:
            continue
        if who.agency is not None and name in ("kind", "country"):
            yield _truth(unknown)  # of an agency in between neither is known
        else:
            yield _known(f"principal has {name}", f"principal.{name}", words, unknown=unknown)
    if to.role is not None:
        yield f"principal.roles.containsAny({_set(to.role)})"
    if to.assurance is not None:
        yield f"[{', '.join(map(str, sorted(to.assurance)))}].contains(principal.assurance)"
    if to.training:
        yield f"principal.training.containsAll({_set(to.training)})"


def _reason(reason: Reason, *, unknown: bool) -> Iterator[str]:
    if reason.purpose is not None:
        yield f"{_set(reason.purpose)}.contains(context.purpose)"
    if reason.legal_basis is not None:
        basis = "context has basis"
        yield _known(basis, "context.basis", reason.legal_basis, unknown=unknown)


def _thing(of: Reach) -> Iterator[str]:
    for name in _SINGLE:
        words = getattr(of, name)
        if words is not None:
            yield f"{_set(words)}.contains(resource.{name})"
    for name in _FLAGS:
        flag = getattr(of, name)
        if flag is not None:
            yield f"resource.{name} == {_truth(flag)}"


def _keys(kinds: frozenset[str]) -> list[str]:
    return [f"context.keys.containsAll({_set(kinds)})"] if kinds else []


def _known(present: str, value: str, words: Iterable[str], *, unknown: bool) -> str:
    listed = f"{_set(words)}.contains({value})"
    return f"(!({present}) || {listed})" if unknown else f"({present} && {listed})"


# ---- Cedar text

_HANDLING = """\
@id("H2")
forbid (principal, action == Action::"onward", resource)
when { resource.handling == "H2" && principal.agency != resource.owner
       && !context.keys.contains("grant") };"""


def _policy(
    name: str, effect: str, actions: Sequence[str], when: Sequence[str], unless: Sequence[str]
) -> str:
    named = ", ".join(f'Action::"{action}"' for action in actions)
    exceptions = "".join(f"\nunless {{ {condition} }}" for condition in unless)
    return (
        f'@id("{name}")\n{effect} (principal, action in [{named}], resource)\n'
        f"when {{ {_all(when)} }}{exceptions};"
    )


def _actions(clause: Clause) -> tuple[str, ...]:
    """A permit reaches down the ladder, a forbid up; a write action stands alone."""
    if clause.action not in READ_ACTIONS:
        return (clause.action,)
    rung = READ_ACTIONS.index(clause.action)
    return READ_ACTIONS[: rung + 1] if clause.effect == "permit" else READ_ACTIONS[rung:]


def _set_of_actions(clause: Clause) -> str:
    return f"action in [{', '.join(f'Action::{_word(a)}' for a in _actions(clause))}]"


def _all(conditions: Sequence[str]) -> str:
    """All of them; what is known to hold or not to hold without a question is left out."""
    if "false" in conditions:
        return "false"
    return " && ".join(c for c in conditions if c != "true") or "true"


def _set(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_word, sorted(words)))}]"


def _word(word: str) -> str:
    return json.dumps(word)


def _truth(value: bool) -> str:
    return "true" if value else "false"
