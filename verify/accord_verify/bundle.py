"""The numbered steps for a bundle of evidence: a ZIP with exhibits, their custody, and a manifest.

The manifest (accord-bundle/1) says what is in it; the ledger entry of the disclosure names the
manifest's SHA-256. The format is stated again here and not imported, so that a mistake in Accord is
found (docs/how-to/bundles.md).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accord_verify import custody, timestamp
from accord_verify.archive import Archive, BadArchive, read_archive
from accord_verify.compare import Seen, seen_in
from accord_verify.custody import CustodyFile
from accord_verify.graph import check_graph
from accord_verify.manifest import (
    DISCLOSURE,
    MANIFEST,
    OUTSIDE,
    SUMS,
    Manifest,
    read_manifest,
    small,
)
from accord_verify.notes import Trust
from accord_verify.plain import read_json
from accord_verify.receipt import Receipt, check_receipt, read_receipt
from accord_verify.report import BadFile, Code, Failure, Report, Signer
from accord_verify.signature import Expected


@dataclass
class Checked:
    """What was found in a bundle: its own report, one for each chain, its receipts and its chains."""

    reports: list[Report]
    receipts: list[Receipt] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of each file as it lies in the ZIP, whatever the manifest says of it."""
    chains: list[tuple[str, CustodyFile]] = field(default_factory=list)
    """Each chain that could be read, with where it stands."""

    @property
    def seen(self) -> list[Seen]:
        """Every head once, with the bodies that are shown under it."""
        return seen_in(self.reports[0].source, self.receipts)


@dataclass(frozen=True)
class Trusted:
    """Whom the person who checks believes, and the receipts that they have beside the bundle."""

    trust: Trust
    expected: Expected
    authority: timestamp.Authority | None = None
    receipts: Sequence[Receipt] = ()


def check_bundle(path: Path, believed: Trusted) -> Checked:
    """All steps; stops at the first of them behind which nothing could be told."""
    report = Report(str(path))
    checked = Checked([report])
    try:
        archive = read_archive(path)
    except BadArchive as bad:
        report.step("the ZIP is whole, plain, and has nothing hidden in it", [bad.failure])
        return checked
    report.step("the ZIP is whole, plain, and has nothing hidden in it", [])
    try:
        manifest = read_manifest(archive)
    except BadArchive as bad:
        report.step("the manifest is whole", [bad.failure])
        return checked
    report.step("the manifest is whole", [])
    _check_files(archive, manifest, checked)
    _check_chains(archive, manifest, believed, checked)
    _check_graph(archive, manifest, report)
    _check_entry(archive, manifest, believed, checked)
    stamped = [(each.token, each.head) for each in checked.receipts]
    report.notes += timestamp.times(stamped, believed.authority)
    report.notes += _notes(manifest)
    return checked


# -- files -----------------------------------------------------------------------------------------


def _check_files(archive: Archive, manifest: Manifest, checked: Checked) -> None:
    report = checked.reports[0]
    report.step("the manifest agrees with itself", list(_agrees(manifest)))
    report.step(
        "every file that the manifest lists is there, and no other", list(_there(archive, manifest))
    )
    count = len(manifest.exhibits)
    report.step(
        f"every file has the size and the hash that the manifest states ({count} exhibits)",
        list(_hashes(archive, manifest, checked)),
    )
    report.step("SHA256SUMS says the same", list(_sums(archive, manifest)))


