"""Let a file that waits come in under a mapping, saved first under a name where one is given."""

from __future__ import annotations

from uuid import UUID

from accord.agreements.scope import Scope
from accord.exchange.actions.mappings import read_mapping, save_mapping
from accord.exchange.preview import look_at
from accord.records.actions import intake
from accord.records.actions.intake import Meaning


def import_mapped(
    scope: Scope, run_id: UUID, *, text: str, name: str | None = None, based_on: int | None = None
) -> None:
    """Give a waiting file its mapping; raises InvalidInput, NotFound, NotAllowed, Conflict."""
    head = look_at(scope, run_id)
    mapped = read_mapping(text)
    mapped.check_header(head.columns, "the file")
    saved = save_mapping(scope, name=name, text=text, based_on=based_on) if name else None
    intake.give_meaning(
        scope,
        run_id,
        Meaning(
            text,
            mapped.source_system,
            saved.name if saved else None,
            saved.version if saved else None,
        ),
    )
