"""Every command of docs/how-to/use-the-api.md runs, and shows what the page says."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "how-to" / "use-the-api.md"
USUAL = "http://127.0.0.1:8400"
MARK = "=== shows"


def _commands(page: str) -> list[tuple[str, list[str]]]:
    """The commands of every console block, each with the lines it must show."""
    found: list[tuple[str, list[str]]] = []
    for block in page.split("```console\n")[1:]:
        for line in block.partition("```")[0].splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> "):
                command, shown = found.pop()
                found.append((f"{command}\n{line[2:]}", shown))
            elif line.strip():
                found[-1][1].append(line.strip())
    return found


@pytest.fixture(scope="module")
def address(world: Path) -> Iterator[str]:
    """The node's own server program, in this process, with its ledger growing."""
    from django.db import connections
    from waitress.server import create_server

    from accord.ledger.actions import sequence_all
    from accord.platform.wsgi import application

    listener = socket.create_server(("127.0.0.1", 0))
    server = create_server(application, sockets=[listener], threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    over = threading.Event()

    def grow() -> None:
        while not over.wait(0.3):
            sequence_all()
        connections.close_all()

    worker = threading.Thread(target=grow)
    worker.start()
    (world / "demo-world").write_text("riverbend", "utf-8")
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    (world / "demo-world").unlink()
    over.set()
    worker.join()
    server.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page is about curl")
def test_every_command_of_the_guide_shows_what_it_says(
    address: str, world: Path, tmp_path: Path
) -> None:
    for name in (".venv", "worlds"):
        (tmp_path / name).symlink_to(ROOT / name)
    commands = _commands(GUIDE.read_text("utf-8").replace(USUAL, address))
    assert len(commands) > 25
    script = "set -eu\n" + "".join(
        f"{c}\necho\necho '{MARK} {n}'\n" for n, (c, _) in enumerate(commands)
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ACCORD_", "DJANGO_"))}
    done = subprocess.run(
        ["bash"],
        input=script,
        env=environment | {"ACCORD_DATA_DIR": str(world)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rest = done.stdout
    for n, (command, shown) in enumerate(commands):
        told, mark, rest = rest.partition(f"{MARK} {n}\n")
        assert mark, f"the script ended before: {command}"
        for fragment in shown:
            assert fragment in told, f"$ {command}\ndoes not show {fragment}\nbut:\n{told}"
