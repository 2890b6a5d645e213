"""What `accord check` looks at on every node."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from accord.cli import readiness
from accord.cli.check import Found

_NEEDED = ("seal.key", "django.key", "db.json")
_NEEDED_BY_A_LEDGER = ("ledger.key", "ledger-body.key")  # made for the first entry
_LOOSE = stat.S_IRWXG | stat.S_IRWXO


def _working(data_dir: Path) -> Iterator[Found]:
    """What readiness asks; a worker that does not run is no fault of a node that is stopped."""
    runs = node_runs(data_dir)
    for answer in readiness.answers(data_dir):
        if answer.name == "worker" and not runs:
            yield Found("worker", "warning", "the node does not run now")
            continue
        if answer.name in ("cosigned", "published") and not answer.holds and not runs:
            yield Found(answer.name, "warning", f"{answer.said}; the node does not run now")
            continue
        yield Found(answer.name, "good" if answer.holds else "bad", answer.said)


def node_runs(data_dir: Path) -> bool:
    """Whether `accord serve` or `accord demo` holds the data directory."""
    from accord.kernel.errors import Conflict
    from accord.platform import supervisor

    try:
        with supervisor.only_one(data_dir):
            return False
    except Conflict:
        return True


def _secrets(data_dir: Path) -> Iterator[Found]:
    folder = data_dir / "secrets"
    needed = _NEEDED + (_NEEDED_BY_A_LEDGER if _anything_logged() else ())
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        yield Found("keys", "bad", f"missing from {folder}: {', '.join(missing)}")
    else:
        yield Found("keys", "good", f"all in {folder}")


def _anything_logged() -> bool:
    from accord.ledger import queries

    head = queries.head()
    return head is not None and head.size + head.waiting > 0


def _modes(data_dir: Path) -> Iterator[Found]:
    """Keys, logs, files and copies belong to the node's user alone."""
    loose = [
        str(path.relative_to(data_dir))
        for name in ("secrets", "logs", "intake", "backups")
        for path in [data_dir / name, *sorted((data_dir / name).rglob("*"))]
        if path.exists() and path.stat().st_mode & _LOOSE
    ]
    if loose:
        said = f"others may enter or read {', '.join(loose[:5])}: chmod go= them"
        yield Found("file modes", "bad", said)
    else:
        yield Found("file modes", "good", "keys, logs, files and copies are private")


def _ledger(_: Path) -> Iterator[Found]:
    from accord.ledger import checking

    report = checking.check_ledger()
    if report.verifies:
        yield Found("ledger check", "good", f"{report.size} leaves verify")
    for finding in report.findings[:5]:
        yield Found("ledger check", "bad", finding.sentence)


QUESTIONS = (_working, _secrets, _modes, _ledger)