def _agrees(manifest: Manifest) -> Iterator[Failure]:
    paths = manifest.paths
    if len(paths) < len(manifest.files) or set(paths) & set(OUTSIDE):
        yield Failure(Code.MANIFEST_INCONSISTENT, "The manifest lists a file twice, or itself.")
    numbers = [each["number"] for each in manifest.exhibits]
    if len(set(numbers)) < len(numbers):
        yield Failure(Code.MANIFEST_INCONSISTENT, "The manifest lists an exhibit twice.")
    for each in manifest.exhibits:
        listed = paths.get(each["file"], {})
        said = ("size", "sha256", "sha512")
        if [listed.get(name) for name in said] != [each[name] for name in said]:
            sentence = f"{each['number']} is listed with another size or hash than its file."
            yield Failure(Code.MANIFEST_INCONSISTENT, sentence)
        named = [each["file"], each["sheet"], each["custody"], each["custody_paper"]]
        for name in named:
            if name is not None and paths.get(name, {}).get("exhibit") != each["number"]:
                sentence = f"{name} is listed as another exhibit's than {each['number']}."
                yield Failure(Code.MANIFEST_INCONSISTENT, sentence)
    for name in (manifest.facts["graph"], manifest.facts["certificate"]):
        if name not in paths:
            yield Failure(Code.MANIFEST_INCONSISTENT, f"{name} is named and not listed.")


def _there(archive: Archive, manifest: Manifest) -> Iterator[Failure]:
    listed, found = set(manifest.paths) | {SUMS}, set(archive.members) - {MANIFEST, DISCLOSURE}
    for name in sorted(listed - found):
        yield Failure(Code.FILE_MISSING, f"{name} is missing.")
    for name in sorted(found - listed):
        yield Failure(Code.FILE_ADDED, f"{name} is in the ZIP and not in the manifest.")


def _hashes(archive: Archive, manifest: Manifest, checked: Checked) -> Iterator[Failure]:
    for each in manifest.files:
        name = each["path"]
        if name not in archive.members:
            continue
        wanted = {kind: each[kind] for kind in ("sha256", "sha512") if each[kind]}
        try:
            found, crc = _hashed(archive, name, tuple(wanted))
        except BadArchive as bad:  # it became shorter since its directory was read
            yield bad.failure
            continue
        checked.digests[name] = found["sha256"]
        if archive.members[name].size != each["size"] or found != wanted:
            yield Failure(_replaced(name, manifest), f"{name} is another file than was listed.")
        elif crc != archive.members[name].crc:
            yield _misstated(name)
    for name in sorted({MANIFEST, SUMS, DISCLOSURE} & set(archive.members)):
        try:
            _, crc = _hashed(archive, name, ())
        except BadArchive as bad:
            yield bad.failure
            continue
        if crc != archive.members[name].crc:
            yield _misstated(name)


def _hashed(archive: Archive, name: str, kinds: Sequence[str]) -> tuple[dict[str, str], int]:
    """The digests of one file, each on a thread of its own, as hashlib lets the others run meanwhile;
    and the checksum by which programs that unpack a ZIP judge it.
    """
    digests, crc = [hashlib.new(kind) for kind in kinds], 0
    with ThreadPoolExecutor(max(1, len(digests))) as pool:
        for piece in archive.pieces(name):
            at_work = [pool.submit(digest.update, piece) for digest in digests]
            crc = zlib.crc32(piece, crc)
            for running in at_work:
                running.result()
    return {digest.name: digest.hexdigest() for digest in digests}, crc


def _misstated(name: str) -> Failure:
    sentence = f"The ZIP states another checksum of {name} than it has: others will not unpack it."
    return Failure(Code.ZIP_CHECKSUM, sentence)


def _replaced(name: str, manifest: Manifest) -> Code:
    """By which name it is told that a file is another one."""
    if name == manifest.facts["graph"]:
        return Code.GRAPH_ALTERED
    if name.rpartition(".")[0] == str(manifest.facts["certificate"]).rpartition(".")[0]:
        return Code.CERTIFICATE_REPLACED
    for each in manifest.exhibits:
        if name == each["file"]:
            return Code.EXHIBIT_REPLACED
        if name == each["custody"]:
            return Code.CUSTODY_REPLACED
        if name in (each["custody_paper"], each["sheet"]):
            return Code.PAPER_REPLACED
    return Code.FILE_REPLACED


def _sums(archive: Archive, manifest: Manifest) -> Iterator[Failure]:
    if SUMS not in archive.members:
        return  # told as missing
    listed = sorted(manifest.paths.values(), key=lambda each: each["path"].encode())
    lines = [f"{manifest.sha256}  {MANIFEST}"]
    lines += [f"{each['sha256']}  {each['path']}" for each in listed]
    try:
        said = small(archive, SUMS)
    except BadArchive as bad:
        yield bad.failure
        return
    if said != ("\n".join(lines) + "\n").encode():
        yield Failure(Code.SUMS_MISMATCH, "SHA256SUMS is not what follows from the manifest.")


