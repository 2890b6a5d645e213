"""The numbered steps for what a cosigner kept when it refused: two heads that one log signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accord_verify import notes
from accord_verify.notes import Head, Key, Trust
from accord_verify.plain import only, within
from accord_verify.report import BadFile, Code, Failure, Report, Signer
from accord_verify.tree import roots_by_path

FORMAT = "accord-cosigner-proof/1"
NAMES = {
    "format", "kind", "origin", "key", "cosigner", "cosigned", "refused", "path", "old", "at",
}  # fmt: skip


@dataclass(frozen=True)
class CosignerProof:
    """The head that was cosigned, and the one that was refused after it."""

    kind: str
    key: Key
    cosigner: Key
    cosigned: Head
    refused: Head
    path: tuple[bytes, ...]
    at: str


def read_proof(facts: dict[str, Any], source: str) -> CosignerProof:
    """Step 1: the file is whole. Raises BadFile."""
    with within(source):
        only(facts, NAMES, "a cosigner's proof")
        return _read(facts, source)


def _read(facts: dict[str, Any], source: str) -> CosignerProof:
    path, kind, at = facts.get("path"), facts.get("kind"), facts.get("at")
    key, cosigner = facts.get("key"), facts.get("cosigner")
    if not all(isinstance(each, str) for each in (kind, at, key, cosigner)):
        raise BadFile(f"{source}: a proof states `kind`, `at`, `key` and `cosigner`.")
    if not isinstance(path, list) or len(path) > 63:
        raise BadFile(f"{source}: `path` is a list of at most 63 hashes.")
    hashes = tuple(notes.unbase64(each, "a hash of the path") for each in path)
    if any(len(each) != 32 for each in hashes):
        raise BadFile(f"{source}: a hash of the path has 32 bytes.")
    log, vouching = notes.parse_key(str(key)), notes.parse_key(str(cosigner))
    if (log.type, vouching.type) != (notes.SIGNER, notes.COSIGNER):
        raise BadFile(f"{source}: `key` is that of a log, and `cosigner` that of a cosigner.")
    return CosignerProof(
        str(kind),
        log,
        vouching,
        notes.parse_head(facts.get("cosigned")),
        notes.parse_head(facts.get("refused")),
        hashes,
        str(at),
    )


def check_proof(proof: CosignerProof, trust: Trust, source: str) -> Report:
    """The steps. That it "does not verify" is what it proves: the codes are fork and rolled-back."""
    report = Report(source)
    report.step("the file is whole", [])
    keys = trust.signers or (proof.key,)
    report.signer = Signer.NAMED if trust.signers else Signer.IN_FILE
    if not trust.signers:
        report.notes.append(
            f"No key was named; the key in the file was used: {proof.key.line}. Whoever made the file"
            " could have made the key: compare it, or name it with --key."
        )
    signed = [each for head in (proof.cosigned, proof.refused)
              for each in notes.check_signer(head, keys)]  # fmt: skip
    report.step("the log signed both heads", signed)
    cosigner = Trust(cosigners=(proof.cosigner,), quorum=1)
    report.step(
        f"{proof.cosigner.name} had cosigned the first",
        notes.check_cosigners(proof.cosigned, cosigner, report.notes),
    )
    report.step("both are heads of one history", _contradiction(proof, report.notes))
    report.notes.append(f"Refused at {proof.at}, by the cosigner's own clock.")
    return report


def _contradiction(proof: CosignerProof, said: list[str]) -> list[Failure]:
    cosigned, refused = proof.cosigned, proof.refused
    if cosigned.origin != refused.origin:
        return [Failure(Code.WRONG_LOG, f"{refused.label} is not a head of {cosigned.origin}.")]
    small, large = sorted((cosigned, refused), key=lambda head: head.size)
    if small.size == large.size:
        if small.root == large.root:
            said.append("The two heads are the same: this file shows nothing.")
            return []
        return [_fork(f"There are two different roots at size {small.size}.")]
    if cosigned is large:
        return [
            Failure(
                Code.ROLLED_BACK,
                f"{cosigned.label} was cosigned, and then the log offered size {refused.size}. Hold"
                " this file against the published log: it gives the smaller head its root (an old"
                " head was sent again) or not (a fork).",
            )
        ]
    return _by_path(small, large, proof.path)


def _by_path(small: Head, large: Head, path: Sequence[bytes]) -> list[Failure]:
    roots = roots_by_path(small.size, large.size, path, small.root)
    if roots == (small.root, large.root):
        return []
    if roots is not None and roots[1] == large.root:
        return [
            _fork(f"By the path to {large.label}, the first {small.size} leaves have another root.")
        ]
    return [
        Failure(
            Code.INCONSISTENT,
            f"The path that the log gave does not lead from {small.label} to {large.label}. A stranger"
            " can send a false path: hold this file against the published log, which gives both heads"
            " their roots, or proves a fork.",
        )
    ]


def _fork(how: str) -> Failure:
    return Failure(Code.FORK, f"{how} The log signed two histories; keep this file: it proves it.")
