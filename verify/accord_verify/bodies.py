"""Bodies and the commitments they must lead to."""

from __future__ import annotations

import json
from typing import Any

from accord_verify.notes import unbase64
from accord_verify.report import BadFile
from accord_verify.tree import leaf_hash, root_by_slot

LEVELS = 8


def leaf_bytes(commitment: str) -> bytes:
    """The leaf of a commitment, in canonical JSON (RFC 8785)."""
    return f'{{"commitment":"{commitment}","v":1}}'.encode()


def commitment_field(line: dict[str, Any], where: str) -> str:
    """The commitment of a leaf: 64 hexadecimal digits."""
    value = line.get("commitment")
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise BadFile(f"{where}: `commitment` is not 64 hexadecimal digits.")
    return value


def body_leads_to(opening: object, where: str) -> str:
    """The commitment to which a shown body leads, in hexadecimal."""
    if not isinstance(opening, dict) or not isinstance(opening.get("text"), str):
        raise BadFile(f"{where}: a shown body has `text`, `salt`, `slot` and `path`.")
    slot, path = opening.get("slot"), opening.get("path")
    if not isinstance(slot, int) or isinstance(slot, bool) or not 0 <= slot < 1 << LEVELS:
        raise BadFile(f"{where}: `slot` is a number from 0 to {(1 << LEVELS) - 1}.")
    if not isinstance(path, list) or len(path) != LEVELS:
        raise BadFile(f"{where}: `path` has {LEVELS} hashes.")
    salt = unbase64(opening.get("salt"), "a salt")
    siblings = [unbase64(sibling, "a hash of a path") for sibling in path]
    if len(salt) != 32 or any(len(sibling) != 32 for sibling in siblings):
        raise BadFile(f"{where}: a salt and the hashes of a path have 32 bytes each.")
    return root_by_slot(leaf_hash(salt + opening["text"].encode()), slot, siblings).hex()


def summary(opening: dict[str, Any]) -> str:
    """One line about a body that was checked."""
    try:
        body = json.loads(opening["text"])
        when, what, who = body["at"], body["kind"], f"{body['actor']} of {body['agency']}"
        touched = len(body["items"])
    except (ValueError, KeyError, TypeError):
        return "The body is not in the form that Accord writes; it is shown as it stands."
    return f"{when} {what} by {who}, {touched} item(s)."
