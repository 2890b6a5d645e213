"""What a bundle holds, as values: exhibits that are in it, those that are not, its files, its taker.

Names of folders and files inside a bundle are made here, from what people typed, so that they mean
the same on every system and nothing outside the folder on any.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from accord.evidence.custody.domain import Event
from accord.evidence.domain import Hashes
from accord.kernel.phrases import phrase

FORMAT = "accord-bundle/1"
MANIFEST, SUMS, README = "manifest.json", "SHA256SUMS", "README.txt"
GRAPH = "case.jsonld"
CERTIFICATE, CERTIFICATE_TEXT = "certificate-902.pdf", "certificate-902.txt"
DISCLOSURE = "receipts/disclosure.json"
"""The receipt of the bundle's own entry: no part of the manifest, whose hash stands in that entry."""
LONGEST_NAME_BYTES = 120
MOST_EXHIBITS = 200
"""How many one bundle holds: their papers are made in the transaction of the disclosure."""
COPY_FORMAT = "bundle"


class WhyLeftOut(StrEnum):
    """Why an exhibit that the taker sees is not in the bundle."""

    NO_CLAUSE = "no-clause"
    FILE_CLOSED = "file-closed"
    DOES_NOT_OPEN = "does-not-open"
    CHAIN_UNREADABLE = "chain-unreadable"


REASONS: Mapping[WhyLeftOut, str] = MappingProxyType(
    {
        WhyLeftOut.NO_CLAUSE: phrase(
            "No clause in force lets the taker have a copy of it for this purpose; its owner can, by "
            "an agreement or its policy."
        ),
        WhyLeftOut.FILE_CLOSED: phrase(
            "Its file is not to be had now: it is closed until an alarm is resolved, or there is none "
            "any more; its owner knows."
        ),
        WhyLeftOut.DOES_NOT_OPEN: phrase(
            "Its stored file does not open; the operator of this node has to restore it."
        ),
        WhyLeftOut.CHAIN_UNREADABLE: phrase(
            "Its chain of custody cannot be read; the operator of this node has to restore it."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An exhibit that the taker sees and that is not in the bundle."""

    record_id: UUID
    number: str
    owner: str
    why: WhyLeftOut


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed one event: digest of the public key, and the page's origin."""

    key_sha256: str
    origin: str


@dataclass(frozen=True, slots=True)
class Custody:
    """The chain of one exhibit as it leaves: its file, its events, and what stands beside each."""

    facts: Mapping[str, Any]
    """The file `accord-custody/1`."""
    events: tuple[Event, ...]
    faults: tuple[str, ...]
    signed: Mapping[int, Signed]
    leaves: Mapping[int, int]
    """The place in the ledger of each event that has a receipt, by the event's number."""


@dataclass(frozen=True, slots=True)
class Included:
    """An exhibit that is in the bundle: what is open of it for `export`, and nothing else."""

    record_id: UUID
    number: str
    owner: str
    folder: str
    file_name: str
    """As it was sent in; `path` has it made safe."""
    path: str
    media_type: str
    size_bytes: int
    hashes: Hashes
    said: Mapping[str, str]
    """Values of its open parts by the names of the ontology, the first of each."""
    stamp: str
    """The handling mark in words."""
    custody: Custody | None

    @property
    def custody_path(self) -> str:
        """Where its chain stands, for programs."""
        return f"custody/{self.folder}.json"

    @property
    def paper_path(self) -> str:
        """Where its chain stands, for people."""
        return f"custody/{self.folder}.pdf"

    @property
    def sheet_path(self) -> str:
        """Where the sheet stands that says under which clauses it was taken."""
        return f"sheets/{self.folder}.html"


@dataclass(frozen=True, slots=True)
class Taken:
    """Who took the bundle, why, when, and the ledger entry that says so."""

    name: str
    membership: str
    agency: str
    agency_name: str
    purpose: str
    legal_basis: str
    case_number: str
    whole_case: bool
    """Whether all exhibits of the case were asked for, or a choice of them."""
    at: datetime
    entry: UUID
    ledger: str
    """The key line of the ledger that holds the entry."""
    stamp: str
    watermark: str
    duties: tuple[str, ...]
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Names:
    """What agencies and memberships are called, for people to read."""

    agencies: Mapping[str, str]
    people: Mapping[str, str]

    def agency(self, agency: str) -> str:
        """The name of an agency; its word where no name is known."""
        return self.agencies.get(agency, agency)

    def person(self, event: Event) -> str:
        """Who took a step."""
        return (
            self.people.get(event.membership) or f"{event.membership}, {self.agency(event.agency)}"
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of a bundle as its manifest lists it."""

    path: str
    size_bytes: int
    sha256: str
    sha512: str | None = None
    exhibit: str | None = None
    """The number of the exhibit that it belongs to, where it belongs to one."""

    def facts(self) -> dict[str, Any]:
        """As the manifest says it."""
        return {
            "path": self.path,
            "size": self.size_bytes,
            "sha256": self.sha256,
            "sha512": self.sha512,
            "exhibit": self.exhibit,
        }


_NOT_PLAIN = re.compile(r"[^0-9A-Za-z]+")
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
_DEVICES = re.compile(
    "(con|prn|aux|nul|conin\\$|conout\\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\\..*)?", re.IGNORECASE
)
"""Names that Windows gives to devices: who unpacks a bundle there gets no file of that name."""


def folders(numbers: Sequence[str]) -> tuple[str, ...]:
    """A folder for each exhibit number, in their order: `HT-2026-014-riverbend-pd-3`, each once."""
    given, found = set[str](), []
    for number in numbers:
        plain = _NOT_PLAIN.sub("-", number).strip("-") or "exhibit"
        plain = f"exhibit-{plain}" if _DEVICES.fullmatch(plain) else plain
        name, again = plain, 1
        while name.lower() in given:  # two numbers that differ in what a folder cannot say
            again += 1
            name = f"{plain}-no{again}"
        given.add(name.lower())
        found.append(name)
    return tuple(found)


def safe_name(file_name: str) -> str:
    """The name of a file inside a bundle: no path, no sign that a system reads as something else."""
    plain = unicodedata.normalize("NFC", file_name).replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c if _writes(c) else "_" for c in plain)
    plain = _NOT_IN_NAMES.sub("_", plain).strip(" .")
    if not plain or _DEVICES.fullmatch(plain):
        return _shortened(f"exhibit-{plain}") if plain else "exhibit.bin"
    return _shortened(plain)


def _writes(char: str) -> bool:
    """Whether a character draws something: neither control, format, private use nor half of one."""
    return char.isprintable() and not unicodedata.category(char).startswith("C")


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    tail = f"{dot}{ending}" if stem and len(ending.encode()) <= 20 else ""
    kept = (stem if tail else name).encode()[: LONGEST_NAME_BYTES - len(tail.encode())]
    return kept.decode(errors="ignore").rstrip(" .") + tail


def once(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in the order in which it came first."""
    return tuple(dict.fromkeys(texts))
