"""What somebody does with a file that was downloaded, without Accord."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("accord_verify", "cryptography", "cffi", "_cffi_backend", "pycparser")
"""What `accord-verify` is made of; nothing else is there for a stranger, and Accord is not."""
STRANGER = """
import runpy, sys
from importlib.util import find_spec
sys.path.insert(0, sys.argv.pop(1))
assert find_spec("accord") is None and find_spec("django") is None, "there is more than the verifier"
runpy.run_module("accord_verify", run_name="__main__", alter_sys=True)
"""


def verified(file: Path, origin: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What `accord-verify` says of a file, to somebody who trusts the node at this address."""
    return subprocess.run(
        [sys.executable, "-m", "accord_verify", str(file), "--origin", origin, *words],
        capture_output=True,
        text=True,
        check=False,
    )


def verified_by_a_stranger(
    folder: Path, file: Path, *trusted: str
) -> subprocess.CompletedProcess[str]:
    """What `accord-verify` says where there is Python, cryptography and the program alone."""
    if not folder.is_dir():
        folder.mkdir()
        for name in NEEDED:
            _copy(name, folder)
    # -I and -S: no variable of the environment and no installed package is looked at.
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", STRANGER, str(folder), str(file), *trusted],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"LANG": "C.UTF-8"},
    )


def _copy(module: str, folder: Path) -> None:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return  # cryptography has no need of it here
    origin = Path(spec.origin)
    if spec.submodule_search_locations:
        shutil.copytree(origin.parent, folder / module)
    else:
        shutil.copy(origin, folder / origin.name)
