"""Pages speak the reader's language, and nothing but pages does (decision 0016)."""

from __future__ import annotations

import copy
import json
import pickle
import re
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from jinja2 import Environment, nodes
from markupsafe import Markup, escape

from accord.kernel.languages import FOLDER, LANGUAGES, PSEUDO, accepted, direction
from accord.kernel.phrases import (
    counted,
    headed,
    joined,
    language,
    packed,
    phrase,
    read_in,
    unpacked,
)
from accord.web import filters
from accord.web import gallery as demo
from accord.web.errors import error_view
from accord.web.jinja import environment, template_dirs
from accord.web.language import middleware
from accord.web.look import Look, parse
from accord.web.scripts import scripts_say
from accord.web.shell import Shell
from accord.web.views import look

ROOT = Path(__file__).resolve().parents[3]
CODES = [code for code in LANGUAGES if code != "en"]
HOLES = re.compile(r"%\((\w+)\)s")
TAGS = re.compile(r"</?[a-z][^>]*>")
UNTRANSLATED = {"web/gallery.html", "records/copy.html"}
NO_WORDS = {"Accord", "Ctrl", "openssl", "UTC", "YAML"}
"""Names that are the same in every language; `openssl` begins a command to copy."""


def test_the_catalogues_are_what_the_source_says() -> None:
    told = subprocess.run(
        [sys.executable, str(ROOT / "dev" / "languages.py"), "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, f"run make languages:\n{told.stdout}{told.stderr}"


@pytest.mark.parametrize("code", CODES)
def test_a_translation_has_the_values_and_the_markup_of_its_message(code: str) -> None:
    wrong = []
    for path in sorted((FOLDER / code).glob("*.po")):
        for message in read_po(path.open("rb"), locale=code):
            plural = isinstance(message.id, tuple)
            said = message.id[-1] if plural else message.id
            for text in message.string if plural else [message.string]:
                if not message.id or not text:
                    continue
                holes = set(HOLES.findall(text)), set(HOLES.findall(said))
                fits = holes[0] == holes[1] or (plural and holes[0] == holes[1] - {"count"})
                same = Counter(TAGS.findall(text)) == Counter(TAGS.findall(said))
                if not fits or not same:
                    wrong.append((path.name, said, text))
    assert wrong == []


@pytest.mark.parametrize("code", CODES)
def test_every_message_is_translated(code: str) -> None:
    lacking = []
    for path in sorted((FOLDER / code).glob("*.po")):
        for message in read_po(path.open("rb"), locale=code):
            texts = message.string if isinstance(message.id, tuple) else [message.string]
            if message.id and not all(texts):
                lacking.append((path.name, message.id))
    assert lacking == []


def test_a_phrase_is_english_wherever_it_is_a_string() -> None:
    with read_in("es"):
        said = phrase("Home")
        assert str(escape(said)) == "Inicio"
        assert (said, f"{said}", str(said), json.dumps(said)) == ("Home", "Home", "Home", '"Home"')
        assert hash(said) == hash("Home")
        assert pickle.loads(pickle.dumps(said)) == "Home"
        assert type(pickle.loads(pickle.dumps(said))) is str
        assert str(escape(copy.deepcopy(said))) == "Inicio"
    assert language() == "en"


def test_pieces_of_a_sentence_are_told_in_its_language() -> None:
    to = phrase("Go to %(label)s", label=phrase("Cases"))
    assert to == "Go to Cases"
    with read_in("es"):
        assert str(escape(to)) == "Ir a Casos"
        assert str(escape(headed(phrase("Home").lower()))) == "Inicio"
        assert str(escape(joined([phrase("Home"), "x"], ", "))) == "Inicio, x"
        assert str(escape("– " + phrase("Home") + "!")) == "– Inicio!"
        assert Markup("<b>%s</b>") % phrase("Home") == "<b>Inicio</b>"


def test_a_number_takes_the_form_that_its_language_has() -> None:
    days = [counted(n, "%(count)s day", "%(count)s days") for n in (1, 2, 3, 11, 1204)]
    assert days == ["1 day", "2 days", "3 days", "11 days", "1,204 days"]
    with read_in("ar"):
        assert [str(escape(d)) for d in days[:4]] == ["يوم واحد", "يومان", "3 أيام", "11 يومًا"]
    with read_in("fr"):
        assert str(escape(days[4])) == "1\u202f204 jours"


def test_days_and_lists_are_written_as_the_language_has_them() -> None:
    day, both = filters.as_date(date(2026, 3, 3)), filters.listing(["a", "b", "c"])
    assert (day, both) == ("3 Mar 2026", "a, b and c")
    with read_in("fr"):
        assert str(escape(day)) == "3 mars 2026"
        assert str(escape(both)) == "a, b et c"
        assert str(escape(filters.duration(timedelta(days=2)))) == "2 jours"


def test_what_is_not_translated_is_shown_in_english_and_escaped() -> None:
    with read_in("es"):
        assert str(escape(phrase("Nobody <has> %(x)s", x="<b>"))) == "Nobody &lt;has&gt; &lt;b&gt;"


def test_nothing_is_nothing_in_every_language() -> None:
    assert [phrase("").in_language(code) for code in CODES] == [""] * len(CODES)


def test_a_message_waits_for_the_next_page_without_losing_its_language() -> None:
    kept = json.loads(json.dumps(packed(phrase("Go to %(label)s", label=phrase("Cases")))))
    with read_in("es"):
        assert str(escape(unpacked(kept))) == "Ir a Casos"
        days = unpacked(
            json.loads(json.dumps(packed(counted(2, "%(count)s day", "%(count)s days"))))
        )
        assert str(escape(days)) == "2 días"
    assert unpacked("as it was") == "as it was"
    assert unpacked(None) is None


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("de-DE, fr;q=0.5, en;q=0.3", "fr"),
        ("en;q=0.2, ar", "ar"),
        ("es;q=0, en", "en"),
        ("xx, *;q=0.1", "en"),
        ("es;q=much", "en"),
    ],
)
def test_the_browser_says_which_language_it_likes(header: str, code: str) -> None:
    assert accepted(header) == code


