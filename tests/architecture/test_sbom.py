"""What Accord is made of is listed, complete, and under licences that may be used."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sbom() -> ModuleType:
    import sys

    spec = importlib.util.spec_from_file_location("sbom", ROOT / "dev" / "sbom.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["sbom"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_every_licence_is_allowed(sbom: ModuleType, lock: str) -> None:
    assert sbom.refused(ROOT / "requirements" / f"{lock}.txt") == {}


def test_no_strong_copyleft_and_nothing_source_available_is_allowed(sbom: ModuleType) -> None:
    words = ("AGPL", "SSPL", "BUSL", "Commons-Clause", "Elastic")
    assert [n for n in sbom.ALLOWED if any(w in n for w in words) or n.startswith("GPL")] == []


def test_a_package_that_is_not_allowed_is_refused(
    sbom: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sbom, "licences", lambda name: ["AGPL-3.0-only"])
    lock = tmp_path / "lock.txt"
    lock.write_text("thing==1.0 \\\n    --hash=sha256:abc\n")
    assert sbom.main([str(lock), str(tmp_path / "out.json")]) == 1
    assert not (tmp_path / "out.json").exists()


def test_the_bill_lists_every_locked_package_with_its_hashes(
    sbom: ModuleType, tmp_path: Path
) -> None:
    lock, out = ROOT / "requirements" / "run.txt", tmp_path / "sbom.json"
    assert sbom.main([str(lock), str(out)]) == 0
    made = json.loads(out.read_text())
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    listed = {c["name"]: c for c in made["components"]}
    wanted = {p.name: p for p in sbom.locked(lock)}
    assert set(listed) == set(wanted)
    assert {"django", "psycopg", "prometheus-client", "waitress"} <= set(listed)
    for name, package in wanted.items():
        assert listed[name]["version"] == package.version
        assert listed[name]["purl"] == f"pkg:pypi/{name}@{package.version}"
        assert {h["content"] for h in listed[name]["hashes"]} == set(package.sha256)
    assert all(package.sha256 for package in wanted.values())
