"""Acquire exhibits: a whole upload becomes a record with a number, a file and a chain of custody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from accord.agreements.scope import Scope
from accord.evidence import drafting, policy, sealing
from accord.evidence.actions import readings
from accord.evidence.custody import actions as custody
from accord.evidence.custody.domain import Other, Tool
from accord.evidence.domain import (
    About,
    Collection,
    Hashes,
    ObjectRole,
    Upload,
    exhibit_number,
)
from accord.evidence.models import Exhibit, StoredObject
from accord.evidence.models import Upload as UploadRow
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries import uploads
from accord.kernel import ids
from accord.kernel.clock import now
from accord.kernel.errors import Conflict, InvalidInput
from accord.kernel.phrases import phrase
from accord.platform.db.locks import alone
from accord.records.actions.contribute import contribute

NEXT_NUMBER = """
insert into exhibit_counter (id, owner_id, case_id, last) values (%s, %s, %s, 1)
    on conflict (owner_id, case_id) do update set last = exhibit_counter.last + 1
returning last
"""


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """What an exhibit was made from, how, and with what: its attachment part says so."""

    number: str
    source: Other
    way: str
    parameters: str
    """Canonical JSON (RFC 8785)."""
    tools: str


def acquire(
    scope: Scope,
    upload_id: UUID,
    about: About,
    collection: Collection,
    *,
    made_from: MadeFrom | None = None,
) -> tuple[UUID, str]:
    """Make an exhibit of a whole upload; returns its record and its number.

    It is numbered in the case of the working context and is then its agency's alone: placing it
    there for others is a step of its own. Raises NotFound, NotAllowed, InvalidInput with every
    fault, Conflict while the file is not whole and hashed.
    """
    case_id, at = policy.check_in_a_case(scope.context.case_id), now()
    policy.check_about(about)
    policy.check_collection(collection, at)
    row = uploads.row(upload_id, lock=True)
    upload = uploads.view(row)
    policy.check_complete(upload)
    if row.case_id != case_id:
        raise Conflict(phrase("The file was sent for another case: change the working context."))
    check_document(scope, collection)
    case_number = (scope.context.case_number or "").partition("~")[0]
    serial = _next_serial(scope.actor.agency, case_id)
    number = exhibit_number(case_number, scope.actor.agency, serial)
    record_id = _contribute(scope, number, case_number, upload, about, collection, made_from)
    Exhibit.objects.bulk_create(
        [
            Exhibit(
                record_id=record_id,
                owner_id=scope.actor.agency,
                case_id=case_id,
                serial=serial,
                acquired_by=scope.actor.membership,
                acquired_at=at,
            )
        ]
    )
    _take_over(row, record_id)
    source = made_from.source if made_from else None
    acquired = custody.Acquired(record_id, number, _sha256(upload.hashes), source)
    _begin_custody(scope, acquired, collection)
    readings.begin(scope, record_id)
    scope.did(
        "collection", step="acquired an exhibit", exhibit=number, sha256=_sha256(upload.hashes)
    )
    return record_id, number


def _begin_custody(scope: Scope, acquired: custody.Acquired, collection: Collection) -> None:
    """The first event of the chain. It is read by other agencies: where it was collected, from whom
    and the words of its basis stay in the exhibit's parts."""
    tool = collection.tool, collection.tool_version
    said = custody.Said(
        place=f"The evidence store of {scope.actor.agency_name}",
        reason=f"Acquired on the basis of {collection.basis}",
        tool=Tool(*map(str, tool)) if all(tool) else None,
    )
    custody.acquire(scope, acquired, said)


def hold_grounds(scope: Scope) -> None:
    """Let no ground of the agency's exhibits fall away, and nothing be made of one, until this ends.

    INVARIANT: what is made of an exhibit reads its ground before anybody takes that away, and is then
    found among what was made of it; or after that, and is refused.
    """
    alone(f"accord.grounds {scope.actor.agency}")


def _sha256(hashes: Hashes | None) -> str:
    return hashes.sha256 if hashes else ""


def check_document(scope: Scope, collection: Collection) -> None:
    """The document is an exhibit of the own agency that the actor may see; raises InvalidInput."""
    if collection.document and queries.by_number(scope, collection.document) is None:
        rule = phrase("is no exhibit of your agency: acquire the document first, then name it")
        raise InvalidInput(policy.EXHIBIT, None, "document", rule)


def _next_serial(agency: str, case_id: UUID) -> int:
    """INVARIANT: the counter's row stays locked until this transaction ends, so none is left out."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_NUMBER, [ids.uuid7(), agency, case_id])
        return int(cursor.fetchone()[0])


def _contribute(
    scope: Scope,
    number: str,
    case_number: str,
    upload: Upload,
    about: About,
    collection: Collection,
    made_from: MadeFrom | None,
) -> UUID:
    hashes = upload.hashes or Hashes("", "")
    values = {
        **drafting.of_about(about, number, case_number),
        **drafting.of_collection(collection),
        **drafting.of_file(upload.file_name, upload.media_type, upload.size_bytes, hashes),
        **(_derived(made_from) if made_from else {}),
    }
    label = drafting.label_of(about, collection.basis)
    made = drafting.draft(
        scope.actor.agency, scope.actor.country, number, values, label, now().date()
    )
    return contribute(scope, [made], collected_at=now()).record_ids[0]


def _derived(made: MadeFrom) -> drafting.Values:
    return {
        "derivedFrom": made.number,
        "derivationWay": made.way,
        "derivationParameters": made.parameters,
        "derivationTools": made.tools,
        "sourceHash": made.source.sha256,
    }


def _take_over(row: UploadRow, record_id: UUID) -> None:
    """The upload becomes the exhibit's file: the same pieces under the same key."""
    listed = sealing.list_text(row.id, uploads.segments(row.id))
    key = uploads.data_key(row)
    StoredObject.objects.bulk_create(
        [
            StoredObject(
                id=row.id,
                record_id=record_id,
                owner_id=row.owner_id,
                case_id=row.case_id,
                role=ObjectRole.ORIGINAL,
                size_bytes=row.size_bytes,
                address=sealing.address_of(listed),
                list_mac=sealing.mac_of(key, listed),
                wrapped_key=bytes(row.wrapped_key),
                made_at=now(),
            )
        ]
    )
    UploadRow.objects.filter(id=row.id).delete()
