"""Standing: what one membership may do, for one purpose and one case, while one epoch lasts.

A standing is computed from agreements in force, the actor's facts and the node's labels; it is
stored append-only, so that what anyone could see at any time can be worked out again, and cached
in the process until the policy epoch moves or one of its inputs runs out.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from accord.agencies.domain import Actor
from accord.agencies.light import FULL, READS, WRITES_OF
from accord.agreements import queries
from accord.agreements.compiled import KEY_KINDS, TABLE_BYTES, Policy, policy_of
from accord.agreements.context import WorkingContext
from accord.agreements.domain import (
    READ_ACTIONS,
    WRITE_ACTIONS,
    Context,
    Decision,
    Requester,
    Words,
)
from accord.agreements.labelindex import LabelIndex
from accord.agreements.statements.queries import assumed
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.labels import LABEL_SPACE, Label
from accord.kernel.phrases import phrase
from accord.platform import metrics
from accord.platform.db.binding import execute_bound

ACTIONS = READ_ACTIONS + WRITE_ACTIONS
LONGEST = timedelta(hours=1)
CACHED_STANDINGS = 512
OTHER_TOKEN = phrase("a token that is for this action")
_CLOSED = bytes(TABLE_BYTES)
"""The table of an action that a token is not for: no label is open."""

_BITS_COLUMNS = ", ".join(f"{action}_bits" for action in ACTIONS)
_MARKS = ", ".join(["%s"] * (7 + len(ACTIONS)))
# Made of the literals above alone; every value is a parameter.
_INSERT_STANDING = " ".join(
    (
        "insert into accord.standing",
        "(id, member_id, agency_id, roles, epoch, valid_until, facts,",
        f"{_BITS_COLUMNS}) values ({_MARKS})",
    )
)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that the request holds; a part that carries it satisfies the clause's `when`."""

    kind: str
    key: UUID


@dataclass(frozen=True)
class Standing:
    """The answer for one request; `policy`, `requester` and `context` say why, clause by clause.

    `assumed` are the key kinds that the request satisfies for every part: an emergency that two
    people of the agency determined for this case (decision 0009). `only` are the actions of the
    token that acts; None where a member acts in person. `light` closes what a light member of the node
    may not do (decision 0020).
    """

    id: UUID
    epoch: int
    valid_until: datetime
    held: tuple[HeldKey, ...]
    policy: Policy
    requester: Requester
    context: Context
    assumed: Words = frozenset()
    only: Words | None = None
    light: bool = False

    def why(self, action: str, label: Label, kinds: frozenset[str]) -> Decision:
        """Return the decision for a part with this label that satisfies these key kinds."""
        if not self.admits(action):
            return Decision(False, action, missing=(OTHER_TOKEN,))
        if self.light and not _light_may(action, label):
            return Decision(False, action, missing=(FULL,))
        satisfied = kinds | self.assumed
        return self.policy.why(self.requester, self.context, action, label, satisfied)

    def admits(self, action: str) -> bool:
        """Whether the token that acts is for this action; a member in person needs none."""
        return self.only is None or action in self.only


def _light_may(action: str, label: Label) -> bool:
    return action in READS or (action in WRITE_ACTIONS and label.schema in WRITES_OF)


_cache: OrderedDict[tuple[object, ...], Standing] = OrderedDict()
_cache_lock = threading.Lock()


def for_request(actor: Actor, context: WorkingContext, epoch: int) -> Standing:
    """Return the standing of this actor in this context at `epoch`, computing it at need."""
    at = now()
    cache_key = (actor, context, epoch)
    with _cache_lock:
        found = _cache.get(cache_key)
        if found is not None and found.valid_until > at and _is_stored(found):
            _cache.move_to_end(cache_key)
            metrics.STANDINGS.labels("cache").inc()
            return found
    metrics.STANDINGS.labels("computed").inc()
    made = _compute(actor, context, epoch, at, _labels(queries.newest_label()))
    with _cache_lock:
        _cache[cache_key] = made
        while len(_cache) > CACHED_STANDINGS:
            _cache.popitem(last=False)
    return made


def fresh(actor: Actor, context: WorkingContext, epoch: int) -> Standing:
    """Return a standing computed from this transaction's own view, and cache nothing of it.

    INVARIANT: what a transaction reads after it changed labels or policy itself may be rolled
    back, and its epoch number given to another change; so it must never reach the caches.
    """
    return _compute(actor, context, epoch, now(), queries.label_index())


