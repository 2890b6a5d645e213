"""What can go wrong while a database is found, made, started or stopped."""

from accord.kernel.errors import AccordError
from accord.kernel.phrases import phrase

ADMINISTRATOR = "the administrator of this machine"
DISK_FULL = "53100"  # PostgreSQL's code: it cannot write, and undid what it was doing


class DatabaseUnavailable(AccordError):
    """The database cannot be made, started or reached."""

    def __init__(self, message: str, *, who_can_change: str | None = ADMINISTRATOR) -> None:
        super().__init__(message, who_can_change=who_can_change)


def refusal_in_words(error: BaseException) -> tuple[str, str] | None:
    """What the server itself refused for want of room, and who can change it; None for all else.

    It answered, and the transaction was undone: other than with a silent server nothing is in doubt.
    """
    if getattr(error.__cause__, "sqlstate", None) != DISK_FULL:
        return None
    return (
        phrase(
            "The disk of the database is full. What you sent just now was not kept; what was "
            "kept before is whole."
        ),
        phrase("The administrator of this node, who makes room; then send it again."),
    )
