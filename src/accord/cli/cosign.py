"""`accord cosign`: an agency vouches that another agency's log only grows, and has one history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from accord.cli.options import json_option

if TYPE_CHECKING:
    from accord.cosign.state import Folder

_DIR = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".accord-cosigner"),
    envvar="ACCORD_COSIGNER_DIR",
    show_default=True,
    help="Where this cosigner keeps its key, heads and proofs.",
)


@click.group()
def command() -> None:
    """Cosign other agencies' logs (a C2SP witness); needs no database."""


@command.command()
@_DIR
@click.option("--name", required=True, help="Whose it is, such as harlan-so.example/cosigner.")
def init(folder: Path, name: str) -> None:
    """Make a cosigner with a key of its own."""
    from accord.cosign.state import Folder

    made = Folder(folder).create(name)
    click.echo(f"Made in {folder}. Give its key to the logs that it cosigns:")
    click.echo(made.cosigner.text)


@command.command()
@_DIR
def key(folder: Path) -> None:
    """Print the public key line, for policies and for accord-verify."""
    from accord.cosign.state import Folder

    click.echo(Folder(folder).key().cosigner.text)


@command.command()
@_DIR
@click.argument("line", metavar="KEY")
def trust(folder: Path, line: str) -> None:
    """Cosign the log with this KEY line (`accord ledger verify` prints it)."""
    from accord.cosign.state import Folder

    made = Folder(folder)
    made.key()
    click.echo(f"Cosigning {made.trust(line).name}.")


@command.command()
@_DIR
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8480, show_default=True, help="The port to listen on.")
def serve(folder: Path, host: str, port: int) -> None:
    """Answer logs until Ctrl-C; put a proxy that ends TLS before it off this machine."""
    from accord.cosign import server
    from accord.cosign.state import Folder
    from accord.platform import supervisor

    made = Folder(folder)
    name = made.key().name
    logs = made.logs()
    with supervisor.stoppable(), supervisor.listen(host, port, tries=1) as listener:
        server.say_lines()
        found = listener.getsockname()[1]
        many = "one log" if len(logs) == 1 else f"{len(logs)} logs"
        click.echo(f"{name} cosigns {many} at http://{host}:{found}")
        server.serve(folder, listener)


@command.command()
@_DIR
@json_option
def status(folder: Path, as_json: bool) -> int:
    """Show the heads vouched for; exit code 1 while there is an alarm."""
    from accord.cosign.state import Folder
    from accord.cosign.status import status_facts

    made = Folder(folder)
    made.key()
    said = status_facts(made)
    click.echo(json.dumps(said) if as_json else _lines(said, made))
    return 1 if said["alarms"] else 0


@command.command()
@_DIR
@click.argument("file")
@click.option("--reason", required=True, help="What was found; it is kept beside the proof.")
def settle(folder: Path, file: str, reason: str) -> None:
    """Put the alarm FILE aside; the proof is kept in the folder `settled`."""
    from accord.cosign.state import Folder

    click.echo(f"Settled: {Folder(folder).settle(file, reason)}")


def _lines(said: dict[str, Any], folder: Folder) -> str:
    from accord.cosign.domain import Alarm

    lines = [f"The key of this cosigner: {said['key']}"]
    for log in said["logs"]:
        seen = "not seen yet" if log["size"] is None else f"{log['size']}, {log['cosigned_at']}"
        lines.append(f"{log['origin']}: {seen}")
    for alarm in said["alarms"]:
        what = Alarm(str(alarm["kind"]))
        lines.append(f"ALARM {what} of {alarm['origin']} at {alarm['at']}: {what.sentence}.")
        lines.append(f"  Check it: accord-verify {folder.proofs}/{alarm['file']}")
    return "\n".join(lines + ["No alarm."] * (not said["alarms"]))
