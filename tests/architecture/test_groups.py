"""Tests of one group share a worker: what their fixtures make is dear, and made once."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.xdist_group("together")


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one process only")
def test_the_scheduler_is_told_the_group(request: pytest.FixtureRequest) -> None:
    """pytest-xdist tells it by the test's id; a pytest that keeps the id to itself drops it."""
    assert request.node.nodeid.endswith("@together")
