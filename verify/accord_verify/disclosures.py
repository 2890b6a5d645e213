"""The numbered steps for a file of disclosures: a receipt a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accord_verify import notes, timestamp
from accord_verify.bodies import check_reader, told
from accord_verify.dates import back_dated, dated_after
from accord_verify.export import json_lines
from accord_verify.notes import Head, Key, Trust
from accord_verify.plain import only, within
from accord_verify.receipt import FIRST_VERSION, Receipt, check_body, check_place, read_receipt
from accord_verify.report import BadFile, Code, Failure, Report

FORMAT = "accord-disclosures/1"
SAID = ({"entry", "receipt"}, {"entry", "at", "erased"}, {"entry", "at", "waits"})
"""What a line says of an entry: its receipt, that it was erased, or that it waits for its place."""


class Disclosures:
    """A file as read; nothing in it is believed yet."""

    def __init__(self, key: Key, asked: object) -> None:
        self.key = key
        self.asked = asked
        self.receipts: list[tuple[str, Receipt]] = []
        self.others: list[Failure] = []
        """Lines whose receipt is of another entry than they say."""
        self.erased: list[str] = []
        self.waiting: list[str] = []

    @property
    def heads(self) -> list[Head]:
        """The signed heads in the file, each once, the largest last."""
        found = {(each.head.text, each.head.signatures): each.head for _, each in self.receipts}
        return sorted(found.values(), key=lambda head: head.size)


def read_disclosures(path: Path) -> Disclosures:
    """Step 1: the file is whole. Raises BadFile."""
    lines = json_lines(path)
    first = next(lines, (1, {}))[1]
    if first.get("format") != FORMAT or not isinstance(first.get("key"), str):
        raise BadFile(f"{path.name}: the first line does not say `{FORMAT}` and `key`.")
    with within(f"{path.name}:1"):
        only(first, {"format", "key", "asked"}, "the first line")
        found = Disclosures(notes.parse_key(first["key"]), first.get("asked"))
    count, ended = 0, False
    for number, line in lines:
        where = f"{path.name}:{number}"
        if ended:
            raise BadFile(f"{where}: there are lines after the end line.")
        if "end" in line:
            ended = True
            if set(line) != {"end"} or type(line["end"]) is not int or line["end"] != count:
                raise BadFile(f"{where}: the end line states another number of entries.")
            continue
        count += 1
        with within(where):
            _entry(found, line, where)
    if not ended:
        raise BadFile(f"{path.name}: the file is cut off: it has no end line. Fetch it again.")
    return found


def _entry(found: Disclosures, line: dict[str, Any], where: str) -> None:
    entry = line.get("entry")
    if set(line) not in SAID or not isinstance(entry, str):
        raise BadFile("an entry has a receipt, was erased, or waits for its place, and no more.")
    if isinstance(line.get("receipt"), dict):
        receipt = read_receipt(line["receipt"], where)
        found.receipts.append((where, receipt))
        if receipt.body.facts().get("id") != entry:
            sentence = f"{where}: the receipt is of another entry than {entry}."
            found.others.append(Failure(Code.WRONG_RECEIPT, sentence))
    elif line.get("erased") is True:
        found.erased.append(entry)
    elif line.get("waits") is True:
        found.waiting.append(entry)
    else:
        raise BadFile("an entry has a receipt, was erased, or waits for its place.")


def check_disclosures(
    found: Disclosures, trust: Trust, source: str, authority: timestamp.Authority | None = None
) -> Report:
    """The steps of a receipt, each for all receipts of the file."""
    report = Report(source)
    count = len(found.receipts)
    report.step(f"the file is whole ({count} receipts)", [])
    bodies = [_at(where, each) for where, r in found.receipts for each in check_body(r)]
    report.step("every body is the one committed to", bodies)
    unfit = [_at(where, each) for where, r in found.receipts for each in r.body.unfit]
    report.step("every piece shown is one that its body commits to", unfit)
    places = [_at(where, each) for where, r in found.receipts for each in check_place(r)]
    report.step("every commitment is a leaf under its signed root", places)
    report.step("every receipt is of the entry that it stands beside", found.others)
    report.step("no entry stands there twice", _check_once(found))
    report.step(
        f"every body is for {trust.reader or 'one and the same reader'}",
        _check_readers(found, trust.reader),
    )
    keys = notes.signers_of(found.key, trust, report)
    signed = [failure for head in found.heads for failure in notes.check_signer(head, keys)]
    report.step(f"every signed head ({len(found.heads)}) has a known signature", signed)
    for head in found.heads:
        notes.check_cosigned(head, trust, report)
    _check_timestamps(found, authority, report)
    report.step(
        "no entry is dated before one that came long before it, or after others vouched for its head",
        _check_dates(found, trust),
    )
    _say_what_is_left(found, report)
    return report


def _check_timestamps(
    found: Disclosures, authority: timestamp.Authority | None, report: Report
) -> None:
    """As in a receipt, where one holds a token; what is said of many alike is said once."""
    tokens = {(r.token, r.head.text): (where, r.head) for where, r in found.receipts if r.token}
    failures, said = list[Failure](), dict[str, None]()
    for (token, _), (where, head) in tokens.items():
        one = Report(where)
        timestamp.check(token or b"", head, authority, one)
        failures += [_at(where, each) for each in one.failures]
        said |= dict.fromkeys(one.notes)
    if tokens:
        report.step(f"every timestamp ({len(tokens)}) is over its head, and holds", failures)
        report.notes += said
    elif authority is not None:
        report.notes.append("There is no timestamp in this file, so none was checked.")


def _check_dates(found: Disclosures, trust: Trust) -> list[Failure]:
    shown = [(where, each.body.shown_at(each.index)) for where, each in found.receipts]
    vouched = {head.text: notes.vouched_at(head, trust) for head in found.heads}
    later = [
        _at(where, failure)
        for where, each in found.receipts
        for failure in dated_after(each.body, vouched[each.head.text])
    ]
    return back_dated(shown) + later


def _check_readers(found: Disclosures, agency: str | None) -> list[Failure]:
    if agency is not None:
        return [_at(where, e) for where, r in found.receipts for e in check_reader(r.body, agency)]
    readers = {r.body.reader for _, r in found.receipts}
    if len(readers) < 2 and None not in readers:
        return []
    said = ", ".join(sorted({told(r.body) for _, r in found.receipts}))
    return [Failure(Code.WRONG_READER, f"The bodies are not all for one reader: {said}")]


def _check_once(found: Disclosures) -> list[Failure]:
    seen: dict[tuple[str, int], str] = {}
    failures = []
    for where, receipt in found.receipts:
        place = (receipt.head.origin, receipt.index)
        if place in seen:
            failures.append(
                Failure(
                    Code.RECEIPT_REPEATED,
                    f"{where}: leaf {receipt.index} stands in {seen[place]} already.",
                )
            )
        seen.setdefault(place, where)
    return failures


def _say_what_is_left(found: Disclosures, report: Report) -> None:
    hidden = sum(receipt.body.hidden for _, receipt in found.receipts if receipt.body.by_pieces)
    if hidden:
        report.notes.append(f"Pieces of bodies not shown here, and so not checked: {hidden}.")
    if any(receipt.body.version == 1 for _, receipt in found.receipts):
        report.notes.append(FIRST_VERSION)
    if found.erased:
        report.notes.append(f"Erased, so that only their place is kept: {len(found.erased)}.")
    if found.waiting:
        report.notes.append(
            f"Without a proof yet, as they waited for their place: {len(found.waiting)}."
        )
    report.notes.append(
        "That these are all the disclosures was not checked: the file holds what its agency was "
        f"told and asked for ({found.asked})."
    )


def _at(where: str, failure: Failure) -> Failure:
    return Failure(failure.code, f"{where}: {failure.sentence}")
