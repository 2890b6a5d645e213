"""An export is one file of JSON lines, checkable without Accord.

1. a first line: format, origin, size and the key under which the heads are signed;
2. each leaf in its order, with the bodies that whoever exports may read;
3. each signed head after the leaves that it covers;
4. a last line that says how many leaves there were, so that a cut file is noticed.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from accord.kernel.errors import Conflict, InvalidInput
from accord.ledger import keys, queries
from accord.ledger.domain import export_head, export_leaf


def export_lines() -> Iterator[dict[str, Any]]:
    """The lines of an export up to the newest signed head; call it inside one transaction."""
    newest = queries.head()
    if newest is None:
        raise Conflict("The ledger has no signed head yet: nothing was logged on this node.")
    key = keys.public_key(Path(settings.ACCORD_DATA_DIR))
    yield export_head(origin=key.name, size=newest.size, key=key.text)
    heads = [(size, note) for size, _, note in queries.checkpoints()]
    while heads and heads[0][0] == 0:
        yield {"checkpoint": heads.pop(0)[1]}
    for leaf, readable in queries.readable_leaves(newest.size):
        yield export_leaf(
            leaf.index,
            leaf.commitment,
            readable.openings,
            readable.erased,
            version=leaf.version,
        )
        while heads and heads[0][0] == leaf.index + 1:
            yield {"checkpoint": heads.pop(0)[1]}
    # A head that no leaf reaches is shown too, so that the reader notices what is missing.
    for _, note in heads:
        yield {"checkpoint": note}
    yield {"end": newest.size}


def write_export(path: Path, *, overwrite: bool = False) -> int:
    """Writes an export whole or not at all; returns the number of lines."""
    with transaction.atomic():
        return write_lines(path, export_lines(), overwrite=overwrite)


def write_lines(path: Path, lines: Iterator[dict[str, Any]], *, overwrite: bool = False) -> int:
    """Writes JSON lines beside the file, then puts them in its place."""
    if path.exists() and not overwrite:
        raise InvalidInput(str(path), None, "", "the file exists already; nothing was written")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    count = 0
    try:
        with temporary.open("x", encoding="utf-8") as handle:
            for line in lines:
                handle.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
                count += 1
            handle.flush()
            os.fsync(handle.fileno())
        if overwrite:
            temporary.replace(path)
        else:
            os.link(temporary, path)
    except FileExistsError as error:
        raise InvalidInput(str(path), None, "", "the file exists already") from error
    except OSError as error:
        raise InvalidInput(str(path), None, "", f"cannot be written: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return count
