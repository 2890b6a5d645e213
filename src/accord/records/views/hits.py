"""How a hit is drawn: that a record exists and whom to ask, nothing of its content."""

from __future__ import annotations

from collections.abc import Iterable

from accord.agencies.about.screen import desk_shown
from accord.agencies.domain import AgencyEntry
from accord.agreements.scope import Scope
from accord.kernel.clock import now
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.records.ontology import common_ontology
from accord.records.queries.search import HitCard
from accord.records.requests import RequestLine
from accord.web.components import Chip, Hit, Link


def hit_card(
    owner: str, schema: str, label: Label, handle: str, directory: Iterable[AgencyEntry], zone: str
) -> Hit:
    """The hit on the page that asks for it: no button, since the form stands below."""
    agency = next(a for a in directory if a.id == owner)
    return Hit(
        handle=handle,
        agency=agency.name,
        category=common_ontology().schema(schema).label,
        desk=desk_shown(agency.duty_desk, now(), zone),
        handling=label.handling,
    )


def card_of(scope: Scope, hit: HitCard, asked: RequestLine | None, state: Chip | None) -> Hit:
    """A hit in a list: with its button, or with the request that was made for it."""
    return Hit(
        handle=hit.handle,
        agency=hit.owner_name,
        category=hit.category,
        desk=desk_shown(hit.desk, now(), scope.actor.zone),
        handling=hit.handling,
        ask_href=f"{scope.context.path}/hits/{hit.handle}/ask",
        request=Link(phrase("See the request"), f"/requests/{asked.id}") if asked else None,
        request_state=state,
    )
