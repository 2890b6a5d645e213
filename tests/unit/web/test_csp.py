"""No template of any module needs an exception from the content security policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import accord

TEMPLATES = sorted(Path(accord.__path__[0]).glob("**/templates/**/*.html"))
STATIC = Path(accord.__path__[0]) / "web" / "static" / "accord"
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_JINJA = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


class Linter(HTMLParser):
    """Finds inline script, inline style and links that run code."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        line = self.getpos()[0]
        if tag == "style" or (tag == "script" and not names.get("src")):
            self.faults.append(f"line {line}: inline <{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith(("on", "hx-on")):
                self.faults.append(f"line {line}: attribute {name}")
            if value and value.strip().lower().startswith(("javascript:", "js:", "data:")):
                self.faults.append(f"line {line}: {name} runs code")


def lint(source: str) -> list[str]:
    linter = Linter()
    plain = _JINJA.sub(lambda m: " x " + "\n" * m.group().count("\n"), _COMMENT.sub("", source))
    linter.feed(plain)
    faults = linter.faults
    if re.search(r"\{%-?\s*autoescape|\|\s*safe\b|Markup\(", source):
        faults.append("escaping is switched off")
    return faults


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: "/".join(p.parts[-3:]))
def test_a_template_carries_no_inline_script_or_style(template: Path) -> None:
    assert lint(template.read_text("utf-8")) == []


def test_there_are_templates_to_lint() -> None:
    assert len(TEMPLATES) >= 20


@pytest.mark.parametrize(
    "bad",
    [
        "<p style='color:red'>",
        "<p {% if a %}style='x'{% endif %}>",
        "<a onclick=go()>",
        "<a hx-on:click='x'>",
        "<script>x</script>",
        "<style>p{}</style>",
        "<a href='javascript:x'>",
        "<div hx-vals='js:{a: 1}'>",
        "{{ x|safe }}",
        "{% autoescape false %}",
    ],
)
def test_the_linter_finds_what_it_looks_for(bad: str) -> None:
    assert lint(bad)


def test_our_scripts_neither_evaluate_text_nor_write_markup_or_style() -> None:
    forbidden = re.compile(
        r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|\.style\b|document\.write"
    )
    scripts = sorted(STATIC.glob("*.js"))
    assert scripts
    assert [s.name for s in scripts if forbidden.search(s.read_text("utf-8"))] == []


def test_every_static_file_that_the_frame_names_exists() -> None:
    frame = (STATIC.parents[1] / "templates" / "layout" / "base.html").read_text("utf-8")
    named = re.findall(r"static\('accord/([^']+)'\)", frame)
    assert len(named) > 10
    assert [n for n in named if not (STATIC / n).is_file()] == []
