"""Makes a node at the migrations of an earlier version, or brings it to the present ones.

python tests/isolation/earlier_state.py DATA_DIR earlier|present
"""

from __future__ import annotations

import sys
from pathlib import Path

EARLIER = (
    ("platform", "0002_sessions"),
    ("agencies", "0002_access"),
    ("ledger", "0001_initial"),
    ("agreements", "0003_life"),
    ("records", "0004_exports"),
    ("cases", "0002_row_security"),
)
"""Before statements, obligations and eight kinds of keys."""


def main(data_dir: Path, state: str) -> None:
    from accord.cli import node
    from accord.platform.db import launcher, roles
    from accord.platform.setup import django_setup

    if state == "present":
        node.prepare(data_dir, demo=True)
        return
    roles.bootstrap(launcher.ensure_running(data_dir, fast=True), data_dir)
    django_setup(data_dir, demo=True)
    from django.core.management import call_command

    for app, name in (("contenttypes", None), ("sessions", None), *EARLIER):
        words = [app] if name is None else [app, name]
        call_command("migrate", *words, database="migrate", interactive=False, verbosity=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
