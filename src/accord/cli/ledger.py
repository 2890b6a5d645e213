"""`accord ledger`: check, publish and export the log of this node, and fetch the proof of one entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from accord.cli import node
from accord.cli.options import data_dir_option, json_option

if TYPE_CHECKING:
    from accord.ledger.checking import Report

_OUT = click.Path(dir_okay=False, path_type=Path)
_COSIGN_WITHIN_S = 10.0
_SHOWN = ("cosigned", "published")
_AS = "Show the bodies that this member may read (demo data only); the look is itself logged."


@click.group()
def command() -> None:
    """Check the log of this node, export it, fetch proofs."""


@command.command()
@data_dir_option
@json_option
def verify(data_dir: Path, as_json: bool) -> int:
    """Check the whole ledger; exit code 1 when it does not verify."""
    with node.existing(data_dir):
        from accord.ledger import actions, checking, keys

        # A tree that was changed cannot be grown, and that is what is to be reported here.
        report = checking.check_ledger()
        if report.verifies and report.waiting:
            actions.sequence_all()
            report = checking.check_ledger()
        key = keys.public_key(data_dir).text
    if as_json:
        click.echo(json.dumps({**asdict(report), "verifies": report.verifies, "key": key}))
    else:
        _say(report, key)
    return 0 if report.verifies else 1


@command.command()
@data_dir_option
@click.argument("file", type=_OUT)
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@click.option("--as", "member", metavar="MEMBER", help=_AS)
def export(data_dir: Path, file: Path, overwrite: bool, member: str | None) -> None:
    """Write the ledger to FILE, whole or not at all; check it with accord-verify."""
    with node.existing(data_dir):
        from accord.ledger import exporting, keys

        _vouched_for(data_dir)
        if member is None:
            exporting.write_export(file, overwrite=overwrite)
        else:
            with _as_member(data_dir, member, "ledger export"):
                exporting.write_lines(file, exporting.export_lines(), overwrite=overwrite)
        key = keys.public_key(data_dir).text
    _say_how_to_check(file, key)


@command.command()
@data_dir_option
@click.argument("entry_id", type=click.UUID)
@click.argument("file", type=_OUT)
@click.option("--as", "member", metavar="MEMBER", required=True, help=_AS)
def receipt(data_dir: Path, entry_id: UUID, file: Path, member: str) -> None:
    """Write the proof of one entry to FILE; check it with accord-verify."""
    with node.existing(data_dir):
        from accord.ledger import exporting, keys, proving

        _vouched_for(data_dir)
        with _as_member(data_dir, member, "ledger receipt"):
            proof = proving.receipt(entry_id)
        exporting.write_lines(file, iter([proof]))
        key = keys.public_key(data_dir).text
    _say_how_to_check(file, key)


@command.command()
@data_dir_option
def publish(data_dir: Path) -> None:
    """Have the newest head cosigned and publish it, as the worker does every second."""
    with node.existing(data_dir):
        from accord.ledger import keys
        from accord.ledger.publishing import publish as publish_now
        from accord.ledger.store import PublishedLog

        _vouched_for(data_dir)
        done = publish_now(data_dir)
        place, key = PublishedLog(data_dir).place, keys.public_key(data_dir).text
    click.echo(f"Published up to entry {done.size} of {done.wanted}: {place}")
    click.echo(f"Check it: accord-verify {place} --key {key}")


def _vouched_for(data_dir: Path) -> None:
    """Sign what waits and have it cosigned, so that what is written now can be checked by others."""
    from accord.ledger import actions
    from accord.ledger.cosigning import Gatherer
    from accord.ledger.quorum import load_policy

    actions.sequence_all()
    with closing(Gatherer(data_dir, load_policy(data_dir))) as gatherer:
        gatherer.round(within_s=_COSIGN_WITHIN_S)


@command.command()
@data_dir_option
@json_option
def status(data_dir: Path, as_json: bool) -> int:
    """Show how far the log is signed, cosigned and published; exit code 1 when somebody must act."""
    with node.existing(data_dir):
        said = _status(data_dir)
    click.echo(json.dumps(said) if as_json else "\n".join(_status_lines(said)))
    return 0 if said["well"] else 1


def _status(data_dir: Path) -> dict[str, Any]:
    from accord.cli import readiness
    from accord.ledger import comparing, keys, queries
    from accord.ledger.cosigning import quorum
    from accord.ledger.quorum import load_policy

    head, hold = queries.head(), comparing.held(data_dir)
    found = quorum(data_dir, load_policy(data_dir))
    asked = [each for each in readiness.answers(data_dir) if each.name in ("ledger", *_SHOWN)]
    troubled = [each for each in (found.cosigners if found else ()) if each.trouble]
    return {
        "key": keys.public_key(data_dir).text,
        "size": head.size if head else 0,
        "waiting": head.waiting if head else 0,
        "cosigned": found
        and {
            **asdict(found),
            "behind_since": _iso(found.behind_since),
            "shared_by_two_quorums": found.shared,
        },
        "held": {"said": hold.said, "since": _iso(hold.since), "who_can_change": comparing.WHO}
        if hold
        else None,
        "checks": {each.name: each.said for each in asked},
        "well": all(each.holds for each in asked)
        and not troubled
        and not hold
        and (found is None or found.holds),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


def _status_lines(said: dict[str, Any]) -> list[str]:
    lines = [
        f"The key of this ledger: {said['key']}",
        f"Signed up to entry {said['size']}; {said['waiting']} wait for their place.",
    ]
    if held := said["held"]:
        lines.append(f"NOTHING IS SIGNED since {held['since']}: {held['said']}")
        lines.append(f"Who can change that: {held['who_can_change']}.")
    if cosigned := said["cosigned"]:
        agencies = ", ".join(cosigned["agencies"])
        lines.append(f"Cosigned up to entry {cosigned['size']}, {cosigned['behind']} behind.")
        lines.append(f"Needed: {cosigned['needed']} of {agencies}.")
        if cosigned["same_policy"] is False:
            judged = "meets" if cosigned["holds"] else "DOES NOT MEET"
            lines.append(f"That head was met under another policy; it {judged} the one in force.")
        shared = cosigned["shared_by_two_quorums"]
        lines.append(
            f"Two histories would need {shared} of these agencies to sign both."
            if shared
            else "Two histories could each find enough of them: ask for more than half."
        )
        for each in cosigned["cosigners"]:
            seen = f"entry {each['size']}" if each["size"] is not None else "nothing yet"
            trouble = f"; {each['trouble']} (since {each['since']})" if each["trouble"] else ""
            lines.append(f"  {each['name']} vouches for {seen}{trouble}")
    else:
        lines.append("No cosigner is asked for: there is no policy.")
    return [*lines, f"Published {said['checks']['published']}."]


@contextmanager
def _as_member(data_dir: Path, member: str, what: str) -> Iterator[None]:
    """A member's own scope: row-level security decides what is shown, and the look is logged."""
    node.check_demo(
        data_dir,
        "Acting as a member from the command line",
        instead="the member, who finds entries and proofs on the ledger page",
    )
    from accord.agencies.queries import actor
    from accord.agreements.context import resolve
    from accord.agreements.scope import open_scope

    found = actor(member)
    with open_scope(found, resolve(found, "oversight", "statute", None)) as scope:
        scope.did("consultation", of=what)
        yield


def _say(report: Report, key: str) -> None:
    click.echo(f"{report.size} leaves, {report.heads} signed heads, {report.waiting} waiting.")
    click.echo(f"{report.bodies} bodies checked; the others only their agencies can read.")
    for finding in report.findings:
        click.echo(f"  {finding.code}: {finding.sentence}")
    click.echo(f"The key of this ledger: {key}")
    click.echo(
        "Not checked here: a second history shown to others, heads removed together with their"
        " leaves (compare exports with accord-verify), and whether what was logged is true."
    )
    click.echo("It verifies." if report.verifies else "IT DOES NOT VERIFY.")


def _say_how_to_check(file: Path, key: str) -> None:
    click.echo(f"Written: {file}")
    click.echo(f"Check it: accord-verify {file} --key {key}")
