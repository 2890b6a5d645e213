"""Every macro draws in every state, escapes what it is given, and fails on what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from jinja2 import Environment, TemplateSyntaxError, UndefinedError

from accord.web import components as c
from accord.web import gallery as demo
from accord.web.errors import ERROR_STATUSES, error_view
from accord.web.handling import Handling
from accord.web.shell import Shell

EVIL = """<script>alert(1)</script>"><img src=x onerror=alert(2)>'"""


class Page(HTMLParser):
    """Collects ids, tags and references of a drawn page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if values.get("id"):
            self.ids.append(str(values["id"]))
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            self.references.extend(str(values.get(name) or "").split())


def draw(env: Environment, body: str, **values: object) -> str:
    return env.from_string('{% import "components/ui.html" as ui %}' + body).render(**values)


def gallery(env: Environment) -> str:
    return env.get_template("web/gallery.html").render(
        shell=demo.shell(),
        demo=demo,
        tones=[c.Chip("Info", "info")],
        error_statuses=ERROR_STATUSES,
        csrf_input="",
    )


def test_the_gallery_shows_every_macro(env: Environment) -> None:
    """Every macro that pages can import is called by the gallery itself, or this fails."""
    exported = {n for n in env.get_template("components/ui.html").module.__dict__ if n[0] != "_"}
    source = env.loader.get_source(env, "web/gallery.html")[0]  # type: ignore[union-attr]  # the fixture gives a loader
    assert len(exported) > 40
    drawn = gallery(env)
    of_the_frame = {
        "demo_banner": '<section class="demo"',
        "handling_banner": "handling--sensitive",
    }
    assert all(mark in drawn for mark in of_the_frame.values())
    missing = {name for name in exported if not re.search(rf"\bui\.{name}\(", source)}
    assert missing == set(of_the_frame)


def test_every_macro_of_the_components_is_exported_or_a_piece_of_one(env: Environment) -> None:
    """A macro that is neither would be beside the gallery."""
    assert env.loader is not None
    ui = env.loader.get_source(env, "components/ui.html")[0]
    for name in env.list_templates():
        if not name.startswith("components/") or name.endswith("/ui.html"):
            continue
        text = env.loader.get_source(env, name)[0]
        for macro in re.findall(r"{%-? macro (\w+)\(", text):
            used = len(re.findall(rf"\b{macro}\(", text)) > 1
            assert used or f".{macro} %}}" in ui, f"{name}: {macro}"


def test_ids_on_a_page_are_unique_and_references_lead_somewhere(env: Environment) -> None:
    page = Page(gallery(env))
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)


def test_a_page_drawn_twice_is_the_same_bytes(env: Environment) -> None:
    assert gallery(env) == gallery(env)


def test_the_frame_shows_context_member_and_handling(env: Environment) -> None:
    text = gallery(env)
    expected = ["HT-2026-014", "Human trafficking investigation", "Warrant", "Maria Alvarez"]
    expected += ["Riverbend Police", "Sign out", "Not for court", "Skip to main content"]
    for words in expected:
        assert words in text


def test_without_a_context_the_search_box_is_closed_and_says_why(env: Environment) -> None:
    shell = replace(demo.shell(), context=None, search_href=None)
    text = env.from_string(
        '{% extends "layout/base.html" %}{% block title %}T{% endblock %}'
    ).render(shell=shell, csrf_input="")
    assert "No working context." in text
    box = next(a for tag, a in Page(text).tags if a.get("id") == "global-search")
    assert "disabled" in box
    assert box["aria-describedby"] == "global-search-reason"


def test_a_reading_page_without_its_handling_mark_does_not_draw(env: Environment) -> None:
    page = env.from_string('{% extends "layout/reading.html" %}{% block title %}T{% endblock %}')
    with pytest.raises(UndefinedError):
        page.render(shell=demo.shell(), csrf_input="")
    marked = page.render(shell=demo.shell(), csrf_input="", handling=Handling("secret", ("C",)))
    assert "handling--secret" in marked


def test_a_page_without_a_shell_does_not_draw(env: Environment) -> None:
    with pytest.raises(UndefinedError):
        env.get_template("layout/base.html").render()


@pytest.mark.parametrize("status", ERROR_STATUSES)
def test_an_error_page_says_what_who_and_the_reference(env: Environment, status: int) -> None:
    error = error_view(status, reference="REF-1", items=("line 3, field dob: not a date",))
    text = env.get_template("layout/error.html").render(error=error, shell=Shell.bare(demo.NOW))
    for words in (error.title, error.what, "Who can change it", "REF-1", "line 3, field dob"):
        assert words in text.replace("&#39;", "'")


def test_a_status_without_words_is_told_as_its_family() -> None:
    assert error_view(418).title == error_view(400).title
    assert error_view(502).title == error_view(500).title


def evil_pieces() -> dict[str, str]:
    return {
        "part": "{{ ui.part_panel(part, 'UTC') }}",
        "result": "{{ ui.result_list([result], evil, 'UTC') }}",
        "hit": "{{ ui.hit_card(hit) }}",
        "table": "{{ ui.table(evil, [column], [{evil: evil}]) }}",
        "text": "{{ ui.text_input('n', evil, evil, evil, evil) }}",
        "area": "{{ ui.textarea('n', evil, evil, evil, evil) }}",
        "select": "{{ ui.select('n', evil, [option], evil) }}",
        "radios": "{{ ui.radios('n', evil, [option], evil) }}",
        "button": "{{ ui.button(evil, name='n', value=evil, attrs={'data-x': evil}) }}",
        "held": "{{ ui.button(evil, disabled_reason=evil) }}",
        "copy": "{{ ui.copy_button(evil, evil) }}",
        "notice": "{{ ui.notice(evil, 'bad', evil) }}",
        "toast": "{{ ui.toast(evil) }}",
        "chip": "{{ ui.chip(evil, title=evil) }}",
        "summary": "{{ ui.error_summary([error]) }}",
        "timeline": "{{ ui.timeline([event], 'UTC') }}",
        "progress": "{{ ui.progress(job, 'j') }}",
        "proof": "{{ ui.proof_box(proof, 'UTC') }}",
        "diff": "{{ ui.diff([row], evil) }}",
        "empty": "{{ ui.empty(evil, evil) }}",
        "jumps": "{{ ui.jumps([(evil, 'here')]) }}",
        "crumbs": "{{ ui.breadcrumbs([{'text': evil, 'href': '/'}], evil) }}",
        "definitions": "{{ ui.definitions([property]) }}",
    }


@pytest.mark.parametrize("piece", sorted(evil_pieces()))
def test_stored_text_never_becomes_markup(env: Environment, piece: str) -> None:
    e = EVIL
    label = c.PartLabel(e, (e,), basis=e, offence=e)
    why = c.Why(c.Link(e, "/a"), e, e, e, (e,), (c.Obligation(e),), version=e)
    values = {
        "evil": e,
        "part": c.PartPanel(
            "p", e, label, (c.Property(e, (e,)),), e, c.Grading(e, e, e, e, e), why=why, source=e
        ),
        "result": c.Result("/r", e, e, e, e, (e,), (e,), (c.Chip(e),)),
        "hit": c.Hit(e, e, e, c.DutyDesk(e, e, e, e), cannot_ask=e),
        "column": c.Column(e, e),
        "option": c.Option(e, e, e),
        "error": c.FieldError(e, e),
        "event": c.Event(demo.NOW, e, e, e),
        "job": c.Progress(e, 1, 2, e, counts=((e, 1),), note=e),
        "proof": c.Proof(1, e, e, 1, e, 1, cosignatures=(c.Cosignature(e, "signed", e),)),
        "row": c.DiffRow(e, "changed", e, e),
        "property": c.Property(e, (e, c.Code(e), c.Chip(e), c.Link(e, "/"))),
    }
    text = draw(env, evil_pieces()[piece], **values)
    tags = Page(text).tags
    assert "alert(1)" in text
    assert not [tag for tag, attrs in tags if tag in ("script", "img") or "onerror" in attrs]


def test_a_missing_value_is_an_error_and_not_a_gap(env: Environment) -> None:
    with pytest.raises(UndefinedError):
        draw(env, "{{ nothing_of_that_name }}")


def test_no_template_can_mark_text_as_safe(env: Environment) -> None:
    with pytest.raises(TemplateSyntaxError, match="No filter named 'safe'"):
        env.from_string("{{ x|safe }}")


def test_a_disabled_button_says_why_and_stays_focusable(env: Environment) -> None:
    tags = Page(draw(env, "{{ ui.button('Sign', disabled_reason='Ask your supervisor') }}")).tags
    attrs = next(a for tag, a in tags if tag == "button")
    assert attrs["aria-disabled"] == "true"
    assert "disabled" not in attrs
    assert attrs["aria-describedby"] == "sign-reason"
    assert attrs["type"] == "button"


def test_a_withheld_part_shows_nothing_of_its_content(env: Environment) -> None:
    part = replace(demo.parts()[0], withheld="Ask the owner.", text="Kowalczyk lives here")
    text = draw(env, "{{ ui.part_panel(part, 'UTC') }}", part=part)
    assert "Kowalczyk" not in text
    assert "Ask the owner." in text


@pytest.mark.parametrize("state", ["unverified", "failed"])
def test_only_a_checked_proof_claims_to_prove(env: Environment, state: str) -> None:
    body = "{{ ui.proof_box(proof, 'UTC') }}"
    checked = demo.proofs()[0]
    assert "Proves that" in draw(env, body, proof=checked)
    assert "Proves that" not in draw(env, body, proof=replace(checked, checked=state))


def test_a_running_job_asks_again_and_a_finished_one_does_not(env: Environment) -> None:
    body = "{{ ui.progress(job, 'j', '/import/1/progress') }}"
    assert "hx-get" in draw(env, body, job=c.Progress("x", 1, 2))
    assert "hx-get" not in draw(env, body, job=c.Progress("x", 2, 2, state="done"))


def test_a_field_ties_hint_and_error_to_its_control(env: Environment) -> None:
    tags = Page(draw(env, "{{ ui.text_input('q', 'Q', hint='h', error='e') }}")).tags
    attrs = next(a for tag, a in tags if tag == "input")
    assert attrs["aria-describedby"] == "f-q-hint f-q-error"
    assert attrs["aria-invalid"] == "true"


def test_an_unset_value_is_told_in_a_word(env: Environment) -> None:
    assert "None" in draw(env, "{{ ui.cell(none) }}")
    assert draw(env, "{{ ui.cell(0) }}") == "0"
