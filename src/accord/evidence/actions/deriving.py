"""Make what was asked for (derivations.py), as the worker does, and store it as one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import connection

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.evidence import policy, ways
from accord.evidence.actions import exhibits, uploads
from accord.evidence.actions.derivations import (
    Stopped,
    changed,
    check_now,
    content_of,
    is_bound,
)
from accord.evidence.actions.stored import Pieces
from accord.evidence.actions.tries import MOST_LOST, change, lost
from accord.evidence.custody import actions as custody
from accord.evidence.custody.domain import CustodyAct, Other, Position, Tool
from accord.evidence.domain import (
    CONTENT_PART,
    About,
    Basis,
    Collection,
    DerivationState,
    Refused,
)
from accord.evidence.files import FileReader
from accord.evidence.models import Derivation, ExhibitSource
from accord.evidence.queries import derivations as queries
from accord.evidence.queries import exhibits as found_exhibits
from accord.evidence.queries import readings
from accord.evidence.queries.exhibits import Seen
from accord.evidence.reading.results import Derived, Extraction, SetAside, Way
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import AccordError, Conflict, InvalidInput, NotAllowed, NotFound
from accord.platform.db.nodeword import saying
from accord.records.actions.exports import export_file

LEFT_AFTER = timedelta(hours=2)
"""Whoever took it up before then and has not ended it is gone (`accord.derivations_to_make`)."""


@dataclass(frozen=True)
class ToDerive:
    """What the worker makes, and what reads the source."""

    way: Way
    sha256: str | None
    reader: FileReader


def claim(scope: Scope, derivation_id: UUID) -> ToDerive | None:
    """Take a derivation that waits; None where it is over or another worker has it.

    What a worker left half done is taken anew, and refused the third time. From here the rows are
    judged by `export`. Raises what `ask` raises.
    """
    rows = Derivation.objects.select_for_update(skip_locked=True)
    row = rows.filter(id=derivation_id).first()
    if row is None or queries.view(row).over or _is_at_work(row):
        return None
    gone = lost(row, DerivationState.RUNNING)
    if gone >= MOST_LOST:
        why_not = SetAside.GIVEN_UP.value
        change(
            row, state=DerivationState.REFUSED, reason=why_not, lost=gone, done_at=now(), sealed=""
        )
        return None
    way, about = _wished(row)
    seen = found_exhibits.exhibit(scope, row.source_record_id)
    check_now(scope, seen, about)
    change(row, state=DerivationState.RUNNING, began_at=now(), lost=gone)
    scope.turn_to("export")
    again = found_exhibits.exhibit(scope, row.source_record_id)
    hashes = again.exhibit.hashes
    return ToDerive(way, hashes.sha256 if hashes else None, found_exhibits.reader(again.file().id))


def _is_at_work(row: Derivation) -> bool:
    """Whether another worker took it up so lately that it is at it still."""
    began = row.began_at
    running = row.state == DerivationState.RUNNING
    return running and began is not None and began > now() - LEFT_AFTER


def _wished(row: Derivation) -> tuple[Way, About]:
    wish = queries.wish(row)
    about = wish["about"] | {"subjects": frozenset(wish["about"]["subjects"])}
    return ways.way_of(wish["way"]), About(**about)


def finish(
    scope: Scope, derivation_id: UUID, derived: Derived, pieces: Pieces
) -> tuple[UUID, str] | None:
    """Store what was made as a new exhibit; None where it was cancelled. Raises what `ask` raises.

    Record, file, both chains' events, the list of copies and this row are one transaction.
    """
    row = queries.row(derivation_id, lock=True)
    if row.state != DerivationState.RUNNING:
        return None
    way, about = _wished(row)
    exhibits.hold_grounds(scope)
    seen = found_exhibits.exhibit(scope, row.source_record_id)
    position = check_now(scope, seen, about)
    inside = _inside(seen, way)
    _list_copy(scope, seen)
    case_id = policy.check_in_a_case(scope.context.case_id)
    content = content_of(seen)
    result = ways.result_of(
        way,
        seen.exhibit.number,
        seen.exhibit.file_name or "file",
        inside,
        derived.kind,
        is_laxer=policy.is_laxer(content.label, about),
    )
    uploads.from_pieces(
        scope, pieces, case_id=case_id, file_name=result.file_name, media_type=result.media_type
    )
    record_id, number = exhibits.acquire(
        scope,
        pieces.id,
        about,
        _collection(scope, seen, derived, bound=is_bound(scope, seen)),
        made_from=_made_from(seen, derived),
    )
    _keep_source(seen, record_id, scope.actor.agency)
    _write_step(scope, seen, position, derived, record_id, number)
    change(row, state=DerivationState.DONE, result_record_id=record_id, done_at=now(), sealed="")
    scope.did(
        "disclosure",
        step="derived an exhibit",
        exhibit=number,
        source=seen.exhibit.number,
        way=derived.way,
        labels=changed(content.label, about),
    )
    return record_id, number


def _inside(seen: Seen, way: Way) -> str | None:
    """The name of the file inside that was taken out, as the reading has it."""
    if not isinstance(way, Extraction) or way.attachment == 0:
        return None
    listed = readings.kept(seen.exhibit.record_id).attachments
    names = [part.name for part in listed if part.number == way.attachment]
    last = names[0].replace("\\", "/").rsplit("/", 1)[-1].strip() if names else ""
    return last or f"part-{way.attachment}"


def _list_copy(scope: Scope, seen: Seen) -> None:
    """A derivation is a copy: listed like every one, with the duties that it brings."""
    names = agencies.agency_names()
    export_file(scope, seen.exhibit.record_id, "file", CONTENT_PART, names)
    scope.turn_to("view")


def _collection(scope: Scope, seen: Seen, derived: Derived, *, bound: bool) -> Collection:
    """Who made it, when, with what, and on which ground (decision 0029)."""
    core = seen.record.part("core")
    said = core.values if core else {}

    def of(name: str) -> str | None:
        return said[name][0] if said.get(name) else None

    own = seen.exhibit.owner == scope.actor.agency
    first = derived.tools[0]
    return Collection(
        collected_at=now(),
        zone=scope.actor.zone,
        collected_by=scope.actor.name,
        basis=seen.exhibit.basis if own else Basis.PARTNER,
        reference=of("basisReference") if own else seen.exhibit.number,
        authority=of("issuingAuthority") if own else None,
        document=of("documentExhibit") if own and not bound else None,
        tool=first.name,
        tool_version=first.version,
    )


def _made_from(seen: Seen, derived: Derived) -> exhibits.MadeFrom:
    return exhibits.MadeFrom(
        number=seen.exhibit.number,
        source=Other(str(seen.exhibit.record_id), derived.source.sha256),
        way=derived.way,
        parameters=derived.parameters,
        tools=", ".join(f"{tool.name} {tool.version}" for tool in derived.tools),
    )


def _keep_source(seen: Seen, record_id: UUID, agency: str) -> None:
    ExhibitSource.objects.bulk_create(
        [
            ExhibitSource(
                id=ids.uuid7(),
                record_id=record_id,
                owner_id=agency,
                source_record_id=seen.exhibit.record_id,
                source_owner=seen.exhibit.owner,
                direct=True,
            )
        ]
    )


def _write_step(
    scope: Scope, seen: Seen, position: Position, derived: Derived, made: UUID, number: str
) -> None:
    first = derived.tools[0]
    said = custody.Said(
        place=f"The evidence store of {scope.actor.agency_name}",
        reason=f"Derived {number} ({derived.way})",
        items=position.items or 1,
        tool=Tool(first.name, first.version),
        derived=made,
    )
    custody.take(scope, seen.exhibit.record_id, CustodyAct.DERIVE, said)


def refuse(derivation_id: UUID, reason: str) -> None:
    """Say why one was not made, with or without the standing of who asked; what is over stays."""
    with saying("deriving"), connection.cursor() as cursor:
        cursor.execute("select accord.refuse_derivation(%s, %s)", [derivation_id, reason])


def why(error: AccordError) -> Refused:
    """For which reason of the closed list an error stops a derivation."""
    match error:
        case Stopped():
            return error.why
        case NotFound() | NotAllowed():
            return Refused.CLOSED
        case InvalidInput():
            return Refused.LABELS
        case Conflict():
            return Refused.LIMIT
        case _:
            return Refused.FAILED
