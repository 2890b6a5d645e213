"""What the kernel keeps from a confined process, and how each of its ends is heard."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from accord.platform.confined import landlock
from accord.platform.confined.child import SOURCE, Child, Ended, Ending, ending
from accord.platform.confined.confine import Bounds

TRY = """
import sys
from accord.platform.confined.landlock import restrict
sys.exit(not restrict((), ""))
"""
HAS_LANDLOCK = not subprocess.run(
    [sys.executable, "-c", TRY], env={"PYTHONPATH": SOURCE}, check=False
).returncode
needs_landlock = pytest.mark.skipif(not HAS_LANDLOCK, reason="this kernel has no Landlock")


def confined(bounds: Bounds, code: str) -> subprocess.CompletedProcess[str]:
    program = (
        "from accord.platform.confined.confine import Bounds, confine, die_with_starter\n"
        f"die_with_starter()\nwalls = confine({bounds!r})\n{textwrap.dedent(code)}"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


READ_NATIVELY = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.open(PATH, 0) >= 0)
"""


@needs_landlock
def test_native_code_opens_the_named_file_and_no_other(tmp_path: Path) -> None:
    named, other = tmp_path / "named", tmp_path / "keys"
    named.write_text("a")
    other.write_text("secret")
    for path, opens in ((named, "True"), (other, "False"), (Path("/etc/passwd"), "False")):
        code = READ_NATIVELY.replace("PATH", repr(str(path).encode()))
        assert confined(Bounds(5, reads=(str(named),)), code).stdout.strip() == opens


@needs_landlock
def test_native_code_writes_in_its_folder_and_nowhere_else(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    code = "import ctypes\nprint(ctypes.CDLL(None).creat(PATH, 0o600) >= 0)"
    for path, writes in ((results / "a", "True"), (tmp_path / "b", "False")):
        told = code.replace("PATH", repr(str(path).encode()))
        done = confined(Bounds(5, folder=str(results), file_bytes=10), told)
        assert done.stdout.strip() == writes
    assert not (tmp_path / "b").exists()


@needs_landlock
def test_native_code_cannot_write_to_the_file_that_it_reads(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("original")
    code = f"import ctypes\nprint(ctypes.CDLL(None).open({str(source).encode()!r}, 1) >= 0)"
    assert confined(Bounds(5, reads=(str(source),)), code).stdout.strip() == "False"


def test_python_code_writes_in_its_folder_and_nowhere_else(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    bounds = Bounds(5, folder=str(results), file_bytes=10)
    assert confined(bounds, f"open({str(results / 'a')!r}, 'w').write('a')").returncode == 0
    assert confined(bounds, f"open({str(tmp_path / 'b')!r}, 'w')").returncode != 0
    assert confined(bounds, f"open({str(results / '..' / 'c')!r}, 'w')").returncode != 0
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "results"]


def test_a_result_cannot_outgrow_its_limit(tmp_path: Path) -> None:
    code = f"with open({str(tmp_path / 'a')!r}, 'w') as a: a.write('a' * 1000)"
    assert confined(Bounds(5, folder=str(tmp_path), file_bytes=100), code).returncode != 0
    assert (tmp_path / "a").stat().st_size <= 100


def test_without_landlock_the_walls_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock.sys, "platform", "darwin")
    assert landlock.restrict((), "") is False


@pytest.mark.parametrize(
    ("module", "how"),
    [("does.not.exist", Ending.CRASH), ("unit.platform.test_confined", Ending.CRASH)],
)
def test_a_child_that_cannot_start_is_heard_as_a_crash(module: str, how: Ending) -> None:
    with Child(module, {}, silence_s=20) as child, pytest.raises(Ended) as caught:
        child.message()
    assert caught.value.how is how


def test_exit_codes_have_their_ends() -> None:
    said = [ending(code) for code in (-9, -24, -11, -6, 1, 0)]
    assert said == [Ending.TIME] * 2 + [Ending.MEMORY] * 2 + [Ending.CRASH] * 2
