"""The NIBRS flat file: one segment a line, fixed columns (NIBRS Technical Specification, volume 2).

Segments of one incident stand together. A segment that cannot be read is set apart alone.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from accord.exchange.formats import nibrs_codes as codes
from accord.exchange.formats.base import Options, Reading, Sitting
from accord.exchange.formats.nibrs import Being, Given, Other, Report, is_minor, pieces
from accord.kernel.errors import InvalidInput
from accord.records.faults import Problem
from accord.records.intake.encodings import detect_encoding
from accord.records.intake.limits import DEFAULT_LIMITS
from accord.records.intake.lines import LineSource, kept_open
from accord.records.intake.rows import Drawn

HEAD = re.compile(r"(\d{4})([0-7])([IAMDRX ])(\d\d)(\d{4})(.{4})(.{9})(.{12})")
LONGEST = 1_000
LENGTHS = {"1": (87, 88), "2": (63, 71), "3": (307,), "4": (129, 141), "5": (45, 46),
           "6": (110,), "7": (66,), "0": (37, 43)}  # fmt: skip
VEHICLES = ("03", "05", "24", "28", "37")


def open_flat(source: BinaryIO, file: str, options: Options) -> Reading:
    """Checks the encoding of all of the file and the head of its first segment."""
    del options
    encoding = detect_encoding(source, file, DEFAULT_LIMITS)
    text = io.TextIOWrapper(kept_open(source), encoding=encoding, newline="")
    lines = LineSource(text, source, DEFAULT_LIMITS)
    left: Counter[str] = Counter()
    return Reading(
        said="NIBRS flat file",
        draw=lambda sitting: _drawn(_Segments(lines, left), sitting, file),
        at=lambda: lines.bytes_read,
        left=left,
    )


class _Bad:
    """A line that is no segment."""

    def __init__(self, line: int, raw: str, problem: Problem) -> None:
        self.line, self.raw, self.problem = line, raw, problem


class _Segments:
    """Reports, put together from their segments, and the lines that could not be read."""

    def __init__(self, lines: LineSource, left: Counter[str]) -> None:
        self._lines, self._left = lines, left
        self._report: Report | None = None
        self.raws: dict[int, str] = {}

    def reports(self) -> Iterator[Report | _Bad]:
        while (line := self._lines.next()) is not None:
            text = line.text.rstrip("\r\n")
            if not text.strip():
                continue
            problem = self._problem(text, line.whole)
            if problem:
                yield _Bad(line.number, text[: DEFAULT_LIMITS.max_raw_chars], problem)
                continue
            yield from self._take(text, line.number)
        yield from self._finish()

    def _finish(self) -> Iterator[Report]:
        if self._report is not None:
            yield self._report
        self._report = None

    def _problem(self, text: str, whole: bool) -> Problem | None:
        head = HEAD.match(text)
        if not whole or len(text) > LONGEST:
            return Problem("", "too-long", f"a segment has at most {LONGEST} characters")
        if "\x00" in text:
            return Problem("", "control-character", "the segment has a NUL byte")
        if head is None:
            return Problem("", "nibrs-segment", "this is not the head of a NIBRS segment")
        length, level = int(head[1]), head[2]
        if length not in LENGTHS[level] or len(text.rstrip()) > length:
            reason = f"a segment of level {level} has not the length that its first digits say"
            return Problem("segment length", "nibrs-length", reason)
        if not head[7].strip() or not head[8].strip():
            return Problem("incident number", "source-ref", "the segment names no ORI or incident")
        return None

    def _take(self, text: str, line: int) -> Iterator[Report]:
        text = text.ljust(int(text[:4]))
        level, action = text[4], text[5]
        ori, number = text[16:25].strip(), text[25:37].strip()
        if level == "0" or action == "D":
            self._left["zero reports" if level == "0" else "requests to delete a report"] += 1
            return
        report = self._report
        fresh = level in "17" or report is None or (report.ori, report.number) != (ori, number)
        if fresh:
            yield from self._finish()
            self.raws = {}
            report = self._report = Report(ori, number, line, has_incident=level == "1")
        assert report is not None
        self.raws[line] = text.rstrip()
        _READERS[level](report, text, line, self._left)


def _drawn(segments: _Segments, sitting: Sitting, file: str) -> Iterator[Drawn]:
    row = 0
    for found in segments.reports():
        if isinstance(found, _Bad):
            row += 1
            yield Drawn(row, found.line, found.raw, None, (found.problem,))
            continue
        for piece in pieces(found, sitting):
            row += 1
            raw = f"{found.reference} line {piece.line}"
            yield Drawn(row, piece.line, raw, piece.record)
    if row == 0 and not segments._left:
        raise InvalidInput(file, None, "", "the file has no NIBRS segment")


def _day(text: str) -> str:
    """A date of eight digits as ISO 8601; anything else stays and is refused as a date."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.isdecimal() else text


