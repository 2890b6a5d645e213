"""How reviews, what would go, and tombstones read on screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from accord.kernel.phrases import phrase
from accord.records import retention
from accord.records.duty_screen import short
from accord.records.ontology import common_ontology
from accord.records.queries.retention import Going, Kept, Review, Tombstone
from accord.records.retention import Due, ReviewState
from accord.web.components import Chip, Column, Link, Moment, Tone
from accord.web.filters import as_date, listing, period, word_list, words

QUEUE = (
    Column("what", phrase("Record")),
    Column("kind", phrase("Kind"), narrow=False),
    Column("class", phrase("Class"), narrow=False),
    Column("review", phrase("Review on")),
    Column("until", phrase("Last day"), narrow=False),
    Column("state", phrase("State")),
)
GOES = (
    Column("kind", phrase("Part")),
    Column("revision", phrase("Revision"), "end"),
    Column("subjects", phrase("Concerns"), narrow=False),
    Column("stored", phrase("Stored"), narrow=False),
    Column("keys", phrase("Keys"), "end"),
    Column("terms", phrase("Search rows"), "end", narrow=False),
)
PROPOSED = (
    Column("what", phrase("Record")),
    Column("kind", phrase("Kind"), narrow=False),
    Column("by", phrase("Proposed by")),
    Column("at", phrase("Proposed")),
    Column("state", phrase("State")),
)
GONE = (
    Column("what", phrase("Record")),
    Column("kind", phrase("Kind"), narrow=False),
    Column("rule", phrase("Rule"), narrow=False),
    Column("by", phrase("By"), narrow=False),
    Column("at", phrase("Purged")),
    Column("entry", phrase("Ledger")),
)
CLASSES = (
    Column("title", phrase("Class")),
    Column("review", phrase("Review after")),
    Column("purge", phrase("Kept for")),
    Column("maximum", phrase("Legal maximum"), narrow=False),
    Column("rule", phrase("Rule"), narrow=False),
)
SAYS: Mapping[Due, tuple[str, Tone]] = {
    Due.LATER: (phrase("Soon"), "neutral"),
    Due.DUE: (phrase("Due"), "warn"),
    Due.OVERDUE: (phrase("Overdue"), "bad"),
}
STATES: Mapping[ReviewState, tuple[str, Tone]] = {
    ReviewState.KEPT: (phrase("Kept"), "good"),
    ReviewState.PROPOSED: (phrase("Waits for a second person"), "warn"),
    ReviewState.WITHDRAWN: (phrase("Withdrawn"), "neutral"),
    ReviewState.PURGED: (phrase("Purged"), "neutral"),
}


def kind_of(schema: str) -> str:
    """The kind of record in words."""
    return common_ontology().schema(schema).label


def due_chip(found: Kept, today: date) -> Chip:
    """How a record stands towards its review."""
    if found.legal_hold:
        return Chip(
            phrase("Under a legal hold"), "info", phrase("It is kept while a proceeding needs it.")
        )
    return Chip(*SAYS[found.due(today)])


def class_title(name: str) -> str:
    """What a class is called."""
    found = retention.class_named(name)
    return found.title if found else phrase("No class: received before there were any")


def queue_row(found: Kept, today: date, captions: Mapping[Any, str]) -> dict[str, Any]:
    """One record of the queue as a row."""
    called = captions.get(found.record_id)
    return {
        "href": f"/retention/records/{found.record_id}",
        "what": called if called is not None else short(found.record_id),
        "kind": kind_of(found.schema),
        "class": class_title(found.retention_class),
        "review": as_date(found.review_on),
        "until": as_date(found.retain_until) if found.retain_until else phrase("None set"),
        "state": due_chip(found, today),
    }


def goes_row(part: Going) -> dict[str, Any]:
    """One part that a purge would remove as a row."""
    return {
        "kind": words(part.kind),
        "revision": part.revision,
        "subjects": word_list(sorted(part.label.subjects)),
        "stored": phrase("Sealed, with its key") if part.sealed else phrase("In clear"),
        "keys": part.keys,
        "terms": part.terms,
    }


def proposed_row(found: Review, names: Mapping[str, str], zone: str) -> dict[str, Any]:
    """One proposal to purge as a row."""
    return {
        "href": f"/retention/purges/{found.id}",
        "what": short(found.record_id),
        "kind": kind_of(found.schema),
        "by": names.get(found.by_member, found.by_member),
        "at": Moment(found.at, zone),
        "state": Chip(*STATES[found.state]),
    }


def gone_row(stone: Tombstone, names: Mapping[str, str], zone: str) -> dict[str, Any]:
    """One tombstone as a row."""
    people = [names.get(m, m) for m in (stone.proposed_by, stone.approved_by)]
    return {
        "what": short(stone.record_id),
        "kind": kind_of(stone.schema),
        "rule": stone.authority,
        "by": listing(people),
        "at": Moment(stone.at, zone),
        "entry": Link(phrase("The erasure"), f"/ledger/{stone.entry_id}"),
    }


def class_row(found: retention.RetentionClass) -> dict[str, Any]:
    """One class of retention as a row."""
    return {
        "title": found.title,
        "review": period(found.review_after),
        "purge": period(found.purge_after)
        if found.purge_after
        else phrase("Until a review ends it"),
        "maximum": phrase(
            "%(period)s (%(authority)s)",
            period=period(found.maximum.period),
            authority=found.maximum.authority,
        )
        if found.maximum
        else phrase("None"),
        "rule": found.authority,
    }
