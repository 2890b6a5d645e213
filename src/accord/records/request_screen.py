"""How disclosure requests read in lists and headings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accord.records.requests import RequestFacts, RequestLine, RequestState
from accord.web.components import Chip, Column, Moment, Tone
from accord.web.filters import words

COLUMNS_IN = (
    Column("what", "Asked for"),
    Column("by", "By"),
    Column("purpose", "Purpose", narrow=False),
    Column("state", "State"),
    Column("due", "Answer due"),
)
COLUMNS_OUT = (
    Column("what", "Asked for"),
    Column("of", "Of"),
    Column("case", "Case", narrow=False),
    Column("state", "State"),
    Column("due", "Answer due"),
)
TONES: dict[RequestState, Tone] = {
    RequestState.OPEN: "info",
    RequestState.GRANTED: "good",
    RequestState.PARTLY_GRANTED: "good",
    RequestState.REFUSED: "neutral",
    RequestState.WITHDRAWN: "neutral",
    RequestState.REVOKED: "warn",
}
SAYS: dict[RequestState, str] = {
    RequestState.OPEN: "Waits for an answer",
    RequestState.GRANTED: "Granted",
    RequestState.PARTLY_GRANTED: "Granted in part",
    RequestState.REFUSED: "Refused",
    RequestState.WITHDRAWN: "Withdrawn",
    RequestState.REVOKED: "Revoked",
}


def state_chip(request: RequestLine | RequestFacts, at: datetime) -> Chip:
    """The state of a request; an overdue one says so."""
    if request.is_overdue(at):
        return Chip("Overdue", "bad", "The deadline has passed and nobody has answered.")
    return Chip(SAYS[request.state], TONES[request.state])


def request_row(
    line: RequestLine, names: Mapping[str, str], zone: str, at: datetime
) -> dict[str, Any]:
    """One request as a row of a table."""
    is_open = line.state is RequestState.OPEN
    return {
        "href": f"/requests/{line.id}",
        "what": f"{words(line.schema)} record",
        "by": names.get(line.requester_agency, line.requester_agency),
        "of": names.get(line.owner, line.owner),
        "purpose": words(line.purpose),
        "case": line.case_number or "No case",
        "state": state_chip(line, at),
        "due": Moment(line.due_at, zone) if is_open else None,
    }
