"""New members from a CSV file: every row becomes a proposal, or none does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.agencies.directory.domain import ChangeKind, Via
from accord.agencies.directory.facts import read_facts
from accord.agreements.scope import Scope
from accord.desk import administering
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, raise_all
from accord.kernel.phrases import phrase
from accord.records.intake.csvfile import BadRow, CsvRow, open_csv

COLUMNS = ("handle", "name", "nationality", "title", "roles", "clearance", "assurance", "until")
MOST_ROWS = 500
MOST_BYTES = 1024 * 1024
_SPLIT = re.compile(r"[\s;|]+")


@dataclass(frozen=True, slots=True)
class NewMember:
    """One row that was read and is well formed."""

    file: str
    line: int
    said: Mapping[str, Any]

    def propose(self, scope: Scope) -> None:
        """Propose the member; what the directory refuses is told with the row."""
        try:
            administering.join(scope, self.said, Via.CSV)
        except (Conflict, NotFound) as refused:
            raise InvalidInput(self.file, self.line, "handle", str(refused)) from refused
        except NotAllowed as refused:
            raise InvalidInput(
                self.file, self.line, "handle", str(refused), who_can_change=refused.who_can_change
            ) from refused


def read(upload: Any) -> tuple[NewMember, ...]:
    """Read every row; raises InvalidInput with every fault of every row."""
    if upload is None:
        raise InvalidInput("import", None, "file", phrase("choose a file"))
    name = str(upload.name)
    if upload.size > MOST_BYTES:
        raise InvalidInput(name, None, "", phrase("the file is larger than a mebibyte"))
    opened = open_csv(upload, file=name)
    if missing := [c for c in COLUMNS if c not in opened.header]:
        raise InvalidInput(
            name,
            1,
            "",
            phrase("these columns are missing: %(columns)s", columns=", ".join(missing)),
        )
    found: list[NewMember] = []
    faults: list[InvalidInput] = []
    for row in opened.rows():
        if row.row > MOST_ROWS:
            raise InvalidInput(
                name, row.line, "", phrase("a file holds at most %(most)s members", most=MOST_ROWS)
            )
        try:
            found.append(_member(name, opened.header, row))
        except InvalidInput as wrong:
            faults.extend(wrong.faults)
    raise_all(faults)
    if not found:
        raise InvalidInput(name, None, "", phrase("the file names nobody"))
    return tuple(found)


def _member(name: str, header: tuple[str, ...], row: CsvRow | BadRow) -> NewMember:
    if isinstance(row, BadRow):
        raise InvalidInput(name, row.line, row.problem.field, row.problem.reason)
    said: dict[str, Any] = dict(zip(header, row.cells, strict=True))
    said["roles"] = [r for r in _SPLIT.split(said["roles"].strip()) if r]
    read_facts(ChangeKind.JOIN, said, zone="UTC", file=name, line=row.line)  # each fault at once
    return NewMember(name, row.line, said)
