"""Background work of records: ask what members subscribed to.

A job has standing too: each question is asked in a scope of the subscriber's own membership.
"""

from __future__ import annotations

import logging

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope
from accord.kernel.errors import AccordError, NotFound
from accord.platform.logs import facts
from accord.records.actions import subscriptions
from accord.records.queries import subscriptions as queries

OFFICE = "records-administration"

log = logging.getLogger("accord.subscriptions")


def ask_subscriptions() -> int:
    """Ask what members subscribed to, each under their own standing; returns how many notices.

    Where a member no longer works on the case, or not for this purpose, their subscriptions end.
    """
    made = 0
    for membership, purpose, basis, case in queries.to_ask():
        actor = agencies.actor_or_none(membership)
        if actor is None:
            continue  # they wait: a membership that is back in force goes on, until their own end
        try:
            made += _ask(actor, purpose, basis, case)
        except AccordError as error:  # one member's questions hold up nobody else's
            _put_off(actor, purpose, basis, case, type(error).__name__)
    return made


def _ask(actor: Actor, purpose: str, basis: str, case: str) -> int:
    try:
        context = resolve(actor, purpose, basis, case)
    except NotFound:
        with open_scope(actor, resolve(actor, OFFICE, basis, None)) as scope:
            subscriptions.end_without_case(
                scope, purpose=purpose, legal_basis=basis, case_number=case
            )
        return 0
    with open_scope(actor, context) as scope:
        return subscriptions.ask_again(scope)


def _put_off(actor: Actor, purpose: str, basis: str, case: str, why: str) -> None:
    """Send to the end of the line what could not be asked, in a transaction of its own."""
    try:
        with open_scope(actor, resolve(actor, OFFICE, basis, None)) as scope:
            waiting = subscriptions.put_off(
                scope, purpose=purpose, legal_basis=basis, case_number=case
            )
    except AccordError as error:
        log.error("a subscription could not be put off", extra=facts(kind=type(error).__name__))
        return
    for subscription in waiting:
        log.error(
            "a subscription could not be asked", extra=facts(kind=why, subscription=subscription)
        )
