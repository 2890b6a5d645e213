"""How a hit is drawn: that a record exists and whom to ask, nothing of its content."""

from __future__ import annotations

from collections.abc import Iterable

from accord.agencies.domain import AgencyEntry
from accord.kernel.labels import Label
from accord.records.ontology import common_ontology
from accord.web.components import DutyDesk, Hit


def hit_card(
    owner: str, schema: str, label: Label, handle: str, directory: Iterable[AgencyEntry]
) -> Hit:
    """The hit on the page that asks for it: no button, since the form stands below."""
    agency = next(a for a in directory if a.id == owner)
    return Hit(
        handle=handle,
        agency=agency.name,
        category=common_ontology().schema(schema).label,
        desk=desk_of(agency),
        handling=label.handling,
    )


def desk_of(agency: AgencyEntry) -> DutyDesk:
    """Who answers for the agency now."""
    desk = agency.duty_desk
    return DutyDesk(desk.name, desk.phone, None, desk.hours)
