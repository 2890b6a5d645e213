"""How a reading, its previews and what was derived read on screen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accord.agreements.scope import Scope
from accord.evidence import ways
from accord.evidence.actions import derivations as deriving
from accord.evidence.domain import CONTENT_PART, ReadingState
from accord.evidence.queries import derivations as derivation_queries
from accord.evidence.queries import exhibits, readings
from accord.evidence.queries.exhibits import Seen
from accord.evidence.queries.readings import ReadingView
from accord.evidence.reading.kinds import Family, Kind, mismatch
from accord.evidence.reading.results import Area, Redaction, SetAside, Use, Way
from accord.evidence.readingfile import Kept, Picture
from accord.evidence.screen import size
from accord.evidence.shown import mark
from accord.kernel.errors import InvalidInput, NotFound, refusal_of
from accord.kernel.phrases import phrase
from accord.records import screen as records
from accord.records.queries.records import PartView
from accord.web.components import Thumbnail
from accord.web.filters import words

UNITS = {"_px": "px", "_s": "s", "_hz": "Hz", "_m": "m"}
"""The unit that the name of a fact ends with, as it is written behind a number."""
FAMILIES: Mapping[Family, str] = {
    Family.PICTURE: phrase("Picture"),
    Family.PDF: phrase("Document"),
    Family.OFFICE: phrase("Document"),
    Family.SHEET: phrase("Spreadsheet"),
    Family.MAIL: phrase("Mail"),
    Family.WEB: phrase("Web page"),
    Family.TEXT: phrase("Text"),
    Family.SOUND: phrase("Sound"),
    Family.FILM: phrase("Film"),
    Family.ARCHIVE: phrase("Archive"),
    Family.OTHER: phrase("File"),
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
BLOCK_CHARS = 12_000
MOST_HITS = 200
AROUND_CHARS = 90
SAYS: Mapping[ReadingState, str] = {
    ReadingState.WAITING: phrase("It waits to be read."),
    ReadingState.READING: phrase("It is being read now."),
    ReadingState.READ: phrase("It was read."),
    ReadingState.APART: phrase("It was set apart: nothing of it is shown."),
}
TONES = {
    ReadingState.WAITING: "info",
    ReadingState.READING: "info",
    ReadingState.READ: "good",
    ReadingState.APART: "warn",
}
_DO: Mapping[SetAside, str] = {
    SetAside.ENCRYPTED: phrase(
        "Have it decrypted by an examiner, and acquire the result as an exhibit of its own."
    ),
    SetAside.CRASHED: phrase("Let an examiner look at it on a machine that is apart."),
    SetAside.ANSWER: phrase("Take it as an attack: tell whoever runs this node."),
    SetAside.POLYGLOT: phrase("Let an examiner look at both contents on a machine that is apart."),
    SetAside.TOO_LARGE: phrase("Derive what matters of it outside, and acquire that."),
    SetAside.NO_ROOM: phrase("Tell whoever runs this node that its disk is full."),
    SetAside.GIVEN_UP: phrase("Tell whoever runs this node, then have it read again."),
    SetAside.NODE: phrase(
        "Tell whoever runs this node: its log says what went wrong. Then have it read again."
    ),
}
_DO_ELSE = phrase(
    "The exhibit, its file and its hashes are what they were; an examiner can take a copy."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview with its address and what it is called."""

    number: int
    of: int
    use: Use
    src: str
    href: str
    name: str
    width_px: int
    height_px: int


def is_veiled(part: PartView | None) -> bool:
    """Whether nobody should meet pictures of it unprepared: a child's, a victim's, what is sealed."""
    if part is None:
        return True
    label = part.label
    return part.sealed or label.minor or label.sealed or "victim" in label.subjects


def is_closed(scope: Scope, seen: Seen) -> bool:
    """Whether the file is sealed, and opens to the viewer after a new proof alone."""
    content = seen.record.part(CONTENT_PART)
    return content is not None and records.is_closed(scope, [content])


def thumbnail(scope: Scope, seen: Seen, small: frozenset[UUID]) -> Thumbnail | str:
    """The small picture of an exhibit in a list, where its content part was noted there."""
    content = seen.record.part(CONTENT_PART)
    record_id = seen.exhibit.record_id
    if content is None or record_id not in small:
        return "–"
    if is_veiled(content):
        return phrase("Not shown here")
    token = mark(scope, record_id)
    href = f"{scope.context.path}/exhibits/{record_id}/thumbnail?shown={token}"
    return Thumbnail(href, phrase("Small picture of %(number)s", number=seen.exhibit.number))


def pictures(scope: Scope, record_id: UUID, kept: Kept) -> list[Shown]:
    """The previews of an exhibit that was shown in this scope."""
    base = f"{scope.context.path}/exhibits/{record_id}"
    token = mark(scope, record_id)
    return [_shown(base, token, picture) for picture in kept.pictures]


