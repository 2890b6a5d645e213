"""The linter of the house rules finds what it should, and nothing else."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
VIEW = Path("src/accord/records/views.py")


def _linter() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "check_house_rules", ROOT / "dev" / "lint" / "check_house_rules.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lint = _linter()


def rules(source: str, path: Path = VIEW) -> list[str]:
    return [finding.rule for finding in lint.check_python(path, source)]


BROKEN = {
    "orm": ["Part.objects.all()", "x = models.Case.objects"],
    "safe": [
        "from django.utils.safestring import mark_safe",
        "safestring.mark_safe(x)",
        "mark_safe(x)",
    ],
    "naive-time": [
        "datetime.now()",
        "datetime.datetime.now()",
        "datetime.utcnow()",
        "datetime.fromtimestamp(3)",
        "datetime(2026, 1, 1)",
        "date.today()",
    ],
    "sql": [
        "cursor.execute(f'select {x}')",
        "cursor.execute('select ' + x)",
        "cursor.execute('select %s' % x)",
        "cursor.execute('select {}'.format(x))",
        "cursor.executemany(f'insert {x}', [])",
    ],
    "print": ["print('x')"],
    "swallow": [
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept:\n    pass",
        "for x in y:\n    try:\n        f()\n    except BaseException:\n        continue",
    ],
    "reason": [
        "f()  # noqa",
        "f()  # noqa: S603",
        "f()  # type: ignore",
        "f()  # type: ignore[attr-defined]",
        "f()  # house: sql",
        "cursor.execute(x)  # house: sql - excuses nothing here",
        "f()  # house: nonsense - there is no such rule",
    ],
}


@pytest.mark.parametrize(
    ("rule", "source"), [(rule, source) for rule, sources in BROKEN.items() for source in sources]
)
def test_each_rule_is_found(rule: str, source: str) -> None:
    assert set(rules(source)) == {rule}


@pytest.mark.parametrize(
    "source",
    [
        "self.objects_found = 1",
        "datetime.now(UTC)",
        "datetime(2026, 1, 1, tzinfo=UTC)",
        "datetime(*parts, tzinfo=UTC)",
        "datetime.fromtimestamp(3, UTC)",
        "cursor.execute('select ' 'x', [x])",
        "cursor.execute('select ' + 'x')",
        "cursor.execute(SQL)",
        "cursor.execute(sql.SQL('select {}').format(x))",
        "try:\n    f()\nexcept Exception:\n    log.exception('x')\n    raise",
        "try:\n    f()\nexcept KeyError:\n    pass",
        "f()  # noqa: S603 - our own program",
        "f()  # type: ignore[attr-defined]  # read by the check below",
        "text = 'print(1)  # noqa'",
        "cursor.execute(f'select {x}')  # house: sql - x is a constant of this file",
    ],
)
def test_what_keeps_the_rules_passes(source: str) -> None:
    assert rules(source) == []


def test_a_rule_holds_where_it_is_meant_to() -> None:
    assert rules("Part.objects.all()", Path("src/accord/records/queries/records.py")) == []
    assert rules("Part.objects.all()", Path("src/accord/agreements/labels.py")) == []
    assert rules("Part.objects.all()", Path("src/accord/records/queries_of_old.py")) == ["orm"]
    assert rules("print(1)", Path("src/accord/cli/main.py")) == []
    assert rules("print(1)", Path("src/accord/platform/files.py")) == ["print"]


@pytest.mark.parametrize("text", ["{{ x|safe }}", "{{ x | safe }}", "{% autoescape false %}"])
def test_a_template_declares_nothing_safe(text: str) -> None:
    assert [f.rule for f in lint.check_template(text)] == ["safe"]
    assert lint.check_template("{{ x }} it is safe to say so") == []


def test_the_source_keeps_the_house_rules() -> None:
    assert [line for folder in ("src", "verify") for line in lint.check_folder(ROOT / folder)] == []
