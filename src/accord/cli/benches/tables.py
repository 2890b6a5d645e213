"""Standing for all labels of a node, worked out cold, beside the reference asked about each label.

Cold: the standing is in no cache, nor is anything that was worked out for other members; agreements
are compiled and labels indexed once a process, as at the first request after a start. Both are told.
"""

from __future__ import annotations

from itertools import combinations
from statistics import median
from time import perf_counter
from typing import Any

from accord.agreements import reference
from accord.agreements.compiled import KEY_KINDS, compile_policy
from accord.agreements.domain import ACTIONS, Context, Requester

_TIMES, _SAMPLE = 7, 100


def cold_ms(member: str, purpose: str) -> float:
    """The median of working out all tables with a policy that was just compiled."""
    agreements, who, context, labels = _asked(member, purpose)
    from accord.agreements.labelindex import LabelIndex

    taken = []
    for _ in range(_TIMES):
        policy, index = compile_policy(agreements), LabelIndex(labels)
        began = perf_counter()
        for action in ACTIONS:
            policy.alternatives(who, context, action, index)
        taken.append((perf_counter() - began) * 1000)
    return median(taken)


def reference_s(member: str, purpose: str) -> float:
    """What the reference takes for every label, action and set of keys, from a sample of labels."""
    agreements, who, context, labels = _asked(member, purpose)
    numbered = [label for label in labels if label is not None]
    step = max(1, len(numbered) // _SAMPLE)
    sample = numbered[::step]
    used = frozenset[str]().union(*(_kinds(c) for a in agreements for c in a.clauses))
    kinds = [kind for kind in KEY_KINDS if kind in used]
    subsets = [frozenset(c) for n in range(len(kinds) + 1) for c in combinations(kinds, n)]
    began = perf_counter()
    for label in sample:
        for action in ACTIONS:
            for keys in subsets:
                reference.decide(agreements, who, context, action, label, keys)
    return (perf_counter() - began) / len(sample) * len(numbered)


def _kinds(clause: Any) -> frozenset[str]:
    kinds: frozenset[str] = clause.when | (clause.unless.when if clause.unless else frozenset())
    return kinds


def _asked(member: str, purpose: str) -> tuple[Any, Requester, Context, Any]:
    from accord.agencies import queries as agencies
    from accord.agreements import queries
    from accord.agreements.standing import requester_of
    from accord.kernel.clock import now

    at = now()
    versions = queries.in_force(at).versions
    agreements = tuple(v.parsed for v in versions)
    context = Context(purpose, None, "statute", at)
    return agreements, requester_of(agencies.actor(member)), context, queries.labels_by_number()
