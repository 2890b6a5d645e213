"""Bundles for tests, taken by the people of the riverbend world."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zipfile import ZipFile

from accord.agencies import queries as agencies
from accord.evidence.bundling import actions
from accord.ledger.actions import sequence_all
from accord.records.views.exports import as_html
from isolation.contributing import acting
from isolation.exhibiting import IN_CASE


def names() -> dict[str, str]:
    """What agencies are called."""
    return {a.id: a.name for a in agencies.agencies()}


def taken(wanted: Sequence[UUID] | None, *by: str | None) -> tuple[actions.Bundle, bytes]:
    """A bundle and the bytes of its ZIP; its entry has its place in the ledger by then."""
    sequence_all()
    with acting(*(by or IN_CASE)) as scope:  # type: ignore[arg-type]  # who, purpose, case
        bundle = actions.take_bundle(scope, wanted, names(), as_html)
    sequence_all()
    return bundle, b"".join(bundle.chunks(0))


def opened(whole: bytes) -> dict[str, bytes]:
    """Every file of a ZIP by its path."""
    with ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


def manifest(files: dict[str, bytes]) -> dict[str, Any]:
    """The manifest of a bundle."""
    found: dict[str, Any] = json.loads(files["manifest.json"])
    return found


def sha256(data: bytes) -> str:
    """A digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
