#!/usr/bin/env python
"""Breaks a copy of the tree on purpose, one rule at a time, and demands that a test notices.

Each break is one that would open what must stay closed. It is applied to a temporary copy, the few
tests that should catch it are run there, and what caught it is listed. A break that survives, or one
whose place in the source is no longer there, fails the run; so do tests that fail unbroken.

    python dev/break_on_purpose.py [NAME ...]      default: all; `make test-all` runs it
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("src", "verify", "tests", "worlds", "dev", "docs", "pyproject.toml", "README.md")
MOST_SHOWN = 3


@dataclass(frozen=True)
class Break:
    """One fault, where it is put, and the tests that should see it."""

    name: str
    file: str
    sound: str
    broken: str
    tests: tuple[str, ...]


BREAKS = (
    Break(
        "a policy without WITH CHECK",
        "src/accord/platform/db/rls.py",
        '"update": f"using ({condition}) with check ({condition})",',
        '"update": f"using ({condition})",',
        ("tests/isolation/test_catalogue.py",),
    ),
    Break(
        "an insert policy that checks nothing",
        "src/accord/records/migrations/0002_row_security.py",
        '"insert": f"{OWN} and {CONTRIBUTE} and label_id = newest_label_id",',
        '"insert": "owner_id is not null",',
        ("tests/isolation/test_direct.py",),
    ),
    Break(
        "a probe that skips standing",
        "src/accord/records/probes.sql",
        "         where accord.opens(v, p.label_id, p.newest_label_id, k.kinds)\n            or (with",
        "         where true\n            or (with",
        ("tests/isolation/test_direct.py",),
    ),
    Break(
        "a label beyond the bitset",
        "src/accord/agreements/migrations/0001_initial.py",
        "('id__lt', 65536)",
        "('id__lt', 3000000)",
        ("tests/isolation/test_direct.py",),
    ),
    Break(
        "an epoch not bumped",
        "src/accord/agreements/migrations/0002_access.py",
        '        bump_epoch_on("agreement_state"),\n',
        "",
        ("tests/isolation/test_catalogue.py", "tests/isolation/test_amending.py"),
    ),
    Break(
        "a ledger entry left out",
        "src/accord/agreements/scope.py",
        "            scope.opening = ledger.append_shown(scope.entry(), scope.entry_id).acting\n",
        "",
        ("tests/architecture/test_actions_log.py",),
    ),
    Break(
        "a query without context",
        "src/accord/agreements/views/reading.py",
        '@own_desk("case-administration")\n',
        "",
        ("tests/architecture/test_declared_entries.py",),
    ),
    Break(
        "a forbid ignored",
        "src/accord/agreements/compiled.py",
        "        binding = form.binding(met) if met & form.forbids else 0\n",
        "        binding = 0\n",
        ("tests/policy/test_interpreters_agree.py", "tests/policy/test_example_memorandum.py"),
    ),
    Break(
        "a sealed part stored in clear",
        "src/accord/records/actions/writing.py",
        "        if part.sealed:\n",
        "        if part.sealed and not part.values:\n",
        ("tests/isolation/test_writing_records.py",),
    ),
    Break(
        "a redaction that keeps a row of pixels",
        "src/accord/evidence/reading/inside/redaction.py",
        "[left, top, right - 1, bottom - 1]",
        "[left, top + 1, right - 1, bottom - 1]",
        ("tests/unit/evidence/reading/test_reading_derive.py",),
    ),
    Break(
        "a redaction before the picture is upright",
        "src/accord/evidence/reading/inside/pictures.py",
        "upright = ImageOps.exif_transpose(picture)",
        "upright = picture",
        ("tests/unit/evidence/reading/test_reading_derive.py",),
    ),
    Break(
        "a reader that sees every file",
        "src/accord/platform/confined/landlock.py",
        "for path in {*SYSTEM, *sys.path,",
        'for path in {"/", *SYSTEM, *sys.path,',
        ("tests/unit/platform/test_confined.py",),
    ),
    Break(
        "a link that passes for a result",
        "src/accord/evidence/reading/hearing.py",
        "not stat.S_ISREG(facts.st_mode)",
        "False",
        ("tests/unit/evidence/reading/test_reading_answers.py",),
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What the tests said of one break."""

    name: str
    caught_by: tuple[str, ...]
    seconds: float
    trouble: str = ""


def main(wanted: list[str]) -> int:
    """Try each break and print the table; 1 when one survives."""
    if failing := _unbroken():
        print(f"Unbroken, these fail already: {', '.join(failing)}", file=sys.stderr)
        return 1
    outcomes = []
    for broken in [b for b in BREAKS if not wanted or b.name in wanted]:
        outcomes.append(_try(broken))
        _say(outcomes[-1])
    survived = [o.name for o in outcomes if o.trouble or not o.caught_by]
    if survived or not outcomes:
        print(f"\nNot noticed: {', '.join(survived) or 'nothing was tried'}", file=sys.stderr)
        return 1
    print(f"\nAll {len(outcomes)} breaks were noticed.")
    return 0


def _say(outcome: Outcome) -> None:
    shown = ", ".join(outcome.caught_by[:MOST_SHOWN])
    more = len(outcome.caught_by) - MOST_SHOWN
    said = outcome.trouble or (shown + (f" and {more} more" if more > 0 else "")) or "SURVIVED"
    print(f"{outcome.name:<40} {outcome.seconds:4.0f} s  {said}", flush=True)


def _try(broken: Break) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="accord-broken-") as folder:
        copy = Path(folder)
        copy.chmod(0o755)  # PostgreSQL may run as another user
        _copy_tree(copy)
        trouble = _apply(copy, broken)
        caught = () if trouble else _run(copy, broken.tests)
    return Outcome(broken.name, caught, time.monotonic() - began, trouble)


def _unbroken() -> tuple[str, ...]:
    """The names of the tests that fail on a copy with nothing broken: they could catch nothing."""
    with tempfile.TemporaryDirectory(prefix="accord-unbroken-") as folder:
        copy = Path(folder)
        copy.chmod(0o755)
        _copy_tree(copy)
        return _run(copy, tuple(dict.fromkeys(test for b in BREAKS for test in b.tests)))


def _copy_tree(to: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=ignored)
        elif source.exists():
            shutil.copy2(source, to / name)


def _apply(copy: Path, broken: Break) -> str:
    file = copy / broken.file
    text = file.read_text("utf-8")
    if broken.sound not in text:
        return f"FAILED: {broken.file} no longer holds what is to be broken"
    file.write_text(text.replace(broken.sound, broken.broken, 1), "utf-8")
    return ""


def _run(copy: Path, tests: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the tests that failed on the broken copy."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ACCORD_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(copy / "src"), str(copy / "verify")])
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-rfE",
            "-p",
            "no:cacheprovider",
            "--maxfail=4",
            *tests,
        ],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+?\.py(?:::[^\s\[]+)?)", done.stdout, re.MULTILINE)
    return tuple(dict.fromkeys(name.rpartition("/")[2] for name in failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
