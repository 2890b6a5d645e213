"""Pages of a bundle as PDF: one look for all, the handling mark on each, the same bytes each time.

What people typed may be in any script. A letter that no font at hand has, and a sign that draws nothing
but changes how its neighbours read, is shown as its code point, and the last page says so.
"""

from __future__ import annotations

import logging
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from django.conf import settings
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no types
from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.enums import MethodReturnValue

# They name each letter of a document at INFO; what evidence says is in no log.
for _library in ("fontTools", "fpdf"):
    logging.getLogger(_library).setLevel(logging.WARNING)

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
FAMILY = "Accord"
SMALL_PT, TEXT_PT, HEAD_PT, TITLE_PT = 7, 9, 12, 16
MARGIN_MM, EDGE_MM, FOOT_LINE_MM = 15, 4, 4
MOST_MARK, MOST_STAMP = 3, 2
"""How many lines a line of the mark, and the stamp, have at a foot; a longer one is shortened."""
MOST_LINES = 32
"""How many lines a row of a table has at most: fpdf draws no row over two pages, and refuses it."""
PADDING_MM = 1
INK, MUTED, LINE = (27, 31, 36), (80, 88, 98), (138, 146, 156)
FROM_THE_RIGHT = frozenset({"R", "AL"})
PAGES = "{§}"
"""What stands for the number of pages until it is known; nobody types it by accident."""


