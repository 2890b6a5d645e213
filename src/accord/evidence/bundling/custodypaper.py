"""The chain of custody of one exhibit as a PDF that a court can read."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accord.evidence.bundling.domain import Custody, Included, Names, Taken
from accord.evidence.bundling.paper import SMALL_PT, Paper
from accord.evidence.custody.domain import Event, moment
from accord.web.filters import words

SHORT = 12
COLUMNS = (
    ("No.", 9), ("When", 40), ("Act", 20), ("Who", 38), ("Where", 32), ("Why, and what was noted", 56),
    ("SHA-256 before, after", 27), ("Signature, ledger", 27),
)  # fmt: skip


def custody_paper(taken: Taken, each: Included, custody: Custody, names: Names) -> bytes:
    """The chain as pages: the exhibit, every event, then hashes and keys in full."""
    paper = Paper(
        f"Chain of custody: exhibit {each.number}",
        stamp=each.stamp,
        mark=f"{taken.watermark}\nLedger entry {taken.entry}",
        at=taken.at,
        landscape=True,
    )
    _about(paper, each, custody, names)
    if custody.faults:
        paper.heading("THIS CHAIN DOES NOT HOLD")
        for fault in custody.faults:
            paper.paragraph(fault)
    paper.heading("Events")
    paper.rows(
        [_row(custody, event, names) for event in custody.events],
        [width for _, width in COLUMNS],
        head=[name for name, _ in COLUMNS],
        size=SMALL_PT,
    )
    _in_full(paper, custody)
    paper.paragraph(
        "This is a reading of the custody file in the bundle, which holds every event word for word "
        "with its signature and its receipt: accord-verify checks it. The chain shows order and "
        "unchanged content since its first event, not that the first event is true."
    )
    return paper.finished()


def _about(paper: Paper, each: Included, custody: Custody, names: Names) -> None:
    last = custody.events[-1] if custody.events else None
    rows: list[tuple[str, str | None]] = [
        ("Exhibit", each.number),
        ("Description", each.said.get("description")),
        ("File", f"{each.file_name}, {each.size_bytes:,} bytes, {each.media_type}"),
        ("SHA-256", each.hashes.sha256),
        ("SHA-512", each.hashes.sha512 or None),
        ("Owner", names.agency(each.owner)),
        ("Legal basis", _basis(each)),
        ("Collected", _collected(each)),
        ("Events", str(len(custody.events))),
        ("Last event", f"{moment(last.at)}, {words(last.act.value)}" if last else None),
        ("Head of the chain", str(custody.facts["head"])),
    ]
    paper.facts((name, said) for name, said in rows if said)


def _basis(each: Included) -> str | None:
    said = [each.said.get(n) for n in ("legalBasis", "basisReference", "issuingAuthority")]
    known = [words(said[0]) if said[0] else None, *said[1:]]
    return ", ".join(text for text in known if text) or None


def _collected(each: Included) -> str | None:
    said = [each.said.get(name) for name in ("collectedAt", "collectedBy", "address", "tool")]
    return ", ".join(text for text in said if text) or None


def local(event: Event) -> str:
    """When, by the clock of the place and in UTC; both from the event's one moment."""
    utc = f"{event.at:%Y-%m-%d %H:%M:%S} UTC"
    try:
        there = event.at.astimezone(ZoneInfo(event.zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{utc}\nin {event.zone}, a zone that this node does not know"
    return f"{there:%Y-%m-%d %H:%M:%S} {event.zone} ({there:%z})\n{utc}"


def _row(custody: Custody, event: Event, names: Names) -> Sequence[str]:
    return (
        str(event.number),
        local(event),
        words(event.act.value),
        names.person(event),
        event.place,
        "\n".join([event.reason, *(f"{name}: {text}" for name, text in _noted(event, names))]),
        f"{_short(event.before)}\n{_short(event.after)}",
        _proof(custody, event),
    )


def _noted(event: Event, names: Names) -> list[tuple[str, str]]:
    rows: list[tuple[str, str | None]] = [
        ("Items", str(event.items)),
        ("To", names.agency(event.to) if event.to else None),
        ("Handed to", event.receiver),
        ("Seal", event.seal),
        ("Tool", f"{event.tool.name} {event.tool.version}" if event.tool else None),
        ("Copy", f"{event.derived.exhibit}" if event.derived else None),
        ("Made of", f"{event.source.exhibit}" if event.source else None),
        ("Order", f"{event.order.authority}, {event.order.number}" if event.order else None),
    ]
    return [(name, said) for name, said in rows if said]


def _short(digest: str | None) -> str:
    return f"{digest[:SHORT]}…" if digest else "–"


def _proof(custody: Custody, event: Event) -> str:
    signed = custody.signed.get(event.number)
    leaf = custody.leaves.get(event.number)
    return "\n".join(
        (
            f"Signed, key {signed.key_sha256[:SHORT]}…" if signed else "Not signed",
            f"Ledger leaf {leaf}" if leaf is not None else "No receipt yet",
        )
    )


def _in_full(paper: Paper, custody: Custody) -> None:
    paper.heading("Hashes and keys in full")
    for event in custody.events:
        signed = custody.signed.get(event.number)
        rows: list[tuple[str, str | None]] = [
            (f"Event {event.number}", event.hash),
            ("SHA-256 before", event.before),
            ("SHA-256 after", event.after),
            ("Copy, SHA-256", event.derived.sha256 if event.derived else None),
            ("Made of, SHA-256", event.source.sha256 if event.source else None),
            ("Order, SHA-256", event.order.sha256 if event.order else None),
            ("Key, SHA-256", signed.key_sha256 if signed else None),
            ("Signed at", signed.origin if signed else None),
        ]
        paper.rows(
            [(name, said) for name, said in rows if said],
            (48, paper.epw - 48),
            size=SMALL_PT,
            bold_first=True,
        )
