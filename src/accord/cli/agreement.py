"""`accord agreement`: check agreements and say in plain language what they do; files only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from accord.agreements.cautions import Caution, cautions
from accord.agreements.document import Place, compose, items, mapping, text
from accord.agreements.domain import Agreement
from accord.agreements.parse import parse
from accord.agreements.plain import explain
from accord.cli import agreement_template
from accord.kernel.errors import InvalidInput

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Check agreements, and say in plain language what they do."""


command.add_command(agreement_template.command)


@command.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--agencies", type=_FILE, help="The agencies that exist (agencies.yaml of a world).")
@click.option("--json", "as_json", is_flag=True, help="Report as JSON.")
@click.pass_context
def check(
    context: click.Context, files: tuple[Path, ...], agencies: Path | None, as_json: bool
) -> None:
    """Check agreements: 0 when all are accepted (cautions are told), 1 when one is refused."""
    known = None if agencies is None else read_agencies(agencies)
    reports = [_check(file, known) for file in files]
    if as_json:
        click.echo(json.dumps(reports, indent=2, ensure_ascii=False))
    else:
        for report in reports:
            _say(report)
    context.exit(0 if all(report["accepted"] for report in reports) else 1)


@command.command(name="explain")
@click.argument("file", type=_FILE)
@click.pass_context
def explain_file(context: click.Context, file: Path) -> None:
    """Say in plain language what an agreement permits and forbids, as Markdown."""
    try:
        agreement = _read(file, None)
    except InvalidInput as refusal:
        for fault in refusal.faults:
            click.echo(fault.message, err=True)
        context.exit(1)
    click.echo(explain(agreement), nl=False)


def read_agencies(file: Path) -> frozenset[str]:
    """The ids in an agencies file: a list under `agencies`, each entry with an `id`."""
    place = Place(str(file))
    top = mapping(compose(_text(file), str(file)), place, ("agencies",), ("agencies",))
    found = set()
    for item in items(top["agencies"], place.at("agencies")):
        entry = {k.value: v for k, v in item.value} if isinstance(item.value, list) else {}
        if "id" not in entry:
            place.at("agencies").refuse(item, "an agency without an id")
        found.add(text(entry["id"], place.at("agencies", "id")))
    return frozenset(found)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise InvalidInput(str(file), line, "", "not UTF-8 text") from None


def _read(file: Path, agencies: frozenset[str] | None) -> Agreement:
    return parse(_text(file), file=str(file), agencies=agencies)


def _check(file: Path, agencies: frozenset[str] | None) -> dict[str, Any]:
    try:
        agreement = _read(file, agencies)
    except InvalidInput as refusal:
        faults = [{"line": f.line, "field": f.field, "rule": f.rule} for f in refusal.faults]
        return {"file": str(file), "accepted": False, "faults": faults}
    return {
        "file": str(file),
        "accepted": True,
        "id": agreement.id,
        "kind": agreement.kind,
        "hash": agreement.content_hash,
        "clauses": len(agreement.clauses),
        "cautions": [_caution(c) for c in cautions(agreement)],
    }


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
