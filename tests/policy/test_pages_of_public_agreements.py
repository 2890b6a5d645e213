"""The pages about published agreements name the clauses that exist, all of them, and count right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accord.kernel.vocabulary import Vocabulary

from .test_public_agreements import WORLDS, published

PAGES = Path(__file__).parents[2] / "docs" / "agreements"
KINDS = ("clause", "determination", "obligation", "system", "not expressible", "outside")
CLAUSE = re.compile(r"clause `([^`]+)`")
OLD, NEW = Vocabulary.load(1), Vocabulary.load(2)


def later_words() -> set[str]:
    return {
        word
        for name, dimension in NEW.dimensions.items()
        for word in dimension.words
        if word not in OLD.words(name)
    }


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def paragraphs(slug: str) -> list[tuple[str, str, str]]:
    """The paragraph, what it is carried as, and how, of every row of the page's table."""
    text = page(slug).split("| paragraph |")[1].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]
    assert all(len(row) == 4 for row in rows), "a row has four cells"
    return [(row[0], row[2], row[3]) for row in rows]


@pytest.mark.parametrize("slug", WORLDS)
def test_a_page_names_every_clause_and_no_other(slug: str) -> None:
    assert set(CLAUSE.findall(page(slug))) == {c.id for c in published(slug).clauses}


@pytest.mark.parametrize("slug", WORLDS)
def test_every_paragraph_is_carried_as_something_and_says_how(slug: str) -> None:
    found = paragraphs(slug)
    assert len(found) >= 20
    assert len({name for name, _, _ in found}) == len(found)
    for name, kind, how in found:
        assert kind in KINDS, name
        assert how, name
        if kind == "clause":
            assert CLAUSE.search(how), f"{name} names its clause"


@pytest.mark.parametrize("slug", WORLDS)
def test_a_page_says_where_the_text_is_and_what_was_read_of_it(slug: str) -> None:
    text = page(slug)
    assert "**Source.**" in text
    assert "**What we had before us.**" in text
    assert "https://" in text
    assert "## What we could not express, and why" in text


@pytest.mark.parametrize("slug", WORLDS)
def test_the_later_words_that_a_page_names_are_later_words(slug: str) -> None:
    named = re.search(r"Words of vocabulary 2 that it needs: (.*?)\n\n", page(slug), re.DOTALL)
    assert named is not None
    words = set(re.findall(r"`([^`]+)`", named[1]))
    assert words
    assert words <= later_words()


def test_the_index_counts_right_and_names_every_later_word() -> None:
    index = page("README")
    total = [0] * len(KINDS)
    for slug in WORLDS:
        kinds = [kind for _, kind, _ in paragraphs(slug)]
        counts = [kinds.count(kind) for kind in KINDS]
        assert f"({slug}.md) | {' | '.join(map(str, counts))} | {len(kinds)} |" in index
        total = [a + b for a, b in zip(total, counts, strict=True)]
    assert f"| together | {' | '.join(map(str, total))} | {sum(total)} |" in index
    table = index.split("| dimension | words | asked by |")[1].split("\n\n")[0]
    cells = " ".join(line.split("|")[2] for line in table.splitlines()[2:])
    said = {word.strip() for word in cells.replace(",", " ").split()}
    assert said == later_words()
