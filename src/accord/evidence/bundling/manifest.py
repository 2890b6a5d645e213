"""The manifest of a bundle, and the two files for people who have no program that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accord.evidence.bundling.domain import (
    CERTIFICATE,
    CERTIFICATE_TEXT,
    DISCLOSURE,
    FORMAT,
    GRAPH,
    MANIFEST,
    REASONS,
    SUMS,
    Included,
    LeftOut,
    Listed,
    Taken,
)
from accord.evidence.custody.domain import moment
from accord.kernel.canonical import canonical


def manifest(
    taken: Taken,
    included: Sequence[Included],
    left_out: Sequence[LeftOut],
    files: Sequence[Listed],
) -> bytes:
    """The manifest in canonical JSON (RFC 8785): everything in the bundle but what speaks of it."""
    return canonical(
        {
            "format": FORMAT,
            "case": taken.case_number,
            "whole_case": taken.whole_case,
            "taken": _taken(taken),
            "ledger": {
                "entry": str(taken.entry),
                "key": taken.ledger,
                "receipt": DISCLOSURE,
            },
            "handling": {
                "stamp": taken.stamp,
                "watermark": taken.watermark,
                "duties": list(taken.duties),
                "destroy_or_return_by": moment(taken.ends_at) if taken.ends_at else None,
            },
            "graph": GRAPH,
            "certificate": CERTIFICATE,
            "exhibits": [_included(each) for each in included],
            "left_out": [_left_out(each) for each in left_out],
            "files": [each.facts() for each in sorted(files, key=lambda f: f.path.encode())],
        }
    )


def _taken(taken: Taken) -> dict[str, Any]:
    return {
        "by": taken.name,
        "membership": taken.membership,
        "agency": taken.agency,
        "agency_name": taken.agency_name,
        "purpose": taken.purpose,
        "legal_basis": taken.legal_basis,
        "at": moment(taken.at),
    }


def _included(each: Included) -> dict[str, Any]:
    return {
        "number": each.number,
        "record": str(each.record_id),
        "owner": each.owner,
        "file": each.path,
        "file_name": each.file_name,
        "media_type": each.media_type,
        "size": each.size_bytes,
        "sha256": each.hashes.sha256,
        "sha512": each.hashes.sha512 or None,
        "handling": each.stamp,
        "custody": each.custody_path if each.custody else None,
        "custody_head": each.custody.facts["head"] if each.custody else None,
        "custody_paper": each.paper_path if each.custody else None,
        "sheet": each.sheet_path,
    }


def _left_out(each: LeftOut) -> dict[str, Any]:
    return {
        "number": each.number,
        "owner": each.owner,
        "why": each.why.value,
        "sentence": str(REASONS[each.why]),
    }


def sums(manifest_sha256: str, files: Sequence[Listed]) -> bytes:
    """The lines that `sha256sum --check` reads: the manifest, then every file that it lists."""
    listed = sorted(files, key=lambda f: f.path.encode())
    lines = [f"{manifest_sha256}  {MANIFEST}", *(f"{f.sha256}  {f.path}" for f in listed)]
    return ("\n".join(lines) + "\n").encode()


def readme(taken: Taken, included: Sequence[Included], left_out: Sequence[LeftOut]) -> bytes:
    """How to check the bundle, for whoever opens it first. English, as all that leaves the node."""
    which = "all that its taker sees of the case" if taken.whole_case else "a choice of exhibits"
    lines = [
        f"{taken.stamp}",
        taken.watermark,
        "",
        f"EVIDENCE OF CASE {taken.case_number}",
        "",
        f"Taken {moment(taken.at)} by {taken.name}, {taken.agency_name}.",
        f"Ledger entry: {taken.entry}",
        f"Asked for: {which}. In this bundle: {len(included)}. Left out: {len(left_out)}.",
        *(f"  {each.number}: left out. {REASONS[each.why]}" for each in left_out),
        "",
        "CHECK IT",
        "",
        "1. With accord-verify, a small program that needs nothing of Accord (Python 3.11 and the",
        "   library `cryptography`). Give it the ZIP as it came, not the folder:",
        "",
        "     accord-verify --key 'THE KEY LINE OF THE LEDGER' BUNDLE.zip",
        "",
        "   Get the key line from an agency by another way than this bundle. With --cosigner it",
        "   checks the other agencies' signatures, with --member-key who signed the custody.",
        f"   {DISCLOSURE} is the receipt of this disclosure. Where it is missing, ask its taker for",
        "   it and name it too: accord-verify BUNDLE.zip RECEIPT.json",
        "",
        "2. With nothing but coreutils, in the folder into which the ZIP was unpacked:",
        "",
        f"     sha256sum --check {SUMS}",
        "",
        "   That shows whether the files are those of the manifest, and not whose manifest it is.",
        "",
        "WHAT IS HERE",
        "",
        f"  {MANIFEST}        every file with size and hashes, who took it, what is left out",
        f"  {GRAPH}          the same evidence in CASE/UCO 1.4, for tools",
        "  exhibits/            the files as they came, one folder for each exhibit",
        "  sheets/              under which clause each was taken, and what binds its holder",
        "  custody/             the chain of each: JSON with signatures and receipts, and PDF",
        f"  {CERTIFICATE}  a DRAFT of a certification under Fed. R. Evid. 902(11), (13), (14).",
        f"                       {CERTIFICATE_TEXT} is the same as text. Nobody has signed it.",
        "",
        "Hashes show that nothing changed since the exhibit was acquired. They do not show that what",
        "was acquired was true.",
        "",
    ]
    return "\n".join(lines).encode()
