"""Writes the YAML of a clause from what somebody chose in a form, for the common cases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Chosen = tuple[str, ...]

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9()-]*")
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SECTION = re.compile(r"clauses:\s*(\[\s*\])?\s*(#.*)?$")
_NEXT = re.compile(r"[^\s#-]")
_ITEM = re.compile(r"(\s*)-\s")
INDENT = "  "


@dataclass(frozen=True, slots=True)
class ClauseForm:
    """One clause as a form holds it; what is left empty, the clause does not ask."""

    id: str
    prose: str
    effect: Literal["permit", "forbid"]
    action: str
    agencies: Chosen = ()
    roles: Chosen = ()
    training: Chosen = ()
    assurance: str = ""
    purposes: Chosen = ()
    schemas: Chosen = ()
    parts: Chosen = ()
    subjects: Chosen = ()
    keys: Chosen = ()
    obligations: Chosen = ()
    """As an obligation reads in words of the vocabulary: `no-onward` or `end-access: P90D`."""
    recipients: Chosen = ()
    unless_roles: Chosen = ()
    unless_keys: Chosen = ()


def clause_yaml(form: ClauseForm, indent: str = INDENT) -> str:
    """The clause as an item of `clauses`, each line ended, ready to be put into an agreement."""
    lines = [
        f"- id: {_quoted(form.id)}",
        f"  prose: {_quoted(form.prose)}",
        f"  {form.effect}: {form.action}",
        *_mapping("to", _to(form)),
        *_mapping("for", [("purpose", _list(form.purposes))]),
        *_mapping("of", _of(form)),
        *(_permit_lines(form) if form.effect == "permit" else _forbid_lines(form)),
    ]
    return "".join(f"{indent}{line}\n" for line in lines)


def _to(form: ClauseForm) -> list[tuple[str, str]]:
    return [
        ("agency", _list(form.agencies)),
        ("role", _list(form.roles)),
        ("training", _list(form.training) if form.effect == "permit" else ""),
        ("assurance", form.assurance if form.effect == "permit" else ""),
    ]


def _of(form: ClauseForm) -> list[tuple[str, str]]:
    return [
        ("schema", _list(form.schemas)),
        ("subject", _list(form.subjects)),
        ("part", _list(form.parts)),
    ]


def _permit_lines(form: ClauseForm) -> list[str]:
    lines = []
    if form.keys:
        lines.append(f"  when: {_list(form.keys)}")
    if form.recipients:
        lines.append(f"  recipients: {_list(form.recipients)}")
    if form.obligations:
        lines.append(f"  obligations: [{', '.join(map(_obligation, form.obligations))}]")
    return lines


def _forbid_lines(form: ClauseForm) -> list[str]:
    to = f"to: {{role: {_list(form.unless_roles)}}}" if form.unless_roles else ""
    when = f"when: {_list(form.unless_keys)}" if form.unless_keys else ""
    exceptions = ", ".join(filter(None, (to, when)))
    return [f"  unless: {{{exceptions}}}"] if exceptions else []


def _mapping(name: str, entries: Iterable[tuple[str, str]]) -> list[str]:
    given = [f"{key}: {value}" for key, value in entries if value]
    return [f"  {name}: {{{', '.join(given)}}}"] if given else []


def _obligation(text: str) -> str:
    kind, colon, value = text.partition(":")
    return f"{{{kind}: {_word(value.strip())}}}" if colon else _word(kind)


def _list(words: Chosen) -> str:
    return f"[{', '.join(map(_word, words))}]" if words else ""


def _word(word: str) -> str:
    plain = _PLAIN.fullmatch(word) and word.lower() not in _NOT_TEXT
    return word if plain else _quoted(word)


def _quoted(text: str) -> str:
    """A text in double quotes that YAML reads back as it was; line ends become spaces."""
    one_line = " ".join(text.split())
    found = json.dumps(one_line, ensure_ascii=False)
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", found)


def insert_clause(text: str, form: ClauseForm) -> str:
    """The text of an agreement with the clause after its last one; the rest stays as it is."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    start = next((n for n, line in enumerate(lines) if _SECTION.match(line)), None)
    if start is None:
        return "".join([*lines, "clauses:\n", clause_yaml(form)])
    lines[start] = "clauses:\n" if "[" in lines[start].partition("#")[0] else lines[start]
    end = next((n for n in range(start + 1, len(lines)) if _NEXT.match(lines[n])), len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    indents = [found[1] for line in lines[start + 1 : end] if (found := _ITEM.match(line))]
    written = clause_yaml(form, indents[0] if indents else INDENT)
    return "".join([*lines[:end], written, *lines[end:]])
