"""`accord watch FOLDER`: files that appear in a folder come in, as a member of an agency."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from accord.cli import node
from accord.cli.importing import create, follow, member_who_imports, stated_of
from accord.cli.options import data_dir_option
from accord.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

if TYPE_CHECKING:
    from accord.agencies.domain import Actor
    from accord.exchange.domain import Stated
    from accord.exchange.watching import Folder
    from accord.records.queries.intake import QuarantineView, RunView

LOOK_EVERY_S = 1.0
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=_FOLDER)
@data_dir_option
@click.option("--agency", required=True, help="Whose records these are, such as riverbend-pd.")
@click.option("--member", help="Who imports; else the agency's first records custodian.")
@click.option("--mapping", help="A YAML file, or the name of a saved mapping; else by header.")
@click.option("--basis", help="How CASE/UCO or followthemoney was collected, such as warrant.")
@click.option("--purpose", default="records-administration", show_default=True)
@click.option(
    "--settle",
    type=click.FloatRange(0, 3600),
    default=5.0,
    show_default=True,
    help="Seconds without change after which a file is complete.",
)
@click.option("--once", is_flag=True, help="Take what is there, then end.")
def command(
    folder: Path,
    data_dir: Path,
    agency: str,
    member: str | None,
    mapping: str | None,
    basis: str | None,
    purpose: str,
    settle: float,
    once: bool,
) -> int:
    """Take in the files that appear in FOLDER, until Ctrl-C.

    A file is taken when it has not changed for a while, then moved to FOLDER/done or FOLDER/refused,
    with a report beside it. With --once the exit code is 1 when a file was refused.
    """
    from accord.exchange.watching import Folder

    stated = stated_of(mapping, basis, None)
    logging.getLogger("accord.intake").setLevel(logging.WARNING)
    watched = Folder(folder, settle)
    refused = 0
    with node.existing(data_dir):
        while True:
            for file in watched.complete():
                actor = member_who_imports(agency, member)  # each time: a membership can end
                refused += not _take(watched, file, actor, purpose, stated)
            if once and not watched.waits:
                return 1 if refused else 0
            time.sleep(LOOK_EVERY_S)


def _take(watched: Folder, file: Path, actor: Actor, purpose: str, stated: Stated) -> bool:
    """Bring one file in and put it away; whether any of it came in."""
    from accord.exchange.watching import DONE, REFUSED, open_plain

    try:
        run_id = create(actor, purpose, file, stated, open_file=open_plain)
        found, refused = follow(actor, purpose, run_id, quiet=True)
    except FileNotFoundError:
        return True  # its sender took it back
    except (InvalidInput, NotAllowed, NotFound, Conflict) as error:
        faults = error.faults if isinstance(error, InvalidInput) else (error,)
        report = "Refused: nothing of this file came in.\n\n"
        report += "".join(f"{fault}\n" for fault in faults)
        watched.put_away(file, REFUSED, report)
        click.echo(f"{file.name}: refused", err=True)
        return False
    came_in = found.state == "done" and (found.rows == 0 or found.rows > found.quarantined)
    watched.put_away(file, DONE if came_in else REFUSED, _report(found, refused))
    click.echo(f"{file.name}: {_counts(found)}")
    return came_in


def _counts(found: RunView) -> str:
    return (
        f"{found.loaded:,} loaded, {found.revised:,} revised, {found.unchanged:,} unchanged, "
        f"{found.quarantined:,} set apart"
    )


def _report(found: RunView, refused: list[QuarantineView]) -> str:
    lines = [f"Recognised as {found.said}.", f"{_counts(found)}.", f"Import {found.id}"]
    if found.mapping_name:
        lines.append(f"Mapping {found.mapping_name}, version {found.mapping_version}")
    lines += [text for text in (found.remarks, found.failure) if text]
    lines += ["", *(f"line {row.line}: {row.reason} [{row.rule}]" for row in refused)]
    return "\n".join(lines) + "\n"
