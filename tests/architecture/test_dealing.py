"""The modules of tests are dealt to the workers in one way only, and none is left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dealing import A_TEST_S, deal, hand, measured

TESTS = Path(__file__).parents[1]
NAMES = st.sampled_from("abcdefgh")
IDS = st.lists(st.builds("tests/{}.py::test_{}".format, NAMES, NAMES), max_size=40)


@given(ids=IDS, workers=st.integers(1, 5), shuffled=st.randoms(use_true_random=False))
def test_every_module_goes_to_one_worker_whatever_the_order(ids, workers, shuffled) -> None:  # type: ignore[no-untyped-def]
    dealt = deal(ids, {}, workers)
    assert set(dealt) == {hand(one) for one in ids}
    assert set(dealt.values()) <= set(range(workers))
    other = list(ids)
    shuffled.shuffle(other)
    assert deal(other, {}, workers) == dealt


@given(ids=IDS, workers=st.integers(1, 5))
def test_no_worker_waits_longer_than_one_module_for_the_others(ids, workers) -> None:  # type: ignore[no-untyped-def]
    dealt = deal(ids, {}, workers)
    loads = [0.0] * workers
    for one in ids:
        loads[dealt[hand(one)]] += A_TEST_S
    longest = max((ids.count(one) for one in ids), default=0)
    heaviest = max((sum(hand(o) == hand(one) for o in ids) for one in ids), default=longest)
    assert max(loads) - min(loads) <= A_TEST_S * heaviest + 1e-9


def test_a_group_goes_together_and_a_parameter_is_no_group() -> None:
    ids = ["tests/a.py::test_a@walk", "tests/b.py::test_b@walk", "tests/c.py::test_c[x@y]"]
    assert deal(ids, {"walk": 9.0}, 2) == {"walk": 0, "tests/c.py": 1}


def test_what_takes_no_time_is_dealt_like_the_rest() -> None:
    ids = [f"tests/{name}.py::test_it" for name in "abcd"]
    dealt = deal(ids, {f"tests/{name}.py": 0.0 for name in "abcd"}, 2)
    assert sorted(dealt.values()) == [0, 0, 1, 1]


def test_what_was_measured_is_still_there() -> None:
    """A module that was renamed has its seconds measured anew (dealing.py says how)."""
    modules = [one for one in measured() if one.endswith(".py")]
    assert modules
    assert [one for one in modules if not (TESTS.parent / one).exists()] == []


def test_a_module_is_run_by_one_worker_and_in_its_order(tmp_path: Path) -> None:
    body = """
import os, pathlib
import pytest

@pytest.mark.parametrize("number", range(20))
def test_it(number):
    with (pathlib.Path(__file__).parent / os.environ["PYTEST_XDIST_WORKER"]).open("a") as file:
        file.write(f"{pathlib.Path(__file__).stem} {number}\\n")
"""
    for name in "abcd":
        (tmp_path / f"test_{name}.py").write_text(body)
    asked = ["-n", "2", "--dist", "loadgroup", "-p", "dealing", "-p", "no:cacheprovider"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        *asked,
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    told = os.environ | {"PYTHONPATH": str(TESTS), "PYTEST_ADDOPTS": ""}
    told = {n: v for n, v in told.items() if "XDIST" not in n and n != "ACCORD_NOTE_SECONDS"}
    done = subprocess.run(command, env=told, cwd=tmp_path, capture_output=True, text=True)
    assert "80 passed" in done.stdout, done.stdout + done.stderr
    ran = [(tmp_path / worker).read_text().splitlines() for worker in ("gw0", "gw1")]
    wanted = [
        [f"test_{name} {number}" for name in pair for number in range(20)] for pair in ("ac", "bd")
    ]
    assert sorted(ran) == wanted