def _incident(report: Report, text: str, line: int, _: Counter[str]) -> None:
    day = _day(text[37:45].strip())
    report.occurred = day or None
    name = "report date" if text[45] == "R" else "incident date"
    report.given += [
        ("reportedAt" if text[45] == "R" else "startDate", day, name),
        ("clearance", codes.CLEARANCES.get(text[48], ""), "exceptional clearance"),
        ("clearedAt", _day(text[49:57].strip()), "clearance date"),
    ]


def _offence(report: Report, text: str, line: int, _: Counter[str]) -> None:
    report.offences.append(text[37:40].strip())
    place = text[44:46].strip()
    report.given.append(("premisesType", codes.LOCATIONS.get(place, place), "location type"))
    bias = text[61:63].strip()
    if bias and bias not in ("88", "99"):
        report.given.append(("biasMotivation", bias, "bias motivation"))
    if text[40] == "A":
        report.given.append(("status", "attempted", "attempted or completed"))


def _property(report: Report, text: str, line: int, _: Counter[str]) -> None:
    loss = text[37]
    for at in range(38, 228, 19):
        kind, value, recovered = text[at : at + 2], text[at + 2 : at + 11], text[at + 11 : at + 19]
        if not kind.strip():
            continue
        given: list[Given] = [
            ("category", "nibrs-property", ""),
            ("status", codes.LOSSES.get(loss, loss), "type of loss"),
            ("itemType", codes.PROPERTY.get(kind, kind), "property description"),
            ("value", value.strip().lstrip("0"), "value"),
            ("recoveredAt", _day(recovered.strip()), "date recovered"),
        ]
        if value.strip().strip("0"):
            given.append(("currency", "usd", "value"))
        if kind in VEHICLES:
            given.append(("quantity", text[228:230].strip().lstrip("0"), "vehicles stolen"))
        if kind == "10" and text[232].strip():
            given.append(("drugType", text[232], "drug type"))
        number = f"{loss}-{(at - 38) // 19 + 1}"
        report.others.append(Other("Item", number, tuple(given), line))


def _victim(report: Report, text: str, line: int, left: Counter[str]) -> None:
    if text[70] not in codes.PEOPLE:
        left["victims that are no human being"] += 1
        return
    given = [*_looks(text[75], text[76], text[77], text[78])]
    given += [("injury", codes.INJURIES.get(c, c), "injury") for c in text[84:89] if c.strip()]
    relations = {text[at + 2 : at + 4].strip().lower() for at in range(89, 129, 4)}
    given += [("relationToOffender", r, "relationship") for r in sorted(relations - {""})]
    report.beings.append(
        Being("victim", text[37:40], text[71:75], tuple(given), line, officer=text[70] == "L")
    )


def _offender(report: Report, text: str, line: int, left: Counter[str]) -> None:
    if text[37:39] == "00":
        left["offenders of whom nothing is known"] += 1
        return
    ethnicity = text[45] if len(text) > 45 else ""
    looks = _looks(text[43], text[44], ethnicity, "")
    report.beings.append(Being("offender", text[37:39], text[39:43], tuple(looks), line))


def _arrestee(report: Report, text: str, line: int, _: Counter[str]) -> None:
    number, age = text[37:39], text[70:74]
    report.beings.append(
        Being("arrestee", number, age, tuple(_looks(*text[74:78])), line)
    )  # fmt: skip
    given = _arrest(report, number, text[39:51], text[51:59], text[59], text[61:64])
    report.others.append(Other("Arrest", number, given, line, minor=is_minor(age)))


def _group_b(report: Report, text: str, line: int, _: Counter[str]) -> None:
    number, age, offence = text[37:39], text[57:61], text[48:51].strip()
    arrest, report.number = report.number, f"arrest/{report.number}"
    report.offences.append(offence)
    report.beings.append(Being("arrestee", number, age, tuple(_looks(*text[61:65])), line))
    given = _arrest(report, number, arrest, text[39:47], text[47], offence)
    report.others.append(Other("Arrest", number, given, line, minor=is_minor(age)))


def _arrest(
    report: Report, number: str, arrest: str, day: str, kind: str, offence: str
) -> tuple[Given, ...]:
    return (
        ("category", "nibrs-arrest", ""),
        ("arrestNumber", arrest, "arrest number"),
        ("occurredAt", _day(day.strip()), "arrest date"),
        ("arrestType", codes.ARRESTS.get(kind, kind), "type of arrest"),
        ("offence", codes.OFFENCES.get(offence, offence), "arrest offense"),
        ("personRecord", f"{report.reference}/arrestee/{number}", "arrestee"),
    )


def _looks(sex: str, race: str, ethnicity: str, residence: str) -> list[Given]:
    return [
        ("gender", sex, "sex"),
        ("race", codes.RACES.get(race, race), "race"),
        ("ethnicity", codes.ETHNICITIES.get(ethnicity, ethnicity), "ethnicity"),
        ("residentStatus", codes.RESIDENCE.get(residence, residence), "resident status"),
    ]


_READERS = {
    "1": _incident, "2": _offence, "3": _property, "4": _victim, "5": _offender, "6": _arrestee,
    "7": _group_b,
}  # fmt: skip
