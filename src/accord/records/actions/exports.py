"""Take a copy of a record out of the node, and keep the list of copies.

A copy holds what the standing opens for `export`, part by part. The rows are judged by that action
in the database: the transaction is sealed for it before anything is read for the copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from accord.agreements.duties import actions as duties
from accord.agreements.obligations import later, plan
from accord.agreements.scope import Scope
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput, NotAllowed
from accord.kernel.phrases import phrase
from accord.records import screen
from accord.records.copies import FORMATS, Copy, Taker, copy_part, make_copy
from accord.records.models import ExportCopy
from accord.records.ontology import common_ontology
from accord.records.queries.records import PartView, RecordView, record_view, record_views

Draw = Callable[[Copy], bytes]


def export(scope: Scope, record_id: UUID, form: str, draw: Draw, names: Mapping[str, str]) -> bytes:
    """Return the bytes of a copy of a record, logged as a disclosure under `export`.

    `names` has the names of agencies. Raises NotFound for a record that is not visible, NotAllowed
    where no clause lets the actor take a copy of any part of it, InvalidInput for a form that does
    not exist.
    """
    if form not in FORMATS:
        raise InvalidInput(
            "export", None, "format", phrase("must be %(formats)s", formats=" or ".join(FORMATS))
        )
    seen = record_view(scope, record_id)
    open_now = open_for_export(scope, [record_id])
    if not open_now:
        raise NotAllowed(
            phrase("No clause in force lets you take a copy of this record for this purpose."),
            who_can_change=phrase(
                "%(names)s, by an agreement or its policy", names=names.get(seen.owner, seen.owner)
            ),
        )
    made = _copy(scope, open_now[0], names)
    content = draw(made)
    _keep(scope, open_now[0], made, form, hashlib.sha256(content).hexdigest())
    return content


def export_file(
    scope: Scope, record_id: UUID, form: str, part: str, names: Mapping[str, str]
) -> Copy:
    """Return the sheet that goes with the file of one part of a record, logged as its copy.

    From here the rows are judged by `export`. The digest kept is the file's own, as its part says it.
    Raises NotFound for a record that is not visible, NotAllowed where no clause lets the actor take
    a copy of that part.
    """
    seen = record_view(scope, record_id)
    open_now = open_for_export(scope, [record_id])
    content = open_now[0].part(part) if open_now else None
    if content is None:
        raise NotAllowed(
            phrase("No clause in force lets you take a copy of this file for this purpose."),
            who_can_change=phrase(
                "%(names)s, by an agreement or its policy", names=names.get(seen.owner, seen.owner)
            ),
        )
    made = _copy(scope, open_now[0], names)
    _keep(scope, open_now[0], made, form, content.values["contentHash"][0])
    return made


def open_for_export(scope: Scope, record_ids: Sequence[UUID]) -> tuple[RecordView, ...]:
    """Turn the scope to `export` and return what is open of these records for it, unsealed and noted.

    What was noted before under `view` is taken back: whoever shows some of it all the same notes it
    again.
    """
    scope.forget()
    scope.turn_to("export")
    return record_views(scope, record_ids, unseal=True)


def keep_copy(
    scope: Scope, record: RecordView, form: str, digest: str, names: Mapping[str, str]
) -> Copy:
    """List a copy of one of several records that leave together, with the duties that it brings.

    `digest` is the SHA-256 of the bytes that leave of it. Returns the sheet that goes with them.
    """
    made = _copy(scope, record, names)
    _keep(scope, record, made, form, digest)
    return made


def _copy(scope: Scope, record: RecordView, names: Mapping[str, str]) -> Copy:
    schema, at = common_ontology().schema(record.schema), now()
    return make_copy(
        record,
        [copy_part(schema, part, _prose(scope, part)) for part in record.parts],
        Taker(
            name=scope.actor.name,
            agency=scope.actor.agency_name,
            purpose=scope.context.purpose,
            legal_basis=scope.context.legal_basis,
            case_number=scope.context.case_number,
            at=at,
            entry_id=scope.entry_id,
        ),
        title=screen.caption(record, scope.actor.agency).title,
        owner=names.get(record.owner, record.owner),
        handling=screen.handling([record]),
        ends_at=_ends(record, at),
    )


def _prose(scope: Scope, part: PartView) -> str:
    clause = duties.clause_of(scope, part.decision)
    return clause.prose if clause is not None else ""


def _ends(record: RecordView, at: datetime) -> datetime | None:
    """When the first of the accesses that the copy rests on ends."""
    ends = [part.open_until for part in record.parts if part.open_until is not None]
    for part in record.parts:
        within = plan(part.decision.obligations).ends_within
        if within is not None:
            ends.append(later(at, within))
    return min(ends, default=None)


def _keep(scope: Scope, record: RecordView, made: Copy, form: str, digest: str) -> None:
    foreign = record.owner != scope.actor.agency
    ExportCopy.objects.bulk_create(
        [
            ExportCopy(
                id=ids.uuid7(),
                entry_id=scope.entry_id,
                record_id=record.record_id,
                owner_id=record.owner,
                agency=scope.actor.agency,
                by_member=scope.actor.membership,
                at=now(),
                format=form,
                schema=record.schema,
                parts=[part.kind for part in record.parts],
                handling=made.stamp,
                digest=digest,
                ends_at=made.ends_at if foreign else None,
            )
        ]
    )
    if foreign:
        shown = [d for d in scope.disclosed.values() if d.record_id == record.record_id]
        duties.owe_copy(scope, shown, scope.entry_id, ends=made.ends_at)
    scope.did("disclosure", step="took a copy", action="export", format=form, digest=digest)
