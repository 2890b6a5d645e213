"""Reads XML from strangers: one element of interest at a time, everything dangerous refused.

A document type is refused outright, and with it entities, expansion and external references. Depth,
text and the number of children have limits, and a file that is not whole is refused before any of
it is taken in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from accord.kernel.errors import InvalidInput

BLOCK_BYTES = 1 << 16
MAX_BYTES = 256 * 1024**2
MAX_DEPTH = 64
MAX_TEXT_CHARS = 100_000
MAX_ELEMENTS = 50_000
"""Elements in one element of interest."""
LINE = "{accord}line"


class _Builder(TreeBuilder):
    """Builds the elements of interest, with their lines, and lets go of everything else."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted
        self.line = 0
        self.found: list[Element] = []
        self._depth = self._text = self._inside = self._count = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._depth += 1
        self._text = 0
        if self._depth > MAX_DEPTH:
            raise _TooMuch(f"elements are nested deeper than {MAX_DEPTH}")
        if self._inside:
            self._count += 1
            if self._count > MAX_ELEMENTS:
                raise _TooMuch(f"one {self.wanted} has more than {MAX_ELEMENTS:,} elements")
        elif local(tag) == self.wanted:
            self._inside, self._count = self._depth, 0
        return super().start(tag, {**attrs, LINE: str(self.line)})

    def data(self, text: Any) -> None:
        self._text += len(text)
        if self._text > MAX_TEXT_CHARS:
            raise _TooMuch(f"one text is longer than {MAX_TEXT_CHARS:,} characters")
        super().data(text)

    def end(self, tag: str) -> Element:
        done = super().end(tag)
        if self._depth == self._inside:
            self._inside = 0
            self.found.append(done)
        elif not self._inside:
            done.clear()
        self._depth -= 1
        self._text = 0
        return done


class _TooMuch(Exception):
    """A limit is passed."""


class XmlFile:
    """One file, read from its beginning, whole."""

    def __init__(self, source: BinaryIO, file: str, wanted: str) -> None:
        self._source, self._file, self._wanted = source, file, wanted
        self.bytes_read = 0

    def check(self) -> int:
        """How many elements of interest the whole file has; raises InvalidInput."""
        return sum(1 for _ in self.elements())

    def elements(self) -> Iterator[Element]:
        """Every element of interest; raises InvalidInput where the file breaks a rule."""
        builder = _Builder(self._wanted)
        parser = DefusedXMLParser(target=builder, forbid_dtd=True)
        expat = parser.parser
        self._source.seek(0)
        self.bytes_read = 0
        try:
            while block := self._source.read(BLOCK_BYTES):
                for start in range(0, len(block), 4096):  # so that the line is near the element's
                    builder.line = expat.CurrentLineNumber
                    parser.feed(block[start : start + 4096])
                self.bytes_read += len(block)
                yield from self._taken(builder)
            parser.close()
        except DefusedXmlException:
            rule = "the XML declares a document type or entities; that is refused unread"
            raise InvalidInput(self._file, expat.CurrentLineNumber, "", rule) from None
        except _TooMuch as error:
            raise InvalidInput(self._file, expat.CurrentLineNumber, "", str(error)) from None
        except (ParseError, ValueError, LookupError) as error:
            line = getattr(error, "position", (expat.CurrentLineNumber,))[0]
            rule = "the XML is cut off or not well-formed here"
            raise InvalidInput(self._file, line, "", rule) from None
        yield from self._taken(builder)

    def _taken(self, builder: _Builder) -> Iterator[Element]:
        found, builder.found = builder.found, []
        for element in found:
            yield element
            element.clear()


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


def line_of(element: Element) -> int:
    """About where an element begins."""
    return int(element.get(LINE, "0") or 0)


def first(element: Element, *names: str) -> str:
    """The text of the first element that is reached by these local names, any depth between."""
    found = [element]
    for name in names:
        found = [e for f in found for e in f.iter() if e is not f and local(e.tag) == name]
    return next((e.text.strip() for e in found if e.text and e.text.strip()), "")


def every(element: Element, name: str) -> list[Element]:
    """Every element below with that local name."""
    return [e for e in element.iter() if local(e.tag) == name]


def attribute(element: Element, name: str) -> str:
    """An attribute by its local name."""
    return next((v for k, v in element.attrib.items() if local(k) == name), "")
