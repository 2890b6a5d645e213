"""What members are told about their own sign-in: on the first page of a session, and on their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accord.identity.notices.domain import Happened
from accord.identity.notices.queries import notices
from accord.kernel.phrases import phrase

TOLD = "told"
"""Of a session whose first page said it."""
WORDS = {
    Happened.PASSKEY_MADE: phrase("A passkey was made"),
    Happened.PASSKEY_REVOKED: phrase("A passkey was revoked"),
    Happened.CODES_MADE: phrase("A password and codes were set up"),
    Happened.CODES_CHANGED: phrase("The password was changed"),
    Happened.CODES_REVOKED: phrase("A password and codes were removed"),
    Happened.RECOVERY_MADE: phrase("New recovery codes were made"),
    Happened.RECOVERY_USED: phrase("A recovery code was used"),
    Happened.LINKED: phrase("Your agency's sign-in was linked to you"),
    Happened.API_MADE: phrase("An API token was made"),
    Happened.API_REVOKED: phrase("An API token was revoked"),
    Happened.NEW_PLACE: phrase("You signed in from a new place"),
    Happened.WRONG: phrase("Wrong answers were given with your name"),
    Happened.CLOSED: phrase("Wrong answers used up the tries with your name"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, in words; `at` is None for what stands as it is now."""

    text: str
    about: str
    at: datetime | None


def lines(request: Any) -> tuple[Line, ...]:
    """What happened to the credentials of whoever acts, who alone is told."""
    return tuple(Line(WORDS[n.what], n.about, n.at) for n in notices(request.proof))


def first_lines(request: Any) -> tuple[Line, ...]:
    """The same on the first page after signing in, once; a page that renews itself is none."""
    if request.session.get(TOLD) or request.headers.get("Accord-Live") is not None:
        return ()
    request.session[TOLD] = True
    return lines(request)
