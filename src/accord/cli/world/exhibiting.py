"""Brings a world's exhibits in: each sent, acquired and placed by the member it names."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from accord.agencies import queries as members
from accord.agreements.context import resolve
from accord.agreements.scope import open_scope, receiving
from accord.cases import actions as cases
from accord.cases.queries import case_of
from accord.cli.world.read import World
from accord.evidence import forms
from accord.evidence.actions import exhibits as actions
from accord.evidence.actions import uploads
from accord.evidence.queries.exhibits import exhibits_of_case
from accord.kernel.errors import InvalidInput

FOLDER = "exhibits"
SAID_APART = frozenset({"file", "media_type", "by", "case", "purpose", "placed"})


def put_exhibits(world: World) -> None:
    """Acquire every exhibit of the world; one whose file is there already stays as it is."""
    for entry in world.exhibits:
        path = world.folder / FOLDER / entry["file"]
        if not path.is_file():
            rule = f"names {entry['file']}, which is not in the folder {FOLDER}"
            raise InvalidInput(str(world.folder / "exhibits.yaml"), None, "file", rule)
        if not _is_there(entry, path.read_bytes()):
            _acquire(entry, path)


def _who(entry: dict[str, Any]) -> tuple[Any, Any]:
    actor = members.actor(entry["by"])
    return actor, resolve(actor, entry["purpose"], "statute", entry["case"])


def _is_there(entry: dict[str, Any], content: bytes) -> bool:
    digest = hashlib.sha256(content).hexdigest()
    with open_scope(*_who(entry)) as scope:
        case = case_of(scope)
        return any(
            s.exhibit.hashes is not None and s.exhibit.hashes.sha256 == digest
            for s in exhibits_of_case(scope, case.id)
        )


def _acquire(entry: dict[str, Any], path: Path) -> None:
    upload = _send(entry, path)
    said = forms.Listed({k: v for k, v in entry.items() if k not in SAID_APART})
    with open_scope(*_who(entry)) as scope:
        record, _ = actions.acquire(scope, upload, forms.about(said), forms.collection(said))
    if entry.get("placed") == "yes":
        with open_scope(*_who(entry)) as scope:
            cases.place_record(scope, case_of(scope), record)


def _send(entry: dict[str, Any], path: Path) -> UUID:
    content = path.read_bytes()
    with open_scope(*_who(entry)) as scope:
        upload = uploads.create(
            scope,
            file_name=path.name,
            media_type=entry["media_type"],
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    with receiving(*_who(entry)):
        uploads.append(upload.id, 0, content)
    return upload.id
