"""The program `accord`: finds the command, runs it, and says in plain words what went wrong.

Exit codes: 0 done; 1 the answer is no; 2 wrong use; 3 the system failed.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from importlib import import_module, util
from pathlib import Path

import click

from accord.kernel.clock import now
from accord.kernel.errors import (
    AccordError,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from accord.platform.frames import in_one_piece
from accord.platform.logs import chain

DONE, NO, WRONG_USE, FAILED = 0, 1, 2, 3

# A command is imported when it is named, so that `accord --help` and quick commands stay quick.
COMMANDS = {
    "agency-invite": "accord.cli.agency_invite:command",
    "agency-key": "accord.cli.agency_key:command",
    "agency-key-put": "accord.cli.agency_keys:put",
    "agency-key-successor": "accord.cli.agency_keys:successor",
    "agency-resume": "accord.cli.operating:resume",
    "agency-suspend": "accord.cli.operating:suspend",
    "agreement": "accord.cli.agreement:command",
    "backup": "accord.cli.backup:command",
    "bench": "accord.cli.bench:command",
    "check": "accord.cli.check:command",
    "cosign": "accord.cli.cosign:command",
    "custody": "accord.cli.custody:command",
    "db": "accord.cli.db:command",
    "demo": "accord.cli.demo:command",
    "enrol-anew": "accord.cli.operating:enrol_anew",
    "exhibit": "accord.cli.exhibit:command",
    "identity-provider": "accord.cli.identity_provider:command",
    "import": "accord.cli.importing:command",
    "ledger": "accord.cli.ledger:command",
    "load": "accord.cli.load:command",
    "restore": "accord.cli.restore:command",
    "serve": "accord.cli.serve:command",
    "signin": "accord.cli.tokens:signin",
    "token": "accord.cli.tokens:token",
    "watch": "accord.cli.watching:command",
    "world": "accord.cli.world.command:command",
}


class LazyGroup(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command whose module is installed."""
        del ctx  # click's signature
        return [name for name, place in sorted(COMMANDS.items()) if _installed(place)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None for an unknown one."""
        del ctx  # click's signature
        place = COMMANDS.get(cmd_name)
        if place is None or not _installed(place):
            return None
        module, _, attribute = place.partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found


def _installed(place: str) -> bool:
    return util.find_spec(place.partition(":")[0]) is not None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="accord", message="Accord %(version)s")
def root() -> None:
    """Joint investigations across agencies: no standing, no rows."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    sys.exit(in_one_piece(run)(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    kept: dict[str, Path] = {}
    try:
        result = root.main(arguments, prog_name="accord", standalone_mode=False, obj=kept)
    except AccordError as error:
        return _say(error)
    except click.exceptions.Abort:
        click.echo("accord: stopped.", err=True)
        return NO
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE  # the reader, such as `head`, has read enough
    except Exception:  # the edge: written down without its words, with a reference
        return _fail(kept.get("data_dir"))
    return result if isinstance(result, int) else DONE


def exit_code(error: AccordError) -> int:
    """What a command's error means to the shell."""
    match error:
        case InvalidInput():
            return WRONG_USE
        case NotAllowed() | NotFound() | Conflict():
            return NO
        case _:
            return FAILED


def _say(error: AccordError) -> int:
    faults = error.faults if isinstance(error, InvalidInput) else (error,)
    for fault in faults:
        click.echo(f"accord: {fault.message}", err=True)
    if error.who_can_change:
        click.echo(f"  Who can change this: {error.who_can_change}", err=True)
    if error.reference:
        click.echo(f"  Reference: {error.reference}", err=True)
    return exit_code(error)


def _fail(data_dir: Path | None) -> int:
    """Report a failure of the program itself: a reference number, and where the details are."""
    reference = f"E-{secrets.token_hex(4).upper()}"
    named = next((word for word in sys.argv[1:2] if word in COMMANDS), "")  # others may be data
    details = f"{now().isoformat()} {reference} {named} {json.dumps(chain(sys.exception()))}\n"
    if data_dir is None or not (data_dir / "logs").is_dir():
        click.echo(details, err=True)
        place = "above"
    else:
        log = data_dir / "logs" / "errors.log"
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as stream:
            stream.write(details)
        place = f"in {log}"
    click.echo(
        f"accord: the program failed; this is not your fault. Details are {place}.",
        err=True,
    )
    click.echo("  Who can change this: the administrator of this node", err=True)
    click.echo(f"  Reference: {reference}", err=True)
    return FAILED


if __name__ == "__main__":
    main()