def _shown(base: str, token: str, picture: Picture) -> Shown:
    name = {
        Use.PAGE: phrase("Page %(number)s", number=picture.of),
        Use.FRAME: phrase("Picture %(number)s of the film", number=picture.of),
        Use.WAVEFORM: phrase("The sound as a wave"),
        Use.THUMBNAIL: phrase("Small picture"),
    }[picture.use]
    return Shown(
        number=picture.number,
        of=picture.of,
        use=picture.use,
        src=f"{base}/previews/{picture.number}?shown={token}",
        href=f"{base}/pages/{picture.number}",
        name=name,
        width_px=picture.width_px,
        height_px=picture.height_px,
    )


def kind_said(kind: Kind) -> str:
    """What a file is by its content, for people: a word, and the name that formats go by."""
    family = FAMILIES[kind.family]
    if kind.name == kind.family:
        return family
    return phrase("%(family)s (%(name)s)", family=family, name=kind.name)


def facts_of(kept: Kept) -> list[tuple[str, str]]:
    """What the file says of itself; names are ours, values are the file's."""
    return [_fact(fact.name, fact.value) for fact in kept.facts]


def _fact(name: str, value: str) -> tuple[str, str]:
    """A fact with its unit behind the number and not in its name; a length as clips are asked for."""
    if name.startswith("duration_") and _NUMBER.fullmatch(value):
        length_ms = float(value) * (1000 if name.endswith("_s") else 1)
        return words("duration"), ways.clock(round(length_ms))
    ending = next((e for e in UNITS if name.endswith(e) and _NUMBER.fullmatch(value)), "")
    said = words(name.removesuffix(ending).replace("_", "-"))
    return said, f"{value} {UNITS[ending]}" if ending else value


def panel(scope: Scope, seen: Seen) -> dict[str, Any]:
    """All that the exhibit's page shows of the reading; empty where the file is not open."""
    content = seen.record.part(CONTENT_PART)
    if seen.original is None or content is None or is_closed(scope, seen):
        return {"reading": None, "file_open": False, **_made(scope, seen, content)}
    found = readings.reading(seen.exhibit.record_id)
    kept, lost = readings.kept_or_lost(seen.exhibit.record_id)
    own = seen.exhibit.owner == scope.actor.agency
    return {
        "file_open": True,
        "reading": found,
        "reading_says": SAYS[found.state] if found else None,
        "kind_said": kind_said(found.kind) if found and found.kind else "–",
        "reading_tone": TONES[found.state] if found else None,
        "misleads": _misleads(seen, found),
        "to_do": _DO.get(found.refusal.reason, _DO_ELSE) if found and found.refusal else None,
        "kept": kept,
        "lost": lost,
        "pictures": pictures(scope, seen.exhibit.record_id, kept),
        "playable": playable(scope, seen.exhibit.record_id, kept),
        "facts": facts_of(kept),
        "inside": [
            (part.number, part.name, kind_said(part.kind), size(part.size_bytes))
            for part in kept.attachments
        ],
        "text_chars": sum(len(passage.text) for passage in kept.passages),
        "veiled": is_veiled(content),
        "may_read_again": own and (found is None or found.may_be_asked),
        **_made(scope, seen, content),
        **_ways(scope, seen, found),
    }


def _misleads(seen: Seen, found: ReadingView | None) -> str | None:
    if found is None or found.kind is None or found.state is not ReadingState.READ:
        return None
    return mismatch(seen.exhibit.file_name or "", found.kind)


def _ways(scope: Scope, seen: Seen, found: ReadingView | None) -> dict[str, Any]:
    """Which derivations are offered, or why none is."""
    kind = found.kind if found and found.state is ReadingState.READ else None
    why_not = refusal_of(deriving.check_can, scope, seen)
    if scope.context.case_id is None:
        why_not = phrase("Choose the case in which you derive it.")
    return {
        "ways": [(way, ways.NAMES[way]) for way in ways.fits(kind)],
        "cannot_derive": why_not,
        "asked": derivation_queries.of_source(seen.exhibit.record_id),
    }


def _made(scope: Scope, seen: Seen, content: PartView | None) -> dict[str, Any]:
    """What it was made from, and what was made of it."""
    record_id = seen.exhibit.record_id
    names = [
        (s.exhibit.number, f"{scope.context.path}/exhibits/{s.exhibit.record_id}", _way_name(s))
        for s in derivation_queries.made_of(scope, record_id)
    ]
    core = seen.record.part("core")
    number = _first(core, "derivedFrom")
    if number is None:
        return {"made_of_it": names, "made_from": None}
    source = derivation_queries.source_of(record_id)
    way = _way(content)
    return {
        "made_of_it": names,
        "made_from": {
            "number": number,
            "href": _href(scope, source),
            "way": ways.name(way) if way else None,
            "words": ways.words(way) if way else None,
            "areas": way.areas if isinstance(way, Redaction) else (),
            "tools": _first(content, "derivationTools"),
            "sha256": _first(content, "sourceHash"),
            "pictures": _of_source(scope, source, way),
        },
    }


