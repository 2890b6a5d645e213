"""The numbered steps for an export."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from operator import eq
from pathlib import Path
from typing import Any

from accord_verify import notes
from accord_verify.bodies import (
    LEVELS,
    Body,
    Shown,
    Versions,
    check_reader,
    commitment_field,
    leaf_bytes,
    read_body,
)
from accord_verify.dates import back_dated
from accord_verify.erased import Erased
from accord_verify.notes import Head, Key, Trust
from accord_verify.plain import only, read_json, within
from accord_verify.report import BadFile, Code, Failure, Report
from accord_verify.tree import GrowingTree, leaf_hash

FORMAT = "accord-ledger-export/1"
FIRST = {"format", "origin", "size", "key"}
LEAF = {"i", "v", "commitment", "hash", "openings", "erased"}


@dataclass
class Export:
    """An export as read; nothing in it is believed yet."""

    origin: str
    size: int
    key: Key
    numbers: array[int] = field(default_factory=lambda: array("q"))
    hashes: list[bytes] = field(default_factory=list)
    misstated: list[tuple[int, str]] = field(default_factory=list)
    """Which leaves stand beside another hash than theirs (by their line), and that hash."""
    heads: list[Head] = field(default_factory=list)
    bodies: int = 0
    pieces: int = 0
    unfit: list[Failure] = field(default_factory=list)
    erased: Erased = field(default_factory=Erased)
    readers: dict[tuple[str | None, str | None], tuple[int, Body]] = field(default_factory=dict)
    """For whom bodies are, with the first leaf of each and its body."""
    shown: list[Shown] = field(default_factory=list)
    told: int = 0
    """How many leaves have a body shown, or erased."""
    versions: Versions = field(default_factory=Versions)
    back: list[Failure] = field(default_factory=list)


def read_export(path: Path) -> Export:
    """Step 1: the file is whole. Raises BadFile."""
    lines = json_lines(path)
    export = _first(next(lines, (1, {})), path)
    ended = False
    for number, line in lines:
        where = f"{path.name}:{number}"
        if ended:
            raise BadFile(f"{where}: there are lines after the end line.")
        with within(where):
            ended = _line(export, line, where)
    if not ended:
        raise BadFile(f"{path.name}: the file is cut off: it has no end line. Fetch it again.")
    if not export.heads:
        raise BadFile(f"{path.name}: the export holds no signed head.")
    return export


def _line(export: Export, line: dict[str, Any], where: str) -> bool:
    """A line behind the first; whether it is the last."""
    if "end" in line:
        only(line, {"end"}, "the end line")
        if not _is_count(line["end"]) or line["end"] != export.size:
            raise BadFile("the end line and the first line state different sizes.")
        return True
    if "checkpoint" in line:
        only(line, {"checkpoint"}, "the line of a head")
        export.heads.append(notes.parse_head(line["checkpoint"]))
    else:
        only(line, LEAF, "a leaf")
        _leaf(export, line, where)
    return False


def check_export(export: Export, trust: Trust, source: str) -> Report:
    """Steps 2 to 7."""
    report = Report(source)
    report.step(f"the file is whole ({len(export.hashes)} leaves)", [])
    report.step("every leaf is there, once, in its order, with its hash", _check_leaves(export))
    keys = notes.signers_of(export.key, trust, report)
    signed = [failure for head in export.heads for failure in notes.check_signer(head, keys)]
    report.step(f"every signed head ({len(export.heads)}) has a known signature", signed)
    report.step("every signed head has the root of the leaves before it", _check_roots(export))
    report.step("the last head covers exactly these leaves", _check_last(export))
    report.step(f"every body shown ({export.bodies}) is the one committed to", export.unfit)
    _check_vouched(export, trust, report)
    report.step(
        "no entry is dated before one that came long before it",
        back_dated((source, each) for each in export.shown),
    )
    report.step(
        "every erased body is under an erasure that came later", export.erased.check(export.size)
    )
    if trust.reader is not None:
        report.step(f"every body shown is for {trust.reader}", _check_readers(export, trust.reader))
    export.erased.tell(report)
    if export.versions.first:
        report.notes.append(
            f"Leaves of version 1, with room for several bodies for one reader: {export.versions.first}."
            " Compare their bodies with what others hold."
        )
    hidden = len(export.hashes) - export.told
    if hidden > 0:
        report.notes.append(f"Leaves of which no body is shown here, nor checked: {hidden}.")
    return report


def _check_vouched(export: Export, trust: Trust, report: Report) -> None:
    """The newest head with enough cosignatures: what came after it nobody vouches for yet."""
    last = export.heads[-1]
    met = (head for head in reversed(export.heads) if not notes.check_cosigners(head, trust, []))
    head = next(met, last) if trust.asks_cosigners else last
    notes.check_cosigned(head, trust, report)
    if trust.asks_cosigners:
        found = [each for head in export.heads for each in notes.check_cosigners(head, trust, [])]
        false = [each for each in found if each.code is Code.SIGNATURE_INVALID]
        report.step("no cosignature of theirs is false", false)
    if head.size < last.size:
        report.notes.append(
            f"The last {last.size - head.size} leaves came after the newest head with enough"
            " cosignatures: only the ledger itself vouches for them so far."
        )


def _first(numbered: tuple[int, dict[str, Any]], path: Path) -> Export:
    line = numbered[1]
    if line.get("format") != FORMAT:
        raise BadFile(f"{path.name}: the first line does not say `{FORMAT}`.")
    origin, key = line.get("origin"), line.get("key")
    size: Any = line.get("size")
    if not isinstance(origin, str) or not isinstance(key, str) or not _is_count(size):
        raise BadFile(f"{path.name}: the first line states `origin`, `size` and `key`.")
    with within(f"{path.name}:{numbered[0]}"):
        only(line, FIRST, "the first line")
        return Export(origin, size, notes.parse_key(key))


def _leaf(export: Export, line: dict[str, Any], where: str) -> None:
    if not _is_count(line.get("i")) or not isinstance(line.get("hash"), str):
        raise BadFile(f"{where}: this is neither a leaf nor a head nor the end.")
    version: Any = line.get("v")
    if not _is_count(version) or version not in LEVELS:
        raise BadFile(f"{where}: leaf version {version!r} is newer than this program.")
    export.back += export.versions.add(version)
    export.told += bool(line.get("openings") or line.get("erased"))
    commitment = commitment_field(line, where)
    made = leaf_hash(leaf_bytes(commitment, version))
    if made.hex() != line["hash"]:
        export.misstated.append((len(export.hashes), line["hash"]))
    export.numbers.append(line["i"])
    export.hashes.append(made)
    bodies = [
        read_body(opening, None, where, version) for opening in _list(line, "openings", where)
    ]
    for body in bodies:
        export.bodies += 1
        agency = str(body.said().get("agency")) if body.reader == "acting" else None
        export.readers.setdefault((body.reader, agency), (line["i"], body))
        export.shown.append(body.shown_at(line["i"]))
        export.pieces += len(body.shown)
        export.unfit += body.unfit
        if body.led_to != commitment:
            export.unfit.append(
                Failure(
                    Code.BODY_MISMATCH,
                    f"The body shown at leaf {line['i']} is not the one that the leaf commits to.",
                )
            )
        export.unfit += [
            Failure(each.code, f"Leaf {line['i']}: {each.sentence}") for each in body.misplaced
        ]
    export.erased.mark(line["i"], _list(line, "erased", where), bodies)


def _check_readers(export: Export, agency: str) -> list[Failure]:
    """Each reader once, with the first leaf whose body is for it."""
    return [
        Failure(each.code, f"Leaf {leaf}: {each.sentence}")
        for leaf, body in export.readers.values()
        for each in check_reader(body, agency)
    ]


def _list(line: dict[str, Any], name: str, where: str) -> list[Any]:
    value = line.get(name, [])
    if not isinstance(value, list):
        raise BadFile(f"{where}: `{name}` is not a list.")
    return value


def _check_leaves(export: Export) -> list[Failure]:
    failures = list(export.back)
    if not export.misstated:
        return failures + _check_numbers(export)
    wrong = {at for at, _ in export.misstated}
    known = {stated for _, stated in export.misstated}
    known |= {made.hex() for at, made in enumerate(export.hashes) if at not in wrong}
    for at, _ in export.misstated:
        number, made = export.numbers[at], export.hashes[at].hex()
        if made in known:
            failures.append(
                Failure(Code.ORDER_SWAPPED, f"Leaf {number} stands where another leaf belongs.")
            )
        else:
            failures.append(
                Failure(Code.LEAF_ALTERED, f"Leaf {number} was changed: it has another hash.")
            )
    return failures + _check_numbers(export)


def _check_numbers(export: Export) -> list[Failure]:
    numbers, wanted = export.numbers, range(export.size)
    if len(numbers) == export.size and all(map(eq, numbers, wanted)):
        return []
    present = set(numbers)
    failures = [_missing(first, last) for first, last in _gaps(sorted(present), export.size)]
    failures += [
        Failure(Code.LEAF_ADDED, f"Leaf {number} lies beyond the stated size {export.size}.")
        for number in numbers
        if number >= export.size
    ]
    if len(present) < len(numbers):
        failures.append(Failure(Code.LEAF_REPEATED, "A leaf number occurs twice."))
    for before, after in pairwise(numbers):
        if after < before:
            failures.append(
                Failure(Code.ORDER_SWAPPED, f"Leaf {after} stands after leaf {before}.")
            )
    return failures


def _gaps(present: list[int], size: int) -> Iterator[tuple[int, int]]:
    """The first and the last number of each stretch below the size that is not there."""
    before = -1
    for number in [*(each for each in present if each < size), size]:
        if number > before + 1:
            yield before + 1, number - 1
        before = number


def _missing(first: int, last: int) -> Failure:
    which = f"Leaf {first} is" if first == last else f"The leaves {first} to {last} are"
    return Failure(Code.LEAF_MISSING, f"{which} missing.")


def _check_roots(export: Export) -> list[Failure]:
    failures: list[Failure] = []
    tree = GrowingTree()
    last_good = largest = 0
    wrong: list[Head] = []
    final_holds = False
    for head in export.heads:
        if head.origin != export.origin:
            failures.append(
                Failure(Code.WRONG_LOG, f"{head.label} is not a head of {export.origin}.")
            )
            continue
        if head.size < largest:
            failures.append(Failure(Code.ROLLED_BACK, f"{head.label} comes after a larger head."))
            continue
        largest = head.size
        for leaf in export.hashes[tree.size : head.size]:
            tree.add(leaf)
        final_holds = tree.size == head.size and tree.root() == head.root
        if final_holds and not wrong:
            last_good = head.size
        if not final_holds and tree.size == head.size:
            wrong.append(head)
    return failures + _explain(wrong, last_good, final_holds)


def _explain(wrong: list[Head], last_good: int, final_holds: bool) -> list[Failure]:
    """Leaves that fit a later head and not an earlier one mean two histories were signed."""
    if not wrong:
        return []
    first = wrong[0]
    if final_holds:
        return [
            Failure(
                Code.FORK,
                f"{head.label} was signed over another history than the last head.",
            )
            for head in wrong
        ]
    return [
        Failure(
            Code.ROOT_MISMATCH,
            f"The leaves do not give the root of {first.label}: between leaf {last_good} and leaf "
            f"{first.size - 1} one was changed, moved or replaced.",
        )
    ]


def _check_last(export: Export) -> list[Failure]:
    last = export.heads[-1]
    if last.size > len(export.hashes):
        return [
            Failure(
                Code.LEAF_MISSING,
                f"{last.label} covers {last.size} leaves; the file has {len(export.hashes)}.",
            )
        ]
    if last.size < len(export.hashes) or last.size != export.size:
        return [
            Failure(
                Code.HEAD_MISSING,
                f"The file states {export.size} and has {len(export.hashes)} leaves; its last head "
                f"covers {last.size}.",
            )
        ]
    return []


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON lines, each with its line's number. Raises BadFile."""
    try:
        with path.open(encoding="utf-8") as handle:
            yield from _parsed(handle, path)
    except UnicodeDecodeError as error:
        raise BadFile(f"{path.name}: the file is not UTF-8 text.") from error


def _parsed(handle: Iterable[str], path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, text in enumerate(handle, 1):
        try:
            line = read_json(text)
        except BadFile as error:
            raise BadFile(f"{path.name}:{number}: {error}") from error
        except (ValueError, RecursionError) as error:
            what = "is cut off" if not text.endswith("\n") else "is not JSON"
            raise BadFile(f"{path.name}:{number}: the line {what}.") from error
        if not isinstance(line, dict):
            raise BadFile(f"{path.name}:{number}: the line is not a JSON object.")
        yield number, line


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62
