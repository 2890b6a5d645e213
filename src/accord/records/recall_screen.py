"""How recalls read in lists and headings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accord.kernel.phrases import joined, phrase
from accord.records.duty_screen import short
from accord.records.ontology import common_ontology
from accord.records.queries.recalls import Recall, Said
from accord.records.recalls import OUTCOMES, WHAT, Act, Copy, RecallState
from accord.web.components import Chip, Column, Event, Moment, Tone
from accord.web.filters import word_list

COLUMNS = (
    Column("what", phrase("Recalled")),
    Column("other", phrase("Agency"), narrow=False),
    Column("record", phrase("Record"), narrow=False),
    Column("due", phrase("Answer by")),
    Column("state", phrase("State")),
)
COPIES = (
    Column("at", phrase("Taken")),
    Column("by", phrase("By")),
    Column("form", phrase("Form"), narrow=False),
    Column("parts", phrase("Parts"), narrow=False),
    Column("sha", "SHA-256", narrow=False),
)
SAYS: Mapping[RecallState, tuple[str, Tone]] = {
    RecallState.SENT: (phrase("Sent"), "info"),
    RecallState.ESCALATED: (phrase("Escalated"), "bad"),
    RecallState.HELD: (phrase("Held by the recipient"), "warn"),
    RecallState.ANSWERED: (phrase("Answered"), "good"),
    RecallState.CLOSED: (phrase("Closed"), "neutral"),
}
ACTS: Mapping[Act, tuple[str, Tone]] = {
    Act.ANSWER: (phrase("Receipt"), "good"),
    Act.HOLD: (phrase("Copies are kept under a legal hold of the recipient"), "warn"),
    Act.ESCALATE: (phrase("Escalated to the recipient’s duty desk"), "bad"),
    Act.NOTE: (phrase("The owner took note"), "neutral"),
}


def state_chip(found: Recall) -> Chip:
    """The state of a recall; one past its day says so."""
    if found.overdue:
        return Chip(
            phrase("Overdue, escalated")
            if found.state is RecallState.ESCALATED
            else phrase("Overdue"),
            "bad",
        )
    return Chip(*SAYS[found.state])


def row(found: Recall, names: Mapping[str, str], agency: str, zone: str) -> dict[str, Any]:
    """One recall as a row of a table."""
    notice = found.notice
    other = notice.to if notice.owner == agency else notice.owner
    return {
        "href": f"/recalls/{notice.id}",
        "what": WHAT[notice.what],
        "other": names.get(other, other),
        "record": short(notice.record),
        "due": Moment(notice.due, zone),
        "state": state_chip(found),
    }


def copy_row(copy: Copy, people: Mapping[str, str], zone: str) -> dict[str, Any]:
    """One listed copy as a row."""
    return {
        "at": Moment(copy.at, zone),
        "by": people.get(copy.by, copy.by),
        "form": phrase("To print") if copy.form == "html" else copy.form.upper(),
        "parts": word_list(copy.parts),
        "sha": copy.sha256[:16] + "…",
    }


def event(said: Said, people: Mapping[str, str], reason: str | None, agency: str) -> Event:
    """One act about a recall, with who vouches for it."""
    title, tone = ACTS[said.act]
    if said.act is Act.ANSWER:
        title = OUTCOMES[said.outcome or ""]
    return Event(
        at=said.at,
        title=title,
        who=people.get(said.member, said.member),
        text=joined((t for t in (reason, vouched(said.signed)) if t), ". "),
        href=f"/ledger/{said.entry}" if said.agency == agency else None,
        tone=tone,
    )


def vouched(signed: bool) -> str:
    """What stands for a notice or a receipt."""
    if signed:
        return phrase("Signed with the agency’s key; the signature verifies")
    return phrase("The ledger entry of the act stands for it: the agency’s key is not on this node")


def kind_of(schema: str) -> str:
    """The kind of record in words."""
    return common_ontology().schema(schema).label
