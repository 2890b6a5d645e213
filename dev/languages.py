"""Extracts every message into src/accord/locale/*.pot and brings the .po files up to date.

    dev/languages.py            write what changed
    dev/languages.py --check    write nothing; fail where a .pot is not what the source says
    dev/languages.py --count    how many messages there are, and how many each language has

Messages come from `{% trans %}`, `_()`, `counted()` and `|pluralise` in templates; from `phrase`,
`counted` and `pluralise` in Python; from the vocabulary's words, the ontology's labels and the
disciplines of expertise.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import nodes
from jinja2.ext import extract_from_ast

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "accord"
LOCALE = SOURCE / "locale"
sys.path.insert(0, str(ROOT / "src"))

from accord.agreements.domain import KINDS  # noqa: E402 - the path above leads to it
from accord.assistance.disciplines import disciplines  # noqa: E402 - the path above leads to it
from accord.exchange.webhooks.domain import DeliveryState, EndpointState  # noqa: E402 - the path above leads to it
from accord.kernel.languages import LANGUAGES  # noqa: E402 - the path above leads to it
from accord.ledger.domain import Kind  # noqa: E402 - the same
from accord.web.filters import words  # noqa: E402 - the same
from accord.web.jinja import environment  # noqa: E402 - the same

UNTRANSLATED = frozenset({"web/gallery.html", "records/copy.html"})
"""Made-up values; and what leaves the node, in English for everybody."""
PARTS = {
    "records": ("records",),
    "agreements": ("agreements", "exchange"),
    "assistance": ("assistance",),
    "custody": ("evidence/custody", "evidence/templates/custody"),
    "vocabulary": (),
    "desk": (),
}
"""A .po file for each, by folder; `desk` has the rest. A message stands in the first that has it."""
PLACEHOLDER = re.compile(r"%\(\w+\)s")
PLURALS = {
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 "
    ": n%100>=11 && n%100<=99 ? 4 : 5);",
}
"""What a new .po file starts with; the file's own head is kept afterwards."""
Message = str | tuple[str, str]


def catalogue_of(path: Path) -> str:
    place = path.relative_to(SOURCE).as_posix()
    fits = (n for n, folders in PARTS.items() if any(place.startswith(f"{f}/") for f in folders))
    return next(fits, "desk")


def template_messages(path: Path) -> Iterator[tuple[int, Message]]:
    """The messages of one template."""
    tree = environment().parse(path.read_text("utf-8"))
    for line, function, said in extract_from_ast(tree, ("_", "gettext", "ngettext", "counted")):
        texts = [t for t in (said if isinstance(said, tuple) else (said,)) if isinstance(t, str)]
        if function == "counted":
            yield line, (texts[0], texts[1])
        elif texts:
            yield line, texts[0]
    for node in tree.find_all(nodes.Filter):
        if node.name == "pluralise":
            nouns = [a.value for a in node.args if isinstance(a, nodes.Const)]
            if nouns:
                yield node.lineno, plural(*nouns)


def plural(one: str, many: str | None = None) -> Message:
    return f"%(count)s {one}", f"%(count)s {many or one + 's'}"


def python_messages(path: Path) -> Iterator[tuple[int, Message]]:
    """The messages of one module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        said = [t for t in texts if isinstance(t, str)]
        match node.func.id, said:
            case "phrase", [message, *_]:
                yield node.lineno, message
            case "counted", [one, many, *_]:
                yield node.lineno, (one, many)
            case "pluralise", [_, *_]:
                yield node.lineno, plural(*said)
            case _:
                pass
    if path.name == "filters.py":
        yield from _units(path)


def _units(path: Path) -> Iterator[tuple[int, Message]]:
    """The tables of units, whose pairs stand as data."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Tuple):
            said = [e.value for e in node.elts if isinstance(e, ast.Constant)]
            texts = [t for t in said if isinstance(t, str) and t.startswith("%(count)s ")]
            if len(texts) == 2:
                yield node.lineno, (texts[0], texts[1])