def test_the_choice_stands_in_the_look_cookie() -> None:
    assert parse("dark.dense.es") == Look("dark", "dense", "es")
    assert parse("dark.dense.xx") == Look("dark", "dense")
    assert parse("dark.dense") == Look("dark", "dense")
    assert str(parse("dark.dense.ar")) == "dark.dense.ar"


def test_keeping_the_colours_keeps_the_language() -> None:
    asked = RequestFactory().post("/look", {"theme": "dark", "density": "compact", "back": "/"})
    asked.COOKIES["accord_look"] = "auto.compact.fr"
    assert look(asked).cookies["accord_look"].value == "dark.compact.fr"


def test_a_page_says_its_language_and_what_it_depends_on() -> None:
    heard: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        heard.append(language())
        return HttpResponse("<p>")

    ask = RequestFactory()
    page = middleware(view)(ask.get("/cases/", headers={"Accept-Language": "fr"}))
    assert page.headers["Content-Language"] == "fr"
    assert page.headers["Vary"] == "Accept-Language, Cookie"
    chosen = ask.get(
        "/cases/", headers={"Accept-Language": "fr", "Cookie": "accord_look=auto.compact.ar"}
    )
    assert middleware(view)(chosen).headers["Content-Language"] == "ar"
    middleware(view)(ask.get("/api/v1/records", headers={"Accept-Language": "fr"}))
    assert heard == ["fr", "ar", "en"]


@pytest.fixture(scope="module")
def env() -> Environment:
    from jinja2 import FileSystemLoader

    return environment(loader=FileSystemLoader([str(d) for d in template_dirs()]))


def names(env: Environment) -> list[str]:
    return [n for n in env.list_templates() if n not in UNTRANSLATED]


SAID_IN = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-says)="([^"{]*)"')
NO_DATA = re.compile(
    r"\{#.*?#\}|\{%[-+]? ?trans\b.*?endtrans [-+]?%\}|\{\{.*?\}\}|\{%.*?%\}|<pre\b.*?</pre>", re.S
)

NO_TEXT = re.compile(r"{% block (?:page|body)_class %}.*?{% endblock %}")


def unmarked(source: str) -> set[str]:
    """Words that stand in a template outside of a message, in its text or its attributes."""
    data = NO_DATA.sub("", NO_TEXT.sub("", source))
    texts = [re.sub(r"<[^<>]*>", " ", data), *SAID_IN.findall(data)]
    return set(re.findall(r"[^\W\d_]{3,}", " ".join(texts))) - NO_WORDS


