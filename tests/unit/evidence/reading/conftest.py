"""How tests read a file: it lies alone in a folder, and its results in another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from accord.evidence.reading import tools
from accord.evidence.reading.deriving import derive
from accord.evidence.reading.reader import read_exhibit
from accord.evidence.reading.results import Derived, Reading, Refusal, Way


@pytest.fixture(autouse=True)
def _no_tesseract(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that do not ask about tesseract are as on a node without it: the same, and quick."""
    real = tools.find
    if "tesseract" not in request.node.name:
        monkeypatch.setattr(tools, "find", lambda n: None if n == "tesseract" else real(n))


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Reading]:
    """Read bytes under a name; the file is the same afterwards."""

    def reads(data: bytes, name: str = "exhibit", **options: Any) -> Reading:
        source = Path(mkdtemp(dir=tmp_path)) / "file"
        source.write_bytes(data)
        reading = read_exhibit(source, name=name, out=Path(mkdtemp(dir=tmp_path)), **options)
        assert source.read_bytes() == data
        return reading

    return reads


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Derived | Refusal]:
    """Derive from bytes; the file is the same afterwards."""

    def makes(data: bytes, way: Way, **options: Any) -> Derived | Refusal:
        source = Path(mkdtemp(dir=tmp_path)) / "file"
        source.write_bytes(data)
        made = derive(source, way, out=Path(mkdtemp(dir=tmp_path)), **options)
        assert source.read_bytes() == data
        return made

    return makes
