"""Changes of an agency's entry within a scope: each step says in the ledger what it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accord.agencies.about import actions, policy
from accord.agencies.about.domain import AboutKind, AgencyChange
from accord.agencies.about.facts import read_about
from accord.agencies.directory.domain import Via
from accord.agreements.scope import Scope


def propose(scope: Scope, kind: AboutKind, said: Mapping[str, Any], via: Via) -> UUID:
    """Propose another text for one part of the own agency's entry."""
    facts = read_about(kind, said)
    made = actions.propose(scope.actor, kind, facts, via)
    step = f"{kind}" if policy.is_alone(kind, facts) else f"proposed: {kind}"
    _did(scope, step, made, facts | {"via": str(via)})
    return made


def approve(scope: Scope, change: AgencyChange) -> None:
    """Put in force, as the second person, what another proposed."""
    actions.approve(scope.actor, change.id)
    _did(scope, f"approved: {change.kind}", change.id, change.facts)


def withdraw(scope: Scope, change: AgencyChange) -> None:
    """Take a proposal back."""
    actions.withdraw(scope.actor, change.id)
    _did(scope, f"withdrew: {change.kind}", change.id, {})


def _did(scope: Scope, step: str, change: UUID, facts: Mapping[str, Any]) -> None:
    """Say what was done; what the directory says of an agency is read by every member."""
    one = {"step": step, "change": str(change), "about": scope.actor.agency, "facts": dict(facts)}
    scope.did("membership", step="changed the agency's entry", changes=[one])
