"""Commands in the documents do what they say: blocks fenced as `console run` are run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
BLOCK = re.compile(r"^```console run\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANY_BLOCK = re.compile(r"^```console[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _commands(block: re.Pattern[str]) -> list[tuple[str, str]]:
    """Each line of a block that begins with `$`, its continuation lines joined, and its document."""
    found = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for body in block.findall(document.read_text("utf-8")):
            joined = body.replace("\\\n", " ")
            found += [
                (str(document.relative_to(ROOT)), line[2:].partition("  #")[0].strip())
                for line in joined.splitlines()
                if line.startswith("$ ")
            ]
    return found


@pytest.mark.parametrize(("document", "command"), _commands(BLOCK))
def test_a_command_that_is_shown_works(document: str, command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program.startswith(".venv/bin/"), "only Accord's own programs are run from documents"
    done = subprocess.run(
        [BIN / Path(program).name, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_documents_show_commands_that_are_run() -> None:
    assert len(_commands(BLOCK)) >= 5


OURS = [c for c in _commands(ANY_BLOCK) if c[1].startswith((".venv/bin/", "make "))]


@pytest.mark.parametrize(("document", "command"), OURS)
def test_every_command_that_is_shown_exists(document: str, command: str) -> None:
    """Also of those too costly to run: the target, or the command and each of its options."""
    words = [w for w in shlex.split(command) if "=" not in w]
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
        assert set(words[1:]) <= set(targets)
        return
    program = Path(words[0]).name
    assert program in ("accord", "accord-verify"), f"{document} shows an unknown program"
    if program == "accord":
        _check_accord(words[1:])


def _check_accord(words: list[str]) -> None:
    import click

    from accord.cli.main import root

    at: click.Command = root
    names = [w for w in words if not w.startswith("-")]
    context = click.Context(root)
    while isinstance(at, click.Group) and names:
        found = at.get_command(context, names.pop(0))
        assert found is not None, words
        at = found
    known = {option for p in at.get_params(context) for option in p.opts}
    assert {w for w in words if w.startswith("--")} <= known
