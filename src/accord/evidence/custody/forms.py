"""What a form or a program says of a step, read into `Said`; every fault names its field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accord.evidence.custody.actions import Said
from accord.evidence.custody.domain import (
    FACTS,
    LONGEST_NAME,
    MAY_SAY,
    MOST_ITEMS,
    CustodyAct,
    Order,
    Tool,
)
from accord.evidence.custody.policy import CUSTODY
from accord.evidence.custody.reading import is_digest
from accord.kernel.errors import InvalidInput, NotFound, raise_all
from accord.kernel.phrases import phrase

LARGEST_ORDER = 20_000_000
FIELDS = {
    "place": phrase("Where"),
    "reason": phrase("Why"),
    "items": phrase("Items counted"),
    "seal": phrase("Seal number"),
    "to": phrase("Agency"),
    "receiver": phrase("Handed to"),
    "tool": phrase("Tool"),
    "tool_version": phrase("Version"),
    "derived": phrase("Copy"),
    "authority": phrase("Authority"),
    "order_number": phrase("Number of the order"),
    "order_sha256": phrase("SHA-256 of the order"),
    "do": phrase("Step"),
}


def act_of(word: str) -> CustodyAct:
    """The step that an address names; raises NotFound. An exhibit is acquired with its file."""
    try:
        act = CustodyAct(word)
    except ValueError:
        raise NotFound() from None
    if act is CustodyAct.ACQUIRE:
        raise NotFound()
    return act


def asks(act: CustodyAct) -> frozenset[str]:
    """What the form of a step asks beside place, reason and count."""
    says = (FACTS[act] | MAY_SAY[act]) - {"before", "after", "source"}
    return (
        says
        - ({"to"} if act is CustodyAct.RETURN else set())
        - ({"order"} if act is CustodyAct.DISPOSE else set())
    )


def said(act: CustodyAct, typed: Mapping[str, str]) -> Said:
    """What was typed for a step; raises InvalidInput with every fault."""
    faults: list[InvalidInput] = []
    wanted = asks(act)

    def text(name: str, *, needed: bool = True) -> str | None:
        value = " ".join(typed.get(name, "").split())
        if not value and needed:
            faults.append(_fault(name, phrase("write something")))
        if len(value) > LONGEST_NAME:
            rule = phrase("at most %(longest)s characters", longest=LONGEST_NAME)
            faults.append(_fault(name, rule))
        return value or None

    faults += [
        _fault(name, phrase("write something"))
        for name in ("place", "reason")
        if not typed.get(name, "").strip()
    ]
    made = Said(
        place=typed.get("place", ""),
        reason=typed.get("reason", ""),
        items=_items(typed.get("items", ""), faults),
        seal=text("seal") if "seal" in wanted else None,
        to=text("to") if "to" in wanted else None,
        receiver=text("receiver") if "receiver" in wanted else None,
        tool=_tool(
            text("tool", needed=act is CustodyAct.DERIVE),
            text("tool_version", needed=False),
            faults,
        ),
        derived=_exhibit(typed.get("derived", ""), faults) if "derived" in wanted else None,
        order=_order(typed, text, faults) if "order" in wanted else None,
    )
    raise_all(faults)
    return made


def _items(typed: str, faults: list[InvalidInput]) -> int:
    clean = typed.strip()
    if clean.isascii() and clean.isdigit() and len(clean) < 8 and 1 <= int(clean) <= MOST_ITEMS:
        return int(clean)
    faults.append(_fault("items", phrase("count at least one item")))
    return 1


def _tool(name: str | None, version: str | None, faults: list[InvalidInput]) -> Tool | None:
    if name is None and version is None:
        return None
    if name is None or version is None:
        field = "tool" if name is None else "tool_version"
        faults.append(_fault(field, phrase("a tool has a name and a version")))
        return None
    return Tool(name, version)


def _exhibit(typed: str, faults: list[InvalidInput]) -> UUID | None:
    try:
        return UUID(typed.strip())
    except ValueError:
        faults.append(_fault("derived", phrase("is no exhibit")))
        return None


def _order(typed: Mapping[str, str], text: Any, faults: list[InvalidInput]) -> Order | None:
    authority, number = text("authority"), text("order_number")
    digest = typed.get("order_sha256", "").strip().lower()
    if not is_digest(digest):
        rule = phrase("choose the document of the order, or enter its SHA-256")
        faults.append(_fault("order_sha256", rule))
        return None
    return Order(authority, number, digest) if authority and number else None


def digest_of(sent: Any) -> str | None:
    """The SHA-256 of a document that came with a form; None where none did. It is not kept."""
    if sent is None:
        return None
    if sent.size > LARGEST_ORDER:
        rule = phrase("is larger than %(mb)s MB", mb=LARGEST_ORDER // 1_000_000)
        raise InvalidInput(CUSTODY, None, "order_sha256", rule)
    digest = hashlib.sha256()
    for chunk in sent.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _fault(field: str, rule: str) -> InvalidInput:
    return InvalidInput(CUSTODY, None, field, rule)
