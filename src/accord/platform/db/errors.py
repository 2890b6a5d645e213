"""What can go wrong while a database is found, made, started or stopped."""

from accord.kernel.errors import AccordError

ADMINISTRATOR = "the administrator of this machine"


class DatabaseUnavailable(AccordError):
    """The database cannot be made, started or reached."""

    def __init__(self, message: str, *, who_can_change: str | None = ADMINISTRATOR) -> None:
        super().__init__(message, who_can_change=who_can_change)
