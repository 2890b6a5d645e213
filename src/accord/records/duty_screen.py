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
from accord.records.queries.exports import CopyLine
from accord.web.components import Chip, Code, Column, Link, Moment, Tone
from accord.web.filters import listing, words

COLUMNS = (
    Column("what", "Obligation"),
    Column("other", "Agency", narrow=False),
    Column("record", "Record", narrow=False),
    Column("clause", "Clause", narrow=False),
    Column("due", "Due"),
    Column("state", "State"),
)
COPY_COLUMNS = (
    Column("record", "Record"),
    Column("other", "Agency", narrow=False),
    Column("parts", "Parts", narrow=False),
    Column("by", "Taken by", narrow=False),
    Column("at", "Taken"),
    Column("until", "Destroy or return by", narrow=False),
    Column("state", "State"),
)
TITLES = {
    DutyKind.NOTIFY_OWNER: "Tell the owner",
    DutyKind.NOTIFY_AFTER: "Tell the owner later",
    DutyKind.END_ACCESS: "End the access",
    DutyKind.RETURN_COPY: "Destroy or return copies",
}
HOW = {
    DutyKind.NOTIFY_OWNER: "Accord tells the owner in the same moment: the notice stands in its list.",
    DutyKind.NOTIFY_AFTER: (
        "Accord tells the owner when the determination ends. Whoever opened the record, or oversight "
        "of that agency, may tell it before."
    ),
    DutyKind.END_ACCESS: (
        "The database closes the access at that time by itself, for every member of the agency. A "
        "legal hold of the owner stops it. To let it go on, the owner places or grants anew after it."
    ),
    DutyKind.RETURN_COPY: (
        "Whoever took the copies, or oversight of that agency, says here that every copy of the "
        "record was destroyed or returned."
    ),
}
SAYS: Mapping[DutyState, tuple[str, Tone]] = {
    DutyState.WAITING: ("Open", "neutral"),
    DutyState.DUE: ("Due", "info"),
    DutyState.OVERDUE: ("Overdue", "bad"),
    DutyState.HELD: ("Under a legal hold", "warn"),
    DutyState.DISCHARGED: ("Discharged", "good"),
}


def state_chip(duty: DutyFacts) -> Chip:
    """The state of a duty; a notice that nobody of the owner has read is new."""
    if is_notice(duty) and not duty.closed:
        return Chip("New notice", "info", "The owner was told, and has not taken note yet.")
    return Chip(*SAYS[duty.state])


def short(record_id: UUID) -> Code:
    """A record by the end of its id: enough to tell two apart, and it names nobody."""
    return Code(str(record_id)[-12:])


def asked(duty: DutyFacts) -> str:
    """What the clause or the copy asks, in words."""
    if duty.kind is DutyKind.RETURN_COPY:
        return "destroy or return every copy when the access ends"
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
        "due": Moment(duty.due_at, zone) if duty.due_at else "No day set",
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
    record = f"{words(copy.schema)} {str(copy.record_id)[-12:]}"
    return {
        "record": Link(record, f"/obligations/{duty.id}") if duty else record,
        "other": names.get(other, other),
        "parts": words(listing(list(copy.parts))),
        "by": people.get(copy.by_member, copy.by_member),
        "at": Moment(copy.at, zone),
        "until": Moment(copy.ends_at, zone) if copy.ends_at else "No day set",
        "state": _copy_state(duty),
    }


def _copy_state(duty: DutyFacts | None) -> Chip:
    if duty is None:
        return Chip("Our own record", "neutral")
    if duty.discharged_at is not None:
        return Chip(duty.how or "Discharged", "good")
    return state_chip(duty)
