"""How entries of the ledger read on screen."""

from __future__ import annotations

from accord.kernel.phrases import phrase
from accord.ledger.queries import EntryLine
from accord.web.components import Event, Tone
from accord.web.filters import words

SAYS = {
    "collection": phrase("Something was written down"),
    "alteration": phrase("Something was changed"),
    "consultation": phrase("Read"),
    "disclosure": phrase("Hits shown, records opened, or others asked or answered"),
    "combination": phrase("Records were compared"),
    "erasure": phrase("Something was erased"),
    "agreement": phrase("An agreement changed"),
    "custody": phrase("An exhibit changed hands"),
    "membership": phrase("A case, its members or what somebody offers changed"),
    "refusal": phrase("Refused"),
    "miss": phrase("Asked for what is not there, or not open"),
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
    where = line.case or phrase("no case")
    said = SAYS.get(line.kind, words(line.kind))
    if line.kind == "membership" and line.purpose == "system-administration":
        said = phrase("Somebody signed in, or who acts here changed")
    return Event(
        at=line.at,
        title=said if times == 1 else phrase("%(said)s (%(times)s times)", said=said, times=times),
        who=phrase("%(purpose)s, %(where)s", purpose=words(line.purpose), where=where)
        if line.purpose
        else None,
        href=f"/ledger/{line.id}",
        tone=TONES.get(line.kind, "neutral"),
        tag=words(line.kind),
    )
