"""What is to be broken on purpose still stands where `dev/break_on_purpose.py` looks for it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def _breaks() -> ModuleType:
    place = ROOT / "dev" / "break_on_purpose.py"
    spec = importlib.util.spec_from_file_location("break_on_purpose", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


def test_every_break_finds_its_line() -> None:
    found = {b.name: (ROOT / b.file).read_text("utf-8").count(b.sound) for b in _breaks().BREAKS}
    assert found
    assert all(found.values()), found
