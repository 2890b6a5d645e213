"""Changes of the directory within a scope: each step says in the ledger what it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accord.agencies.directory import actions
from accord.agencies.directory.domain import Change, ChangeKind, Outcome, Via
from accord.agencies.directory.facts import read_facts
from accord.agreements.scope import Scope

_TOLD = ("member", "add", "remove", "to", "training", "issued_on", "valid_until", "at", "until", "roles",
         "clearance", "assurance")  # fmt: skip
"""What a change says in the ledger: words, levels and days. A name is in the directory."""


def ask(
    scope: Scope, kind: ChangeKind, membership: str, said: Mapping[str, Any], via: Via
) -> Outcome:
    """Propose a change of an own member, or put in force at once what takes away."""
    facts = read_facts(kind, said, zone=scope.actor.zone)
    outcome = actions.ask(scope.actor, kind, membership, facts, via)
    _noted(scope, outcome, kind, membership, facts, via)
    return outcome


def join(scope: Scope, said: Mapping[str, Any], via: Via) -> Outcome:
    """Propose a new member."""
    facts = read_facts(ChangeKind.JOIN, said, zone=scope.actor.zone)
    outcome = actions.propose_member(scope.actor, facts, via)
    membership = f"{scope.actor.agency}.{facts['handle']}"
    _noted(scope, outcome, ChangeKind.JOIN, membership, facts, via)
    return outcome


def approve(scope: Scope, change: Change) -> Outcome:
    """Put in force, as the second person, what another proposed."""
    outcome = actions.approve(scope.actor, change.id)
    facts = {**change.facts, "member": change.member} if change.known else change.facts
    _did(scope, f"approved: {change.kind}", change.id, change.membership, facts)
    return outcome


def make_code(scope: Scope, change: Change) -> str:
    """Make the code for the link that a change brought; it is shown once, to who proposed it."""
    code = actions.make_code(scope.actor, change.id)
    _did(scope, f"made a code: {change.kind}", change.id, change.membership, {})
    return code


def withdraw(scope: Scope, change: Change) -> None:
    """Take a proposal back."""
    actions.withdraw(scope.actor, change.id)
    _did(scope, f"withdrew: {change.kind}", change.id, change.membership, {})


def _noted(
    scope: Scope, outcome: Outcome, kind: ChangeKind, membership: str, facts: Mapping[str, Any], via: Via
) -> None:  # fmt: skip
    step = f"{kind}" if outcome.applied else f"proposed: {kind}"
    _did(scope, step, outcome.change, membership, {**facts, "via": str(via)})


def _did(scope: Scope, step: str, change: UUID, membership: str, facts: Mapping[str, Any]) -> None:
    """Say what was done; a request that does several things names each."""
    told = {name: facts[name] for name in (*_TOLD, "via") if facts.get(name)}
    one = {"step": step, "change": str(change), "about": membership, **told}
    done = [*scope.detail.get("changes", []), one]
    scope.did("membership", step="changed the directory", changes=done)
