"""Background work of duties: what time has brought, each as the member who owes it.

A job has standing too: it runs in a scope of that member's own office, without a case. Where the
member is gone, an oversight officer of the agency does it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from accord.agencies import queries as agencies
from accord.agencies.domain import Actor
from accord.agreements.context import resolve
from accord.agreements.duties import actions, queries
from accord.agreements.scope import open_scope
from accord.platform.aside import Aside, is_answering
from accord.platform.logs import facts

PURPOSE = "records-administration"
OVERSEER = "oversight-officer"
AGAIN_AFTER = timedelta(minutes=5)
"""How long whoever's duties could not be discharged stands aside."""
_aside = Aside(AGAIN_AFTER)

log = logging.getLogger("accord.duties")


def discharge_what_is_due() -> int:
    """Discharge what time has brought; returns how many duties. Safe to be cut off and run again.

    Each member's duties are one transaction with one ledger entry: all of them are done and said,
    or none. Where it failed they stand aside for a while, whatever it was; where the database does not
    answer, what failed is raised.
    """
    done = 0
    waiting = queries.come_due(_aside.names())
    for (agency, membership), rows in groupby(waiting, key=lambda row: row[1:]):
        duties = [row[0] for row in rows]
        actor = agencies.actor_or_none(membership) or _overseer(agency)
        if actor is None:
            log.error(
                "duties wait: nobody of their agency can be named", extra=facts(count=len(duties))
            )
            _aside.put(membership)
            continue
        try:
            done += _discharge(actor, duties)
        except Exception as error:  # one member's duties hold up nobody else's
            if not is_answering():
                raise
            _aside.put(membership)
            log.error(
                "duties could not be discharged",
                extra=facts(kind=type(error).__name__, count=len(duties)),
                exc_info=error,
            )
    return done


def _discharge(actor: Actor, duties: list[UUID]) -> int:
    with open_scope(actor, resolve(actor, PURPOSE, "statute", None)) as scope:
        return actions.discharge_due(scope, duties)


def _overseer(agency: str) -> Actor | None:
    return next((a for a in agencies.members_of((agency,)) if OVERSEER in a.roles), None)
