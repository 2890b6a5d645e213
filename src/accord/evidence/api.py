"""Exhibits over the API: send files by tus, acquire, list, read, record the basis, take the file.

An exhibit is numbered in a case, so all of these need `Accord-Case`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from ninja import Field, Router, Schema, Status

from accord.agreements.entry import api_context, api_receiving, freshly_proven_person
from accord.agreements.scope import Scope
from accord.agreements.tokenscope import needs
from accord.evidence import forms, policy, tus
from accord.evidence.actions import exhibits as actions
from accord.evidence.actions import grounds
from accord.evidence.domain import Basis, Upload, UploadState
from accord.evidence.queries import exhibits as queries
from accord.evidence.queries import uploads
from accord.evidence.queries.exhibits import Seen
from accord.evidence.views import file_response
from accord.platform.rest import DEFAULT_LIMIT, After, Limit, Page, page_of

router = Router(tags=["exhibits"])

NUMBER = "HT-2026-014/riverbend-pd/3"
SHA256 = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
UPLOADS = "/api/v1/exhibits/uploads"


class UploadOut(Schema):
    """A file of yours on its way in."""

    id: UUID
    file_name: str = Field(examples=["front-desk.mp4"])
    media_type: str = Field(examples=["video/mp4"])
    size: int = Field(description="Bytes.", examples=[2_000_000_000])
    received: int = Field(description="Bytes that are here, durably.", examples=[1_300_000_000])
    state: UploadState
    sha256: str | None = Field(description="Once it is whole.", examples=[SHA256])
    sha512: str | None = Field(description="Once it is whole.", examples=[SHA256 * 2])
    expires_at: datetime = Field(description="Without a new byte until then it is removed.")


class AcquireIn(Schema):
    """What a whole upload is, and how it was collected."""

    upload: UUID
    kind: str = Field(examples=["video"])
    description: str = Field(
        examples=["Camera above the front desk, 20 September, 15:00 to 16:00."]
    )
    subject: list[str] = Field(
        description="Categories of the persons in it (LED art. 6).", examples=[["suspect"]]
    )
    sensitivity: str = Field("official", examples=["official"])
    handling: str = Field("none", examples=["none"])
    offence: str = Field("none", examples=["human-trafficking"])
    flag: list[str] = Field([], description="`minor`, `sealed`.", examples=[[]])
    collected_at: str = Field(
        description="Day and time in `zone`, or an instant with its offset.",
        examples=["2026-09-20 15:04"],
    )
    zone: str = Field("UTC", examples=["America/Chicago"])
    collected_by: str = Field(examples=["Marisol Alvarez"])
    collected_from: str | None = Field(None, examples=["Night clerk, Lockside Inn"])
    place: str | None = Field(None, examples=["Lockside Inn, front desk"])
    tool: str | None = Field(None, examples=["DVR export"])
    tool_version: str | None = Field(None, examples=["4.2"])
    basis: Basis = Field(examples=["warrant"])
    reference: str | None = Field(
        None, description="The warrant's number, the section ...", examples=["2026-SW-0311"]
    )
    authority: str | None = Field(
        None, description="Who issued a warrant or an order.", examples=["Riverbend Circuit Court"]
    )
    document: str | None = Field(
        None, description="Number of your exhibit that holds the document.", examples=[None]
    )


class Acquired(Schema):
    """The exhibit; it is a record of your agency as well."""

    record: UUID
    number: str = Field(examples=[NUMBER])


class ExhibitOut(Schema):
    """An exhibit as far as it is open to you; null stands for what is not."""

    record: UUID
    number: str = Field(examples=[NUMBER])
    owner: str = Field(examples=["riverbend-pd"])
    kind: str = Field(examples=["video"])
    basis: Basis = Field(examples=["warrant"])
    acquired_at: datetime
    collected_at: str | None = Field(examples=["2026-09-20T20:04:00Z"])
    collected_by: str | None = Field(examples=["Marisol Alvarez"])
    place: str | None = Field(examples=["Lockside Inn, front desk"])
    description: str | None = Field(examples=["Camera above the front desk."])
    file_name: str | None = Field(examples=["front-desk.mp4"])
    media_type: str | None = Field(examples=["video/mp4"])
    size: int | None = Field(description="Bytes.", examples=[2_000_000_000])
    sha256: str | None = Field(examples=[SHA256])
    sha512: str | None = Field(examples=[SHA256 * 2])
    closed: bool = Field(
        description="Something in it is sealed and not open here: never in a list, and alone only "
        "while the proof behind your token is not older than ten minutes.",
        examples=[False],
    )


class GroundedOut(ExhibitOut):
    """The exhibit on its new ground, and what was made of it where that fell away."""

    lost_with_it: list[str] = Field(
        description="Yours, by number, that stood on the same ground and stand on none now.",
        examples=[[f"{NUMBER}1"]],
    )
    kept: list[str] = Field(
        description="Yours that stand on it still: a colleague who may read all of them revises them.",
        examples=[[]],
    )


class BasisIn(Schema):
    """On which ground it was collected; `unrecorded` where the ground fell away."""

    basis: Basis = Field(examples=["consent"])
    reference: str | None = Field(None, examples=["Form 12, signed 2026-09-20"])
    authority: str | None = Field(None, examples=[None])
    document: str | None = Field(None, examples=[None])


class FileAsked(Schema):
    """How the file is to leave."""

    format: str = Field(
        "zip", description="`zip` with its sheet, or the `file` alone.", examples=["zip"]
    )


# -- uploads (tus 1.0) -----------------------------------------------------------------------------


@router.post(
    "/exhibits/uploads", response={201: None, 412: None}, summary="Begin to send a file (tus)"
)
@api_context
@needs("contribute")
def begin(request: Any) -> HttpResponse:
    """tus creation: `Upload-Length`; in `Upload-Metadata` filename, filetype and, perhaps, sha256.

    `Location` says where to send the pieces. Any tus 1.0 client does all of this.
    """
    return tus.create(request.scope, request, UPLOADS)


@router.get("/exhibits/uploads", response=Page[UploadOut], summary="Your files on their way in")
@api_context
def list_uploads(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Those of this case that are not exhibits yet, the newest first."""
    case_id = policy.check_in_a_case(request.scope.context.case_id)
    shown, following = page_of(uploads.uploads(case_id), after, limit, lambda u: str(u.id))
    return {"items": [_upload(u) for u in shown], "next": following}


