#!/usr/bin/env python
"""Holds the source to the house rules that no other linter knows.

orm         `.objects` stands in queries, actions, models and labels only
safe        nothing is declared safe HTML: no mark_safe, no |safe, no autoescape false
naive-time  no time without a zone
sql         the text given to execute() is not put together from values
print       only the command line prints
swallow     no exception is caught whole and forgotten
reason      `noqa` and `type: ignore` name their rule and say why

A line may break one rule with `# house: RULE - why it may`; an escape without a reason, or one that
excuses nothing, is a finding itself.

    python dev/lint/check_house_rules.py [FOLDER ...]     default: src verify
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

RULES = ("orm", "safe", "naive-time", "sql", "print", "swallow", "reason")
ESCAPE = re.compile(r"#\s*house:\s*(?P<rule>[a-z-]+)(?P<why>.*)$")
NOQA = re.compile(r"#\s*noqa\b(?P<rest>.*)$")
IGNORE = re.compile(r"#\s*type:\s*ignore(?P<rest>.*)$")
TEMPLATE_SAFE = re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE)
ORM_PLACES = {"queries", "actions", "models", "labels", "migrations"}
MADE_FROM_VALUES = "the text of a statement is made from values; pass them as parameters"


class Finding(NamedTuple):
    """One line that breaks one rule."""

    line: int
    rule: str
    text: str


def check_python(path: Path, source: str) -> list[Finding]:
    """Return what is wrong with one Python file; `path` decides which rules hold there."""
    found = [*_in_tree(path, ast.parse(source)), *_in_comments(source)]
    return _excused(source, sorted(set(found)))


def check_template(source: str) -> list[Finding]:
    """Return what is wrong with one template."""
    return [
        Finding(number, "safe", "a template declares text safe")
        for number, line in enumerate(source.splitlines(), 1)
        if TEMPLATE_SAFE.search(line)
    ]


def _in_tree(path: Path, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="objects") if not _may_use_orm(path):
                yield Finding(node.lineno, "orm", "a model is asked outside queries and actions")
            case ast.Name(id="mark_safe") | ast.Attribute(attr="mark_safe"):
                yield Finding(node.lineno, "safe", "text is declared safe HTML")
            case ast.alias(name="mark_safe"):
                yield Finding(node.lineno, "safe", "text is declared safe HTML")
            case ast.Call(func=ast.Name(id="print")) if not _may_print(path):
                yield Finding(node.lineno, "print", "only the command line prints")
            case ast.Call():
                yield from _in_call(node)
            case ast.ExceptHandler() if _swallows(node):
                yield Finding(node.lineno, "swallow", "an exception is caught whole and forgotten")


def _may_use_orm(path: Path) -> bool:
    return bool(ORM_PLACES & {part.removesuffix(".py") for part in path.parts})


def _may_print(path: Path) -> bool:
    return "cli" in path.parts or "accord_verify" in path.parts


def _in_call(call: ast.Call) -> Iterator[Finding]:
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if last in ("execute", "executemany") and call.args and _is_made(call.args[0]):
        yield Finding(call.lineno, "sql", MADE_FROM_VALUES)
    if _is_naive(name, last, call):
        yield Finding(call.lineno, "naive-time", f"{name}() gives a time without a zone")


def _is_made(text: ast.expr) -> bool:
    """Whether a statement's text holds anything but literals: an f-string, `%`, `+` or format()."""
    match text:
        case ast.JoinedStr(values=values):
            return any(isinstance(value, ast.FormattedValue) for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return not (_is_text(left) and _is_text(right))
        case ast.BinOp(left=left, op=ast.Mod()):
            return _is_text(left) or isinstance(left, ast.JoinedStr)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _is_text(value) or isinstance(value, ast.JoinedStr)
        case _:
            return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_naive(name: str, last: str, call: ast.Call) -> bool:
    if name.endswith(("datetime.utcnow", "datetime.utcfromtimestamp", "date.today")):
        return True
    if name.endswith("datetime.now"):
        return not call.args and not call.keywords
    if name.endswith("datetime.fromtimestamp"):
        return len(call.args) < 2 and not call.keywords
    if last == "datetime" and name in ("datetime", "datetime.datetime", "dt.datetime"):
        return len(call.args) < 8 and not any(k.arg in ("tzinfo", None) for k in call.keywords)
    return False


def _swallows(handler: ast.ExceptHandler) -> bool:
    whole = handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")
    return whole and all(isinstance(step, ast.Pass | ast.Continue) for step in handler.body)


def _in_comments(source: str) -> Iterator[Finding]:
    for number, comment in _comments(source):
        noqa, ignore, escape = (p.search(comment) for p in (NOQA, IGNORE, ESCAPE))
        if noqa and not re.match(r":\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*\s+-+\s*\S", noqa["rest"]):
            yield Finding(number, "reason", "write `# noqa: RULE - why`")
        if ignore and not re.match(r"\[[a-z, -]+\]\s+#\s*\S", ignore["rest"]):
            yield Finding(number, "reason", "write `# type: ignore[rule]  # why`")
        if escape and escape["rule"] not in RULES:
            yield Finding(number, "reason", f"there is no house rule {escape['rule']}")
        elif escape and not re.match(r"\s+-+\s*\S", escape["why"]):
            yield Finding(number, "reason", "write `# house: RULE - why`")


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _excused(source: str, found: list[Finding]) -> list[Finding]:
    """Take away what an escape on its line excuses; an escape that excuses nothing is a finding."""
    escapes = {
        (number, match["rule"])
        for number, comment in _comments(source)
        if (match := ESCAPE.search(comment)) and match["rule"] in RULES
    }
    used = {(f.line, f.rule) for f in found} & escapes
    unused = [Finding(n, "reason", f"excuses no {rule}") for n, rule in escapes - used]
    return sorted([f for f in found if (f.line, f.rule) not in used] + unused)


def check_folder(folder: Path) -> Iterator[str]:
    """Yield one line of text for each finding below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py":
            found = check_python(path, path.read_text("utf-8"))
        elif path.suffix == ".html" and "templates" in path.parts:
            found = check_template(path.read_text("utf-8"))
        else:
            continue
        for finding in found:
            yield f"{path}:{finding.line}: {finding.rule}: {finding.text}"


def main(folders: list[str]) -> int:
    """Print every finding; 1 when there is one."""
    lines = [line for folder in folders or ["src", "verify"] for line in check_folder(Path(folder))]
    print("\n".join(lines) if lines else "The house rules hold.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
