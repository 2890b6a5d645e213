"""How obligations and copies read in lists and headings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accord.agreements.domain import Obligation
from accord.agreements.duties.queries import DutyFacts, DutyState, is_notice
from accord.agreements.obligations import DutyKind
from accord.agreements.plain import obligation_text
from accord.kernel.phrases import phrase
from accord.records.queries.exports import CopyLine
from accord.web.components import Chip, Code, Column, Link, Moment, Tone
from accord.web.filters import word_list, words

COLUMNS = (
    Column("what", phrase("Obligation")),
    Column("other", phrase("Agency"), narrow=False),
    Column("record", phrase("Record"), narrow=False),
    Column("clause", phrase("Clause"), narrow=False),
    Column("due", phrase("Due")),
    Column("state", phrase("State")),
)
COPY_COLUMNS = (
    Column("record", phrase("Record")),
    Column("other", phrase("Agency"), narrow=False),
    Column("parts", phrase("Parts"), narrow=False),
    Column("by", phrase("Taken by"), narrow=False),
    Column("at", phrase("Taken")),
    Column("until", phrase("Destroy or return by"), narrow=False),
    Column("state", phrase("State")),
)
TITLES = {
    DutyKind.NOTIFY_OWNER: phrase("Tell the owner"),
    DutyKind.NOTIFY_AFTER: phrase("Tell the owner later"),
    DutyKind.END_ACCESS: phrase("End the access"),
    DutyKind.RETURN_COPY: phrase("Destroy or return copies"),
}
HOW = {
    DutyKind.NOTIFY_OWNER: phrase(
        "Accord tells the owner in the same moment: the notice stands in its list."
    ),
    DutyKind.NOTIFY_AFTER: (
        phrase(
            "Accord tells the owner when the determination ends. Whoever opened the record, or "
            "oversight of that agency, may tell it before."
        )
    ),
    DutyKind.END_ACCESS: (
        phrase(
            "The database closes the access at that time by itself, for every member of the agency. A "
            "legal hold of the owner stops it. To let it go on, the owner places or grants anew "
            "after it."
        )
    ),
    DutyKind.RETURN_COPY: (
        phrase(
            "Whoever took the copies, or oversight of that agency, says here that every copy of the "
            "record was destroyed or returned."
        )
    ),
}
SAYS: Mapping[DutyState, tuple[str, Tone]] = {
    DutyState.WAITING: (phrase("Open"), "neutral"),
    DutyState.DUE: (phrase("Due"), "info"),
    DutyState.OVERDUE: (phrase("Overdue"), "bad"),
    DutyState.HELD: (phrase("Under a legal hold"), "warn"),
    DutyState.DISCHARGED: (phrase("Discharged"), "good"),
}


def state_chip(duty: DutyFacts) -> Chip:
    """The state of a duty; a notice that nobody of the owner has read is new."""
    if is_notice(duty) and not duty.closed:
        return Chip(
            phrase("New notice"), "info", phrase("The owner was told, and has not taken note yet.")
        )
    return Chip(*SAYS[duty.state])


def short(record_id: UUID) -> Code:
    """A record by the end of its id: enough to tell two apart, and it names nobody."""
    return Code(str(record_id)[-12:])


def asked(duty: DutyFacts) -> str:
    """What the clause or the copy asks, in words."""
    if duty.kind is DutyKind.RETURN_COPY:
        return phrase("destroy or return every copy when the access ends")
    return obligation_text(Obligation(duty.kind.value, duty.value))


def duty_row(duty: DutyFacts, names: Mapping[str, str], agency: str, zone: str) -> dict[str, Any]:
    """One obligation as a row of a table."""
    other = duty.owner if duty.agency == agency else duty.agency
    return {
        "href": f"/obligations/{duty.id}",
        "what": TITLES[duty.kind],
        "other": names.get(other, other),
        "record": short(duty.record_id),
        "clause": Link(
            f"{duty.agreement}, {duty.clause}",
            f"/agreements/{duty.agreement_hash}#clause-{duty.clause}",
        ),
        "due": Moment(duty.due_at, zone) if duty.due_at else phrase("No day set"),
        "state": state_chip(duty),
    }


def copy_rows(
    copies: Iterable[CopyLine],
    owed: Iterable[DutyFacts],
    names: Mapping[str, str],
    people: Mapping[str, str],
    agency: str,
    zone: str,
) -> list[dict[str, Any]]:
    """Copies as rows of a table, each with what became of the duty to destroy or return it."""
    duties = sorted((d for d in owed if d.kind is DutyKind.RETURN_COPY), key=lambda d: d.made_at)
    return [_copy_row(c, _duty_of(c, duties), names, people, agency, zone) for c in copies]


def _duty_of(copy: CopyLine, duties: list[DutyFacts]) -> DutyFacts | None:
    """The duty that covers a copy: the last one of its record that began no later."""
    found = [
        d
        for d in duties
        if d.record_id == copy.record_id and d.agency == copy.agency and not _over(d, copy.at)
    ]
    return found[0] if found else None


def _over(duty: DutyFacts, at: datetime) -> bool:
    return duty.discharged_at is not None and duty.discharged_at < at


def _copy_row(
    copy: CopyLine,
    duty: DutyFacts | None,
    names: Mapping[str, str],
    people: Mapping[str, str],
    agency: str,
    zone: str,
) -> dict[str, Any]:
    other = copy.owner if copy.agency == agency else copy.agency
    record = phrase(
        "%(schema)s %(record_id)s", schema=words(copy.schema), record_id=str(copy.record_id)[-12:]
    )
    return {
        "record": Link(record, f"/obligations/{duty.id}") if duty else record,
        "other": names.get(other, other),
        "parts": word_list(copy.parts),
        "by": people.get(copy.by_member, copy.by_member),
        "at": Moment(copy.at, zone),
        "until": Moment(copy.ends_at, zone) if copy.ends_at else phrase("No day set"),
        "state": _copy_state(duty),
    }


def _copy_state(duty: DutyFacts | None) -> Chip:
    if duty is None:
        return Chip(phrase("Our own record"), "neutral")
    if duty.discharged_at is not None:
        return Chip(duty.how or phrase("Discharged"), "good")
    return state_chip(duty)
