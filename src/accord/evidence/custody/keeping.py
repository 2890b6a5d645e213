"""Exhibits end by an order of disposal and not by retention; an alarm closes them (decision 0025)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from accord.evidence.custody.domain import ENDS, CustodyState
from accord.evidence.custody.queries import closed_by_alarm, line_of
from accord.kernel.phrases import phrase
from accord.records.closing import Closed
from accord.records.keeps import Keeps
from accord.web.filters import as_date

DISPOSING = frozenset({CustodyState.ORDERED, CustodyState.ORDERED_SEALED})


def in_custody(record_id: UUID) -> Keeps | None:
    """What keeps the record of an exhibit whose chain goes on, as far as its reader has the chain."""
    head = line_of(record_id)
    if head is None or head.state in ENDS:
        return None
    here = f"/custody/{record_id}"
    if head.custodian != head.owner or head.offered_to is not None:
        return Keeps(
            phrase(
                "This is an exhibit that another agency has in custody, or is offered. It ends once it"
                " is back and disposed of by order."
            ),
            phrase("that agency, by returning it; then your agency"),
            here,
            phrase("See its chain of custody"),
        )
    ordered = head.state in DISPOSING
    return Keeps(
        phrase(
            "This is an exhibit in custody: dispose of it by order. Its file ends in no other way, and"
            " its record can be purged after that."
        ),
        phrase("a records custodian or supervisor of your agency, who orders its disposal")
        if not ordered
        else phrase(
            "a records custodian or supervisor of your agency, other than whoever ordered its disposal"
        ),
        f"{here}/take/{'dispose' if ordered else 'order-disposal'}",
        phrase("Carry out its disposal") if ordered else phrase("Order its disposal"),
    )


def disposed_of(record_id: UUID) -> str | None:
    """That the file of an exhibit is gone, as far as its reader has the chain; None while it is not."""
    head = line_of(record_id)
    if head is None or head.state is not CustodyState.DISPOSED:
        return None
    return phrase(
        "The file of this exhibit was disposed of by order on %(day)s and is gone. A legal hold keeps"
        " what is left: the record, with its hashes, and the chain of custody.",
        day=as_date(head.at),
    )


def under_an_alarm(record_ids: Collection[UUID]) -> Closed | None:
    """Those of these own exhibits that an alarm has closed to everybody new."""
    found = closed_by_alarm(record_ids)
    if not found:
        return None
    return Closed(
        frozenset(found),
        phrase(
            "the file was found altered or missing, and until that is resolved nobody is given access"
            " to it"
        ),
        phrase("two records custodians or supervisors of your agency, who resolve the alarm"),
    )
