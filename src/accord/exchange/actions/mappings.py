"""Save a mapping: each time a new version, so that what a run was read by stays."""

from __future__ import annotations

import re

from accord.agreements.scope import Scope
from accord.exchange import queries
from accord.exchange.models import IntakeMapping
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput, NotFound
from accord.kernel.phrases import phrase, thousands
from accord.kernel.vocabulary import NEWEST, Vocabulary
from accord.records.actions.contribute import check_contribute
from accord.records.actions.quarantine import row_label
from accord.records.intake.mapping import Mapped
from accord.records.intake.mappingfile import parse_mapping
from accord.records.ontology import common_ontology

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 60
LONGEST_TEXT = 256 * 1024


def read_mapping(text: str) -> Mapped:
    """The mapping that a text says; raises InvalidInput with line, field and rule."""
    if len(text) > LONGEST_TEXT:
        raise InvalidInput(
            "mapping",
            None,
            "",
            phrase(
                "a mapping has at most %(longest_text)s letters",
                longest_text=thousands(LONGEST_TEXT),
            ),
        )
    return parse_mapping(
        text, file="mapping", ontology=common_ontology(), vocabulary=Vocabulary.load(NEWEST)
    )


def save_mapping(
    scope: Scope, *, name: str, text: str, based_on: int | None = None
) -> queries.MappingView:
    """Keep a mapping of the actor's agency under a name; returns the version that was made.

    The same text as the newest version makes none. `based_on` is the version its writer had before
    the eyes (0 for none): Conflict when another was saved meanwhile. Raises InvalidInput, NotAllowed.
    """
    check_contribute(scope, row_label(scope.actor.agency, "core"))
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        rule = phrase(
            "a name has 1 to %(longest)s lower-case letters, digits and hyphens",
            longest=LONGEST_NAME,
        )
        raise InvalidInput("mapping", None, "name", rule)
    mapped = read_mapping(text)
    newest = _newest(scope, name)
    if newest is not None and newest.text == text:
        return newest
    before = newest.version if newest else 0
    if based_on is not None and based_on != before:
        raise Conflict(
            phrase(
                "Somebody saved version %(before)s of this mapping since you opened it.",
                before=before,
            )
        )
    IntakeMapping.objects.bulk_create(
        [
            IntakeMapping(
                id=ids.uuid7(),
                owner_id=scope.actor.agency,
                name=name,
                version=before + 1,
                text=text,
                columns=sorted(mapped.used_columns | mapped.ignore),
                created_at=now(),
                created_by=scope.actor.membership,
            )
        ]
    )
    scope.did("collection", step="saved a mapping", mapping=name, version=before + 1)
    return queries.mapping(scope, name, before + 1)


def _newest(scope: Scope, name: str) -> queries.MappingView | None:
    try:
        return queries.mapping(scope, name)
    except NotFound:
        return None
