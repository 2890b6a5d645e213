"""How disclosure requests read in lists and headings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accord.kernel.phrases import phrase
from accord.records.requests import RequestFacts, RequestLine, RequestState
from accord.web.components import Chip, Column, Moment, Tone
from accord.web.filters import words

COLUMNS_IN = (
    Column("what", phrase("Asked for")),
    Column("by", phrase("By")),
    Column("purpose", phrase("Purpose"), narrow=False),
    Column("state", phrase("State")),
    Column("due", phrase("Answer due")),
)
COLUMNS_OUT = (
    Column("what", phrase("Asked for")),
    Column("of", phrase("Of")),
    Column("case", phrase("Case"), narrow=False),
    Column("state", phrase("State")),
    Column("due", phrase("Answer due")),
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
    RequestState.OPEN: phrase("Waits for an answer"),
    RequestState.GRANTED: phrase("Granted"),
    RequestState.PARTLY_GRANTED: phrase("Granted in part"),
    RequestState.REFUSED: phrase("Refused"),
    RequestState.WITHDRAWN: phrase("Withdrawn"),
    RequestState.REVOKED: phrase("Revoked"),
}


def state_chip(request: RequestLine | RequestFacts, at: datetime) -> Chip:
    """The state of a request; an overdue one says so."""
    if request.is_overdue(at):
        return Chip(
            phrase("Overdue"), "bad", phrase("The deadline has passed and nobody has answered.")
        )
    return Chip(SAYS[request.state], TONES[request.state])


def request_row(
    line: RequestLine, names: Mapping[str, str], zone: str, at: datetime
) -> dict[str, Any]:
    """One request as a row of a table."""
    is_open = line.state is RequestState.OPEN
    return {
        "href": f"/requests/{line.id}",
        "what": phrase("%(schema)s record", schema=words(line.schema)),
        "by": names.get(line.requester_agency, line.requester_agency),
        "of": names.get(line.owner, line.owner),
        "purpose": words(line.purpose),
        "case": line.case_number or phrase("No case"),
        "state": state_chip(line, at),
        "due": Moment(line.due_at, zone) if is_open else None,
    }