@router.get(
    "/exhibits/uploads/{uuid:upload_id}", response=UploadOut, summary="One file on its way in"
)
@api_context
def one_upload(request: Any, upload_id: UUID) -> Any:
    """How far it has come, and its hashes once it is whole.

    Others' files are not found.
    """
    del request  # its scope is sealed: rows are the member's own
    return _upload(uploads.upload(upload_id))


@router.api_operation(
    ["HEAD"],
    "/exhibits/uploads/{uuid:upload_id}",
    response={200: None, 412: None},
    summary="Where it goes on",
)
@api_receiving
def where(request: Any, upload_id: UUID) -> HttpResponse:
    """tus: `Upload-Offset` says how many bytes are here. Nothing of this is logged."""
    del request
    return tus.where(upload_id)


@router.patch(
    "/exhibits/uploads/{uuid:upload_id}",
    response={204: None, 412: None},
    summary="Send the next piece",
)
@api_receiving
@needs("contribute")
def send(request: Any, upload_id: UUID) -> HttpResponse:
    """tus: `Upload-Offset`, bytes of `application/offset+octet-stream`, perhaps `Upload-Checksum`.

    A piece of up to 48 MiB; 8 MiB is a good size. It is durable when this answers 204. 409 where it
    does not begin at the offset, 423 while another is being sent, 460 where the checksum differs.
    """
    return tus.append(request, upload_id)


