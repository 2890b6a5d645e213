"""`accord agreement template`: list the usual agreements, or write one filled in."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from accord.agreements.library import fill, template, templates
from accord.kernel.clock import now
from accord.kernel.errors import InvalidInput

_DAY = click.DateTime(["%Y-%m-%d"])


def _today_in(zone: str) -> date:
    """The day it is where the agreement counts its days; raises InvalidInput for no time zone."""
    try:
        return now().astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise InvalidInput("template", None, "zone", f"{zone!r} is no time zone") from fault


@click.command(name="template")
@click.argument("name", required=False)
@click.option("--party", "parties", multiple=True, help="ROLE=AGENCY, once for each party.")
@click.option("--id", "agreement_id", help="Its id; else the name of the template and the year.")
@click.option("--title", help="Its title; else the template's.")
@click.option("--from", "starts", type=_DAY, help="The first day; else today.")
@click.option("--until", type=_DAY, help="The last day; else it has no end.")
@click.option("--zone", default="UTC", show_default=True, help="The time zone of its days.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def command(
    context: click.Context,
    name: str | None,
    parties: tuple[str, ...],
    agreement_id: str | None,
    title: str | None,
    starts: datetime | None,
    until: datetime | None,
    zone: str,
    output: Path | None,
) -> None:
    """List the usual agreements, or write the one NAMED with its parties and days."""
    if name is None:
        click.echo(listing(), nl=False)
        return
    try:
        first = starts.date() if starts else _today_in(zone)
        chosen = template(name)
        text = fill(
            chosen,
            id=agreement_id or f"{name}-{first.year}",
            title=title or chosen.title,
            parties=dict(_party(entry) for entry in parties),
            starts=first,
            until=until.date() if until else None,
            zone=zone,
        )
    except InvalidInput as refusal:
        for fault in refusal.faults:
            click.echo(fault.message, err=True)
        context.exit(1)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
        click.echo(f"{output} written; see what it does with: accord agreement explain {output}")


def listing() -> str:
    """Every template with its parties, and how to fill it."""
    blocks = []
    for found in templates():
        parties = "\n".join(f"  --party {role}=AGENCY  ({who})" for role, who in found.roles)
        blocks.append(f"{found.name}: {found.title}\n  {found.explains}\n{parties}\n")
    return "\n".join(blocks)


def _party(entry: str) -> tuple[str, str]:
    role, sign, agency = entry.partition("=")
    if not sign:
        raise click.BadParameter(f"{entry!r} is not ROLE=AGENCY", param_hint="--party")
    return role, agency
