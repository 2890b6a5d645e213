"""Error pages: the words for each status. What the raising code knows better is passed in."""

from __future__ import annotations

from accord.kernel.phrases import phrase
from accord.web.components import ErrorView, Link

_TITLES = {
    400: phrase("This could not be read"),
    403: phrase("You may not do this here"),
    404: phrase("There is nothing here that you may see"),
    405: phrase("This address does not take that"),
    409: phrase("It changed while you worked on it"),
    429: phrase("Too many questions in a short time"),
    500: phrase("Accord failed"),
    503: phrase("Accord is not ready"),
}
_WHAT = {
    400: phrase(
        "What was sent does not have the form that this page expects. Nothing was changed."
    ),
    403: phrase("What you asked for was refused, and the refusal was logged. Nothing was changed."),
    404: phrase("No page or record with this address is open to you. The attempt was logged."),
    405: phrase("The page exists, but not for this kind of request. Nothing was changed."),
    409: phrase("Somebody changed this after you opened it. Your change was not saved."),
    429: phrase("The limit on questions protects records against fishing. Wait, then ask again."),
    500: phrase("Something went wrong on our side. What you were doing was not saved."),
    503: phrase(
        "The database does not answer. What you sent just now may not have been saved: look again "
        "when it is back."
    ),
}
_WHY = {
    404: phrase(
        "It may never have existed, or it may not be open to you for this purpose and case. "
        "Both answers look the same on purpose."
    ),
}
_WHO = {
    400: phrase("You: go back, mend it and send it again."),
    403: phrase("Your supervisor, or the agency that owns the record."),
    404: phrase("If you know that a record exists, its owner's duty desk. Otherwise nobody."),
    405: phrase("You: go back and use the button on the page."),
    409: phrase("You: open it again, compare, and make your change on the new version."),
    429: phrase("It ends by itself. Your supervisor can have the limit reviewed."),
    500: phrase("The administrators of this server. Give them the reference."),
    503: phrase("The administrators of this server."),
}
ERROR_STATUSES = tuple(_TITLES)


def error_view(
    status: int,
    *,
    what: str | None = None,
    why: str | None = None,
    who_can_change: str | None = None,
    reference: str | None = None,
    items: tuple[str, ...] = (),
    links: tuple[Link, ...] = (),
) -> ErrorView:
    """The content of an error page; a status without words of its own is told as 400 or 500."""
    known = status if status in _TITLES else (500 if status >= 500 else 400)
    return ErrorView(
        status=status,
        title=_TITLES[known],
        what=what or _WHAT[known],
        why=why or _WHY.get(known),
        who_can_change=who_can_change or _WHO[known],
        reference=reference,
        items=items,
        links=links,
    )
