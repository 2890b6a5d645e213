"""Options that every command shares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from accord.platform import configuration

Command = TypeVar("Command", bound=Callable[..., Any])


def data_dir_option(command: Command) -> Command:
    """`--data-dir`: where everything of this node is kept."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(".accord"),
        envvar="ACCORD_DATA_DIR",
        show_default=True,
        callback=_remember,
        help="Where the database, keys, files and logs of this node are kept.",
    )(command)


def _remember(context: click.Context, _: click.Parameter, value: Path) -> Path:
    """Make the folder absolute, and known to the edge that writes down failures."""
    value = value.absolute()
    context.find_root().ensure_object(dict)["data_dir"] = value
    configuration.load_file(value)
    return value


def json_option(command: Command) -> Command:
    """`--json`: the report as one JSON document on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="Report as JSON.")(command)