class Paper(FPDF):
    """One document. `stamp` and each line of `mark` stand on every page, with the page's number."""

    def __init__(
        self,
        title: str,
        *,
        stamp: str,
        mark: str,
        at: datetime,
        draft: str = "",
        landscape: bool = False,
    ) -> None:
        super().__init__("landscape" if landscape else "portrait", "mm", "letter")
        self.stamp, self.mark, self.draft = stamp, mark, draft
        self.unknown = dict[str, None]()
        """Characters that were shown as code points."""
        self.mixed = False
        """Whether a text runs in both directions; numbers between them may stand out of their order."""
        self.alias_nb_pages(PAGES)
        self.set_creation_date(
            at
        )  # else the clock's, and the same facts would not be the same file
        self.set_title(title)
        self.set_lang("en")
        self.add_font(FAMILY, "", PLAIN)
        self.add_font(FAMILY, "B", BOLD)
        others = [f"{FAMILY}{place}" for place, _ in enumerate(settings.ACCORD_PDF_FONTS)]
        for name, file in zip(others, settings.ACCORD_PDF_FONTS, strict=True):
            self.add_font(name, "", file)
        self.set_fallback_fonts(others, exact_match=False)
        self.set_margin(MARGIN_MM)
        self._face(SMALL_PT)
        self.foot = (
            *(line for part in mark.split("\n") for line in self._fitted(part, MOST_MARK)),
            *self._fitted(stamp, MOST_STAMP),
        )
        self.foot_mm = EDGE_MM + FOOT_LINE_MM * (len(self.foot) + 1)
        self.set_auto_page_break(True, self.foot_mm + EDGE_MM)
        self.add_page()
        self.paragraph(title, TITLE_PT, bold=True, after_mm=2)

    def header(self) -> None:
        """The handling mark; on a draft, that it is one."""
        self._face(TEXT_PT, bold=True)
        for text in (self.stamp, self.draft):
            if text:
                self._cell(text, "C", 5)
        self.ln(3)

    def footer(self) -> None:
        """Who took it, the handling mark again, and which page of how many this is."""
        self.set_y(-self.foot_mm)
        self._face(SMALL_PT, color=MUTED)
        for line in self.foot:
            self.set_text_shaping(needs_shaping(line))
            self.cell(0, FOOT_LINE_MM, line, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_text_shaping(False)
        self.cell(0, FOOT_LINE_MM, f"Page {self.page_no()} of {PAGES}", align="C")

    def _fitted(self, text: str, most: int) -> list[str]:
        """A text in at most so many lines of the page; what has no room is left out, and shows."""
        shown = self.shown(text)
        self.set_text_shaping(needs_shaping(shown))
        whole = self._wrapped(shown)
        if len(whole) <= most:
            return whole
        cut = range(len(shown))
        room = bisect(cut, False, key=lambda n: len(self._wrapped(f"{shown[:n]} …")) > most)
        return self._wrapped(f"{shown[: room - 1]} …")

    def _wrapped(self, text: str) -> list[str]:
        """A text in lines of the page's width, cut between words where it has any."""
        lines, line = list[str](), ""
        for word in text.split():
            longer = f"{line} {word}" if line else word
            if self._fits(longer):
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while not self._fits(line):
                room = self._room(line)
                lines.append(line[:room])
                line = line[room:]
        return [*lines, line] if line else lines

    def _room(self, word: str) -> int:
        """How many letters of a word have room in one line, one at least."""
        return max(1, bisect(range(len(word)), False, key=lambda n: not self._fits(word[:n])) - 1)

    def _fits(self, line: str) -> bool:
        return len(line) < 2 or self.get_string_width(line) <= self.epw - 2 * self.c_margin

    def paragraph(
        self, text: str, size: float = TEXT_PT, *, bold: bool = False, after_mm: float = 1
    ) -> None:
        """A paragraph."""
        self._face(size, bold=bold)
        self._cell(text, "L", size * 0.5)
        self.ln(after_mm)

    def heading(self, text: str) -> None:
        """A heading, which stays with what follows it."""
        if self.will_page_break(30):
            self.add_page()
        self.ln(2)
        self.paragraph(text, HEAD_PT, bold=True)

    def facts(self, rows: Iterable[tuple[str, str]], first_mm: float = 48) -> None:
        """Names and what stands behind them, in two columns."""
        self.rows([*rows], (first_mm, self.epw - first_mm), bold_first=True)

    def rows(
        self,
        rows: Sequence[Sequence[str]],
        widths_mm: Sequence[float],
        *,
        head: Sequence[str] = (),
        size: float = TEXT_PT,
        bold_first: bool = False,
    ) -> None:
        """A table; its head stands on each page again. A row that is too high goes on in the next."""
        if not rows:
            return
        shown = [[self.shown(cell) for cell in row] for row in rows]
        self._face(size)
        self.set_draw_color(*LINE)
        self.set_text_shaping(any(needs_shaping(cell) for row in shown for cell in row))
        shown = [part for row in shown for part in self._parts(row, widths_mm)]
        first = FontFace(emphasis="BOLD") if bold_first else None
        with self.table(
            col_widths=tuple(widths_mm),
            text_align="LEFT",
            v_align="TOP",
            line_height=size * 0.47,
            borders_layout="HORIZONTAL_LINES",
            first_row_as_headings=bool(head),
            headings_style=FontFace(emphasis="BOLD"),
            padding=(0.8, PADDING_MM),
        ) as table:
            if head:
                table.row(tuple(head))
            for cells in shown:
                row = table.row()
                for place, cell in enumerate(cells):
                    row.cell(cell, style=first if place == 0 else None)
        self.ln(2)

    def _parts(self, row: Sequence[str], widths_mm: Sequence[float]) -> list[list[str]]:
        """A row as one or several, each of which a page has room for."""
        cells = [self._pieces(*each) for each in zip(row, widths_mm, strict=True)]
        return [list(part) for part in zip_longest(*cells, fillvalue="")]

    def _pieces(self, text: str, width_mm: float) -> list[str]:
        """A text in pieces of at most MOST_LINES lines, cut between words where it has any."""
        if len(text) <= MOST_LINES or self._lines(text, width_mm) <= MOST_LINES:
            return [text]
        half = len(text) // 2
        cut = max(text.rfind(sign, 0, half) for sign in " \n]") + 1 or half
        return [*self._pieces(text[:cut], width_mm), *self._pieces(text[cut:], width_mm)]

    def _lines(self, text: str, width_mm: float) -> int:
        """How many lines a text takes in a cell of that width."""
        inside = width_mm - 2 * PADDING_MM
        lines = self.multi_cell(inside, text=text, dry_run=True, output=MethodReturnValue.LINES)
        return len(lines)  # type: ignore[arg-type]  # a list, as asked for

    def shown(self, text: str) -> str:
        """The text as these fonts can draw it; what they cannot stands as its code point."""
        kinds = {unicodedata.bidirectional(char) for char in text}
        self.mixed = self.mixed or ("L" in kinds and not kinds.isdisjoint(FROM_THE_RIGHT))
        return "".join(self._shown(char) for char in text)

    def _shown(self, char: str) -> str:
        if char == "\n" or (ord(char) in drawable() and unicodedata.category(char)[0] != "C"):
            return char
        self.unknown[char] = None
        return f"[U+{ord(char):04X}]"

    def finished(self) -> bytes:
        """The bytes of the file; says first what could not be drawn."""
        if self.unknown:
            points = ", ".join(f"U+{ord(char):04X}" for char in sorted(self.unknown))
            self.heading("Characters that are not drawn")
            self.paragraph(
                "No font at hand has these characters, or they draw nothing and change how others "
                f"read. They stand as code points in brackets: {points}. The JSON files of the "
                "bundle hold them as they were typed."
            )
        if self.mixed:
            self.heading("Texts in two directions")
            self.paragraph(
                "Some texts here run from the left and from the right at once. A number between words "
                "that run from the right may be drawn on their other side. The JSON files of the bundle "
                "hold them as they were typed."
            )
        return bytes(self.output())

    def _cell(self, text: str, align: Literal["L", "C"], height_mm: float) -> None:
        shown = self.shown(text)
        self.set_text_shaping(needs_shaping(shown))
        self.multi_cell(0, height_mm, shown, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _face(self, size: float, *, bold: bool = False, color: tuple[int, int, int] = INK) -> None:
        self.set_font(FAMILY, "B" if bold else "", size)
        self.set_text_color(*color)


def needs_shaping(text: str) -> bool:
    """Whether letters of it join, stack or run from the right; the others are drawn one by one."""
    return any(
        unicodedata.bidirectional(char) in FROM_THE_RIGHT or unicodedata.combining(char)
        for char in text
        if not char.isascii()
    )


def drawable() -> frozenset[int]:
    """The code points that some font at hand has a glyph for."""
    return _drawable((str(PLAIN), *map(str, settings.ACCORD_PDF_FONTS)))


@cache
def _drawable(files: tuple[str, ...]) -> frozenset[int]:
    points: set[int] = set()
    for file in files:
        with TTFont(file, fontNumber=0, lazy=True) as font:
            points |= font.getBestCmap().keys()
    return frozenset(points)
