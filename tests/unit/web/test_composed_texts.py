"""Texts made of others speak the reader's language to the last word, also on the page after (0016)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from markupsafe import Markup, escape

from accord.desk import exposing_screen
from accord.desk.exposing import KeySaid
from accord.exchange.webhooks import views
from accord.exchange.webhooks.domain import MISSED, STOPPED, Delivery, DeliveryState
from accord.kernel.errors import AccordError, InvalidInput
from accord.kernel.languages import FOLDER, LANGUAGES, PSEUDO
from accord.kernel.phrases import (
    counted,
    headed,
    joined,
    packed,
    phrase,
    read_in,
    thousands,
    unpacked,
)
from accord.records import checking, duty_screen, recall_screen, retention_screen
from accord.records.intake.drafting import Rejected
from accord.records.queries.exports import CopyLine
from accord.records.queries.retention import Going
from accord.records.recalls import Copy
from accord.web import filters

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
CODES = [*LANGUAGES, PSEUDO]
DAYS = counted(2, "%(count)s day", "%(count)s days")
COMPOSED = {
    "joined": joined([phrase("Home"), "x <b>", phrase("Cases")], ", "),
    "glued": "– " + phrase("Home") + "!",
    "listing": filters.listing([phrase("Home"), "A. Person", phrase("Cases")], "or"),
    "words": filters.word_list(["records-custodian", "supervisor"]),
    "word": filters.words(phrase("Home").lower()),
    "headed": headed(phrase("Home").lower()),
    "day": filters.as_date(date(2026, 3, 3)),
    "moment": filters.as_datetime(AT, "America/Chicago"),
    "number": thousands(1204),
    "length": filters.period("P1Y2M"),
    "inside": phrase("Go to %(label)s", label=joined([phrase("Cases"), DAYS], "; ")),
    "name like the shape": phrase("%(said)s %(plain)s", said=phrase("Home"), plain=DAYS),
}


def seen(text: object, code: str) -> str:
    with read_in(code):
        return str(escape(text))


def kept(text: str) -> Any:
    """As a session keeps it."""
    return json.loads(json.dumps(packed(text)))


@pytest.mark.parametrize("text", COMPOSED.values(), ids=COMPOSED)
def test_a_composed_text_waits_for_the_next_page_without_losing_a_word(text: str) -> None:
    again = unpacked(kept(text))
    assert again == text
    assert {code: seen(again, code) for code in CODES} == {c: seen(text, c) for c in CODES}
    assert seen(again, "es") != seen(str.__str__(text), "es") or text == "1,204"


@pytest.mark.parametrize(
    "shape",
    [
        {}, {"said": []}, {"said": ["Go to %(label)s", {"label": "x"}]}, {"said": 3},
        {"said": ["phrase"]}, {"said": ["phrase", "%(x)s", []]}, {"said": ["phrase", 7]},
        {"said": ["phrase", "%(x", [["x", 1]]]}, {"said": ["nobody", "x"]}, {"said": ["day", "no"]},
        {"said": ["counted", "a", "b", "many", []]}, {"said": ["number", [1]]},
        {"said": ["joined", 4, ", "]}, {"said": ["lower", 4]}, {"said": ["listing", [1, 2], "and"]},
        {"said": ["phrase", "Something else"]}, {"said": [["phrase"], "x"]}, {"said": None},
        {"said": ["phrase", "x", 5]}, {"said": ["phrase", "x", [1]]}, {"said": [{}, "x"]},
    ],
)  # fmt: skip
def test_what_another_version_packed_is_plain_text(shape: dict[str, Any]) -> None:
    plain = "As <b>it</b> was"
    for code in CODES:
        assert seen(unpacked({**shape, "plain": plain}), code) == "As &lt;b&gt;it&lt;/b&gt; was"
        assert unpacked(shape) is None


def test_what_is_no_packed_text_says_nothing() -> None:
    assert [unpacked(x) for x in (3, [], ["phrase", "Home"], True, None)] == [None] * 5
    assert unpacked({"said": ["phrase", "Home"], "plain": 4}) is None


def test_markup_is_text_on_the_next_page() -> None:
    for text in (Markup("<b>x</b>"), phrase("Go to %(label)s", label=Markup("<b>x</b>"))):
        again = unpacked(kept(text))
        assert not isinstance(again, Markup)
        assert "<b>" not in seen(again, "en") + seen(again, "es")


def _outside(text: object) -> set[str]:
    """Words that are part of no message: in the pseudo-language each message stands in brackets."""
    shown = seen(text, PSEUDO)
    while "⟦" in shown:
        shown = re.sub(r"⟦[^⟦⟧]*⟧", " ", shown)
    return set(re.findall(r"[^\W\d_]{3,}", shown))


def test_lists_of_slugs_are_words_of_the_reader() -> None:
    taken = Copy(UUID(int=1), AT, "m", "html", ("identity", "narrative"), "0" * 64)
    line = CopyLine(
        UUID(int=1), UUID(int=2), UUID(int=3), "a", "b", "m", AT, "html", "Person",
        ("identity", "narrative"), "", "0" * 64, None,
    )  # fmt: skip
    (listed,) = duty_screen.copy_rows([line], [], {}, {}, "b", "UTC")
    for said in (recall_screen.copy_row(taken, {}, "UTC")["parts"], listed["parts"]):
        assert said == "Identity, narrative"
        assert _outside(said) == set()
        assert seen(said, "fr") != said


def test_who_a_part_is_about_is_told_in_the_language_of_the_reader() -> None:
    from isolation.contributing import draft

    (part, *_) = draft(subjects=("victim", "witness")).parts
    goes = Going(UUID(int=1), "identity", 1, part.label, True, False, 1, 1)
    said = retention_screen.goes_row(goes)["subjects"]
    assert said == "Victim, witness"
    assert _outside(said) == set()


@pytest.mark.parametrize("kind", ["determination(emergency)", "case", "grant", "consent"])
def test_each_kind_of_key_is_said_in_one_message(kind: str) -> None:
    key = KeySaid(kind, ("identity",), None, None, None, AT)
    assert _outside(exposing_screen._key(key, {}, "UTC")) <= {"Nov"}


def test_why_the_node_paused_a_webhook_is_told_in_every_language() -> None:
    assert [why for why in STOPPED.values() if _outside(why)] == []
    assert all(seen(why, "ar") != why for why in STOPPED.values())


@pytest.mark.parametrize("fault", views.FAULTS)
def test_how_a_message_went_is_told_in_the_language_of_the_reader(fault: str) -> None:
    sent = Delivery(
        UUID(int=1), UUID(int=2), MISSED, UUID(int=2), None, AT, 0, AT, DeliveryState.WAITING,
        None, fault, None,
    )  # fmt: skip
    row = views._message(sent, "UTC")
    assert _outside(row["said"]) | _outside(row["topic"]) == set()
    assert views._message(replace(sent, fault=None, status=204), "UTC")["said"] == "204"


def test_a_fault_with_its_place_is_told_with_its_rule_in_the_language_of_the_reader() -> None:
    fault = InvalidInput("file.csv", 3, "dob", phrase("must not be empty"))
    assert str(fault) == "file.csv:3: dob: must not be empty"
    assert str(InvalidInput("file.csv", None, "", "50%")) == "file.csv: 50%"
    assert "no puede quedar vac" in seen(str(fault), "es")


@pytest.mark.parametrize(
    "breaks",
    [
        lambda: checking.reason_of("", "short"),
        lambda: checking.reason_of("", ""),
    ],
)
def test_what_a_check_asks_for_is_a_message(breaks: Callable[[], object]) -> None:
    with pytest.raises(AccordError) as caught:
        breaks()
    assert isinstance(caught.value, InvalidInput)
    assert _outside(caught.value.rule) == set()


def test_what_a_record_lacks_is_a_message() -> None:
    from isolation.contributing import draft

    with pytest.raises(Rejected) as caught:
        draft(schema="Warrant")
    (lacking,) = [p for p in caught.value.problems if p.rule == "required"]
    assert lacking.reason == "a warrant needs warrant number"
    assert _outside(lacking.reason) == set()


# -- what forms refuse -----------------------------------------------------------------------------

FORMS = (
    "records/actions", "records/views", "records/checking.py", "records/recalls.py",
    "cases", "exchange/actions", "exchange/views", "exchange/mapping", "exchange/profile.py",
    "exchange/webhooks", "agreements/scope.py", "records/values.py",
)  # fmt: skip


def _plain_rules(source: str) -> Iterator[int]:
    """Lines where a rule of a fault is a text and no message."""
    for node in ast.walk(ast.parse(source)):
        said: list[ast.expr] = []
        match node:
            case ast.Assign(targets=[ast.Name(id="rule")], value=value):
                said = [value]
            case ast.Call(func=ast.Name(id="InvalidInput"), args=[*_, rule]):
                said = [rule]
            case ast.Call(func=ast.Attribute(attr="fault"), args=[*_, rule]):
                said = [rule]
        for text in said:
            if isinstance(text, ast.JoinedStr) or (
                isinstance(text, ast.Constant) and isinstance(text.value, str)
            ):
                yield text.lineno


def test_a_plain_rule_is_found() -> None:
    assert list(_plain_rules('rule = "must be"\nInvalidInput("a", None, "b", f"c {d}")')) == [1, 2]
    assert list(_plain_rules('rule = phrase("must be")\nInvalidInput("a", None, "b", rule)')) == []


def test_every_rule_that_a_form_is_held_to_is_a_message() -> None:
    source = ROOT / "src" / "accord"
    files = [
        p
        for f in FORMS
        for p in ([source / f] if f.endswith(".py") else (source / f).rglob("*.py"))
    ]
    assert len(files) > 40
    assert {str(p): found for p in files if (found := [*_plain_rules(p.read_text("utf-8"))])} == {}


# -- which way things point ------------------------------------------------------------------------


def test_what_is_folded_points_where_reading_goes_on() -> None:
    folder = ROOT / "src/accord/web/static/accord"
    sheets = {p.name: p.read_text("utf-8") for p in folder.glob("*.css")}
    tokens = sheets.pop("tokens.css")
    assert "--closed: rotate(-90deg)" in tokens
    assert '[dir="rtl"] { --closed: rotate(90deg); }' in tokens
    assert [n for n, text in sheets.items() if re.search(r"rotate\(-?90deg\)", text)] == []
    assert sum(text.count("var(--closed)") for text in sheets.values()) == 3
    assert '[dir="rtl"] .paging__link .icon { transform: scaleX(-1); }' in sheets["base.css"]


def test_the_heading_of_differences_is_no_verb() -> None:
    said = {
        code: "".join(p.read_text("utf-8") for p in (FOLDER / code).glob("*.po"))
        for code in LANGUAGES
        if code != "en"
    }
    for text in said.values():
        assert re.search(r'#: \S*frame\.html\nmsgid "Change"', text)
        assert re.search(r'#: \S*proof\.html\nmsgid "Difference"', text)
