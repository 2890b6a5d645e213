"""The manifest of a bundle: what is in it, who took it, under which entry of the ledger."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from accord_verify.archive import Archive, BadArchive
from accord_verify.plain import read_json
from accord_verify.report import BadFile, Code

FORMAT = "accord-bundle/1"
MANIFEST, SUMS, DISCLOSURE = "manifest.json", "SHA256SUMS", "receipts/disclosure.json"
OUTSIDE = (MANIFEST, SUMS, DISCLOSURE)
"""What speaks of the manifest and so cannot stand in it."""
MOST_SMALL_BYTES = 256 << 20
_DIGEST = {"sha256": re.compile("[0-9a-f]{64}"), "sha512": re.compile("[0-9a-f]{128}")}
_NAMES = {
    "format", "case", "whole_case", "taken", "ledger", "handling", "graph", "certificate",
    "exhibits", "left_out", "files",
}  # fmt: skip
_EXHIBIT = {
    "number", "record", "owner", "file", "file_name", "media_type", "size", "sha256", "sha512",
    "handling", "custody", "custody_head", "custody_paper", "sheet",
}  # fmt: skip
_FILE = {"path", "size", "sha256", "sha512", "exhibit"}


@dataclass(frozen=True)
class Manifest:
    """A manifest as read; nothing in it is believed yet."""

    facts: dict[str, Any]
    sha256: str

    @property
    def files(self) -> list[dict[str, Any]]:
        return list(self.facts["files"])

    @property
    def exhibits(self) -> list[dict[str, Any]]:
        return list(self.facts["exhibits"])

    @property
    def paths(self) -> dict[str, dict[str, Any]]:
        return {each["path"]: each for each in self.files}


def read_manifest(archive: Archive) -> Manifest:
    """Step 2 of a bundle. Raises BadArchive."""
    if MANIFEST not in archive.members:
        raise BadArchive(Code.MANIFEST_MISSING, "There is no manifest.json in the ZIP.")
    text = small(archive, MANIFEST)
    try:
        facts = read_json(text)
    except (ValueError, RecursionError, BadFile):
        raise _malformed("is no JSON that reads in one way") from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT or set(facts) != _NAMES:
        raise _malformed(f"does not have exactly the names of {FORMAT}")
    if _canonical(facts) != text:
        raise _malformed("is not in canonical form (RFC 8785)")
    _check_form(facts)
    return Manifest(facts, hashlib.sha256(text).hexdigest())


def _canonical(facts: dict[str, Any]) -> bytes:
    """RFC 8785 for what a manifest holds: names in ASCII, whole numbers, texts."""
    try:
        return json.dumps(
            facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        ).encode()
    except ValueError:
        raise _malformed("holds what is no text and no number") from None


def _malformed(rule: str) -> BadArchive:
    return BadArchive(Code.MANIFEST_MALFORMED, f"The manifest {rule}.")


def _check_form(facts: dict[str, Any]) -> None:
    lists = (
        ("exhibits", _EXHIBIT),
        ("files", _FILE),
        ("left_out", {"number", "owner", "why", "sentence"}),
    )
    for name, names in lists:
        if not isinstance(facts[name], list) or not all(
            isinstance(each, dict) and set(each) == names for each in facts[name]
        ):
            raise _malformed(f"does not say what it has to of its {name}")
    for each in facts["files"]:
        fits = isinstance(each["path"], str) and type(each["size"]) is int and each["size"] >= 0
        fits &= _is_digest("sha256", each["sha256"]) and _may_be_digest(each["sha512"])
        if not fits or not (each["exhibit"] is None or isinstance(each["exhibit"], str)):
            raise _malformed("lists a file without path, size or hash")
    for each in facts["exhibits"]:
        texts = (
            "number",
            "record",
            "owner",
            "file",
            "file_name",
            "media_type",
            "handling",
            "sheet",
        )
        maybe = ("custody", "custody_head", "custody_paper")
        fits = all(isinstance(each[name], str) for name in texts) and type(each["size"]) is int
        fits &= all(each[name] is None or isinstance(each[name], str) for name in maybe)
        if (
            not fits
            or not _is_digest("sha256", each["sha256"])
            or not _may_be_digest(each["sha512"])
        ):
            raise _malformed("lists an exhibit that is incomplete")
    ledger, taken = facts["ledger"], facts["taken"]
    if (
        not isinstance(ledger, dict)
        or not all(isinstance(ledger.get(name), str) for name in ("entry", "key"))
        or not isinstance(taken, dict)
        or not all(
            isinstance(taken.get(name), str) for name in ("membership", "agency", "at", "by")
        )
    ):
        raise _malformed("does not say who took the bundle, or under which entry")
    if not all(isinstance(facts[name], str) for name in ("graph", "certificate", "case")):
        raise _malformed("does not name its graph, its certificate or its case")


def _is_digest(kind: str, value: object) -> bool:
    return isinstance(value, str) and _DIGEST[kind].fullmatch(value) is not None


def _may_be_digest(value: object) -> bool:
    return value is None or _is_digest("sha512", value)


def small(archive: Archive, name: str) -> bytes:
    """The whole of a file that has no reason to be large. Raises BadArchive."""
    if archive.members[name].size > MOST_SMALL_BYTES:
        raise BadArchive(Code.FILE_TOO_LARGE, f"{name} is too large to be what it is named.")
    return archive.read(name)
