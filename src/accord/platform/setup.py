"""Start Django against one data directory, for commands and jobs that are not a web server."""

from __future__ import annotations

import os
from pathlib import Path

from accord.kernel.errors import AccordError

DEMO_MARK = "demo-world"
"""A file in the data directory of a demonstration, or of a world for development."""


def django_setup(data_dir: Path, *, demo: bool = False) -> None:
    """Point Django at `data_dir` and load the applications; raises AccordError on a second folder."""
    chosen = str(data_dir.absolute())
    if os.environ.get("ACCORD_DATA_DIR", chosen) != chosen and _loaded():
        raise AccordError(
            "this process already works on another data directory",
            who_can_change="start one process for each data directory",
        )
    os.environ["ACCORD_DATA_DIR"] = chosen
    os.environ.setdefault("ACCORD_DEMO", "1" if demo else "0")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accord.platform.settings")
    import django

    django.setup()


def _loaded() -> bool:
    from django.apps import apps

    return apps.ready
