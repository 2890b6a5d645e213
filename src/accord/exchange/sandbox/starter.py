"""Starts the confined reader for one stored file, and hears it out under a time limit.

Every end of the reader has a sentence: a refusal it spoke itself, memory, time, or a crash. A reader
that says nothing for too long is killed; so is one whose listener goes away.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from accord.exchange.sandbox.wire import (
    Head,
    Job,
    Receiver,
    Row,
    head_from,
    job_facts,
    refusal_from,
)
from accord.kernel.errors import InvalidInput
from accord.kernel.vocabulary import VocabularyError
from accord.platform.confined.child import Child, Ended, Ending
from accord.platform.logs import facts
from accord.records.ontology import common_ontology

SILENCE_S = 120.0
CPU_S, CPU_S_PER_MB = 60, 20

log = logging.getLogger("accord.intake")


class Reader:
    """One reading of one stored file; close it, or use it as a context."""

    def __init__(self, path: Path, job: Job, *, silence_s: float = SILENCE_S) -> None:
        self.job = job
        self.at = 0
        self.left: dict[str, int] = {}
        cpu_s = CPU_S + CPU_S_PER_MB * (job.size_bytes >> 20)
        with path.open("rb") as stored:
            self._child = Child(
                "accord.exchange.sandbox.reader",
                {"job": job_facts(job), "cpu_s": cpu_s},
                arguments=[str(stored.fileno())],
                pass_fds=[stored.fileno()],
                silence_s=silence_s,
            )

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it is at."""
        self._child.close()

    def head(self) -> Head:
        """What the file is; raises InvalidInput with every fault that the reader found."""
        message = self._message()
        if message[0] != "head":
            raise self._broken(message)
        head = head_from(message[1])
        if not head.apart:
            _warn_once()
        return head

    def finish(self) -> None:
        """Hear the reader out where no rows were asked for."""
        for _ in self.rows():
            raise AssertionError("a row that nobody asked for")

    def rows(self) -> Iterator[Row]:
        """Every row, as it comes; raises InvalidInput where reading cannot go on."""
        receiver = Receiver(self.job.owner, common_ontology())
        while True:
            message = self._message()
            if message[0] in ("row", "bad"):
                yield self._checked(receiver, message)
            elif message[0] == "label":
                self._checked(receiver, message)
            elif message[0] == "at":
                self.at = int(message[1])
            elif message[0] == "end":
                self.left = {str(k): int(v) for k, v in message[1].items()}
                return
            else:
                raise self._broken(message)

    def _checked(self, receiver: Receiver, message: list[Any]) -> Row:
        try:
            if message[0] == "label":
                receiver.label(message)
                return None  # type: ignore[return-value]  # no row yet
            return receiver.row(message)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, VocabularyError):
            self.close()
            raise self._refusal(_RULES) from None

    def _broken(self, message: list[Any]) -> InvalidInput:
        self.close()
        if message[0] == "refused":
            return refusal_from(message[1])
        if message[0] == "memory":
            return self._refusal(_MEMORY)
        return self._refusal(_RULES)

    def _refusal(self, rule: str) -> InvalidInput:
        return InvalidInput(self.job.file, None, "", rule)

    def _message(self) -> list[Any]:
        try:
            return self._child.message()
        except Ended as end:
            raise self._refusal(self._said_of(end)) from None

    def _said_of(self, end: Ended) -> str:
        match end.how:
            case Ending.TIME:
                return _TIME
            case Ending.MEMORY:
                return _MEMORY
            case Ending.RULES:
                return _RULES
        log.error("the reader of files stopped", extra=facts(code=end.code or 0))
        return "the file could not be read; the reader of files stopped at it"


@cache
def _warn_once() -> None:
    log.warning("this kernel gives no network namespace; the reader's audit hook stands in for it")


_TIME = "reading the file takes longer than is allowed; send it in pieces, or as CSV"
_MEMORY = "reading the file needs more memory than is allowed; send it in pieces, or as CSV"
_RULES = "the reader of files gave an answer that breaks its rules"
