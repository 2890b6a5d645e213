"""Exhibits in custody for tests, by the people of the riverbend world."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accord.evidence.custody import actions
from accord.evidence.custody.actions import Said
from accord.evidence.custody.domain import CustodyAct as Act
from accord.evidence.custody.domain import Event
from isolation import exhibiting
from isolation.contributing import acting

ALVAREZ, OKAFOR, WHITFIELD = (
    "riverbend-pd.m.alvarez", "riverbend-pd.d.okafor", "riverbend-pd.j.whitfield",
)  # fmt: skip
MERCER, PETROV = "state-bi.h.mercer", "state-bi.v.petrov"
BOONE = "harlan-so.c.boone"
ADVOCATE = "riverbend-pd.l.hart"
DESK = "case-administration"
PLACE = "Property room 2"
SAID = Said(PLACE, "for the examination")


def acquired() -> UUID:
    """An exhibit of the detective's, with the file and the chain that acquiring it began."""
    return exhibiting.acquired()[0]


def take(member: str, exhibit: UUID, act: Act, **said: Any) -> Event:
    """One step by a member."""
    with acting(member, DESK) as scope:
        return actions.take(scope, exhibit, act, Said(PLACE, "for the examination", **said))


def handed_over() -> UUID:
    """An exhibit that the state laboratory accepted."""
    exhibit = acquired()
    take(ALVAREZ, exhibit, Act.OFFER, to="state-bi")
    take(PETROV, exhibit, Act.ACCEPT)
    return exhibit
