"""What an amendment changes, clause by clause, in the words of the agreement's own facts."""

from __future__ import annotations

from collections.abc import Mapping

from accord.agreements.domain import Agreement, Clause
from accord.agreements.plain import clause_rows
from accord.web.components import DiffRow


def compare(
    before: Agreement, after: Agreement, names: Mapping[str, str] | None = None
) -> tuple[DiffRow, ...]:
    """Return every field of `after` beside that of `before`, those that differ first."""
    rows = [
        _field("Title", before.title, after.title),
        _field("Parties", _parties(before, names or {}), _parties(after, names or {})),
        _field("From", str(before.in_force.starts), str(after.in_force.starts)),
        _field("Until", _end(before), _end(after)),
    ]
    rows += _clauses(before, after)
    return tuple(sorted(rows, key=lambda row: row.change == "same"))


def _parties(agreement: Agreement, names: Mapping[str, str]) -> str:
    return ", ".join(names.get(party, party) for party in sorted(agreement.parties))


def _end(agreement: Agreement) -> str:
    return str(agreement.in_force.ends) if agreement.in_force.ends else "No end"


def _field(label: str, before: str, after: str) -> DiffRow:
    return DiffRow(label, "same" if before == after else "changed", before, after)


def _clauses(before: Agreement, after: Agreement) -> list[DiffRow]:
    old, new = _said(before), _said(after)
    found = []
    for clause_id in dict.fromkeys([*old, *new]):
        label = f"Clause {clause_id}"
        was, becomes = old.get(clause_id), new.get(clause_id)
        if was is None:
            found.append(DiffRow(label, "added", None, becomes))
        elif becomes is None:
            found.append(DiffRow(label, "removed", was, None))
        else:
            found.append(_field(label, was, becomes))
    return found


def _said(agreement: Agreement) -> dict[str, str]:
    rows = clause_rows(agreement)
    return {c.id: _sentence(c, rows[c.id]) for c in agreement.clauses}


def _sentence(clause: Clause, rows: tuple[tuple[str, str], ...]) -> str:
    return f"{clause.prose} ({'; '.join(f'{term}: {text}' for term, text in rows)})"
