"""The formats that come in: each turns a file into the raw facts of records, or refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO

from accord.exchange.formats.base import Format, Options, Reading
from accord.exchange.formats.case_uco import open_case
from accord.exchange.formats.delimited import open_delimited
from accord.exchange.formats.ftm import open_ftm
from accord.exchange.formats.jsonlines import open_records
from accord.exchange.formats.nibrs_flat import open_flat
from accord.exchange.formats.nibrs_xml import open_nibrs_xml
from accord.exchange.formats.recognise import recognise
from accord.exchange.formats.spreadsheet import open_spreadsheet

_ALL = (
    Format("csv", "CSV", True, open_delimited),
    Format("xlsx", "Excel spreadsheet (.xlsx)", True, open_spreadsheet),
    Format("ods", "OpenDocument spreadsheet (.ods)", True, open_spreadsheet),
    Format("jsonl", "JSON lines", False, open_records, states_basis=True),
    Format("ftm", "followthemoney", False, open_ftm),
    Format("case", "CASE/UCO", False, open_case),
    Format("nibrs-flat", "NIBRS flat file", False, open_flat, states_basis=True),
    Format("nibrs-xml", "NIBRS XML", False, open_nibrs_xml, states_basis=True),
)
FORMATS: Mapping[str, Format] = MappingProxyType({f.name: f for f in _ALL})


def open_file(source: BinaryIO, file: str, name: str, options: Options) -> tuple[Format, Reading]:
    """Opens a file as a format, or as what it is recognised to be where `name` is empty."""
    chosen = FORMATS[name or recognise(source, file)]
    source.seek(0)
    return chosen, chosen.open(source, file, options)