def _is_stored(standing: Standing) -> bool:
    """The row may be missing when the transaction that wrote it was rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from accord.standing where id = %s", [standing.id])
        return cursor.fetchone() is not None


def forget_standings() -> None:
    """Drop the standings that this process keeps; their rows stay, and what agreements compile to."""
    with _cache_lock:
        _cache.clear()


def forget_cached() -> None:
    """Drop all that this process keeps about access; the rows stay."""
    forget_standings()
    policy_of.cache_clear()
    _labels.cache_clear()


def _compute(
    actor: Actor,
    context: WorkingContext,
    epoch: int,
    at: datetime,
    labels: LabelIndex,
) -> Standing:
    in_force = queries.in_force(at)
    policy = policy_of(in_force.agreements)
    requester = requester_of(actor)
    asked = Context(
        purpose=context.purpose,
        case_id=str(context.case_id) if context.case_id else None,
        legal_basis=context.legal_basis,
        at=at,
    )
    kinds, kinds_end = assumed(actor.agency, context.case_id, at)
    ends = [at + LONGEST, in_force.changes_at, actor.expires_at, context.holds_until, kinds_end]
    standing = Standing(
        id=ids.uuid7(),
        epoch=epoch,
        valid_until=min(end for end in ends if end is not None),
        held=_held(actor, context),
        policy=policy,
        requester=requester,
        context=asked,
        assumed=kinds,
        only=actor.only.actions if actor.only else None,
        light=actor.light,
    )
    _store(standing, actor, labels)
    return standing


def requester_of(actor: Actor) -> Requester:
    """Return the facts about an actor that clauses can name."""
    return Requester(
        agency=actor.agency,
        kind=actor.agency_kind,
        country=actor.country,
        roles=actor.roles,
        clearance=actor.clearance,
        nationality=actor.nationality,
        training=actor.training,
        assurance=actor.assurance,
    )


def _held(actor: Actor, context: WorkingContext) -> tuple[HeldKey, ...]:
    held = [
        HeldKey("grant", ids.grant_key(actor.agency, None)),
        HeldKey("consent", ids.consent_key(actor.agency, context.purpose)),
    ]
    cases: list[UUID | None] = [None]
    if context.case_id is not None:
        held.append(HeldKey("case", ids.case_key(context.case_id)))
        held.append(HeldKey("grant", ids.grant_key(actor.agency, context.case_id)))
        cases.append(context.case_id)
    for kind in KEY_KINDS[3:]:
        held.extend(
            HeldKey(kind, ids.determination_key(kind, actor.agency, case)) for case in cases
        )
    return tuple(held)


@lru_cache(maxsize=2)
def _labels(newest: int) -> LabelIndex:
    """The node's committed labels by number, up to the newest.

    INVARIANT: called before the transaction wrote anything, so every number it sees is committed;
    a committed label is never changed, removed or renumbered, so `newest` names the list.
    """
    return queries.label_index(newest)


def _for_light(table: bytes, action: str, labels: LabelIndex, light: bool) -> bytes:
    """The table with every label closed that a light member may not act on.

    INVARIANT: this closes what `_light_may` refuses; PostgreSQL itself then shows and takes nothing.
    """
    if not light or action in READS:
        return table
    if action not in WRITE_ACTIONS:
        return _CLOSED
    kept = labels.having("schema", WRITES_OF) * 0xFF  # a whole byte for each label
    opened = int.from_bytes(table[:LABEL_SPACE], "little") & kept
    return opened.to_bytes(LABEL_SPACE, "little") + table[LABEL_SPACE:]


def _together(policy: Policy, agency: str) -> set[str]:
    """The parties of the agreements in force that an agency is party to, as their signed texts say."""
    return {
        party
        for agreement in policy.agreements
        if not agreement.suspended and agency in agreement.parties
        for party in agreement.parties
    }


def _store(standing: Standing, actor: Actor, labels: LabelIndex) -> None:
    question = standing.requester, standing.context
    tables = [
        _for_light(
            standing.policy.alternatives(*question, action, labels, standing.assumed).table,
            action,
            labels,
            standing.light,
        )
        if standing.admits(action)
        else _CLOSED
        for action in ACTIONS
    ]
    facts: dict[str, Any] = {
        "agreements": sorted(a.content_hash for a in standing.policy.agreements if not a.suspended),
        "together": sorted(_together(standing.policy, actor.agency)),
        "suspended": sorted(a.content_hash for a in standing.policy.agreements if a.suspended),
        "purpose": standing.context.purpose,
        "case": standing.context.case_id,
        "legal_basis": standing.context.legal_basis,
        "member": actor.member,
        "clearance": actor.clearance,
        "nationality": actor.nationality,
        "training": sorted(actor.training),
        "assurance": actor.assurance,
        "agency_kind": actor.agency_kind,
        "country": actor.country,
        "labels": labels.size,
        "light": standing.light,
        "assumed": sorted(standing.assumed),
        "held": [{"kind": h.kind, "key": str(h.key)} for h in standing.held],
    }
    if actor.only is not None:
        facts["token"] = {
            "purposes": sorted(actor.only.purposes), "actions": sorted(actor.only.actions)
        }  # fmt: skip
    execute_bound(
        _INSERT_STANDING,
        [
            standing.id,
            actor.membership,
            actor.agency,
            sorted(actor.roles),
            standing.epoch,
            standing.valid_until,
            json.dumps(facts),
            *tables,
        ],
    )
