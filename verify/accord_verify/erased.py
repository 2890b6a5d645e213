"""Bodies that an export calls erased, and the entries that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from accord_verify.bodies import Body
from accord_verify.plain import only
from accord_verify.report import BadFile, Code, Failure, Report

MARK = {"view", "by"}
VIEWS = ("acting", "owning")
ERASURE = "erasure"


@dataclass
class Erased:
    """Which bodies are called erased, and what the leaves that may say so are."""

    marks: list[tuple[int, str, int | None]] = field(default_factory=list)
    """The leaf, whose body of it, and the leaf of the entry that erased it."""
    shown: list[tuple[int, str]] = field(default_factory=list)
    """Bodies of marked leaves that are shown all the same."""
    known: dict[int, bool] = field(default_factory=dict)
    """Leaves of which a body is shown, and whether it says that it is an erasure."""

    def mark(self, leaf: int, marks: list[Any], shown: list[Body]) -> None:
        """Take one leaf: what is called erased of it, and the bodies shown. Raises BadFile."""
        for body in shown:
            self.known[leaf] = body.said().get("kind") == ERASURE
        for mark in marks:
            self.marks.append((leaf, *_read(mark)))
            seen = (str(body.reader).partition(" ")[0] for body in shown)
            self.shown += [(leaf, view) for view in seen if view == self.marks[-1][1]]

    def check(self, size: int) -> list[Failure]:
        """Whether each is under an erasure that came later, and is gone."""
        failures = [
            f"The {view} body of leaf {leaf} is called erased, and is shown."
            for leaf, view in self.shown
        ]
        for leaf, _, by in self.marks:
            if by is None:
                continue
            if not leaf < by < size:
                failures.append(
                    f"A body of leaf {leaf} is called erased by leaf {by}, which is none that"
                    " came later."
                )
            elif not self.known.get(by, True):
                failures.append(
                    f"A body of leaf {leaf} is called erased by leaf {by}, which is no erasure."
                )
        return [Failure(Code.ERASURE_MISMATCH, each) for each in failures]

    def tell(self, report: Report) -> None:
        """Say what was erased, and of which of them nothing here shows by what."""
        report.notes += self._notes()
        for leaf, _, by in self.marks:
            if by is None:
                report.unchecked.append(
                    f"A body of leaf {leaf} is called erased, and no entry says so yet: ask for a"
                    " newer export."
                )

    def _notes(self) -> Iterator[str]:
        for leaf, _, by in self.marks:
            if by is not None and by in self.known:
                yield f"A body of leaf {leaf} was erased; leaf {by} is the entry that says so."
            elif by is not None:
                yield (
                    f"A body of leaf {leaf} was erased, by leaf {by} it is said: what that entry says"
                    " is not shown here, so nobody checked that it is an erasure."
                )


def _read(mark: object) -> tuple[str, int | None]:
    if not isinstance(mark, dict):
        raise BadFile("`erased` says of each body whose it was, and what erased it.")
    only(mark, MARK, "what is said of an erased body")
    view, by = mark.get("view"), mark.get("by")
    if view not in VIEWS or not (by is None or type(by) is int) or "by" not in mark:
        raise BadFile("`erased` says of each body whose it was, and what erased it.")
    return str(view), by
