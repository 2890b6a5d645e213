"""The command `accord-verify`: exits 0 (it verifies), 1 (it does not), 2 (wrong use, bad file), 3 (what
was checked holds, and nobody named whose it has to be).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import accord_verify
from accord_verify import (
    archive,
    bundle,
    cosignerproof,
    custody,
    disclosures,
    export,
    notes,
    policy,
    published,
    receipt,
    signature,
    timestamp,
)
from accord_verify.compare import Seen, compare, seen_in
from accord_verify.notes import Trust
from accord_verify.plain import read_json, within
from accord_verify.report import BadFile, Report, Signer, escaped, plain

VERIFIES, DOES_NOT, BAD_FILE, NOT_TOLD = 0, 1, 2, 3
MOST_NAMED = 3
MAX_RECEIPT_BYTES = 16 * 1024 * 1024
_EXIT_CODES = """\
Exit code 0: it verifies, and every file was held against a key that you named.
Exit code 1: something does not verify. Exit code 2: wrong use, or a file that cannot be read.
Exit code 3: what was checked holds, and it is NOT verified: without --key (for signatures of members
--member-key) a file agrees with itself, and whoever made it could have made up the key in it too, and
in a bundle of evidence the whole ledger. What else could not be checked is said behind it.
With --json, "verifies" says whether the exit code is 0, and "signer" by whose key it was judged."""
_SUFFIXES = {".json", ".jsonl", ".note", ".txt", ".zip"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Checks the files named and says what holds."""
    options = _parser().parse_args(arguments)
    try:
        trust = _trust(options)
        authority = timestamp.read_authority([Path(name) for name in options.tsa_cert])
        logs = [name for name in options.files if _is_log(name)]
        named = [name for name in options.files if name not in logs]
        files = [file for name in named for file in _files(Path(name))]
        expected = signature.Expected(tuple(options.origin), tuple(options.member_key))
        zips = [file for file in files if archive.is_archive(file)]
        files = [file for file in files if file not in zips]
        believed = bundle.Trusted(trust, expected, authority, _receipts(files) if zips else ())
        opened = [bundle.check_bundle(file, believed) for file in zips]
        bundles = [(str(file), found) for file in files if (found := _bundle(file)) is not None]
        chains = [(str(file), chain) for file in files if (chain := _custody(file)) is not None]
        known = {source for source, _ in bundles} | {source for source, _ in chains}
        checked = [_check(file, trust, authority) for file in files if str(file) not in known]
        checked += [_check_log(name, trust) for name in logs]
        reports = [report for each in opened for report in each.reports]
        reports += [report for report, _ in checked]
        exhibits = [_digest(Path(name)) for name in options.exhibit]
        reports += [
            custody.check_custody(each, trust, expected, source, exhibits, authority)
            for source, each in chains
        ]
        reports += [signature.check_bundle(each, expected, source) for source, each in bundles]
    except BadFile as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    except RecursionError:
        return _refuse("Something in a file is nested too deep to be what Accord writes.")
    seen = [each for _, many in checked for each in many]
    seen += [each for found in opened for each in found.seen]
    seen += [each for source, chain in chains for each in seen_in(source, chain.receipts)]
    chains += [each for found in opened for each in found.chains]
    together = (compare(seen), custody.compare_chains(chains), signature.counters(bundles))
    for each in filter(None, together):
        each.signer = None
        reports.append(each)
    _show(reports, as_json=options.json)
    return _code(reports)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord-verify",
        description=accord_verify.__doc__,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a bundle of evidence (ZIP), an export, a receipt, disclosures, a head, a signature, a"
        " chain of custody, a cosigner's proof, a published log (its folder or address), or a folder"
        " of such files",
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
        metavar="[AGENCY=]LINE",
        help="the key line of a cosigner you trust, and whose it is if its name does not say so",
    )
    parser.add_argument(
        "--quorum",
        type=int,
        metavar="K",
        help="how many agencies must have cosigned; all that are named, if not said",
    )
    parser.add_argument(
        "--policy", metavar="FILE", help="a C2SP tlog-policy: which logs, whose cosigners, how many"
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
    parser.add_argument(
        "--tsa-cert",
        action="append",
        default=[],
        metavar="PEM",
        help="a file with the certificate of a timestamp authority you trust, or of who issued it",
    )
    parser.add_argument(
        "--reader",
        metavar="AGENCY",
        help="for which agency the bodies have to be: whoever is shown one made for another is told",
    )
    parser.add_argument(
        "--exhibit",
        action="append",
        default=[],
        metavar="FILE",
        help="the file of an exhibit, to be compared with its chain of custody",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _trust(options: argparse.Namespace) -> Trust:
    signers = [notes.parse_key(line) for line in options.key]
    agencies: dict[str, str] = {}
    for said in options.cosigner:
        agency, line = _whose(said)
        agencies[notes.parse_key(line).line] = agency or notes.parse_key(line).name
    cosigners = tuple(map(notes.parse_key, agencies))
    if any(key.type != notes.SIGNER for key in signers):
        raise BadFile("--key takes the key of a ledger, not that of a cosigner.")
    if any(key.type != notes.COSIGNER for key in cosigners):
        raise BadFile("--cosigner takes the key of a cosigner, not that of a ledger.")
    if len({key.public for key in cosigners}) < len(cosigners):
        raise BadFile("--cosigner names one key twice: each counts once.")
    named = len(set(agencies.values()))
    quorum = named if options.quorum is None else options.quorum
    if not 0 <= quorum <= named:
        raise BadFile("--quorum asks for more agencies' cosigners than were named.")
    if options.policy is None:
        return Trust(tuple(signers), cosigners, quorum, agencies, reader=options.reader)
    if cosigners or options.quorum is not None:
        raise BadFile("--policy says whose cosigners count: leave --cosigner and --quorum out.")
    read = policy.read_policy(Path(options.policy))
    known = tuple(signers or read.logs)
    return Trust(known, tuple(read.witnesses.values()), policy=read, reader=options.reader)


def _whose(said: str) -> tuple[str, str]:
    """The agency before a key line, if there is one; key names may hold `=` after a plus only."""
    agency, equals, line = said.partition("=")
    return (agency, line) if equals and "+" not in agency else ("", said)


def _is_log(name: str) -> bool:
    return _is_address(name) or published.is_published(Path(name))


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _check_log(name: str, trust: Trust) -> tuple[Report, list[Seen]]:
    read = published.from_url(name) if _is_address(name) else published.from_folder(Path(name))
    found = published.read_published(read, name)
    report = published.check_published(found, trust, name)
    report.signer = Signer.NAMED if trust.signers else Signer.NONE
    return report, [Seen(name, found.head, tuple(found.hashes), versions=found.versions.turn)]


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES and file.is_file())
    if not found:
        raise BadFile(f"{path}: the folder holds no export, receipt or head.")
    return found


def _bundle(path: Path) -> signature.Bundle | None:
    """The signature of a member that a file holds; None for a file of another kind."""
    facts = _facts_of(path, signature.FORMAT)
    return None if facts is None else signature.read_bundle(facts, path.name)


def _custody(path: Path) -> custody.CustodyFile | None:
    """The chain of custody that a file holds; None for a file of another kind."""
    facts = _facts_of(path, custody.FORMAT)
    return None if facts is None else custody.read_custody(facts, path.name)


def _receipts(files: Sequence[Path]) -> tuple[receipt.Receipt, ...]:
    """The receipts among some files: one may be that of a bundle's disclosure."""
    found = [
        (facts, file)
        for file in files
        for form in receipt.FORMATS
        if (facts := _facts_of(file, form)) is not None
    ]
    return tuple(receipt.read_receipt(facts, file.name) for facts, file in found)


def _facts_of(path: Path, form: str) -> dict[str, Any] | None:
    """The JSON object of a file of one form; None for a file of another."""
    with path.open("rb") as handle:
        start = handle.read(4096)
    if not start.lstrip().startswith(b"{") or form.encode() not in start:
        return None
    if _first_format(path) in (export.FORMAT, disclosures.FORMAT):
        return None  # whose lines are objects, in which any text can stand
    facts = _read_json(_text(path), path)
    return facts if isinstance(facts, dict) and facts.get("format") == form else None


def _first_format(path: Path) -> object:
    """The `format` that the first line states, if that is an object of JSON by itself; else None."""
    with path.open("rb") as handle:
        line = handle.readline(MAX_RECEIPT_BYTES)
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return facts.get("format") if isinstance(facts, dict) else None


def _digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _check(
    path: Path, trust: Trust, authority: timestamp.Authority | None
) -> tuple[Report, list[Seen]]:
    """Finds out what a file is by what its first line states, and checks it as that."""
    with path.open("rb") as handle:
        start = handle.read(4096)
    if not start.strip():
        raise BadFile(f"{path.name}: the file is empty.")
    form = _first_format(path)
    if form == export.FORMAT:
        read = export.read_export(path)
        report = export.check_export(read, trust, str(path))
        hashes, shown = tuple(read.hashes), tuple(read.shown)
        return report, [Seen(str(path), read.heads[-1], hashes, shown, read.versions.turn)]
    if form == disclosures.FORMAT:
        found = disclosures.read_disclosures(path)
        report = disclosures.check_disclosures(found, trust, str(path), authority)
        return report, seen_in(str(path), (each for _, each in found.receipts))
    text = _text(path)
    if not start.lstrip().startswith(b"{"):
        with within(path.name):
            head = notes.parse_head(text)
        return receipt.check_head(head, trust, str(path)), [Seen(str(path), head)]
    return _check_facts(_facts(text, path), path, trust, authority)


def _check_facts(
    facts: dict[str, object], path: Path, trust: Trust, authority: timestamp.Authority | None
) -> tuple[Report, list[Seen]]:
    source = str(path)
    if facts.get("format") == cosignerproof.FORMAT:
        proof = cosignerproof.read_proof(facts, path.name)
        seen = [
            Seen(f"{source} (cosigned)", proof.cosigned),
            Seen(f"{source} (refused)", proof.refused),
        ]
        return cosignerproof.check_proof(proof, trust, source), seen
    parsed = receipt.read_receipt(facts, path.name)
    return receipt.check_receipt(parsed, trust, source, authority), seen_in(source, [parsed])


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_RECEIPT_BYTES:
        raise BadFile(f"{path.name}: the file is too large for a receipt, and is no export.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path.name}: the file is not UTF-8 text.") from error


def _read_json(text: str, path: Path) -> Any:
    try:
        with within(path.name):
            return read_json(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path.name}: the file is cut off or not JSON.") from error


def _facts(text: str, path: Path) -> dict[str, object]:
    facts = _read_json(text, path)
    known = (*receipt.FORMATS, cosignerproof.FORMAT)
    if not isinstance(facts, dict) or facts.get("format") not in known:
        raise BadFile(f"{path.name}: the file is neither an export, a receipt nor a signed head.")
    return facts


def _refuse(sentence: str) -> int:
    _write(sys.stderr, f"accord-verify: {plain(sentence)}\n")
    return BAD_FILE


def _write(stream: TextIO, text: str) -> None:
    """Prints on any system: a letter that its characters do not have stands as its escape."""
    codec = stream.encoding or "utf-8"
    stream.write(text.encode(codec, "backslashreplace").decode(codec))


def _show(reports: list[Report], *, as_json: bool) -> None:
    code = _code(reports)
    if as_json:
        files = [report.facts() for report in reports]
        facts = {"verifies": code == VERIFIES, "signer": _weakest(reports), "files": files}
        facts["unchecked"] = _unchecked(reports)
        _write(sys.stdout, escaped(json.dumps(facts, indent=2, ensure_ascii=False)) + "\n")
        return
    for report in reports:
        _write(sys.stdout, "\n".join(report.lines()) + "\n")
    unchecked = (accord_verify.__doc__ or "").partition("What this program does not check")[2]
    _write(sys.stdout, "\nNot checked" + unchecked.partition("\n\n")[0] + "\n")
    _write(sys.stdout, f"\n{_verdict(reports, code)}\n")


def _weakest(reports: Iterable[Report]) -> Signer:
    """By which key all files were judged: as the one is that says least of its signer."""
    found = {report.signer for report in reports}
    return next((each for each in (Signer.NONE, Signer.IN_FILE) if each in found), Signer.NAMED)


def _code(reports: Sequence[Report]) -> int:
    if not all(report.verifies for report in reports):
        return DOES_NOT
    return NOT_TOLD if _unchecked(reports) else VERIFIES


def _verdict(reports: Sequence[Report], code: int) -> str:
    """That all holds; first what nobody could check, where it decides what that is worth."""
    if code == DOES_NOT:
        return "IT DOES NOT VERIFY."
    if code == VERIFIES:
        return "It verifies."
    said = "\n".join(f" - {plain(each)}" for each in _unchecked(reports))
    return f"What was checked holds. NOT CHECKED, so that nobody can say that it verifies:\n{said}"


def _unchecked(reports: Sequence[Report]) -> list[str]:
    """What nobody could check, and whose the files are where no key was named."""
    told = {report.source for report in reports if report.unchecked}
    unnamed = [
        report.source
        for report in reports
        if report.signer not in (None, Signer.NAMED)
        and report.source.partition(": ")[0] not in told
    ]
    found = [each for report in reports for each in report.unchecked]
    if unnamed:
        more = f" and {len(unnamed) - MOST_NAMED} more" if len(unnamed) > MOST_NAMED else ""
        found.append(
            f"Whose {', '.join(unnamed[:MOST_NAMED])}{more} is: no key was named, and whoever made a"
            " file could have made up the key in it. Name the key line that the agencies give out with"
            " --key (for a signature of a member, its key with --member-key)."
        )
    return found


if __name__ == "__main__":
    sys.exit(main())