@router.delete(
    "/exhibits/uploads/{uuid:upload_id}", response={204: None, 412: None}, summary="Discard a file"
)
@api_context
@needs("contribute")
def discard(request: Any, upload_id: UUID) -> HttpResponse:
    """tus termination: nothing of it stays."""
    return tus.discard(request.scope, upload_id)


# -- exhibits --------------------------------------------------------------------------------------


@router.post("/exhibits", response={201: Acquired}, summary="Acquire an exhibit")
@api_context
@needs("contribute")
def acquire(request: Any, payload: AcquireIn) -> Any:
    """Make an exhibit of a whole upload: it gets the next number of your agency in this case.

    It is your agency's alone until it is placed in the case like any record.
    """
    said = forms.Listed(payload.dict())
    record, number = actions.acquire(
        request.scope, payload.upload, forms.about(said), forms.collection(said)
    )
    return Status(201, {"record": record, "number": number})


@router.get("/exhibits", response=Page[ExhibitOut], summary="Exhibits of the case")
@api_context
def list_exhibits(request: Any, after: After = None, limit: Limit = DEFAULT_LIMIT) -> Any:
    """Acquired in it, or placed in it, as far as they are open to you."""
    scope: Scope = request.scope
    case_id = policy.check_in_a_case(scope.context.case_id)
    shown, following = queries.exhibits_page(scope, case_id, after=after, limit=limit)
    return {"items": [_out(s) for s in shown], "next": following}


@router.get("/exhibits/{uuid:record_id}", response=ExhibitOut, summary="One exhibit")
@api_context
def one_exhibit(request: Any, record_id: UUID) -> Any:
    """With what is sealed in it, where that is open. Its parts are at `/records/{record}`."""
    return _out(queries.exhibit(request.scope, record_id))


@router.post(
    "/exhibits/{uuid:record_id}/basis", response=GroundedOut, summary="Record the legal basis"
)
@api_context
@needs("alter")
def record_basis(request: Any, record_id: UUID, payload: BasisIn) -> Any:
    """Of your own exhibit, by a revision. `unrecorded` takes it from everybody else at once.

    What your agency made of it and stands on the same ground loses it too.
    """
    followed = grounds.record_basis(
        request.scope,
        record_id,
        basis=payload.basis,
        reference=payload.reference,
        authority=payload.authority,
        document=payload.document,
    )
    made = {"lost_with_it": followed.lost, "kept": followed.kept}
    return _out(queries.exhibit(request.scope, record_id)) | made


@router.post("/exhibits/{uuid:record_id}/file", response={200: None}, summary="Take the file")
@freshly_proven_person
@api_context
@needs("export")
def take_file(request: Any, record_id: UUID, payload: FileAsked) -> HttpResponseBase:
    """The bytes as they came, alone or in a ZIP with the sheet that stamps them; a disclosure.

    `Accord-Ledger-Entry` names its entry in the ledger.
    """
    return file_response(request.scope, record_id, payload.format)


def _upload(found: Upload) -> dict[str, Any]:
    return {
        "id": found.id,
        "file_name": found.file_name,
        "media_type": found.media_type,
        "size": found.size_bytes,
        "received": found.received_bytes,
        "state": found.state,
        "sha256": found.hashes.sha256 if found.hashes else None,
        "sha512": found.hashes.sha512 if found.hashes else None,
        "expires_at": found.expires_at,
    }


def _out(seen: Seen) -> dict[str, Any]:
    found = seen.exhibit
    return {
        "record": found.record_id,
        "number": found.number,
        "owner": found.owner,
        "kind": found.kind,
        "basis": found.basis,
        "acquired_at": found.acquired_at,
        "collected_at": found.collected_at,
        "collected_by": found.collected_by,
        "place": found.place,
        "description": found.description,
        "file_name": found.file_name,
        "media_type": found.media_type,
        "size": found.size_bytes,
        "sha256": found.hashes.sha256 if found.hashes else None,
        "sha512": found.hashes.sha512 if found.hashes else None,
        "closed": any(part.closed for part in seen.record.parts),
    }
