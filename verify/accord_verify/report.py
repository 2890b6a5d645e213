"""What was found: steps that hold, notes, and named failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """One name for each way in which something does not verify."""

    LEAF_ALTERED = "leaf-altered"
    LEAF_MISSING = "leaf-missing"
    LEAF_ADDED = "leaf-added"
    LEAF_REPEATED = "leaf-repeated"
    ORDER_SWAPPED = "order-swapped"
    ROOT_MISMATCH = "root-mismatch"
    HEAD_MISSING = "head-missing"
    ROLLED_BACK = "rolled-back"
    FORK = "fork"
    INCONSISTENT = "inconsistent"
    TILE_MISSING = "tile-missing"
    TILE_TRUNCATED = "tile-truncated"
    TILE_MISMATCH = "tile-mismatch"
    SIGNATURE_INVALID = "signature-invalid"
    UNKNOWN_KEY = "unknown-key"
    WRONG_LOG = "wrong-log"
    BODY_MISMATCH = "body-mismatch"
    BODY_MISPLACED = "body-misplaced"
    VERSION_BACK = "version-back"
    WRONG_READER = "wrong-reader"
    ITEM_MISMATCH = "item-mismatch"
    TWO_BODIES = "two-bodies"
    ERASURE_MISMATCH = "erasure-mismatch"
    NOT_INCLUDED = "not-included"
    RECEIPT_REPEATED = "receipt-repeated"
    TOO_FEW_COSIGNERS = "too-few-cosigners"
    TIMESTAMP_INVALID = "timestamp-invalid"
    TIMESTAMP_MISMATCH = "timestamp-mismatch"
    TIMESTAMP_UNTRUSTED = "timestamp-untrusted"
    DOCUMENT_MISMATCH = "document-mismatch"
    WRONG_SUBJECT = "wrong-subject"
    WRONG_CEREMONY = "wrong-ceremony"
    WRONG_CHALLENGE = "wrong-challenge"
    WRONG_ORIGIN = "wrong-origin"
    WRONG_NODE = "wrong-node"
    NOT_VERIFIED = "user-not-verified"
    WRONG_KEY = "wrong-key"
    COUNTER_BACK = "counter-back"
    WRONG_MEMBER = "wrong-member"
    NOT_SIGNED = "not-signed"
    NOT_LOGGED = "not-logged"
    WRONG_RECEIPT = "wrong-receipt"
    EVENT_ALTERED = "event-altered"
    EVENT_FOREIGN = "event-foreign"
    EVENT_REPEATED = "event-repeated"
    EVENT_ADDED = "event-added"
    EVENT_MISSING = "event-missing"
    EVENT_SWAPPED = "event-swapped"
    EVENT_INCOMPLETE = "event-incomplete"
    CHAIN_FORKED = "chain-forked"
    BACK_DATED = "back-dated"
    STEP_NOT_ADMITTED = "step-not-admitted"
    NOT_ACCEPTED = "not-accepted"
    WRONG_CUSTODIAN = "wrong-custodian"
    HASH_MISMATCH = "hash-mismatch"
    SEAL_MISMATCH = "seal-mismatch"
    COUNT_MISMATCH = "count-mismatch"
    ORDER_MISMATCH = "order-mismatch"
    SAME_PERSON = "same-person"
    ZIP_TRUNCATED = "zip-truncated"
    ZIP_MALFORMED = "zip-malformed"
    ZIP_HIDDEN = "zip-hidden-bytes"
    ZIP_NAME_UNSAFE = "zip-name-unsafe"
    ZIP_NAME_TWICE = "zip-name-twice"
    ZIP_TWO_NAMES = "zip-two-names"
    ZIP_COMPRESSED = "zip-compressed"
    ZIP_ENCRYPTED = "zip-encrypted"
    ZIP_LINK = "zip-link"
    ZIP_CHECKSUM = "zip-checksum"
    MANIFEST_MISSING = "manifest-missing"
    MANIFEST_MALFORMED = "manifest-malformed"
    MANIFEST_INCONSISTENT = "manifest-inconsistent"
    MANIFEST_ALTERED = "manifest-altered"
    FILE_MISSING = "file-missing"
    FILE_ADDED = "file-added"
    FILE_REPLACED = "file-replaced"
    FILE_TOO_LARGE = "file-too-large"
    EXHIBIT_REPLACED = "exhibit-replaced"
    CUSTODY_REPLACED = "custody-replaced"
    PAPER_REPLACED = "paper-replaced"
    CERTIFICATE_REPLACED = "certificate-replaced"
    GRAPH_ALTERED = "graph-altered"
    GRAPH_MISMATCH = "graph-mismatch"
    SUMS_MISMATCH = "sums-mismatch"
    CUSTODY_UNREADABLE = "custody-unreadable"
    CUSTODY_FOREIGN = "custody-foreign"
    CUSTODY_HEAD = "custody-head"
    RECEIPT_UNREADABLE = "receipt-unreadable"


class Signer(StrEnum):
    """Whose key a file's signatures were held against."""

    NAMED = "named"
    """One that the reader named."""
    IN_FILE = "from the file"
    """The one in the file, which whoever made the file could have made up."""
    NONE = "none"
    """None: nothing in the file shows who signed it."""


class BadFile(Exception):
    """The file is not what it should be, so there is nothing to verify."""


@dataclass(frozen=True)
class Failure:
    """One thing that does not verify."""

    code: Code
    sentence: str


def plain(text: str) -> str:
    """A line of text and nothing else: what a file says can neither break lines nor move a cursor."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def escaped(text: str) -> str:
    """JSON whose texts show what draws nothing as its escape: it can neither move a cursor nor hide."""
    return "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in text)


def _escape(char: str) -> str:
    halves = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{halves[at : at + 2].hex()}" for at in range(0, len(halves), 2))


@dataclass
class Report:
    """The steps of one file, in their order."""

    source: str
    steps: list[tuple[str, tuple[Failure, ...]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    """What nothing at hand could show, and without which the rest says little: stands by the verdict."""
    signer: Signer | None = Signer.NONE
    """By which key it was judged who signed; None where the report is not of one file."""

    def step(self, sentence: str, failures: list[Failure]) -> None:
        """Records one step; it holds when nothing failed in it."""
        self.steps.append((sentence, tuple(failures)))

    @property
    def failures(self) -> list[Failure]:
        return [failure for _, failures in self.steps for failure in failures]

    @property
    def verifies(self) -> bool:
        return not self.failures

    def lines(self, limit: int = 20) -> list[str]:
        """The report for a person to read."""
        lines = [self.source]
        for number, (sentence, failures) in enumerate(self.steps, 1):
            lines.append(f"  {number}. {'FAILED' if failures else 'holds '}  {sentence}")
            lines += [f"       {each.code}: {each.sentence}" for each in failures[:limit]]
            if len(failures) > limit:
                lines.append(f"       and {len(failures) - limit} more")
        lines += [f"  NOT CHECKED: {each}" for each in self.unchecked]
        lines += [f"  note: {note}" for note in self.notes]
        return [plain(line) for line in lines]

    def facts(self) -> dict[str, object]:
        """The report for a machine to read."""
        return {
            "file": self.source,
            "verifies": self.verifies,
            "signer": self.signer,
            "steps": [
                {
                    "step": sentence,
                    "failures": [
                        {"code": each.code.value, "sentence": each.sentence} for each in failures
                    ],
                }
                for sentence, failures in self.steps
            ],
            "unchecked": self.unchecked,
            "notes": self.notes,
        }