def unsaid(env: Environment, source: str) -> set[str]:
    """Sentences given to a macro without being made a message; topics of live pages are none."""
    tree = env.parse(source)
    marked = {
        id(arg)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "counted", "gettext")
        for arg in call.args
    } | {id(word.value) for word in tree.find_all(nodes.Keyword) if word.key == "live"}
    sentence = re.compile(r"^[A-Z][a-z]+[ ,.:]|^[A-Z][a-z]{3,}$| [a-z]+ [a-z]+ ")
    return {
        str(text.value)
        for text in tree.find_all(nodes.Const)
        if id(text) not in marked and isinstance(text.value, str) and sentence.search(text.value)
    } - {"Enter", "Ctrl"}


def source_of(env: Environment, name: str) -> str:
    assert env.loader is not None
    return env.loader.get_source(env, name)[0]


def test_an_unmarked_word_is_found(env: Environment) -> None:
    assert unmarked('<p class="x">{% trans %}One{% endtrans %} two</p><i title="Three">') == {
        "two",
        "Three",
    }
    assert unsaid(env, '{{ f(_("Said here"), "Not said here") }}') == {"Not said here"}


def test_every_word_of_a_template_is_part_of_a_message(env: Environment) -> None:
    sources = {n: source_of(env, n) for n in names(env)}
    assert {n: found for n, text in sources.items() if (found := unmarked(text))} == {}
    assert {n: found for n, text in sources.items() if (found := unsaid(env, text))} == {}


def test_the_words_of_a_page_are_all_messages(env: Environment) -> None:
    """The pseudo-language brackets each message, so whatever stands outside was never marked."""
    shell = demo.shell()
    with read_in(PSEUDO):
        page = env.get_template("layout/error.html").render(
            error=error_view(403, reference="01J9-7Q4T"), shell=Shell.bare(demo.NOW)
        )
        frame = env.get_template("layout/frame.html").module
        menu = str(frame.context_bar(shell)) + str(frame.key_map(shell))  # type: ignore[attr-defined]  # macros
    assert "⟦You may not do this here⟧" in page
    visible = re.sub(r"<[^<>]*>", " ", page.partition("<body")[2])
    while "⟦" in visible:
        visible = re.sub(r"⟦[^⟦⟧]*⟧", " ", visible)
    left = set(re.findall(r"[^\W\d_]{3,}", visible)) - NO_WORDS - {"class", "page"}
    assert left == set()
    assert "⟦Legal basis⟧" in menu
    assert "⟦Everywhere⟧" in menu


def test_what_scripts_say_is_known_to_the_catalogue() -> None:
    scripts = sorted((ROOT / "src/accord/web/static/accord").glob("*.js"))
    said = {m for s in scripts for m in re.findall(r'\bsays\("([^"]*)"', s.read_text("utf-8"))}
    assert said == {english for english, _ in scripts_say()}


def test_arabic_pages_are_set_from_right_to_left(env: Environment) -> None:
    assert [direction(c) for c in LANGUAGES] == ["ltr", "ltr", "ltr", "rtl"]
    with read_in("ar"):
        page = env.get_template("layout/error.html").render(
            error=error_view(404), shell=Shell.bare(demo.NOW)
        )
    assert '<html lang="ar" dir="rtl"' in page


def test_a_value_keeps_its_direction_in_a_sentence_from_right_to_left(env: Environment) -> None:
    born = phrase("date of birth: %(day)s", day="1990-07-08")
    drawn = env.from_string("{% trans x=x %}Go to {{ x }}{% endtrans %}")
    with read_in("ar"):
        assert "\u20681990-07-08\u2069" in str(escape(born))
        assert "\u206826-H-4471\u2069" in drawn.render(x="26-H-4471")
        assert drawn.render(x=Markup("<b>26</b>")).endswith("<b>26</b>")
    with read_in("es"):
        assert "\u2068" not in drawn.render(x="26-H-4471") + str(escape(born))


def test_style_sheets_name_no_side_of_the_page() -> None:
    physical = re.compile(
        r"(margin|padding|border)-(left|right)\b|[\s;{](left|right)\s*:|"
        r"text-align:\s*(left|right)|float:\s*(left|right)"
    )
    sheets = sorted((ROOT / "src/accord/web/static/accord").glob("*.css"))
    assert sheets
    ours = {
        s.name: re.sub(r'^\[dir="rtl"\].*$', "", s.read_text("utf-8"), flags=re.M) for s in sheets
    }
    assert [name for name, text in ours.items() if physical.search(text)] == []
