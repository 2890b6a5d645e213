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
    SIGNATURE_INVALID = "signature-invalid"
    UNKNOWN_KEY = "unknown-key"
    WRONG_LOG = "wrong-log"
    BODY_MISMATCH = "body-mismatch"
    NOT_INCLUDED = "not-included"
    TOO_FEW_COSIGNERS = "too-few-cosigners"
    DOCUMENT_MISMATCH = "document-mismatch"
    WRONG_SUBJECT = "wrong-subject"
    WRONG_CEREMONY = "wrong-ceremony"
    WRONG_CHALLENGE = "wrong-challenge"
    WRONG_ORIGIN = "wrong-origin"
    WRONG_NODE = "wrong-node"
    NOT_VERIFIED = "user-not-verified"
    WRONG_KEY = "wrong-key"
    COUNTER_BACK = "counter-back"


class BadFile(Exception):
    """The file is not what it should be, so there is nothing to verify."""


@dataclass(frozen=True)
class Failure:
    """One thing that does not verify."""

    code: Code
    sentence: str


@dataclass
class Report:
    """The steps of one file, in their order."""

    source: str
    steps: list[tuple[str, tuple[Failure, ...]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

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
        lines += [f"  note: {note}" for note in self.notes]
        return lines

    def facts(self) -> dict[str, object]:
        """The report for a machine to read."""
        return {
            "file": self.source,
            "verifies": self.verifies,
            "steps": [
                {
                    "step": sentence,
                    "failures": [
                        {"code": each.code.value, "sentence": each.sentence} for each in failures
                    ],
                }
                for sentence, failures in self.steps
            ],
            "notes": self.notes,
        }
