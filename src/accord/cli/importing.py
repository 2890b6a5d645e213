"""`accord import FILE`: one file of an agency's records, as a member of that agency."""

from __future__ import annotations

import json
import logging
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from accord.agencies.domain import Actor
    from accord.records.queries.intake import QuarantineView, RunView

LARGEST_MAPPING_BYTES = 1_000_000
POLL_S = 0.2
BAR_CHARS = 30
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@data_dir_option
@click.option("--agency", required=True, help="Whose records these are, such as riverbend-pd.")
@click.option("--member", help="Who imports; else the agency's first records custodian.")
@click.option("--mapping", type=_FILE, help="What the columns of a CSV file mean (YAML).")
@click.option("--purpose", default="records-administration", show_default=True)
@json_option
def command(
    file: Path,
    data_dir: Path,
    agency: str,
    member: str | None,
    mapping: Path | None,
    purpose: str,
    as_json: bool,
) -> int:
    """Import FILE, CSV with a mapping or JSON lines (.jsonl), into the agency's records.

    Rows that break a rule are set apart with line, field and rule; the rest is loaded. Importing a
    file again changes nothing. The exit code is 1 when rows were refused and none came in.
    """
    text = _mapping_text(mapping)
    logging.getLogger("accord.intake").setLevel(logging.WARNING)  # this command says it itself
    with node.existing(data_dir):
        actor = _member(agency, member)
        run_id = _create(actor, purpose, file, text)
        found, refused = _follow(actor, purpose, run_id, quiet=as_json)
    if as_json:
        click.echo(json.dumps(_facts(found, refused)))
    else:
        _say(file, found, refused)
    return 1 if found.state != "done" or _nothing_came_in(found) else 0


def _nothing_came_in(found: RunView) -> bool:
    return bool(found.quarantined) and not (found.loaded + found.revised + found.unchanged)


def _mapping_text(mapping: Path | None) -> str | None:
    if mapping is None:
        return None
    if mapping.stat().st_size > LARGEST_MAPPING_BYTES:
        rule = f"a mapping file has at most {LARGEST_MAPPING_BYTES:,} bytes"
        raise InvalidInput(str(mapping), None, "", rule)
    try:
        return mapping.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(str(mapping), None, "", "the file is not UTF-8") from None


def _member(agency: str, member: str | None) -> Actor:
    """The member who imports; raises NotFound, InvalidInput."""
    from accord.agencies import queries as agencies

    agencies.agency(agency)
    if member is not None:
        actor = agencies.actor(member)
        if actor.agency != agency:
            raise InvalidInput("--member", None, member, f"is no membership of {agency}")
        return actor
    for actor in agencies.members_of((agency,)):
        if "records-custodian" in actor.roles:
            return actor
    raise NotFound(
        f"{agency} has no records custodian in force.",
        who_can_change="you: name a member by --member",
    )


def _create(actor: Actor, purpose: str, file: Path, mapping: str | None) -> UUID:
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.records.actions.intake import create_run

    format = "jsonl" if file.suffix.lower() in (".jsonl", ".ndjson") else "csv"
    with (
        file.open("rb") as source,
        open_scope(actor, resolve(actor, purpose, "statute", None)) as scope,
    ):
        return create_run(scope, file_name=file.name, source=source, format=format, mapping=mapping)


def _follow(
    actor: Actor, purpose: str, run_id: UUID, *, quiet: bool
) -> tuple[RunView, list[QuarantineView]]:
    """Work on the run, or watch another worker do so, until it is over."""
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.ledger.actions import sequence_all
    from accord.records.jobs import work_on
    from accord.records.queries import intake

    context = resolve(actor, purpose, "statute", None)

    def show() -> RunView:
        with open_scope(actor, context) as scope:
            seen = intake.run(scope, run_id)
        if not quiet:
            _bar(seen)
        return seen

    work_on(run_id, actor.membership, purpose, told=show)
    while not show().finished:
        time.sleep(POLL_S)
        work_on(run_id, actor.membership, purpose, told=show)
    with open_scope(actor, context) as scope:
        found = intake.run(scope, run_id)
        refused = list(intake.quarantine(scope, run_id, limit=1_000))
    sequence_all()
    return found, refused


def _bar(found: RunView) -> None:
    if not sys.stderr.isatty():
        return
    done = found.percent * BAR_CHARS // 100
    bar = "#" * done + "." * (BAR_CHARS - done)
    rows = f"{found.rows:,} rows, {found.quarantined:,} set apart"
    click.echo(f"\r\x1b[K[{bar}] {found.percent:>3} %  {rows}", nl=found.finished, err=True)


def _say(file: Path, found: RunView, refused: list[QuarantineView]) -> None:
    for row in refused:
        click.echo(f"{file}:{row.line}: {row.reason} [{row.rule}]", err=True)
    click.echo(
        f"{found.loaded:,} loaded, {found.revised:,} revised, {found.unchanged:,} unchanged, "
        f"{found.quarantined:,} set apart to be mended."
    )
    if found.failure:
        click.echo(f"The import stopped: {found.failure}", err=True)


def _facts(found: RunView, refused: list[QuarantineView]) -> dict[str, Any]:
    facts = {
        key: str(value) if isinstance(value, UUID) else value
        for key, value in asdict(found).items()
        if not key.endswith("_at")
    }
    rows = [{"line": r.line, "field": r.field, "rule": r.rule, "reason": r.reason} for r in refused]
    return {**facts, "quarantine": rows}
