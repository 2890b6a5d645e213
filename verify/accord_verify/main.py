"""The command `accord-verify`: exits 0 (it verifies), 1 (it does not), 2 (wrong use, bad file)."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import accord_verify
from accord_verify import export, notes, receipt, signature
from accord_verify.compare import Seen, compare
from accord_verify.notes import Trust
from accord_verify.report import BadFile, Report

VERIFIES, DOES_NOT, BAD_FILE = 0, 1, 2
MAX_RECEIPT_BYTES = 16 * 1024 * 1024
_SUFFIXES = {".json", ".jsonl", ".note", ".txt"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Checks the files named and says what holds."""
    options = _parser().parse_args(arguments)
    try:
        trust = _trust(options)
        files = [file for name in options.files for file in _files(Path(name))]
        expected = signature.Expected(tuple(options.origin), tuple(options.member_key))
        bundles = [(str(file), found) for file in files if (found := _bundle(file)) is not None]
        signed = {source for source, _ in bundles}
        checked = [_check(file, trust) for file in files if str(file) not in signed]
        reports = [report for report, _ in checked]
        reports += [signature.check_bundle(each, expected, source) for source, each in bundles]
    except BadFile as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    together = (compare([seen for _, seen in checked]), signature.counters(bundles))
    reports += [each for each in together if each is not None]
    _show(reports, as_json=options.json)
    return VERIFIES if all(report.verifies for report in reports) else DOES_NOT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord-verify",
        description=accord_verify.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="an export, a receipt, a head, a signature, or a folder of them",
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="LINE",
        help="the key line of a ledger you trust",
    )
    parser.add_argument(
        "--cosigner",
        action="append",
        default=[],
        metavar="LINE",
        help="the key line of a cosigner you trust",
    )
    parser.add_argument(
        "--quorum", type=int, default=0, metavar="K", help="how many cosigners must have signed"
    )
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="the address of a node you trust, for signatures of members",
    )
    parser.add_argument(
        "--member-key",
        action="append",
        default=[],
        metavar="SHA256",
        help="the digest of a member's public key, as the ledger's entry of its making names it",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _trust(options: argparse.Namespace) -> Trust:
    signers = tuple(notes.parse_key(line) for line in options.key)
    cosigners = tuple(notes.parse_key(line) for line in options.cosigner)
    if any(key.type != notes.SIGNER for key in signers):
        raise BadFile("--key takes the key of a ledger, not that of a cosigner.")
    if any(key.type != notes.COSIGNER for key in cosigners):
        raise BadFile("--cosigner takes the key of a cosigner, not that of a ledger.")
    if not 0 <= options.quorum <= len({key.name for key in cosigners}):
        raise BadFile("--quorum asks for more cosigners than were named.")
    return Trust(signers, cosigners, options.quorum)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES and file.is_file())
    if not found:
        raise BadFile(f"{path}: the folder holds no export, receipt or head.")
    return found


def _bundle(path: Path) -> signature.Bundle | None:
    """The signature of a member that a file holds; None for a file of another kind."""
    with path.open("rb") as handle:
        start = handle.read(4096)
    if not start.lstrip().startswith(b"{") or signature.FORMAT.encode() not in start:
        return None
    try:
        facts = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path.name}: the file is cut off or not JSON.") from error
    if not isinstance(facts, dict) or facts.get("format") != signature.FORMAT:
        return None
    return signature.read_bundle(facts, path.name)


def _check(path: Path, trust: Trust) -> tuple[Report, Seen]:
    """Finds out what a file is by its beginning, and checks it as that."""
    with path.open("rb") as handle:
        start = handle.read(4096)
    if not start.strip():
        raise BadFile(f"{path.name}: the file is empty.")
    if export.FORMAT.encode() in start.split(b"\n")[0]:
        read = export.read_export(path)
        report = export.check_export(read, trust, str(path))
        return report, Seen(str(path), read.heads[-1], tuple(read.hashes))
    text = _text(path)
    if not start.lstrip().startswith(b"{"):
        head = notes.parse_head(text)
        return receipt.check_head(head, trust, str(path)), Seen(str(path), head)
    parsed = receipt.read_receipt(_receipt_facts(text, path), path.name)
    return receipt.check_receipt(parsed, trust, str(path)), Seen(str(path), parsed.head)


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_RECEIPT_BYTES:
        raise BadFile(f"{path.name}: the file is too large for a receipt, and is no export.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path.name}: the file is not UTF-8 text.") from error


def _receipt_facts(text: str, path: Path) -> dict[str, object]:
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path.name}: the file is cut off or not JSON.") from error
    if not isinstance(facts, dict) or facts.get("format") != receipt.FORMAT:
        raise BadFile(f"{path.name}: the file is neither an export, a receipt nor a signed head.")
    return facts


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"accord-verify: {sentence}\n")
    return BAD_FILE


def _show(reports: list[Report], *, as_json: bool) -> None:
    verifies = all(report.verifies for report in reports)
    if as_json:
        facts = {"verifies": verifies, "files": [report.facts() for report in reports]}
        sys.stdout.write(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
        return
    for report in reports:
        sys.stdout.write("\n".join(report.lines()) + "\n")
    unchecked = (accord_verify.__doc__ or "").partition("What this program does not check")[2]
    sys.stdout.write("\nNot checked" + unchecked.partition("\n\n")[0] + "\n")
    sys.stdout.write("\nIt verifies.\n" if verifies else "\nIT DOES NOT VERIFY.\n")


if __name__ == "__main__":
    sys.exit(main())
