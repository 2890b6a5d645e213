"""Options of the tests of faults: `pytest tests/faults -m slow --kills 200 --seed 7`."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a long run may be told; without this folder named, the defaults hold."""
    parser.addoption("--kills", type=int, default=200, help="kills of the long run of faults")
    parser.addoption("--seed", type=int, default=1, help="from which their moments are drawn")
