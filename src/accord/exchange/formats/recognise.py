"""Tells a file's format by what is in it; its name decides nothing."""

from __future__ import annotations

import json
import zipfile
from typing import BinaryIO

from accord.exchange.formats.container import check_container
from accord.exchange.formats.nibrs_flat import HEAD
from accord.kernel.errors import InvalidInput

HEAD_BYTES = 64 * 1024
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def recognise(source: BinaryIO, file: str) -> str:
    """The name of the format; the source is rewound. Raises InvalidInput when it is none."""
    source.seek(0)
    head = source.read(HEAD_BYTES)
    source.seek(0)
    if not head:
        raise InvalidInput(file, None, "", "the file is empty")
    if head.startswith(b"PK"):
        return _container(source, file)
    if head.startswith(OLD_EXCEL):
        rule = (
            "this is an old or encrypted Excel file; save it as .xlsx without password, or as CSV"
        )
        raise InvalidInput(file, None, "", rule)
    if head.startswith((b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8\xff")):
        rule = "this is neither a table nor a report that Accord reads; unpack or export it first"
        raise InvalidInput(file, None, "", rule)
    return _text(head.removeprefix(b"\xef\xbb\xbf").lstrip(), file)


def _container(source: BinaryIO, file: str) -> str:
    try:
        names = check_container(source, file)
    except zipfile.BadZipFile:
        names = frozenset()
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise InvalidInput(file, None, "", "this archive is no spreadsheet; send the files inside it")


def _text(head: bytes, file: str) -> str:
    if head.startswith(b"<"):
        if b"nibrs" in head.lower():
            return "nibrs-xml"
        raise InvalidInput(file, 1, "", "this XML is not NIBRS, the only XML that Accord reads")
    if head.startswith(b"[") or (head.startswith(b"{") and not _is_object(head.splitlines()[0])):
        if b"@context" in head or b"@graph" in head or b"@type" in head:
            return "case"
        raise InvalidInput(file, 1, "", "this JSON is neither CASE/UCO nor one object a line")
    if head.startswith(b"{"):
        return _lines(head)
    if HEAD.match(head.splitlines()[0].decode("latin-1")):
        return "nibrs-flat"
    return "csv"


def _is_object(line: bytes) -> bool:
    """Whether the first line is an object by itself; one that is too long to tell is taken as one."""
    if len(line) > HEAD_BYTES // 2:
        return b"@graph" not in line
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(head: bytes) -> str:
    line = head.splitlines()[0]
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return "jsonl"
    if "@graph" in first or "@context" in first:
        return "case"
    return "ftm" if "properties" in first and "parts" not in first else "jsonl"
