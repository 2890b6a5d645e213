"""What accord-verify says of files to somebody who names this node's key, as agencies give it out."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

from django.conf import settings

from accord.ledger import keys
from accord_verify import main as program


def named() -> list[str]:
    """`--key` with the key line of the node under test."""
    return ["--key", keys.public_key(Path(settings.ACCORD_DATA_DIR)).text]


def wrong_with(*files: Path) -> set[str]:
    """The names of what does not verify, but for dates: tests write down whatever moment they need."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        program.main([*map(str, files), *named(), "--json"])
    steps = [step for each in json.loads(out.getvalue())["files"] for step in each["steps"]]
    return {failure["code"] for step in steps for failure in step["failures"]} - {"back-dated"}