def _href(scope: Scope, source: UUID | None) -> str | None:
    seen = exhibits.several(scope, [source]) if source else ()
    return f"{scope.context.path}/exhibits/{source}" if seen else None


def _way_name(seen: Seen) -> str | None:
    said = _first(seen.record.part(CONTENT_PART), "derivationWay")
    return ways.NAMES.get(said or "")


def _first(part: PartView | None, name: str) -> str | None:
    values = part.values.get(name) if part else None
    return values[0] if values else None


def _way(content: PartView | None) -> Way | None:
    said = _first(content, "derivationParameters")
    if said is None:
        return None
    try:
        found = json.loads(said)
        return ways.way_of(found) if isinstance(found, dict) else None
    except (ValueError, RecursionError, InvalidInput):
        return None  # written by another version, or brought in from elsewhere


def _of_source(
    scope: Scope, source: UUID | None, way: Way | None
) -> list[tuple[Shown, tuple[Area, ...]]]:
    """The pages of the source with the areas on them, where the source is open to the viewer."""
    if source is None or not isinstance(way, Redaction):
        return []
    try:
        seen = exhibits.exhibit(scope, source)
    except NotFound:
        return []
    if seen.original is None or is_closed(scope, seen):
        return []
    return with_areas(pages_of(scope, source), way.areas)


def pages_of(scope: Scope, record_id: UUID) -> list[Shown]:
    """The previews on which areas lie."""
    kept, _ = readings.kept_or_lost(record_id)
    return [shown for shown in pictures(scope, record_id, kept) if shown.use is Use.PAGE]


def with_areas(pages: list[Shown], areas: tuple[Area, ...]) -> list[tuple[Shown, tuple[Area, ...]]]:
    """Those pages that have areas, each with its own."""
    found = [(page, tuple(a for a in areas if a.page == page.of)) for page in pages]
    return [(page, on) for page, on in found if on]


@dataclass(frozen=True, slots=True)
class Playable:
    """A preview to listen to or watch, with its address and the words for how much it holds."""

    src: str
    media_type: str
    is_film: bool
    width_px: int
    height_px: int
    poster: str
    """The address of the first picture of a film; empty where there is none."""
    holds: str


def playable(scope: Scope, record_id: UUID, kept: Kept) -> list[Playable]:
    """What can be played of an exhibit that was shown in this scope."""
    base, token = f"{scope.context.path}/exhibits/{record_id}", mark(scope, record_id)
    stills = [p.src for p in pictures(scope, record_id, kept) if p.use is Use.FRAME]
    return [
        Playable(
            src=f"{base}/previews/{played.number}?shown={token}",
            media_type=played.media_type,
            is_film=played.is_film,
            width_px=played.width_px,
            height_px=played.height_px,
            poster=stills[0] if stills and played.is_film else "",
            holds=phrase("From its beginning to %(end)s.", end=clock(played.length_ms)),
        )
        for played in kept.played
    ]


def clock(length_ms: int) -> str:
    """A length as a player shows it: 1:05, 1:02:05."""
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the text where what was looked for stands."""

    place: str
    before: str
    found: str
    after: str


def blocks(kept: Kept) -> list[tuple[str, str]]:
    """The text in pieces that a page can hold, each with its place."""
    return [
        (passage.place, passage.text[at : at + BLOCK_CHARS])
        for passage in kept.passages
        for at in range(0, max(1, len(passage.text)), BLOCK_CHARS)
    ]


def find(kept: Kept, asked: str) -> list[Hit]:
    """Where a text stands, whatever its case: the first places, with what is around them."""
    hits: list[Hit] = []
    for passage in kept.passages:
        for at in _places(passage.text, asked):
            end = at + len(asked)
            hits.append(
                Hit(
                    passage.place,
                    passage.text[max(0, at - AROUND_CHARS) : at],
                    passage.text[at:end],
                    passage.text[end : end + AROUND_CHARS],
                )
            )
            if len(hits) == MOST_HITS:
                return hits
    return hits


def _places(text: str, asked: str) -> Iterator[int]:
    """Compared letter by letter in lower case: where that changes a length, places still fit."""
    low, wanted = (
        "".join(c.lower()[:1] or c for c in text),
        "".join(c.lower()[:1] or c for c in asked),
    )
    at = low.find(wanted)
    while at >= 0:
        yield at
        at = low.find(wanted, at + len(wanted))
