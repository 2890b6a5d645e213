"""`accord agreement diff` and `prove`: proofs about agreements, from files only."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from accord.agreements.domain import MAX_CHAIN, Agreement, Citation
from accord.agreements.proofs.burdens import Weighing
from accord.agreements.proofs.comparing import Verdict, compare
from accord.agreements.proofs.proving import Result, prove
from accord.agreements.proofs.witness import Witness
from accord.cli.agreement_files import (
    FILE,
    read_agencies,
    read_agreements,
    read_invariants,
    refusal_facts,
)
from accord.cli.options import json_option
from accord.kernel.errors import InvalidInput

Command = Callable[..., None]
_VERDICTS = {
    "equal": "equal: both allow exactly the same",
    "wider": "wider: it allows all that the old version does, and more",
    "narrower": "narrower: it allows less than the old version, and nothing new",
    "incomparable": "incomparable: it allows some things that the old version does not, "
    "and the other way round",
}


def refusing(command: Command) -> Command:
    """Ends with 1 when a file is refused, with file, line and rule of every fault."""

    @functools.wraps(command)
    def wrapped(context: click.Context, *, as_json: bool, **given: Any) -> None:
        try:
            command(context, as_json=as_json, **given)
        except InvalidInput as refusal:
            if as_json:
                report = {"accepted": False, "faults": refusal_facts(refusal)}
                click.echo(json.dumps(report, indent=2, ensure_ascii=False))
            else:
                for fault in refusal.faults:
                    click.echo(fault.message, err=True)
            context.exit(1)

    return wrapped


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@json_option
@click.pass_context
@refusing
def diff(context: click.Context, old: Path, new: Path, as_json: bool) -> None:
    """Say whether NEW gives less than OLD, more, the same, or some of both, with an example."""
    del context  # the decorator's
    before, after = read_agreements((old, new), None)
    verdict = compare(before, after)
    if as_json:
        click.echo(json.dumps(verdict.facts(), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_verdict(verdict, before, after)))


@click.command(name="prove")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="AGREEMENT...")
@click.option("--invariant", "invariants", multiple=True, type=FILE, help="A list of invariants.")
@click.option("--agencies", type=FILE, help="The agencies that exist (agencies.yaml of a world).")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="Only what is in force on this day.")
@json_option
@click.pass_context
@refusing
def prove_files(
    context: click.Context,
    files: tuple[Path, ...],
    invariants: tuple[Path, ...],
    agencies: Path | None,
    at: datetime | None,
    as_json: bool,
) -> None:
    """Prove what must never follow: 0 when all of it is proven, 1 when a chain breaks some of it.

    The agreements are taken as signed and in force together, an amendment instead of what it
    amends. The invariants written in the agreements are proven too.
    """
    known = None if agencies is None else read_agencies(agencies)
    given = read_agreements(files, known)
    wanted = [i for file in invariants for i in read_invariants(file, given, known)]
    day: date | None = None if at is None else at.date()
    results = prove(wanted, given, agencies=known, at=day)
    if as_json:
        click.echo(json.dumps([r.facts() for r in results], indent=2, ensure_ascii=False))
    else:
        _say(results)
    context.exit(0 if all(result.proven for result in results) else 1)


def _say(results: tuple[Result, ...]) -> None:
    if not results:
        click.echo("There is nothing to prove: no invariant is given, and none is in a file.")
        return
    for note in results[0].notes:
        click.echo(f"Note: {note}.")
    for result in results:
        if result.proven:
            click.echo(f"{result.id}: proven")
            if result.within < MAX_CHAIN:
                click.echo(f"  Of chains of {result.within}; longer ones are not asked about.")
            _hint(result)
            continue
        click.echo(f"{result.id}: broken")
        for number, link in enumerate(result.chain or (), 1):
            click.echo(f"  {number}. {link.text}")
        click.echo(f"  For example: {result.text}")
        _hint(result)


def _hint(result: Result) -> None:
    for hint in result.hints:
        click.echo(f"  {hint}")


def _verdict(verdict: Verdict, old: Agreement, new: Agreement) -> list[str]:
    lines = [
        f"{new.id}: version {new.content_hash[:12]} beside version {old.content_hash[:12]}",
        _VERDICTS[verdict.verdict],
    ]
    lines += _example("Only the new version allows", verdict.wider)
    lines += _example("Only the old version allowed", verdict.narrower)
    beside = verdict.beside
    lines += _example("Its forbids bind more beside other agreements", beside.binds_more)
    lines += _example("Its forbids bind less beside other agreements", beside.binds_less)
    lines += _example("It takes more of what others pass on", beside.takes_more)
    lines += _example("It takes less of what others pass on", beside.takes_less)
    duties = verdict.obligations
    lines += _weighed("Obliges to less", duties.lighter)
    lines += _weighed("Obliges to more", duties.heavier)
    lines += _weighed("Obliges to something else", duties.other)
    lines += [f"Term: {change}." for change in verdict.term]
    lines += [f"New party: {party}." for party in verdict.joined]
    lines += [f"No longer a party: {party}." for party in verdict.left]
    return lines


def _example(head: str, witness: Witness | None) -> list[str]:
    if witness is None:
        return []
    lines = [f"{head}, for example:", f"  {witness.text}"]
    if witness.allowed_by:
        lines.append(f"  Allowed by {_cited(witness.allowed_by)}.")
    if witness.because:
        lines.append(f"  In the other version: {witness.because}.")
    return lines


def _weighed(head: str, weighing: Weighing | None) -> list[str]:
    if weighing is None:
        return []
    was, becomes = ", ".join(weighing.before), ", ".join(weighing.after)
    return [
        f"{head}, for example:",
        f"  {weighing.text}",
        f"  Before: {was or 'nothing'}. Now: {becomes or 'nothing'}.",
    ]


def _cited(citations: tuple[Citation, ...]) -> str:
    return " and ".join(map(str, citations))