# -- custody ---------------------------------------------------------------------------------------


def _check_chains(
    archive: Archive, manifest: Manifest, believed: Trusted, checked: Checked
) -> None:
    report, failures = checked.reports[0], list[Failure]()
    for each in manifest.exhibits:
        name = each["custody"]
        if name is None:
            report.notes.append(f"There is no chain of custody of {each['number']} in the bundle.")
        if name is None or name not in archive.members:
            continue
        try:
            chain = custody.read_custody(_facts(archive, name, custody.FORMAT), name)
        except (BadFile, BadArchive) as bad:
            failures.append(Failure(Code.CUSTODY_UNREADABLE, str(bad)))
            continue
        failures += list(_is_its(chain, each, name))
        failures += list(_same_log(chain, manifest, believed.trust, name))
        checked.chains.append((f"{report.source}: {name}", chain))
        digest = checked.digests.get(each["file"])
        checked.reports.append(
            custody.check_custody(
                chain,
                believed.trust,
                believed.expected,
                f"{report.source}: {name}",
                [digest] if digest else [],
                believed.authority,
            )
        )
        checked.receipts += chain.receipts
    report.step("every chain of custody is its exhibit's, of the same ledger", failures)


def _is_its(chain: CustodyFile, each: dict[str, Any], name: str) -> Iterator[Failure]:
    if (chain.exhibit, chain.exhibit_number) != (each["record"], each["number"]):
        sentence = f"{name} is the chain of {chain.exhibit_number}, not of {each['number']}."
        yield Failure(Code.CUSTODY_FOREIGN, sentence)
    elif chain.head != each["custody_head"]:
        sentence = f"{name} ends with another event than the manifest says."
        yield Failure(Code.CUSTODY_HEAD, sentence)


def _same_log(chain: CustodyFile, manifest: Manifest, trust: Trust, name: str) -> Iterator[Failure]:
    """Receipts are of the ledger that the manifest names, or of one that was named as trusted."""
    known = {manifest.facts["ledger"]["key"], *(key.line for key in trust.signers)}
    for event in chain.events:
        if event.receipt is not None and event.receipt.key.line not in known:
            sentence = f"{name}: the receipt of event {event.number} is of another ledger."
            yield Failure(Code.WRONG_LOG, sentence)


def _facts(archive: Archive, name: str, form: str) -> dict[str, Any]:
    try:
        facts = read_json(small(archive, name))
    except (ValueError, RecursionError):
        raise BadFile(f"{name} is cut off or not JSON.") from None
    if not isinstance(facts, dict) or facts.get("format") != form:
        raise BadFile(f"{name} is not of the form {form}.")
    return facts


# -- the graph, the ledger -------------------------------------------------------------------------


def _check_graph(archive: Archive, manifest: Manifest, report: Report) -> None:
    name = manifest.facts["graph"]
    if name not in archive.members:
        return  # told as missing
    stated = {
        each["number"]: {
            "SHA256": each["sha256"],
            **({"SHA512": each["sha512"]} if each["sha512"] else {}),
        }
        for each in manifest.exhibits
    }
    try:
        failures = check_graph(small(archive, name), stated)
    except BadArchive as bad:
        failures = [bad.failure]
    report.step("the CASE/UCO graph has the same exhibits with the same hashes", failures)


