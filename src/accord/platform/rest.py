"""What every router of the API shares: pages of a list, and the form of a problem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from ninja import Field, Query, Schema

from accord.kernel.errors import InvalidInput

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200

Item = TypeVar("Item")
Row = TypeVar("Row")

Limit = Annotated[
    int,
    Query(ge=1, le=LARGEST_LIMIT, description="At most so many items.", examples=[DEFAULT_LIMIT]),
]
After = Annotated[
    str | None,
    Query(description="The `next` of the page before this one.", examples=[None], max_length=200),
]


class Page(Schema, Generic[Item]):
    """One page of a list; there is no total, because counts would tell what one may not see."""

    items: list[Item]
    next: str | None = Field(
        None, description="Give it as `after` for what follows; null at the end.", examples=[None]
    )


class Fault(Schema):
    """One thing wrong with what was sent, and where."""

    file: str | None = Field(None, description="The file or part that was read.")
    line: int | None = Field(None, description="The line in it, from 1.")
    field: str | None = Field(None, description="The field, header, clause or column.")
    rule: str = Field(description="The rule that it breaks.", examples=["must not be empty"])


class Problem(Schema):
    """What went wrong (RFC 9457), for the officer who reads it."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["That could not be read"])
    status: int = Field(examples=[400])
    detail: str = Field(examples=["request: Accord-Purpose: state the purpose before you ask"])
    who_can_change: str | None = Field(None, description="Who can change the answer.")
    reference: str | None = Field(None, description="Say it when you ask for help.")
    errors: list[Fault] | None = Field(None, description="Every fault found.")


def page_of(
    rows: Sequence[Row], after: str | None, limit: int, key: Callable[[Row], str]
) -> tuple[list[Row], str | None]:
    """Return the rows behind the one that `after` names, at most `limit`, and the next `after`.

    Raises InvalidInput when `after` names none of them: absent and no longer visible look alike.
    """
    start = 0
    if after is not None:
        places = [place for place, row in enumerate(rows) if key(row) == after]
        if not places:
            raise InvalidInput("request", None, "after", "is not the `next` of this list")
        start = places[0] + 1
    shown = list(rows[start : start + limit])
    more = start + limit < len(rows)
    return shown, key(shown[-1]) if more else None
