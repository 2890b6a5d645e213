"""Which worker runs which module, and in which order: the same on every run.

The modules of one worker share a world. While workers took test by test whatever came next, what
had happened to the world before a test was another thing each time, and a test that leaned on it
failed once in ten runs, somewhere else. Now modules are dealt by the seconds that they took the
last time they were measured (`seconds.json`), the longest first, each to the worker that has least;
a worker goes through its own in the order of their names. What is dealt together stays together:
modules of one `xdist_group`.

    ACCORD_NOTE_SECONDS=1 dev/check.sh     measures again, and writes seconds.json
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

SECONDS = Path(__file__).with_name("seconds.json")
A_TEST_S = 0.1
"""What a test of a module that was never measured is taken to need."""
LEAST_S = 0.01
"""Less than this nothing takes: what weighs nothing would all go to one worker."""


def hand(nodeid: str) -> str:
    """What is dealt in one piece with this test: its group, or else its module.

    >>> hand("tests/unit/test_a.py::test_it[x@y]")
    'tests/unit/test_a.py'
    >>> hand("tests/unit/test_a.py::test_it@walk")
    'walk'
    """
    if nodeid.rfind("@") > nodeid.rfind("]"):
        return nodeid.rsplit("@", 1)[1]
    return nodeid.split("::", 1)[0]


def deal(nodeids: Iterable[str], measured: dict[str, float], workers: int) -> dict[str, int]:
    """The worker (0 to workers - 1) of each hand. The order of `nodeids` changes nothing."""
    tests = Counter(hand(nodeid) for nodeid in nodeids)
    known = {one: max(seconds, LEAST_S) for one, seconds in measured.items()}
    weights = {one: known.get(one, A_TEST_S * count) for one, count in tests.items()}
    loads = [0.0] * workers
    dealt = {}
    for one in sorted(weights, key=lambda one: (-weights[one], one)):
        least = loads.index(min(loads))
        dealt[one] = least
        loads[least] += weights[one]
    return dealt


def measured() -> dict[str, float]:
    """Seconds of each hand when it was measured last."""
    return dict(json.loads(SECONDS.read_text())) if SECONDS.exists() else {}


class Noting:
    """Adds up how long each hand takes, and writes that down at the end."""

    def __init__(self) -> None:
        self.took: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.took[hand(report.nodeid)] += report.duration  # type: ignore[assignment]

    def pytest_sessionfinish(self) -> None:
        noted = measured() | {one: round(took, 1) for one, took in self.took.items()}
        SECONDS.write_text(json.dumps(noted, indent=1, sort_keys=True) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("ACCORD_NOTE_SECONDS") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Noting(), "noting")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler that deals; only where groups are asked for (`--dist loadgroup`)."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Dealing(LoadScopeScheduling):
        dealt: dict[str, int]

        def schedule(self) -> None:
            if self.collection is None:
                collected = next(iter(self.registered_collections.values()))
                self.dealt = deal(collected, measured(), self.numnodes)
            super().schedule()

        def _split_scope(self, nodeid: str) -> str:
            return f"worker {self.dealt[hand(nodeid)]}"

    return Dealing(config, log)