def data_messages() -> Iterator[tuple[Path, Message]]:
    """The words of the vocabularies, labels of the ontology and codes, as screens show them."""
    for path in sorted(SOURCE.glob("kernel/vocabularies/*.yaml")):
        for text in _vocabulary(yaml.safe_load(path.read_text("utf-8"))):
            yield path, text
    for path in sorted(SOURCE.glob("records/ontology/*.yaml")):
        for text in _labels(yaml.safe_load(path.read_text("utf-8"))):
            yield path, text
    for word, meaning in disciplines().items():
        yield SOURCE / "assistance" / "disciplines.yaml", str(words(word))
        yield SOURCE / "assistance" / "disciplines.yaml", meaning
    for kinds in (Kind, EndpointState, DeliveryState):
        for kind in kinds:
            yield (
                SOURCE / Path(*kinds.__module__.split(".")[1:]).with_suffix(".py"),
                str(words(kind)),
            )
    for kind in KINDS:
        yield SOURCE / "agreements" / "domain.py", str(words(kind))


def _vocabulary(data: Any) -> Iterator[str]:
    for dimension in data["dimensions"].values():
        for word, meaning in dimension["words"].items():
            yield str(words(str(word)))
            yield str(meaning)


def _labels(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name in ("label", "plural", "title") and isinstance(value, str):
                yield value
            elif name == "values" and isinstance(value, list):
                yield from (str(words(str(w))) for w in value)
            else:
                yield from _labels(value)
    elif isinstance(data, list):
        for item in data:
            yield from _labels(item)


def extracted() -> dict[str, Catalog]:
    """A template catalogue for each part."""
    found = {name: _empty() for name in PARTS}
    seen: dict[str, str] = {}

    def add(part: str, path: Path, line: int, message: Message) -> None:
        key = message if isinstance(message, str) else message[0]
        home = seen.setdefault(key, part)
        if re.search(r"[^\W\d_]", PLACEHOLDER.sub("", key)):
            place = (path.relative_to(ROOT).as_posix(), line)
            found[home].add(message, locations=[place])

    for path in sorted(SOURCE.glob("*/templates/*/*.html"), key=_order):
        if "/".join(path.parts[-2:]) not in UNTRANSLATED:
            for line, message in sorted(template_messages(path), key=str):
                add(catalogue_of(path), path, line, message)
    for path in sorted(SOURCE.rglob("*.py"), key=_order):
        if path != SOURCE / "web" / "gallery.py":
            for line, message in python_messages(path):
                add(catalogue_of(path), path, line, message)
    for path, message in data_messages():
        add("vocabulary", path, 0, message)
    return found


def _order(path: Path) -> tuple[bool, str]:
    return path.relative_to(SOURCE).parts[0] not in ("web", "kernel"), path.as_posix()


def _empty() -> Catalog:
    return Catalog(project="Accord", fuzzy=False)


def written(catalogue: Catalog) -> str:
    """A catalogue as its file holds it: without dates, so that the same source gives the same."""
    out = io.BytesIO()
    write_po(out, catalogue, width=100, sort_output=False, include_lineno=False, omit_header=True)
    code = str(catalogue.locale) if catalogue.locale else None
    head = _head(code, catalogue.plural_forms if code else None)
    return head + "\n" + out.getvalue().decode()


def _head(code: str | None, plurals: str | None) -> str:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    if code is not None:
        head += f'"Language: {code}\\n"\n"Plural-Forms: {plurals}\\n"\n'
    return head


def updated(path: Path, template: Catalog, code: str) -> str:
    """The .po file with the template's messages and the translations that it had."""
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=code)
    else:
        catalogue = read_po(io.StringIO(_head(code, PLURALS[code])), locale=code)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return written(catalogue)


def files() -> dict[Path, str]:
    """Every file as it must be."""
    found: dict[Path, str] = {}
    for name, template in extracted().items():
        found[LOCALE / f"{name}.pot"] = written(template)
        for code in LANGUAGES:
            if code != "en":
                path = LOCALE / code / f"{name}.po"
                found[path] = updated(path, template, code)
    return found


def count() -> None:
    """Say how many messages there are, and how many each language has."""
    for path in sorted(LOCALE.rglob("*.po*")):
        with path.open("rb") as file:
            all_of = [m for m in read_po(file) if m.id]
        done = sum(1 for m in all_of if (all(m.string) if m.pluralizable else m.string))
        print(f"{path.relative_to(LOCALE)}: {done} of {len(all_of)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--count", action="store_true")
    asked = parser.parse_args()
    if asked.count:
        count()
        return 0
    wanted = files()
    stale = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
    for path in stale:
        print(path.relative_to(ROOT))
        if not asked.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
    return 1 if stale and asked.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
