"""What the documents name exists: files, functions, SQL functions, tables, tests, commands."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"accord": ROOT / "src" / "accord", "accord_verify": ROOT / "verify" / "accord_verify"}
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(p for p in (ROOT / "docs").rglob("*.md") if "decisions" not in p.parts)]
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
DOTTED = re.compile(r"(?!accord\.toml$)(accord|accord_verify)(\.[A-Za-z_][A-Za-z0-9_]*)+(\(.*\))?")
TEST_NAME = re.compile(r"test_[a-z0-9_]+")


def _names(documents: list[Path], pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return [
        (str(d.relative_to(ROOT)), token)
        for d in documents
        for token in CODE.findall(d.read_text("utf-8"))
        if pattern.fullmatch(token)
    ]


@lru_cache
def _sql_names() -> frozenset[str]:
    """Every function, table and type that a migration or an SQL file makes in schema accord."""
    made = re.compile(r"create (?:function|table|type) (accord\.\w+)")
    folder = PACKAGES["accord"]
    files = [*folder.rglob("*.sql"), *folder.rglob("migrations/*.py")]
    found = {name for file in files for name in made.findall(file.read_text("utf-8"))}
    return frozenset(found | {"accord.seal"})  # the setting, which is made nowhere


@lru_cache
def _tests() -> frozenset[str]:
    files = list((ROOT / "tests").rglob("test_*.py"))
    found = {
        node.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    return frozenset(found | {file.stem for file in files})


def _in_python(dotted: str) -> bool:
    """Whether a dotted name is a module, or something that a module defines or imports by name."""
    package, *rest = dotted.split(".")
    place = PACKAGES[package]
    while rest and (place / rest[0]).is_dir():
        place /= rest.pop(0)
    file = place / "__init__.py"
    if rest and (place / f"{rest[0]}.py").is_file():
        file = place / f"{rest.pop(0)}.py"
    if not file.is_file():
        return False
    return not rest or _defined(ast.parse(file.read_text("utf-8")), rest)


def _defined(scope: ast.AST, names: list[str]) -> bool:
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == names[0]:
            return len(names) == 1 or _defined(node, names[1:])
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(t, ast.Name) and t.id == names[0] for t in targets):
            return len(names) == 1
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_every_linked_path_exists(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text("utf-8"), flags=re.DOTALL)
    relative = [t for t in LINK.findall(text) if not re.match(r"[a-z]+:|#", t)]
    missing = [t for t in relative if not (document.parent / t.partition("#")[0]).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_every_heading_that_is_linked_exists(document: Path) -> None:
    for target in LINK.findall(document.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        if not anchor or re.match(r"[a-z]+:", target):
            continue
        text = ((document.parent / path) if path else document).read_text("utf-8")
        headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
        assert anchor in slugs, target


def test_every_python_or_sql_name_exists() -> None:
    found = _names(DOCUMENTS, DOTTED)
    assert len(found) > 40, "the documents name functions, or this test looks for the wrong thing"
    names = [(document, token.partition("(")[0]) for document, token in found]
    assert [n for n in names if n[1] not in _sql_names() and not _in_python(n[1])] == []


def test_every_test_that_is_named_exists() -> None:
    found = _names(DOCUMENTS, TEST_NAME)
    assert len(found) > 10
    assert [n for n in found if n[1] not in _tests()] == []


def test_every_table_is_described() -> None:
    from django.apps import apps

    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    tables = {model._meta.db_table for model in apps.get_models()}
    assert {t for t in tables if f"`{t}`" not in text} == set()


def test_every_command_is_described() -> None:
    from accord.cli.main import root

    text = (ROOT / "README.md").read_text("utf-8")
    context = root.make_context("accord", [], resilient_parsing=True)
    assert {c for c in root.list_commands(context) if f"accord {c}" not in text} == set()


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("accord.agreements.scope.open_scope", True),
        ("accord.agreements.scope.Scope.note", True),
        ("accord.agreements.scope.open_scopes", False),
        ("accord.agreement.scope", False),
        ("accord_verify.main.main", True),
    ],
)
def test_the_search_for_names_finds_only_what_is_there(name: str, there: bool) -> None:
    assert _in_python(name) is there
