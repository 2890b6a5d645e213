"""`accord agreement`: check agreements and say in plain language what they do; files only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from accord.agreements.cautions import Caution, cautions
from accord.agreements.domain import Agreement
from accord.agreements.plain import clause_rows, explain
from accord.agreements.proofs.engine import available
from accord.agreements.proofs.idle import idle
from accord.agreements.proofs.together import together
from accord.cli import agreement_proofs, agreement_table, agreement_template
from accord.cli.agreement_files import FILE, Agencies, read_agencies, read_agreement, read_text
from accord.cli.agreement_proofs import refusing
from accord.cli.options import json_option
from accord.kernel.errors import InvalidInput


@click.group()
def command() -> None:
    """Check agreements, say in plain language what they do, compare and prove them."""


command.add_command(agreement_template.command)
command.add_command(agreement_table.command)
command.add_command(agreement_proofs.diff)
command.add_command(agreement_proofs.prove_files)


@command.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--agencies", type=FILE, help="The agencies that exist (agencies.yaml of a world).")
@json_option
@click.pass_context
@refusing
def check(
    context: click.Context, files: tuple[Path, ...], agencies: Path | None, as_json: bool
) -> None:
    """Check agreements: 0 when all are accepted (cautions are told), 1 when one is refused."""
    known = None if agencies is None else read_agencies(agencies)
    given = [_read(file, known) for file in files]
    accepted = [a for a in given if isinstance(a, Agreement)]
    reports = [_report(file, a, accepted) for file, a in zip(files, given, strict=True)]
    if as_json:
        click.echo(json.dumps(reports, indent=2, ensure_ascii=False))
    else:
        for report in reports:
            _say(report)
        if not available():
            click.echo("Note: clauses that decide nothing are not looked for: z3 is not installed.")
    context.exit(0 if all(report["accepted"] for report in reports) else 1)


@command.command(name="explain")
@click.argument("file", type=FILE)
@json_option
@click.pass_context
@refusing
def explain_file(context: click.Context, file: Path, as_json: bool) -> None:
    """Say in plain language what an agreement permits and forbids, as Markdown."""
    del context  # the decorator's
    agreement = read_agreement(file, None)
    if as_json:
        click.echo(json.dumps(_said(agreement), indent=2, ensure_ascii=False))
    else:
        click.echo(explain(agreement), nl=False)


def _said(agreement: Agreement) -> dict[str, Any]:
    rows = clause_rows(agreement)
    return {
        "id": agreement.id,
        "hash": agreement.content_hash,
        "markdown": explain(agreement),
        "clauses": [
            {"id": c.id, "effect": c.effect, "prose": c.prose, "says": dict(rows[c.id])}
            for c in agreement.clauses
        ],
    }


def _read(file: Path, agencies: Agencies | None) -> Agreement | InvalidInput:
    try:
        return read_agreement(file, agencies)
    except InvalidInput as refusal:
        return refusal


def _report(
    file: Path, found: Agreement | InvalidInput, others: Sequence[Agreement]
) -> dict[str, Any]:
    if isinstance(found, InvalidInput):
        faults = [{"line": f.line, "field": f.field, "rule": f.rule} for f in found.faults]
        return {"file": str(file), "accepted": False, "faults": faults}
    return {
        "file": str(file),
        "accepted": True,
        "id": found.id,
        "kind": found.kind,
        "hash": found.content_hash,
        "clauses": len(found.clauses),
        "cautions": [_caution(c) for c in _look(file, found, others)],
    }


def _look(file: Path, agreement: Agreement, others: Sequence[Agreement]) -> list[Caution]:
    """What to look at again; where z3 is installed, the clauses that decide nothing too."""
    found = list(cautions(agreement, others, read_text(file)))
    if available():
        beside = together(others).agreements
        found += [
            Caution(i.clause.id, i.clause.line, f"decides nothing ({i.way}): {i.because}")
            for i in [
                *(i for i in idle(agreement) if i.way == "shadowed"),
                *(i for i in idle(agreement, beside) if i.way == "dead"),
            ]
            if not any(c.clause_id == i.clause.id and "nothing" in c.text for c in found)
        ]
    order = {clause.id: number for number, clause in enumerate(agreement.clauses)}
    return sorted(found, key=lambda c: (order[c.clause_id], c.text))


def _caution(caution: Caution) -> dict[str, Any]:
    return {"line": caution.line, "clause": caution.clause_id, "text": caution.text}


def _say(report: dict[str, Any]) -> None:
    file = report["file"]
    if not report["accepted"]:
        for fault in report["faults"]:
            place = file if fault["line"] is None else f"{file}:{fault['line']}"
            field = f"{fault['field']}: " if fault["field"] else ""
            click.echo(f"{place}: refused: {field}{fault['rule']}", err=True)
        return
    click.echo(
        f"{file}: accepted: {report['id']} ({report['kind']}), {report['clauses']} clauses, "
        f"version {report['hash'][:12]}"
    )
    for caution in report["cautions"]:
        click.echo(
            f"{file}:{caution['line']}: caution: clause {caution['clause']}: {caution['text']}"
        )
