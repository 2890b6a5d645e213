"""No template of a page needs an exception from the content security policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse

import accord
from accord.platform.http import CONTENT_SECURITY_POLICY, security_headers
from accord.records.copies import FORMATS
from accord.records.views import exports

TEMPLATES = sorted(Path(accord.__path__[0]).glob("**/templates/**/*.html"))
STATIC = Path(accord.__path__[0]) / "web" / "static" / "accord"
RECORD = UUID("01985c4e-7a00-7000-8000-000000000001")
LEAVES_THE_NODE = {
    "records/copy.html": "a copy of a record is a file that is kept and printed far from the node's "
    "style sheets; it is served only to be downloaded (test_a_copy_is_served_only_to_be_kept)",
}
"""The only documents that carry their style inside, and why."""
ACCORD = Path(accord.__path__[0])
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
    faults = lint(template.read_text("utf-8"))
    if _name(template) in LEAVES_THE_NODE:
        faults = [f for f in faults if not f.endswith("inline <style>")]
    assert faults == []


def _name(template: Path) -> str:
    return "/".join(template.parts[-2:])


@pytest.mark.parametrize("name", LEAVES_THE_NODE)
def test_a_document_that_leaves_the_node_carries_its_style_and_allows_nothing_else(
    name: str,
) -> None:
    (source,) = [t.read_text("utf-8") for t in TEMPLATES if _name(t) == name]
    (style,) = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
    assert not re.search(r"[{]{2}|[{]%|url\(|@import|expression", style)
    assert not re.search(r"<(script|link|img|iframe|object|form|a)\b", source)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in source
    users = [p for p in ACCORD.rglob("*.py") if name in p.read_text("utf-8")]
    users += [t for t in TEMPLATES if name in t.read_text("utf-8")]
    assert [str(p.relative_to(ACCORD)) for p in users] == ["records/views/exports.py"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_copy_is_served_only_to_be_kept(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "take", lambda *_: b"<style>p{}</style>")
    monkeypatch.setattr("accord.agencies.queries.agency_names", dict)
    scope: Any = None
    answer = security_headers(lambda _: exports.copy_response(scope, RECORD, form))(HttpRequest())
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    said = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox"} <= set(said)
    assert not [rule for rule in said if rule.startswith(("style-src", "script-src"))]


def test_a_page_is_not_taken_for_a_file_to_keep() -> None:
    answer = security_headers(lambda _: HttpResponse("<p>"))(HttpRequest())
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


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
