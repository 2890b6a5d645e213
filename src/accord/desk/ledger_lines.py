"""How entries of the ledger read on screen."""

from __future__ import annotations

from accord.ledger.queries import EntryLine
from accord.web.components import Event, Tone
from accord.web.filters import words

SAYS = {
    "collection": "Something was written down",
    "alteration": "Something was changed",
    "consultation": "Read",
    "disclosure": "Hits shown, or records opened to others",
    "combination": "Records were compared",
    "erasure": "Something was erased",
    "agreement": "An agreement changed",
    "custody": "An exhibit changed hands",
    "membership": "A case or its members changed",
    "refusal": "Refused",
    "miss": "Asked for what is not there, or not open",
}
TONES: dict[str, Tone] = {
    "disclosure": "info",
    "refusal": "warn",
    "miss": "warn",
    "erasure": "bad",
    "agreement": "good",
    "membership": "good",
}


def event(line: EntryLine, times: int = 1) -> Event:
    """One entry, or several alike, as a line of a timeline."""
    where = line.case or "no case"
    said = SAYS.get(line.kind, words(line.kind))
    return Event(
        at=line.at,
        title=said if times == 1 else f"{said} ({times} times)",
        who=f"{words(line.purpose)}, {where}" if line.purpose else None,
        href=f"/ledger/{line.id}",
        tone=TONES.get(line.kind, "neutral"),
        tag=words(line.kind),
    )
