"""docs/security/asvs-5.yaml tells every requirement of ASVS 5.0.0, V6 to V10, and proves its claims."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "security" / "asvs-5.yaml"
# The levels of each section's requirements, in their order, from the standard itself.
LEVELS = {
    "V6.1": "122", "V6.2": "111111112222", "V6.3": "11223333", "V6.4": "112233",
    "V6.5": "22222333", "V6.6": "2223", "V6.7": "33", "V6.8": "2222",
    "V7.1": "222", "V7.2": "1111", "V7.3": "22", "V7.4": "11222", "V7.5": "223", "V7.6": "22",
    "V8.1": "1233", "V8.2": "1123", "V8.3": "133", "V8.4": "23",
    "V9.1": "111", "V9.2": "1222",
    "V10.1": "22", "V10.2": "223", "V10.3": "22223", "V10.4": "1111122222233333",
    "V10.5": "22222", "V10.6": "22", "V10.7": "222",
}  # fmt: skip
ASKED = {
    f"{section}.{number}": int(level)
    for section, levels in LEVELS.items()
    for number, level in enumerate(levels, 1)
}


class _Once(yaml.SafeLoader):
    """Refuses a mapping that says one thing twice: the first would be lost unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        assert len(names) == len(set(names)), f"line {node.start_mark.line + 1} says twice: {names}"
        return super().construct_mapping(node, deep)


TOLD: list[dict[str, Any]] = yaml.load(FILE.read_text("utf-8"), _Once)["requirements"]
KNOWN = {"id", "level", "asks", "status", "because", "tests", "documents"}


def test_every_requirement_is_told_once_with_its_level() -> None:
    assert [t["id"] for t in TOLD] == list(ASKED)
    assert {t["id"]: t["level"] for t in TOLD} == ASKED


@pytest.mark.parametrize("told", TOLD, ids=lambda t: t["id"])
def test_what_is_met_is_proven_and_all_else_says_why(told: dict[str, Any]) -> None:
    assert set(told) <= KNOWN
    assert told["asks"].strip()
    match told["status"]:
        case "met":
            assert told["tests"], "a test has to prove it"
        case "not-applicable" | "open":
            assert told["because"].strip()
            assert "tests" not in told, "what is not met proves nothing"
        case other:
            raise AssertionError(f"{told['id']}: {other}")
    for node in told.get("tests", ()):
        assert _exists(node), f"{told['id']}: there is no {node}"
    for document in told.get("documents", ()):
        assert (ROOT / document).is_file(), f"{told['id']}: there is no {document}"


def test_a_test_that_is_named_only_in_a_reason_exists_too() -> None:
    words = {w for t in TOLD for w in re.findall(r"test_\w+", t.get("because", ""))}
    everywhere = {name for file in (ROOT / "tests").rglob("test_*.py") for name in _tests_of(file)}
    files = {file.stem for file in (ROOT / "tests").rglob("test_*.py")}
    assert words
    assert words <= everywhere | files


def test_a_test_that_is_not_there_is_noticed() -> None:
    assert not _exists("tests/architecture/test_asvs.py::test_nothing_of_the_kind")
    assert not _exists("tests/architecture/test_absent.py::test_x")
    assert _exists("tests/architecture/test_asvs.py::test_a_test_that_is_not_there_is_noticed")


def _exists(node: str) -> bool:
    path, _, name = node.partition("::")
    return (ROOT / path).is_file() and name in _tests_of(ROOT / path)


@cache
def _tests_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )
