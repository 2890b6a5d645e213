"""`accord import FILE`: one file of an agency's records, as a member of that agency."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option
from accord.kernel.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from accord.agencies.domain import Actor
    from accord.exchange.domain import Stated
    from accord.records.queries.intake import QuarantineView, RunView

LARGEST_MAPPING_BYTES = 1_000_000
NAMES = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
POLL_S = 0.2
BAR_CHARS = 30
Opener = Callable[[Path], AbstractContextManager[BinaryIO]]
_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@data_dir_option
@click.option("--agency", required=True, help="Whose records these are, such as riverbend-pd.")
@click.option("--member", help="Who imports; else the agency's first records custodian.")
@click.option(
    "--mapping",
    help="What the columns of a table mean: a YAML file, or the name of a saved mapping.",
)
@click.option("--basis", help="How CASE/UCO or followthemoney was collected, such as warrant.")
@click.option("--format", "format_", help="Else the format is recognised by content.")
@click.option("--purpose", default="records-administration", show_default=True)
@json_option
def command(
    file: Path,
    data_dir: Path,
    agency: str,
    member: str | None,
    mapping: str | None,
    basis: str | None,
    format_: str | None,
    purpose: str,
    as_json: bool,
) -> int:
    """Import FILE into the agency's records.

    CSV and spreadsheets (xlsx, ods) need a mapping: a file, a saved one by name, or a saved one that
    fits the header. NIBRS (flat file and XML), CASE/UCO, followthemoney and JSON lines map themselves.

    Rows that break a rule are set apart with line, field and rule; the rest is loaded. Importing a
    file again changes nothing. The exit code is 1 when rows were refused and none came in.
    """
    stated = stated_of(mapping, basis, format_)
    logging.getLogger("accord.intake").setLevel(logging.WARNING)  # this command says it itself
    with node.existing(data_dir):
        actor = member_who_imports(agency, member)
        run_id = create(actor, purpose, file, stated)
        found, refused = follow(actor, purpose, run_id, quiet=as_json)
    if as_json:
        click.echo(json.dumps(_facts(found, refused)))
    else:
        _say(file, found, refused)
    return 1 if found.state != "done" or _nothing_came_in(found) else 0


def _nothing_came_in(found: RunView) -> bool:
    return bool(found.quarantined) and not (found.loaded + found.revised + found.unchanged)


def stated_of(mapping: str | None, basis: str | None, format_: str | None) -> Stated:
    """What the options of a command say of a file; raises InvalidInput."""
    from accord.exchange.domain import Stated

    named = mapping is not None and not Path(mapping).exists() and NAMES.fullmatch(mapping)
    return Stated(
        format=format_,
        mapping=None if named or mapping is None else _mapping_text(Path(mapping)),
        mapping_name=mapping if named else None,
        basis=basis,
    )


def _mapping_text(mapping: Path) -> str:
    if not mapping.is_file():
        rule = "there is no such file, and a saved mapping has no such name"
        raise InvalidInput("--mapping", None, str(mapping), rule)
    if mapping.stat().st_size > LARGEST_MAPPING_BYTES:
        rule = f"a mapping file has at most {LARGEST_MAPPING_BYTES:,} bytes"
        raise InvalidInput(str(mapping), None, "", rule)
    try:
        return mapping.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(str(mapping), None, "", "the file is not UTF-8") from None


def member_who_imports(agency: str, member: str | None) -> Actor:
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


def _open(file: Path) -> BinaryIO:
    return file.open("rb")


def create(
    actor: Actor, purpose: str, file: Path, stated: Stated, *, open_file: Opener = _open
) -> UUID:
    """Take a file in as a member; returns the run."""
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.exchange.actions.taking import take_file

    with (
        open_file(file) as source,
        open_scope(actor, resolve(actor, purpose, "statute", None)) as scope,
    ):
        return take_file(scope, file_name=file.name, source=source, stated=stated)


def follow(
    actor: Actor, purpose: str, run_id: UUID, *, quiet: bool
) -> tuple[RunView, list[QuarantineView]]:
    """Work on the run, or watch another worker do so, until it is over."""
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope
    from accord.exchange.jobs import work_on
    from accord.ledger.actions import sequence_all
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
    by = f", by the mapping {found.mapping_name} version {found.mapping_version}"
    click.echo(f"Recognised as {found.said}{by if found.mapping_name else ''}.")
    click.echo(
        f"{found.loaded:,} loaded, {found.revised:,} revised, {found.unchanged:,} unchanged, "
        f"{found.quarantined:,} set apart to be mended."
    )
    if found.remarks:
        click.echo(found.remarks)
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
