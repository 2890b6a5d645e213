"""Background work of records: ask what members subscribed to.

A job has standing too: each question is asked in a scope of the subscriber's own membership.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.kernel.errors import NotFound
from accord.platform.aside import Aside, is_answering
from accord.platform.logs import facts
from accord.records.actions import subscriptions
from accord.records.queries import subscriptions as queries
from accord.records.subscriptions import TICK

OFFICE = "records-administration"
_aside = Aside(TICK)
"""Members without any scope, under which not even the next time can be noted."""

log = logging.getLogger("accord.subscriptions")


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one member subscribed to in one context."""

    actor: Actor
    purpose: str
    basis: str
    case: str


def ask_subscriptions() -> int:
    """Ask what members subscribed to, each under their own standing; returns how many notices.

    Where a member no longer works on the case, or not for this purpose, their subscriptions end. What
    fails, whatever it was, is logged and waits for its next time; where the database does not answer,
    it is raised.
    """
    made = 0
    for membership, purpose, basis, case in queries.to_ask(_aside.names()):
        actor = agencies.actor_or_none(membership)
        if (
            actor is None
        ):  # they wait: a membership that is back in force goes on, until their own end
            _aside.put(membership)
            continue
        turn = _Turn(actor, purpose, basis, case)
        try:
            made += _ask(turn)
        except Exception as error:  # one member's questions hold up nobody else's
            if not is_answering():
                raise
            _put_off(turn, error)
    return made


def _ask(turn: _Turn) -> int:
    try:
        context = resolve(turn.actor, turn.purpose, turn.basis, turn.case)
    except NotFound:
        with open_scope(turn.actor, resolve(turn.actor, OFFICE, turn.basis, None)) as scope:
            subscriptions.end_without_case(
                scope, purpose=turn.purpose, legal_basis=turn.basis, case_number=turn.case
            )
        return 0
    with open_scope(turn.actor, context) as scope:
        asked = subscriptions.ask_again(scope)
    for subscription, error in asked.failed:
        _not_asked(subscription, error)
    return asked.notices


def _put_off(turn: _Turn, why: Exception) -> None:
    """Send to the end of the line what could not be asked, in a transaction of its own."""
    try:
        with open_scope(turn.actor, resolve(turn.actor, OFFICE, turn.basis, None)) as scope:
            waiting = subscriptions.put_off(
                scope, purpose=turn.purpose, legal_basis=turn.basis, case_number=turn.case
            )
    except Exception as error:  # without any scope nothing can be noted: the member stands aside
        if not is_answering():
            raise
        _aside.put(turn.actor.membership)
        log.error("subscriptions could not be asked", extra=_kind(why), exc_info=why)
        log.error("subscriptions could not be put off", extra=_kind(error), exc_info=error)
        return
    for subscription in waiting:
        _not_asked(subscription, why)


def _not_asked(subscription: UUID, why: Exception) -> None:
    noted = facts(kind=type(why).__name__, subscription=subscription)
    log.error("a subscription could not be asked", extra=noted, exc_info=why)


def _kind(error: Exception) -> Any:
    return facts(kind=type(error).__name__)
