"""The values that the component macros draw.

Each class is a frozen read model: a page builds them from what its queries returned, and the
macro of the same duty in `templates/components/` draws them. They hold text and links only; which
text a viewer may have is decided before one of these exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

Tone = Literal["neutral", "info", "good", "warn", "bad", "sealed"]
Assertion = Literal["fact", "assessment"]


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go, by its name."""

    component: ClassVar[str] = "link"
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A short word with a tone; the word carries the meaning, the tone repeats it."""

    component: ClassVar[str] = "chip"
    text: str
    tone: Tone = "neutral"
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, drawn in a named zone."""

    component: ClassVar[str] = "moment"
    at: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Code:
    """A reference, hash or number set in fixed-width type."""

    component: ClassVar[str] = "code"
    text: str


@dataclass(frozen=True, slots=True)
class Number:
    """The number of a case or an exhibit; the latter breaks behind its case and nowhere else."""

    component: ClassVar[str] = "number"
    text: str


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of what the row is about, fetched when it comes into sight."""

    component: ClassVar[str] = "thumbnail"
    href: str
    alt: str


Cell = str | int | Link | Chip | Moment | Code | Number | Thumbnail | None


@dataclass(frozen=True, slots=True)
class Column:
    """A table column; `key` picks the cell out of each row."""

    key: str
    label: str
    align: Literal["start", "end"] = "start"
    narrow: bool = True  # shown at 390 px as well


@dataclass(frozen=True, slots=True)
class Option:
    """One choice in a select, in radios or in checkboxes."""

    value: str
    label: str
    hint: str | None = None
    disabled_reason: str | None = None


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field_id` is where the summary link leads."""

    field_id: str
    message: str


@dataclass(frozen=True, slots=True)
class Grading:
    """How reliable the source and the information are, in the scheme they were graded in."""

    scheme: str
    source: str
    information: str
    source_meaning: str | None = None
    information_meaning: str | None = None


@dataclass(frozen=True, slots=True)
class PartLabel:
    """The attributes of a part on which sharing turns, in words fit for the screen."""

    owner: str
    subjects: tuple[str, ...] = ()
    sensitivity: str = "official"
    handling: str = "none"
    basis: str = "statute"
    offence: str = "none"
    minor: bool = False
    sealed: bool = False
    intelligence: bool = False


@dataclass(frozen=True, slots=True)
class Obligation:
    """What the viewer must do or leave because of a disclosure."""

    text: str
    due: datetime | None = None
    state: Literal["pending", "done", "overdue"] = "pending"


@dataclass(frozen=True, slots=True)
class Why:
    """The clause that opens a part, and what comes with it."""

    agreement: Link
    clause: str
    prose: str
    action: str = "view"
    because: tuple[str, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    until: datetime | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a part with all its values."""

    label: str
    values: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class PartPanel:
    """One part of a record as one viewer may see it."""

    id: str
    title: str
    label: PartLabel
    properties: tuple[Property, ...] = ()
    text: str | None = None
    grading: Grading | None = None
    assertion: Assertion = "fact"
    why: Why | None = None
    sealed_note: str | None = None
    withheld: str | None = None
    ask: Link | None = None
    source: str | None = None
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One record in a result list."""

    href: str
    title: str
    schema: str
    owner: str
    reference: str | None = None
    facts: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    chips: tuple[Chip, ...] = ()
    at: datetime | None = None
    pseudonym: bool = False
    id: str | None = None
    """Set where the line can be chosen, to work on several at once."""
    ask_href: str | None = None


@dataclass(frozen=True, slots=True)
class DutyDesk:
    """Who answers for an agency now."""

    name: str
    phone: str | None = None
    email: str | None = None
    hours: str | None = None
    open_now: bool | None = None
    next: str | None = None
    """When it closes or opens next."""
    otherwise: tuple[str, ...] = ()
    """Whom to call when nobody answers, one after another."""


@dataclass(frozen=True, slots=True)
class Hit:
    """That a record exists and whom to ask; nothing of its content."""

    handle: str
    agency: str
    category: str
    desk: DutyDesk
    handling: str = "none"
    ask_href: str | None = None
    cannot_ask: str | None = None
    request: Link | None = None
    request_state: Chip | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a timeline."""

    at: datetime
    title: str
    who: str | None = None
    text: str | None = None
    href: str | None = None
    tone: Tone = "neutral"
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; tabs are links to pages, so each has its own address."""

    text: str
    href: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long job is."""

    label: str
    done: int
    total: int | None = None
    unit: str = "rows"
    state: Literal["waiting", "running", "done", "stopped", "failed"] = "running"
    counts: tuple[tuple[str, int], ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One signature under an agreement or a checkpoint."""

    party: str
    state: Literal["signed", "missing", "invalid", "unchecked"]
    by: str | None = None
    at: datetime | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step from an entry to the log's hash: the hash beside it, and what both give."""

    beside: str
    beside_is_left: bool
    gives: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A ledger entry with what proves it."""

    index: int
    kind: str
    leaf_hash: str
    tree_size: int
    root_hash: str
    path_length: int
    checked: Literal["verified", "unverified", "failed"] = "unverified"
    at: datetime | None = None
    cosignatures: tuple[Cosignature, ...] = ()
    receipt: Link | None = None
    steps: tuple[PathStep, ...] = ()
    head: str | None = None
    """The signed head as its note."""
    command: str | None = None
    """How the receipt is checked elsewhere."""
    stamped: Moment | None = None
    stamped_by: str | None = None


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One field before and after."""

    label: str
    change: Literal["same", "added", "removed", "changed"]
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be done with the lines that are chosen in a list."""

    text: str
    value: str
    key: str
    needs: str
    """How many lines it takes, in words: it stands beside the button."""
    disabled_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a guide; done when the member has really done it."""

    text: str
    how: str
    done: bool = False
    href: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorView:
    """What an error page says: what happened, why, who can change it, and a reference number."""

    status: int
    title: str
    what: str
    why: str | None = None
    who_can_change: str | None = None
    reference: str | None = None
    items: tuple[str, ...] = ()
    links: tuple[Link, ...] = field(default=())
