"""Reads the text of an XML part: no document type, no entities, no depth without end."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from accord.evidence.reading.inside.job import Refused
from accord.evidence.reading.results import SetAside

MAX_DEPTH = 256
BLOCK_CHARS = 1 << 16


class Texts:
    """Collects text: of which elements, and what each other element stands for."""

    def __init__(self, texts: frozenset[str] | None, marks: Mapping[str, str]) -> None:
        self._texts, self._marks = texts, marks
        self._inside = self._depth = 0
        self.pieces: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused(SetAside.NESTED, f"elements are nested deeper than {MAX_DEPTH}")
        if self._texts is None or local(tag) in self._texts:
            self._inside += 1

    def end(self, tag: str) -> None:
        """An element ends; a paragraph's end is a line's."""
        self._depth -= 1
        name = local(tag)
        if self._texts is None or name in self._texts:
            self._inside -= 1
        if name in self._marks:
            self.pieces.append(self._marks[name])

    def data(self, text: str) -> None:
        """Text."""
        if self._inside:
            self.pieces.append(text)

    def close(self) -> str:
        """All of it."""
        return "".join(self.pieces)


class Fields(Texts):
    """Collects the text of each element that has text of its own, by its local name."""

    def __init__(self) -> None:
        super().__init__(None, {})
        self.found: dict[str, str] = {}
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        super().start(tag, attributes)
        self._name = local(tag)

    def data(self, text: str) -> None:
        """Text of the innermost element."""
        if len(self.found) < 100 and len(self.found.get(self._name, "")) < 1000:
            self.found[self._name] = self.found.get(self._name, "") + text


def read_xml(data: bytes, into: Texts) -> Texts:
    """Let the target hear all elements; raises Refused for what is dangerous or not well-formed."""
    parser = DefusedXMLParser(target=into, forbid_dtd=True)
    try:
        for at in range(0, len(data), BLOCK_CHARS):
            parser.feed(data[at : at + BLOCK_CHARS])
        parser.close()
    except DefusedXmlException:
        raise Refused(SetAside.ENTITIES) from None
    except (ParseError, ValueError, LookupError) as error:
        raise Refused(SetAside.MALFORMED, str(error)) from None
    return into


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]
