"""The rules of exhibits and uploads, each raising a sentence; `can_...` wraps where a page asks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accord.evidence.domain import (
    ISSUED,
    KINDS,
    REFERENCES,
    About,
    Basis,
    Collection,
    Upload,
    UploadState,
)
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, raise_all
from accord.kernel.labels import Label
from accord.kernel.phrases import phrase
from accord.kernel.vocabulary import NEWEST, Vocabulary

EXHIBIT, UPLOAD = "exhibit", "upload"
GIGABYTE = 10**9
LONGEST_FILE_NAME = 200
LONGEST_DESCRIPTION = 20_000


def check_in_a_case(case_id: UUID | None) -> UUID:
    """An exhibit has its number in a case, so it is acquired in one."""
    if case_id is None:
        raise NotAllowed(
            phrase("An exhibit is numbered in a case: choose the case you collected it for."),
            who_can_change=phrase("you, by choosing another working context"),
        )
    return case_id


def check_collection(collection: Collection, at: datetime) -> None:
    """Who, where, when, with what, and on which ground; raises InvalidInput with every fault."""
    raise_all([_fault(field, rule) for field, rule in _collection_faults(collection, at)])


def _collection_faults(collection: Collection, at: datetime) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    if not collection.collected_by.strip():
        faults.append(("collected_by", phrase("say who collected it")))
    if collection.collected_at > at:
        faults.append(("collected_at", phrase("lies in the future")))
    if not _is_zone(collection.zone):
        faults.append(("zone", phrase("is a time zone such as America/Chicago (IANA)")))
    if collection.tool_version and not collection.tool:
        faults.append(("tool", phrase("a version belongs to a tool: name it")))
    return faults + _basis_faults(collection)


def _basis_faults(collection: Collection) -> list[tuple[str, str]]:
    stated = (collection.reference or "").strip()
    if collection.basis is Basis.UNRECORDED:
        rule = phrase("without a recorded basis there is none to name")
        return [("reference", rule)] if stated else []
    faults: list[tuple[str, str]] = []
    if not stated:
        asked = REFERENCES[collection.basis]
        faults.append(("reference", phrase("state it: %(asked)s", asked=asked)))
    if collection.basis in ISSUED and not (collection.authority or "").strip():
        faults.append(("authority", phrase("name the court or the authority that issued it")))
    return faults


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_about(about: About) -> None:
    """What it is and whom it concerns; raises InvalidInput with every fault."""
    faults: list[tuple[str, str]] = []
    if about.kind not in KINDS:
        faults.append(("kind", phrase("is one of %(kinds)s", kinds=", ".join(KINDS))))
    if not about.description.strip():
        faults.append(("description", phrase("describe it in a sentence")))
    if len(about.description) > LONGEST_DESCRIPTION:
        rule = phrase("at most %(longest)s characters", longest=LONGEST_DESCRIPTION)
        faults.append(("description", rule))
    if not about.subjects:
        faults.append(("subjects", phrase("say whom it concerns, or none (LED art. 6)")))
    raise_all([_fault(field, rule) for field, rule in faults])


def _fault(field: str, rule: str) -> InvalidInput:
    return InvalidInput(EXHIBIT, None, field, rule)


def check_as_strict(source: Label, about: About) -> None:
    """What is made of another agency's exhibit is labelled at least as it is; raises InvalidInput."""
    raise_all([_fault(field, rule) for field, rule in _laxer(source, about)])


def is_laxer(source: Label, about: About) -> bool:
    """Whether something is labelled less strictly than what it is made of, in whatever respect."""
    return bool(_laxer(source, about))


def _laxer(source: Label, about: About) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    stays = phrase("stays as its source has it: that is another agency’s to say")
    if about.sensitivity not in Vocabulary.load(NEWEST).at_least("sensitivity", source.sensitivity):
        faults.append(("sensitivity", stays))
    if not (source.subjects - {"none"}) <= about.subjects:
        faults.append(("subjects", stays))
    if source.handling not in ("none", about.handling):
        faults.append(("handling", stays))
    if about.offence != source.offence:
        faults.append(("offence", stays))
    faults += [("flag", stays) for flag in ("minor", "sealed") if _falls(source, about, flag)]
    return faults


def _falls(source: Label, about: About, flag: str) -> bool:
    return bool(getattr(source, flag)) and not getattr(about, flag)


def check_new_upload(
    file_name: str, size_bytes: int, *, largest_bytes: int, unfinished: int, at_once: int
) -> None:
    """What may begin to come in; raises InvalidInput, Conflict."""
    if not file_name.strip() or len(file_name) > LONGEST_FILE_NAME:
        rule = phrase(
            "the name of a file has from 1 to %(longest)s characters", longest=LONGEST_FILE_NAME
        )
        raise InvalidInput(UPLOAD, None, "filename", rule)
    if size_bytes < 1:
        raise InvalidInput(UPLOAD, None, "size", phrase("an empty file is no exhibit"))
    if size_bytes > largest_bytes:
        limit = largest_bytes // GIGABYTE
        rule = phrase("a file may hold at most %(limit)s GB on this node", limit=limit)
        raise InvalidInput(UPLOAD, None, "size", rule)
    if unfinished >= at_once:
        raise Conflict(
            phrase(
                "You have %(number)s uploads that are not yet exhibits, which is the limit.",
                number=unfinished,
            ),
            who_can_change=phrase("you, by finishing or discarding one of them"),
        )


def check_quota(size_bytes: int, kept_bytes: int, quota_bytes: int) -> None:
    """What an agency keeps, this file with it, stays within its quota; 0 is none."""
    if quota_bytes and kept_bytes + size_bytes > quota_bytes:
        raise Conflict(
            phrase(
                "Your agency keeps %(kept)s GB of evidence; with this file it would pass its "
                "limit of %(quota)s GB.",
                kept=kept_bytes // GIGABYTE,
                quota=quota_bytes // GIGABYTE,
            ),
            who_can_change=phrase("the administrator of this node, who sets the limit"),
        )


def check_complete(upload: Upload) -> None:
    """Only a whole, hashed file becomes an exhibit's; raises Conflict."""
    match upload.state:
        case UploadState.COMPLETE:
            return
        case UploadState.RECEIVING:
            raise Conflict(phrase("The file is not here whole yet: go on with the upload."))
        case UploadState.HASHING:
            raise Conflict(phrase("The file is being hashed; this takes a moment."))
        case UploadState.FAILED:
            raise Conflict(
                phrase("What arrived is not what was sent: its SHA-256 differs. Send it again.")
            )