def _check_entry(archive: Archive, manifest: Manifest, believed: Trusted, checked: Checked) -> None:
    """The last step: the ledger's entry of this disclosure names this manifest."""
    report = checked.reports[0]
    entry = manifest.facts["ledger"]["entry"]
    found, inside = list[tuple[str, Receipt]](), DISCLOSURE in archive.members
    try:
        if inside:
            facts = read_json(small(archive, DISCLOSURE))
            if not isinstance(facts, dict):
                raise BadFile(f"{DISCLOSURE} is no receipt.")
            found.append((DISCLOSURE, read_receipt(facts, DISCLOSURE)))
    except (ValueError, RecursionError, BadFile, BadArchive) as bad:
        failure = Failure(Code.RECEIPT_UNREADABLE, f"{DISCLOSURE} cannot be read: {bad}")
        report.step("the ledger's entry of the disclosure names this manifest", [failure])
        return
    beside = [each for each in believed.receipts if each.body.facts().get("id") == entry]
    found += [("the receipt beside the bundle", each) for each in beside]
    if not found:
        sentence = (
            "There is no receipt of the disclosure, so nothing shows that the ledger names this "
            f"manifest: ask for the receipt of entry {entry} and name it beside the bundle."
        )
        if believed.trust.signers:
            failure = Failure(Code.NOT_LOGGED, sentence)
            report.step("the ledger's entry of the disclosure names this manifest", [failure])
        else:
            report.unchecked.append(sentence)
        return
    failures = _of_all([list(_names_it(*each, manifest, believed)) for each in found])
    report.step("the ledger's entry of the disclosure names this manifest", failures)
    checked.receipts += [receipt for _, receipt in found]
    report.signer = Signer.NAMED if believed.trust.signers else Signer.IN_FILE
    if not believed.trust.signers:
        report.unchecked.append(
            "No key was named; the one in the bundle was used, and whoever made the bundle could have "
            "made it up: compare "
            f"{manifest.facts['ledger']['key']} with the one that the agencies give out, or name it "
            "with --key."
        )


def _of_all(found: list[list[Failure]]) -> list[Failure]:
    """What is wrong with the receipts of one entry: one that enough agencies cosigned speaks for one
    that was taken before they did.
    """
    whole = any(not failures for failures in found)
    return [
        each
        for failures in found
        for each in failures
        if not (whole and each.code is Code.TOO_FEW_COSIGNERS)
    ]


def _names_it(
    source: str, receipt: Receipt, manifest: Manifest, believed: Trusted
) -> Iterator[Failure]:
    within = check_receipt(receipt, believed.trust, source, believed.authority)
    yield from (Failure(each.code, f"{source}: {each.sentence}") for each in within.failures)
    body, facts = receipt.body.facts(), manifest.facts
    if not believed.trust.signers and receipt.key.line != facts["ledger"]["key"]:
        yield Failure(Code.WRONG_LOG, f"{source} is of another ledger than the manifest names.")
    if body.get("id") != facts["ledger"]["entry"]:
        yield Failure(Code.WRONG_RECEIPT, f"{source} is of another entry than this disclosure's.")
        return
    who = tuple(body.get(name) for name in ("view", "kind", "actor", "agency"))
    if who != ("acting", "disclosure", facts["taken"]["membership"], facts["taken"]["agency"]):
        yield Failure(Code.WRONG_RECEIPT, f"{source} names another taker than the manifest.")
    detail = body.get("detail")
    if not isinstance(detail, dict):
        yield Failure(Code.WRONG_RECEIPT, f"{source} does not show what the entry says.")
    elif detail.get("format") != "bundle" or detail.get("digest") != manifest.sha256:
        sentence = "The ledger names another manifest: this one was changed after the disclosure."
        yield Failure(Code.MANIFEST_ALTERED, sentence)


def _notes(manifest: Manifest) -> Iterator[str]:
    facts, taken = manifest.facts, manifest.facts["taken"]
    which = "all exhibits that its taker sees" if facts["whole_case"] is True else "a choice"
    yield (
        f"Case {facts['case']}, {which}: {len(manifest.exhibits)} exhibit(s), taken {taken['at']} by "
        f"{taken['by']} of {taken['agency']}."
    )
    yield f"The manifest's SHA-256 is {manifest.sha256}."
    for each in facts["left_out"]:
        yield f"{each['number']} was left out: {each['sentence']}"
    yield (
        "PDF and HTML files were compared with their hashes alone: that they say what the JSON files "
        "say, and that the certificate is signed by somebody, was not checked."
    )
