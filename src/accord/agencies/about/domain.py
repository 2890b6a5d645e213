"""What an agency may say of itself, changes of it, and how a change stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from accord.agencies.directory.domain import ChangeState, Via
from accord.kernel.phrases import phrase

COURTS: Mapping[str, str] = {
    "municipal": phrase("Municipal or magistrate court"),
    "juvenile": phrase("Juvenile or family court"),
    "trial": phrase("Trial court of general jurisdiction"),
    "appeal": phrase("Court of appeal"),
    "supreme": phrase("Supreme court"),
    "federal-trial": phrase("Federal trial court"),
    "federal-appeal": phrase("Federal court of appeal"),
    "tribal": phrase("Tribal court"),
    "military": phrase("Military court"),
    "foreign": phrase("Court of another country"),
}
"""Before which courts an agency acts: a closed list, by level."""


class AboutKind(StrEnum):
    """Which part of an agency's entry a change replaces, or what becomes of its signing key."""

    TERRITORY = "territory"
    COMPETENCE = "competence"
    DESK = "duty-desk"
    KEY = "key"
    REVOKE = "revoke-key"


PARTS = (AboutKind.TERRITORY, AboutKind.COMPETENCE, AboutKind.DESK)
"""What the entry holds; the others are about the signing key."""


@dataclass(frozen=True, slots=True)
class AgencyChange:
    """One change of an agency's entry; `facts` is the whole of the part that it replaces."""

    id: UUID
    agency: str
    kind: AboutKind
    facts: Mapping[str, Any]
    held: Mapping[str, Any] | None
    state: ChangeState
    by: str
    at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    via: Via
