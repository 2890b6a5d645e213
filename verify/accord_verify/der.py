"""Just as much of ASN.1 DER (X.690) as a timestamp token needs: tags, lengths and what is inside."""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, OCTETS, OID, TIME, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31
TAGGED_0 = 0xA0
LONGEST_OID = 64


class NotDer(Exception):
    """The bytes are not what was expected there."""


@dataclass(frozen=True)
class Node:
    """One value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    raw: bytes

    def children(self) -> list[Node]:
        """The values inside."""
        found, at = [], 0
        while at < len(self.content):
            node, at = _read(self.content, at)
            found.append(node)
        return found

    def integer(self) -> int:
        return int.from_bytes(_of(self, INTEGER).content, "big", signed=True)

    def oid(self) -> str:
        """The object identifier in dotted form."""
        content = _of(self, OID).content
        if len(content) > LONGEST_OID:
            raise NotDer("an object identifier is too long")
        arcs, value = list[int](), 0
        for byte in content:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(value)
                value = 0
        if not arcs or content[-1] & 0x80:
            raise NotDer("an object identifier is cut off")
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def whole(data: bytes) -> Node:
    """The one value that the bytes are."""
    node, end = _read(data, 0)
    if end != len(data):
        raise NotDer("there are bytes after the end")
    return node


def inside(node: Node, tag: int, least: int = 1) -> list[Node]:
    """The values inside a node that must have this tag and at least so many of them."""
    found = _of(node, tag).children()
    if len(found) < least:
        raise NotDer("something is missing")
    return found


def octets(node: Node) -> bytes:
    return _of(node, OCTETS).content


def _of(node: Node, tag: int) -> Node:
    if node.tag != tag:
        raise NotDer(f"tag {node.tag:#04x} stands where {tag:#04x} belongs")
    return node


def _read(data: bytes, at: int) -> tuple[Node, int]:
    start = at
    if len(data) < at + 2 or data[at] & 0x1F == 0x1F:
        raise NotDer("a value is cut off or has a long tag")
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or len(data) < at + count:
            raise NotDer("a length is not definite or is cut off")
        length, at = int.from_bytes(data[at : at + count], "big"), at + count
    if len(data) < at + length:
        raise NotDer("a value is cut off")
    return Node(tag, data[at : at + length], data[start : at + length]), at + length
