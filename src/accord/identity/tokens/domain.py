"""What tokens and systems are: how long they last, what they may be for, how a scope is written.

A scope is written as OAuth writes it, words with a blank between (RFC 6749 section 3.3):
`purpose:human-trafficking-investigation action:hit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accord.agencies.directory.domain import PROPOSAL_LIFE
from accord.agencies.domain import Actor, TokenScope
from accord.identity.domain import FRESH
from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary

MEMBERS_PREFIX, SYSTEMS_PREFIX, SECRETS_PREFIX = "accordm_", "accords_", "accordk_"
"""How each begins, so that a scanner of source code knows one that was left there."""
LONGEST_HOURS = 12
SYSTEMS_LIFE = timedelta(hours=1)
MOST_TOKENS = 50
"""Tokens of one member that are in force."""
MOST_VALID = 2
"""Credentials of one client that are valid at a time: the old and the new one."""
SECRET_DAYS = 90
LONGEST_SECRET_DAYS = 366
SECRET_ASSURANCE, KEY_ASSURANCE = 1, 2
"""A shared secret can be copied unnoticed; a private key is shown and never sent (decision 0019)."""
STEP = "step"
"""The action of whatever changes something that is no record: a request, a case, a webhook."""
LONGEST_SCOPE = 4_000
_WORD = re.compile(r"(purpose|action):([a-z0-9-]{1,60})")


class ScopeRefused(AccordError):
    """A scope that cannot be given; `field` says by which part of it."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(rule)
        self.field = field


@dataclass(frozen=True, slots=True)
class TokenProof:
    """Who acts by a token, and how long ago its maker proved who they are; None for a system."""

    actor: Actor
    proven_at: datetime | None

    def is_fresh(self, at: datetime) -> bool:
        """Whether it is new enough for a step that asks for a new proof."""
        return self.proven_at is not None and self.proven_at > at - FRESH


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token as its member reads it; the token itself is shown once and not kept."""

    id: UUID
    name: str
    purposes: tuple[str, ...]
    actions: tuple[str, ...]
    assurance: int
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CredentialEntry:
    """A secret or a key of a client, as administrators read it."""

    id: UUID
    is_key: bool
    made_by: str
    made_at: datetime
    approved_by: str | None
    expires_at: datetime
    valid: bool
    waits: bool


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """A client of a system, as the agency's administrators read it."""

    id: UUID
    system: UUID
    name: str
    purposes: tuple[str, ...]
    actions: tuple[str, ...]
    registered_by: str
    registered_at: datetime
    revoked_at: datetime | None
    credentials: tuple[CredentialEntry, ...]


OWNER_STEPS = {
    "name-owner": "named another owner",
    "approve-owner": "approved another owner",
    "withdraw-owner": "took back another owner",
}
"""What is done about who answers for a system, as the ledger says it."""


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """A member that is a program, as the agency's administrators read it."""

    id: UUID
    membership: str
    name: str
    owner: str
    roles: tuple[str, ...]
    clearance: str
    assurance: int
    valid_until: datetime
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    ended_at: datetime | None
    answered_for: bool
    """Whether its owner acts for the agency now; else it gets no token."""
    next_owner: str | None
    next_owner_by: str | None
    next_owner_at: datetime | None
    clients: tuple[ClientEntry, ...]

    def is_overdue(self, at: datetime) -> bool:
        """Whether nobody approved it in time."""
        return self.approved_by is None and self.proposed_at <= at - PROPOSAL_LIFE

    def owner_waits(self, at: datetime) -> bool:
        """Whether another owner was named, and can still be approved."""
        return self.next_owner_at is not None and self.next_owner_at > at - PROPOSAL_LIFE


def purposes() -> tuple[str, ...]:
    """Every purpose that a token can be for."""
    return Vocabulary.load(NEWEST).words("purpose")


def read_actions() -> tuple[str, ...]:
    """The actions of reading, from the least to the most."""
    return Vocabulary.load(NEWEST).words("read_action")


def actions() -> tuple[str, ...]:
    """Every action that a token can be for."""
    return (*read_actions(), *Vocabulary.load(NEWEST).words("write_action"), STEP)


def in_order(chosen: Iterable[str]) -> tuple[str, ...]:
    """These actions, from reading the least to taking any step."""
    wanted = frozenset(chosen)
    return tuple(word for word in actions() if word in wanted)


def with_lower(chosen: Iterable[str]) -> frozenset[str]:
    """The actions with those that reading more brings along: who may view may also know."""
    wanted = frozenset(chosen)
    ladder = read_actions()
    highest = max((ladder.index(a) for a in wanted if a in ladder), default=-1)
    return wanted | frozenset(ladder[: highest + 1])


def scope_of(chosen_purposes: Iterable[str], chosen_actions: Iterable[str]) -> TokenScope:
    """The scope of these words; raises ScopeRefused for one that is empty or says a false word."""
    found = TokenScope(frozenset(chosen_purposes), frozenset(chosen_actions))
    if not found.purposes or not found.purposes <= set(purposes()):
        raise ScopeRefused("purposes", phrase("name one or more purposes of the vocabulary"))
    if not found.actions or not found.actions <= set(actions()):
        raise ScopeRefused(
            "actions",
            phrase("name one or more of these actions: %(words)s", words=", ".join(actions())),
        )
    return TokenScope(found.purposes, with_lower(found.actions))


def read_scope(text: str, most: TokenScope) -> TokenScope:
    """The scope that is asked for, of what may be asked for; all of it where nothing is said.

    Raises ScopeRefused for a word that is none, or beyond what may be asked for.
    """
    if not text.strip():
        return TokenScope(most.purposes, with_lower(most.actions))
    if len(text) > LONGEST_SCOPE:
        raise ScopeRefused("scope", phrase("the scope is too long"))
    said: dict[str, set[str]] = {"purpose": set(), "action": set()}
    for word in text.split(" "):
        found = _WORD.fullmatch(word)
        if found is None:
            raise ScopeRefused("scope", phrase("a scope is made of purpose:… and action:… alone"))
        said[found[1]].add(found[2])
    asked = scope_of(said["purpose"] or most.purposes, said["action"] or most.actions)
    if not asked.purposes <= most.purposes or not asked.actions <= with_lower(most.actions):
        raise ScopeRefused("scope", phrase("this client is not registered for that scope"))
    return asked


def written(scope: TokenScope) -> str:
    """A scope as OAuth writes it."""
    return " ".join(
        [f"purpose:{word}" for word in sorted(scope.purposes)]
        + [f"action:{word}" for word in in_order(scope.actions)]
    )
