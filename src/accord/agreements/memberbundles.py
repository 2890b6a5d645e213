"""What members signed, as pages list it and as files that are checked without this node."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse

from accord.agencies import queries as agencies
from accord.agreements.scope import Scope
from accord.identity import queries as identity
from accord.identity.signed import Signs
from accord.kernel.phrases import phrase

SAYS = {
    Signs.AGREEMENT: phrase("signed the agreement"),
    Signs.AGREEMENT_STEP: phrase("signed a step"),
    Signs.STATEMENT: phrase("signed the statement"),
    Signs.CONFIRMATION: phrase("confirmed"),
    Signs.CUSTODY: phrase("signed a step of custody"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept signature as a page lists it."""

    id: UUID
    name: str
    agency: str
    says: str
    kept_at: datetime
    holds: bool


def kept_for(subject: str) -> tuple[Kept, ...]:
    """What members signed about an agreement version or a statement, the newest first."""
    found = identity.kept_for(subject)
    people = agencies.names({k.membership for k in found})
    return tuple(
        Kept(
            k.id, people.get(k.membership, k.membership), k.agency,
            SAYS[k.kind], k.kept_at, k.holds,
        )
        for k in found
    )  # fmt: skip


def bundle_file(scope: Scope, subject: str, signature: UUID, name: str) -> HttpResponse:
    """One signature as a file; raises NotFound, and NotAllowed for a row altered since."""
    bundle = told(scope, subject, signature)
    text = json.dumps(bundle, indent=2, ensure_ascii=False) + "\n"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{str(signature)[:8]}.signature.json"'
    }
    return HttpResponse(text, content_type="application/json", headers=headers)


def told(scope: Scope, subject: str, signature: UUID) -> dict[str, Any]:
    """The bundle of one signature, noted in the ledger as read."""
    found = identity.bundle(subject, signature)
    scope.detail["member_signature"] = str(signature)
    return found
